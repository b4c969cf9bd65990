"""Post: what runs, the arbiter of their queue and their children tell each other by signals, as plain JSON.

As on the wire of runs, what is written here is read by workers of other versions: add fields with a default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar, cast

from temporalio import workflow

from flowrun.admission.letters import Admitted, Anew, Answer, Entry, Granted, Letter
from flowrun.admission.register import State
from flowrun.core.status import Phase
from flowrun.engines.temporal.wire import Tree
from flowrun.journal.parcels import unwrap, wrap
from flowrun.journal.shapes import dataclass_shape
from flowrun.steps.upshot import Upshot

ADMISSION = "flowrun.admission"
TELL, CLAIMS, CHILD = "tell", "claims", "child"
"""Signals: from a run to the arbiter, from the arbiter to a run, from a run to the run that it is a step of."""

ENTER, SLOTS = "enter", "slots"
"""Of the arbiter: the update by which a run that is about to begin enters its group, and the query: who holds what."""

LOOK = "flowrun.look"
"""The activity that looks whether runs still go on."""

OPEN, CLOSED, NONE = "open", "closed", "none"
"""What it says of each."""


def arbiter_id(queue: str) -> str:
    """The workflow id of the arbiter among the runs of a task queue."""
    return f"flowrun-admission-{queue}"


@dataclass(frozen=True, slots=True)
class Entering:
    """A run that is about to begin, in the workflow of this id, wants to enter its group."""

    run_id: str
    workflow: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Entered:
    """Whether it did: not where there are runs `before` it, and it is not to begin then."""

    run_id: str
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """From a run in the workflow of this id: about itself, and for a child that it is about to begin."""

    workflow: str
    letter: Letter | None = None
    child: Entering | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """To a run, in the order in which it happened."""

    granted: tuple[Granted, ...] = ()
    anew: tuple[Anew, ...] = ()
    admitted: bool = False
    entered: tuple[Entered, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A child's word for how far it is."""

    phase: Phase
    words: str


@dataclass(frozen=True, slots=True)
class News:
    """From a child: what it has said since, and how it ended, once it has."""

    run_id: str
    said: tuple[Said, ...] = ()
    upshot: Upshot | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a run is. `since`: when it was heard of first, in seconds since the epoch. `spoken`: by itself."""

    run_id: str
    workflow: str
    since: float
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """What an arbiter goes on with. `events`: the length of the history after which it continues in a new one."""

    register: State = field(default_factory=State)
    addresses: tuple[Address, ...] = ()
    events: int = 4000


Letterlike: TypeAlias = Mail | Reply | News | Office | Entering

T = TypeVar("T", Mail, Reply, News, Office, Entering)

_SHAPES = {kind: dataclass_shape(kind) for kind in (Mail, Reply, News, Office, Entering)}


def pack(value: Letterlike) -> Tree:
    """As plain JSON."""
    return cast("Tree", wrap(_SHAPES[type(value)][0](value)))


def unpack(kind: type[T], tree: Tree) -> T:
    """What `pack` was given. Raises ValueError, TypeError or KeyError for anything else."""
    return cast("T", _SHAPES[kind][1](unwrap(tree)))


def heard(kind: type[T], tree: Tree) -> T | None:
    """The same in a workflow that got it by a signal. None for anything else: one cannot refuse a signal."""
    try:
        return unpack(kind, tree)
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # of a newer flowrun, or of somebody else
        workflow.logger.warning("a %s that is none: %s", kind.__name__, error)
        return None


def reply(answers: Sequence[Answer]) -> Reply:
    """What one run is told at once: nothing of this is undone by what comes after it."""

    def of(kind: type[Any]) -> tuple[Any, ...]:
        return tuple(answer for answer in answers if isinstance(answer, kind))

    return Reply(of(Granted), of(Anew), bool(of(Admitted)))
