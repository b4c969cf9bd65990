"""The plan file: a reviewed plan as JSON, with a digest of itself. What it says is compared, and never trusted."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flowrun.core.plan import Json
from flowrun.errors import UsageError
from flowrun.review.digest import digest

ENDING = ".frp"
FORMAT = "flowrun.plan/1"
_FAMILY = "flowrun.plan/"
_AGAIN = "Make it again: flowrun plan SPEC --out FILE."
KEYS: Mapping[str, tuple[type, ...]] = {
    "flowrun": (str,),
    "created_at": (str,),
    "workflow": (str,),
    "file": (str,),
    "environment": (dict, type(None)),
    "context": (dict,),
    "target": (dict,),
    "max_parallel": (int, type(None)),
    "inputs": (dict,),
    "secrets": (list,),
    "made_from": (dict,),
    "sources": (list,),
    "steps": (list,),
    "removed": (list,),
    "moves": (list,),
    "runtimes": (list,),
    "longest_path": (dict,),
    "quiescence": (int, float),
    "problems": (list,),
    "differences": (int,),
    "text": (str,),
}
"""What stands in it beside `format` and `digest`, and of which type."""


def sealed(document: Mapping[str, Json]) -> str:
    """The text of the file: `format` and `digest` added, keys in order, so that two of them can be compared."""
    whole = {"format": FORMAT, **{name: value for name, value in document.items() if name != "digest"}}
    return json.dumps({**whole, "digest": digest(whole)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read(text: str, file: str) -> Mapping[str, Json]:
    """The document of such a text, with its digest. Raises UsageError, in one sentence with the way out."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no plan file, or a part of one is missing: {error}", hint=_AGAIN) from error
    form = document.get("format") if isinstance(document, dict) else None
    if not isinstance(form, str) or not form.startswith(_FAMILY):
        raise UsageError(f"{file} is no plan file of flowrun", hint=_AGAIN)
    if form != FORMAT:
        raise UsageError(
            f"{file} is a plan file of version {form.removeprefix(_FAMILY)}, and this flowrun reads version 1",
            hint="Use the flowrun that made it, or make it again with this one: flowrun plan SPEC --out FILE.",
        )
    whole = {name: value for name, value in document.items() if name != "digest"}
    if document.get("digest") != digest(whole):
        raise UsageError(f"{file} was changed after it was made: it is not what its own digest says", hint=_AGAIN)
    for name, kinds in KEYS.items():
        if name not in whole or not isinstance(whole[name], kinds):
            raise UsageError(f"{file} has no {name} as a plan file has it", hint=_AGAIN)
    return dict(document)
