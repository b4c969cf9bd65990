"""Shrink: the smallest story that still breaks the same promise. What befell it is left out, more and more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from flowrun.core.protocol import Evaluator
from flowrun.simulation.case import Case
from flowrun.simulation.fates import Fate
from flowrun.simulation.faults import Deaths, Trouble, Window
from flowrun.simulation.judge import breaches
from flowrun.simulation.story import Story, tell
from flowrun.simulation.weather import Weather

MOST_TOLD = 300
"""Stories that are told in the search for the smallest."""

_LISTS = {"unsigned": "token", "maintenance": "maintenance", "aborts": "abort", "clock": "clock", "taken": "taken"}
"""Fields of a Trouble that hold one thing after another, each with a time of its own, and their family."""
_SETTINGS = {"robots": "queue", "beside": "beside"}
_TAGS = ("keeps_reference", "keeps_batch_key", "filters")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """Something that befalls a story at a time of its own, or all along: the `at`th, from 0, of a field."""

    field: str
    at: int = 0


Item: TypeAlias = Part | Fate


@dataclass(frozen=True, slots=True)
class Plot:
    """All that befalls a story, thing by thing. `of` is how many there were before others were left out."""

    parts: tuple[Part, ...]
    fates: tuple[Fate, ...]
    of: int = 0

    @property
    def size(self) -> int:
        """How many things."""
        return len(self.parts) + len(self.fates)


@dataclass(frozen=True, slots=True)
class Smallest:
    """A story, and the plot that is told in it. `words`: what befalls it, a line each."""

    story: Story
    plot: Plot
    words: tuple[str, ...]


def smallest(story: Story, evaluator: Evaluator) -> Smallest | None:
    """The smallest that breaks the first promise that this one breaks; None where it breaks none of itself."""
    broken = [breach.rule for breach in breaches(story)]
    if not broken:
        return None
    told: dict[tuple[Item, ...], Story] = {}

    def fails(items: Sequence[Item]) -> bool:
        key = tuple(items)
        if key not in told and len(told) < MOST_TOLD:
            told[key] = told_by(story.seed, story.case, story.trouble, plot_of(key), evaluator)
        return key in told and broken[0] in {breach.rule for breach in breaches(told[key])}

    every = tuple(_items(story))
    if not fails(every):
        return None
    kept = tuple(_fewest(every, fails))
    plot = replace(plot_of(kept), of=len(every))
    return Smallest(told[kept], plot, tuple(_words(told[kept].trouble, plot)))


def told_by(seed: int, case: Case, trouble: Trouble, plot: Plot, evaluator: Evaluator) -> Story:
    """The story of a seed in which nothing happens, of all its trouble, but what the plot says."""
    return tell(seed, case, without(trouble, plot.parts), evaluator, plot.fates)


def plot_of(items: Sequence[Item]) -> Plot:
    """The plot of these."""
    return Plot(
        tuple(item for item in items if isinstance(item, Part)),
        tuple(item for item in items if isinstance(item, Fate)),
    )


def without(trouble: Trouble, kept: Sequence[Part]) -> Trouble:
    """The trouble with these parts and no others. What strikes by chance is told by a plot's fates."""
    there = {field: [part.at for part in kept if part.field == field] for field in (*_LISTS, "deaths")}
    whole = {part.field for part in kept}
    fields: dict[str, Any] = {name: _picked(getattr(trouble, name), there[name]) for name in _LISTS}
    fields |= {name: getattr(trouble, name) if name in whole else None for name in _SETTINGS}
    names = (*(("lag",) if "lag" in whole else ()), *(_TAGS if "tags" in whole else ()))
    weather: dict[str, Any] = {name: getattr(trouble.weather, name) for name in names}
    return Trouble(
        trouble.families,
        Weather(**weather),
        trouble.calm_at,
        deaths=Deaths(times=_picked(trouble.deaths.times, there["deaths"])),
        **fields,
    )


def _picked(things: tuple[T, ...], at: Sequence[int]) -> tuple[T, ...]:
    return tuple(thing for number, thing in enumerate(things) if number in at)


def _items(story: Story) -> Iterator[Item]:
    trouble, fair = story.trouble, Weather()
    for name in _LISTS:
        yield from (Part(name, at) for at in range(len(getattr(trouble, name))))
    yield from (Part("deaths", at) for at in range(len(trouble.deaths.times)))
    yield from (Part(name) for name in _SETTINGS if getattr(trouble, name) is not None)
    if trouble.weather.lag:
        yield Part("lag")
    if any(getattr(trouble.weather, name) != getattr(fair, name) for name in _TAGS):
        yield Part("tags")
    yield from story.fates


def _fewest(items: Sequence[Item], fails: Callable[[Sequence[Item]], bool]) -> Sequence[Item]:
    """Leave out halves, quarters, and so on, at last one at a time until none can be spared."""
    size = max(1, len(items) // 2)
    while True:
        before, at = len(items), 0
        while at < len(items):
            fewer = (*items[:at], *items[at + size :])
            if fails(fewer):
                items = fewer
            else:
                at += size
        if size > 1:
            size //= 2
        elif len(items) == before:
            return items


def _words(trouble: Trouble, plot: Plot) -> Iterator[str]:
    """What befalls it, for people. The trouble holds the plot's parts alone, in their order."""
    for name, family in _LISTS.items():
        yield from (f"{family}: {_when(thing)}" for thing in getattr(trouble, name))
    yield from (f"crash: at {at:.0f} s" for at in trouble.deaths.times)
    for part in plot.parts:
        if part.field in _SETTINGS:
            yield f"{_SETTINGS[part.field]}: {getattr(trouble, part.field):.0f}"
        elif part.field in ("lag", "tags"):
            yield part.field
    for fate in plot.fates:
        again = "" if fate.number == 1 else f", passed for the {fate.number}th time"
        yield f"{fate.fault}: {fate.place}{again}"


def _when(thing: Any) -> str:
    if isinstance(thing, Window):
        return f"from {thing.begins:.0f} s to {thing.ends:.0f} s"
    at, what = thing
    return f"at {at:.0f} s, {what if isinstance(what, str) else f'{what:.0f} s'}"
