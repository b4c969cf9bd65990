"""Snapshot: where a run stands as one JSON value, and the run's state again. Pure; dicts in and out.

What follows from the plan is not written but worked out again, as at the beginning. A field at its default is left out,
and what JSON cannot carry is marked (`parcels`), as in the codec of events. Nobody adds a field here: what stands in
`core.state` is what is written.

**To change the state, or a class that stands inside it**: raise the version by adding an upcaster for the one that was,
even one that changes nothing. Then `tests/golden/snapshots/` gets one file more, and the old ones stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from flowrun.core.plan import Json
from flowrun.core.state import RunState, dependents, places
from flowrun.errors import JournalError
from flowrun.journal.parcels import unwrap, wrap
from flowrun.journal.shapes import dataclass_shape

Upcaster: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: Mapping[int, Upcaster] = {}
"""By version: what turns the state of that version into that of the next."""

VERSION = 1 + max(UPCASTERS, default=0)
"""What is written: one more than the last that has an upcaster."""

UPGRADE = "Let a flowrun go on with it that is as new as the one that wrote it: pip install --upgrade flowrun-rpa"

_WRITE, _READ = dataclass_shape(
    RunState,
    derived={
        "index": lambda given: places(given["plan"]),
        "dependents": lambda given: dependents(given["plan"], given["index"]),
    },
)


def dump(state: RunState) -> dict[str, Json]:
    """The state as `{"v": version, "state": {...}, "taken": [[step, key], ...]}`.

    A run goes on from a settled one as if nothing had been; from another the same follows, maybe in another order.
    `taken`: what an earlier run gave, and a leg of this one has taken over: it stands in the leg alone. JournalError
    where the state holds what is not JSON.
    """
    given = _given(state) if state.kept else {}
    rest = {who: outcome for who, outcome in state.kept.items() if given.get(who) != outcome}
    taken = [wrap(who) for who in state.kept if who not in rest]
    return {"v": VERSION, "state": wrap(_WRITE(replace(state, kept=rest))), "taken": taken}


def load(tree: Mapping[str, Json]) -> RunState:
    """What `dump` was given; a tuple within a parcel comes back as a list. JournalError for what is no snapshot."""
    version, plain = tree.get("v"), tree.get("state")
    if not isinstance(version, int) or not isinstance(plain, dict):
        raise JournalError("this is no snapshot of a run: it has no version, or no state")
    if version > VERSION:
        message = f"this flowrun is older than the run: its snapshot has version {version}, known up to {VERSION}"
        raise JournalError(message, hint=UPGRADE)
    try:
        fields = unwrap(plain)
        for old in range(version, VERSION):
            fields = UPCASTERS[old](fields)
        state: RunState = _READ(fields)
        taken = [tuple(unwrap(who)) for who in tree.get("taken", ())]
        given = _given(state) if taken else {}
        return replace(state, kept={**state.kept, **{who: given[who] for who in taken}})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise JournalError(f"a snapshot of version {version} does not have the shape of one: {error}") from error


def _given(state: RunState) -> dict[Any, Any]:
    """What the legs of the run gave, by step and key."""
    steps = zip(state.plan.steps, state.steps, strict=True)
    return {(step.id, leg.leg.key): leg.outcome for step, done in steps for leg in done.legs}
