"""Ways: all that could sign in at an Orchestrator from here, used or not, for a person who wonders as whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flowrun.errors import UsageError
from flowrun.settings.connection import words_of
from flowrun.settings.federation import federation_of
from flowrun.settings.places import Found, Variables
from flowrun.settings.secrets import KEYRING_NAMES, secret
from flowrun.settings.tools import Login, logins, profiles

CREDENTIALS = (
    *("access_token", "access_token_file", "client_id", "client_secret", "client_secret_file", "oidc", "oidc_token"),
    *("username", "password", "password_file", "keyring", "uip_profile"),
)
"""The settings that say who we are."""

_NOTHING = Found(None, "not set", "default")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to sign in, in words. `host` is which it is for, where it says so; `fault` why it is none after all."""

    text: str
    host: str = ""
    fault: str = ""


def ways_of(found: Mapping[str, Found], known: Variables, project: Path) -> tuple[Way, ...]:
    """In the order in which they are looked at. What cannot be read is one with a fault."""
    return tuple(_ways(found, known, project))


def typed_alone(found: Mapping[str, Found], typed: Mapping[str, Found]) -> Mapping[str, Found]:
    """The settings with these credentials and no others."""
    return {**found, **dict.fromkeys(CREDENTIALS, _NOTHING), **typed}


def _ways(found: Mapping[str, Found], known: Variables, project: Path) -> Iterator[Way]:
    whole: dict[str, Found] = {}
    faults: dict[str, None] = {}
    for name in KEYRING_NAMES:
        try:
            whole[name] = secret(name, found)
        except UsageError as error:
            whole[name] = found[name]
            faults[error.message] = None
    yield from (Way("a file or the keyring", fault=fault) for fault in faults)
    token, client, code, password = (whole[name] for name in KEYRING_NAMES)
    if token.value is not None:
        yield Way(f"a token from {token.source}")
    if client.value is not None and code.value is not None:
        yield Way(f"application {client.value}, with the secret from {code.source}")
    if client.value is not None:
        try:
            federation = federation_of(found["oidc"], found["oidc_token"], found["oidc_audience"], known)
        except UsageError as error:
            yield Way(f"application {client.value}, with a CI system's token", fault=error.message)
        else:
            if federation is not None:
                yield Way(f"application {client.value}, with {federation.shown}")
    if found["username"].value is not None and password.value is not None:
        yield Way(f"user {found['username'].value}, with the password from {password.source}")
    yield from (_left(one) for one in logins(project, known.environ))
    yield from (_left(one) for one in profiles(known.environ))


def _left(one: Login) -> Way:
    profile = f" (uip's profile {one.profile})" if one.profile else ""
    return Way(f"{words_of(one)}{profile}", one.host, "" if one.token else "there is no token in it")
