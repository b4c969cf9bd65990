"""The engines' contract on Temporal: the same plans leave the same logs, which the embedded engine has written."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import pytest

from flowrun.core.events import AttemptProgressed, Event
from flowrun.core.plan import Plan
from flowrun.engines.temporal.wire import Limits
from tests.golden.events.plans import ABORTED, ASKED, PLANS, golden, log
from tests.temporal.hurried import HurriedOutside, hurry, speed_of
from tests.temporal.server import Server
from tests.temporal.told import QUICK, Ground, connected, histories, small

Log: TypeAlias = list[Event]

NAMES = [*PLANS, *ABORTED, *ASKED]
_TIME = re.compile(r"until \S+Z")

SHORT = small(events=24, starts=2, waits=2, slice=3)
"""A history that is full at once, and pieces that are."""


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
    """Those of all plans, which are run at the same time."""

    async def main() -> dict[str, tuple[Log, int]]:
        ground = Ground(await connected(address))
        async with ground.worker():
            logs = await asyncio.gather(*(_told(ground, name, limits) for name in NAMES))
        return dict(zip(NAMES, logs, strict=True))

    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        return asyncio.run(main())


@pytest.fixture(scope="module", params=[QUICK, SHORT], ids=["one history", "many"])
def logs(request: pytest.FixtureRequest, temporal: Server) -> tuple[dict[str, tuple[Log, int]], Limits]:
    return _all(temporal.address, request.param), request.param


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_leaves_the_log_of_the_embedded_engine(
    logs: tuple[dict[str, tuple[Log, int]], Limits], name: str
) -> None:
    (events, count), limits = logs[0][name], logs[1]
    ours, theirs = _by_place(log(events).splitlines()), _by_place(golden(name).read_text().splitlines())
    assert _lines(ours) == _lines(theirs)
    assert count == 1 if limits is QUICK else count > 1 or len(events) < 24


def _by_place(lines: Sequence[str]) -> dict[tuple[str, Any], list[str]]:
    """The lines of each leg, of each step and of the run, in their order.

    Which of two things that have nothing to do with each other is first told of is the affair of the day.
    """
    found: dict[tuple[str, Any], list[str]] = {}
    for line in (_TIME.sub("until then", one) for one in lines):
        values = json.loads(line)
        found.setdefault((values.get("step_id", ""), values.get("leg")), []).append(line)
    return found


def _lines(places: dict[tuple[str, Any], list[str]]) -> str:
    """As text, of which a test shows what differs."""
    return "\n".join(line for place in sorted(places, key=str) for line in places[place])
