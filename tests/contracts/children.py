"""What every engine must do with steps that are runs. An engine's tests are a subclass, as for its own contract."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
)
from flowrun.core.plan import Concurrency, FanOut, Json, Need, OnConflict, Plan, Stage, Step
from flowrun.core.status import AbortLevel, Failed, Unknown
from flowrun.engines.protocol import Engine
from flowrun.errors import EngineError, NotSignedIn
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import Journal
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.steps.protocol import StepKind
from tests.conftest import Figure
from tests.contracts.engine import RUN, Dying, Gone, Make, Verdicts, verdicts
from tests.golden.events.plans import job, retry
from tests.simulation.outside import Outside, ScriptedKind


def sub(step_id: str, workflow: str, *needs: str, inputs: Json = None, **more: Any) -> Step:
    """A step that runs one of WORKFLOWS."""
    wanted = {"workflow": workflow, "inputs": inputs or {}}
    return Step(step_id, "workflow", wanted, tuple(Need(need) for need in needs), **more)


WORKFLOWS = {
    "post.yaml": Plan(
        "post",
        (
            job("read", takes=3, gives={"rows": "${{ inputs.rows }}"}),
            job("write", "read", takes=3, gives={"doc": "D-${{ steps.read.outputs.rows }}"}),
            job("release", stage=Stage.FINALLY),
        ),
        outputs={"doc": "${{ steps.write.outputs.doc }}"},
        inputs={"rows": {"type": "integer", "default": 1}},
    ),
    "region.yaml": Plan(
        "region",
        (job("open", takes=2), sub("post", "post.yaml", "open", inputs={"rows": 7})),
        outputs={"doc": "${{ steps.post.outputs.doc }}"},
    ),
    "faulty.yaml": Plan("faulty", (job("good"), job("bad", "good", fails="pending_timeout", times=9), job("c", "bad"))),
    "slow.yaml": Plan("slow", (job("work", takes=1000), job("undo", stage=Stage.FINALLY))),
    "hasty.yaml": Plan("hasty", (job("work", takes=1000),), timeout=60.0),
    "doubt.yaml": Plan("doubt", (job("a", lost=True),)),
    "close.yaml": Plan(
        "close one",
        (job("work", takes=50),),
        key="close",
        concurrency=Concurrency("close-${{ inputs.region }}", OnConflict.REJECT),
        inputs={"region": {"default": "EU"}},
    ),
    "lost.yaml": Plan("lost", (job("a"),), concurrency=Concurrency("close-${{ inputs.nowhere }}")),
    "broken.yaml": Plan("broken", (job("a", raises="wait"),)),
}

NESTED = Plan(
    "close",
    (
        job("list", takes=2),
        sub("region", "region.yaml", "list"),
        sub("again", "post.yaml", "list", inputs={"rows": "${{ 1 + 1 }}"}),
        job("report", "region", "again", docs="${{ [steps.region.outputs.doc, steps.again.outputs.doc] }}"),
        job("tidy", stage=Stage.FINALLY),
    ),
)
RUNS = {f"{RUN}{way}" for way in ("", ".region.1", ".region.1.post.1", ".again.1")}


class DyingAtBirth(Dying):
    """The same, and its process dies after a run was put on paper too: that is a commit."""

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        run_id = super().create(started, on_duplicate)
        if started.parent:
            self.commits += 1
            if self.commits == self.at:
                raise Gone
        return run_id


class World:
    """A run and its children, over any number of lives of its engine."""

    def __init__(self, make: Make, journal: Journal) -> None:
        self.outside = Outside()
        self.journal = journal
        self.clock = VirtualClock()
        self.kinds: dict[str, StepKind] = {"job": ScriptedKind(self.outside)}
        self._make = make

    def engine(self) -> Engine:
        return self._make(self.journal, self.kinds, self.clock)

    def begin(self, *steps: Step) -> Engine:
        engine = self.engine()
        origin = {"file": "close.yaml", "text": "long"}
        engine.create(RunStarted(self.clock.now(), RUN, Plan("close", steps), {}, origin, WORKFLOWS))
        return engine

    def events(self, run_id: str = RUN) -> list[Event]:
        return [record.event for record in self.journal.read(run_id)]

    def runs(self) -> dict[str, str]:
        return {row.run_id: row.status for row in self.journal.runs(1000, children=True)}

    def outcomes(self, step_id: str) -> list[Any]:
        finished = (event for event in self.events() if isinstance(event, AttemptFinished))
        return [event.outcome for event in finished if event.step_id == step_id]


def told(make: Make, journal: Journal, *steps: Step, abort: tuple[float, AbortLevel] | None = None) -> World:
    """The whole run of these steps."""

    async def main() -> World:
        world = World(make, journal)
        engine = world.begin(*steps)
        if abort is not None:
            asyncio.get_running_loop().call_later(abort[0], engine.abort, abort[1], "tester")
        await engine.drive(RUN)
        return world

    return run(main())


def every_verdict(world: World) -> dict[str, Verdicts]:
    return {run_id: verdicts(world.events(run_id)) for run_id in world.runs()}


async def resumed(make: Make, journal: Dying, abort: tuple[float, AbortLevel] | None) -> World:
    """A run that dies once, is away for three seconds, and is driven to its end by another process."""
    world = World(make, journal)
    engine = world.begin(*NESTED.steps)
    began = world.clock.now()
    if abort is not None:
        asyncio.get_running_loop().call_later(abort[0], engine.abort, abort[1], "tester")
    with suppress(Gone):
        await engine.drive(RUN)
    await asyncio.sleep(3)
    if abort is not None and world.runs()[RUN] == "running":
        journal.request(RUN, AbortRequested(began, abort[1], "tester"))
    await world.engine().drive(RUN)
    return world


class ChildrenContract:
    """The tests. Each gets a function that makes an engine, and a journal."""

    def test_a_file_is_a_run_of_its_own_and_gives_its_outputs(self, make: Make, journal: Journal) -> None:
        world = told(make, journal, *NESTED.steps)
        assert world.runs() == dict.fromkeys(RUNS, "succeeded")
        assert world.outside.works["report:1"].script["docs"] == ["D-7", "D-2"]
        child, grandchild = world.events(f"{RUN}.region.1")[0], world.events(f"{RUN}.region.1.post.1")[0]
        assert isinstance(child, RunStarted)
        assert isinstance(grandchild, RunStarted)
        assert (child.parent, grandchild.parent) == (RUN, f"{RUN}.region.1")
        assert (set(child.workflows), set(grandchild.workflows)) == ({"post.yaml"}, set())
        assert grandchild.inputs == {"rows": 7}
        assert grandchild.origin == {"file": "close.yaml", "workflow": "post.yaml"}
        (outcome,) = world.outcomes("region")
        assert (outcome.outputs, outcome.facts) == ({"doc": "D-7"}, {"run": f"{RUN}.region.1"})

    @pytest.mark.parametrize("abort", [None, (6.5, AbortLevel.STOP), (6.5, AbortLevel.KILL), (6.5, AbortLevel.DRAIN)])
    def test_a_crash_after_each_commit_starts_no_child_twice_and_leaves_none_behind(
        self, make: Make, figure: Figure, abort: tuple[float, AbortLevel] | None
    ) -> None:
        whole = DyingAtBirth()
        right = every_verdict(told(make, whole, *NESTED.steps, abort=abort))
        figure("crashes", whole.commits)
        for at in range(1, whole.commits + 1):
            world = run(resumed(make, DyingAtBirth(at), abort))
            assert len(set(world.outside.started)) == len(world.outside.started), f"started twice: crash at {at}"
            assert world.outside.living() == [], f"crash at {at}"
            assert "running" not in world.runs().values(), f"crash at {at}"
            assert "aborting" not in world.runs().values(), f"crash at {at}"
            if abort is None:
                assert every_verdict(world) == right, f"crash at {at}"
            else:
                assert world.runs()[RUN] == "cancelled", f"crash at {at}"
                assert world.runs().keys() <= RUNS

    @pytest.mark.parametrize("level", AbortLevel)
    def test_an_abort_after_each_commit_leaves_nothing_behind(self, make: Make, level: AbortLevel) -> None:
        whole = Dying()
        told(make, whole, *NESTED.steps)
        for at in range(1, whole.commits):
            journal = Dying(at)

            async def main(journal: Dying = journal) -> World:
                world = World(make, journal)
                engine = world.begin(*NESTED.steps)
                journal.then = lambda: engine.abort(level, "tester")
                await engine.drive(RUN)
                return world

            world = run(main())
            assert world.outside.living() == []
            assert not {"running", "aborting"} & set(world.runs().values()), f"abort at {at}"
            last = world.events()[-1]
            assert isinstance(last, RunFinished)
            assert (last.status, last.doubts) == ("cancelled", ())

    def test_a_stop_lets_a_child_tidy_up_and_a_kill_does_not(self, make: Make, journal: Journal) -> None:
        stopped = told(make, journal, sub("a", "slow.yaml"), abort=(5.0, AbortLevel.STOP))
        assert stopped.outside.started == ["a.1/work:1", "a.1/undo:1"]
        killed = told(make, MemoryJournal(), sub("a", "slow.yaml"), abort=(5.0, AbortLevel.KILL))
        assert killed.outside.started == ["a.1/work:1"]
        assert stopped.runs() == killed.runs() == {RUN: "cancelled", f"{RUN}.a.1": "cancelled"}

    def test_a_drain_lets_a_child_go_on_to_its_end(self, make: Make, journal: Journal) -> None:
        world = told(make, journal, *NESTED.steps, abort=(6.5, AbortLevel.DRAIN))
        assert world.runs() == {**dict.fromkeys(RUNS, "succeeded"), RUN: "cancelled"}
        assert "report:1" not in world.outside.started

    @pytest.mark.parametrize("rows", [list(range(100)), "${{ steps.list.outputs.rows }}"], ids=["static", "dynamic"])
    def test_a_fan_of_a_hundred_children(self, make: Make, rows: Json) -> None:
        legs = FanOut({"n": rows})
        first = job("list", gives={"rows": list(range(100))})
        post = sub("post", "post.yaml", "list", inputs={"rows": "${{ matrix.n }}"}, fan_out=legs, outputs=("doc",))
        world = told(make, MemoryJournal(), first, post, job("report", "post", docs="${{ steps.post.outputs.doc }}"))
        assert world.outside.works["report:1"].script["docs"] == [f"D-{n}" for n in range(100)]
        assert world.runs() == {RUN: "succeeded", **{f"{RUN}.post.{n}.1": "succeeded" for n in range(100)}}

    def test_a_further_try_is_another_run(self, make: Make, journal: Journal) -> None:
        world = told(make, journal, sub("a", "faulty.yaml", retry=retry(1, "pending_timeout")))
        assert world.runs() == dict.fromkeys((RUN, f"{RUN}.a.1", f"{RUN}.a.2"), "failed")
        first = world.outcomes("a")[0]
        assert (first.error, first.message) == (
            "pending_timeout",
            f"run {RUN}.a.1 failed: bad: pending_timeout: as the script says",
        )

    def test_the_timeout_of_the_step_ends_the_child(self, make: Make, journal: Journal) -> None:
        world = told(make, journal, sub("a", "slow.yaml", timeout=30.0))
        assert verdicts(world.events()) == {"a": ("failed", "failed", "timeout")}
        assert world.runs()[f"{RUN}.a.1"] == "cancelled"
        assert world.outside.living() == []

    def test_the_timeout_of_the_file_is_one_of_the_step(self, make: Make, journal: Journal) -> None:
        world = told(make, journal, sub("a", "hasty.yaml"))
        assert verdicts(world.events()) == {"a": ("failed", "failed", "timeout")}

    def test_what_nobody_knows_of_a_child_nobody_knows_of_its_parent(self, make: Make, journal: Journal) -> None:
        world = told(make, journal, sub("a", "doubt.yaml"))
        (outcome,) = world.outcomes("a")
        assert isinstance(outcome, Unknown)
        assert outcome.facts["run"] == f"{RUN}.a.1"
        last = world.events()[-1]
        assert isinstance(last, RunFinished)
        assert last.doubts == ("a",)

    def test_a_child_that_somebody_ends_by_its_own_id_was_stopped_outside(self, make: Make, journal: Journal) -> None:
        async def main() -> World:
            world = World(make, journal)
            driving = asyncio.ensure_future(world.begin(sub("a", "slow.yaml")).drive(RUN))
            await asyncio.sleep(5)
            journal.request(f"{RUN}.a.1", AbortRequested(world.clock.now(), AbortLevel.STOP, "somebody"))
            await driving
            return world

        world = run(main())
        (outcome,) = world.outcomes("a")
        assert isinstance(outcome, Failed)
        assert (outcome.error, outcome.message) == (
            "stopped_outside",
            f"run {RUN}.a.1 was cancelled: aborted by somebody",
        )

    @pytest.mark.parametrize(
        ("inputs", "said"),
        [
            ({"rows": "many"}, "input 'rows' is the text \"many\", and must be of type integer"),
            ({"lines": 1}, "it has no input 'lines'"),
            ("${{ ['rows', 7] }}", "inputs are a list, and must be a map of names to values"),
        ],
    )
    def test_inputs_that_do_not_fit_begin_nothing(self, make: Make, journal: Journal, inputs: Json, said: str) -> None:
        world = told(make, journal, sub("a", "post.yaml", inputs=inputs))
        assert [outcome.message for outcome in world.outcomes("a")] == [f"post.yaml: {said}"]
        assert verdicts(world.events())["a"][2] == "start_rejected"
        assert set(world.runs()) == {RUN}

    def test_the_group_of_a_file_follows_from_its_inputs(self, make: Make, journal: Journal) -> None:
        two = [sub("eu", "close.yaml"), sub("us", "close.yaml", inputs={"region": "US"})]
        world = told(make, journal, *two, sub("late", "close.yaml"))
        assert verdicts(world.events()) == {
            "eu": ("succeeded", "succeeded", ""),
            "us": ("succeeded", "succeeded", ""),
            "late": ("failed", "failed", "start_rejected"),
        }
        (outcome,) = world.outcomes("late")
        assert f"{RUN}.eu.1" in outcome.message
        assert (journal.run(f"{RUN}.us.1").group, journal.run(f"{RUN}.us.1").key) == ("close-US", "")

    def test_a_group_that_cannot_be_told_is_an_expression_that_failed(self, make: Make, journal: Journal) -> None:
        world = told(make, journal, sub("a", "lost.yaml"))
        assert verdicts(world.events())["a"][2] == "expression"

    def test_who_detaches_leaves_the_children_and_finds_them_again(self, make: Make, journal: Journal) -> None:
        async def main() -> World:
            world = World(make, journal)
            engine = world.begin(*NESTED.steps)
            asyncio.get_running_loop().call_later(7, engine.detach)
            with pytest.raises(EngineError, match="detached"):
                await engine.drive(RUN)
            assert not journal.owned(f"{RUN}.region.1.post.1")
            assert world.outside.living() != []
            await world.engine().drive(RUN)
            return world

        world = run(main())
        assert world.runs() == dict.fromkeys(RUNS, "succeeded")
        assert len(set(world.outside.started)) == len(world.outside.started)

    @pytest.mark.parametrize("lives", [1000.0, 5.0], ids=["to its end", "and dies"])
    def test_a_child_that_another_process_drives_is_waited_for(
        self, make: Make, journal: Journal, lives: float
    ) -> None:
        async def main() -> World:
            world = World(make, journal)
            engine = world.begin(sub("a", "post.yaml"))
            asyncio.get_running_loop().call_later(2, engine.detach)
            with suppress(EngineError):
                await engine.drive(RUN)
            other = world.engine()
            driving = asyncio.ensure_future(other.drive(f"{RUN}.a.1"))
            asyncio.get_running_loop().call_later(lives, other.detach)
            await asyncio.sleep(0.5)
            assert (await world.engine().drive(RUN)).status == "succeeded"
            await asyncio.wait([driving])
            with suppress(EngineError):
                driving.result()
            return world

        world = run(main())
        assert world.runs() == {RUN: "succeeded", f"{RUN}.a.1": "succeeded"}
        assert world.outside.started == ["a.1/read:1", "a.1/write:1", "a.1/release:1"]

    def test_a_bug_in_a_child_ends_the_engine_with_that_bug(self, make: Make, journal: Journal) -> None:
        with pytest.raises(LookupError, match="a bug in wait"):
            told(make, journal, sub("a", "broken.yaml"))

    def test_a_child_that_nobody_is_signed_in_for_ends_the_engine(self, make: Make, journal: Journal) -> None:
        class Unsigned(ScriptedKind):
            async def wait(self, *_: Any) -> Any:
                raise NotSignedIn("the token is over")

        async def main() -> None:
            world = World(make, journal)
            world.kinds["job"] = Unsigned(world.outside)
            with pytest.raises(NotSignedIn):
                await world.begin(sub("a", "post.yaml")).drive(RUN)
            world.kinds["job"] = ScriptedKind(world.outside)
            assert (await world.engine().drive(RUN)).status == "succeeded"

        run(main())

    def test_a_kind_that_nobody_knows_in_a_file_is_said_before_anything_starts(
        self, make: Make, journal: Journal
    ) -> None:
        async def main() -> None:
            world = World(make, journal)
            engine = world.engine()
            strange = {"x.yaml": Plan("x", (Step("a", "seance"),))}
            engine.create(
                RunStarted(0.0, RUN, Plan("close", (job("first"), sub("a", "x.yaml", "first"))), workflows=strange)
            )
            with pytest.raises(EngineError, match="knows no step of the kind seance"):
                await engine.drive(RUN)
            assert world.outside.started == []

        run(main())

    def test_a_child_says_how_far_it_is_ten_times_at_most(self, make: Make) -> None:
        many = {"many.yaml": Plan("many", tuple(job(f"s{n}", *([f"s{n - 1}"] if n else [])) for n in range(200)))}

        async def main() -> Sequence[str]:
            world = World(make, MemoryJournal())
            engine = world.engine()
            engine.create(RunStarted(0.0, RUN, Plan("close", (sub("a", "many.yaml"),)), workflows=many))
            await engine.drive(RUN)
            return [event.detail for event in world.events() if isinstance(event, AttemptProgressed)]

        said = run(main())
        assert said == [f"{n} of 200 steps" for n in range(0, 201, 20)]

    def test_the_log_of_a_parent_names_its_child_once_for_each_word(self, make: Make, journal: Journal) -> None:
        world = told(make, journal, sub("a", "post.yaml"))
        names = [type(event).__name__ for event in world.events()]
        assert names == [
            *("RunStarted", "StepBegan", "AttemptScheduled", "AttemptStarted"),
            *["AttemptProgressed"] * 4,
            *("AttemptFinished", "LegFinished", "StepFinished", "RunFinished"),
        ]
        assert [event.result for event in world.events() if isinstance(event, StepFinished)] == ["succeeded"]
