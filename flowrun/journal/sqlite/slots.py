"""Slots: the rows in which legs hold slots of pools, and those in which runs wait for some. Inside a transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flowrun.admission.pools import Asked, Queue, grant
from flowrun.core.commands import Wish
from flowrun.core.events import AttemptFinished, Event, LegFinished, RunFinished
from flowrun.core.pools import Slots
from flowrun.journal import chain
from flowrun.journal.protocol import Slot
from flowrun.journal.queries import query


class Damaged(Exception):
    """A row is not as it was written. `args`: the table and the run."""


def held(database: sqlite3.Connection) -> list[Slot]:
    """What the legs of all runs hold. Raises Damaged."""
    return [Slot(*values) for values in _sealed(database, "slots")]


def take(
    database: sqlite3.Connection,
    run_id: str,
    capacities: Slots,
    wishes: Sequence[Wish],
    most: int,
    lives: Callable[[str], bool],
) -> tuple[Wish, ...]:
    """Write down what is granted and what is waited for; nothing where neither changes. Raises Damaged.

    `lives`: whether a process drives a run. For one whose process is gone no slot is kept that it does not hold.
    """
    rows = list(_sealed(database, "waits"))
    waits = [(owner, Asked(number, json.loads(wanted))) for owner, wanted, number in rows]
    own = {_text(asked.slots): asked for owner, asked in waits if owner == run_id}
    if not wishes:
        _wait_for(database, run_id, own, {})
        return ()
    wanted = {pool for wish in wishes for pool in wish.slots}
    alive = {owner: lives(owner) for owner, asked in waits if owner != run_id and not wanted.isdisjoint(asked.slots)}
    others = [asked for owner, asked in waits if alive.get(owner)]
    taken: Counter[str] = Counter()
    for slot in held(database):
        taken[slot.pool] += slot.count
    queue = Queue(others, [*own.values()], max((number for _, _, number in rows), default=0))
    answer = grant(capacities, taken, queue, wishes, most)
    _write(database, run_id, answer.granted)
    _wait_for(database, run_id, own, {_text(asked.slots): asked for asked in answer.waits})
    return answer.granted


def hold(database: sqlite3.Connection, run_id: str, wishes: Sequence[Wish]) -> int:
    """The run holds these and no others, and waits for none; how many rows that makes."""
    database.execute(query("give_all_back"), (run_id,))
    database.execute(query("wait_no_more"), (run_id,))
    return _write(database, run_id, wishes)


def give_back(database: sqlite3.Connection, run_id: str, events: Iterable[Event]) -> int:
    """The slots of what ended by these events; how many rows that were."""
    count = 0
    for event in events:
        if isinstance(event, AttemptFinished | LegFinished):
            count += database.execute(query("give_back"), (run_id, event.step_id, event.leg)).rowcount
        elif isinstance(event, RunFinished):
            count += database.execute(query("give_all_back"), (run_id,)).rowcount
    return count


def wait_no_more(database: sqlite3.Connection, run_id: str) -> None:
    """The run waits for nothing any more."""
    database.execute(query("wait_no_more"), (run_id,))


def rows_of(wishes: Iterable[Wish]) -> int:
    """How many rows these make."""
    return sum(len(wish.slots) for wish in wishes)


def _write(database: sqlite3.Connection, run_id: str, wishes: Sequence[Wish]) -> int:
    rows = [
        (run_id, wish.step_id, wish.leg, pool, count, wish.leg_key)
        for wish in wishes
        for pool, count in wish.slots.items()
    ]
    database.executemany(query("add_slot"), [(*row, chain.seal(*row)) for row in rows])
    return len(rows)


def _wait_for(database: sqlite3.Connection, run_id: str, before: dict[str, Asked], after: dict[str, Asked]) -> None:
    if before != after:
        database.execute(query("wait_no_more"), (run_id,))
        rows = [(run_id, text, asked.number) for text, asked in after.items()]
        database.executemany(query("add_wait"), [(*row, chain.seal(*row)) for row in rows])


def _text(slots: Slots) -> str:
    return json.dumps(dict(slots), sort_keys=True)


def _sealed(database: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    for *values, seal in database.execute(query(table)).fetchall():
        if seal != chain.seal(*values):
            raise Damaged(table, values[0])
        yield tuple(values)
