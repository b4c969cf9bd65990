"""The command that makes a plan anew as it was made: ready to be pasted where the project is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from shlex import quote

from flowrun.core.plan import Json

_INPUT = "inputs."
_TYPED = "--input"
_SETTINGS = ("--url", "--folder", "--catalog")


def command(document: Mapping[str, Json]) -> str:
    """`flowrun plan` with the environment, the context, the inputs and the flags that a plan was made with."""
    return " ".join(("flowrun plan", quote(document["file"]), *_options(document), "--out FILE"))


def _options(document: Mapping[str, Json]) -> Iterator[str]:
    around, context = document["environment"], document["context"]
    if around is not None:
        folder = "".join(document["file"].rpartition("/")[:2]) + "environments"
        beside = around["file"].rpartition("/")[0] == folder
        yield f"-e {quote(around['name'])}" if beside else f"--env-file {quote(around['file'])}"
    if context["chosen"]:
        yield f"--context {quote(context['name'])}"
    files = []
    for one in document["sources"]:
        name, source = one["name"].removeprefix(_INPUT), one["source"]
        if source in _SETTINGS:
            yield f"{source} {quote(str(one['value']))}"
        elif not one["name"].startswith(_INPUT):
            continue
        elif source == _TYPED:
            yield f"-i {quote(name + '=' + _text(document['inputs'].get(name)))}"
        elif not _has_line(source):
            files.append(source)
    yield from (f"--inputs-file {quote(file)}" for file in dict.fromkeys(files))
    if document["max_parallel"] is not None:
        yield f"--max-parallel {document['max_parallel']}"


def _has_line(source: str) -> bool:
    """A default and the value of an environment are told with their line; a file of inputs has none."""
    return source.rpartition(":")[2].isdecimal()


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
