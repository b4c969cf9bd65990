"""Where expressions stand in a text. `${{ … }}` is found without jinja2, so that a file without any costs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

OPEN = "${{"
CLOSE = "}}"

Json: TypeAlias = Any
"""A plain JSON value."""

Path: TypeAlias = tuple[str | int, ...]
"""Where in a JSON value: keys and indices from the outside in."""

_PLAIN = re.compile(r"[A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){0,30}", re.ASCII)
_NO_NAMES = frozenset(
    (
        *("and", "else", "false", "if", "in", "is", "none", "not", "or", "self", "true", "False", "None", "True"),
        *("always", "cancelled", "failure", "success"),
    )
)
_FOREIGN = re.compile(r"\{\{|\{%.*?%\}", re.DOTALL)
_QUOTES = "'\""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One `${{ … }}`. `expression` is what stands inside, stripped; `offset` is where that begins in the text."""

    expression: str
    offset: int


@dataclass(frozen=True, slots=True)
class Unclosed:
    """A `${{` at `offset` that nothing closes. `quoted` says that a quotation mark inside it is still open."""

    offset: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Foreign:
    """`{{` or `{% … %}` at `offset`: somebody else's template, which would stay as it stands without a word."""

    offset: int
    found: str


Piece: TypeAlias = str | Placeholder | Unclosed
"""A part of a text: itself, or something to evaluate."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A string in a JSON value and where it stands; `is_key` when it is the key of a map rather than a value."""

    text: str
    path: Path
    is_key: bool = False


_SECRET = re.compile(r"\$\{\{\s*secrets\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


def secret(value: Json) -> str | None:
    """The name of the secret that the value is: `${{ secrets.NAME }}` and nothing around it."""
    found = _SECRET.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None


def is_template(value: Json) -> bool:
    """Whether the value is a string with an expression in it."""
    return isinstance(value, str) and OPEN in value


def templates(value: Json) -> Iterator[tuple[Path, str]]:
    """The texts in a JSON value that hold an expression, with where each stands; the key of a map is never one."""
    return ((leaf.path, leaf.text) for leaf in leaves(value) if not leaf.is_key and OPEN in leaf.text)


def split(text: str) -> list[Piece]:
    """The text cut at its placeholders. Pieces of text are never empty; an unclosed placeholder is the last piece."""
    pieces: list[Piece] = []
    here = 0
    while (start := text.find(OPEN, here)) >= 0:
        if start > here:
            pieces.append(text[here:start])
        end, quoted = _end(text, start + len(OPEN))
        if end < 0:
            pieces.append(Unclosed(start, quoted))
            return pieces
        inside = text[start + len(OPEN) : end]
        lead = len(inside) - len(inside.lstrip())
        pieces.append(Placeholder(inside.strip(), start + len(OPEN) + lead))
        here = end + len(CLOSE)
    if here < len(text):
        pieces.append(text[here:])
    return pieces


def _end(text: str, start: int) -> tuple[int, bool]:
    """The index of the `}}` that closes, below 0 if none does; braces of a dict and quoted text do not close."""
    depth = 0
    quote = ""
    here = start
    while here < len(text):
        character = text[here]
        if quote:
            if character == "\\":
                here += 1
            elif character == quote:
                quote = ""
        elif character in _QUOTES:
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}":
            if depth == 0 and text.startswith(CLOSE, here):
                return here, False
            depth = max(depth - 1, 0)
        here += 1
    return -1, bool(quote)


def foreign(text: str) -> Iterator[Foreign]:
    """Every `{{` and `{% %}` outside of the placeholders."""
    offset = 0
    for piece in split(text):
        if isinstance(piece, str):
            start = text.index(piece, offset)
            for match in _FOREIGN.finditer(piece):
                yield Foreign(start + match.start(), match.group())
            offset = start + len(piece)
        else:
            offset = piece.offset


def plain_path(expression: str) -> tuple[str, ...] | None:
    """The names of `steps.list.outputs.Total`. None for an expression that is more than names with dots between.

    Most are no more, and what they refer to and come to is told in a hundredth of the time that jinja2 takes.
    """
    path = tuple(expression.split(".")) if _PLAIN.fullmatch(expression) else None
    return None if path is None or path[0] in _NO_NAMES else path


def bare(expression: str) -> str:
    """The expression of an `if`, which may stand as it is or inside one `${{ }}` around the whole."""
    stripped = expression.strip()
    if stripped.startswith(OPEN):
        pieces = split(stripped)
        if len(pieces) == 1 and isinstance(pieces[0], Placeholder):
            return pieces[0].expression
    return stripped


def leaves(value: Json, path: Path = ()) -> Iterator[Leaf]:
    """Every string in a JSON value, keys of maps included."""
    if isinstance(value, str):
        yield Leaf(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str):
                yield Leaf(key, (*path, key), is_key=True)
            yield from leaves(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
