"""The judge: what must be true of every story, told from the journal and the world's ledger by code of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from flowrun.core.commands import Command, StartStep
from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStopping,
    Event,
    LegFinished,
    RepeatPlanned,
    RetryPlanned,
    RunAdmitted,
    RunFinished,
    RunReplanned,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Step
from flowrun.core.run import Run
from flowrun.core.status import Unknown
from tests.simulation.core.simulation import Story
from tests.simulation.core.words import Words
from tests.simulation.core.world import Attempt


def judge(story: Story, prefixes: int = 2) -> None:
    """Raises AssertionError where something happened that must not. Looks at so many prefixes of the journal."""
    _once(story)
    _in_order(story)
    _within_limits(story)
    _after_the_end(story)
    _doubts(story)
    _once_ending(story)
    _tries(story)
    _in_time(story)
    _in_time_at_the_end(story)
    _in_turn(story)
    _undone(story)
    _verdict_on_the_run(story)
    _replanned(story)
    _replayed(story)
    dice = Random(f"judge:{story.seed}")
    count = len(story.journal.events)
    for length in dice.sample(range(1, count), min(prefixes, count - 1)):
        _prefix(story, length)


def _once(story: Story) -> None:
    """Every intention is on paper once, nothing is made twice, and nothing is made that was not intended."""
    intended = Counter(_attempt(event) for event in story.journal.events if isinstance(event, AttemptScheduled))
    made = Counter(attempt for _, word, attempt in story.world.ledger if word == "made")
    assert not [attempt for attempt, times in intended.items() if times > 1], "scheduled twice"
    assert not [attempt for attempt, times in made.items() if times > 1], "started twice"
    assert made.keys() <= intended.keys(), "started without an intention"


def _in_order(story: Story) -> None:
    """No step is begun or decided before its needs are final, nor before all of the stages before its own."""
    final: set[str] = set()
    stages = ("steps", "compensate", "finally")
    earlier = {
        step.id: {other.id for other in story.plan.steps if stages.index(other.stage) < stages.index(step.stage)}
        for step in story.plan.steps
    }
    begun: set[str] = set()
    for event in story.journal.events:
        if isinstance(event, StepBegan | StepFinished) and event.step_id not in begun:
            step = _step(story, event.step_id)
            assert {need.step for need in step.needs} <= final, f"{step.id} came before its needs"
            assert earlier[step.id] <= final, f"{step.id} came before an earlier stage was over"
        if isinstance(event, StepBegan):
            begun.add(event.step_id)
        if isinstance(event, StepFinished):
            assert event.step_id not in final, f"two verdicts on {event.step_id}"
            final.add(event.step_id)
    assert final == {step.id for step in story.plan.steps}


def _within_limits(story: Story) -> None:
    """What lives outside is never more than there are slots, save what is in doubt and said to be."""
    doubted = {_attempt(event) for event in story.journal.events if _unknown(event)}
    limits = {step.id: step.fan_out.max_parallel for step in story.plan.steps if step.fan_out}
    living: set[Attempt] = set()
    for _, word, attempt in story.world.ledger:
        if word == "ended":
            living.discard(attempt)
        elif attempt not in doubted:
            living.add(attempt)
            assert story.plan.max_parallel is None or len(living) <= story.plan.max_parallel, "too many at once"
            most = limits.get(attempt[0])
            assert most is None or sum(other[0] == attempt[0] for other in living) <= most, "too many legs at once"
            for pool, count in story.plan.pools.items():
                taken = sum(_step(story, other[0]).pools.get(pool, 0) for other in living)
                assert taken <= count, f"more than the slots of {pool}"


def _after_the_end(story: Story) -> None:
    """Nothing lives outside when the run has ended, nor is made later, unless it is listed among the doubts."""
    last = story.journal.events[-1]
    assert isinstance(last, RunFinished)
    doubted = [event for event in story.journal.events if _unknown(event)]
    assert len(last.doubts) == len(doubted)
    names = {_attempt(event) for event in doubted}
    assert set(story.living) <= names, "something lives, and nobody says so"
    assert set(story.late) <= names, "something came to life after the end"


def _doubts(story: Story) -> None:
    """Nobody is said to have survived a kill who had been seen dead, or would have been by looking."""
    if story.drifted:
        return
    died = {attempt: at for at, word, attempt in story.world.ledger if word == "ended"}
    for event in story.journal.events:
        if isinstance(event, AttemptFinished) and _unknown(event) and "killed" in event.outcome.message:  # type: ignore[union-attr]
            seen = died.get(_attempt(event), event.at) + story.world.fate(_attempt(event)).latency
            assert event.at <= seen, "called unknown, though it had ended"


def _once_ending(story: Story) -> None:
    """Once the run is to end, or a fan-out has failed fast, nothing new begins but what may."""
    level = ""
    failed: Counter[str] = Counter()
    over: set[str] = set()
    for event in story.journal.events:
        match event:
            case AbortRequested():
                level = str(event.level)
            case LegFinished(result="failed"):
                failed[event.step_id] += 1
                step, legs = _step(story, event.step_id), _legs(story, event.step_id)
                if step.fan_out and step.fan_out.fail_fast:
                    tolerate = step.fan_out.tolerate
                    limit = tolerate.count if tolerate.percent is None else legs * tolerate.percent / 100
                    if failed[event.step_id] > limit:
                        over.add(event.step_id)
            case AttemptScheduled():
                step = _step(story, event.step_id)
                stays = step.stage != "steps" or (step.condition is not None and step.condition.asks_status)
                assert level != "kill", "started after a kill"
                assert not level or stays, "started after an abort"
                assert event.step_id not in over, "started after it had failed fast"
            case StepBegan():
                assert level != "kill", "begun after a kill"
            case _:
                pass


def _tries(story: Story) -> None:
    """No more tries than the rules grant, none before its time, and timeouts that are neither early nor forgotten."""
    due: dict[tuple[str, int], float] = {}
    clocks: dict[Attempt, _Clock] = {}
    repeated: Counter[tuple[str, int]] = Counter()
    for event in story.journal.events:
        if isinstance(event, RetryPlanned):
            step = _step(story, event.step_id)
            rounds = step.repeat.most if step.repeat else 1
            assert event.attempt < rounds * (1 + sum(rule.most for rule in step.retry)), "one try too many"
            due[event.step_id, event.leg] = event.due
        elif isinstance(event, RepeatPlanned):
            repeated[event.step_id, event.leg] += 1
            repeat = _step(story, event.step_id).repeat
            assert repeat is not None
            assert repeated[event.step_id, event.leg] < repeat.most, "one round too many"
            assert repeat.until != "true", "a round too many, though it was done"
            due[event.step_id, event.leg] = event.due
        elif isinstance(event, AttemptScheduled):
            assert event.at >= due.get((event.step_id, event.leg), 0.0), "tried before its time"
            clocks[_attempt(event)] = _Clock(event.at, event.at)
        elif isinstance(event, AttemptProgressed) and _attempt(event) in clocks:
            clocks[_attempt(event)].enter(str(event.phase), event.at)
        elif isinstance(event, AttemptStopping | AttemptFinished) and _attempt(event) in clocks:
            clock = clocks.pop(_attempt(event))
            if not story.drifted:
                _check_time(story, event, clock)


@dataclass
class _Clock:
    """How long an attempt has been doing what."""

    scheduled: float
    since: float
    phase: str = "pending"
    ran: float = 0.0

    def enter(self, phase: str, at: float) -> None:
        self.ran, self.phase, self.since = self.running(at), phase, at

    def running(self, now: float) -> float:
        return self.ran + (now - self.since) * (self.phase == "running")


def _check_time(story: Story, event: AttemptStopping | AttemptFinished, clock: _Clock) -> None:
    step = _step(story, event.step_id)
    spent, cause = clock.running(event.at), event.cause if isinstance(event, AttemptStopping) else ""
    if cause == "timeout":
        assert step.timeout is not None
        assert spent >= step.timeout - 1e-6, "timed out too early"
    if cause == "pending_timeout":
        assert clock.phase == "pending"
        assert step.pending_timeout is not None
        assert event.at - clock.scheduled >= step.pending_timeout - 1e-6, "pending for less than its time"
    if not story.crashes:
        assert step.timeout is None or spent <= step.timeout + 1e-6, "a timeout was forgotten"
        waits = clock.phase == "pending" and step.pending_timeout is not None
        assert not waits or event.at - clock.scheduled <= (step.pending_timeout or 0.0) + 1e-6, "pending for too long"


def _in_time(story: Story) -> None:
    """Whose work goes on beyond its own timeout is being stopped, were it drained before or not; `finally` is not."""
    first, limit = _admitted(story), story.plan.timeout
    worked = [event.at for event in story.journal.events if isinstance(event, StepFinished) and _works(story, event)]
    levels = [event for event in story.journal.events if isinstance(event, AbortRequested)]
    for event in levels:
        early = first is None or limit is None or event.at < first + limit
        assert event.by != "timeout" or story.drifted or not early, "too early"
    if limit is None or first is None or story.crashes or story.drifted or max(worked) <= first + limit:
        return
    assert any(event.level != "drain" and event.at <= first + limit for event in levels), "its time was forgotten"


def _in_time_at_the_end(story: Story) -> None:
    """`finally` has a time of its own, from the end of the work on; then it is killed."""
    limit = story.plan.finally_timeout
    over = max(event.at for event in story.journal.events if isinstance(event, StepFinished) and _works(story, event))
    levels = [event for event in story.journal.events if isinstance(event, AbortRequested)]
    for event in levels:
        early = limit is None or event.at < over + limit
        assert event.by != "finally_timeout" or story.drifted or not early, "finally was ended too early"
    if limit is None or story.crashes or story.drifted or story.journal.events[-1].at <= over + limit:
        return
    assert any(event.level == "kill" and event.at <= over + limit for event in levels), "finally goes on and on"


def _admitted(story: Story) -> float | None:
    """When its turn came; None where it never did."""
    if story.plan.concurrency is None:
        return story.journal.events[0].at
    return next((event.at for event in story.journal.events if isinstance(event, RunAdmitted)), None)


def _in_turn(story: Story) -> None:
    """Nothing begins before the run's turn, and nothing at all where it was aborted before that."""
    admitted = story.plan.concurrency is None
    for event in story.journal.events:
        admitted |= isinstance(event, RunAdmitted)
        assert admitted or not isinstance(event, StepBegan), "begun out of turn"


def _undone(story: Story) -> None:
    """Where the work failed or was ended, each leg that succeeded is undone, what ended last first; else none is."""
    events = story.journal.events
    ends = [event.step_id for event in events if isinstance(event, StepFinished)]
    undoing = {step.id: step.undoes for step in story.plan.steps if step.undoes}
    order = [undoing[step_id] for step_id in ends if step_id in undoing]
    assert order == sorted(order, key=ends.index, reverse=True), "undone in another order"
    succeeded: dict[str, set[int]] = {}
    bad, killed, going, open_steps = False, False, "", {step.id for step in story.plan.steps if step.stage == "steps"}
    for event in events:
        bad |= bool(open_steps) and isinstance(event, StepFinished) and event.result == "failed"
        bad |= isinstance(event, AbortRequested)
        killed |= isinstance(event, AbortRequested) and event.level == "kill"
        if isinstance(event, LegFinished) and event.result == "succeeded":
            succeeded.setdefault(event.step_id, set()).add(event.leg)
        if isinstance(event, StepBegan) and event.step_id in undoing:
            assert bad, "undone, though all is well"
            assert not killed, "undone after a kill"
            assert not going, "undone beside another"
            going = event.step_id
            origins = {leg.origin for leg in event.legs}
            assert origins == succeeded.get(undoing[event.step_id], set()), "what did not succeed was undone"
            assert len(event.legs) == len(origins), "undone twice"
        if isinstance(event, StepFinished):
            open_steps.discard(event.step_id)
            going = "" if event.step_id == going else going
            if event.step_id in undoing and event.result == "skipped":
                assert not bad or not succeeded.get(undoing[event.step_id]), "left as it was"


def _works(story: Story, event: StepFinished) -> bool:
    return _step(story, event.step_id).stage != "finally"


def _verdict_on_the_run(story: Story) -> None:
    """R7, and each leg's and step's verdict once."""
    events, last = story.journal.events, story.journal.events[-1]
    assert isinstance(last, RunFinished)
    legs = Counter((event.step_id, event.leg) for event in events if isinstance(event, LegFinished))
    assert set(legs.values()) <= {1}, "two verdicts on a leg"
    assert legs.keys() == {
        (event.step_id, leg) for event in events if isinstance(event, StepBegan) for leg in range(len(event.legs))
    }
    steps = [event for event in events if isinstance(event, StepFinished)]
    if any(isinstance(event, AbortRequested) for event in events):
        assert last.status == "cancelled"
    elif any(event.result == "failed" for event in steps) or last.message:
        assert last.status == "failed"
    else:
        assert last.status == "succeeded"
    assert last.warnings == tuple(event.step_id for event in steps if event.outcome == "failed" != event.result)


def _replanned(story: Story) -> None:
    """With a new plan, what had begun stays as it was, and all else is as the file had it."""
    begun: set[str] = set()
    plan = story.plan
    for at, event in enumerate(story.journal.events):
        match event:
            case RunStarted():
                plan = event.plan
            case StepBegan() | StepFinished():
                begun.add(event.step_id)
            case RunReplanned():
                now, was = ({step.id: step for step in one.steps} for one in (event.plan, plan))
                file = {step.id: step for step in story.files[at].steps}
                for step_id in begun:
                    assert now[step_id] == was[step_id], "what had begun is another"
                left = {step.id for step in was.values() if step.undoes in begun and step.undoes not in file}
                assert left <= now.keys(), "what was done can no longer be undone"
                fresh = {step_id for step_id in now if step_id not in begun and now[step_id].undoes not in begun}
                assert {step_id: now[step_id] for step_id in fresh} == {
                    step_id: step for step_id, step in file.items() if step_id not in begun and step.undoes not in begun
                }, "the rest is not what the file says"
                plan = event.plan


def _replayed(story: Story) -> None:
    """Every prefix replays to what was there when it was live."""
    journal = story.journal
    first = journal.events[0]
    assert isinstance(first, RunStarted)
    run = Run(first, Words())
    for length, event in enumerate(journal.events[1:], 2):
        run.record(event)
        if length in journal.states:
            assert run.state == journal.states[length], "replay is not what was live"
            assert _settled(run.outstanding()) == _settled(journal.outstanding[length]), "other commands after a replay"


def _prefix(story: Story, length: int) -> None:
    """A journal that ends here goes on, and what follows by itself follows once."""
    run = Run.replay(story.journal.events[:length], Words())
    now = max(event.at for event in story.journal.events[:length])
    run.settle(now)
    state = run.state
    assert run.settle(now) == []
    assert run.state is state
    deadline = run.deadline()
    assert deadline is None or deadline > now or run.finished


def _settled(commands: list[Command]) -> list[Command]:
    return [replace(command, recheck=False) if isinstance(command, StartStep) else command for command in commands]


def _unknown(event: Event) -> bool:
    return isinstance(event, AttemptFinished) and isinstance(event.outcome, Unknown)


def _attempt(event: Event) -> Attempt:
    assert isinstance(event, AttemptScheduled | AttemptFinished | AttemptProgressed | AttemptStopping)
    return (event.step_id, event.leg, event.attempt)


def _step(story: Story, step_id: str) -> Step:
    return next(step for step in story.plan.steps if step.id == step_id)


def _legs(story: Story, step_id: str) -> int:
    return next(
        len(event.legs) for event in story.journal.events if isinstance(event, StepBegan) and event.step_id == step_id
    )
