"""Hiding: the last door before the journal. Whatever a kind of step says, it says without the values of secrets.

A robot may answer with what it was given: in its outputs, in its error, in what Orchestrator says of it. All of it
passes here before it becomes an event, a line of a log or an error.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.errors import FlowrunError, UsageError
from flowrun.steps.cover import HIDDEN, Cover
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress, Started, StepKind
from flowrun.steps.secrets import Secrets, names_in

_UNREADABLE = "a secret of this step has no value here, so that it could not be told from the rest: nothing is shown"


class HidingKind:
    """Implements StepKind by another one."""

    def __init__(self, kind: StepKind, secrets: Secrets) -> None:
        self.name = kind.name
        self._kind = kind
        self._hides = Hides(secrets)

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """As the other one."""
        with self._hides.raised():
            seen = await self._kind.check(steps)
        hide = self._hides.cover.text
        findings = tuple(
            replace(one, message=hide(one.message), hint=hide(one.hint) if one.hint else None) for one in seen.findings
        )
        return replace(seen, findings=findings)

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """As the other one. The handle is how the other one finds its own again: nothing of a robot's is in it."""
        with self._hides.raised():
            answer = await self._kind.start(attempt, may_start)
        if isinstance(answer, Started):
            return answer
        hidden = self._hides.outcome(attempt, answer)
        assert not isinstance(hidden, Succeeded)  # noqa: S101 - it is of the class that it was
        return hidden

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """As the other one."""

        def hidden(phase: Phase, detail: str) -> None:
            progress(phase, self._hides.cover.text(detail))

        with self._hides.raised():
            outcome = await self._kind.wait(attempt, handle, hidden)
        return self._hides.outcome(attempt, outcome)

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """As the other one."""
        with self._hides.raised():
            await self._kind.stop(attempt, handle, force=force)


class Hides:
    """Hides what is known now: values are opened when a run is known, after this was made."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._made: tuple[tuple[str, ...], Cover] = ((), Cover(()))

    @property
    def cover(self) -> Cover:
        """For all values that are known."""
        values = tuple(self._secrets.values.values())
        if values != self._made[0]:
            self._made = (values, Cover(values))
        return self._made[1]

    def outcome(self, attempt: Attempt, outcome: Outcome) -> Outcome:
        """What became of an attempt. Where the value of a secret that it was given is not known, only how it ended."""
        if not all(map(self._known, names_in(attempt.arguments))):
            return _reworded(outcome, lambda _: _UNREADABLE, lambda _: {}, _without_words)
        cover = self.cover
        return _reworded(outcome, cover.text, cover.value, cover.value)

    def _known(self, name: str) -> bool:
        """Whether the secret has a value here. Who finds out what became of an attempt can do without."""
        try:
            return name in self._secrets.values
        except UsageError:
            return False

    @contextmanager
    def raised(self) -> Iterator[None]:
        """What is raised here says nothing of them either, nor does its traceback."""
        try:
            yield
        except FlowrunError as error:
            error.message = self.cover.text(error.message)
            error.hint = self.cover.text(error.hint) if error.hint else error.hint
            error.args = (error.message,)
            error.__cause__ = None
            raise
        except Exception as error:
            told = "".join(traceback.format_exception(error))
            hidden = self.cover.text(told)
            if hidden == told:
                raise
            raise RuntimeError(hidden) from None

    @contextmanager
    def logged(self) -> Iterator[None]:
        """What flowrun's own loggers say while this lasts, too."""
        loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("flowrun")]
        for logger in loggers:
            logger.addFilter(self._filter)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeFilter(self._filter)

    def _filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.cover.text(record.getMessage()), ()
        if record.exc_info:
            told = logging.Formatter().formatException(record.exc_info)
            record.exc_info, record.exc_text = None, self.cover.text(told)
        return True


def _reworded(
    outcome: Outcome,
    text: Callable[[str], str],
    outputs: Callable[[Json], Json],
    facts: Callable[[Json], Json],
) -> Outcome:
    if isinstance(outcome, Succeeded):
        return replace(outcome, outputs=outputs(outcome.outputs), facts=facts(outcome.facts))
    if isinstance(outcome, Failed):
        message = text(outcome.message)
        return replace(outcome, message=message, outputs=outputs(outcome.outputs), facts=facts(outcome.facts))
    return replace(outcome, message=text(outcome.message), facts=facts(outcome.facts))


def _without_words(facts: Json) -> Json:
    """The facts of Jobs without what they said."""
    if isinstance(facts, Mapping):
        return {key: HIDDEN if key == "info" and item else _without_words(item) for key, item in facts.items()}
    return [_without_words(item) for item in facts] if isinstance(facts, list | tuple) else facts
