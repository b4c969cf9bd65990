"""The forms that the URL of an Orchestrator comes in, and the two addresses behind each: the API and its tokens.

Source: base URLs and token endpoints of the API facts, 1.1. A cloud or a suite has `https://host/org/tenant`, where
the API is below `orchestrator_`; a standalone Orchestrator is the host alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flowrun.errors import UsageError

_SERVICE = "orchestrator_"
_CLOUD = (".uipath.com", ".uipath.us")


@dataclass(frozen=True, slots=True)
class Address:
    """`api` is what `/odata/…` is appended to; `tokens` is where client credentials become a token."""

    api: str
    tokens: str


def address_of(url: str) -> Address:
    """From what the user configured, a link copied from the browser included. Raises UsageError."""
    parts = urlsplit(url.strip())
    origin = f"{parts.scheme}://{parts.netloc}"
    segments = [segment for segment in parts.path.split("/") if segment]
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url} is not the URL of an Orchestrator", hint="It looks like https://host/org/tenant.")
    if _SERVICE in segments:
        segments = segments[: segments.index(_SERVICE)]
        return Address("/".join((origin, *segments, _SERVICE)), f"{origin}/identity_/connect/token")
    if "odata" in segments:
        segments = segments[: segments.index("odata")]
    if parts.hostname.endswith(_CLOUD) and len(segments) < 2:  # noqa: PLR2004 - organization and tenant
        hint = f"Write {origin}/organization/tenant, as the address bar of the browser has it."
        raise UsageError(f"{url} names no organization and tenant", hint=hint)
    if len(segments) >= 2:  # noqa: PLR2004 - organization and tenant
        return Address("/".join((origin, *segments[:2], _SERVICE)), f"{origin}/identity_/connect/token")
    return Address("/".join((origin, *segments)), f"{origin}/identity/connect/token")
