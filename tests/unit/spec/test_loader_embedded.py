"""Each bad workflow again, its steps in the middle of five hundred: the same is said, and of the same places."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from flowrun.spec.loader import load
from flowrun.spec.problems import lines_of
from tests.conftest import Amount

CORPUS = Path(__file__).parents[2] / "golden" / "specs"
BEFORE, AFTER = 250, 249
WHOLE = {
    "yaml/too-many-values": "it is about how many values a file has",
    "yaml/alias-bomb-of-maps": "it is about how many values a file has",
    "yaml/key-over-two-lines": "what the reader makes of it depends on the line above",
}
"""Cases that say something else of a larger file, and why."""


@dataclass(frozen=True)
class Embedded:
    """A text with steps before and after its own: `start` is the line above the first of them, `end` the last."""

    text: str
    start: int
    end: int

    def line(self, line: int) -> int:
        """Where a line of the small file stands in the large one."""
        return line + (BEFORE if line > self.start else 0) + (AFTER if line > self.end else 0)


def embedded(text: str) -> Embedded | None:
    """None where the steps of the file are no block of lines, so that nothing can be put beside them."""
    if "\r" in text or not (found := re.search(r"^steps:\n(?=  \S)", text, re.MULTILINE)):
        return None
    head, block = text[: found.end()], text[found.end() :]
    lines = block.splitlines(keepends=True)
    size = next((at for at, line in enumerate(lines) if not line.startswith((" ", "\n"))), len(lines))
    filler = "  - {{id: filler_{0}, release: F}}\n" if block.startswith("  - ") else "  filler_{0}: {{release: F}}\n"
    before = "".join(filler.format(at) for at in range(BEFORE))
    after = "".join(filler.format(at) for at in range(BEFORE, BEFORE + AFTER))
    start = len(lines_of(head)) - 1
    own, rest = "".join(lines[:size]), "".join(lines[size:])
    return Embedded(f"{head}{before}{own}{after}{rest}", start, start + size)


def said(text: str) -> Counter[tuple[str, int, int, str]]:
    """Codes, places and severities."""
    problems = load(text, "x.yaml").problems
    places = [(one.code, one.position.line, one.position.column, one.severity) for one in problems if one.position]
    return Counter(places)


def text_of(spec: Path) -> str:
    return spec.read_bytes().decode("utf-8", "surrogateescape")


def name_of(spec: Path) -> str:
    return f"{spec.parent.name}/{spec.stem}"


@cache
def specs() -> list[Path]:
    """Those of the corpus that can stand in a larger file."""
    return [spec for spec in sorted(CORPUS.rglob("*.yaml")) if embedded(text_of(spec)) and name_of(spec) not in WHOLE]


BATCHES = 8


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_same_is_said_deep_inside_a_large_file(batch: int, amount: Amount) -> None:
    """By day a part of them, in the night all. The part changes whenever the corpus does."""
    every = amount(8, 1)
    wrong = {}
    for spec in specs()[batch :: BATCHES * every]:
        small = text_of(spec)
        large = embedded(small)
        assert large is not None
        expected = Counter(
            {(code, large.line(line), column, grade): n for (code, line, column, grade), n in said(small).items()}
        )
        found = said(large.text)
        if found != expected:
            wrong[name_of(spec)] = (sorted(expected - found), sorted(found - expected))
    assert wrong == {}


def test_most_of_the_corpus_can_be_put_there() -> None:
    assert len(specs()) > 350
