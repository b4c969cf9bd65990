"""What goes over Temporal's wire: names, and plain JSON in which the values of steps and core travel.

A change to what is written here is read by workers and clients of other versions: add fields with a default, and raise
`VERSION` for what an older worker must not touch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar, cast

from flowrun.core.events import AbortRequested, AttemptFinished, RunReplanned
from flowrun.core.plan import Json
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Unknown
from flowrun.errors import JournalError
from flowrun.journal.codec import dump, load
from flowrun.journal.parcels import unwrap, wrap
from flowrun.journal.protocol import Record
from flowrun.journal.shapes import dataclass_shape
from flowrun.steps.protocol import Attempt, Started

VERSION = 1
"""Of what a run is told at its beginning. A worker that knows only older ones leaves the run alone."""

RUN = "flowrun.run"
START, WATCH, STOP, RECORD = "flowrun.start", "flowrun.watch", "flowrun.stop", "flowrun.record"
WORD, REPLAN, STATUS = "word", "replan", "status"
MOVED = "moved"
"""The type of the refusal of another plan for a run that has gone on since it was made."""

Tree: TypeAlias = dict[str, Any]
Answer: TypeAlias = Started | Failed | Cancelled | Unknown


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes of a run's pieces, fixed at its beginning so that a replay cuts as the first go did.

    `events` and `size`, in bytes: the history after which it continues as a new one. `starts` and `waits`: how many
    an activity takes. `slice`: events that follow in one workflow task. The rest are seconds. `lease`: without a sign
    of life, after which another worker takes a start over; `sign`: the same for what starts nothing; `window`: after
    which a watch returns though nothing happened; `grace`: for which a watch waits for starts in flight, so that one
    watch takes them all.
    """

    events: int = 4000
    size: int = 8 * 1024 * 1024
    starts: int = 200
    waits: int = 500
    slice: int = 400
    lease: float = 45.0
    sign: float = 15.0
    window: float = 600.0
    grace: float = 1.0


@dataclass(frozen=True, slots=True)
class Begin:
    """How a run begins, or goes on in a new history.

    `seq`: of the last record before those that come with it. `snapshot`: where the run stands after them; None for a
    new run, whose only record says it. `told`: the phase that was last told of each attempt in flight. `ancestors`: the
    runs that it is a step of, the nearest first.
    """

    version: int = VERSION
    seq: int = 0
    snapshot: Json = None
    limits: Limits = field(default_factory=Limits)
    told: Mapping[str, Told] = field(default_factory=dict)
    ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Awaited:
    """An attempt that runs outside, and the phase that was last told of it."""

    attempt: Attempt
    handle: Json
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A phase, and the kind's own word for it."""

    phase: Phase
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt came out."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class News:
    """What happened to the attempt at this place of a watch."""

    at: int
    what: Told | Ended


@dataclass(frozen=True, slots=True)
class Starts:
    """Attempts of one kind to start. `place`: the Orchestrator that the run belongs to, as its origin names it."""

    kind: str
    place: Json
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """One for each attempt, in their order. None where nobody can tell yet: ask again, and look before."""

    answers: tuple[Answer | None, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Attempts of one kind to look after, for at most so many seconds. `place` as in Starts."""

    kind: str
    place: Json
    awaited: tuple[Awaited, ...]
    window: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What a watch saw, in the order in which it happened."""

    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True)
class Stops:
    """Attempts of one kind to end. `place` as in Starts."""

    kind: str
    place: Json
    awaited: tuple[Awaited, ...]
    force: bool


Word: TypeAlias = AbortRequested | AttemptFinished | RunReplanned
"""What comes to a run from outside, besides the answers of its activities."""

Message: TypeAlias = Begin | Starts | Answers | Watch | Seen | Stops

M = TypeVar("M", Begin, Starts, Answers, Watch, Seen, Stops)

_MESSAGES = (Begin, Starts, Answers, Watch, Seen, Stops)
_SHAPES = {kind: dataclass_shape(kind) for kind in _MESSAGES}
_WORDS = (AbortRequested, AttemptFinished, RunReplanned)


def pack(message: Message) -> Tree:
    """The message as plain JSON."""
    return cast("Tree", wrap(_SHAPES[type(message)][0](message)))


def unpack(kind: type[M], tree: Tree) -> M:
    """What `pack` was given. Raises JournalError, ValueError, TypeError or KeyError for anything else."""
    return cast("M", _SHAPES[kind][1](unwrap(tree)))


def pack_word(word: Word) -> Tree:
    """As a record of a journal has it, without a number."""
    return dump(Record(0, 0, word))


def unpack_word(tree: Tree) -> Word:
    """What `pack_word` was given. Raises JournalError for anything else."""
    word = load(tree).event
    if not isinstance(word, _WORDS):
        raise JournalError(f"a run takes no {type(word).__name__} from outside")
    return word
