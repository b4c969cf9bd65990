"""Slots that several runs share: a few cases told, and thousands made up, whole worlds of runs among them."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.admission.pools import Asked, Grant, Queue, grant
from flowrun.core.commands import Wish

SAP, FX, BOTH = {"sap": 1}, {"fx": 1}, {"sap": 1, "fx": 1}
TWO = {"sap": 2, "fx": 2}


def wish(leg: int, slots: dict[str, int]) -> Wish:
    return Wish("post", leg, "", slots)


def test_all_slots_of_a_leg_are_taken_together_or_none() -> None:
    wishes = (wish(0, {"sap": 2}), wish(1, BOTH))
    assert grant(TWO, {"sap": 1}, Queue(), wishes, 9) == Grant((), (Asked(1, {"sap": 2}), Asked(2, BOTH)))
    assert grant(TWO, {"fx": 2}, Queue(last=7), wishes, 9) == Grant((wishes[0],), (Asked(8, BOTH),))


def test_a_full_pool_blocks_nobody_who_does_not_want_it() -> None:
    wishes = (wish(0, BOTH), wish(1, SAP), wish(2, FX))
    assert grant(TWO, {"fx": 2}, Queue(), wishes, 9) == Grant((wishes[1],), (Asked(1, BOTH), Asked(2, FX)))


def test_who_wants_much_is_not_passed_by_those_who_want_little() -> None:
    wishes = (wish(0, {"sap": 2}), wish(1, SAP))
    assert grant(TWO, {"sap": 1}, Queue(), wishes, 9).granted == ()
    assert grant(TWO, {"sap": 1}, Queue((Asked(7, {"sap": 2}),)), wishes[1:], 9).granted == ()


def test_for_who_asked_first_the_slot_is_kept() -> None:
    wishes = (wish(0, SAP), wish(1, SAP))
    assert grant(TWO, {}, Queue((Asked(3, SAP),)), wishes, 9).granted == wishes[:1]
    assert grant(TWO, {"sap": 1}, Queue((Asked(3, SAP),), (Asked(2, SAP),)), wishes, 9).granted == wishes[:1]
    assert grant(TWO, {"sap": 1}, Queue((Asked(3, SAP),), (Asked(4, SAP),)), wishes, 9).granted == ()


def test_who_still_waits_keeps_its_number_and_who_got_something_is_the_last_again() -> None:
    wishes = (wish(0, SAP), wish(1, SAP))
    assert grant(TWO, {"sap": 2}, Queue((), (Asked(3, SAP),), 5), wishes, 9) == Grant((), (Asked(3, SAP),))
    assert grant(TWO, {"sap": 1}, Queue((), (Asked(3, SAP),), 5), wishes, 9) == Grant(wishes[:1], (Asked(6, SAP),))


def test_two_who_wait_for_each_other_in_two_pools_do_not_wait_for_ever() -> None:
    ones = {"sap": 1, "fx": 1}
    first = grant(ones, {}, Queue((Asked(2, BOTH),), (Asked(1, BOTH),)), (wish(0, BOTH),), 9)
    assert first.granted
    assert not grant(ones, {}, Queue((Asked(1, BOTH),), (Asked(2, BOTH),)), (wish(0, BOTH),), 9).granted


def test_no_more_than_there_is_room_for_and_the_rest_does_not_wait() -> None:
    wishes = (wish(0, SAP), wish(1, SAP), wish(2, {"sap": 9}))
    assert grant(TWO, {}, Queue(), wishes, 1) == Grant(wishes[:1], ())
    assert grant(TWO, {}, Queue(), wishes, 0) == Grant((), ())


def test_a_pool_without_a_capacity_has_no_end_of_slots() -> None:
    assert grant({}, {"sap": 100}, Queue(), (wish(0, SAP),), 9).granted


DEMANDS = st.dictionaries(st.sampled_from("pqr"), st.integers(1, 3), min_size=1)
CAPACITIES = st.fixed_dictionaries({"p": st.integers(1, 4), "q": st.integers(1, 4), "r": st.integers(1, 4)})


@given(CAPACITIES, CAPACITIES, st.lists(DEMANDS, max_size=4), st.lists(DEMANDS, max_size=6), st.integers(0, 6))
def test_what_always_holds(
    capacities: dict[str, int],
    held: dict[str, int],
    others: list[dict[str, int]],
    wants: list[dict[str, int]],
    most: int,
) -> None:
    wishes = [wish(at, slots) for at, slots in enumerate(wants)]
    queue = Queue([Asked(at, slots) for at, slots in enumerate(others)], (), len(others))
    answer = grant(capacities, held, queue, wishes, most)
    taken = Counter(held)
    for one in answer.granted:
        taken.update(one.slots)
        assert all(taken[pool] <= capacities[pool] for pool in one.slots), "more than there are"
    assert len(answer.granted) <= most
    assert list(answer.granted) == sorted(answer.granted, key=lambda one: one.leg)
    asked = Counter(held)
    for slots in (*others, *wants):
        asked.update(slots)
    for one in wishes[:most]:
        if all(asked[pool] <= capacities[pool] for pool in one.slots):
            assert one in answer.granted, "there is enough for all who want it, and it did not get it"
    if len(answer.granted) < most:
        refused = [one.slots for one in wishes if one not in answer.granted]
        assert [asked.slots for asked in answer.waits] == [
            slots for at, slots in enumerate(refused) if slots not in refused[:at]
        ]


class World:
    """Some runs with legs to do, each of which asks, works and gives back, in an order that dice decide."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.capacities = {"p": dice.randint(1, 3), "q": dice.randint(1, 3)}
        wants = [{"p": 1}, {"q": 1}, {"p": 1, "q": 1}, dict(self.capacities), {"p": self.capacities["p"]}]
        self.todo = [[wish(at, dice.choice(wants)) for at in range(dice.randint(1, 6))] for _ in range(3)]
        self.rows: list[tuple[int, Wish]] = []
        self.waits: dict[int, tuple[Asked, ...]] = dict.fromkeys(range(3), ())

    def ask(self, run: int) -> None:
        """As the journal does it, in one transaction."""
        held = Counter[str]()
        for _, one in self.rows:
            held.update(one.slots)
        assert all(held[pool] <= count for pool, count in self.capacities.items())
        others = [asked for other, waits in self.waits.items() if other != run for asked in waits]
        every = [asked.number for waits in self.waits.values() for asked in waits]
        answer = grant(self.capacities, held, Queue(others, self.waits[run], max(every, default=0)), self.todo[run], 9)
        self.rows += [(run, one) for one in answer.granted]
        self.todo[run] = [one for one in self.todo[run] if one not in answer.granted]
        self.waits[run] = answer.waits


@pytest.mark.parametrize("part", range(3))
def test_everybody_gets_a_turn(part: int) -> None:
    for seed in range(part, 300, 3):
        try:
            take_turns(World(Random(seed)))
        except AssertionError as error:
            error.add_note(f"seed {seed}")
            raise


def take_turns(world: World) -> None:
    for _ in range(3):
        for run in world.dice.sample(range(3), 3):
            world.ask(run)
    while any(world.todo):
        before = len(world.rows) + sum(map(len, world.todo))
        for run in range(3):
            world.ask(run)
        assert world.rows, "all wait, and nobody has anything"
        world.rows.pop(world.dice.randrange(len(world.rows)))
        for run in world.dice.sample(range(3), 3):
            world.ask(run)
        assert len(world.rows) + sum(map(len, world.todo)) < before


def test_a_run_with_many_legs_does_not_take_all_turns() -> None:
    """Two runs share one slot: they take turns, though one of them is quicker to ask each time."""
    world = World(Random(1))
    world.capacities = {"p": 1}
    world.todo = [[wish(at, {"p": 1}) for at in range(8)], [wish(at, {"p": 1}) for at in range(3)], []]
    turns = []
    while any(world.todo):
        world.ask(0)
        world.ask(1)
        run, _ = world.rows.pop()
        turns.append(run)
    assert turns == [0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0]
