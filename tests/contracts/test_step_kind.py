"""Every kind of step keeps the contract."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from flowrun.steps.approval import ApprovalKind
from flowrun.steps.job.kind import JobKind
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Attempt, StepKind
from flowrun.steps.wait import WaitKind
from tests.simulation.orchestrator import Weather, World
from tests.simulation.virtual import VirtualClock

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
