"""What an editor shows beyond the keys: words of other systems with what to write instead, and pieces to begin with.

`deprecationMessage`, `errorMessage` and `defaultSnippets` are not of JSON Schema, which ignores them. The YAML
extension of VS Code and its relatives read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flowrun.spec.suggest import for_key

_STEP_WORDS = """
dependsOn depends_on depends dependencies runAfter requires upstream when condition rules only unless trigger_rule
allow_failure continueOn ignore_errors retryStrategy retries retryPolicy retryCount retry_delay maxAttempts catch
timeout-minutes timeoutInMinutes timeoutSeconds activeDeadlineSeconds execution_timeout displayName
withParam withItems withSequence foreach loop matrix parallel fail-fast
with args arguments parameters params variables vars env image script run command runs-on onExit after_script
process process_name ReleaseName processKey package uses task job action operator
OrganizationUnitId folderPath RobotNames NoOfRobots priority sleep delay suspend
"""
_TOP_WORDS = """
on schedule cron trigger schedule_interval jobs tasks stages activities nodes dag templates pipeline spec states
parameters params variables vars env version apiVersion kind metadata onExit
"""
IN_A_STEP, AT_THE_TOP = tuple(_STEP_WORDS.split()), tuple(_TOP_WORDS.split())
"""Words of other systems, as they are spelled there."""

_STEP = {"release": "${2:NameOfTheRelease}", "input_arguments": {"${3:in_Name}": "${4:value}"}}
_FAN_OUT = {
    "release": "${2:NameOfTheRelease}",
    "fan_out": {"matrix": {"${3:item}": ["${4:first}", "${5:second}"]}},
    "input_arguments": {"${6:in_Item}": "\\${{ matrix.${3:item} }}"},
}
_WAIT = {"wait": {"for": "${2:10m}"}}
_PIECES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("step", "A step that starts a Release.", _STEP),
    ("fan-out", "A step that runs once for each value.", _FAN_OUT),
    ("wait", "A pause.", _WAIT),
)
FILE: Mapping[str, Any] = {
    "label": "workflow",
    "description": "A whole workflow.",
    "body": {
        "flowrun": 1,
        "name": "${1:name}",
        "inputs": {"${2:period}": {"type": "${3:string}"}},
        "steps": {
            "${4:first}": {
                "release": "${5:NameOfTheRelease}",
                "input_arguments": {"${6:in_Period}": "\\${{ inputs.${2:period} }}"},
            }
        },
    },
}
"""The snippet for an empty file."""


def pieces(*, in_list: bool) -> list[dict[str, Any]]:
    """The snippets for a step, with its id as its key or inside it."""
    return [
        {
            "label": label,
            "description": description,
            "body": {"id": "${1:step}", **body} if in_list else {"${1:step}": body},
        }
        for label, description, body in _PIECES
    ]


def foreign(words: Iterable[str], allowed: Iterable[str]) -> dict[str, Any]:
    """`patternProperties` that refuse these words: those that mean the same in one pattern, each with its sentence."""
    keys = list(allowed)
    meaning: dict[str, list[str]] = {}
    for word in words:
        if word not in keys:
            meaning.setdefault(for_key(word, keys), []).append(word)
    return {f"^({'|'.join(map(re.escape, same))})$": _refused(sentence) for sentence, same in meaning.items()}


def _refused(sentence: str) -> dict[str, Any]:
    return {"not": {}, "description": sentence, "deprecationMessage": sentence, "errorMessage": sentence}
