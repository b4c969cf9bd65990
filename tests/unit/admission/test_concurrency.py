from __future__ import annotations

from itertools import permutations

import pytest

from flowrun.admission.concurrency import Turn, before, turn
from flowrun.core.plan import OnConflict

RUNS = ("a", "b", "c", "d")


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_who_is_alone_goes(on_conflict: OnConflict) -> None:
    assert turn(on_conflict, ()) is Turn.GO


@pytest.mark.parametrize(
    ("on_conflict", "expected"),
    [(OnConflict.QUEUE, Turn.WAIT), (OnConflict.CANCEL, Turn.END), (OnConflict.REJECT, Turn.REFUSE)],
)
@pytest.mark.parametrize("earlier", [("a",), ("a", "b")])
def test_what_the_others_mean_is_for_the_workflow_to_say(
    on_conflict: OnConflict, earlier: tuple[str, ...], expected: Turn
) -> None:
    assert turn(on_conflict, earlier) is expected


def test_in_a_queue_exactly_the_first_goes_whoever_ends_first() -> None:
    for endings in permutations(RUNS):
        group = list(RUNS)
        for ended in endings:
            going = [run for run in group if turn(OnConflict.QUEUE, before(group, run)) is Turn.GO]
            assert going == group[:1]
            group.remove(ended)


def test_one_that_is_not_there_yet_comes_after_all() -> None:
    assert before(RUNS, "new") == RUNS
    assert before((), "new") == ()


def test_nobody_waits_for_who_waits_for_it() -> None:
    assert before(RUNS, "d", ancestors={"b", "a"}) == ("c",)
    assert turn(OnConflict.QUEUE, before(RUNS, "b", ancestors={"a"})) is Turn.GO
