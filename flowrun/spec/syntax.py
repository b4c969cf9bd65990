"""What the YAML reader complains about, in words that say what to write instead."""

from __future__ import annotations

from flowrun.errors import Position, Problem
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
)
_FLOW_ENDS = ("',' or '}'", "',' or ']'")


def explain(text: str, place: Position, reason: str, start: Position | None) -> Problem:
    """The problem for what the reader said at `place`, while it read something that began at `start`."""
    lines = lines_of(text)
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation:
        return problem("FR005", Position(place.line, indentation.index("\t") + 1))
    begun = lines[start.line - 1] if start and start.line <= len(lines) else ""
    other, label = (start, "begun here") if start and start.line != place.line else (None, "")
    if any(end in reason for end in _FLOW_ENDS):
        hint = "Separate the items with commas, and close the bracket."
        if "${{" in line or "${{" in begun:
            hint = 'Inside braces and brackets an expression needs quotes: "${{ ... }}".'
        reading = "a `{` or `[` is not closed, or a comma is missing"
        return problem("FR004", place, hint=hint, other=other, other_label=label, reason=reading)
    if "start any token" in reason:
        sign = line[place.column - 1 : place.column]
        hint = "Put the text inside quotes."
        return problem("FR004", place, hint=hint, reason=f"a plain text cannot begin with {sign!r}")
    if "end of stream" in reason and start:
        place, other, label = start, None, ""
    for words, reading, hint in _READINGS:
        if words in reason:
            return problem("FR004", place, hint=hint, other=other, other_label=label, reason=reading)
    return problem("FR004", place, other=other, other_label=label, reason=reason)
