"""Which CI system we are in, and where its own token is to be had.

Sources: GitHub's and GitLab's pages on OpenID Connect; `oidctoken` of Azure DevOps' REST API, and what Azure's own
libraries read: `SYSTEM_OIDCREQUESTURI`, `AZURE_FEDERATED_TOKEN_FILE`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flowrun.errors import UsageError
from flowrun.settings.places import Found, Variables

TOKEN = "FLOWRUN_OIDC_TOKEN"  # noqa: S105 - the name of a variable
"""What GitLab puts its token into, where the job says so."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_GITHUB = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
_AZURE = ("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN")
_AZURE_FILE = "AZURE_FEDERATED_TOKEN_FILE"
_REMEDY = {
    "github": "the job needs `permissions: id-token: write`",
    "azure": "the step needs `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`",
    "gitlab": f"the job needs `id_tokens: {TOKEN}: aud: …`",
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
    if oidc.value is None:
        return _offered(token, audience.value or "", known)
    kind, _, rest = str(oidc.value).partition(":")
    if kind == "file":
        return Federation("file", file=Path(rest))
    if kind == "env":
        if not known.get(rest):
            raise UsageError(f"{oidc.source} is {oidc.value}, and {rest} is not set", hint="On GitLab: `id_tokens:`.")
        return Federation("token", token=known.get(rest))
    if kind == "gitlab":
        if token.value is None:
            raise UsageError(_lacking("gitlab", TOKEN, oidc), hint=f"On this CI, {_REMEDY['gitlab']}.")
        return Federation("token", token=token.value)
    if kind == "azure" and not rest and not known.get(_AZURE[0]) and known.get(_AZURE_FILE):
        return Federation("file", file=Path(known.get(_AZURE_FILE)))
    return _asked(kind, rest, audience.value or "", known, oidc)


def _offered(token: Found, audience: str, known: Variables) -> Federation | None:
    """By what there is in the environment of this job."""
    if token.value is not None:
        return Federation("token", token=token.value)
    for kind, pair in (("github", _GITHUB), ("azure", _AZURE)):
        if all(known.get(name) for name in pair):
            return _asked(kind, "", audience, known, None)
    return Federation("file", file=Path(known.get(_AZURE_FILE))) if known.get(_AZURE_FILE) else None


def _asked(source: str, service: str, audience: str, known: Variables, oidc: Found | None) -> Federation:
    """`service`: the id of a service connection of Azure DevOps, whose identity is wanted instead of the pipeline's."""
    address, bearer = _GITHUB if source == "github" else _AZURE
    for name in (address, bearer):
        if not known.get(name):
            raise UsageError(_lacking(source, name, oidc), hint=f"On this CI, {_REMEDY[source]}.")
    url = known.get(address)
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK)):
        raise UsageError(f"{address} is not a URL that starts with https://")
    if service:
        url += f"{'&' if parts.query else '?'}{urlencode({'serviceConnectionId': service})}"
    return Federation(source, url, known.get(bearer), audience)


def _lacking(source: str, name: str, oidc: Found | None) -> str:
    return f"oidc is {source}, and {name} is not set{f' ({oidc.source})' if oidc is not None else ''}"
