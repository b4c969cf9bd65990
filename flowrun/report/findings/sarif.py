"""SARIF 2.1.0, as GitHub's code scanning and other collectors read it.

At most 5,000 results, the worst first: GitHub keeps no more of one run. What is left out is counted in a notification.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flowrun.report.findings.codequality import fingerprint
from flowrun.report.findings.finding import Finding, worst_first
from flowrun.version import VERSION

MOST = 5000

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(findings: Sequence[Finding], run: Mapping[str, Any] | None = None) -> str:
    """The whole log. `run`: further properties of the SARIF run, which is not one of ours."""
    results = worst_first(findings)
    shown, more = results[:MOST], len(results) - MOST
    rules = list(dict.fromkeys(one.rule for one in shown))
    invocation: dict[str, Any] = {"executionSuccessful": True}
    if more > 0:
        words = {"text": f"{more} more results are left out"}
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": words}]
    seen: Counter[str] = Counter()
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "flowrun", "semanticVersion": VERSION, "rules": _rules(rules)}},
                "invocations": [invocation],
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, rules.index(one.rule), seen) for one in shown],
                **(run or {}),
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _rules(names: Iterable[str]) -> list[dict[str, Any]]:
    """What each rule is about: the title and the paragraph of the catalogue, for a code that stands in it."""
    from flowrun.spec.problems import catalogue  # noqa: PLC0415 - a run that failed needs no catalogue but this once

    entries = catalogue()
    rules: list[dict[str, Any]] = []
    for name in names:
        entry = entries.get(name)
        rule: dict[str, Any] = {"id": name, "shortDescription": {"text": f"{name}: a step of a run ended so"}}
        if entry is not None:
            level = "error" if entry.severity == "error" else "warning"
            rule = {"id": name, "shortDescription": {"text": entry.title}, "help": {"text": entry.explanation}}
            rule["fullDescription"] = rule["help"]
            rule["defaultConfiguration"] = {"level": level}
        rules.append(rule)
    return rules


def _result(found: Finding, rule: int, seen: Counter[str]) -> dict[str, Any]:
    about = f"{found.about}: " if found.about else ""
    hint = f"\nhint: {found.hint}" if found.hint else ""
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": rule,
        "level": found.severity,
        "message": {"text": f"{about}{found.message}{hint}"},
        "partialFingerprints": {"flowrun/v1": fingerprint(found, seen)},
    }
    if found.file:
        result["locations"] = [{"physicalLocation": _place(found)}]
    return result


def _place(found: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(found.file), "uriBaseId": "%SRCROOT%"}}
    if found.line:
        place["region"] = {"startLine": found.line} | ({"startColumn": found.column} if found.column else {})
    return place
