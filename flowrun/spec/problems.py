"""Problems: made from the catalogue of codes, sorted, counted, and shown with their source line."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from flowrun.errors import Edit, Position, Problem, UsageError
from flowrun.nearest import nearest
from flowrun.spec.codes import FAMILIES, Entry

SHOWN = 50
"""How many problems of one file are shown; the rest are counted."""

_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""What a terminal does not show, or lets turn the rest of the line around."""
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_WIDEST_FRAME = 160
_REFERENCE_HEAD = """# Problems

Every problem that flowrun finds in a file has a code that does not change. This page is made from the catalogue of
codes; `flowrun explain FRnnn` shows the same paragraphs.
"""
_RESET = "\x1b[0m"
_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "hint": "\x1b[36m", "frame": "\x1b[2m", "place": "\x1b[1m"}


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every code there is, in order."""
    entries = [entry for _, family in FAMILIES for entry in family]
    return {entry.code: entry for entry in sorted(entries, key=lambda entry: entry.code)}


def problem(
    code: str,
    position: Position | None,
    *,
    where: str = "",
    hint: str | None = None,
    other: Position | None = None,
    other_label: str = "",
    severity: str | None = None,
    **fields: Any,
) -> Problem:
    """A problem in the catalogue's wording. `hint` and `severity` go before its own; `fields` fill the words.

    `fix` among them is no word, but what puts it right.
    """
    entry = catalogue()[code]
    fix: tuple[Edit, ...] = fields.pop("fix", ())
    return Problem(
        code=code,
        message=entry.wording.format(**fields),
        position=position,
        where=where,
        hint=hint or (entry.hint.format(**fields) if entry.hint else None),
        severity=severity or entry.severity,
        other=other,
        other_label=other_label,
        fix=fix,
    )


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """File by file, by place in it, each only once; those without a place last."""

    def place(found: Problem) -> tuple[bool, str, Position, str, str]:
        return (found.position is None, found.file, found.position or Position(0, 0), found.code, found.where)

    return tuple(sorted(dict.fromkeys(problems), key=place))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The problems that are shown, and how many are not."""

    shown: tuple[Problem, ...]
    hidden: int


def excerpt(problems: Iterable[Problem], most: int = SHOWN) -> Excerpt:
    """The first `most` problems, errors before warnings where not all fit."""
    found = in_order(problems)
    if len(found) <= most:
        return Excerpt(found, 0)
    errors = [one for one in found if one.severity == "error"]
    rest = [one for one in found if one.severity != "error"]
    return Excerpt(in_order((errors + rest)[:most]), len(found) - most)


def render(found: Problem, text: str, file: str, *, color: bool = False) -> str:
    """`file:line:col: FRnnn where: message`, the source line with a caret, `hint: …`, and the second place."""
    return "\n".join(_Page(lines_of(text), color).problem(found, found.file or file))


def render_all(
    problems: Iterable[Problem],
    text: str,
    file: str,
    *,
    color: bool = False,
    others: Mapping[str, str] = MappingProxyType({}),
    fixes: bool = False,
) -> str:
    """At most SHOWN of them, a blank line between two, and a last line that counts the rest. Empty for none.

    `others`: the texts of further files that problems are about, by their names. `fixes`: say how to have those of this
    file put right that have a fix.
    """
    page = _Page(lines_of(text), color, fixes)
    pages = {name: _Page(lines_of(other), color) for name, other in others.items()}
    part = excerpt(problems)
    blocks = ["\n".join(pages.get(one.file, page).problem(one, one.file or file)) for one in part.shown]
    if part.hidden:
        blocks.append(f"... and {part.hidden} more")
    return "\n\n".join(blocks)


@lru_cache(maxsize=4)
def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text, cut where the YAML reader cuts them. The last few texts asked for are remembered."""
    return tuple(_BREAK.split(text.removeprefix("\ufeff")))


class _Page:
    """Draws problems of one text."""

    def __init__(self, lines: tuple[str, ...], color: bool, fixes: bool = False) -> None:  # noqa: FBT001, FBT002
        self._lines = lines
        self._color = color
        self._fixes = fixes

    def problem(self, found: Problem, file: str) -> list[str]:
        place = f"{file}:{found.position.line}:{found.position.column}:" if found.position else f"{file}:"
        where = f" {_seen(found.where)}:" if found.where else ""
        label = "" if found.severity == "error" else f" {found.severity}:"
        code = self._paint(found.severity, found.code + label)
        lines = [f"{self._paint('place', place)} {code}{where} {_seen(found.message)}"]
        gutter = self._gutter(found)
        if found.position:
            lines += self._frame(found.position, gutter, "")
        if found.other:
            lines += self._frame(found.other, gutter, found.other_label)
        if found.hint:
            first, *rest = map(_seen, found.hint.split("\n"))
            lines += [f"  {self._paint('hint', 'hint:')} {first}", *(f"        {line}" for line in rest)]
        if found.fix and self._fixes:
            lines.append(f"  {self._paint('hint', 'fix:')} flowrun validate --fix {_seen(file)}")
        return lines

    def _gutter(self, found: Problem) -> int:
        places = [place.line for place in (found.position, found.other) if place]
        return len(str(max(places, default=0)))

    def _frame(self, place: Position, gutter: int, label: str) -> list[str]:
        if place.line > len(self._lines) or not self._lines[place.line - 1].strip():
            return []
        source, column = _window(_UNPRINTABLE.sub(" ", self._lines[place.line - 1]), place.column)
        bar = self._paint("frame", "|")
        caret = " " * (column - 1) + self._paint("error", "^") + (f" {label}" if label else "")
        return [f"  {place.line:>{gutter}} {bar} {source}".rstrip(), f"  {'':>{gutter}} {bar} {caret}"]

    def _paint(self, what: str, text: str) -> str:
        return f"{_COLOURS[what]}{text}{_RESET}" if self._color else text


def _seen(text: str) -> str:
    """The text with an escape for what a terminal would not show."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _window(source: str, column: int) -> tuple[str, int]:
    """The part of a long line around a column, and where the column is in it."""
    if len(source) <= _WIDEST_FRAME:
        return source, column
    start = max(0, column - _WIDEST_FRAME // 2)
    cut = source[start : start + _WIDEST_FRAME]
    head = "..." if start else ""
    tail = "..." if start + _WIDEST_FRAME < len(source) else ""
    return head + cut + tail, column - start + len(head)


def explain(code: str) -> str:
    """The paragraph about a code. Raises UsageError for a code that there is not."""
    entry = catalogue().get(code.upper())
    if entry is None:
        near = nearest(code, catalogue())
        raise UsageError(f"there is no problem {code}", hint=f"did you mean {near}?" if near else "FR001, for one")
    return f"{entry.code}: {entry.title}\n\n{_wrapped(entry)}"


def _wrapped(entry: Entry) -> str:
    return textwrap.fill(entry.explanation, 118, break_long_words=False, break_on_hyphens=False)


def reference_page() -> str:
    """The Markdown of `docs/reference/problems.md`: every code with its paragraph."""
    parts = [_REFERENCE_HEAD]
    for title, family in FAMILIES:
        parts.append(f"## {title}\n")
        for entry in family:
            warning = " (warning)" if entry.severity == "warning" else ""
            parts.append(f"### {entry.code}: {entry.title}{warning}\n\n{_wrapped(entry)}\n")
    return "\n".join(parts)
