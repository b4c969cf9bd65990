"""The argument schema that a Release publishes: which arguments it takes and gives, and of what plain types."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowrun.core.plan import Json
from flowrun.orchestrator.wire import Release

_WHOLE = ("Int16", "Int32", "Int64", "UInt16", "UInt32", "UInt64", "Byte", "SByte")
_PLAIN: Mapping[str, str] = {
    **{f"System.{name}": "integer" for name in _WHOLE},
    **{f"System.{name}": "number" for name in ("Double", "Single", "Decimal")},
    "System.String": "string",
    "System.DateTime": "string",
    "System.TimeSpan": "string",
    "System.Guid": "string",
    "System.Char": "string",
    "System.Boolean": "boolean",
}
_LISTS = (
    "System.Collections.Generic.List`1",
    "System.Collections.Generic.IEnumerable`1",
    "Newtonsoft.Json.Linq.JArray",
)
_ASSEMBLY = re.compile(r",\s*[\w.-]+,\s*Version=[^\]]*")
"""What stands behind the name of a .NET type, also inside the brackets of a generic one."""
_MAPS = ("System.Collections.Generic.Dictionary`2", "Newtonsoft.Json.Linq.JObject")


@dataclass(frozen=True, slots=True)
class Argument:
    """One of them. `type` is a type of `outputs` in the language; `any` for .NET types that have no plain one."""

    name: str
    type: str = "any"
    required: bool = False


def takes(release: Release) -> dict[str, Argument] | None:
    """Its input arguments by name; None where it publishes none. One that has a default is not required."""
    found = _read(release.arguments.input if release.arguments else None)
    if found is None:
        return None
    preset = _object(release.input_arguments)
    return {
        name: Argument(
            name, kind, required=bool(item.get("required")) and not item.get("hasdefault") and name not in preset
        )
        for name, kind, item in found
    }


def gives(release: Release) -> dict[str, Argument] | None:
    """Its output arguments by name; None where it publishes none."""
    found = _read(release.arguments.output if release.arguments else None)
    return None if found is None else {name: Argument(name, kind) for name, kind, _ in found}


def schema_digest(release: Release) -> str:
    """A digest of what it takes and gives, `sha256:…`; empty where it publishes nothing that can be read.

    Of names, .NET types without their assemblies (which differ when nothing but a framework does), and whether each is
    required; their order says nothing.
    """
    published = release.arguments
    takes_, gives_ = (_read(text) for text in (published.input, published.output)) if published else (None, None)
    if takes_ is None and gives_ is None:
        return ""
    rows = [
        sorted(
            [
                name,
                _ASSEMBLY.sub("", str(item.get("type") or "")),
                bool(item.get("required")),
                bool(item.get("hasdefault")),
            ]
            for name, _, item in side or ()
        )
        for side in (takes_, gives_)
    ]
    return f"sha256:{hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode('utf-8', 'surrogatepass')).hexdigest()}"


def plain_type(dotnet: str) -> str:
    """The plain type of an assembly-qualified .NET name: `System.Int32, System.Private.CoreLib, …` is `integer`."""
    name = dotnet.split(",", 1)[0].split("[[", 1)[0].strip()
    if name.endswith("[]") or name in _LISTS:
        return "array"
    if name in _MAPS:
        return "object"
    return _PLAIN.get(name, "any")


def _read(text: str | None) -> list[tuple[str, str, dict[str, Json]]] | None:
    """Name, plain type and the whole item, its names in lower case; None where there is nothing that can be read."""
    if not text:
        return None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(items, list):
        return None
    found = []
    for item in items:
        folded = {str(name).lower(): value for name, value in item.items()} if isinstance(item, dict) else {}
        if not isinstance(folded.get("name"), str):
            return None
        found.append((folded["name"], plain_type(str(folded.get("type") or "")), folded))
    return found


def _object(text: str | None) -> dict[str, Json]:
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
