"""Credentials that are typed: on a terminal without an echo, or from stdin."""

from __future__ import annotations

import io
import sys
from typing import Any

import click
import pytest

from flowrun.cli import credentials as room
from flowrun.cli.credentials import typed
from flowrun.errors import UsageError


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody at a terminal who says these one after the other; secrets are asked for without an echo."""
    says: list[str] = []

    def prompt(text: str, *, hide_input: bool = False, err: bool = False, default: Any = None) -> str:
        assert err, "stdout is data"
        assert hide_input == (default is None), text
        return says.pop(0)

    monkeypatch.setattr(room, "is_terminal", lambda _: True)
    monkeypatch.setattr(click, "prompt", prompt)
    return says


@pytest.mark.parametrize(
    ("client", "user", "token", "says", "meant"),
    [
        (None, None, False, ["", "t "], {"access_token": "t"}),
        (None, None, False, ["app", "s"], {"client_id": "app", "client_secret": "s"}),
        ("app", None, False, ["s"], {"client_id": "app", "client_secret": "s"}),
        ("app", None, True, ["t"], {"access_token": "t"}),
        (None, "me", False, ["p"], {"username": "me", "password": "p"}),
    ],
)
def test_a_person_is_asked_for_what_is_missing(
    person: list[str], client: str | None, user: str | None, *, token: bool, says: list[str], meant: dict[str, str]
) -> None:
    person += says
    assert typed(client, user, token=token) == meant
    assert person == []


@pytest.mark.parametrize(
    ("client", "user", "token", "text", "meant"),
    [
        (None, None, False, "t\n", {"access_token": "t"}),
        (None, None, False, "app\n\n s \n", {"client_id": "app", "client_secret": "s"}),
        ("app", None, False, "s", {"client_id": "app", "client_secret": "s"}),
        ("app", None, True, "t", {"access_token": "t"}),
        (None, "me", False, "p", {"username": "me", "password": "p"}),
    ],
)
def test_lines_of_stdin(
    monkeypatch: pytest.MonkeyPatch, client: str | None, user: str | None, *, token: bool, text: str, meant: Any
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert typed(client, user, token=token) == meant


@pytest.mark.parametrize(
    ("client", "text", "said"), [(None, "", "a token, or"), ("app", "a\nb", "the secret of the application app")]
)
def test_lines_that_mean_nothing(monkeypatch: pytest.MonkeyPatch, client: str | None, text: str, said: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(UsageError) as caught:
        typed(client, None, token=False)
    assert said in (caught.value.hint or "")
