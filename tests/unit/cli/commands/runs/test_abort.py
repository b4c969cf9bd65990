"""`flowrun runs abort`: what it asks for, and what it answers."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrun import api
from flowrun.cli.main import main
from flowrun.core.events import AbortRequested, Event
from flowrun.journal.sqlite import SqliteJournal
from flowrun.report.fold import fold
from tests.golden.reports.examples import DOUBT, SUCCEEDED

RUN = "20260921-101320-ka"


@pytest.mark.parametrize(("flags", "level"), [([], "stop"), (["--drain"], "drain"), (["--kill"], "kill")])
def test_without_waiting_it_leaves_a_word_for_the_owner(
    journal: Path, flags: list[str], level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "abort", RUN, "--no-wait", *flags]) == 0
    assert f"told {RUN} to end ({level})" in capsys.readouterr().err
    with closing(SqliteJournal(journal)) as records:
        words = [request.event for request in records.requests(RUN)]
    assert [str(word.level) for word in words if isinstance(word, AbortRequested)] == [level]


@pytest.mark.usefixtures("journal")
def test_a_run_that_has_ended_is_no_obstacle(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "abort", "20260921-101320-k7", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["status"] == "succeeded"


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(("events", "code"), [(SUCCEEDED, 0), (DOUBT, 9)])
def test_it_is_done_when_nothing_runs_any_more(events: list[Event], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def aborted(*_: Any, **__: Any) -> Any:
        return fold(events)

    monkeypatch.setattr(api, "abort", aborted, raising=False)
    assert main(["runs", "abort"]) == code
