"""What a library logs becomes lines for people."""

from __future__ import annotations

import logging

import pytest

from flowrun.cli.said import Said, line_of
from flowrun.errors import JournalError


@pytest.fixture
def heard() -> tuple[logging.Logger, list[str]]:
    said: list[str] = []
    logger = logging.Logger("a library")  # noqa: LOG001 - one that no other test hears
    logger.addHandler(Said(lambda text, tone: said.append(f"{tone}: {text}")))
    return logger, said


def test_what_is_no_warning_is_not_said(heard: tuple[logging.Logger, list[str]]) -> None:
    logger, said = heard
    logger.info("begun")
    logger.warning("lost %s\nand so on", "it")
    assert said == ["warn: lost it and so on"]


def test_the_same_is_said_once_in_a_while(
    heard: tuple[logging.Logger, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    logger, said = heard
    for at in (0.0, 59.0, 61.0, 62.0):
        monkeypatch.setattr(logging.time, "time", lambda at=at: at)  # type: ignore[attr-defined]
        logger.warning("tried %d times", at)
    assert said == ["warn: tried 0 times", "warn: tried 61 times"]


def test_an_exception_is_what_lies_at_its_bottom(heard: tuple[logging.Logger, list[str]]) -> None:
    logger, said = heard
    error = ValueError("could not")
    error.__cause__ = OSError("disk\nfull")
    logger.error("Failed handling activation on workflow", exc_info=error)
    assert said == ["warn: OSError: disk full"]


def test_our_own_sentence_goes_before_all_that_is_around_it() -> None:
    ours = JournalError("the key is missing", hint="set it")
    ours.__cause__ = KeyError("x")
    around = RuntimeError("Failed decoding arguments")
    around.__cause__ = ours
    assert line_of(around) == "the key is missing; set it"
    assert line_of(JournalError("the key is missing")) == "the key is missing"
    assert line_of(KeyError()) == "KeyError"
