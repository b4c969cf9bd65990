"""Connection: an Orchestrator and one way to sign in there, whole, or an error that says which half is missing.

A credential is for one host. Where the place that it stands in names another Orchestrator than the one that is
configured, it is refused rather than sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from flowrun.errors import UsageError
from flowrun.settings.federation import Federation, federation_of
from flowrun.settings.places import Found, Variables
from flowrun.settings.secrets import secret
from flowrun.settings.tools import Login, host_of, login
from flowrun.settings.tools import profile as profile_of

_SECRETS = ("access_token", "client_id", "client_secret", "password")
_SIGN_IN = (
    "Set UIPATH_ACCESS_TOKEN, or both UIPATH_CLIENT_ID and UIPATH_CLIENT_SECRET; "
    "docs/how-to/connect-to-a-tenant.md has all ways."
)
PROFILE = "--uip-profile"
"""Who names a profile like this has just typed it, and means it before all else that may lie around."""

_URL = "https://cloud.uipath.com/organization/tenant"


@dataclass(frozen=True, slots=True)
class Connection:
    """An Orchestrator and who we are there: a token; an application with secret or federation; a user.

    `way` says which, for a person. `reload` reads the same places again.
    """

    url: str
    folder: str | None = None
    token: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str = ""
    ca_file: Path | None = None
    tenant: str | None = None
    federation: Federation | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    way: str = field(default="", compare=False)
    reload: Callable[[], Connection | None] | None = field(default=None, repr=False, compare=False)


def connection_of(found: Mapping[str, Found], known: Variables, project: Path) -> Connection | None:
    """Whole or none: half a connection would end in somebody else's Orchestrator, or in the embedded one, unnoticed.

    Raises UsageError.
    """
    found = {**found, **{name: secret(name, found) for name in _SECRETS}}
    url, profile = found["url"], found["uip_profile"]
    if url.value is None:
        lone = next((found[name] for name in (*_SECRETS, "username") if found[name].value), None)
        if lone is None:
            return None
        hint = f"Set UIPATH_URL, such as {_URL}, or unset the credentials."
        raise UsageError(f"{lone.source} is set, but the URL of the Orchestrator is not", hint=hint)
    left = _left(url.value, profile, known, project)
    organization = found["organization"].value or (left.organization if left else "")
    tenant = found["tenant"].value or (left.tenant if left and organization else None)
    base = Connection(
        url=_completed(url.value, organization, tenant),
        folder=found["folder"].value,
        ca_file=found["ca_file"].value,
        tenant=tenant,
        proxy=_proxy(url.value, found["proxy"], known),
    )
    signed = None if left is not None and profile.source == PROFILE else _signed(base, found, known)
    if signed is not None:
        return signed
    if left is not None:
        return replace(base, token=left.token, way=words_of(left))
    raise UsageError(f"{url.source} is set, but the credentials{_half(found)} are missing", hint=_SIGN_IN)


def _left(url: str, profile: Found, known: Variables, project: Path) -> Login | None:
    """What a tool of UiPath's left for this host: the profile that is named, else the nearest. Raises UsageError."""
    if profile.value is None:
        return login(url, project, known.environ)
    named = profile_of(profile.value, known.environ, profile.source)
    if named.host != host_of(url):
        raise UsageError(
            f"uip's profile {named.profile} ({profile.source}) is for {named.host or 'no host'}, "
            f"and the Orchestrator is {host_of(url)}",
            hint="It is not sent to another host. Name another profile, or another url.",
        )
    return named


def words_of(left: Login) -> str:
    """In words."""
    return f"a token that {left.path} holds"


def _signed(base: Connection, found: Mapping[str, Found], known: Variables) -> Connection | None:
    """With the first whole way to sign in: a token, an application, a user."""
    token, client_id, client_secret = (found[name] for name in ("access_token", "client_id", "client_secret"))
    username, password = found["username"], found["password"]
    if token.value is not None:
        _check_host(base.url, token, known)
        return replace(base, token=token.value, way=f"a token from {token.source}")
    base = replace(base, scope=found["scope"].value)
    if client_id.value is not None and client_secret.value is not None:
        _check_host(base.url, client_secret, known)
        way = f"application {client_id.value}, with the secret from {client_secret.source}"
        return replace(base, client_id=client_id.value, client_secret=client_secret.value, way=way)
    if client_id.value is not None:
        federation = federation_of(found["oidc"], found["oidc_token"], found["oidc_audience"], known)
        if federation is not None:
            _check_host(base.url, found["oidc_token"], known)
            way = f"application {client_id.value}, with {federation.shown}"
            return replace(base, client_id=client_id.value, federation=federation, way=way)
    if username.value is not None and password.value is not None:
        _check_host(base.url, password, known)
        way = f"user {username.value}, with the password from {password.source}"
        return replace(base, username=username.value, password=password.value, way=way)
    return None


def _half(found: Mapping[str, Found]) -> str:
    """What there is of a way to sign in that is not whole."""
    lone = next(
        (found[name] for name in ("client_id", "client_secret", "username", "password") if found[name].value), None
    )
    return f" beside {lone.source}" if lone else ""


def _check_host(url: str, credential: Found, known: Variables) -> None:
    """The place of a credential may name an Orchestrator itself: then the credential is for that one."""
    if not credential.place:
        return
    own = known.at(credential.place, "UIPATH_URL")
    if own and host_of(own) != host_of(url):
        raise UsageError(
            f"{credential.source} is a credential for {host_of(own)}, and the Orchestrator is {host_of(url)}",
            hint="It is not sent to another host. Set UIPATH_URL and the credential in one place.",
        )


def _completed(url: str, organization: str, tenant: str | None) -> str:
    """UiPath's command line means the host alone by UIPATH_URL, its SDK the host with organization and tenant."""
    parts = urlsplit(url)
    given = [segment for segment in parts.path.split("/") if segment]
    if organization and tenant and len(given) < 2 and given in ([], [organization]):  # noqa: PLR2004 - organization and tenant
        return f"{parts.scheme}://{parts.netloc}/{organization}/{tenant}"
    return url


def _proxy(url: str, proxy: Found, known: Variables) -> str | None:
    """The proxy, unless the host is one that needs none. Plain HTTP, to this machine, never goes through one."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if proxy.value is None or parts.scheme != "https":
        return None
    exempt = known.get("NO_PROXY") or known.get("no_proxy")
    names = [name.strip().lower().lstrip("*").lstrip(".") for name in exempt.split(",")]
    if exempt.strip() == "*" or any(name and (host == name or host.endswith(f".{name}")) for name in names):
        return None
    return str(proxy.value)
