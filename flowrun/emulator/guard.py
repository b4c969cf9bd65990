"""Who may ask: the owner of the token, through this machine, under the server's own name."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from flowrun.emulator import blobs, jwt
from flowrun.emulator.entities import Json
from flowrun.emulator.ledger import Clock
from flowrun.errors import UsageError

BODY_LIMIT = 1024 * 1024
"""Bytes of a request that writes no blob."""
SIGN_IN_LIMIT = 64 * 1024
"""Bytes of a request that asks for a token, which everybody may."""
ADDRESS_LIMIT = 32 * 1024
"""Characters of path and query together."""
HEADERS_LIMIT = 64 * 1024
"""Characters of all headers."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was given out: until when it is good, to which application, for what (None: for everything)."""

    ends: float
    client: str
    scopes: frozenset[str] | None


class Guard:
    """The tokens: the one made at the start, which never expires, and those issued since."""

    def __init__(self, token: str, clock: Clock) -> None:
        self.token = token
        self._clock = clock
        self._issued: dict[str, Issued] = {}
        self._key = secrets.token_bytes(32)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def issue(self, claims: Mapping[str, Json], lifetime: float, scopes: frozenset[str] | None = None) -> str:
        """Make a token that says this, and is accepted for so many seconds."""
        now = self._clock()
        self._issued = {token: one for token, one in self._issued.items() if one.ends > now}
        times = {"iat": int(now), "exp": int(now + lifetime), "jti": secrets.token_hex(16)}
        token = jwt.signed({**claims, **times}, self._key)
        self._issued[token] = Issued(now + lifetime, str(claims.get("client_id", "")), scopes)
        return token

    def revoke(self, client: str | None = None) -> int:
        """End those of an application, or all that were ever issued, before their time; how many."""
        gone = [token for token, one in self._issued.items() if client in (None, one.client)]
        for token in gone:
            del self._issued[token]
        return len(gone)

    def accepts(self, authorization: str | None) -> bool:
        """Whether an Authorization header carries a token of ours that has not expired."""
        given = _bearer(authorization)
        return is_same(given, self.token) or self._found(given) is not None

    def scopes(self, authorization: str | None) -> frozenset[str] | None:
        """What an accepted token is good for; None for everything."""
        found = self._found(_bearer(authorization))
        return found.scopes if found is not None else None

    def _found(self, given: str) -> Issued | None:
        """The token's own record. A look-up by hash tells nobody how much of a guess was right."""
        found = self._issued.get(given)
        return found if found is not None and found.ends > self._clock() else None


def hosts(host: str, port: int) -> frozenset[str]:
    """What the Host header may say."""
    shown = f"[{host}]" if ":" in host else host
    return frozenset({f"{shown}:{port}", f"localhost:{port}"})


def body_limit(path: str) -> int:
    """How many bytes a request to a path may have."""
    text = path.lower()
    if text.startswith("/blobs/") or text.endswith("/suspendpersistentjob"):
        return blobs.LIMIT
    return SIGN_IN_LIMIT if text.endswith(("/connect/token", "/account/authenticate")) else BODY_LIMIT


def check_size(path: str, query: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
    """The status and the reason with which a request is refused for the size of its head; None where it is not."""
    if len(path) + len(query) > ADDRESS_LIMIT:
        return 414, f"The address is longer than {ADDRESS_LIMIT} characters."
    if sum(len(name) + len(value) for name, value in headers.items()) > HEADERS_LIMIT:
        return 431, f"The headers have more than {HEADERS_LIMIT} characters."
    return None


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


def is_same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing about them."""
    return hmac.compare_digest(left.encode("utf-8", "surrogateescape"), right.encode())


def _bearer(authorization: str | None) -> str:
    scheme, _, given = (authorization or "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""
