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

# Pin what an installation for development takes, with the hashes of every file that it may be.
constraints:
    uv pip compile pyproject.toml --extra dev --extra keyring --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --custom-compile-command "just constraints" -o constraints.txt

# Known vulnerabilities in what is pinned; asks a database on the network.
audit:
    uvx pip-audit --require-hashes --disable-pip -r constraints.txt

# What is inside, for those who must keep a list: CycloneDX JSON.
sbom:
    uvx --from cyclonedx-bom cyclonedx-py requirements constraints.txt --pyproject pyproject.toml -o sbom.json

# The figures in docs/explanation/benchmarks.md.
bench:
    python -m tests.benchmarks
