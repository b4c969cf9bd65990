"""What stands in the pages is what was measured, and what can be counted is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.figures import pages
from tests.figures.measures import MEASURES, bad_workflows, deaths
from tests.kills.judge import QUICK
from tests.kills.test_in_flight import FAULTS
from tests.simulation.exhaustive import PLANS
from tests.simulation.planted import hunts

KNOWN = pages.remembered()


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_the_page_says_what_was_measured(page: Path) -> None:
    assert page.read_text() == pages.written()[page], "python -m tests.figures writes it"


def test_everything_was_measured() -> None:
    assert set(KNOWN) == set(MEASURES)


def test_what_grows_has_reached_what_is_said() -> None:
    assert len(bad_workflows()) >= KNOWN["counted"]["bad"] >= 400
    assert deaths() >= KNOWN["counted"]["deaths"] >= 500


def test_the_page_about_kills_counts_plans_and_cases_as_they_are() -> None:
    page = (pages.ROOT / "docs" / "explanation" / "kills.md").read_text()
    assert {int(count) for count in re.findall(r"of (\d+) plans", page)} == {len(QUICK)}
    told = re.search(r"\| (\d+) cases \|", page)
    assert told is not None
    # Each fault of a start in a plain file and in one that is a step, under one signal and two; then what comes after.
    assert int(told[1]) == 2 * 2 * len(FAULTS) + 2 * 3


def test_every_planted_bug_that_there_is_was_looked_for_and_found() -> None:
    count = len(list(hunts()))
    assert count >= 40
    assert KNOWN["planted"]["planted"] == KNOWN["planted"]["found"] == count, "python -m tests.figures planted"


def test_no_promise_was_broken() -> None:
    assert KNOWN["exhaustive"]["plans"] == list(PLANS)
    assert KNOWN["exhaustive"]["broken"] == KNOWN["seeds"]["broken"] == KNOWN["naive"]["flowrun"] == 0
