"""What the YAML reader complains about, in words that say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flowrun.errors import Edit, Position, Problem
from flowrun.spec.fixes import of_quotes
from flowrun.spec.problems import lines_of, problem

_READINGS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a second `: ` on one line, or a line that is indented further than the one above it",
        "Put a value that contains `: ` inside quotes, or give both lines the same indentation.",
    ),
    (
        "could not find expected ':'",
        "a line without a colon, where a key was expected",
        "Write `key: value`, with a space after the colon.",
    ),
    (
        "'-' indicator",
        "a key stands where the next `- ` of a list was expected",
        "Indent it under its list item, or end the list by going back to the indentation of its key.",
    ),
    (
        "did not find expected key",
        "the indentation does not fit the lines above",
        "Keys of one map begin in the same column.",
    ),
    (
        "block end",
        "the indentation does not fit the lines above",
        "Keys of one map begin in the same column, and so do the items of one list.",
    ),
    (
        "end of stream",
        "a quote is opened and never closed",
        "Close it, or write the text with `|` over several lines.",
    ),
    (
        "unknown escape character",
        "a backslash in double quotes begins an escape that YAML does not know",
        "Use single quotes, where a backslash is a backslash.",
    ),
    (
        "hexdecimal number",
        "a backslash in double quotes begins an escape that YAML does not know",
        "Use single quotes, where a backslash is a backslash.",
    ),
    (
        "undefined tag handle",
        "a tag (`!...`) that is not declared",
        "Leave the tag out; a workflow needs none.",
    ),
    (
        "block sequence entries are not allowed",
        "a `- ` where no list can begin",
        "Begin a list on a line of its own, under its key.",
    ),
    ("alphabetic or numeric", "an `&` or `*` without a name", "Put the text inside quotes."),
    ("node content", "a value is missing", "Write one, or remove the comma."),
    (
        "comment or line break",
        "text behind the `|` or `>` that begins a block of text",
        "Begin the text on the next line, indented further than its key.",
    ),
    ("duplicate %YAML", "a second `%YAML` line", "Remove it; a workflow needs none."),
    ("incompatible YAML", "another version of YAML than 1.2", "Remove the `%YAML` line."),
    (
        "<document start>",
        "a `---` is missing: behind a `%` line at the top, or behind a line of three dots, a document begins with one",
        "Remove the `%` line, or the `...`; a workflow needs neither.",
    ),
)
_AT_A_SIGN: Mapping[str, tuple[str, str]] = {
    "}": ("a `}` that nothing has opened", "Remove it."),
    "]": ("a `]` that nothing has opened", "Remove it."),
    "&": ("a second anchor for one value", "Give a value one anchor."),
    "*": ("an alias where a value has an anchor already", "Write the alias alone: it is the anchored value."),
    "-": (
        "an item of a list among the keys of a map",
        "A value is a map or a list: indent the item, or write a key.",
    ),
}
"""What stands where a key was expected."""
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")
_NO_SPACE = (
    (re.compile(r"\s*-[^\s-]"), "Write `- key: value`, with a space behind the dash."),
    (re.compile(r"\s*[\w-]+:[^\s/]\S*\s*$"), "Write `key: value`, with a space behind the colon."),
)
_QUOTES = 'Inside braces and brackets an expression needs quotes: "${{ ... }}".'
_FLOW_ENDS = ("',' or '}'", "',' or ']'")


def explain(text: str, place: Position, reason: str, start: Position | None) -> Problem:
    """The problem for what the reader said at `place`, while it read something that began at `start`."""
    lines = lines_of(text)
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation:
        return problem("FR005", Position(place.line, indentation.index("\t") + 1))
    other, label = (start, "begun here") if start and start.line != place.line else (None, "")
    if found := _at_the_place(lines, place, start, reason):
        reading, hint = found
        fix = _quoted(lines, place, start) if hint == _QUOTES else ()
        return problem("FR004", place, hint=hint, other=other, other_label=label, fix=fix, reason=reading)
    if "end of stream" in reason and start:
        place, other, label = start, None, ""
    for words, reading, hint in _READINGS:
        if words in reason:
            return problem("FR004", place, hint=hint, other=other, other_label=label, reason=reading)
    return problem("FR004", place, other=other, other_label=label, reason=reason)


def _at_the_place(lines: Sequence[str], place: Position, start: Position | None, reason: str) -> tuple[str, str] | None:
    """What shows where the reader stopped, or where it began: a reading and a hint."""
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    begun = lines[start.line - 1] if start and start.line <= len(lines) else ""
    above = lines[max(place.line - 2, 0)]
    sign = line[place.column - 1 : place.column]
    before = line[: place.column - 1].rstrip()
    found = None
    if any(one.startswith(_CONFLICT) for one in (line, above, begun)):
        found = "a merge conflict that is not resolved", "Keep one of the two sides, and remove the lines of git."
    elif line.lstrip().startswith("{%"):
        found = "a statement of a template language", "A fan-out repeats a step: `fan_out: {matrix: {region: [...]}}`."
    elif any(end in reason for end in _FLOW_ENDS):
        found = _flow(lines, place, start)
    elif "start any token" in reason:
        found = f"a plain text cannot begin with {sign!r}", "Put the text inside quotes."
    elif "mapping values" in reason:
        spaced = (hint for pattern, hint in _NO_SPACE if pattern.match(above))
        found = ("a space is missing on the line above", hint) if (hint := next(spaced, "")) else None
    elif "expected key" in reason or "block end" in reason:
        found = _AT_A_SIGN.get(sign)
        if before.endswith(("'", '"')) and sign not in "}]":
            hint = "Put the whole text inside one pair of quotes; a single quote inside single quotes is written twice."
            found = "text behind a quote that is closed", hint
    return found


def _quoted(lines: Sequence[str], place: Position, start: Position | None) -> tuple[Edit, ...]:
    first = start.line if start else place.line
    return of_quotes(lines[first - 1 : place.line], first)


def _flow(lines: Sequence[str], place: Position, start: Position | None) -> tuple[str, str]:
    inside = lines[(start.line if start else place.line) - 1 : place.line]
    hint = "Separate the items with commas, and close the bracket."
    if any("${{" in line for line in inside):
        hint = _QUOTES
    elif any(line.lstrip().startswith("//") for line in inside):
        hint = "A comment begins with `#`."
    return "a `{` or `[` is not closed, or a comma is missing", hint
