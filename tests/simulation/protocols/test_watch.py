"""Watching and stopping in bad weather: verdicts are true, and list calls stay within the budget."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise

import pytest

from flowrun.core.status import Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.orchestrator.wire import Job
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import Stuck, VirtualClock, run
from flowrun.simulation.weather import Weather
from flowrun.steps.job.handle import JobName
from flowrun.steps.job.kind import JobKind
from flowrun.steps.job.watch import _FolderWatch, _Round
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Attempt, Started
from tests.conftest import Amount

SEEDS = 50
POLICY = Policy()


def weather(rng: random.Random) -> Weather:
    return Weather(
        list_fails=rng.choice((0.0, 0.1, 0.4)),
        read_fails=rng.choice((0.0, 0.1, 0.4)),
        stop_fails=rng.choice((0.0, 0.3, 0.6)),
        lag=rng.choice((0.0, 15.0)),
        pending=rng.choice((0.0, 60.0, 600.0)),
        running=rng.choice((1.0, 60.0, 1200.0)),
        faulted=rng.choice((0.0, 0.3)),
        ignores_soft_stop=rng.choice((0.0, 0.5)),
        refuses_mixed_stops=rng.random() < 0.5,
    )


class Steps:
    """Some steps of one process, each with its Jobs: started in fair weather, watched in foul."""

    def __init__(self, seed: int, policy: Policy = POLICY, changed: Weather | None = None) -> None:
        self.rng = random.Random(seed)
        self.world = World(self.rng, changed or weather(self.rng))
        self.kind = JobKind(self.world, VirtualClock(), policy)
        self.phases: dict[str, list[Phase]] = {}
        self.ended_at: dict[str, float] = {}

    async def one(self, place: int, *, stop: bool = False) -> tuple[list[int], Outcome]:
        count = self.rng.choice((1, 1, 1, 3))
        arguments = {"release": "Post", "jobs_count": count, "folder": self.rng.choice(("A", 2)), "jobs_succeed": "all"}
        attempt = Attempt("run", f"s{place}", "", 1, arguments)
        await asyncio.sleep(self.rng.uniform(0.0, 60.0))
        started = await self.kind.start(attempt, lambda: True)
        assert isinstance(started, Started)
        ids = [job["id"] for job in started.handle["jobs"]]
        phases = self.phases.setdefault(attempt.step_id, [])
        waiting = asyncio.create_task(self.kind.wait(attempt, started.handle, lambda phase, _: phases.append(phase)))
        if stop:
            await asyncio.sleep(self.rng.uniform(0.0, 100.0))
            await self._stop(attempt, started, waiting)
        outcome = await waiting
        self.ended_at[attempt.step_id] = asyncio.get_running_loop().time()
        return ids, outcome

    async def _stop(self, attempt: Attempt, started: Started, waiting: asyncio.Task[Outcome]) -> None:
        """Politely, and a minute later by force, as the core does it."""
        for force in (False, True):
            asking = asyncio.create_task(self.kind.stop(attempt, started.handle, force=force))
            await asyncio.wait({waiting}, timeout=60.0)
            asking.cancel()
            if waiting.done():
                return

    async def all(self, count: int, stopped: float) -> list[tuple[list[int], Outcome]]:
        return await asyncio.gather(*(self.one(at, stop=self.rng.random() < stopped) for at in range(count)))


async def story(seed: int, policy: Policy = POLICY) -> None:
    steps = Steps(seed, policy)
    count = steps.rng.choice((1, 3, 5, 8, 12, 30, 110 if seed % 10 == 0 else 20))
    results = await steps.all(count, stopped=steps.rng.choice((0.0, 0.3, 1.0)))
    jobs = steps.world.jobs_made
    for at, (ids, outcome) in enumerate(results):
        ends = [jobs[number].end for number in ids]
        asked = any(jobs[number].asked for number in ids)
        last = max(jobs[number].ends for number in ids)
        late = steps.ended_at[f"s{at}"] - last
        assert late >= 0.0, f"seed {seed}: {outcome} before its Jobs had ended"
        if all(end == "Successful" for end in ends) and not asked:
            assert isinstance(outcome, Succeeded), f"seed {seed}: {outcome} for {ends}"
        else:
            assert isinstance(outcome, Failed), f"seed {seed}: {outcome} for {ends}"
            assert outcome.error in ("faulted", "stopped_outside")
        assert [job["id"] for job in outcome.facts["jobs"]] == ids
        phases = steps.phases[f"s{at}"]
        assert all(one != other for one, other in pairwise(phases)) or len(ids) == 1
    judge_calls(steps.world, policy, seed)


def judge_calls(world: World, policy: Policy, seed: int) -> None:
    lists = [call for call in world.calls if call.verb in ("list", "find")]
    times = [call.at for call in lists]
    if policy.lists_per_minute is not None:
        for at, time in enumerate(times):
            within = bisect_left(times, time + 59.5) - at
            assert within <= policy.lists_per_minute, f"seed {seed}: {within} list calls in a minute"
    assert all(len(call.ids) <= 100 for call in world.calls)


def test_verdicts_are_true_and_lists_within_the_budget(amount: Amount) -> None:
    for seed in range(amount(SEEDS, 2_000)):
        run(story(seed))


def test_without_a_budget_as_well() -> None:
    for seed in range(4):
        run(story(seed, Policy.local()))


def test_a_thousand_jobs_cost_few_calls() -> None:
    """Fewer than 2.5 requests a Job in all: its start, its last read, its share of the lists."""

    async def fan(policy: Policy) -> float:
        steps = Steps(1, policy, Weather(pending=30.0, running=30.0))
        results = await steps.all(1000, stopped=0.0)
        return len([call for call in steps.world.calls if call.verb != "made"]) / sum(len(ids) for ids, _ in results)

    assert run(fan(Policy())) < 2.5
    assert run(fan(Policy.local())) < 2.5


def test_the_end_of_a_lonely_job_is_seen_soon() -> None:
    async def one() -> float:
        steps = Steps(3, Policy.local(), Weather(running=0.5))
        ids, _ = await steps.one(0)
        return steps.ended_at["s0"] - max(steps.world.jobs_made[number].ends for number in ids)

    assert run(one()) < 1.0


def test_an_outage_of_hours_fails_nothing() -> None:
    async def through() -> None:
        steps = Steps(4, POLICY, Weather(running=600.0))
        steps.world.outage_until = 6 * 3600.0
        results = await steps.all(40, stopped=0.0)
        assert all(isinstance(outcome, Succeeded) for _, outcome in results)
        reads = [call for call in steps.world.calls if call.verb in ("read", "list") and 600 < call.at < 6 * 3600]
        assert len(reads) <= 2 * 6 * 60 + 100, "two folders, one request a minute each while it lasts"

    run(through())


def test_stops_of_one_moment_go_out_together() -> None:
    async def stops() -> list[int]:
        steps = Steps(5, POLICY, Weather(running=5000.0))
        attempts = []
        for at in range(50):
            attempt = Attempt("run", f"s{at}", "", 1, {"release": "Post"})
            started = await steps.kind.start(attempt, lambda: True)
            assert isinstance(started, Started)
            attempts.append((attempt, started.handle))
        await asyncio.gather(*(steps.kind.stop(attempt, handle, force=False) for attempt, handle in attempts))
        return [len(call.ids) for call in steps.world.calls if call.verb == "stop"]

    assert run(stops()) == [50]


@pytest.mark.parametrize("seen_first", [True, False])
def test_a_job_that_is_gone(seen_first: bool) -> None:  # noqa: FBT001 - a case of the table
    async def vanish() -> Outcome:
        steps = Steps(6, POLICY, Weather(running=5000.0))
        attempt = Attempt("run", "s", "", 1, {"release": "Post"})
        started = await steps.kind.start(attempt, lambda: True)
        assert isinstance(started, Started)
        waiting = asyncio.create_task(steps.kind.wait(attempt, started.handle, lambda *_: None))
        await asyncio.sleep(100.0 if seen_first else 0.0)
        steps.world.jobs_made.clear()
        return await waiting

    outcome = run(vanish())
    if seen_first:
        assert isinstance(outcome, Unknown)
    else:
        assert isinstance(outcome, Failed)
        assert outcome.error == "lost"


def found_by(policy: Policy = POLICY, seeds: int = 60) -> bool:
    for seed in range(seeds):
        try:
            run(story(seed, policy), longest=1e6)
        except (AssertionError, Stuck):
            return True
    return False


def test_planted_absence_from_a_list_means_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    take_in = _FolderWatch._take_in

    async def careless(self: _FolderWatch, names: list[JobName], seen: dict[JobName, Job], done: _Round) -> None:
        for name in names:
            if name not in seen:
                self._missed(name, None)
        await take_in(self, [name for name in names if self.awaits(name)], seen, done)

    monkeypatch.setattr(_FolderWatch, "_take_in", careless)
    assert found_by(replace(POLICY, gone_after=0.0, gone_looks=1))


def test_planted_ends_with_its_first_job(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = JobKind._ends
    monkeypatch.setattr(JobKind, "_ends", lambda self, known, names, view: ends(self, known, names[:1], view))
    assert found_by()


def test_planted_one_error_ends_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    following = _FolderWatch._next

    def fragile(self: _FolderWatch, done: _Round, took: float) -> tuple[float, float]:
        return (1e9, 1e9) if done.errors else following(self, done, took)

    monkeypatch.setattr(_FolderWatch, "_next", fragile)
    assert found_by()
