"""Credentials that are typed: asked for on a terminal without an echo, or read from stdin; never a flag."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from flowrun.cli.console import is_terminal
from flowrun.errors import UsageError


def typed(client_id: str | None, username: str | None, *, token: bool) -> Mapping[str, str]:
    """Credentials by the names of settings: what goes with the client id or the user that is configured, else a token.

    From stdin: one line, the token, secret or password; or two, client id and secret, where neither is configured.
    Raises UsageError.
    """
    lone = "access_token" if token else "client_secret" if client_id else "password" if username else ""
    if is_terminal(sys.stdin) and is_terminal(sys.stderr):
        return _asked(lone, client_id, username)
    lines = [line.strip() for line in sys.stdin.read().splitlines() if line.strip()]
    if len(lines) == 1:
        given = {lone or "access_token": lines[0]}
    elif len(lines) == 2 and not lone:  # noqa: PLR2004 - client id and secret
        given = {"client_id": lines[0], "client_secret": lines[1]}
    else:
        what = (
            _WORDS[lone].format(client_id=client_id, username=username) if lone else "a token, or client id and secret"
        )
        raise UsageError(f"stdin has {len(lines)} lines", hint=f"It takes {what}, a line each.")
    return _with_known(given, client_id, username)


_WORDS = {
    "access_token": "a token",
    "client_secret": "the secret of the application {client_id}",
    "password": "the password of {username}",
}


def _asked(lone: str, client_id: str | None, username: str | None) -> Mapping[str, str]:
    if lone:
        words = _WORDS[lone].format(client_id=client_id, username=username)
        return _with_known({lone: _hidden(words)}, client_id, username)
    client = click.prompt("Client id of the external application (empty for a token)", default="", err=True)
    if client.strip():
        return {
            "client_id": client.strip(),
            "client_secret": _hidden(f"the secret of the application {client.strip()}"),
        }
    return {"access_token": _hidden("a token")}


def _hidden(words: str) -> str:
    text: str = click.prompt(words[0].upper() + words[1:], hide_input=True, err=True)
    return text.strip()


def _with_known(given: Mapping[str, str], client_id: str | None, username: str | None) -> Mapping[str, str]:
    """With whose secret it is, so that it can be tried; that stays where it is configured."""
    if "client_secret" in given and client_id:
        return {"client_id": client_id, **given}
    return {"username": username, **given} if "password" in given and username else given
