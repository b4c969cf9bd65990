"""What each kind of trigger becomes. That all of it runs is in the tests from outside."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.api.imported import written
from flowrun.api.triggered import _of_trigger
from flowrun.errors import UsageError
from flowrun.orchestrator.wire import ProcessSchedule

ROBOTS = {121: "ada", 122: "bert"}


def trigger(**more: Any) -> ProcessSchedule:
    return ProcessSchedule.model_validate({"Id": 3, "Name": "Night", "ReleaseName": "Load", **more})


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ({"StartStrategy": 1}, {}),
        ({"StartStrategy": 4}, {"jobs_count": 4}),
        ({"StartStrategy": 4, "QueueDefinitionId": 1}, {}),
        ({"StartStrategy": -1}, {"strategy": "All"}),
        ({"StartStrategy": 0, "ExecutorRobots": [{"Id": 122}]}, {"strategy": "Specific", "robots": ["bert"]}),
        (
            {"StartStrategy": 0, "ExecutorRobots": [{"Id": 122}, {"Id": 9}]},
            {"strategy": "Specific", "robot_ids": [122, 9]},
        ),
        ({"JobPriority": "High", "RuntimeType": "Unattended"}, {"runtime_type": "Unattended", "job_priority": "High"}),
        ({"InputArguments": '{"a": "{{ x }}", "b": 1}'}, {"input_arguments": {"b": 1}}),
    ],
)
def test_what_a_trigger_starts_is_a_step(more: dict[str, Any], keys: dict[str, Any]) -> None:
    made = _of_trigger(trigger(**more), ROBOTS)
    assert made.keys == {"release": "Load", **keys}
    assert "    needs:" not in written("n", [made], [], graph=True)


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"StartStrategy": 0}, "the API does not tell which"),
        ({"MachineRobots": [{"RobotUserName": "ada", "MachineName": None}]}, "ada on any machine"),
        ({}, "the API tells no time for it"),
        ({"QueueDefinitionId": 8}, "needs: who fills queue number 8?"),
    ],
)
def test_what_cannot_be_told_is_said(more: dict[str, Any], note: str) -> None:
    assert note in "\n".join(_of_trigger(trigger(**more), ROBOTS).notes)


def test_one_release_of_several_triggers_has_ids_that_differ() -> None:
    names = ("A 2", "A", "A", "A")
    text = written("n", [_of_trigger(trigger(ReleaseName=name), {}) for name in names], [], graph=True)
    assert [line for line in text.splitlines() if line.startswith("  a")] == ["  a_2:", "  a:", "  a_3:", "  a_4:"]


def test_a_trigger_without_a_release_is_refused() -> None:
    with pytest.raises(UsageError, match="Night does not say"):
        _of_trigger(trigger(ReleaseName=None), {})
