"""Redaction: what is sensitive in a run is replaced, wherever it turns up, by something of the same type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowrun.core.events import AttemptFinished, AttemptScheduled, Event
from flowrun.core.plan import Json, Plan, Step
from flowrun.core.status import Failed, Succeeded

HIDDEN = "hidden"
_SHORTEST = 3
"""Texts that are shorter are replaced where the output itself stands, and not inside others."""


class Redaction:
    """Knows what the sensitive outputs of a run were, and keeps them out of what is written."""

    def __init__(self, events: Iterable[Event], plan: Plan) -> None:
        steps = {step.id: step for step in plan.steps}
        self._sensitive = {step.id: _sensitive(step) for step in plan.steps}
        self._texts: set[str] = set()
        self._arguments: dict[str, Mapping[str, Json]] = {}
        for event in events:
            if isinstance(event, AttemptScheduled):
                self._arguments[event.step_id] = event.arguments.get("input_arguments") or {}
            elif isinstance(event, AttemptFinished) and isinstance(event.outcome, Succeeded | Failed):
                self._learn(steps[event.step_id], event.outcome.outputs)

    def _learn(self, step: Step, outputs: Mapping[str, Json]) -> None:
        for name in self._sensitive[step.id] & outputs.keys():
            self._texts |= set(_texts(outputs[name]))

    def output(self, step: Step, name: str, value: Json) -> Json:
        """An output as it may be written."""
        return _other(value) if name in self._sensitive[step.id] else value

    def arguments(self, step_id: str) -> dict[str, Json]:
        """Those that the last attempt of a plain step was sent."""
        return dict(self._arguments.get(step_id, {}))

    def clean(self, value: Json) -> Json:
        """The value without any text that is, or holds, something sensitive."""
        if isinstance(value, str):
            for text in sorted(self._texts, key=len, reverse=True):
                value = value.replace(text, HIDDEN)
            return value
        if isinstance(value, Mapping):
            return {name: self.clean(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(item) for item in value]
        return value


def _sensitive(step: Step) -> set[str]:
    contract = step.arguments.get("outputs")
    written = contract.items() if isinstance(contract, Mapping) else ()
    return {*step.sensitive, *(name for name, one in written if isinstance(one, Mapping) and one.get("sensitive"))}


def _texts(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield from [value] if len(value) >= _SHORTEST else []
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _other(value: Json) -> Json:
    """Something of the same type that says nothing."""
    if isinstance(value, bool) or value is None:
        return value and False
    if isinstance(value, str):
        return HIDDEN
    if isinstance(value, int | float):
        return type(value)(0)
    return {} if isinstance(value, Mapping) else []
