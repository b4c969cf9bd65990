"""Which CI system it is, and that none of them takes a robot's words for commands."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.cli.console import dumps, dumps_line
from flowrun.cli.pipelines import CHOICES, pipeline
from flowrun.cli.pipelines.protocol import NO_PLATFORM
from flowrun.errors import UsageError

TOKENS = st.sampled_from(
    [
        *("::", ":", "##vso[", "##VSO[", "##[", "#", "[", "]", "vso", "add-mask", "task.setvariable variable=PATH"),
        *("\n", "\r", "\r\n", " ", "\t", "\u2028", "x", "section_start:", "section_end:", "17", "\x1b[0K", "%0A"),
    ]
)
TEXTS = st.lists(TOKENS, max_size=12).map("".join)


def github_commands(text: str) -> list[str]:
    """Lines that the runner would look at: `::` at the beginning but for blanks, or `##[` anywhere."""
    return [line for line in text.splitlines() if line.strip().startswith("::") or "##[" in line]


def azure_commands(text: str) -> list[str]:
    """Lines that the agent would look at."""
    return [line for line in text.splitlines() if "##vso[" in line.lower()]


def gitlab_commands(text: str) -> list[str]:
    """Marks of a section."""
    return re.findall(r"section_(?:start|end):\d+:", text)


READERS = {"github": github_commands, "azure": azure_commands, "gitlab": gitlab_commands}


@pytest.mark.parametrize("name", READERS)
@given(text=TEXTS)
def test_no_text_is_a_command(name: str, text: str) -> None:
    platform = pipeline(name, {}).platform
    assert READERS[name](platform.harmless(text)) == []
    assert platform.harmless(platform.harmless(text)) == platform.harmless(text)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("text", ["12:04:31 post failed: a::b", "# heading", "a :: b", "https://host/[x]", "## [1]"])
def test_ordinary_text_stays_as_it_is(name: str, text: str) -> None:
    assert pipeline(name, {}).platform.harmless(text) == text


@given(value=st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, max_size=2), max_size=2))
def test_json_is_no_command_and_still_the_same_value(value: object) -> None:
    for text in (dumps(value), dumps_line(value)):
        assert json.loads(text) == value
        assert github_commands(text) == azure_commands(text) == []


@pytest.mark.parametrize(
    ("flag", "environ", "name", "named"),
    [
        ("auto", {}, "", False),
        ("auto", {"GITHUB_ACTIONS": "true"}, "github", False),
        ("auto", {"TF_BUILD": "True"}, "azure", False),
        ("auto", {"GITLAB_CI": "true"}, "", False),
        ("auto", {"GITHUB_ACTIONS": "false"}, "", False),
        ("none", {"GITHUB_ACTIONS": "true"}, "", False),
        ("auto", {"GITHUB_ACTIONS": "true", "FLOWRUN_CI": "azure"}, "azure", True),
        ("github", {"FLOWRUN_CI": "azure"}, "github", True),
        ("auto", {"FLOWRUN_CI": ""}, "", False),
    ],
)
def test_which_it_is(flag: str, environ: dict[str, str], name: str, named: bool) -> None:  # noqa: FBT001 - a case
    found = pipeline(flag, environ)
    assert (found.platform.annotations, found.named) == (name, named)


def test_a_platform_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="FLOWRUN_CI is 'jenkins'"):
        pipeline("auto", {"FLOWRUN_CI": "jenkins"})


def test_without_one_nothing_is_said_and_nothing_changes() -> None:
    assert NO_PLATFORM.harmless("::error::x") == "::error::x"
    assert list(NO_PLATFORM.opened("x")) == list(NO_PLATFORM.closed()) == list(NO_PLATFORM.masks(["secret"])) == []


def test_every_choice_can_be_made() -> None:
    assert [pipeline(name, {}).named for name in CHOICES] == [False, False, True, True, True]
