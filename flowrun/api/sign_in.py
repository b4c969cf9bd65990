"""Signing in, tried: as whom, by which of the ways that there are, and what is kept in the keyring for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.diagnosis import facts
from flowrun.errors import UsageError
from flowrun.settings import KEYRING_NAMES, forget, keep

if TYPE_CHECKING:
    from flowrun.settings import Connection, Settings


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that worked. `facts` is what the token says of itself; `folders` are those that the account sees."""

    url: str
    way: str
    facts: tuple[str, ...]
    folders: tuple[str, ...]


async def try_sign_in(settings: Settings) -> SignedIn:
    """Sign in, and read the folders, which changes nothing. Raises UsageError, OrchestratorError."""
    connection: Connection | None = settings.connection
    if connection is None:
        raise UsageError("no Orchestrator is configured", hint="Set UIPATH_URL, or choose a context that has a url.")
    async with bootstrap.connect(settings, None) as connected:
        claims = await connected.inspection.signed_in()
        seen = await connected.inspection.folders()
    names = tuple(one.fully_qualified_name or one.display_name for one in seen)
    said = tuple(facts(claims)) if claims else ("an opaque token, which does not say more",)
    return SignedIn(connection.url, connection.way, said, names)


def store(service: str, typed: Mapping[str, str]) -> tuple[str, ...]:
    """Let the keyring keep these credentials, by the names of settings; the names that it has them under.

    What it has of other ways to sign in goes, for the first that is whole would be taken. Raises UsageError.
    """
    for name, text in typed.items():
        keep(service, KEYRING_NAMES[name], text)
    for name in KEYRING_NAMES.keys() - typed.keys():
        forget(service, KEYRING_NAMES[name])
    return tuple(KEYRING_NAMES[name] for name in typed)


def remove(service: str) -> tuple[str, ...]:
    """Take all that signs in out of the keyring; secrets of workflows stay. What was there. Raises UsageError."""
    return tuple(name for name in KEYRING_NAMES.values() if forget(service, name))
