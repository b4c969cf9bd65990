"""Which CI system we are in, and where its own token is to be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flowrun.errors import UsageError
from flowrun.settings.places import Found, Variables

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_GITHUB = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
_AZURE = ("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN")
_REMEDY = {
    "github": "the job needs `permissions: id-token: write`",
    "azure": "the step needs `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`",
}


@dataclass(frozen=True, slots=True)
class Federation:
    """`source` is `github`, `azure`, `file` or `token`; the others are what that one needs."""

    source: str
    url: str = ""
    bearer: str = field(default="", repr=False)
    audience: str = ""
    file: Path | None = None
    token: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """In words."""
        names = {"github": "GitHub's token", "azure": "Azure DevOps' token", "file": f"the token in {self.file}"}
        return names.get(self.source, "the CI system's token")


def federation_of(oidc: Found, token: Found, audience: Found, known: Variables) -> Federation | None:
    """What was asked for, else what this job offers; None where there is nothing of the kind. Raises UsageError."""
    wanted = oidc.value
    if wanted is None:
        if token.value is not None:
            return Federation("token", token=token.value)
        names = {"github": _GITHUB, "azure": _AZURE}
        wanted = next((source for source, pair in names.items() if all(known.get(name) for name in pair)), None)
        if wanted is None:
            return None
    kind, _, rest = str(wanted).partition(":")
    if kind == "file":
        return Federation("file", file=Path(rest))
    if kind == "env":
        text = known.get(rest)
        if not text:
            raise UsageError(f"{oidc.source} is {wanted}, and {rest} is not set", hint="On GitLab: `id_tokens:`.")
        return Federation("token", token=text)
    return _asked(kind, audience.value or "", known)


def _asked(source: str, audience: str, known: Variables) -> Federation:
    address, bearer = _GITHUB if source == "github" else _AZURE
    for name in (address, bearer):
        if not known.get(name):
            raise UsageError(f"oidc is {source}, and {name} is not set", hint=f"On this CI, {_REMEDY[source]}.")
    url = known.get(address)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise UsageError(f"{address} is not a URL that starts with https://")
    return Federation(source, url, known.get(bearer), audience)
