"""The tenant: everything of the emulated Orchestrator in one value, for the handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flowrun.emulator.deliveries import Deliveries
from flowrun.emulator.deployment import Deployment
from flowrun.emulator.faults import Faults
from flowrun.emulator.files import Files
from flowrun.emulator.guard import Guard
from flowrun.emulator.ledger import Ledger
from flowrun.emulator.profile import Profile
from flowrun.emulator.rates import RollingLimit
from flowrun.emulator.robots import Robots
from flowrun.emulator.sessions import Sessions
from flowrun.emulator.store import Store
from flowrun.emulator.triggers import Triggers
from flowrun.emulator.webhooks import Webhooks


@dataclass(slots=True)
class Tenant:
    """The parts. `reload` reads the catalog again and gives its digest; `shut_down` ends the server soon."""

    store: Store
    robots: Robots
    sessions: Sessions
    ledger: Ledger
    guard: Guard
    deployment: Deployment
    files: Files
    triggers: Triggers
    webhooks: Webhooks
    deliveries: Deliveries
    reload: Callable[[], str]
    shut_down: Callable[[], None]
    faults: Faults = field(default_factory=Faults)
    list_calls: RollingLimit = field(default_factory=RollingLimit)

    @property
    def profile(self) -> Profile:
        """How it behaves."""
        return self.deployment.profile
