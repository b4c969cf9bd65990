"""Where figures stand: one table, between markers, in the README and in the page that explains them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "docs" / "explanation" / "unkillable.md")
MEASURED = Path(__file__).with_name("measured.json")
BEGIN = "<!-- made by: python -m tests.figures -->"
END = "<!-- end of what is made -->"


def remember(name: str, measured: Mapping[str, Any]) -> None:
    """Keep what was measured, for whoever writes the pages."""
    known = {**remembered(), name: dict(measured)}
    MEASURED.write_text(json.dumps(dict(sorted(known.items())), indent=2) + "\n")


def remembered() -> dict[str, Any]:
    """All that was measured, by the name of the measure."""
    found: dict[str, Any] = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    return found


def written() -> dict[Path, str]:
    """The pages as they should be, by their file."""
    table = _table(remembered())
    made = {}
    for page in PAGES:
        text = page.read_text()
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        made[page] = f"{before}{BEGIN}\n{table}\n{END}{after}"
    return made


def _table(known: Mapping[str, Any]) -> str:
    rows = {"what was done": "what came of it", "---": "---", **_rows(known)}
    return "\n".join(f"| {what} | {came} |" for what, came in rows.items()).replace("| --- | --- |", "|---|---|")


def _rows(known: Mapping[str, Any]) -> dict[str, str]:
    seeds, every, planted, naive = known["seeds"], known["exhaustive"], known["planted"], known["naive"]
    resume, counted = known["resume"], known["counted"]
    return {
        "workflows of the tour under all families of faults, from seeds": (
            f"{seeds['runs']:,} runs, {seeds['hours']:,} h of virtual time: {seeds['broken']} broken promises"
            f" (about {_two_digits(seeds['a_minute']):,} runs a minute on two cores)"
        ),
        f"every run of {len(every['plans'])} small plans with one fault": f"{every['one']:,} runs: 0 broken promises",
        "every run of the smallest of them with two faults": f"{every['two']:,} runs: 0 broken promises",
        "every start with three faults, one of each class": f"{every['three']:,} runs: 0 broken promises",
        "bugs planted in core, protocols and engine": (
            f"{planted['found']} of {planted['planted']} found, half of them within {planted['median']:g} seeds"
        ),
        "`kill -9` of real processes, at every boundary and at random": (
            f"more than {counted['deaths']:,} deaths, each resumed: no Job twice"
        ),
        "bad workflows": f"more than {counted['bad']:,}, each refused with line, column and what to write instead",
        "a lost reply answered by posting again, in the same simulated world": (
            f"a Job twice in {naive['naive']} of {naive['runs']:,} runs; with flowrun in none"
        ),
        "to resume": f"a journal of {resume['events']:,} events is a run again after {resume['seconds']:.1f} s of CPU",
    }


def _two_digits(number: int) -> int:
    """Rounded: the rest is the machine's mood."""
    size: int = 10 ** max(0, len(str(number)) - 2)
    return number // size * size
