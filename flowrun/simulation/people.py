"""People: who answers approvals, as the script says, or after some hours, or never."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from random import Random

from flowrun.core.events import AttemptFinished, AttemptStarted, StepBegan
from flowrun.core.plan import Plan
from flowrun.core.status import RunStatus
from flowrun.simulation.courses import Reply, Script, filled_in
from flowrun.simulation.outside import Outside
from flowrun.simulation.paper import Disk
from flowrun.simulation.virtual import EPOCH
from flowrun.steps.answer import Answer, Decision

SOONEST, LATEST = 60.0, 4 * 3600.0
"""Seconds after which somebody answers of whom nothing is said."""


class People:
    """All that are asked anything in a simulated run. `due`: when the last answer that is under way comes."""

    def __init__(self, seed: int, scripts: Mapping[str, Script], disk: Disk, world: Outside) -> None:
        self.due = -math.inf
        self._dice = Random(f"{seed}:people")  # noqa: S311 - the same seed must tell the same story
        self._scripts = scripts
        self._disk = disk
        self._world = world
        self._kinds: dict[tuple[str, str], str] = {}

    def met(self, run_id: str, plan: Plan) -> None:
        """A run began."""
        self._kinds.update({(run_id, step.id): step.kind for step in plan.steps})

    def asked(self, run_id: str, workflow: str, event: AttemptStarted) -> None:
        """An attempt began: where it is a question, somebody will answer it."""
        if self._kinds.get((run_id, event.step_id)) != "approval":
            return
        reply = self._scripts.get(workflow, Script()).reply(event.step_id, self._leg(run_id, event), event.attempt)
        usual = SOONEST * (LATEST / SOONEST) ** self._dice.random()
        chances = {"unanswered": self._world.trouble.unanswered}
        if self._world.fates.one(f"answer to {event.step_id}", chances) is not None:
            self._world.unanswered(event.step_id)
            return
        after = usual if reply.after is None else reply.after
        loop = asyncio.get_running_loop()
        self.due = max(self.due, loop.time() + after)
        loop.call_later(after, self._answer, run_id, event, reply)

    def _answer(self, run_id: str, event: AttemptStarted, reply: Reply) -> None:
        if RunStatus(self._disk.run(run_id).status).final:
            return
        now = EPOCH + asyncio.get_running_loop().time()
        inputs = filled_in(reply.inputs, event.handle["inputs"]) if reply.decision is Decision.APPROVED else {}
        outcome = Answer(reply.decision, reply.by, now, reply.comment, inputs).outcome()
        self._disk.request(run_id, AttemptFinished(now, event.step_id, event.leg, event.attempt, outcome))

    def _leg(self, run_id: str, event: AttemptStarted) -> str:
        for record in self._disk.read(run_id):
            if isinstance(record.event, StepBegan) and record.event.step_id == event.step_id:
                return record.event.legs[event.leg].key
        return ""
