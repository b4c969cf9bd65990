"""GitHub's annotations, read back as the runner reads them."""

from __future__ import annotations

import re

import pytest

from flowrun.report.findings.finding import Finding
from flowrun.report.findings.github import MOST, write

FOUND = Finding("FR104", "error", "50% of a, b: c\r\nsecond", "specs/a,b:c.yaml", 3, 7, "steps.a", "write x")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Kind, properties and message, by the rules of the runner's ActionCommand.TryParseV2."""
    assert line.startswith("::")
    info, _, message = line[2:].partition("::")
    kind, _, rest = info.partition(" ")
    pairs = dict(pair.split("=", 1) for pair in rest.split(","))
    properties = {key: decoded(value, {"%3A": ":", "%2C": ","}) for key, value in pairs.items()}
    return kind, properties, decoded(message, {})


def decoded(text: str, more: dict[str, str]) -> str:
    for code, meant in {"%0D": "\r", "%0A": "\n", **more, "%25": "%"}.items():
        text = text.replace(code, meant)
    return text


def test_the_runner_reads_what_was_meant() -> None:
    (line,) = write([FOUND]).splitlines()
    kind, properties, message = read(line)
    assert kind == "error"
    assert properties == {"file": "specs/a,b:c.yaml", "line": "3", "col": "7", "title": "FR104 steps.a"}
    assert message == "50% of a, b: c\r\nsecond\nhint: write x"


@pytest.mark.parametrize("message", ["a\n::add-mask::x", "a\r::set-output name=b::c", "::error::x", "##[add-path]/tmp"])
def test_a_message_cannot_begin_a_command_of_its_own(message: str) -> None:
    text = write([Finding("faulted", "error", message, about=message)])
    assert len(re.split("[\r\n]", text.removesuffix("\n"))) == 1
    kind, _, read_back = read(text.removesuffix("\n"))
    assert (kind, read_back) == ("error", message)


def test_at_most_ten_of_a_kind_the_worst_first() -> None:
    errors = [Finding("FR104", "error", "wrong", "a.yaml", number) for number in range(1, 31)]
    warnings = [Finding("FR450", "warning", "odd", "a.yaml", number) for number in range(1, 12)]
    read_back = [read(line) for line in write([*warnings, *errors]).splitlines()]
    assert [kind for kind, _, _ in read_back] == ["error"] * MOST + ["warning"] * MOST
    assert read_back[MOST - 1] == ("error", {"title": "flowrun"}, "+21 more")
    assert read_back[-1] == ("warning", {"title": "flowrun"}, "+2 more")
