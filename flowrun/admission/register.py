"""Register: the slots and turns of runs that share no journal. They write letters to whoever keeps it.

Who asks waits until it is spoken to: as soon as slots come back, whoever is next is answered, by the rules of `pools`
and of `concurrency`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flowrun.admission.concurrency import Turn, before, turn
from flowrun.admission.letters import Admitted, Anew, Answer, Ask, Entry, Granted, Leg, Letter, Superseded, leg_of
from flowrun.admission.pools import Asked, Queue, grant
from flowrun.core.commands import Wish
from flowrun.core.pools import lacking

AHEAD = 20
"""How many of those that wait for slots are looked at, to see whether they are still there."""


@dataclass(slots=True)
class Sharer:
    """What is known of one run. `calls`: it waits for its turn and was not told yet; `ends`: it was told to end."""

    era: str = ""
    held: dict[Leg, Wish] = field(default_factory=dict)
    waits: tuple[Asked, ...] = ()
    ask: Ask = field(default_factory=Ask)
    answers: int = 0
    entry: Entry | None = None
    calls: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A Sharer as it is put away."""

    run_id: str
    era: str = ""
    held: tuple[Wish, ...] = ()
    waits: tuple[Asked, ...] = ()
    ask: Ask = field(default_factory=Ask)
    answers: int = 0
    entry: Entry | None = None
    calls: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """A register as it is put away: the runs in the order in which they are kept."""

    runs: tuple[Known, ...] = ()
    last: int = 0


class Register:
    """Who holds what, who waits, and who stands in which group. Runs that are not known hold and want nothing.

    `runs`: in the order in which they entered their groups. `last`: the greatest number that a wait was given.
    """

    def __init__(self, state: State | None = None) -> None:
        state = state or State()
        self.runs = {known.run_id: _sharer(known) for known in state.runs}
        self.last = state.last
        self._held: Counter[str] = Counter()
        for sharer in self.runs.values():
            for wish in sharer.held.values():
                self._held.update(wish.slots)
        self._fresh: list[Answer] = []
        self._moved = {sharer.entry.group for sharer in self.runs.values() if sharer.entry is not None}

    def state(self) -> State:
        """All that a register needs to go on from here, once `answers` are told."""
        return State(tuple(_known(run_id, sharer) for run_id, sharer in self.runs.items()), self.last)

    def read(self, letter: Letter) -> None:
        """Write down what a run says."""
        if letter.over:
            self.forget(letter.run_id)
            return
        sharer = self.runs.get(letter.run_id)
        if letter.hold is not None:
            sharer = self._begin(letter, letter.hold)
        elif sharer is None or sharer.era != letter.era:
            self._fresh.append(Anew(letter.run_id, letter.era))
            return
        self._give_back(sharer, letter.back)
        if letter.entry is not None:
            self._stand(letter.run_id, letter.entry)
            sharer.calls = letter.calls
        if letter.ask is not None and letter.ask.seen == sharer.answers:
            sharer.ask = letter.ask
            self._answer(letter.run_id)

    def _begin(self, letter: Letter, held: Iterable[Wish]) -> Sharer:
        """The run holds these and no others. Where it still asks, it keeps its place among those that wait."""
        sharer = self.runs.setdefault(letter.run_id, Sharer())
        waits = sharer.waits
        self._take_back(letter.run_id)
        sharer.waits = waits if letter.ask is not None else ()
        sharer.era, sharer.answers = letter.era, 0
        sharer.held = {leg_of(wish): wish for wish in held}
        for wish in sharer.held.values():
            self._held.update(wish.slots)
        return sharer

    def enter(self, run_id: str, entry: Entry) -> tuple[str, ...]:
        """Let a run that is about to begin stand in its group; those before it, if it is not to begin because of them.

        Who stands there already keeps its place.
        """
        sharer = self.runs.get(run_id)
        if sharer is None or sharer.entry is None:
            earlier = before(self.group(entry.group), run_id, entry.ancestors)
            if turn(entry.on_conflict, earlier) is Turn.REFUSE:
                return earlier
            self._stand(run_id, entry)
        return ()

    def _stand(self, run_id: str, entry: Entry) -> None:
        sharer = self.runs.setdefault(run_id, Sharer())
        if sharer.entry is None:
            self.runs[run_id] = self.runs.pop(run_id)  # the last in the order of entering
            sharer.entry = entry
        self._moved.add(entry.group)

    def forget(self, run_id: str) -> None:
        """The run has ended: it holds nothing, waits for nothing and stands in no group."""
        if run_id in self.runs:
            self._take_back(run_id)
            entry = self.runs.pop(run_id).entry
            self._moved |= {entry.group} if entry is not None else set()

    def answers(self) -> list[Answer]:
        """What is to be told because of all that was written down since this was last asked, in order."""
        while self._serve():
            pass
        for group in sorted(self._moved):
            self._fresh += self._turns(group)
        self._moved.clear()
        fresh, self._fresh = self._fresh, []
        return fresh

    def group(self, group: str) -> list[str]:
        """The runs of a group, in the order in which they entered it."""
        return [run_id for run_id, one in self.runs.items() if one.entry is not None and one.entry.group == group]

    @property
    def waits(self) -> bool:
        """Whether anybody waits for anything."""
        return any(sharer.waits or sharer.calls for sharer in self.runs.values())

    @property
    def empty(self) -> bool:
        """Whether there is nothing that would be lost if all were forgotten: nobody holds, waits, or is in a group."""
        return not any(sharer.held or sharer.waits or sharer.entry for sharer in self.runs.values())

    def blockers(self) -> list[str]:
        """The runs that others wait for: if one of them is no more, to forget it helps.

        Who holds what is asked for, and who is next: AHEAD of those that wait for slots, one of each group.
        """
        wanted = {pool for sharer in self.runs.values() for asked in sharer.waits for pool in asked.slots}
        holders = [
            run_id
            for run_id, sharer in self.runs.items()
            if any(not wanted.isdisjoint(wish.slots) for wish in sharer.held.values())
        ]
        groups = {sharer.entry.group for sharer in self.runs.values() if sharer.calls and sharer.entry is not None}
        first = [self.group(group)[0] for group in sorted(groups)]
        return list(dict.fromkeys([*holders, *(run_id for run_id, _ in self._line()[:AHEAD]), *first]))

    def _take_back(self, run_id: str) -> None:
        """All that it holds and waits for, and what it was granted and not told yet."""
        sharer = self.runs[run_id]
        self._give_back(sharer, tuple(sharer.held))
        sharer.waits, sharer.ask = (), Ask()
        self._fresh = [
            answer for answer in self._fresh if answer.run_id != run_id or not isinstance(answer, Granted | Admitted)
        ]

    def _give_back(self, sharer: Sharer, legs: Iterable[Leg]) -> None:
        for leg in legs:
            wish = sharer.held.pop(leg, None)
            if wish is not None:
                self._held.subtract(wish.slots)

    def _serve(self) -> bool:
        """Answer the first in the queue who can have something; whether there was one.

        The queue is looked at as `grant` does, but once for all: behind who lacks slots of a pool, nobody who knows
        the pool to be as large gets any.
        """
        closed: set[tuple[str, int | None]] = set()
        for run_id, asked in self._line():
            capacities = self.runs[run_id].ask.capacities
            lacks = lacking(capacities, self._held, asked.slots)
            kept = any((pool, capacities.get(pool)) in closed for pool in asked.slots)
            if not lacks and not kept and self._answer(run_id):
                return True
            closed |= {(pool, capacities.get(pool)) for pool in lacks}
        return False

    def _line(self) -> list[tuple[str, Asked]]:
        line = [(run_id, asked) for run_id, sharer in self.runs.items() for asked in sharer.waits]
        return sorted(line, key=lambda one: one[1].number)

    def _answer(self, run_id: str) -> bool:
        """Give the run what it can have of what it asked for; whether that was something."""
        sharer = self.runs[run_id]
        ask = sharer.ask
        wishes = tuple(wish for wish in ask.wishes if leg_of(wish) not in sharer.held)
        others = [asked for other, one in self.runs.items() if other != run_id for asked in one.waits]
        answer = grant(ask.capacities, self._held, Queue(others, sharer.waits, self.last), wishes, ask.most)
        self.last = max([self.last, *(asked.number for asked in answer.waits)])
        sharer.waits = answer.waits
        if answer.granted:
            self._grant(run_id, sharer, answer.granted)
        return bool(answer.granted)

    def _grant(self, run_id: str, sharer: Sharer, granted: tuple[Wish, ...]) -> None:
        ask = sharer.ask
        for wish in granted:
            sharer.held[leg_of(wish)] = wish
            self._held.update(wish.slots)
        sharer.answers += 1
        sharer.ask = ask.rest(granted, sharer.answers)
        self._fresh.append(Granted(run_id, sharer.era, sharer.answers, ask.number, granted))

    def _turns(self, group: str) -> Iterator[Answer]:
        members = self.group(group)
        for run_id in members:
            sharer = self.runs[run_id]
            if not sharer.calls or sharer.entry is None:
                continue
            earlier = before(members, run_id, sharer.entry.ancestors)
            found = turn(sharer.entry.on_conflict, earlier)
            if found is Turn.GO:
                sharer.calls = False
                yield Admitted(run_id)
            elif found is Turn.END:
                for other in earlier:
                    if not self.runs[other].ends:
                        self.runs[other].ends = True
                        yield Superseded(other, run_id)


def _known(run_id: str, one: Sharer) -> Known:
    held = tuple(one.held.values())
    return Known(run_id, one.era, held, one.waits, one.ask, one.answers, one.entry, one.calls, one.ends)


def _sharer(one: Known) -> Sharer:
    held = {leg_of(wish): wish for wish in one.held}
    return Sharer(one.era, held, one.waits, one.ask, one.answers, one.entry, one.calls, one.ends)
