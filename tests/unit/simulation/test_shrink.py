"""A bug is planted; of the story that shows it nothing may be left that is not needed."""

from __future__ import annotations

import pytest

from flowrun.core.status import AbortLevel
from flowrun.simulation.fates import Fate
from flowrun.simulation.faults import FAULTS, Deaths, Trouble, Window
from flowrun.simulation.judge import breaches
from flowrun.simulation.shrink import Item, Part, plot_of, smallest, told_by, without
from flowrun.simulation.tally import story_of
from flowrun.simulation.weather import Weather
from tests.simulation.planted_outside import posts_twice
from tests.unit.simulation.cases import EVALUATOR, join


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_left_that_is_not_needed(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    posts_twice(monkeypatch)
    story = story_of(seed, join(), tuple(FAULTS), EVALUATOR)
    small = smallest(story, EVALUATOR)
    if small is None:
        assert breaches(story) == []
        return
    rule = breaches(story)[0].rule
    assert rule in {breach.rule for breach in breaches(small.story)}
    assert 1 <= small.plot.size <= 2
    assert small.plot.of >= small.plot.size
    assert len(small.words) == small.plot.size
    items: list[Item] = [*small.plot.parts, *small.plot.fates]
    for item in items:
        rest = plot_of([other for other in items if other != item])
        told = told_by(seed, story.case, story.trouble, rest, EVALUATOR)
        assert rule not in {breach.rule for breach in breaches(told)}


def test_a_story_that_breaks_nothing_has_no_smallest() -> None:
    assert smallest(story_of(1, join(), tuple(FAULTS), EVALUATOR), EVALUATOR) is None


def test_what_strikes_by_chance_is_told_without_dice_as_well() -> None:
    """All that befell a story, written down, is that story."""
    for seed in range(20):
        story = story_of(seed, join(), ("lost", "late", "faulted", "crash", "disk"), EVALUATOR)
        times = [Part("deaths", at) for at in range(len(story.trouble.deaths.times))]
        again = told_by(seed, story.case, story.trouble, plot_of([*times, *story.fates]), EVALUATOR)
        assert [note.record.event for note in again.notes] == [note.record.event for note in story.notes]


def test_a_trouble_without_its_parts_is_fair_weather() -> None:
    trouble = Trouble(
        families=("lost",),
        weather=Weather(lost_reply=0.4, lag=2.0, keeps_reference=False),
        robots=1,
        maintenance=(Window(1.0, 2.0), Window(3.0, 4.0)),
        deaths=Deaths((3,), (5.0, 6.0)),
        full=(3,),
        aborts=((9.0, AbortLevel.KILL),),
    )
    assert without(trouble, ()) == Trouble(families=("lost",))
    kept = without(trouble, (Part("maintenance", 1), Part("deaths", 0), Part("tags"), Part("robots")))
    assert kept.maintenance == (Window(3.0, 4.0),)
    assert kept.deaths == Deaths((), (5.0,))
    assert (kept.weather, kept.robots) == (Weather(keeps_reference=False), 1)


def test_a_plot_holds_parts_and_fates() -> None:
    fate = Fate("start of a:1", 1, "lost")
    plot = plot_of([fate, Part("lag")])
    assert (plot.parts, plot.fates, plot.size) == ((Part("lag"),), (fate,), 2)
