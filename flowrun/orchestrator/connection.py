"""Connection: what the client must know of an Orchestrator and of us, as `settings.Connection` has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Federation(Protocol):
    """Where the token of a CI system comes from: from its own server, from a file, or it is in hand already."""

    @property
    def source(self) -> str:
        """`github`, `azure`, `file` or `token`."""
        ...

    @property
    def url(self) -> str:
        """Where GitHub and Azure give it."""
        ...

    @property
    def bearer(self) -> str:
        """What they want to see for it."""
        ...

    @property
    def audience(self) -> str:
        """For whom it is to be; empty for what the CI system does by itself."""
        ...

    @property
    def file(self) -> Path | None:
        """The file that holds it, and is written anew before it ends."""
        ...

    @property
    def token(self) -> str:
        """The token itself."""
        ...


class Connection(Protocol):
    """An address, and one way to sign in: a token; an application's secret or federation; a user's password."""

    @property
    def url(self) -> str:
        """The Orchestrator, in any form that `address` reads."""
        ...

    @property
    def folder(self) -> str | None:
        """The folder of those who name none: path, key or id."""
        ...

    @property
    def tenant(self) -> str | None:
        """The tenant, for a standalone Orchestrator that has several."""
        ...

    @property
    def token(self) -> str | None:
        """A bearer token."""
        ...

    @property
    def client_id(self) -> str | None:
        """The id of an external application."""
        ...

    @property
    def client_secret(self) -> str | None:
        """Its secret."""
        ...

    @property
    def federation(self) -> Federation | None:
        """What stands in for its secret."""
        ...

    @property
    def scope(self) -> str:
        """The scopes that it asks for."""
        ...

    @property
    def username(self) -> str | None:
        """A user of an older standalone Orchestrator."""
        ...

    @property
    def password(self) -> str | None:
        """Their password."""
        ...

    @property
    def ca_file(self) -> Path | None:
        """Certificates to trust instead of the well-known ones and those of the system."""
        ...

    @property
    def proxy(self) -> str | None:
        """The proxy on the way there."""
        ...

    @property
    def reload(self) -> Callable[[], Connection | None] | None:
        """Reads the same places again: a credential may have been exchanged since. May raise UsageError."""
        ...
