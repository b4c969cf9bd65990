"""Triggers: what a Suspended Job waits for, an inbox that is delivered to or a time. Each is a record of the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from flowrun.emulator.entities import Job, Json
from flowrun.emulator.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Suspension:
    """What a program asked for when it was suspended. `state` comes back to it; `seconds` is None for an inbox.

    A robot from outside names the inbox itself, and the kind of trigger: one that is neither an inbox nor a time is
    shown, and only ResumeJob ends it.
    """

    message: str | None = None
    seconds: float | None = None
    state: Json = None
    inbox: str | None = None
    kind: str | None = None


@dataclass(slots=True)
class Trigger:
    """One wait of a Job. `timer` is seconds since the epoch; `delivered` is the body of the delivery."""

    id: int
    job_id: int
    inbox: str
    message: str | None
    timer: float | None
    state: Json
    kind: str | None = None
    fired: bool = False
    delivered: Json = None

    @property
    def type(self) -> str:
        """As the API names it."""
        return self.kind or ("Inbox" if self.timer is None else "Timer")


class Triggers:
    """All that ever were, by id, by inbox and by Job."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._all: list[Trigger] = []
        self._by_inbox: dict[str, Trigger] = {}
        self._latest: dict[int, Trigger] = {}

    def open(self, job: Job, suspension: Suspension, now: float) -> Trigger:
        """Add the one that a Job now waits for."""
        timer = None if suspension.seconds is None else now + suspension.seconds
        number = len(self._all) + 1
        inbox = (suspension.inbox or str(uuid.uuid4())).lower()
        trigger = Trigger(number, job.id, inbox, suspension.message, timer, suspension.state, suspension.kind)
        self._ledger.write(
            "trigger",
            id=number,
            job_id=job.id,
            inbox=trigger.inbox,
            message=trigger.message,
            timer=timer,
            state=trigger.state,
            kind=trigger.kind,
        )
        self._add(trigger)
        return trigger

    def fire(self, trigger: Trigger, delivered: Json = None) -> None:
        """It is what was waited for. A trigger fires once."""
        self._ledger.write("trigger_fired", id=trigger.id, delivered=delivered)
        trigger.fired, trigger.delivered = True, delivered

    def find(self, inbox: str) -> Trigger | None:
        """By inbox, in any case."""
        return self._by_inbox.get(inbox.lower())

    def listed(self) -> list[Trigger]:
        """All, oldest first."""
        return list(self._all)

    def of(self, job: Job) -> Trigger | None:
        """The last of a Job's."""
        return self._latest.get(job.id)

    def restore(self, records: Iterable[Json]) -> None:
        """Know again what an earlier emulator's ledger tells."""
        for record in records:
            if record["type"] == "trigger":
                names = ("id", "job_id", "inbox", "message", "timer", "state")
                self._add(Trigger(**{name: record[name] for name in names}, kind=record.get("kind")))
            elif record["type"] == "trigger_fired":
                trigger = self._all[record["id"] - 1]
                trigger.fired, trigger.delivered = True, record["delivered"]

    def _add(self, trigger: Trigger) -> None:
        self._all.append(trigger)
        self._by_inbox[trigger.inbox] = trigger
        self._latest[trigger.job_id] = trigger
