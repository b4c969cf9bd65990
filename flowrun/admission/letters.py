"""Letters: what a run and the register that it shares slots by tell each other, and the run's side of it.

They may pass each other on their way, but each side's arrive in the order in which they were written. So both are
counted: a question that was put without knowledge of the last answer is not answered, and is put again by who hears of
one that it did not know of. Who begins to speak says all that it holds; a register that has forgotten it asks for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from flowrun.core.commands import Wish
from flowrun.core.plan import OnConflict
from flowrun.core.pools import Slots


@dataclass(frozen=True, slots=True)
class Leg:
    """A step, and which of its legs."""

    step_id: str
    leg: int


def leg_of(wish: Wish) -> Leg:
    """Whose it is."""
    return Leg(wish.step_id, wish.leg)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a run asks for now; what it asked for before, it does no more. `wishes` and `most`: as `pools.grant`.

    `number` counts its questions from 1, `seen` is the number of the last answer that it had heard.
    """

    number: int = 0
    seen: int = 0
    capacities: Slots = field(default_factory=dict)
    wishes: tuple[Wish, ...] = ()
    most: int = 0

    def rest(self, granted: Sequence[Wish], answer: int) -> Ask:
        """What is left of it after this answer."""
        wishes = tuple(wish for wish in self.wishes if wish not in granted)
        return replace(self, seen=answer, wishes=wishes, most=self.most - len(granted))


@dataclass(frozen=True, slots=True)
class Entry:
    """A run's place in a concurrency group. `ancestors`: the runs that it is a step of, which wait for it."""

    group: str
    on_conflict: OnConflict = OnConflict.QUEUE
    ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """From a run. `era` names the talk that it belongs to: what was said in an earlier one is not meant any more.

    `hold`: where a talk begins, all that the run holds, else None. `calls`: it waits for its turn in its group. `back`:
    what it gives back. `over`: it has ended.
    """

    run_id: str
    era: str
    hold: tuple[Wish, ...] | None = None
    entry: Entry | None = None
    calls: bool = False
    back: tuple[Leg, ...] = ()
    ask: Ask | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """To a run: these have their slots. `number` counts the answers to it, `to` is the question that was answered."""

    run_id: str
    era: str
    number: int
    to: int
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Anew:
    """To a run: it is not known here. It is to begin another talk."""

    run_id: str
    era: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """To a run: it is its turn."""

    run_id: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """To a run: it is to end, for `by`, which came after it, is not to wait."""

    run_id: str
    by: str


Answer: TypeAlias = Granted | Anew | Admitted | Superseded


class Party:
    """A run's side. `life` names the process or execution that speaks: no other ever had the same name."""

    def __init__(self, run_id: str, life: str, entry: Entry | None = None) -> None:
        self._run_id = run_id
        self._life = life
        self._entry = entry
        self._talk = 1
        self._begun = False
        self._known_there = entry is not None
        self._calls = False
        self._over = False
        self._held: dict[Leg, Wish] = {}
        self._back: list[Leg] = []
        self._heard = 0
        self._crossed = False
        self._asked = Ask()
        self._wanted = Ask()

    @property
    def era(self) -> str:
        """The talk that goes on."""
        return f"{self._life}/{self._talk}"

    def begin(self, held: Iterable[Wish], *, calls: bool, known: bool) -> None:
        """The run holds these, and waits for its turn where it `calls`. `known`: it may have spoken in another life."""
        self._held = {leg_of(wish): wish for wish in held}
        self._calls = calls
        self._known_there |= known

    def want(self, capacities: Slots, wishes: tuple[Wish, ...], most: int) -> None:
        """What the run asks for now."""
        most = min(most, len(wishes))
        self._wanted = Ask(0, 0, dict(capacities), wishes, most) if most else Ask()

    def give_back(self, step_id: str, leg: int) -> None:
        """A leg of the run holds nothing any more."""
        held = Leg(step_id, leg)
        if self._held.pop(held, None) is not None and self._begun:
            self._back.append(held)

    def end(self) -> None:
        """The run has ended."""
        self._over = True

    def admitted(self) -> None:
        """It was its turn."""
        self._calls = False

    def hear(self, answer: Granted | Anew) -> tuple[Wish, ...]:
        """What was granted by this answer. The run holds it, and is to give back what it has no use for any more."""
        if answer.era != self.era:
            return ()
        if isinstance(answer, Anew):
            self._talk += 1
            self._begun, self._back, self._heard, self._asked, self._crossed = False, [], 0, Ask(), False
            return ()
        self._heard = answer.number
        if answer.to == self._asked.number:
            self._asked = self._asked.rest(answer.wishes, answer.number)
        else:
            self._crossed = True
        self._held |= {leg_of(wish): wish for wish in answer.wishes}
        return answer.wishes

    def letter(self) -> Letter | None:
        """What the register is to be told now: None where it knows all, or need not know that there is such a run."""
        if self._over:
            known, self._known_there = self._known_there, False
            return Letter(self._run_id, self.era, over=True) if known else None
        if not self._begun:
            return self._first()
        ask = self._question()
        if ask is None and not self._back:
            return None
        back, self._back = tuple(self._back), []
        return Letter(self._run_id, self.era, back=back, ask=ask)

    def _first(self) -> Letter | None:
        ask = self._question()
        if ask is None and not self._held and not self._known_there:
            return None
        self._begun = self._known_there = True
        hold = tuple(self._held.values())
        return Letter(self._run_id, self.era, hold, self._entry, self._calls and self._entry is not None, ask=ask)

    def _question(self) -> Ask | None:
        """The next one, where the register does not know already that the run asks for this."""
        wanted, asked = self._wanted, self._asked
        same = (wanted.wishes, wanted.most, wanted.capacities) == (asked.wishes, asked.most, asked.capacities)
        if not self._crossed and (same or not (wanted.most or asked.most)):
            return None
        self._crossed = False
        self._asked = replace(wanted, number=asked.number + 1, seen=self._heard)
        return self._asked
