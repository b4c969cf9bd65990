"""Runs whose histories are kept: of each thing that a run can do on Temporal, small."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from temporalio.client import WorkflowHandle

from flowrun.core.events import AttemptStarted, RunReplanned
from flowrun.core.plan import Concurrency, FanOut, Need, OnConflict, Plan, Repeat, Stage, Step
from flowrun.core.status import AbortLevel
from flowrun.engines.temporal import wire
from tests.golden.events.plans import INPUTS, Said, approval, fan, job, retry
from tests.temporal.told import QUICK, Ground, events_of

Happens: TypeAlias = Callable[[Ground, WorkflowHandle[Any, Any]], Coroutine[Any, Any, None]]


async def nothing(ground: Ground, handle: WorkflowHandle[Any, Any]) -> None:
    """The run is left alone."""


async def aborted(ground: Ground, handle: WorkflowHandle[Any, Any]) -> None:
    """Somebody ends it while three attempts run."""
    await ground.happened(handle, AttemptStarted, 4)
    await ground.abort(handle, AbortLevel.STOP)


async def cancelled(ground: Ground, handle: WorkflowHandle[Any, Any]) -> None:
    """Somebody presses the button in Temporal's pages."""
    await ground.happened(handle, AttemptStarted, 1)
    await handle.cancel()


async def answered(ground: Ground, handle: WorkflowHandle[Any, Any]) -> None:
    """Two people answer."""
    await ground.answer(handle, Said("sign_off", "rejected", "bob", after=0.1), 1.0)
    await ground.answer(handle, Said("sign_off", "approved", "anna", attempt=2, after=0.1), 1.0)


async def replanned(ground: Ground, handle: WorkflowHandle[Any, Any]) -> None:
    """The rest follows another plan."""
    await ground.happened(handle, AttemptStarted, 1)
    await asyncio.sleep(0.5)
    plan = replace(PLANNED, steps=(PLANNED.steps[0], job("z", "a", takes=0.1), job("y", "z", takes=0.1)))
    seq = len(await events_of(handle))
    word = wire.pack_word(RunReplanned((await events_of(handle))[-1].at, plan, INPUTS, changed=("z",)))
    await handle.execute_update(wire.REPLAN, args=[word, seq])


@dataclass(frozen=True)
class Story:
    """A plan, in pieces of what size, what happens meanwhile, and in how many histories it must stand at least.

    `files`: those that its steps run. `beside`: by name, the ids of other workflows whose histories are kept with it.
    """

    plan: Plan
    limits: wire.Limits = QUICK
    happens: Happens = nothing
    least: int = 1
    files: Mapping[str, Plan] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)


def quick(step_id: str, *needs: str, **more: Any) -> Step:
    return job(step_id, *needs, takes=more.pop("takes", 0.1), **more)


PLANNED = Plan("replan", (job("a", takes=3), job("b", "a")))
STORIES: dict[str, Story] = {
    "wide": Story(
        Plan(
            "wide",
            (
                quick("rows", gives={"rows": [f"row {at}" for at in range(40)]}),
                Step(
                    "post",
                    "job",
                    {"takes": 0.2, "gives": {"doc": "${{ matrix.row }}"}},
                    (Need("rows"),),
                    fan_out=FanOut({"row": "${{ steps.rows.outputs.rows }}"}, max_parallel=30),
                ),
                quick("report", "post", docs="${{ steps.post.outputs.doc }}"),
            ),
        ),
        replace(QUICK, starts=16, waits=25),
    ),
    "onward": Story(
        Plan(
            "onward",
            (
                quick("s0", gives={"n": 1}),
                *(
                    quick(f"s{at}", f"s{at - 1}", gives={"n": f"${{{{ steps.s{at - 1}.outputs.n + 1 }}}}"})
                    for at in range(1, 8)
                ),
                quick("beside", takes=6, fan_out=fan(3, max_parallel=2)),
            ),
            outputs={"n": "${{ steps.s7.outputs.n }}"},
        ),
        replace(QUICK, events=30, slice=5),
        least=3,
    ),
    "retry": Story(
        Plan(
            "retry",
            (
                quick("a", fails="faulted", times=2, retry=retry(2, "faulted", wait=0.5)),
                quick("b", "a", refused="start_rejected", retry=retry(1)),
                quick("look", "b", repeat=Repeat("outputs.by == 'look:3'", most=5, every=0.5)),
                quick("late", "look", takes=60, timeout=1.0, stop_timeout=0.5, deaf=1, continue_on_error=("timeout",)),
            ),
        )
    ),
    "abort": Story(
        Plan(
            "abort",
            (
                quick("debit", gives={"booking": "B1"}),
                quick("long", "debit", takes=60),
                quick("fan", "debit", takes=60, fan_out=fan(4, max_parallel=2)),
                quick("debit.compensate", stage=Stage.COMPENSATE, undoes="debit", booking="${{ outputs.booking }}"),
                quick("told", stage=Stage.FINALLY, condition="cancelled()"),
            ),
        ),
        happens=aborted,
    ),
    "cancel": Story(Plan("cancel", (job("a", takes=60), quick("z", stage=Stage.FINALLY))), happens=cancelled),
    "undo": Story(
        Plan(
            "undo",
            (
                quick("a"),
                quick("b", "a", fan_out=fan(3)),
                quick("c", "b"),
                quick("d", "c", fails="faulted"),
                quick("a.compensate", stage=Stage.COMPENSATE, undoes="a"),
                quick("b.compensate", stage=Stage.COMPENSATE, undoes="b", fan_out=FanOut({})),
                quick("c.compensate", stage=Stage.COMPENSATE, undoes="c"),
            ),
        )
    ),
    "approval": Story(
        Plan(
            "approval",
            (
                Step("pause", "wait", {"wait": {"for": "1s"}}),
                approval("sign_off", "pause", timeout=600.0, retry=retry(1, "rejected", wait=0.5)),
                quick("pay", "sign_off", by="${{ steps.sign_off.outputs.by }}"),
            ),
        ),
        happens=answered,
    ),
    "replan": Story(PLANNED, happens=replanned),
    "nested": Story(
        Plan(
            "nested",
            (
                Step("post", "workflow", {"workflow": "post.yaml", "inputs": {"n": 2}}, fan_out=fan(2)),
                Step("late", "workflow", {"workflow": "bad.yaml"}, retry=retry(1, "faulted")),
            ),
        ),
        replace(QUICK, events=30),
        least=2,
        files={
            "post.yaml": Plan(
                "post",
                (quick("a", gives={"doc": "D-${{ inputs.n }}"}), quick("b", "a")),
                outputs={"doc": "${{ steps.a.outputs.doc }}"},
                inputs={"n": {"type": "integer"}},
            ),
            "bad.yaml": Plan("bad", (quick("a", fails="faulted"),)),
        },
        beside={"nested-child": "{id}.post.0.1"},
    ),
    "shared": Story(
        Plan(
            "shared",
            (quick("post", fan_out=fan(4), pools={"sap": 1}), quick("both", pools={"sap": 1, "fx": 2})),
            pools={"sap": 2, "fx": 2},
            concurrency=Concurrency("stories", OnConflict.CANCEL),
        ),
        replace(QUICK, events=40),
        least=2,
        beside={"shared-arbiter": "flowrun-admission-{queue}"},
    ),
}
