"""The text of `flowrun.lock`: TOML, a block for each entry, always in the same order, so that git merges blocks."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from flowrun.core.plan import Json
from flowrun.errors import UsageError
from flowrun.review.lock import Entry, Lock

NAME = "flowrun.lock"
VERSION = 1

_HEAD = f"""# The Releases that the workflows of this project were reviewed with. `flowrun lock` writes it; commit it.

version = {VERSION}
"""
_MARKER = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( |$)", re.MULTILINE)
_AGAIN = f"Take {NAME} as git has it, or write it anew: remove the file, then flowrun lock SPEC."
_FIELDS = tuple(field.name for field in fields(Entry))


def text(lock: Lock) -> str:
    """The whole file."""
    return _HEAD + "".join(_block(entry) for entry in lock.entries)


def read(written: str, file: str) -> Lock:
    """The lock in a text. `file`: how it is called in what is said of it. Raises UsageError, in one sentence."""
    marker = _MARKER.search(written)
    if marker is not None:
        line = written.count("\n", 0, marker.start()) + 1
        raise UsageError(
            f"{file}:{line}: git could not merge two versions of the lock, and left its marks ({marker[1]})",
            hint=f"Keep either side (git checkout --ours -- {NAME}), then: flowrun lock update.",
        )
    try:
        document = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is no lock: {error}", hint=_AGAIN) from error
    version = document.get("version")
    if version != VERSION:
        told = "of no version" if version is None else f"of version {version!r}"
        raise UsageError(
            f"{file} is {told}, and this flowrun reads version {VERSION}",
            hint="Use the flowrun that wrote it, or write it anew: remove the file, then flowrun lock SPEC.",
        )
    found = document.get("release", [])
    if not isinstance(found, list):
        raise UsageError(f"{file}: release is not a list of [[release]]", hint=_AGAIN)
    entries = [_entry(item, f"{file}, entry {number}") for number, item in enumerate(found, 1)]
    return Lock(tuple(_each_once(sorted(entries, key=lambda entry: entry.name), file)))


def _block(entry: Entry) -> str:
    lines = [f"{name} = {_quoted(getattr(entry, name))}" for name in _FIELDS if name != "workflows"]
    files = "".join(f"    {_quoted(name)},\n" for name in entry.workflows)
    return "\n[[release]]\n" + "\n".join(lines) + f"\nworkflows = [\n{files}]\n"


def _quoted(value: str) -> str:
    """A basic string of TOML: JSON's escapes are among its own, and DEL has to be escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entry(item: Json, where: str) -> Entry:
    if not isinstance(item, Mapping):
        raise UsageError(f"{where} is not a table", hint=_AGAIN)
    for name in _FIELDS:
        if name not in item:
            raise UsageError(f"{where} has no {name}", hint=_AGAIN)
        wanted = list if name == "workflows" else str
        if not isinstance(item[name], wanted) or (
            wanted is list and not all(isinstance(one, str) for one in item[name])
        ):
            raise UsageError(f"{where}: {name} is not {'a list of texts' if wanted is list else 'a text'}", hint=_AGAIN)
    values: dict[str, Any] = {name: tuple(item[name]) if name == "workflows" else item[name] for name in _FIELDS}
    return Entry(**values)


def _each_once(entries: list[Entry], file: str) -> Iterator[Entry]:
    for at, entry in enumerate(entries):
        if at and entries[at - 1].name == entry.name:
            raise UsageError(
                f"{file} has two entries for {entry.release} in {entry.folder} (context {entry.context})",
                hint="Remove one of the two, then: flowrun lock update.",
            )
        yield entry
