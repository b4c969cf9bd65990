"""Fixes: what can be written instead without a choice, made where a problem is found, and put into the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from flowrun.core.plan import Json
from flowrun.errors import Edit, Position, Problem
from flowrun.nearest import folded
from flowrun.orchestrator.wire import JobPriority
from flowrun.spec.places import Document, Path
from flowrun.spec.problems import lines_of
from flowrun.spec.suggest import DIALECTS
from flowrun.steps.fields import IDENTIFIER

_NEAR = 0.65
"""As in `nearest`: what is no near word for a hint is none for a fix either."""
_AHEAD = 0.2
"""By how much the nearest word has to be nearer than the next, for nobody to ask which of them is meant."""
_UNQUOTED = re.compile(r"(?:(?<=[:,\[{] )|(?<=\[))\$\{\{[^{}\"\n]*\}\}(?=\s*[,}\]])")
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")

_SAME: dict[str, tuple[str, str]] = {
    "dependson": ("needs", "ids"),
    "dependencies": ("needs", "ids"),
    "requires": ("needs", "ids"),
    "process": ("release", "text"),
    "processname": ("release", "text"),
    "releasename": ("release", "text"),
    "processkey": ("release_key", "text"),
    "args": ("input_arguments", "map"),
    "arguments": ("input_arguments", "map"),
    "with": ("input_arguments", "map"),
    "displayname": ("name", "text"),
    "folderpath": ("folder", "text"),
    "organizationunitid": ("folder", "number"),
    "noofrobots": ("jobs_count", "number"),
    "robotnames": ("robots", "ids"),
    "priority": ("job_priority", "priority"),
    "allowfailure": ("continue_on_error", "boolean"),
    "retries": ("retry", "number"),
    "retrycount": ("retry", "number"),
    "timeoutminutes": ("timeout", "minutes"),
    "timeoutinminutes": ("timeout", "minutes"),
}
"""Words of other systems that mean the same as a key of ours where their value is of this kind."""


def of_key(document: Document, path: Path, allowed: Iterable[str]) -> tuple[Edit, ...]:
    """The right key for one that is not known; nothing where there is more than one, or one that is there already."""
    name = str(path[-1])
    keys = list(allowed)
    siblings = document.at(path[:-1])
    value = document.at(path)
    key, kind = _SAME.get(folded(name), ("", ""))
    if not key or key not in keys or not _is(value, kind):
        key, kind = _one_near(name, keys), ""
    if not key or not isinstance(siblings, dict) or key in siblings:
        return ()
    edits = _replaced(document, document.position(path, key=True), name, key)
    if kind != "minutes" or not edits:
        return edits
    more = _replaced(document, document.position(path), str(value), f"{value}m")
    return (*edits, *more) if more else ()


def of_value(document: Document, path: Path, right: str) -> tuple[Edit, ...]:
    """Another word for a plain one."""
    return _replaced(document, document.position(path), str(document.at(path)), right)


def of_word(document: Document, path: Path, allowed: Iterable[str]) -> tuple[Edit, ...]:
    """The word that is meant where only case, hyphens and underscores differ."""
    word = document.at(path)
    same = [one for one in allowed if isinstance(word, str) and folded(one) == folded(word)]
    return of_value(document, path, same[0]) if len(same) == 1 else ()


def of_dollar(document: Document, place: Position) -> tuple[Edit, ...]:
    """A `$` in front of braces that begin an expression."""
    line = lines_of(document.text)[place.line - 1]
    at = place.column - 1
    bare = line.startswith("{{", at) and not line.startswith("$", at - 1 if at else 0)
    return (Edit(place, place, "$"),) if bare else ()


def of_quotes(lines: Iterable[str], first: int) -> tuple[Edit, ...]:
    """Double quotes around expressions that stand plain in braces or brackets. `first` is the number of the line."""
    return tuple(
        Edit(Position(number, found.start() + 1), Position(number, found.end() + 1), f'"{found.group()}"')
        for number, line in enumerate(lines, first)
        for found in _UNQUOTED.finditer(line)
    )


def applied(text: str, problems: Iterable[Problem]) -> tuple[str, int]:
    """The text with the fixes of these problems, and how many. Of those that overlap, the first is taken."""
    mark = text[: text.startswith("\ufeff")]
    body = text.removeprefix("\ufeff")
    starts = [0, *(found.end() for found in _BREAK.finditer(body))]
    taken: list[tuple[int, int, str]] = []
    count = 0
    for fix in dict.fromkeys(one.fix for one in problems if one.fix):
        spans = [(_offset(starts, one.start), _offset(starts, one.end), one.text) for one in fix]
        if not any(start <= other[1] and other[0] <= end for start, end, _ in spans for other in taken):
            taken += spans
            count += 1
    for start, end, new in sorted(taken, reverse=True):
        body = body[:start] + new + body[end:]
    return mark + body, count


def _one_near(word: str, keys: list[str]) -> str:
    """The only key that is near; the one that differs in case, hyphens and underscores alone goes first."""
    same = [key for key in keys if folded(key) == folded(word)]
    if same or folded(word) in DIALECTS:
        return same[0] if len(same) == 1 else ""
    ranked = sorted(((SequenceMatcher(None, key, word).ratio(), key) for key in keys), reverse=True)
    (best, key), (second, _) = (*ranked, (0.0, ""), (0.0, ""))[:2]
    return key if best >= _NEAR and (second < _NEAR or best - second >= _AHEAD) else ""


def _is(value: Json, kind: str) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "map":
            return isinstance(value, dict)
        case "boolean":
            return isinstance(value, bool)
        case "number" | "minutes":
            return isinstance(value, int) and not isinstance(value, bool) and value > 0
        case "priority":
            return value in tuple(JobPriority)
        case _:
            items = value if isinstance(value, list) else [value]
            return bool(items) and all(isinstance(one, str) and IDENTIFIER.fullmatch(one) for one in items)


def _replaced(document: Document, place: Position, old: str, new: str) -> tuple[Edit, ...]:
    """Another text for one that stands at a place as it is; nothing where it is written in another way."""
    line = lines_of(document.text)[place.line - 1]
    if not old or not line.startswith(old, place.column - 1):
        return ()
    return (Edit(place, Position(place.line, place.column + len(old)), new),)


def _offset(starts: list[int], place: Position) -> int:
    return starts[place.line - 1] + place.column - 1
