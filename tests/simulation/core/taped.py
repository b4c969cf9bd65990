"""A run that notes what it is asked and what it answers; and another, made of its snapshot, that must say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from flowrun.core.pools import Place
from flowrun.core.protocol import Evaluator
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.journal.snapshot import dump, load

ASKED = ("record", "take", "settle", "grant", "wishes", "room", "touched", "deadline", "outstanding")
"""What an engine asks of a run."""


@dataclass(frozen=True)
class Call:
    """What was asked, what the answer was, and how the run stood after it."""

    name: str
    arguments: tuple[Any, ...]
    answer: Any
    after: RunState


class Taped(Run):
    """Notes what comes from outside, and no calls of its own; `tapes` has one of each run, whose `states` are all."""

    tapes: ClassVar[list[Taped]] = []

    def __init__(self, *given: Any, **more: Any) -> None:
        self.calls: list[Call] = []
        self.states: list[RunState] = []
        self.sharing = more.get("sharing", False)
        self._inside = 0
        self.tapes.append(self)
        super().__init__(*given, **more)
        self.states.append(self.state)


def _noted(name: str) -> Callable[..., Any]:
    asked = getattr(Run, name)

    def note(self: Taped, *arguments: Any) -> Any:
        self._inside += 1
        answer = asked(self, *arguments)
        self._inside -= 1
        if name == "record":
            self.states.append(self.state)
        if not self._inside:
            self.calls.append(Call(name, arguments, answer, self.state))
        return answer

    return note


for asked_name in ASKED:
    setattr(Taped, asked_name, _noted(asked_name))


def again(state: RunState) -> RunState:
    """The state, through a snapshot that was text in between."""
    return load(json.loads(json.dumps(dump(state))))


def _active(state: RunState) -> list[Place]:
    legs = ((at, leg) for at, step in enumerate(state.steps) for leg in range(len(step.legs)))
    return [place for place in legs if state.leg(*place).status.active]


def settled(tape: Taped) -> list[int]:
    """The calls after which the run was settled."""
    return [at for at, call in enumerate(tape.calls) if call.name == "settle"]


def interrupt(tape: Taped, evaluator: Evaluator, places: Iterable[int]) -> None:
    """At each of these calls, another run is made of the snapshot, and asked all that followed.

    Raises AssertionError where it answers or stands otherwise.
    """
    for at in places:
        call = tape.calls[at]
        other = Run.restore(again(call.after), evaluator, sharing=tape.sharing)
        assert other.settle(*call.arguments) == [], "a snapshot unsettles the run"
        first = True
        for later in tape.calls[at + 1 :]:
            answer = getattr(other, later.name)(*later.arguments)
            if later.name == "touched" and first:  # all that may be alive, for nothing of it is in flight any more
                first = False
                assert answer == _active(later.after)
            else:
                assert answer == later.answer, later.name
            assert other.state == later.after
