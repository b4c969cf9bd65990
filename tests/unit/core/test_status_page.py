"""The table of needs is drawn from the functions that decide: `python -m tests.unit.core.test_status_page`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flowrun.core.plan import Need
from flowrun.core.status import Cause, StepStatus
from flowrun.core.verdict import blame, satisfied
from tests.unit.core.making import job, run_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "status-rules.md"
BEGIN, END = "<!-- drawn from core/verdict.py: begin -->\n", "<!-- drawn from core/verdict.py: end -->\n"

SKIPS = (
    *(Cause.CONDITION, Cause.EMPTY_MATRIX, Cause.NOT_SELECTED),
    *(Cause.UPSTREAM_SKIPPED, Cause.UPSTREAM_CANCELLED, Cause.UPSTREAM_FAILED),
)
ENDS = (
    (StepStatus.SUCCEEDED, ("",)),
    (StepStatus.SKIPPED, SKIPS),
    (StepStatus.FAILED, ("any error class",)),
    (StepStatus.CANCELLED, ("any cause",)),
)


def answers(status: StepStatus, cause: str) -> tuple[str, str, str]:
    """Whether a plain and an optional need are satisfied by such a step, and what a plain one is then blamed for."""
    run = run_of(job("a"), job("b", "a"))
    ended = run.state.steps.put(0, replace(run.state.steps[0], status=status, cause=cause))
    state = replace(run.state, steps=ended)
    plain, optional = satisfied(state, Need("a")), satisfied(state, Need("a", optional=True))
    blamed = blame(state, state.place(1))
    return _word(plain), _word(optional), f"`{blamed}`" if blamed else ""


def _word(yes: bool) -> str:  # noqa: FBT001 - what is asked
    return "yes" if yes else "no"


def table() -> str:
    lines = ["| the need's result | plain | `optional: true` | else the cause of the skip |", "|---|---|---|---|"]
    for status, causes in ENDS:
        rows: dict[tuple[str, str, str], list[str]] = {}
        for cause in causes:
            rows.setdefault(answers(status, cause), []).append(cause)
        for told, alike in rows.items():
            named = [f"`{cause}`" for cause in alike if cause in list(Cause)]
            words = f"`{status}`: {', '.join(named)}" if named else f"`{status}`"
            lines.append(f"| {words} | {' | '.join(told)} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def redrawn(page: str) -> str:
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}{table()}{END}{rest.split(END)[1]}"


def test_the_table_of_needs_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert redrawn(page) == page, "python -m tests.unit.core.test_status_page draws it anew"


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
