"""Slots and turns by letters: cases told, and worlds of runs whose letters pass each other and who die at any time."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from itertools import count
from random import Random

import pytest

from flowrun.admission.letters import (
    Admitted,
    Anew,
    Answer,
    Ask,
    Entry,
    Granted,
    Leg,
    Letter,
    Party,
    Superseded,
    leg_of,
)
from flowrun.admission.pools import Asked, Queue, grant
from flowrun.admission.register import Register
from flowrun.core.commands import Wish
from flowrun.core.plan import OnConflict
from flowrun.core.pools import Slots

SAP, FX, BOTH = {"sap": 1}, {"fx": 1}, {"sap": 1, "fx": 1}
ONE = {"sap": 1, "fx": 1}


def wish(leg: int, slots: Slots = SAP) -> Wish:
    return Wish("post", leg, "", slots)


def asks(run_id: str, *wishes: Wish, capacities: Slots = ONE, most: int = 9) -> Letter:
    return Letter(run_id, "1/1", (), ask=Ask(1, 0, capacities, wishes, most))


def back(run_id: str, *legs: int) -> Letter:
    return Letter(run_id, "1/1", back=tuple(Leg("post", leg) for leg in legs))


def enters(run_id: str, on_conflict: OnConflict = OnConflict.QUEUE, *ancestors: str) -> Letter:
    return Letter(run_id, "1/1", (), Entry("g", on_conflict, ancestors), calls=True)


def told(register: Register, *letters: Letter) -> list[Answer]:
    for letter in letters:
        register.read(letter)
    return register.answers()


def to(answers: Sequence[Answer]) -> list[tuple[str, tuple[int, ...]]]:
    """Who was granted slots for which legs."""
    return [
        (answer.run_id, tuple(one.leg for one in answer.wishes)) for answer in answers if isinstance(answer, Granted)
    ]


def test_who_asks_is_answered_when_slots_come_back_in_the_order_of_asking() -> None:
    register = Register()
    assert to(told(register, asks("a", wish(0)), asks("b", wish(0)), asks("c", wish(0)))) == [("a", (0,))]
    assert to(told(register, back("a", 0))) == [("b", (0,))]
    assert to(told(register, Letter("b", "1/1", over=True))) == [("c", (0,))]
    assert [(run_id, tuple(one.held)) for run_id, one in register.runs.items()] == [
        ("a", ()),
        ("c", (Leg("post", 0),)),
    ]


def test_who_wants_more_of_it_is_the_last_again() -> None:
    register = Register()
    told(register, asks("a", wish(0), wish(1), wish(2)), asks("b", wish(0)))
    assert to(told(register, back("a", 0))) == [("a", (1,))], "it asked for the next before the other did"
    assert to(told(register, back("a", 1))) == [("b", (0,))]
    assert to(told(register, back("b", 0))) == [("a", (2,))]


def test_two_slots_that_come_back_at_once_go_to_two() -> None:
    two = {"sap": 2}
    register = Register()
    told(register, asks("a", wish(0, two), capacities=two))
    told(register, asks("b", wish(0), wish(1), capacities=two), asks("c", wish(0), capacities=two))
    assert to(told(register, back("a", 0))) == [("b", (0,)), ("c", (0,))]


def test_who_wants_much_is_not_passed_and_who_wants_something_else_is_not_kept_waiting() -> None:
    two = {"sap": 2, "fx": 1}
    register = Register()
    told(register, asks("a", wish(0), capacities=two))
    much = asks("b", wish(0, {"sap": 2}), capacities=two)
    others = (asks("c", wish(0), capacities=two), asks("d", wish(0, FX), capacities=two))
    assert to(told(register, much, *others)) == [("d", (0,))]
    assert to(told(register, back("a", 0))) == [("b", (0,))]


def test_no_more_than_there_is_room_for() -> None:
    register = Register()
    free = {"sap": 9}
    assert to(told(register, asks("a", wish(0), wish(1), wish(2), capacities=free, most=2))) == [("a", (0, 1))]
    assert not register.waits


def test_a_question_that_passed_an_answer_is_put_again() -> None:
    register, party = Register(), Party("a", "1")
    told(register, asks("b", wish(0)))
    party.want(ONE, (wish(0),), 9)
    first = party.letter()
    assert first is not None
    told(register, first)
    (answer,) = told(register, back("b", 0))
    assert isinstance(answer, Granted)
    party.want(ONE, (wish(0), wish(1)), 9)
    crossing = party.letter()
    assert crossing is not None
    assert told(register, crossing) == []
    assert register.runs["a"].ask.wishes == (), "it is not heard: it asks for what it has"
    assert party.hear(answer) == (wish(0),)
    party.want(ONE, (wish(1),), 9)
    again = party.letter()
    assert again is not None
    assert again.ask == Ask(3, 1, ONE, (wish(1),), 1)
    assert party.letter() is None, "what was said is not said again"
    told(register, again)
    assert register.runs["a"].waits


def test_what_the_register_knows_is_not_said_again() -> None:
    register, party = Register(), Party("a", "1")
    party.want({"sap": 1}, (wish(0), wish(1)), 9)
    letter = party.letter()
    assert letter is not None
    (answer,) = told(register, letter)
    assert isinstance(answer, Granted)
    party.hear(answer)
    party.want({"sap": 1}, (wish(1),), 9)
    assert party.letter() is None


def test_who_needs_nothing_writes_nothing() -> None:
    party = Party("a", "1")
    party.begin((), calls=False, known=False)
    party.want({}, (), 9)
    assert party.letter() is None
    party.end()
    assert party.letter() is None


def test_a_new_life_of_a_run_says_what_it_holds_and_does_not_hear_what_was_said_to_the_old_one() -> None:
    register = Register()
    (late,) = told(register, asks("a", wish(0)))
    told(register, asks("b", wish(0)))
    assert isinstance(late, Granted)
    life = Party("a", "2")
    life.begin((), calls=False, known=True)
    assert life.hear(late) == ()
    letter = life.letter()
    assert letter is not None
    assert letter.hold == ()
    assert to(told(register, letter)) == [("b", (0,))]
    assert told(register, asks("c"), Letter("a", "1/1", back=(Leg("post", 0),))) == [Anew("a", "1/1")]


def test_a_run_that_begins_to_speak_anew_keeps_its_place_if_it_still_waits() -> None:
    register = Register()
    told(register, asks("a", wish(0)), asks("b", wish(0)), asks("c", wish(0)), asks("d", wish(0)))
    again = Letter("b", "2/1", (), ask=Ask(1, 0, ONE, (wish(0),), 1))
    told(register, again, Letter("c", "2/1", ()))
    assert to(told(register, back("a", 0))) == [("b", (0,))]
    assert to(told(register, Letter("b", "2/1", back=(Leg("post", 0),)))) == [("d", (0,))]


def test_a_register_that_has_forgotten_a_run_is_told_all_again() -> None:
    party = Party("a", "1", Entry("g"))
    party.begin((), calls=True, known=False)
    party.want({"sap": 3}, (wish(0), wish(1)), 9)
    letter = party.letter()
    assert letter is not None
    admitted, answer = sorted(told(Register(), letter), key=lambda one: type(one).__name__)
    assert (admitted, isinstance(answer, Granted)) == (Admitted("a"), True)
    assert isinstance(answer, Granted)
    party.admitted()
    party.hear(answer)
    party.give_back("post", 0)
    party.want({"sap": 3}, (wish(2),), 9)
    lost, register = party.letter(), Register()
    assert lost is not None
    (anew,) = told(register, lost)
    assert isinstance(anew, Anew)
    assert party.hear(anew) == ()
    whole = party.letter()
    assert whole == Letter("a", "1/2", (wish(1),), Entry("g"), ask=Ask(1, 0, {"sap": 3}, (wish(2),), 1))
    assert to(told(register, whole)) == [("a", (2,))]


def test_runs_of_one_group_go_one_after_the_other_in_the_order_of_entering() -> None:
    register = Register()
    assert told(register, *map(enters, ("r3", "r1", "r2"))) == [Admitted("r3")]
    assert told(register, Letter("r1", "1/1", over=True)) == []
    assert told(register, Letter("r3", "1/1", over=True)) == [Admitted("r2")]
    assert not register.waits
    assert not register.empty


def test_a_run_does_not_wait_for_the_run_that_it_is_a_step_of() -> None:
    register = Register()
    assert told(register, enters("r1"), enters("r2"), enters("child", OnConflict.QUEUE, "r1")) == [Admitted("r1")]
    assert told(register, Letter("r2", "1/1", over=True)) == [Admitted("child")]


def test_who_supersedes_has_those_before_it_told_once_and_goes_when_they_are_over() -> None:
    register = Register()
    told(register, enters("r1"), enters("r2"))
    assert told(register, enters("r3", OnConflict.CANCEL)) == [Superseded("r1", "r3"), Superseded("r2", "r3")]
    assert told(register, enters("r4", OnConflict.CANCEL)) == [Superseded("r3", "r4")]
    over = [Letter(run_id, "1/1", over=True) for run_id in ("r1", "r2", "r3")]
    assert told(register, *over) == [Admitted("r4")]


def test_who_is_refused_leaves_nothing_and_who_is_there_already_is_not_refused() -> None:
    register = Register()
    rejecting = Entry("g", OnConflict.REJECT)
    assert register.enter("r1", rejecting) == ()
    assert register.enter("r2", rejecting) == ("r1",)
    assert register.enter("r1", rejecting) == ()
    assert register.enter("child", Entry("g", OnConflict.REJECT, ("r1",))) == ()
    assert register.group("g") == ["r1", "child"]
    assert told(register, enters("r1", OnConflict.REJECT)) == [Admitted("r1")]


def test_a_run_that_is_there_and_was_not_let_in_before_waits_rather_than_being_refused() -> None:
    register = Register()
    assert told(register, enters("r1"), enters("r2", OnConflict.REJECT)) == [Admitted("r1")]
    register.forget("r1")
    assert register.answers() == [Admitted("r2")]


def test_whom_others_wait_for_is_told_so_that_the_dead_can_be_forgotten() -> None:
    register = Register()
    told(register, asks("holds", wish(0)), asks("idle", wish(0, FX)), asks("first", wish(0)))
    told(register, enters("g1"), enters("g2"), enters("g3"))
    assert register.blockers() == ["holds", "first", "g1"]
    assert register.waits
    for dead in ("holds", "g1"):
        register.forget(dead)
    assert to(register.answers()) == [("first", (0,))]
    assert register.blockers() == ["g2"]


class Runner:
    """A run as far as slots go: legs that ask, work and give back. It dies at any time, and has any number of lives."""

    def __init__(self, run_id: str, wants: Sequence[Slots], capacities: Slots, dice: Random) -> None:
        self.run_id = run_id
        self.capacities = capacities
        self.dice = dice
        self.todo = [wish(at, slots) for at, slots in enumerate(wants)]
        self.holds: list[Wish] = []
        self.lives = count(1)
        self.born(known=False)

    def born(self, *, known: bool = True) -> None:
        self.party = Party(self.run_id, str(next(self.lives)))
        self.party.begin(self.holds, calls=False, known=known)
        self._end()

    def letter(self) -> Letter | None:
        room = self.dice.randint(0, 3) if len(self.todo) > 1 else 9
        self.party.want(self.capacities, tuple(self.todo[: self.dice.randint(1, 9)]), room)
        return self.party.letter()

    def hear(self, answer: Granted | Anew) -> None:
        for one in self.party.hear(answer):
            if one in self.todo and self.dice.random() < 0.9:
                self.todo.remove(one)
                self.holds.append(one)
            else:
                self.party.give_back(one.step_id, one.leg)

    def works(self) -> None:
        one = self.holds.pop(self.dice.randrange(len(self.holds)))
        self.party.give_back(one.step_id, one.leg)
        self._end()

    def _end(self) -> None:
        if not (self.todo or self.holds):
            self.party.end()


class World:
    """Runs and a register, with letters and answers under way: each side's arrive in order, and pass the other's."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.capacities = {"p": self.dice.randint(1, 3), "q": self.dice.randint(1, 3)}
        wants = [{"p": 1}, {"q": 1}, {"p": 1, "q": 1}, dict(self.capacities), {"p": self.capacities["p"]}]
        self.runners = {
            name: Runner(name, self.dice.choices(wants, k=self.dice.randint(1, 6)), self.capacities, self.dice)
            for name in "abcd"
        }
        self.register = Register()
        self.letters: dict[str, deque[Letter]] = {name: deque() for name in self.runners}
        self.answers: dict[str, deque[Granted | Anew]] = {name: deque() for name in self.runners}

    def step(self, name: str, *, deaths: bool) -> None:
        """Something happens to a run, or to what is under way between it and the register."""
        runner, letters, answers = self.runners[name], self.letters[name], self.answers[name]
        chance = self.dice.random()
        if deaths and chance < 0.03:
            runner.born()
        elif chance < 0.035:
            self.register = Register(self.register.state())
        elif chance < 0.3:
            letter = runner.letter()
            letters.extend([letter] if letter is not None else [])
        elif chance < 0.6 and letters:
            self.deliver(letters.popleft())
        elif chance < 0.85 and answers:
            runner.hear(answers.popleft())
        elif runner.holds:
            runner.works()
        self.look()

    def deliver(self, letter: Letter) -> None:
        self.register.read(letter)
        for answer in self.register.answers():
            assert isinstance(answer, Granted | Anew)
            self.answers[answer.run_id].append(answer)

    def look(self) -> None:
        """No slot is used that is not on paper, and none is given twice."""
        used, paper = Counter[str](), Counter[str]()
        for runner in self.runners.values():
            for one in runner.holds:
                used.update(one.slots)
        for sharer in self.register.runs.values():
            for one in sharer.held.values():
                paper.update(one.slots)
        for pool, capacity in self.capacities.items():
            assert used[pool] <= capacity
            assert paper[pool] <= capacity

    @property
    def busy(self) -> bool:
        return any(runner.todo or runner.holds for runner in self.runners.values())


@pytest.mark.parametrize("seed", range(150))
def test_no_slot_is_given_twice_and_everybody_comes_to_an_end(seed: int) -> None:
    world = World(seed)
    steps = 0
    while world.busy or any(world.letters.values()):
        world.step(world.dice.choice("abcd"), deaths=steps < 500)
        for name, runner in world.runners.items():
            letter = runner.party.letter() if not (runner.todo or runner.holds) else None
            world.letters[name].extend([letter] if letter is not None else [])
        steps += 1
        assert steps < 20_000, "somebody waits for ever"
    assert world.register.runs == {}


@pytest.mark.parametrize("seed", range(100))
def test_slots_go_to_whom_a_journal_would_give_them(seed: int) -> None:
    """The runs ask, and ask again after every answer, as the engine does that polls a journal in the order of waits."""
    dice = Random(seed)
    capacities = {"p": dice.randint(1, 3), "q": dice.randint(1, 3)}
    wants = [{"p": 1}, {"q": 1}, {"p": 1, "q": 1}, dict(capacities)]
    register, held = Register(), list[tuple[str, Wish]]()
    waits: dict[str, tuple[Asked, ...]] = {}
    asked: dict[str, tuple[Wish, ...]] = {}

    def journal(run_id: str, for_what: Slots | None = None) -> list[tuple[str, Wish]]:
        """As it answers one run; nothing is done where that would not be `for_what`."""
        taken = Counter[str]()
        for _, one in held:
            taken.update(one.slots)
        others = [asked for other, own in waits.items() if other != run_id for asked in own]
        last = max((one.number for own in waits.values() for one in own), default=0)
        answer = grant(capacities, taken, Queue(others, waits.get(run_id, ()), last), asked[run_id], 9)
        if for_what is not None and for_what not in [one.slots for one in answer.granted]:
            return []
        held.extend((run_id, one) for one in answer.granted)
        waits[run_id] = answer.waits
        asked[run_id] = tuple(one for one in asked[run_id] if one not in answer.granted)
        return [(run_id, one) for one in answer.granted]

    def polled() -> list[tuple[str, Wish]]:
        line = sorted((one.number, run_id, one.slots) for run_id, own in waits.items() for one in own)
        return next((granted for _, run_id, slots in line if (granted := journal(run_id, slots))), [])

    for name in "abcde":
        asked[name] = tuple(wish(at, dice.choice(wants)) for at in range(dice.randint(1, 4)))
        answers = told(register, asks(name, *asked[name], capacities=capacities))
        assert _granted(answers) == journal(name)
    while held:
        name, one = held.pop(dice.randrange(len(held)))
        answers = told(register, Letter(name, "1/1", back=(leg_of(one),)))
        expected = []
        while granted := polled():
            expected += granted
        assert _granted(answers) == expected
    assert not any(asked.values())


def _granted(answers: Sequence[Answer]) -> list[tuple[str, Wish]]:
    return [(answer.run_id, one) for answer in answers if isinstance(answer, Granted) for one in answer.wishes]
