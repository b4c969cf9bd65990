# The one command before a commit.
check:
    ruff format .
    ruff check .
    mypy
    lint-imports
    pytest -n 2

# Larger simulations and planted bugs.
nightly:
    pytest -n 2 --nightly

# The figures in docs/explanation/benchmarks.md.
bench:
    python -m tests.benchmarks
