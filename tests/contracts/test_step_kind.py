"""Every kind of step keeps the contract."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from flowrun.core.events import RunStarted
from flowrun.core.plan import Plan
from flowrun.journal.memory import MemoryJournal
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import VirtualClock
from flowrun.simulation.weather import Weather
from flowrun.steps.approval import ApprovalKind
from flowrun.steps.job.kind import JobKind
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Attempt, StepKind
from flowrun.steps.wait import WaitKind
from flowrun.steps.workflow import WorkflowKind
from tests.contracts.embedded import family
from tests.golden.events.plans import job
from tests.simulation.outside import Outside

pytest.register_assert_rewrite("tests.contracts.step_kind")

from tests.contracts.step_kind import StepKindContract  # noqa: E402 - its asserts are rewritten by the line above


class TestJob(StepKindContract):
    def world(self) -> Callable[[], StepKind]:
        world = World(random.Random(11), Weather(lag=10.0, running=400.0, pending=30.0))
        return lambda: JobKind(world, VirtualClock(), Policy())

    def good(self) -> Attempt:
        return Attempt("run", "post", "", 1, {"release": "Post", "outputs": {"Total": {"type": "integer"}}})

    def bad(self) -> Attempt:
        return Attempt("run", "post", "", 1, {"release": "Nowhere"})


class TestJobOnThisMachine(TestJob):
    def world(self) -> Callable[[], StepKind]:
        world = World(random.Random(12), Weather(running=400.0))
        return lambda: JobKind(world, VirtualClock(), Policy.local())


class TestJobThatMakesSeveral(TestJob):
    def good(self) -> Attempt:
        return Attempt("run", "post", "eu", 2, {"release_key": "k", "strategy": "Specific", "robots": ["anna", "bert"]})

    def bad(self) -> Attempt:
        return Attempt("run", "post", "eu", 2, {"release": "Post", "strategy": "Specific", "robots": ["nobody"]})


class TestWait(StepKindContract):
    def world(self) -> Callable[[], StepKind]:
        return lambda: WaitKind(VirtualClock())

    def good(self) -> Attempt:
        return Attempt("run", "pause", "", 1, {"wait": {"for": 90.0}})

    def bad(self) -> Attempt:
        return Attempt("run", "pause", "", 1, {"wait": {"until": "soon"}})


class TestApproval(StepKindContract):
    """Nobody answers here: an answer is the engine's affair."""

    def world(self) -> Callable[[], StepKind]:
        return lambda: ApprovalKind(VirtualClock())

    def good(self) -> Attempt:
        asked = {"instructions": "Pay it?", "timeout": 90.0, "on_timeout": "approve"}
        return Attempt("run", "sign_off", "", 1, {"approval": asked})

    def bad(self) -> Attempt:
        return Attempt("run", "sign_off", "", 1, {"approval": {"instructions": " "}})


class TestWorkflow(StepKindContract):
    def world(self) -> Callable[[], StepKind]:
        journal, outside = MemoryJournal(), Outside()
        post = Plan("post", (job("a", takes=40), job("b", "a", takes=40)), inputs={"period": {"type": "string"}})
        parent = RunStarted(0.0, "run", Plan("close", ()), workflows={"post.yaml": post})
        return lambda: WorkflowKind(family(journal, outside, parent))

    def good(self) -> Attempt:
        return Attempt("run", "post", "EU", 1, {"workflow": "post.yaml", "inputs": {"period": "2026-10"}})

    def bad(self) -> Attempt:
        return Attempt("run", "post", "EU", 1, {"workflow": "post.yaml", "inputs": {"period": 10}})
