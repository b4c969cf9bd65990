"""Codec: an event as (type, v, at, data) and back. Pure; text and dicts in and out.

`data` is JSON in ASCII: the event's fields without `at`, and without those equal to their default. What JSON cannot
carry is marked (`parcels`).

**To change an event, or a class that stands inside one**: raise its version by adding an upcaster for the version
that was, even one that changes nothing. A version is never written twice with two meanings, so an older flowrun
refuses what it does not know, and this one reads all that was ever written. Then `tests/golden/journals/` gets one
file more, and the old ones stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

from flowrun.core.events import EVENTS, Event
from flowrun.core.plan import Json
from flowrun.errors import JournalError
from flowrun.journal.parcels import unwrap, wrap
from flowrun.journal.protocol import Record
from flowrun.journal.shapes import Change, dataclass_shape

Upcaster: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]


def _same(tree: dict[str, Any]) -> dict[str, Any]:
    """Fields came with a default, or an enum a member: what was written before reads as it is."""
    return tree


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("RunStarted", 1): _same,
    ("StepBegan", 1): _same,
    ("AbortRequested", 1): _same,
}
"""By type and version: what turns the `data` of that version, parsed, into that of the next."""

OLDER = "this flowrun is older than the journal"
UPGRADE = "Read it with the flowrun that wrote it, or a newer one: pip install --upgrade flowrun-rpa"


class Encoded(NamedTuple):
    """An event as it is stored. `at` is seconds since the epoch, `data` a JSON object in ASCII."""

    type: str
    v: int
    at: float
    data: str


def versions(upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS) -> dict[str, int]:
    """The version that each type is written in: one more than the last that has an upcaster."""
    newest = {event.__name__: 1 for event in EVENTS}
    for name, version in upcasters:
        newest[name] = max(newest[name], version + 1)
    return newest


_VERSIONS = versions()
_SHAPES: Mapping[str, tuple[Change, Change]] = {event.__name__: dataclass_shape(event) for event in EVENTS}
_WRITE = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":")).encode
_READ = json.JSONDecoder().decode


def encode(event: Event) -> Encoded:
    """The event as it is stored. JournalError for one that holds what is not JSON, or a time that is none."""
    name, version, at, tree = _tree(event)
    return Encoded(name, version, at, _WRITE(tree))


def decode(row: Encoded) -> Event:
    """The event that was stored, whatever version it was written in. JournalError where that cannot be told."""
    _know(row.type, row.v)
    try:
        tree = _READ(row.data)
    except (ValueError, RecursionError) as error:
        raise JournalError(f"a record of type {row.type} is not JSON: {error}") from error
    return _event(row.type, row.v, row.at, unwrap(tree) if '"$' in row.data else tree)


def dump(record: Record) -> dict[str, Json]:
    """A record as one JSON object, as `schemas/event.schema.json` describes it."""
    name, version, at, tree = _tree(record.event)
    return {"seq": record.seq, "epoch": record.epoch, "type": name, "v": version, "at": at, "data": tree}


def load(line: Mapping[str, Json]) -> Record:
    """What `dump` was given. JournalError for an object that is no record."""
    try:
        name, version, at, tree = line["type"], line["v"], line["at"], line["data"]
        seq, epoch = line["seq"], line["epoch"]
    except KeyError as error:
        raise JournalError(f"a record has no {error}") from None
    _know(name, version)
    return Record(seq, epoch, _event(name, version, at, unwrap(tree)))


def _tree(event: Event) -> tuple[str, int, float, Json]:
    name = type(event).__name__
    if not isfinite(event.at):
        raise JournalError(f"{name} has the time {event.at}: a record needs a finite number of seconds")
    fields = _SHAPES[name][0](event)
    fields.pop("at", None)
    at = float(event.at) + 0.0  # SQLite keeps no negative zero, and the chain is over what is read back
    return name, _VERSIONS[name], at, wrap(fields)


def _know(name: str, version: int) -> None:
    newest = _VERSIONS.get(name)
    if newest is None:
        raise JournalError(f"{OLDER}: it holds a record of the unknown type {name!r}", hint=UPGRADE)
    if version > newest:
        message = f"{OLDER}: it holds a record of type {name} in version {version}, known up to {newest}"
        raise JournalError(message, hint=UPGRADE)


def _event(name: str, version: int, at: float, tree: Json) -> Event:
    try:
        while version < _VERSIONS[name]:
            tree = UPCASTERS[name, version](tree)
            version += 1
        event: Event = _SHAPES[name][1]({**tree, "at": at})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"a record of type {name}, version {version}, does not have the shape of one: {error}"
        raise JournalError(message) from error
    return event
