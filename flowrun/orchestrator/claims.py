"""What a token says of itself, where it is a JWT. Nothing is verified: that is for the server; this is for a person."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the token is for. `scopes` is None where it does not say, `ends` is in seconds since the epoch.

    `subject` and `audiences` are as they stand there; `user` is the best name of the subject.
    """

    client_id: str = ""
    user: str = ""
    issuer: str = ""
    scopes: frozenset[str] | None = None
    ends: float | None = None
    subject: str = ""
    audiences: tuple[str, ...] = ()


def claims_of(token: str) -> Claims | None:
    """The claims; None where the token is opaque, as personal access tokens are."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        text = parts[1].encode("ascii")
        found = json.loads(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    ends = found.get("exp")
    return Claims(
        client_id=_text(found, "client_id"),
        user=_text(found, "email") or _text(found, "preferred_username") or _text(found, "name") or _text(found, "sub"),
        issuer=_text(found, "iss"),
        scopes=scopes_of(found.get("scope")),
        ends=float(ends) if isinstance(ends, int | float) and not isinstance(ends, bool) else None,
        subject=_text(found, "sub"),
        audiences=_audiences(found.get("aud")),
    )


def scopes_of(value: Any) -> frozenset[str] | None:
    """A list of them, or one text with spaces between; None for anything else."""
    if isinstance(value, str):
        value = value.split()
    return frozenset(str(one) for one in value) if isinstance(value, list) else None


def _audiences(value: Any) -> tuple[str, ...]:
    found = value if isinstance(value, list) else [value]
    return tuple(one for one in found if isinstance(one, str) and one.isprintable())


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) and value.isprintable() else ""
