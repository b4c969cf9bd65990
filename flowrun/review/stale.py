"""What moved since a plan was made: two plan files of one workflow, compared in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from flowrun.core.plan import Json

_FACTS = ("release_key", "package", "version", "entry_point", "arguments", "folder", "folder_id", "folder_key")
_WORDS = {
    "release_key": "Release",
    "entry_point": "entry point",
    "arguments": "argument schema",
    "folder_id": "id of the folder",
    "folder_key": "key of the folder",
}
_REST = ("kind", "written", "needs", "fan_out", "if", "given")


def stale(before: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[str, ...]:
    """Each thing that moved. What was only told (usual times, runtimes, marks) may be otherwise."""
    return tuple(dict.fromkeys(_stale(before, now)))


def _stale(before: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[str]:
    if before["flowrun"] != now["flowrun"]:
        yield f"flowrun {before['flowrun']} → {now['flowrun']}"
    yield from _each("", before["target"], now["target"])
    if before["context"]["name"] != now["context"]["name"]:
        yield f"context {before['context']['name']} → {now['context']['name']}"
    yield from _files(before["made_from"]["files"], now["made_from"]["files"])
    if before["made_from"]["lock"] != now["made_from"]["lock"]:
        yield "flowrun.lock has changed"
    yield from _each("input ", before["inputs"], now["inputs"])
    if before["max_parallel"] != now["max_parallel"]:
        yield f"max_parallel {_shown(before['max_parallel'])} → {_shown(now['max_parallel'])}"
    yield from _steps(before["steps"], now["steps"])


def _files(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *now)):
        if name not in now:
            yield f"{name} is no part of it any more"
        elif name not in before:
            yield f"{name} is part of it now"
        elif before[name] != now[name]:
            yield f"{name} has changed"


def _steps(before: Json, now: Json) -> Iterator[str]:
    was = {(row["file"], row["id"]): row for row in before}
    are = {(row["file"], row["id"]): row for row in now}
    for key in dict.fromkeys((*was, *are)):
        name = f"step {key[1]}" + (f" of {key[0]}" if key[0] else "")
        if key not in are or key not in was:
            yield f"{name} is {'gone' if key not in are else 'new'}"
            continue
        for field in _FACTS:
            old, new = was[key][field], are[key][field]
            if old != new and field == "arguments":
                yield f"{name}: its Release takes or gives other arguments"
            elif old != new:
                yield f"{name}: {_WORDS.get(field, field)} {_plain(old)} → {_plain(new)}"
        if any(was[key][field] != are[key][field] for field in _REST):
            yield f"{name}: what it is started with has changed"


def _each(what: str, before: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *now)):
        if before.get(name) != now.get(name):
            yield f"{what}{name} {_shown(before.get(name))} → {_shown(now.get(name))}"


def _plain(value: Json) -> str:
    return "none" if value in (None, "") else str(value)


def _shown(value: Json) -> str:
    return (
        value
        if isinstance(value, str) and value
        else "none"
        if value is None
        else json.dumps(value, ensure_ascii=False)
    )
