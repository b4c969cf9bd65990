"""Figures, not verdicts: `python -m tests.benchmarks` measures in one run and prints ratios; nothing is asserted."""
