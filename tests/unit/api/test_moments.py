from __future__ import annotations

import time

import pytest

from flowrun.api.moments import moment, seconds
from flowrun.errors import UsageError

NOW = 1_519_293_600.5
"""2018-02-22T10:00:00.500Z."""


@pytest.mark.parametrize(
    ("text", "api"),
    [
        ("2018-02-22T10:00:00.837Z", "2018-02-22T10:00:00.837Z"),
        ("2018-02-22T12:00:00+02:00", "2018-02-22T10:00:00.000Z"),
        ("2h", "2018-02-22T08:00:00.500Z"),
        ("1d12h", "2018-02-20T22:00:00.500Z"),
        ("90m", "2018-02-22T08:30:00.500Z"),
        (None, None),
    ],
)
def test_a_moment_as_the_api_takes_it(text: str | None, api: str | None) -> None:
    assert moment(text, NOW) == api


def test_what_has_no_zone_is_in_the_time_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "Asia/Kolkata")
            time.tzset()
            assert moment("2018-02-22", NOW) == "2018-02-21T18:30:00.000Z"
    finally:
        time.tzset()


@pytest.mark.parametrize("text", ["", "yesterday", "2018-13-01", "2x", "h2"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(UsageError, match="no moment"):
        moment(text, NOW)


def test_durations() -> None:
    assert [seconds(text) for text in ("90s", "1h30m", "12", "250ms")] == [90.0, 5400.0, 12.0, 0.25]
    with pytest.raises(UsageError, match="no duration"):
        seconds("soon")
