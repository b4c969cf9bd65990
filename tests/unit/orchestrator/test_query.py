from __future__ import annotations

import pytest

from flowrun.orchestrator.query import JobQuery
from flowrun.orchestrator.wire import JobState

AFTER = "2018-02-22T10:00:00.837Z"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (JobQuery(), ""),
        (JobQuery(robot=749), "Robot/Id eq 749"),
        (JobQuery(robot="DocBot"), "Robot/Name eq 'DocBot'"),
        (JobQuery(robot="749 or 1 eq 1"), "Robot/Name eq '749 or 1 eq 1'"),
        (JobQuery(release="O'Hara"), "Release/Name eq 'O''Hara'"),
        (JobQuery(robot=749, states=(JobState.SUCCESSFUL,)), "Robot/Id eq 749 and State eq 'Successful'"),
        (JobQuery(states=(JobState.PENDING, JobState.RUNNING)), "(State eq 'Pending' or State eq 'Running')"),
        (JobQuery(ended_after=AFTER), f"EndTime gt {AFTER}"),
        (JobQuery(ended_before=AFTER), f"EndTime lt {AFTER}"),
        (JobQuery(started_after=AFTER, started_before=AFTER), f"StartTime gt {AFTER} and StartTime lt {AFTER}"),
        (JobQuery(created_after=AFTER), f"CreationTime gt {AFTER}"),
        (JobQuery(error="Logon"), "State eq 'Faulted' and indexof(Info,'Logon') ne -1"),
        (JobQuery(error="x", states=(JobState.STOPPED,)), "State eq 'Stopped' and indexof(Info,'x') ne -1"),
        (JobQuery(environment=312), "Release/EnvironmentId eq 312"),
    ],
)
def test_the_filter_says_what_was_asked(query: JobQuery, text: str) -> None:
    assert query.filter() == text


def test_the_order_is_total_so_that_pages_do_not_overlap() -> None:
    assert JobQuery().options() == {"$orderby": "Id desc"}
    assert JobQuery(order_by="EndTime desc").options()["$orderby"] == "EndTime desc,Id desc"
    assert JobQuery(order_by="id asc").options()["$orderby"] == "id asc"


def test_what_is_expanded_has_the_names_of_the_api() -> None:
    assert JobQuery(expand=("robot", "release")).options()["$expand"] == "Robot,Release"
