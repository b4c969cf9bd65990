from __future__ import annotations

import asyncio
import random
import subprocess
import sys

from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.simulation.weather import Weather
from flowrun.steps.build import build_kinds
from flowrun.steps.kinds import MODELS
from flowrun.steps.policy import Policy
from flowrun.steps.workflow import WorkflowKind
from tests.simulation.scripted import attempt_at


def test_every_model_has_its_kind() -> None:
    async def names() -> set[str]:
        async with build_kinds(World(random.Random(1)), VirtualClock(), Policy()) as kinds:
            assert all(name == kind.name for name, kind in kinds.items())
            return set(kinds)

    assert run(names()) | {WorkflowKind.name} == {model.kind for model in MODELS}, "an engine adds that one itself"


def test_no_key_of_a_file_names_two_kinds() -> None:
    keys = [key for model in MODELS for key in model.keys]
    assert len(keys) == len(set(keys))


def test_closing_leaves_nothing_running_here_and_everything_there() -> None:
    async def story() -> World:
        world = World(random.Random(1), Weather(running=9e9))
        async with build_kinds(world, VirtualClock(), Policy()) as kinds:
            answer = await kinds["job"].start(attempt_at(), lambda: True)
            handle = getattr(answer, "handle", None)
            waiting = asyncio.create_task(kinds["job"].wait(attempt_at(), handle, lambda *_: None))
            await asyncio.sleep(100.0)
        await asyncio.wait({waiting})
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return world

    world = run(story())
    assert world.count("stop") == 0


def test_the_models_are_read_without_the_kinds() -> None:
    check = "import sys, flowrun.steps.kinds; print([m for m in sys.modules if m.endswith(('.kind', '.client'))])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
