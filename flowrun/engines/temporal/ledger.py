"""Ledger: the records of a run, on their way into Temporal's history. It rides with what is done about them.

The first argument of every activity is what has been put on record since the one before. Both come into the history by
one commit of the server, so nothing is ever done about an event that is not there: append, then act.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from operator import itemgetter
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityHandle

from flowrun.core.events import Event
from flowrun.core.run import Run
from flowrun.engines.temporal import attributes
from flowrun.engines.temporal.wire import RECORD, Message, Tree, pack
from flowrun.journal.codec import dump
from flowrun.journal.protocol import Record

_FOREVER = timedelta(days=365)
"""An activity's own end: what it waits for may take as long as it likes, and signs of life say whether it lives."""

_AT_ONCE = timedelta(seconds=60)
"""One that does nothing, and gives no sign of life while it does."""

_AGAIN = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=60)
)
_HASH = 12


class Ledger:
    """Implements `engines.loop.Scribe`. `seq` is the number of the last record that has been written."""

    def __init__(self, seq: int, status: str, queue: str, most: int) -> None:
        self.seq = seq
        self.most: int | None = most
        self._records: list[Tree] = []
        self._status = status
        self._queue = queue
        self._calls = 0
        self._task = -1
        self._carried: dict[ActivityHandle[Any], list[Tree]] = {}

    def commit(self, events: Sequence[Event], run: Run) -> None:
        """Take them in; `flush`, or what is done about them, brings them into the history."""
        for event in events:
            self.seq += 1
            self._records.append(dump(Record(self.seq, run.state.epoch, event)))
        status = str(run.state.status)
        if status != self._status:
            self._status = status
            workflow.upsert_search_attributes([attributes.STATUS.value_set(status)])

    def take(self) -> list[Tree]:
        """Those that no history has yet. They have one when the present workflow task is over."""
        records, self._records = self._records, []
        return records

    def flush(self) -> None:
        """Bring them into the history, though nothing is to be done about them."""
        if self._records:
            self.call(RECORD, None, (), sign=None)

    def call(
        self,
        name: str,
        message: Message | None,
        parts: Iterable[str],
        *,
        sign: float | None,
        queue: str | None = None,
        until_ended: bool = False,
    ) -> ActivityHandle[Any]:
        """Begin an activity, with what is on record. It goes on until it is done, whatever happens to its worker.

        `parts` names what it is about. With what is on record it makes the id of the activity, to which a replay must
        come again: Temporal itself compares no arguments, and records that are others would be numbered twice. `sign`:
        seconds without a sign of life after which another worker takes over. `until_ended`: who cancels it waits for
        its word.
        """
        self._calls += 1
        records = self.take()
        told = "\0".join((*parts, *map(_name, records)))
        digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
        kind = ActivityCancellationType
        handle = workflow.start_activity(
            name,
            args=[records, None if message is None else pack(message)],
            task_queue=queue or self._queue,
            activity_id=f"{name.rpartition('.')[2]}-{self._calls}-{digest}",
            start_to_close_timeout=_AT_ONCE if sign is None else _FOREVER,
            heartbeat_timeout=None if sign is None else timedelta(seconds=sign),
            retry_policy=_AGAIN,
            cancellation_type=kind.WAIT_CANCELLATION_COMPLETED if until_ended else kind.TRY_CANCEL,
        )
        self._notice()
        self._carried[handle] = records
        return handle

    def cancel(self, handle: ActivityHandle[Any]) -> None:
        """Want an activity no more. What was begun in the present task is never heard of: others carry its records."""
        handle.cancel()
        self._notice()
        records = self._carried.pop(handle, None)
        if records:
            self._records = sorted((*records, *self._records), key=itemgetter("seq"))

    def _notice(self) -> None:
        """What earlier tasks have begun is in the history."""
        task = workflow.info().get_current_history_length()
        if task != self._task:
            self._task = task
            self._carried.clear()


def _name(record: Tree) -> str:
    """Which record it is, without its words and times: a later flowrun may put them better."""
    data = record["data"]
    return f"{record['seq']} {record['type']} {data.get('step_id', '')} {data.get('leg', '')}"
