"""The tenant put together: what an emulator has in its state folder, and what it knows again from there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from flowrun.emulator.blobs import Blobs
from flowrun.emulator.deliveries import Deliveries
from flowrun.emulator.deployment import Deployment
from flowrun.emulator.files import Files
from flowrun.emulator.guard import Guard
from flowrun.emulator.ledger import Clock, Ledger, read
from flowrun.emulator.robots import Robots
from flowrun.emulator.sessions import Sessions
from flowrun.emulator.store import Store
from flowrun.emulator.tenant import Tenant
from flowrun.emulator.triggers import Triggers
from flowrun.emulator.webhooks import Webhooks

LEDGER = "ledger.jsonl"
LOGS = "logs"
STATES = "states"
BLOBS = "blobs"
WEBHOOKS = "webhooks.json"


def assemble(
    deployment: Deployment,
    state: Path,
    token: str,
    clock: Clock,
    controls: tuple[Callable[[], str], Callable[[], None]],
) -> Tenant:
    """Make all parts. `state` is the folder of everything that lasts; `controls` are `reload` and `shut_down`."""
    ledger = Ledger(state / LEDGER, clock)
    store = Store(ledger, clock)
    store.versions.remember(read(state / LEDGER))
    store.deploy(deployment.folders, deployment.robots, deployment.releases)
    store.restore(read(state / LEDGER))
    ledger.write("opened", pid=os.getpid(), catalog=deployment.digest)
    files = Files(Blobs(state / BLOBS, clock), ledger, clock)
    files.restore(read(state / LEDGER))
    triggers = Triggers(ledger)
    triggers.restore(read(state / LEDGER))
    webhooks = Webhooks(state / WEBHOOKS)
    robots = Robots(store, files, triggers, state / LOGS)
    robots.large_outputs = deployment.profile.large_outputs
    deliveries = Deliveries(webhooks, ledger, clock, lambda: tenant.profile)
    store.tell = deliveries.moved
    tenant = Tenant(
        store=store,
        robots=robots,
        sessions=Sessions(store, files, state / LOGS, state / STATES),
        ledger=ledger,
        guard=Guard(token, clock),
        deployment=deployment,
        files=files,
        triggers=triggers,
        webhooks=webhooks,
        deliveries=deliveries,
        reload=controls[0],
        shut_down=controls[1],
    )
    return tenant
