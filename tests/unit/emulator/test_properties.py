from __future__ import annotations

import pytest

from flowrun.emulator.entities import Argument, Folder, FolderKind, Job, Release, Robot
from flowrun.emulator.properties import FOLDER, JOB, RELEASE, ROBOT, priority_word
from flowrun.orchestrator import wire

PLACE = Folder(3, "k", "Finance/Close", FolderKind.CLASSIC, 2, "p")
BOT = Robot(749, "DocBot", PLACE)
EXTRACT = Release(5, "r", "Extract", "1.0.0", PLACE, None, inputs=(Argument("in_Path", "string"),))
ONE = Job(7, "j", PLACE, EXTRACT, "b", 0.0, 0.0, input_arguments="{}", robot=BOT)


def test_a_list_leaves_the_arguments_out() -> None:
    assert JOB.project(ONE)["InputArguments"] == "{}"
    assert JOB.project(ONE, listed=True)["InputArguments"] is None


def test_navigations_are_null_unless_expanded() -> None:
    assert JOB.project(ONE)["Robot"] is None
    shown = JOB.project(ONE, expand=frozenset({"robot", "release", "machine"}))
    assert (shown["Robot"]["Name"], shown["Release"]["Key"], shown["Machine"]["Name"]) == ("DocBot", "r", "local")


def test_the_wire_reads_what_is_shown() -> None:
    job = wire.Job.model_validate(JOB.project(ONE, expand=frozenset({"robot"})))
    assert (job.id, job.state, job.robot and job.robot.id, job.folder_key) == (7, "Pending", 749, "k")
    release = wire.Release.model_validate(RELEASE.project(EXTRACT))
    assert release.arguments is not None
    assert "in_Path" in (release.arguments.input or "")
    assert wire.Folder.model_validate(FOLDER.project(PLACE)).fully_qualified_name == "Finance/Close"
    assert wire.Robot.model_validate(ROBOT.project(BOT)).machine_name == "local"


def test_classic_folders_are_provisioned_by_hand() -> None:
    assert (FOLDER.project(PLACE)["ProvisionType"], FOLDER.project(PLACE)["ParentId"]) == ("Manual", 2)


@pytest.mark.parametrize(("value", "word"), [(5, "Low"), (25, "Low"), (45, "Normal"), (64, "Normal"), (65, "High")])
def test_priorities(value: int, word: str) -> None:
    assert priority_word(value) == word
