"""The forms that the URL of an Orchestrator comes in, and the addresses behind each: the API and where to sign in.

Source: base URLs and token endpoints of the API facts, 1.1. A cloud or a suite has `https://host/org/tenant`, where
the API is below `orchestrator_`; a standalone Orchestrator is the host alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flowrun.errors import UsageError

_SERVICE = "orchestrator_"
_PLACES = 2
"""Organization and tenant."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_CLOUD = (".uipath.com", ".uipath.us")
_FORMER = "platform.uipath.com"
_BELOW = frozenset({"api", "odata", "swagger", "identity"})
"""What a link into a standalone Orchestrator goes on with."""


@dataclass(frozen=True, slots=True)
class Address:
    """`api` is what `/odata/…` is appended to; `tokens` is where an application signs in.

    A standalone Orchestrator knows its tenants by a header, and may know users by a password.
    """

    api: str
    tokens: str
    standalone: bool = False

    @property
    def users(self) -> str:
        """Where a user signs in, on a standalone Orchestrator."""
        return f"{self.api}/api/Account/Authenticate"


def address_of(url: str) -> Address:
    """From what the user configured, a link copied from the browser included. Raises UsageError."""
    parts = urlsplit(url.strip())
    origin = f"{parts.scheme}://{parts.netloc}"
    segments = [segment for segment in parts.path.split("/") if segment]
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url} is not the URL of an Orchestrator", hint="It looks like https://host/org/tenant.")
    if parts.hostname == _FORMER:
        hint = "Write https://cloud.uipath.com/organization/tenant."
        raise UsageError(f"{_FORMER} is the former address of the cloud, and no longer served", hint=hint)
    cloud = parts.hostname.endswith(_CLOUD)
    service = next((place for place, segment in enumerate(segments) if _is_service(segment)), None)
    named = segments[:service]
    if service is not None and segments[service].lower() == _SERVICE and (len(named) >= _PLACES or not cloud):
        return Address("/".join((origin, *named, _SERVICE)), f"{origin}/identity_/connect/token")
    named = named[: next((place for place, segment in enumerate(named) if segment.lower() in _BELOW), None)]
    if len(named) >= _PLACES:
        return Address("/".join((origin, *named[:_PLACES], _SERVICE)), f"{origin}/identity_/connect/token")
    if cloud or service is not None:
        hint = (
            f"Write {origin}/organization/tenant, as the address bar of the browser has it, or name them in "
            "UIPATH_ORGANIZATION_NAME and UIPATH_TENANT_NAME."
        )
        raise UsageError(f"{url} names no organization and tenant", hint=hint)
    return Address("/".join((origin, *named)), f"{origin}/identity/connect/token", standalone=True)


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine by name, so that nobody else can listen to plain HTTP."""
    return host in _LOOPBACK


def _is_service(segment: str) -> bool:
    """`orchestrator_`, `portal_`, `identity_`: what stands below organization and tenant."""
    return segment.endswith("_") and len(segment) > 1


def named(place: object) -> str:
    """The Orchestrator that a run remembers as its own, `{"emulator": catalog}` or `{"url": address}`, in words."""
    if not isinstance(place, Mapping):
        return "none that is named"
    return f"the embedded Orchestrator of {place['emulator']}" if "emulator" in place else str(place.get("url"))
