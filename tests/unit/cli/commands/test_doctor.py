"""`flowrun doctor`, over findings made here."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from flowrun import api
from flowrun.cli.main import main
from flowrun.errors import FlowrunError, NotSignedIn, Unreachable

WELL = SimpleNamespace(name="journal", ok=True, text="3 runs", hint=None, error=None)
ILL = SimpleNamespace(name="Orchestrator", ok=False, text="nobody listens", hint="start it", error=None)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    found: list[SimpleNamespace] = []

    async def doctor(_: object) -> list[SimpleNamespace]:
        return found

    monkeypatch.setattr(api, "doctor", doctor, raising=False)
    return found


def test_all_is_well(found: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]) -> None:
    found.append(WELL)
    assert main(["doctor"]) == 0
    assert capsys.readouterr() == ("ok    journal: 3 runs\n", "")


def test_what_is_not_well_comes_with_its_remedy(
    found: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]
) -> None:
    found += [WELL, ILL]
    assert main(["doctor"]) == 1
    assert capsys.readouterr() == (
        "ok    journal: 3 runs\nFAIL  Orchestrator: nobody listens\n      start it\n",
        "not well: Orchestrator\n",
    )


def test_names_are_those_that_are_not_well(found: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]) -> None:
    found += [WELL, ILL]
    assert main(["doctor", "-o", "name"]) == 1
    assert capsys.readouterr().out == "Orchestrator\n"


def test_it_comes_in_the_envelope_too(found: list[SimpleNamespace], capsys: pytest.CaptureFixture[str]) -> None:
    found.append(ILL)
    assert main(["doctor", "-o", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["data"] == [
        {"name": "Orchestrator", "ok": False, "text": "nobody listens", "hint": "start it"}
    ]


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([NotSignedIn("x")], 5),
        ([Unreachable("x")], 6),
        ([FlowrunError("x"), NotSignedIn("x")], 5),
        ([FlowrunError("x")], 1),
    ],
)
def test_the_code_says_what_kind_of_thing_is_not_well(
    found: list[SimpleNamespace], errors: list[FlowrunError], code: int
) -> None:
    found += [SimpleNamespace(name="x", ok=False, text="x", hint=None, error=error) for error in errors]
    assert main(["doctor"]) == code
