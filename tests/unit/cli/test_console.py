"""stdout is data, stderr is talk, and colour is there only where it is wanted."""

from __future__ import annotations

import errno
import io
import json
import sys
from pathlib import Path

import pytest

from flowrun.cli.answer import Answer, Line
from flowrun.cli.console import Console, dumps, is_terminal, wants_color

ANSWER = Answer(
    data={"a": [1]},
    text="one\ntwo",
    rows=({"n": 1}, {"n": 2}),
    names=("x", "y"),
    message="all is well",
)


@pytest.mark.parametrize(
    ("form", "out", "err"),
    [
        ("text", "one\ntwo\n", "all is well\n"),
        ("jsonl", '{"n":1}\n{"n":2}\n', "all is well\n"),
        ("name", "x\ny\n", "all is well\n"),
        ("json", dumps(ANSWER.envelope()) + "\n", ""),
    ],
)
def test_each_form(capsys: pytest.CaptureFixture[str], form: str, out: str, err: str) -> None:
    Console(form).answer(ANSWER)
    assert capsys.readouterr() == (out, err)


@pytest.mark.parametrize("form", ["text", "json"])
def test_talk_takes_the_place_of_the_message_in_all_forms(capsys: pytest.CaptureFixture[str], form: str) -> None:
    Console(form).answer(Answer(message="first", talk=(Line("first"), Line("second", "bad"))))
    assert capsys.readouterr().err == "first\nsecond\n"


def test_nothing_is_no_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    Console().answer(Answer())
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("environment", "terminal", "colored"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "0"}, False, False),
    ],
)
def test_what_the_environment_says_about_colour(environment: dict[str, str], terminal: bool, colored: bool) -> None:  # noqa: FBT001 - a case
    assert wants_color(environment, terminal=terminal) is colored


def test_the_flag_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    Console(color="always").say("no", "bad")
    assert capsys.readouterr().err == "\x1b[31mno\x1b[0m\n"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    Console(color="never").say("no", "bad")
    assert capsys.readouterr().err == "no\n"


class Gone(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError(errno.EIO, "the terminal has gone")


def test_a_terminal_that_has_gone_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", Gone())
        Console().say("to nobody")


def test_a_closed_stream_is_no_terminal(tmp_path: Path) -> None:
    stream = (tmp_path / "x").open("w")
    stream.close()
    assert not is_terminal(stream)


def test_json_keeps_control_characters_from_the_terminal() -> None:
    assert dumps({"a": "\x1b[2J\u202e"}) == '{\n  "a": "\\u001b[2J\\u202e"\n}'
    assert json.loads(dumps({"at": (1, 2)})) == {"at": [1, 2]}
