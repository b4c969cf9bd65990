"""Who may ask: the owner of the token, through this machine, under the server's own name."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import secrets
from collections.abc import Mapping

from flowrun.emulator.ledger import Clock
from flowrun.errors import UsageError

LIFETIME_S = 3600
BODY_LIMIT = 1024 * 1024


class Guard:
    """The tokens: the one made at the start, which never expires, and those issued since for an hour each."""

    def __init__(self, token: str, clock: Clock) -> None:
        self.token = token
        self._clock = clock
        self._issued: dict[str, float] = {}

    def issue(self) -> str:
        """Make a token that is accepted for LIFETIME_S seconds."""
        now = self._clock()
        self._issued = {token: end for token, end in self._issued.items() if end > now}
        token = secrets.token_urlsafe(32)
        self._issued[token] = now + LIFETIME_S
        return token

    def accepts(self, authorization: str | None) -> bool:
        """Whether an Authorization header carries a token of ours that has not expired."""
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        now = self._clock()
        known = [self.token, *(token for token, end in self._issued.items() if end > now)]
        return any([_same(given.strip(), token) for token in known])  # noqa: C419 - each is compared, in constant time

    def is_secret(self, text: str) -> bool:
        """Whether a client secret or a password is the token, which is what they are here."""
        return _same(text, self.token)


def hosts(host: str, port: int) -> frozenset[str]:
    """What the Host header may say."""
    shown = f"[{host}]" if ":" in host else host
    return frozenset({f"{shown}:{port}", f"localhost:{port}"})


def check_address(headers: Mapping[str, str], allowed: frozenset[str]) -> str | None:
    """Say why a request is refused for its Host or Origin; None where it is not."""
    host = headers.get("host", "").lower()
    if host not in allowed:
        return "This server answers only to its own address."
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host}":
        return "This server does not answer pages of other sites."
    return None


def check_loopback(host: str) -> str:
    """The address to bind. Raises UsageError for anything that other machines could reach."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise UsageError(
        f"the emulator binds loopback addresses only, not {host}",
        hint="it starts programs for whoever may call it; use 127.0.0.1",
    )


def basic(authorization: str | None) -> tuple[str, str]:
    """Name and secret of a Basic header; two empty texts where there is none."""
    scheme, _, given = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "surrogateescape"), right.encode())
