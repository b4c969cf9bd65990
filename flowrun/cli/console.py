"""Console: where an answer and the talk go, and whether they are coloured. Imports nothing that draws."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TextIO

from flowrun.cli.answer import Answer, Line
from flowrun.cli.pipelines.protocol import NO_PLATFORM, Platform

FORMS = ("text", "json", "jsonl", "csv", "name", "markdown")
COLORS = ("auto", "always", "never")

_COMMANDS = ("github", "azure")
"""Forms that are commands on purpose."""
_MARK = re.compile(r"##(?=(?:vso)?\[)", re.IGNORECASE)
_TONES = {"good": "32", "warn": "33", "bad": "31", "dim": "2", "plain": ""}


class Unwritten(Exception):
    """The answer did not reach stdout. What it was about stays as it is."""


@dataclass(frozen=True, slots=True)
class Console:
    """The two streams. `form` is how stdout is to be written, `color` one of auto, always, never.

    `platform` reads both streams, where this is a pipeline, and must not take a robot's words for commands.
    """

    form: str = "text"
    color: str = "auto"
    platform: Platform = NO_PLATFORM

    def answer(self, answer: Answer) -> None:
        """Write the data to stdout in the form that was asked for, and the message to stderr. Raises Unwritten."""
        try:
            self._give(answer)
            sys.stdout.flush()
        except OSError as error:
            lost(error)
        finally:
            for line in answer.talk or self._message(answer):
                self.say(line.text, line.tone)

    def _message(self, answer: Answer) -> tuple[Line, ...]:
        return (Line(answer.message),) if answer.message and self.form != "json" else ()

    def _give(self, answer: Answer) -> None:
        match self.form:
            case "json":
                self.data(dumps(answer.envelope()))
            case "jsonl":
                for row in answer.rows:
                    self.data(dumps_line(row))
            case "csv":
                self.data(self._harmless(answer.csv))
            case "markdown":
                self.data(self._harmless(answer.markdown))
            case "name":
                self.data(self._harmless("\n".join(answer.names)))
            case _:
                self.data(answer.text if self.form in _COMMANDS else self._harmless(answer.text))

    def _harmless(self, text: str) -> str:
        """What goes into a file stays as it is, for nobody takes commands from there."""
        return text if self.platform is NO_PLATFORM or is_file(sys.stdout) else self.platform.harmless(text)

    def command(self, line: str) -> None:
        """Write a line to stderr that the platform carries out."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    def data(self, text: str) -> None:
        """Write to stdout, one line break at the end; nothing where there is nothing."""
        if not text:
            return
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")

    def stream(self, row: Any) -> None:
        """Write one row of jsonl now. A reader that has gone away must not end what is going on."""
        try:
            self.data(dumps_line(row))
            sys.stdout.flush()
        except BrokenPipeError:
            let_go(sys.stdout)
        except (OSError, ValueError):
            return

    def say(self, text: str, tone: str = "plain") -> None:
        """Write a line to stderr. A terminal that has gone away must not end what is going on."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{self.toned(self.platform.harmless(text), tone)}\n")
            sys.stderr.flush()

    def toned(self, text: str, tone: str) -> str:
        """The text in the colour of its tone, if stderr is to have colours."""
        code = _TONES[tone]
        return f"\x1b[{code}m{text}\x1b[0m" if code and self.colored(sys.stderr) else text

    def colored(self, stream: TextIO) -> bool:
        """Whether to colour this stream: the flag, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal."""
        if self.color != "auto":
            return self.color == "always"
        return wants_color(os.environ, terminal=is_terminal(stream))

    @property
    def live(self) -> bool:
        """Whether stderr is a terminal on which a table can be redrawn."""
        return is_terminal(sys.stderr) and os.environ.get("TERM", "") != "dumb"


def wants_color(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """What the environment says about colours (no-color.org, and the habits around it)."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return terminal and environment.get("TERM", "") != "dumb"


def lost(error: OSError) -> None:
    """No more can be written to stdout: fine where its reader has left; else raises Unwritten."""
    let_go(sys.stdout)
    if not isinstance(error, BrokenPipeError):
        raise Unwritten(f"stdout could not be written: {error.strerror}") from error


def let_go(stream: TextIO) -> None:
    """Whoever read this stream has gone and wants no more of it: not even what Python flushes at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def is_file(stream: TextIO) -> bool:
    """Whether a stream goes into a file of the disk, and to nobody who reads along."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def is_terminal(stream: TextIO) -> bool:
    """Whether a stream is a terminal; a closed one is not."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def dumps(value: Any) -> str:
    """JSON over several lines. Control characters are escaped: no terminal acts on them, and no CI system."""
    return _quiet(json.dumps(value, indent=2, default=_plain))


def dumps_line(value: Any) -> str:
    """JSON on one line."""
    return _quiet(json.dumps(value, separators=(",", ":"), default=_plain))


def _quiet(text: str) -> str:
    """The same JSON. `##[` and `##vso[`, which can stand in its strings alone, are commands to some who read along."""
    return _MARK.sub(r"#\\u0023", text) if "##" in text else text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | frozenset | set):
        return list(value)
    return str(value)
