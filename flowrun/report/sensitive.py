"""Sensitive: events as people may see them, without what outputs marked `sensitive` hold.

Such an output is hidden by its name; where its text turns up elsewhere, in the message of a Job that was given it, in
the key of a leg, in arguments, by its value. The journal keeps the events as they were.
"""

from __future__ import annotations

import json
from bisect import insort
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flowrun.core.events import (
    AttemptFinished,
    AttemptScheduled,
    AttemptStarted,
    Event,
    LegFinished,
    LegKept,
    RunFinished,
    RunReplanned,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Json, Plan, Step
from flowrun.core.status import Failed, Outcome, Succeeded
from flowrun.steps.cover import HIDDEN

SHORTEST = 4
"""Characters of a text that is hidden wherever it stands; a shorter one only under its own name."""

_HEAD = 32
"""So much of the beginning of a longer text is enough to know it by: messages cut what they show."""


class Sensitive:
    """Takes the events of one run in order, from its RunStarted on. Costs nothing where no output is sensitive."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._steps: dict[str, Step] = {}
        self._hidden: dict[str, frozenset[str]] = {}
        self._known: set[str] = set()
        self._texts: list[tuple[int, str]] = []
        self._paths: dict[str, list[tuple[str | int, ...]]] = {}

    def seen(self, event: Event) -> Event:
        """The event as it may be shown."""
        if isinstance(event, RunReplanned) or (isinstance(event, RunStarted) and self._plan is None):
            self._plan = event.plan
            self._steps = {step.id: step for step in event.plan.steps}
            self._hidden = {step.id: frozenset(step.sensitive) for step in event.plan.steps if step.sensitive}
            self._paths.clear()
        if not self._hidden:
            return event
        return self._covered(event)

    def _covered(self, event: Event) -> Event:
        changed: dict[str, Any] = {}
        match event:
            case StepBegan():
                legs = (replace(leg, key=self._text(leg.key), matrix=self._value(leg.matrix)) for leg in event.legs)
                changed = {"legs": tuple(legs)}
            case AttemptScheduled():
                changed = {"arguments": self._arguments(event)}
            case AttemptStarted():
                changed = {"handle": self._value(event.handle)}
            case AttemptFinished() | LegKept():
                changed = {"outcome": self._outcome(event.step_id, event.outcome)}
            case LegFinished() | StepFinished():
                changed = {"message": self._text(event.message)}
            case RunFinished():
                named = set(self._plan.sensitive) if self._plan is not None else set()
                shown = {name: HIDDEN if name in named else self._value(value) for name, value in event.outputs.items()}
                changed = {"message": self._text(event.message), "outputs": shown}
        return replace(event, **changed) if changed else event

    def _outcome(self, step_id: str, outcome: Outcome) -> Outcome:
        names = self._hidden.get(step_id, frozenset())
        if isinstance(outcome, Succeeded | Failed):
            for name in names & outcome.outputs.keys():
                self._learn(outcome.outputs[name])
            shown = {name: HIDDEN if name in names else self._value(value) for name, value in outcome.outputs.items()}
            outcome = replace(outcome, outputs=shown)
        if not isinstance(outcome, Succeeded):
            outcome = replace(outcome, message=self._text(outcome.message))
        return replace(outcome, facts=self._value(outcome.facts))

    def _arguments(self, event: AttemptScheduled) -> Mapping[str, Json]:
        shown: Json = self._value(event.arguments)
        for path in self._exposed(self._steps[event.step_id]):
            shown = _put(shown, path)
        arguments: Mapping[str, Json] = shown
        return arguments

    def _exposed(self, step: Step) -> list[tuple[str | int, ...]]:
        """Where the templates of a step's arguments read what is sensitive."""
        if step.id not in self._paths:
            from flowrun.templating.sensitivity import exposed  # noqa: PLC0415 - it loads jinja2, for those who need it

            own = self._hidden.get(step.undoes, frozenset())
            self._paths[step.id] = list(exposed(step.arguments, self._hidden, own))
        return self._paths[step.id]

    def _learn(self, value: Json) -> None:
        for text in _texts(value):
            for form in {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}:
                if len(form) >= SHORTEST and form not in self._known:
                    self._known.add(form)
                    insort(self._texts, (-len(form), form))

    def _text(self, text: str) -> str:
        if len(text) < SHORTEST:
            return text
        for _, known in self._texts:
            head = known[:_HEAD]
            while (start := text.find(head)) >= 0:
                text = text[:start] + HIDDEN + text[start + _common(text[start:], known) :]
        return text

    def _value(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value


def _common(text: str, known: str) -> int:
    """How many characters of its beginning a text shares with a known one."""
    return next(
        (at for at, (one, other) in enumerate(zip(text, known, strict=False)) if one != other),
        min(len(text), len(known)),
    )


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield json.dumps(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _put(value: Json, path: tuple[str | int, ...]) -> Json:
    """The value with what stands at the path hidden; a part of the path that is not there ends it."""
    if not path:
        return HIDDEN
    first, rest = path[0], path[1:]
    if isinstance(value, Mapping) and first in value:
        return {**value, first: _put(value[first], rest)}
    if isinstance(value, list | tuple) and isinstance(first, int) and first < len(value):
        return [_put(item, rest) if at == first else item for at, item in enumerate(value)]
    return value
