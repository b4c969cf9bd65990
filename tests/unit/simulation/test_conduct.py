"""Whoever judges must be able to find something: stories that were right are made wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowrun.core.events import AttemptStopping
from flowrun.core.plan import Concurrency
from flowrun.core.status import AbortLevel
from flowrun.orchestrator.wire import StopStrategy
from flowrun.simulation.case import Case
from flowrun.simulation.fates import Fate
from flowrun.simulation.faults import Trouble
from flowrun.simulation.judge import breaches
from flowrun.simulation.orchestrator import Call
from flowrun.simulation.story import BESIDE, RUN, Story, tell
from tests.simulation.planted_outside import nobody_asks_who_the_owner_is
from tests.unit.simulation.cases import EVALUATOR, case, chain, step


def told(which: Case, trouble: Trouble, *fates: Fate) -> Story:
    story = tell(1, which, trouble, EVALUATOR, fates)
    assert breaches(story) == []
    return story


def rules(story: Story) -> set[str]:
    return {breach.rule for breach in breaches(story)}


def test_a_start_before_its_retry_after_is_over() -> None:
    story = told(chain(), Trouble(), Fate("start of a:1", 1, "throttle", 0.9))
    asked = next(call for call in story.calls if call.verb == "throttled")
    assert asked.wait == 20.0
    story.calls.append(Call(asked.at + 19.0, "start"))
    story.calls.sort(key=lambda call: call.at)
    assert rules(story) == {"patience"}


def test_more_lists_than_a_process_allows_itself() -> None:
    story = told(chain(), Trouble())
    story.calls += [Call(float(at), "list") for at in range(21)]
    assert rules(story) == {"budget"}


def stuck() -> Story:
    """Stopped by its timeout, deaf to SoftStop, killed a minute later."""
    return told(chain(timeout=30.0), Trouble(), Fate("Job of a:1", 1, "stuck"), Fate("Job of a:1", 1, "hang"))


def test_a_kill_before_its_time_or_off_the_record() -> None:
    story = stuck()
    kill = next(at for at, call in enumerate(story.calls) if call.strategy == StopStrategy.KILL)
    story.calls[kill] = replace(story.calls[kill], at=1.0)
    assert rules(story) == {"gentleness"}
    story = stuck()
    for note in story.notes:
        if isinstance(note.record.event, AttemptStopping) and not note.record.event.force:
            story.notes[story.notes.index(note)] = replace(note, at=note.at + 1.0)
    assert rules(story) == {"gentleness"}


def test_whoever_asks_for_a_kill_gets_one_at_once() -> None:
    story = told(chain(), Trouble(aborts=((30.0, AbortLevel.KILL),)))
    assert any(call.strategy == StopStrategy.KILL for call in story.calls)


def sharing() -> Case:
    return case(step("a", pools={"sap": 1}), step("b", pools={"sap": 1}), pools={"sap": 1})


def test_two_runs_take_no_more_of_a_pool_than_there_is() -> None:
    story = told(sharing(), Trouble(beside=5.0))
    assert set(story.ends) == {RUN, BESIDE}
    assert len(story.jobs) == 4
    story.jobs[0].ends += 30.0
    assert "slots" in rules(story)


def test_two_runs_of_a_group_go_one_after_the_other() -> None:
    story = told(case(step("a"), concurrency=Concurrency("month")), Trouble(beside=5.0))
    assert set(story.ends) == {RUN, BESIDE}
    first = max(at for at, note in enumerate(story.notes) if note.run_id == RUN)
    story.notes[first] = replace(story.notes[first], at=story.notes[first].at + 1000.0)
    assert "turns" in rules(story)


@pytest.mark.parametrize("place", ["after AttemptScheduled", "before a start", "after a start", "after AttemptStarted"])
@pytest.mark.parametrize("frozen", [0.0, 0.4, 0.6, 1.0])
def test_a_run_that_is_taken_over_by_force_starts_nothing_twice(place: str, frozen: float) -> None:
    story = told(chain(), Trouble(), *(Fate(place, number, "taken", frozen) for number in (1, 2)))
    assert len(story.jobs) == 3
    assert len({record.epoch for record in story.events()}) >= 2


def test_whoever_does_not_ask_for_the_owner_posts_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen while it waited after a 429, it wakes up when the new owner has looked, and posted."""
    fates = (Fate("before a start", 1, "taken", 0.6), Fate("start of a:1", 1, "throttle", 0.9))
    assert len(told(chain(), Trouble(), *fates).jobs) == 3
    nobody_asks_who_the_owner_is(monkeypatch)
    assert "once" in rules(tell(1, chain(), Trouble(), EVALUATOR, fates))


@pytest.mark.parametrize("fault", ["disk-full", "disk-torn"])
def test_a_disk_that_fails_at_any_commit_loses_nothing(fault: str) -> None:
    places = [passing for passing in told(chain(), Trouble()).passed if passing.place.split()[0] in ("before", "after")]
    word = "before" if fault == "disk-full" else "after"
    for place, number in places:
        if place.startswith(word) and not place.endswith(("a start", "a stop")):
            assert len(told(chain(), Trouble(), Fate(place, number, fault)).jobs) == 3
