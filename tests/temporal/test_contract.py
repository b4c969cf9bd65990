"""The engines' contract on Temporal: the same plans leave the same logs, which the embedded engine has written."""

from __future__ import annotations

import asyncio
import difflib
import json
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import pytest

from flowrun.core.events import AttemptProgressed, Event
from flowrun.core.plan import Plan
from flowrun.engines.temporal.wire import Limits
from tests.conftest import Figure
from tests.golden.events.plans import ABORTED, ASKED, PLANS, golden, log
from tests.temporal.hurried import CRITICAL, HurriedOutside, hurry, speed_of
from tests.temporal.server import Server
from tests.temporal.told import QUICK, Ground, connected, histories, small

Log: TypeAlias = list[Event]

NAMES = [*PLANS, *ABORTED, *ASKED]
TIMED = [name for name in NAMES if name in CRITICAL or name in ABORTED]
CALM = [name for name in NAMES if name not in TIMED]
_TIME = re.compile(r"until \S+Z")

LONG = 24
"""Events of a history after which the next one begins, where everything is to go in small pieces."""

SHORT = small(events=LONG, starts=2, waits=2, slice=3)


async def _told(ground: Ground, name: str, limits: Limits) -> tuple[Log, int]:
    """The log of a plan, and in how many histories it stands."""
    plan = _plan(name)
    speed = speed_of(plan.workflow)
    outside = HurriedOutside(speed)
    handle = await ground.begin(plan, outside, limits, speed)
    _, said = ASKED.get(name, (None, ()))
    people = [asyncio.create_task(ground.answer(handle, one, speed)) for one in said]
    if name in ABORTED:
        _, after, level = ABORTED[name]
        await ground.happened(handle, AttemptProgressed, 3)
        await asyncio.sleep(after / speed)
        await ground.abort(handle, level)
    events = await ground.told(handle)
    await asyncio.gather(*people)
    assert not outside.living() or name == "stuck", outside.living()
    assert len(set(outside.started)) == len(outside.started), outside.started
    return events, len(await histories(handle))


def _plan(name: str) -> Plan:
    if name in ASKED:
        return ASKED[name][0]
    return ABORTED[name][0] if name in ABORTED else PLANS[name]


def _all(address: str, limits: Limits) -> dict[str, tuple[Log, int]]:
    """Those of all plans, of which many are run at the same time."""

    async def main() -> dict[str, tuple[Log, int]]:
        ground = Ground(await connected(address))
        found: dict[str, tuple[Log, int]] = {}
        async with ground.worker():
            for names in (CALM, TIMED):
                if names is CALM or limits is QUICK:
                    logs = await asyncio.gather(*(_told(ground, name, limits) for name in names))
                    found |= zip(names, logs, strict=True)
        return found

    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        return asyncio.run(main())


@pytest.mark.parametrize("limits", [QUICK, SHORT], ids=["one history", "many"])
def test_plans_leave_the_logs_of_the_embedded_engine(temporal: Server, limits: Limits, figure: Figure) -> None:
    """One test for all of them: they share their time."""
    logs = _all(temporal.address, limits)
    differ: dict[str, str] = {}
    for name, (events, count) in logs.items():
        lines = (text.splitlines() for text in (log(events), golden(name).read_text()))
        ours, theirs = (_by_place(one if limits is QUICK else _silent(one)) for one in lines)
        if ours != theirs:
            differ[name] = "\n".join(difflib.unified_diff(_lines(theirs), _lines(ours), lineterm="", n=0))
        assert count == 1 if limits is QUICK else count > 1 or len(events) < LONG, name
    figure("plans", len(logs))
    assert differ == {}


def _silent(lines: Sequence[str]) -> list[str]:
    """Without what was told of attempts at work: whose answer comes while a history ends may say nothing before."""
    return [line for line in lines if json.loads(line)["event"] != AttemptProgressed.__name__]


def _by_place(lines: Sequence[str]) -> dict[tuple[str, Any], list[str]]:
    """The lines of each leg, of each step and of the run, in their order.

    Which of two things that have nothing to do with each other is first told of is the affair of the day.
    """
    found: dict[tuple[str, Any], list[str]] = {}
    for line in (_TIME.sub("until then", one) for one in lines):
        values = json.loads(line)
        found.setdefault((values.get("step_id", ""), values.get("leg")), []).append(line)
    return found


def _lines(places: dict[tuple[str, Any], list[str]]) -> list[str]:
    return [line for place in sorted(places, key=str) for line in places[place]]
