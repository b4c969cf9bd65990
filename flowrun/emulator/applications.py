"""Who may sign in: `applications` and `users` of `emulator.yaml`, as words and as what they come to.

A catalog without applications takes any client id with the emulator's own token for its secret, one without users any
user with that token for a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, model_validator

from flowrun.emulator.entities import Json
from flowrun.emulator.words import Words

LIFETIME_S = 3600.0
Text = Annotated[str, Field(min_length=1, max_length=1024)]
Lifetime = Annotated[float, Field(gt=0, le=86_400)]


class FederatedWords(Words):
    """A federated credential: whose tokens stand in for the secret. `key` signs them, by HS256."""

    issuer: Text
    subject: Text
    audience: Text | None = None
    key: Annotated[str, Field(min_length=16)]


class ApplicationWords(Words):
    """An external application: its secret, or a map."""

    id: Text | None = None
    secret: Text | None = None
    scopes: list[Text] | None = None
    token_lifetime: Lifetime = LIFETIME_S
    federated: list[FederatedWords] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Json) -> Json:
        return {"secret": data} if isinstance(data, str) else data


class UserWords(Words):
    """A user of a standalone server: its password, or a map."""

    password: Text
    tenant: Text = "default"
    token_lifetime: Lifetime = 1800.0

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Json) -> Json:
        return {"password": data} if isinstance(data, str) else data


@dataclass(frozen=True, slots=True)
class Federated:
    """A federated credential. Without an audience, any is taken."""

    issuer: str
    subject: str
    audience: str | None
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Application:
    """An external application. Without a secret, the emulator's own token is it; without scopes, it gets any."""

    id: str
    secret: str | None = field(default=None, repr=False)
    scopes: frozenset[str] | None = None
    lifetime: float = LIFETIME_S
    federated: tuple[Federated, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """A user of a standalone server."""

    name: str
    password: str = field(repr=False)
    tenant: str
    lifetime: float


@dataclass(frozen=True, slots=True)
class Accounts:
    """All of them, by client id and by name in lower case. None where the catalog says nothing of the kind."""

    applications: Mapping[str, Application] | None = None
    users: Mapping[str, User] | None = None


def accounts(applications: Mapping[str, ApplicationWords] | None, users: Mapping[str, UserWords] | None) -> Accounts:
    """What the words come to. Of two applications with one id, the last counts."""
    made = None
    if applications is not None:
        made = {(words.id or name).lower(): _application(name, words) for name, words in applications.items()}
    known = None
    if users is not None:
        known = {name.lower(): User(name, one.password, one.tenant, one.token_lifetime) for name, one in users.items()}
    return Accounts(made, known)


def _application(name: str, words: ApplicationWords) -> Application:
    federated = tuple(Federated(one.issuer, one.subject, one.audience, one.key) for one in words.federated)
    scopes = None if words.scopes is None else frozenset(words.scopes)
    return Application(words.id or name, words.secret, scopes, words.token_lifetime, federated)
