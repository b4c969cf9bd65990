"""What a page shows in a console is typed into one, and answers as the page says.

Remarks before a block: `before: COMMAND` is typed first, unseen; `meanwhile: COMMAND` is typed beside it;
`not typed: WHY` leaves the block out. Lines that install something are left out, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, Block, blocks, tracked
from tests.docs.session import Session
from tests.docs.shown import RUN, difference

_NOT_HERE = re.compile(r"(git clone|pip install|export \w+=\.\.\.)")
_LONG = ("02-fan-out.md", "03-failure-and-resume.md")
"""Tutorials whose runs take their time; their commands and files are looked at by day as well, by the other tests."""


def _pages() -> Iterator[Any]:
    for page in tracked(".md"):
        if "\n```console\n" in page.read_text(encoding="utf-8"):
            marks = [pytest.mark.night] if page.name in _LONG else []
            yield pytest.param(page, marks=marks, id=str(page.relative_to(ROOT)))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(tmp_path)
    yield made
    made.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("page", list(_pages()))
def test_a_page_says_what_happens(page: Path, session: Session) -> None:
    runs: dict[str, str] = {}
    for block in blocks(page):
        if block.language == "console" and "not typed" not in block.remarks:
            typed(block, session, runs)


def typed(block: Block, session: Session, runs: dict[str, str]) -> None:
    """The block's commands one after the other, each with its answer. `runs`: ids of the page, and the real ones."""
    if "before" in block.remarks:
        session.type(block.remarks["before"])
    if "meanwhile" in block.remarks:
        session.type(f"( {block.remarks['meanwhile']} ) > meanwhile.log 2>&1 &")
    for line, command, shown in exchanges(block):
        if _NOT_HERE.match(command):
            continue
        real = RUN.sub(lambda found: runs.get(found[0], found[0]), command)
        said = session.type(real).splitlines()
        told, met = dict.fromkeys(RUN.findall("\n".join(shown))), dict.fromkeys(RUN.findall("\n".join(said)))
        runs.update(zip((one for one in told if one not in runs), met, strict=False))
        wrong = difference(shown, said) if shown else ""
        assert not wrong, f"{block.page.relative_to(ROOT)}:{line}: $ {command}\n{wrong}\n\n" + "\n".join(said)


def exchanges(block: Block) -> Iterator[tuple[int, str, list[str]]]:
    """Each command of a console, with its line in the page, and what is shown below it."""
    command, at, shown = "", 0, list[str]()
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if line.startswith("$ "):
            if command:
                yield at, command, shown
            command, at, shown = line[2:], number, []
        else:
            shown.append(line)
    if command:
        yield at, command, shown


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (["a"], ["b"]),
        (["a", "b"], ["b", "a"]),
        (["a"], ["a", "b"]),
        (["a", "b"], ["a"]),
        (["…", "b", "a"], ["x", "a", "b"]),
        (["1 file"], ["2 files"]),
        (["12:00:00 a succeeded in 1.0s"], ["12:00:00 a failed in 1.0s"]),
    ],
)
def test_what_is_not_so_is_found(shown: list[str], said: list[str]) -> None:
    assert difference(shown, said)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (["12:00:00 a started Job 1", "12:00:01 b running"], ["13:00:00 b running", "13:00:09 a started Job 7"]),
        (["run 20261123-2345-8pkh6d in 0.3s"], ["run 20271123-2345-abcdef in 12s"]),
        (["…", "b", "…", "d…"], ["a", "b", "c", "d and more"]),
    ],
)
def test_what_differs_from_run_to_run_does_not_matter(shown: list[str], said: list[str]) -> None:
    assert not difference(shown, said)
