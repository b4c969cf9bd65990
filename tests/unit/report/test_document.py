"""The report as plain JSON data."""

from __future__ import annotations

import json

from flowrun.report.document import document, instant
from flowrun.report.fold import fold
from tests.golden.reports.examples import DOUBT, FAILED, RUNNING, SUCCEEDED


def test_times_are_utc_to_the_millisecond() -> None:
    assert instant(0) == "1970-01-01T00:00:00.000Z"
    assert instant(1_790_000_000.1234) == "2026-09-21T14:13:20.123Z"


def test_it_is_plain_json() -> None:
    for events in (SUCCEEDED, FAILED, DOUBT, RUNNING):
        made = document(fold(events))
        assert json.loads(json.dumps(made)) == made


def test_what_has_not_happened_is_null() -> None:
    made = document(fold(RUNNING))
    assert made["finished_at"] is None
    assert made["abort"] is None
    assert made["steps"][1]["duration"] is None


def test_an_abort_says_who_and_how() -> None:
    assert document(fold(DOUBT))["abort"] == {
        "at": "2026-09-21T14:14:00.000Z",
        "level": "kill",
        "by": "SIGINT",
        "cause": "abort",
    }
