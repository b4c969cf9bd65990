from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from flowrun.core.status import Cancelled, Failed, Phase, Succeeded, Unknown
from flowrun.errors import NotSignedIn, Refused, UsageError
from flowrun.steps.hiding import Hides, HidingKind
from flowrun.steps.protocol import Attempt, Finding, Preflight, Started

VALUE = "t0p-s3cret"
GIVEN = {"input_arguments": {"in_T": {"$secret": "T"}}, "secrets": [["input_arguments", "in_T"]]}


class Box:
    def __init__(self, **values: str) -> None:
        self.values: Mapping[str, str] = values


class Loud:
    """Says everything that it can with the secret in it."""

    name = "loud"

    def __init__(self, says: Any) -> None:
        self.says = says

    async def check(self, _: Sequence[Any]) -> Preflight:
        return Preflight((Finding("FR501", "a", (), f"no {VALUE}", f"not {VALUE}"), Finding("FR501", "a", (), "b")))

    async def start(self, *_: Any) -> Any:
        return self._say()

    async def wait(self, _attempt: Any, _handle: Any, progress: Any) -> Any:
        progress(Phase.RUNNING, f"Running {VALUE}")
        return self._say()

    async def stop(self, *_: Any, **__: Any) -> None:
        self._say()

    def _say(self) -> Any:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def attempt(arguments: Mapping[str, Any] = GIVEN) -> Attempt:
    return Attempt("r", "a", "", 1, arguments)


FACTS = {"jobs": [{"id": 1, "info": f"x {VALUE}", "state": "Faulted"}]}
COVERED = {"jobs": [{"id": 1, "info": "x ***", "state": "Faulted"}]}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (Succeeded({"A": VALUE}, FACTS), Succeeded({"A": "***"}, COVERED)),
        (
            Failed("faulted", f"no {VALUE}", {"A": [VALUE]}, FACTS),
            Failed("faulted", "no ***", {"A": ["***"]}, COVERED),
        ),
        (Unknown(f"no {VALUE}", FACTS), Unknown("no ***", COVERED)),
        (Cancelled(f"no {VALUE}"), Cancelled("no ***")),
    ],
)
async def test_what_a_kind_says_is_without_it(said, shown):
    told: list[Any] = []
    kind = HidingKind(Loud(said), Box(T=VALUE))
    assert await kind.wait(attempt(), None, lambda phase, words: told.append((phase, words))) == shown
    assert told == [(Phase.RUNNING, "Running ***")]
    if not isinstance(said, Succeeded):  # a start does not succeed, it has started
        assert await kind.start(attempt(), lambda: True) == shown


async def test_a_handle_stays_as_it_is():
    handle = {"jobs": [{"id": 1, "key": VALUE}]}
    assert await HidingKind(Loud(Started(handle)), Box(T=VALUE)).start(attempt(), lambda: True) == Started(handle)


async def test_findings_are_without_it():
    seen = await HidingKind(Loud(None), Box(T=VALUE)).check([])
    assert [(one.message, one.hint) for one in seen.findings] == [("no ***", "not ***"), ("b", None)]


async def test_a_secret_without_a_value_hides_all_that_its_job_said():
    kind = HidingKind(Loud(Failed("faulted", f"no {VALUE}", {"A": VALUE}, FACTS)), Box())
    outcome = await kind.wait(attempt(), None, lambda *_: None)
    assert isinstance(outcome, Failed)
    assert outcome.error == "faulted"
    assert VALUE not in repr(outcome)
    assert outcome.facts["jobs"][0]["state"] == "Faulted"
    other = await kind.wait(attempt({}), None, lambda *_: None)
    assert VALUE in repr(other), "a step that was given no secret is not concerned"


class _Closed(dict[str, str]):
    """Values that a worker opens when they are asked for, of which this one cannot be."""

    def __missing__(self, name: str) -> str:
        raise UsageError(f"the secret {name} cannot be used here")

    def __contains__(self, name: object) -> bool:
        return bool(self[str(name)])


async def test_what_became_of_an_attempt_is_told_where_its_secret_cannot_be_opened():
    box = Box()
    box.values = _Closed()
    said = Cancelled("it had not been started")
    assert isinstance(await HidingKind(Loud(said), box).start(attempt(), lambda: True), Cancelled)


async def test_a_refusal_keeps_its_class_and_loses_the_secret():
    error = Refused(f"no {VALUE}", hint=f"use {VALUE}", status=400)
    error.__cause__ = ValueError(VALUE)
    with pytest.raises(Refused) as caught:
        await HidingKind(Loud(error), Box(T=VALUE)).stop(attempt(), None, force=False)
    assert (str(caught.value), caught.value.message, caught.value.hint, caught.value.status) == (
        "no ***", "no ***", "use ***", 400
    )  # fmt: skip
    assert VALUE not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(NotSignedIn):
        await HidingKind(Loud(NotSignedIn("no")), Box(T=VALUE)).stop(attempt(), None, force=False)


async def test_a_bug_that_would_show_it_becomes_one_that_does_not():
    with pytest.raises(RuntimeError) as caught:
        await HidingKind(Loud(KeyError(VALUE)), Box(T=VALUE)).stop(attempt(), None, force=True)
    told = "".join(traceback.format_exception(caught.value))
    assert VALUE not in told
    assert "KeyError: '***'" in told
    with pytest.raises(KeyError):
        await HidingKind(Loud(KeyError("a")), Box(T=VALUE)).stop(attempt(), None, force=True)


def test_loggers_of_flowrun_say_it_no_more(caplog):
    logger = logging.getLogger("flowrun.steps.hiding.test")
    with Hides(Box(T=VALUE)).logged():
        try:
            raise ValueError(VALUE)  # noqa: TRY301 - to have a traceback
        except ValueError:
            logger.exception("trying %s again: %s", VALUE, {"a": VALUE})
    assert VALUE not in caplog.text
    assert "trying *** again: {'a': '***'}" in caplog.text
    assert "ValueError: ***" in caplog.text
    caplog.clear()
    logger.warning(VALUE)
    assert VALUE in caplog.text
