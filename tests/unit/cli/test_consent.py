"""What is to start in a protected context waits for a yes."""

from __future__ import annotations

import sys
from typing import Any

import click
import pytest

from flowrun.cli import consent as room
from flowrun.cli.consent import consent
from flowrun.errors import UsageError
from flowrun.settings import Context

PROD = Context("prod", protect=True, emulator=False, source="FLOWRUN_CONTEXT")


@pytest.fixture
def terminals(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The streams that are terminals."""
    found: list[Any] = []
    monkeypatch.setattr(room, "is_terminal", lambda stream: stream in found)
    return found


def test_what_is_not_protected_starts() -> None:
    consent(Context("dev", emulator=False), yes=False)
    consent(PROD, yes=True)


@pytest.mark.parametrize("ends", [(), ("stdin",), ("stderr",)])
def test_without_a_terminal_at_both_ends_nobody_is_asked(terminals: list[Any], ends: tuple[str, ...]) -> None:
    terminals += [getattr(sys, end) for end in ends]
    with pytest.raises(UsageError, match=r"prod \(FLOWRUN_CONTEXT\) is protected") as caught:
        consent(PROD, yes=False)
    assert "--yes" in (caught.value.hint or "")


@pytest.mark.parametrize("said", [True, False])
def test_a_person_is_asked(terminals: list[Any], monkeypatch: pytest.MonkeyPatch, *, said: bool) -> None:
    terminals += [sys.stdin, sys.stderr]
    asked: list[str] = []

    def confirm(text: str, **_: Any) -> bool:
        asked.append(text)
        return said

    monkeypatch.setattr(click, "confirm", confirm)
    if said:
        consent(PROD, yes=False)
    else:
        with pytest.raises(UsageError, match="nothing was started"):
            consent(PROD, yes=False)
    assert ["prod" in text for text in asked] == [True]
