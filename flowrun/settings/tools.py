"""The sign-ins that UiPath's own tools left on this machine. They are read, never written.

`uipath auth` leaves `.uipath/.auth.json` in the project: JSON with `access_token`. `uip login` leaves `.uipath/.auth`,
in the project or at home: variables as in `.env`. Neither decides whom we talk to: each is used only where its own
host is that of the configured URL.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flowrun.settings.places import dotenv

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in of another tool: where it is, for which host, as whom."""

    path: Path
    host: str
    token: str = field(repr=False)
    organization: str = ""
    tenant: str = ""


def login(url: str, project: Path, environ: Mapping[str, str]) -> Login | None:
    """The first sign-in for the host of this URL."""
    host = host_of(url)
    return next((found for found in _logins(project, environ) if found.token and found.host == host), None)


def host_of(url: str) -> str:
    """Host and port, in lower case; empty where there is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _logins(project: Path, environ: Mapping[str, str]) -> Iterator[Login]:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    path = project / ".uipath" / ".auth.json"
    if path.is_file():
        yield _of_json(path)
    for folder in (project, *([Path(home)] if home else [])):
        path = folder / ".uipath" / ".auth"
        if path.is_file():
            found = dotenv(path)
            names = (found.get("UIPATH_ORGANIZATION_NAME", ""), found.get("UIPATH_TENANT_NAME", ""))
            yield Login(path, host_of(found.get("UIPATH_URL", "")), found.get("UIPATH_ACCESS_TOKEN", ""), *names)


def _of_json(path: Path) -> Login:
    """It names no host; who issued its token does."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Login(path, "", "")
    token = found.get("access_token") if isinstance(found, dict) else None
    return Login(path, host_of(_issuer(token)), token) if isinstance(token, str) else Login(path, "", "")


def _issuer(token: Any) -> str:
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != _PARTS:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return ""
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else ""
