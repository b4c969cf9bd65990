"""The start protocol in bad weather: at most one start per key, and no Job that nobody knows of."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from typing import Any

import pytest

from flowrun.core.status import Cancelled, Failed, Unknown
from flowrun.orchestrator.wire import Tag
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.simulation.weather import DEADLINE, LAG, LATEST, Weather
from flowrun.steps.job.key import start_key
from flowrun.steps.job.kind import JobKind
from flowrun.steps.job.lookup import LookUp, Tags
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Attempt, Started
from tests.conftest import Amount

SEEDS = 2000
"""Among which a planted bug must be found."""
POLICY = Policy(lists_per_minute=None, patience=300.0)
TAGS: tuple[dict[str, Any], ...] = (
    {},
    {"keeps_reference": False},
    {"keeps_batch_key": False},
    {"keeps_batch_key": False, "filters": frozenset({Tag.REFERENCE})},
    {"filters": frozenset({Tag.REFERENCE})},
    {"filters": frozenset({Tag.BATCH})},
)
"""What servers keep of a start's two tags, and by which they can be asked: at least one that is both."""
FAULTS = ("lost_reply", "lost_request", "late_request", "error_before", "error_after", "unreachable", "throttled")


@dataclass(frozen=True)
class Ending:
    """What a start came to, and what the world holds long after it."""

    answer: Started | Failed | Cancelled | Unknown
    made: list[int]
    posts: int
    doubtful: bool


def weather(rng: random.Random) -> Weather:
    """Each fault is in this world with chance one half, and then with a rate of its own."""
    others = Weather(
        refused=rng.choice((0.0, 0.0, 0.05)),
        list_fails=rng.choice((0.0, 0.1, 0.5)),
        lag=rng.choice((0.0, 2.0, LAG)),
        **rng.choice(TAGS),
    )
    chances: dict[str, Any] = {name: rng.uniform(0.0, 0.3) for name in FAULTS if rng.random() < 0.5}
    return replace(others, **chances)


async def live(seed: int, policy: Policy, changed: Weather | None = None) -> Ending:
    """One attempt: processes die while they start it, the run may be ended, and much later we count."""
    rng = random.Random(seed)
    world = World(rng, changed or weather(rng))
    attempt = Attempt("run", "step", "", 1, {"release": "Post", "jobs_count": rng.choice((1, 1, 1, 3))})
    deaths = rng.choice((0, 0, 1, 2))
    ended = asyncio.get_running_loop().time() + rng.uniform(0.0, 200.0) if rng.random() < 0.3 else float("inf")

    def may_start() -> bool:
        return asyncio.get_running_loop().time() < ended

    for _ in range(deaths):
        kind = JobKind(world, VirtualClock(), policy)
        dying = asyncio.create_task(kind.start(attempt, may_start))
        await asyncio.sleep(rng.uniform(0.0, rng.choice((1.0, 60.0, 200.0))))
        dying.cancel()
        await asyncio.wait({dying})
        attempt = replace(attempt, recheck=True)
    attempt = replace(attempt, adopt_only=not may_start())
    kind = JobKind(world, VirtualClock(), policy)
    answer = await kind.start(attempt, may_start)
    await asyncio.sleep(DEADLINE + LATEST + LAG)
    made = [job.id for job in world.of(start_key(attempt))]
    starts = {job.created for job in world.of(start_key(attempt))}
    assert len(starts) <= 1, f"seed {seed}: started {len(starts)} times, the answer was {answer}"
    return Ending(answer, made, world.count("start"), doubtful=deaths > 0)


def judge(seed: int, ending: Ending) -> str:
    """Raises AssertionError where the answer is not the truth; else the answer's kind."""
    match ending.answer:
        case Started(handle):
            known = [job["id"] for job in handle["jobs"]]
            assert known == ending.made, f"seed {seed}: Jobs {ending.made}, known {known}"
            assert "spare" not in handle
        case Failed() | Cancelled():
            assert ending.made == [], f"seed {seed}: {ending.answer}, yet Jobs {ending.made}"
    return type(ending.answer).__name__


def test_at_most_one_start_and_every_job_known(amount: Amount) -> None:
    seen = [judge(seed, run(live(seed, POLICY))) for seed in range(amount(300, 50_000))]
    assert {"Started", "Failed", "Cancelled", "Unknown"} <= set(seen)
    assert seen.count("Started") > len(seen) / 2


def test_same_seed_same_story() -> None:
    first, second = (run(live(42, POLICY)) for _ in range(2))
    assert first == second


def found_by(policy: Policy, changed: Weather | None = None, seeds: int = SEEDS) -> int | None:
    """The first seed at which the simulation finds something wrong."""
    for seed in range(seeds):
        try:
            judge(seed, run(live(seed, policy, changed)))
        except AssertionError:
            return seed
    return None


def test_planted_looks_up_only_once() -> None:
    assert found_by(replace(POLICY, quiescence=0.0)) is not None


def test_planted_window_shorter_than_requests_are_late() -> None:
    rough = Weather(late_request=0.7)
    assert found_by(replace(POLICY, quiescence=20.0), rough) is not None


def test_planted_posts_again_without_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing_found(*_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(LookUp, "over_window", nothing_found)
    assert found_by(POLICY) is not None


def test_planted_forgets_that_an_earlier_process_may_have_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    start = JobKind.start
    monkeypatch.setattr(
        JobKind, "start", lambda self, attempt, may: start(self, replace(attempt, recheck=False), may), raising=True
    )
    assert found_by(POLICY) is not None


def test_planted_adopts_the_first_of_several_that_the_list_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    over = LookUp.over_window
    monkeypatch.setattr(LookUp, "over_window", lambda self, folder, mark, _, *more: over(self, folder, mark, 1, *more))
    assert found_by(POLICY) is not None


def test_planted_asks_by_one_tag_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tags, "worth_asking", lambda *_: [Tag.BATCH])
    assert found_by(POLICY, Weather(lost_reply=0.5, keeps_batch_key=False)) is not None


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("tags", TAGS)
def test_every_kind_of_server_is_asked_in_its_own_way(tags: dict[str, Any], known: bool) -> None:  # noqa: FBT001 - a case
    """Known or not, a lost reply is found, and a lost request is posted again."""

    async def story(seed: int) -> None:
        world = World(random.Random(seed), Weather(**tags))
        attempt = Attempt("run", "step", "", 1, {"release": "Post"})
        kind = JobKind(world, VirtualClock(), POLICY)
        if known:
            await kind.start(Attempt("run", "warm", "", 1, {"release": "Post"}), lambda: True)
        world.weather = replace(world.weather, lost_reply=0.5, lost_request=0.5)
        asyncio.get_running_loop().call_later(1.0, setattr, world, "weather", Weather(**tags))
        answer = await kind.start(attempt, lambda: True)
        assert isinstance(answer, Started)
        assert "doubt" not in answer.handle
        assert [job["id"] for job in answer.handle["jobs"]] == [job.id for job in world.of(start_key(attempt))]

    for seed in range(50):
        run(story(seed))


def test_a_reference_of_the_authors_own_is_no_key() -> None:
    """Two steps may give the same one, so a server that keeps nothing else keeps no key."""

    async def story() -> object:
        world = World(random.Random(1), Weather(keeps_batch_key=False))
        kind = JobKind(world, VirtualClock(), POLICY)
        assert isinstance(await kind.start(Attempt("run", "warm", "", 1, {"release": "Post"}), lambda: True), Started)
        world.weather = replace(world.weather, lost_reply=1.0)
        answer = await kind.start(Attempt("run", "s", "", 1, {"release": "Post", "reference": "mine"}), lambda: True)
        assert world.count("find") == 0
        return answer

    assert isinstance(run(story()), Unknown)


BLIND: tuple[dict[str, Any], ...] = (
    {"keeps_batch_key": False, "keeps_reference": False},
    {"keeps_batch_key": False, "filters": frozenset({Tag.BATCH})},
)


@pytest.mark.parametrize("kept", BLIND)
def test_a_server_that_keeps_no_key_gets_no_second_post(kept: dict[str, Any]) -> None:
    async def story(seed: int) -> None:
        world = World(random.Random(seed), Weather(**kept))
        kind = JobKind(world, VirtualClock(), POLICY)
        first = await kind.start(Attempt("run", "warm", "", 1, {"release": "Post"}), lambda: True)
        assert isinstance(first, Started)
        world.weather = replace(world.weather, lost_reply=0.3, late_request=0.3, lost_request=0.2)
        attempt = Attempt("run", "step", "", 1, {"release": "Post"})
        answer = await kind.start(attempt, lambda: True)
        await asyncio.sleep(DEADLINE + LATEST)
        made = world.of(start_key(attempt))
        assert world.count("start") == 2
        assert len(made) == 1 if isinstance(answer, Started) else isinstance(answer, Unknown)

    for seed in range(100):
        run(story(seed))


@pytest.mark.parametrize("kept", BLIND)
def test_a_first_start_of_which_no_key_was_kept_ends_in_doubt(kept: dict[str, Any]) -> None:
    async def story() -> object:
        world = World(random.Random(1), Weather(late_request=1.0, running=10.0, **kept))
        kind = JobKind(world, VirtualClock(), POLICY)
        asyncio.get_running_loop().call_later(
            DEADLINE + 1, setattr, world, "weather", replace(world.weather, late_request=0.0)
        )
        attempt = Attempt("run", "step", "", 1, {"release": "Post"})
        answer = await kind.start(attempt, lambda: True)
        assert isinstance(answer, Started)
        return await kind.wait(attempt, answer.handle, lambda *_: None)

    assert isinstance(run(story()), Unknown)


def test_a_request_later_than_the_window_is_found_killed_and_told() -> None:
    """Outside of the model: the second Job must not run on unknown."""

    async def story() -> None:
        world = World(random.Random(5), Weather(late_request=1.0, latest=400.0, running=4000.0))
        kind = JobKind(world, VirtualClock(), POLICY)
        asyncio.get_running_loop().call_later(DEADLINE + 1, setattr, world, "weather", Weather(running=4000.0))
        attempt = Attempt("run", "step", "", 1, {"release": "Post"})
        answer = await kind.start(attempt, lambda: True)
        assert isinstance(answer, Started)
        outcome = await kind.wait(attempt, answer.handle, lambda *_: None)
        made = world.of(start_key(attempt))
        now = asyncio.get_running_loop().time()
        assert len(made) == 2
        assert all(now >= job.ends for job in made)
        assert outcome.facts["spare_jobs"][0]["id"] in {job.id for job in made}

    run(story())
