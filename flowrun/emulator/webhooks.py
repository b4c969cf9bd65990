"""Webhooks: who wants to be told of Jobs. They lie in a file of their own, since they have secrets.

Only loopback addresses are taken: nothing that an emulator does leaves this machine.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

EVENTS = (
    *("job.created", "job.started", "job.completed", "job.faulted", "job.stopped", "job.suspended", "job.resumed"),
    *("job.stopping", "job.terminating"),
)
"""The types of event that there are."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One subscription. `events` counts where `all_events` is not set; `secret` signs what is sent."""

    id: int
    key: str
    name: str
    url: str
    enabled: bool = True
    description: str | None = None
    secret: str | None = None
    all_events: bool = True
    insecure: bool = False
    events: tuple[str, ...] = ()

    def wants(self, event: str) -> bool:
        """Whether it is to be told of an event."""
        return self.enabled and (self.all_events or event in self.events)


class Webhooks:
    """All of them, by id, kept in `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._all: dict[int, Webhook] = {}
        self._next = 1
        if path.exists():
            data = json.loads(path.read_text(encoding="utf-8"))
            self._next = data["next"]
            for words in data["webhooks"]:
                webhook = Webhook(**{**words, "events": tuple(words["events"])})
                self._all[webhook.id] = webhook

    def listed(self) -> list[Webhook]:
        """All, oldest first."""
        return list(self._all.values())

    def find(self, number: int) -> Webhook | None:
        """By id."""
        return self._all.get(number)

    def add(self, webhook: Webhook) -> Webhook:
        """Keep a new one, with an id and a key of its own."""
        made = dataclasses.replace(webhook, id=self._next, key=str(uuid.uuid4()))
        self._next += 1
        return self.put(made)

    def put(self, webhook: Webhook) -> Webhook:
        """Keep one that changed."""
        self._all[webhook.id] = webhook
        self._save()
        return webhook

    def remove(self, number: int) -> None:
        """Forget one."""
        self._all.pop(number, None)
        self._save()

    def _save(self) -> None:
        words = {"next": self._next, "webhooks": [dataclasses.asdict(webhook) for webhook in self._all.values()]}
        part = self._path.with_suffix(".part")
        file = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            json.dump(words, out)
        part.replace(self._path)


def is_loopback(url: str) -> bool:
    """Whether an address is one of this machine's, over HTTP."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return False  # it would stand in the first line of a request
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or parts.username is not None:
        return False
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
