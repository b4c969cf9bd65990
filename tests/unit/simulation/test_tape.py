from __future__ import annotations

import json

import pytest

from flowrun.errors import UsageError
from flowrun.simulation.faults import FAULTS
from flowrun.simulation.tally import story_of
from flowrun.simulation.tape import record, replay
from tests.unit.simulation.cases import EVALUATOR, chain


def tape(seed: int = 4) -> list[str]:
    return record(story_of(seed, chain(), tuple(FAULTS), EVALUATOR), tuple(FAULTS))


def test_a_tape_tells_the_same_story_again() -> None:
    lines = tape()
    again = replay(lines, EVALUATOR)
    assert again.differs is None
    assert list(again.lines) == lines
    assert {json.loads(line)["type"] for line in lines} >= {"flowrun.tape", "record", "fault", "job", "end"}


def test_its_lines_are_in_the_order_in_which_things_came() -> None:
    times = [json.loads(line)["at"] for line in tape()[1:]]
    assert times == sorted(times)


def test_it_is_said_where_the_story_is_another_one() -> None:
    lines = tape()
    row = json.loads(lines[5])
    lines[5] = json.dumps({**row, "at": row["at"] + 1.0})
    assert replay(lines, EVALUATOR).differs == 6
    assert replay(tape()[:-1], EVALUATOR).differs is not None


@pytest.mark.parametrize(
    "head",
    ["", "{}", "no", '{"type":"flowrun.tape","v":99}', '{"type":"flowrun.tape","v":1,"started":{},"scripts":{}}'],
)
def test_what_is_no_tape_is_refused(head: str) -> None:
    with pytest.raises(UsageError):
        replay([head], EVALUATOR)


def test_nothing_is_no_tape() -> None:
    with pytest.raises(UsageError):
        replay([], EVALUATOR)
