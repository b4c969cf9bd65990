"""Planted bugs: small, likely mistakes in the core, each patched in for the length of a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any, TypeAlias

import pytest

from flowrun.core import decide, evolve, pools, replan, retry, run, verdict
from flowrun.core.commands import StartStep
from flowrun.core.events import AttemptFinished, AttemptScheduled, Leg, LegFinished, StepBegan, StepFinished
from flowrun.core.plan import Stage
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel, Cancelled, Cause, LegStatus, Phase, StepStatus

Plant: TypeAlias = Callable[[pytest.MonkeyPatch], None]


def _one_need_is_enough(patch: pytest.MonkeyPatch) -> None:
    begin = evolve.begin

    def hasty(event: Any) -> Any:
        state = begin(event)
        for at, step in enumerate(state.steps):
            state = replace(state, steps=state.steps.put(at, replace(step, unmet=min(1, step.unmet))))
        return state

    patch.setattr(run, "begin", hasty)


def _finally_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide, "open_for", lambda *_: True)


def _a_slot_given_back_too_early(patch: pytest.MonkeyPatch) -> None:
    """A stopping attempt gives its slot back too early."""
    early = (LegStatus.SCHEDULED, LegStatus.RUNNING)
    patch.setattr(LegStatus, "active", property(lambda leg: leg in early))


def _a_slot_too_many(patch: pytest.MonkeyPatch) -> None:
    full = Run._fan_is_full

    def lax(self: Run, at: int) -> bool:
        return full(self, at) and self.state.steps[at].held > (self.state.place(at).fan_out.max_parallel or 0)  # type: ignore[union-attr]

    patch.setattr(Run, "_fan_is_full", lax)


def _a_copy_in_the_queue(patch: pytest.MonkeyPatch) -> None:
    """What was once a bug: a replay queues a leg twice, and a slot given back wakes the copy."""

    def queue(self: Run, place: pools.Place) -> None:
        heappush(self._ready, place)

    def unpark(self: Run, at: int) -> None:
        if self._parked.get(at):
            heappush(self._ready, heappop(self._parked[at]))

    patch.setattr(Run, "_queue", queue)
    patch.setattr(Run, "_unpark", unpark)


def _nobody_wakes_the_next(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Run, "_unpark", lambda *_: None)


def _another_try_after_the_end(patch: pytest.MonkeyPatch) -> None:
    """A leg that fails while the run is being ended is tried again."""
    after = decide._after_attempt

    def stubborn(state: Any, *more: Any) -> Any:
        return after(replace(state, abort=None), *more)

    patch.setattr(decide, "_after_attempt", stubborn)


def _another_try_after_failing_fast(patch: pytest.MonkeyPatch) -> None:
    """What was once a bug: a timed-out leg of a fan-out that has failed fast is tried again."""
    after, fails = decide._after_attempt, decide.fails_fast

    def stubborn(*about: Any) -> Any:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(decide, "fails_fast", lambda *_: False)
            return after(*about)

    patch.setattr(decide, "_after_attempt", stubborn)
    patch.setattr(decide, "fails_fast", fails)


def _a_rule_once_too_often(patch: pytest.MonkeyPatch) -> None:
    def next_try(rules: Any, tries: Any, error: str, message: str, chance: float) -> Any:
        return retry.next_try(tuple(replace(rule, most=rule.most + 1) for rule in rules), tries, error, message, chance)

    patch.setattr(decide, "next_try", next_try)


def _suspended_time_counts(patch: pytest.MonkeyPatch) -> None:
    deadline = decide.leg_deadline

    def strict(state: Any, at: int, leg: int) -> float | None:
        now_leg, step = state.leg(at, leg), state.place(at)
        if now_leg.status is LegStatus.RUNNING and now_leg.phase is not Phase.PENDING and step.timeout is not None:
            return float(now_leg.scheduled_at + step.timeout)
        return deadline(state, at, leg)

    patch.setattr(decide, "leg_deadline", strict)


def _a_stop_that_is_never_a_kill(patch: pytest.MonkeyPatch) -> None:
    deadline = decide.leg_deadline

    def patient(state: Any, at: int, leg: int) -> float | None:
        return None if state.leg(at, leg).status is LegStatus.STOPPING else deadline(state, at, leg)

    patch.setattr(decide, "leg_deadline", patient)


def _a_doubt_before_the_first_look(patch: pytest.MonkeyPatch) -> None:
    """What was once a bug: what died while nobody looked is called unknown as soon as the run is resumed."""
    deadline = decide.leg_deadline

    def rash(state: Any, at: int, leg: int) -> float | None:
        stopping = state.leg(at, leg).status is LegStatus.STOPPING
        return deadline(replace(state, resumed_at=0.0) if stopping else state, at, leg)

    patch.setattr(decide, "leg_deadline", rash)


def _a_start_is_not_looked_up(patch: pytest.MonkeyPatch) -> None:
    """After a crash the intention is carried out again, without a look."""
    commands = decide.commands

    def forgetful(*about: Any) -> Any:
        return tuple(
            replace(command, recheck=False) if isinstance(command, StartStep) else command
            for command in commands(*about)
        )

    patch.setattr(decide, "commands", forgetful)


def _a_start_after_a_stop(patch: pytest.MonkeyPatch) -> None:
    """An intention that is to end is dropped from the list, so that nobody looks for what it started."""
    commands = decide.commands

    def careless(state: Any, at: int, leg: int) -> Any:
        now_leg = state.leg(at, leg)
        return () if now_leg.stop is not None and now_leg.handle is None else commands(state, at, leg)

    patch.setattr(decide, "commands", careless)


def _a_resumed_run_forgets_its_epoch(patch: pytest.MonkeyPatch) -> None:
    """Attempts of the life before last are not looked up."""
    step = evolve.evolve

    def shallow(state: Any, event: Any) -> Any:
        after = step(state, event)
        if isinstance(event, AttemptScheduled):
            return after
        if type(event).__name__ == "RunResumed":
            for at, known in enumerate(after.steps):
                for place, leg in enumerate(known.legs):
                    if leg.epoch < state.epoch:
                        legs = after.steps[at].legs.put(place, replace(leg, epoch=after.epoch))
                        after = replace(after, steps=after.steps.put(at, replace(after.steps[at], legs=legs)))
        return after

    patch.setattr(run, "evolve", shallow)


def _a_doubt_is_not_told(patch: pytest.MonkeyPatch) -> None:
    step = evolve.evolve
    patch.setattr(run, "evolve", lambda state, event: replace(step(state, event), doubts=()))


def _what_is_killed_is_believed_dead(patch: pytest.MonkeyPatch) -> None:
    look = decide.decide_leg

    def believe(*about: Any) -> Any:
        event = look(*about)
        return replace(event, outcome=Cancelled()) if isinstance(event, AttemptFinished) else event

    patch.setattr(decide, "decide_leg", believe)


def _the_abort_forgets_who_waits(patch: pytest.MonkeyPatch) -> None:
    end = decide.end_legs

    def half(*about: Any, **more: Any) -> Any:
        return (event for event in end(*about, **more) if not isinstance(event, LegFinished))

    patch.setattr(decide, "end_legs", half)


def _a_drain_has_no_end(patch: pytest.MonkeyPatch) -> None:
    """What was once a bug: a drain switches the run's own timeout off."""
    ends = decide.run_deadline
    patch.setattr(decide, "run_deadline", lambda state: None if state.abort else ends(state))


def _skipped_is_good_enough(patch: pytest.MonkeyPatch) -> None:
    """R2: an optional need forgives everything."""
    satisfied = verdict.satisfied

    def lax(state: Any, need: Any) -> bool:
        return satisfied(state, need) or (need.optional and state.step(need.step).status is StepStatus.SKIPPED)

    patch.setattr(verdict, "satisfied", lax)


def _a_failure_among_siblings(patch: pytest.MonkeyPatch) -> None:
    """What was once a bug: `failure()` in `finally` hears of failures in `finally`."""
    facts = verdict.status_facts

    def gossip(state: Any, step: Any) -> Mapping[str, bool]:
        known = facts(state, step)
        return {**known, "failure": known["failure"] or (step.stage == "finally" and any(state.failed.values()))}

    patch.setattr(decide, "status_facts", gossip)


def _ifs_without_success(patch: pytest.MonkeyPatch) -> None:
    """R4: an `if` without a status function stands alone."""

    def holds(state: Any, step: Any, ask: Any) -> bool:
        facts = verdict.status_facts(state, step)
        if step.condition is None:
            return facts["success"]
        return bool(ask.condition(state, step.condition.expression, facts))

    patch.setattr(decide, "_holds", holds)


def _the_first_cause_wins(patch: pytest.MonkeyPatch) -> None:
    """R5: the order of badness is upside down."""
    patch.setattr(verdict, "_BADNESS", tuple(reversed(verdict._BADNESS)))


def _all_running_steps_are_stopped(patch: pytest.MonkeyPatch) -> None:
    """R6: nobody asks whether the `if` still holds."""
    ending = decide.ending

    def harsh(state: Any, at: int, ask: Any) -> Any:
        if state.abort is not None and state.abort.level is AbortLevel.STOP and state.place(at).stage == "steps":
            return state.abort.cause, False
        return ending(state, at, ask)

    patch.setattr(decide, "ending", harsh)


def _tolerated_is_one_less(patch: pytest.MonkeyPatch) -> None:
    """R8: as many as are tolerated is too many."""

    def exceeded(tolerate: Any, step: Any) -> bool:
        limit = tolerate.count if tolerate.percent is None else len(step.legs) * tolerate.percent / 100
        return bool(step.failed >= limit and step.failed)

    patch.setattr(verdict, "exceeded", exceeded)
    patch.setattr(decide, "exceeded", exceeded)


def _holes_are_a_success(patch: pytest.MonkeyPatch) -> None:
    """R8: cancelled legs are forgotten."""
    fan = verdict.fan_verdict
    patch.setattr(decide, "fan_verdict", lambda tolerate, step: fan(tolerate, replace(step, cancelled=0)))


def _let_through_and_failed(patch: pytest.MonkeyPatch) -> None:
    """R7: what is let through fails the run all the same."""
    step = evolve.evolve

    def unforgiving(state: Any, event: Any) -> Any:
        after = step(state, event)
        if isinstance(event, StepFinished) and event.outcome is StepStatus.FAILED:
            stage = state.place(state.index[event.step_id]).stage
            after = replace(after, failed={**state.failed, stage: state.failed[stage] + 1})
        return after

    patch.setattr(run, "evolve", unforgiving)


def _a_late_word_counts(patch: pytest.MonkeyPatch) -> None:
    """What was once a bug: a late word about a finished attempt is taken for one about the next."""
    accepts = evolve.accepts

    def gullible(state: Any, event: Any) -> bool:
        if not isinstance(event, AttemptFinished) or state.status.final:
            return accepts(state, event)
        leg = state.leg(state.index[event.step_id], event.leg)
        return event.attempt == leg.attempt and AttemptFinished in evolve.LEG_ACCEPTS[leg.status]

    patch.setattr(run, "accepts", gullible)


def _ended_is_called_not_selected(patch: pytest.MonkeyPatch) -> None:
    not_run = decide._not_run

    def mistaken(step: Any, result: Any, cause: Any, now: float) -> Any:
        return not_run(step, result, Cause.NOT_SELECTED if cause == Cause.ABORT else cause, now)

    patch.setattr(decide, "_not_run", mistaken)


def _undone_from_the_front(patch: pytest.MonkeyPatch) -> None:
    """What ended first is undone first."""
    turns = decide.turns
    patch.setattr(decide, "turns", lambda state: list(reversed(turns(state))))


def _everything_is_undone(patch: pytest.MonkeyPatch) -> None:
    """A leg that failed is undone, too."""

    def undo(state: Any, step: Any, now: float) -> Any:
        done = state.step(step.undoes)
        legs = tuple(Leg(leg.leg.key, leg.leg.matrix, at) for at, leg in enumerate(done.legs))
        return (
            StepBegan(now, step.id, legs) if legs and (state.abort or state.failed["steps"]) else kept(state, step, now)
        )

    kept = decide._undo
    patch.setattr(decide, "_undo", undo)


def _undone_though_all_is_well(patch: pytest.MonkeyPatch) -> None:
    undo = decide._undo

    def eager(state: Any, step: Any, now: float) -> Any:
        return undo(replace(state, failed={**state.failed, Stage.STEPS: 1}), step, now)

    patch.setattr(decide, "_undo", eager)


def _an_abort_undoes_nothing(patch: pytest.MonkeyPatch) -> None:
    undo = decide._undo
    patch.setattr(decide, "_undo", lambda state, step, now: undo(replace(state, abort=None), step, now))


def _a_round_too_many(patch: pytest.MonkeyPatch) -> None:
    after = decide._after_round

    def eager(state: Any, at: int, leg: int, *more: Any) -> Any:
        now_leg = state.leg(at, leg)
        legs = state.steps[at].legs.put(leg, replace(now_leg, rounds=now_leg.rounds - 1))
        return after(replace(state, steps=state.steps.put(at, replace(state.steps[at], legs=legs))), at, leg, *more)

    patch.setattr(decide, "_after_round", eager)


def _nobody_waits_for_their_turn(patch: pytest.MonkeyPatch) -> None:
    begin = evolve.begin
    patch.setattr(run, "begin", lambda event: replace(begin(event), admitted_at=event.at))


def _the_queue_is_left_by_an_abort(patch: pytest.MonkeyPatch) -> None:
    """Who is aborted before their turn tidies up what they never touched."""
    step = decide.decide_step
    patch.setattr(decide, "decide_step", lambda state, *more: step(replace(state, admitted_at=0.0), *more))


def _finally_has_no_end(patch: pytest.MonkeyPatch) -> None:
    ends = decide.run_deadline
    patch.setattr(
        decide, "run_deadline", lambda state: ends(replace(state, plan=replace(state.plan, finally_timeout=None)))
    )


RARE: tuple[Plant, ...] = (
    _a_copy_in_the_queue,
    _another_try_after_failing_fast,
    _a_drain_has_no_end,
    _the_queue_is_left_by_an_abort,
)
"""Bugs that the simulation must find among some thousand seeds."""


def _slots_kept_by_who_waits(patch: pytest.MonkeyPatch) -> None:
    """A leg that waits for its next try keeps the slots of its pools."""
    pooled = evolve._pooled
    patch.setattr(evolve, "_pooled", lambda before, pools, held: pooled(before, pools, max(held, 0)))


def _a_slot_of_a_pool_too_many(patch: pytest.MonkeyPatch) -> None:
    lacking = pools.lacking

    def lax(capacities: Any, held: Any, wanted: Any) -> Any:
        return lacking({pool: count + 1 for pool, count in capacities.items()}, held, wanted)

    patch.setattr(run, "lacking", lax)
    patch.setattr(pools, "lacking", lax)


def _who_waits_for_a_pool_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Run, "_wake", lambda *_: None)


def _others_are_not_asked(patch: pytest.MonkeyPatch) -> None:
    """A leg begins without the slots that other runs hold."""
    must_wait = Run._must_wait

    def eager(self: Run, place: pools.Place) -> bool:
        waits = must_wait(self, place)
        if place in self._waiting and place not in self._granted:
            self.grant([self._wish(place, self.state.place(place[0]).pools)])
        return waits

    patch.setattr(Run, "_must_wait", eager)


def _a_new_plan_waits_for_what_is_over(patch: pytest.MonkeyPatch) -> None:
    """A step that is new counts all that it needs, though some of it had ended before."""
    replanned = evolve._replanned

    def patient(state: Any, event: Any) -> Any:
        after = replanned(state, event)
        for at, (step, now) in enumerate(zip(after.plan.steps, after.steps, strict=True)):
            if now.status is StepStatus.WAITING:
                after = replace(after, steps=after.steps.put(at, replace(now, unmet=len(step.needs))))
        return after

    patch.setattr(evolve, "_replanned", patient)


def _a_new_plan_forgets_who_was_ready(patch: pytest.MonkeyPatch) -> None:
    enter = Run._enter

    def forgetful(self: Run, place: pools.Place) -> None:
        if self.state.leg(*place).attempt or not self._agenda or self._agenda[-1][0] != place[0]:
            enter(self, place)

    patch.setattr(Run, "_enter", forgetful)


def _a_new_plan_takes_all_from_the_file(patch: pytest.MonkeyPatch) -> None:
    """What had begun and is gone from the file is lost."""
    stays = replan._Look._stays

    def strict(self: Any, step: Any) -> bool:
        return stays(self, step) and step.id in self._now

    patch.setattr(replan._Look, "_stays", strict)


def _a_new_plan_undoes_less(patch: pytest.MonkeyPatch) -> None:
    """The compensation of a step that is gone from the file is gone with it, though the step was done."""

    def lax(self: Any, step: Any) -> bool:
        return step.id in self._begun

    patch.setattr(replan._Look, "_stays", lax)


PROTOCOL: tuple[Plant, ...] = (
    _a_new_plan_waits_for_what_is_over,
    _a_new_plan_forgets_who_was_ready,
    _a_new_plan_takes_all_from_the_file,
    _a_new_plan_undoes_less,
    _one_need_is_enough,
    _finally_at_once,
    _a_slot_given_back_too_early,
    _a_slot_too_many,
    _nobody_wakes_the_next,
    _slots_kept_by_who_waits,
    _a_slot_of_a_pool_too_many,
    _who_waits_for_a_pool_is_forgotten,
    _others_are_not_asked,
    _another_try_after_the_end,
    _a_rule_once_too_often,
    _suspended_time_counts,
    _a_stop_that_is_never_a_kill,
    _a_doubt_before_the_first_look,
    _a_start_is_not_looked_up,
    _a_start_after_a_stop,
    _a_resumed_run_forgets_its_epoch,
    _a_doubt_is_not_told,
    _what_is_killed_is_believed_dead,
    _the_abort_forgets_who_waits,
    _a_late_word_counts,
    _undone_from_the_front,
    _everything_is_undone,
    _undone_though_all_is_well,
    _an_abort_undoes_nothing,
    _a_round_too_many,
    _nobody_waits_for_their_turn,
    _finally_has_no_end,
)
"""Bugs that the simulation must find soon."""

RARE_ALGEBRA: tuple[Plant, ...] = (_a_failure_among_siblings,)
"""Bugs that the oracle must find among some thousand graphs."""

ALGEBRA: tuple[Plant, ...] = (
    _skipped_is_good_enough,
    _ifs_without_success,
    _the_first_cause_wins,
    _all_running_steps_are_stopped,
    _tolerated_is_one_less,
    _holes_are_a_success,
    _let_through_and_failed,
    _ended_is_called_not_selected,
)
"""Bugs that the oracle must find soon."""
