from __future__ import annotations

from flowrun.core.pools import Waiting, lacking

SAP, TWO, BOTH = {"sap": 1}, {"sap": 2}, {"sap": 1, "fx": 1}


def test_what_is_lacking_are_the_pools_that_have_too_few_left() -> None:
    assert lacking({"sap": 2, "fx": 1}, {"sap": 1}, {"sap": 2, "fx": 1}) == {"sap"}
    assert lacking({"sap": 2}, {"sap": 1}, SAP) == set()
    assert lacking({}, {"sap": 99}, SAP) == set()


def waiting(*legs: tuple[tuple[int, int], dict[str, int]]) -> Waiting:
    made = Waiting()
    for place, wanted in legs:
        made.park(place, wanted)
    return made


def test_who_wants_the_same_goes_in_the_order_of_the_plan() -> None:
    queue = waiting(((2, 1), SAP), ((0, 0), SAP), ((2, 0), SAP))
    assert queue.next({"sap": 5}, {}) == [((0, 0), SAP)]
    assert queue.next({"sap": 5}, {"sap": 3}, 9) == [((0, 0), SAP), ((2, 0), SAP)]
    queue.leave((0, 0))
    assert (0, 0) not in queue
    assert queue.next({"sap": 5}, {}, 9) == [((2, 0), SAP), ((2, 1), SAP)]
    assert queue.next({"sap": 5}, {"sap": 5}, 9) == []


def test_who_waits_for_another_pool_is_no_obstacle() -> None:
    queue = waiting(((0, 0), BOTH), ((1, 0), SAP))
    assert queue.next({"sap": 1, "fx": 1}, {"fx": 1}) == [((1, 0), SAP)]
    assert queue.passes((1, 0), SAP, {"sap": 1, "fx": 1}, {"fx": 1})


def test_nobody_passes_who_wants_more_of_the_same() -> None:
    queue = waiting(((0, 0), TWO), ((1, 0), SAP))
    assert queue.next({"sap": 2}, {"sap": 1}) == []
    assert not queue.passes((1, 0), SAP, {"sap": 2}, {"sap": 1})
    assert queue.passes((0, 0), SAP, {"sap": 2}, {"sap": 1})
    queue.leave((0, 0))
    assert queue.next({"sap": 2}, {"sap": 1}) == [((1, 0), SAP)]
    assert queue.passes((1, 0), SAP, {"sap": 2}, {"sap": 1})
