from __future__ import annotations

import pytest

from flowrun.api.needs import NEEDS, granted, missing, unknown
from flowrun.orchestrator.advice import START

RUN = next(need for need in NEEDS if need.command == "flowrun run")


@pytest.mark.parametrize(
    ("scopes", "verdict"),
    [
        (None, None),
        ({"openid"}, None),
        ({"OR.Default"}, None),
        ({"OR.Jobs"}, True),
        ({"OR.Jobs.Write"}, True),
        ({"OR.Jobs.Read"}, False),
        ({"OR.Execution"}, False),
    ],
)
def test_what_scopes_cover(scopes: set[str] | None, verdict: bool | None) -> None:  # noqa: FBT001 - the case itself
    assert granted(START, None if scopes is None else frozenset(scopes)) is verdict


def test_what_is_missing_and_what_is_not_known() -> None:
    may = {"folders": True, "releases": False, "start_jobs": None, "jobs": True, "stop_jobs": False}
    assert missing(RUN, may) == ("OR.Execution.Read (Processes.View)", "OR.Jobs.Write (Jobs.Edit)")
    assert unknown(RUN, may) == ("start Jobs",)
