"""Builds the kinds of steps: the explicit list of what a workflow's steps can do.

One is missing here: `workflow`, whose steps are runs. An engine adds it, for only an engine can drive them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from flowrun.orchestrator.protocol import Orchestrator
from flowrun.steps.approval import ApprovalKind
from flowrun.steps.hiding import Hides, HidingKind
from flowrun.steps.job.kind import JobKind
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Clock, StepKind
from flowrun.steps.secrets import NO_SECRETS, Secrets
from flowrun.steps.wait import WaitKind


@asynccontextmanager
async def build_kinds(
    orchestrator: Orchestrator, clock: Clock, policy: Policy, secrets: Secrets = NO_SECRETS
) -> AsyncIterator[Mapping[str, StepKind]]:
    """The kinds by name. When the context ends they read and ask no more; what runs outside goes on running."""
    job = JobKind(orchestrator, clock, policy, secrets)
    kinds: tuple[StepKind, ...] = (job, WaitKind(clock), ApprovalKind(clock))
    try:
        with Hides(secrets).logged():
            yield {kind.name: HidingKind(kind, secrets) for kind in kinds}
    finally:
        await job.aclose()
