"""The picture of a leg in the docs is drawn from the table: `python -m tests.unit.core.test_evolve_drawing`."""

from __future__ import annotations

from pathlib import Path

from flowrun.core.events import LegFinished
from flowrun.core.evolve import LEG_ACCEPTS
from flowrun.core.status import LegStatus

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "how-a-run-is-decided.md"
BEGIN, END = "<!-- the leg's automaton: begin -->\n", "<!-- the leg's automaton: end -->\n"


def drawing() -> str:
    """A mermaid state diagram: an arrow for each entry of the table, verdicts as one arrow for each result."""
    lines = ["stateDiagram-v2", "    [*] --> ready: StepBegan"]
    for status, row in LEG_ACCEPTS.items():
        targets: dict[LegStatus, list[str]] = {}
        for event, after in row.items():
            verdicts = [result for result in LegStatus if result.final]
            for target in verdicts if event is LegFinished else [after]:
                assert target is not None
                targets.setdefault(target, []).append(event.__name__)
        lines += [f"    {status} --> {target}: {', '.join(names)}" for target, names in targets.items()]
    lines += [f"    {status} --> [*]" for status in LegStatus if status.final]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def redrawn(page: str) -> str:
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}{drawing()}{END}{rest.split(END)[1]}"


def test_the_picture_of_a_leg_is_current() -> None:
    page = PAGE.read_text()
    assert redrawn(page) == page, "python -m tests.unit.core.test_evolve_drawing draws it anew"


def test_the_picture_has_every_arrow() -> None:
    ends = {status for status in LegStatus if status.final}
    arrows = [
        {after for event, after in row.items() if event is not LegFinished} | (ends if LegFinished in row else set())
        for row in LEG_ACCEPTS.values()
    ]
    assert drawing().count("-->") == 1 + len(ends) + sum(map(len, arrows))


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text()))
