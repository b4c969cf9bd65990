"""Plain data as YAML that people like to read, and that comes back the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from flowrun.core.plan import Json
from flowrun.spec.scalars import resolve

WIDEST = 118
"""Characters of a line that a map or a list may fill before each of its items gets one of its own."""

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_./+(][A-Za-z0-9_./+()-]*)*")
_DURATION = re.compile(r"[0-9.]+s")
_ELSEWHERE = frozenset({"y", "n", "yes", "no", "on", "off"})
"""Plain text here, and something else to tools that read YAML 1.1."""

_STEP = "  "
_ASTRAL = 0x10000


def yaml(value: Json) -> str:
    """A map or a list as YAML, one line break at the end."""
    return "\n".join(_block(value, "")) + "\n"


def _block(value: Json, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(f"{indent}{_scalar(str(key))}:", item, indent + _STEP)
    else:
        for item in value:
            yield from _item(item, indent)


def _entry(head: str, item: Json, indent: str) -> Iterator[str]:
    flow = _flow(item)
    if not _nested(item) or len(head) + 1 + len(flow) <= WIDEST:
        yield f"{head} {flow}"
    else:
        yield head
        yield from _block(item, indent)


def _item(item: Json, indent: str) -> Iterator[str]:
    flow = _flow(item)
    if not _nested(item) or len(indent) + 2 + len(flow) <= WIDEST:
        yield f"{indent}- {flow}"
        return
    first, *rest = _block(item, indent + _STEP)
    yield f"{indent}- {first.lstrip()}"
    yield from rest


def _nested(item: Json) -> bool:
    return isinstance(item, Mapping | list | tuple) and bool(item)


def _flow(value: Json) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(key))}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value) if isinstance(value, str) else json.dumps(value)


def _scalar(text: str) -> str:
    """As it stands where YAML reads it back as the same text; else in double quotes, as JSON has it."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _ELSEWHERE and isinstance(resolve(text), str)
    if plain or _DURATION.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quoted.isprintable() else "".join(map(_escaped, quoted))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < _ASTRAL else f"\\U{number:08x}"
