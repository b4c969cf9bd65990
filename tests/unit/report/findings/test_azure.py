"""Azure's issues, read back as the agent reads them."""

from __future__ import annotations

import pytest

from flowrun.report.findings.azure import MOST, command, write
from flowrun.report.findings.finding import Finding


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Name, properties and message: the first `##vso[` to the next `]`, then all of the line."""
    start = line.index("##vso[") + len("##vso[")
    info, _, message = line[start:].partition("]")
    name, _, rest = info.partition(" ")
    pairs = (pair.split("=", 1) for pair in rest.split(";") if pair)
    return name, {key: decoded(value) for key, value in pairs}, decoded(message)


def decoded(text: str) -> str:
    for code, meant in {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%AZP25": "%"}.items():
        text = text.replace(code, meant)
    return text


def test_the_agent_reads_what_was_meant() -> None:
    found = Finding("FR104", "warning", "50% of a", "specs/a;[b].yaml", 3, 7, "steps[0]", "write\nx")
    (line,) = write([found]).splitlines()
    name, properties, message = read(line)
    assert name == "task.logissue"
    assert properties == {
        "type": "warning",
        "sourcepath": "specs/a;[b].yaml",
        "linenumber": "3",
        "columnnumber": "7",
        "code": "FR104",
    }
    assert message == "steps[0]: 50% of a (write x)"


@pytest.mark.parametrize("message", ["a\n##vso[task.setvariable variable=PATH]x", "##vso[task.complete result=Failed]"])
def test_a_message_cannot_begin_a_command_of_its_own(message: str) -> None:
    text = write([Finding("faulted", "error", message, about="post[EU]")])
    assert len(text.splitlines()) == 1
    assert read(text)[0] == "task.logissue"


def test_at_most_ten_of_a_kind() -> None:
    errors = [Finding("FR104", "error", "wrong", "a.yaml", number) for number in range(1, 31)]
    lines = write(errors).splitlines()
    assert len(lines) == MOST
    assert read(lines[-1]) == ("task.logissue", {"type": "error"}, "+21 more")


def test_a_property_without_a_value_is_left_out() -> None:
    assert command("task.complete", {"result": ""}, "done") == "##vso[task.complete]done"
