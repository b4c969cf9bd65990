"""The sign-ins that UiPath's own tools left on this machine. They are read, never written.

`uipath auth` leaves `.uipath/.auth.json` in the project: JSON with `access_token`. `uip login` leaves `.uipath/.auth`,
in the project or at home, and `~/.uipath/profiles/<name>/.auth`: variables as in `.env`. None decides whom we talk to:
each is used only where its own host is that of the configured URL, and a profile only where it is named.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flowrun.errors import UsageError
from flowrun.nearest import guess
from flowrun.settings.places import dotenv

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in of another tool: where it is, for which host, as whom; `profile` where it is one of several."""

    path: Path
    host: str
    token: str = field(repr=False)
    organization: str = ""
    tenant: str = ""
    profile: str = ""

    @property
    def url(self) -> str:
        """The Orchestrator that it is for; empty where it does not say."""
        if not (self.host and self.organization and self.tenant):
            return ""
        scheme = "http" if self.host.partition(":")[0] in ("localhost", "127.0.0.1") else "https"
        return f"{scheme}://{self.host}/{self.organization}/{self.tenant}"


def login(url: str, project: Path, environ: Mapping[str, str]) -> Login | None:
    """The first sign-in for the host of this URL."""
    host = host_of(url)
    return next((found for found in logins(project, environ) if found.token and found.host == host), None)


def profile(name: str, environ: Mapping[str, str], source: str) -> Login:
    """The sign-in of a profile. Raises UsageError where there is none, or no token in it."""
    found = {one.profile: one for one in profiles(environ)}
    if name not in found:
        hint = guess(name, found, f"There are: {', '.join(found)}." if found else "There are none: uip login.")
        raise UsageError(f"uip has no profile {name} ({source})", hint=hint)
    if not found[name].token:
        raise UsageError(f"{found[name].path} holds no token ({source})", hint="Sign in with uip login.")
    return found[name]


def host_of(url: str) -> str:
    """Host and port, in lower case; empty where there is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def profiles(environ: Mapping[str, str]) -> Iterator[Login]:
    """All profiles of `uip login`, by name."""
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if home:
        for path in sorted((Path(home) / ".uipath" / "profiles").glob("*/.auth")):
            yield replace(_of_variables(path), profile=path.parent.name)


def logins(project: Path, environ: Mapping[str, str]) -> Iterator[Login]:
    """All sign-ins that are no profiles, the nearest first."""
    home = environ.get("HOME") or environ.get("USERPROFILE")
    path = project / ".uipath" / ".auth.json"
    if path.is_file():
        yield _of_json(path)
    for folder in (project, *([Path(home)] if home else [])):
        path = folder / ".uipath" / ".auth"
        if path.is_file():
            yield _of_variables(path)


def _of_variables(path: Path) -> Login:
    found = dotenv(path)
    names = (found.get("UIPATH_ORGANIZATION_NAME", ""), found.get("UIPATH_TENANT_NAME", ""))
    return Login(path, host_of(found.get("UIPATH_URL", "")), found.get("UIPATH_ACCESS_TOKEN", ""), *names)


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
