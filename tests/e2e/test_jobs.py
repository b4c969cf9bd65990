"""`flowrun jobs`: every command of the guide's page against the embedded Orchestrator, and what the page promises."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Desk, Ended, Job

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "jobs-guide.md"
CATALOG = """
emulator: 1
folders:
  Shared:
    robots: [{name: DocBot, id: 749}, {name: anna, id: 750}]
    releases:
      Report:
        command: ["{python}", -c, "import json; print(json.dumps({'Month': json.loads(input() or '{}').get('Month')}))"]
        input: {Month: string}
        output: {Month: string}
      Echo:
        command: ["{python}", -c, "import json; print(json.dumps({'Text': json.loads(input())['Text']}))"]
        input: {Text: string}
        output: {Text: string}
      Logon: {command: ["{python}", -c, "import sys; sys.exit('Logon failure')"]}
      Long: {command: ["{python}", -c, "import time; time.sleep(60)"]}
  Classic:
    kind: classic
    robots: [{name: old, id: 12}]
    releases:
      Report: {command: ["{python}", -c, "print('{}')"]}
"""


def commands() -> list[str]:
    """Those of the first table, in its order."""
    table = PAGE.read_text(encoding="utf-8").split("\n## ")[0]
    rows = "\n".join(line for line in table.splitlines() if line.startswith("|"))
    return re.findall(r"`(flowrun jobs [^`]+)`", rows)


class Jobs(Desk):
    """A folder with a catalog, and no workflow."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "emulator.yaml").write_text(CATALOG, encoding="utf-8")

    def __call__(self, *arguments: str) -> Ended:
        return self.flowrun("jobs", *arguments)


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    made = Jobs(tmp_path)
    yield made
    made.close()


def test_the_page_has_every_call_of_the_guide() -> None:
    said = " ".join(commands())
    wanted = (
        "--robot 749",
        "--robot DocBot",
        "--state",
        "--ended-after",
        "--started-after",
        "--environment",
        "--error",
    )
    assert [word for word in wanted if word not in said] == []
    for strategy in ("--strategy All", "--strategy Specific", "--strategy JobsCount", "--robot-count", "--jobs-count"):
        assert strategy in said
    assert {line.split()[2] for line in commands()} == {"list", "start", "stop", "show", "export"}


@pytest.mark.timeout(240)
def test_every_command_of_the_page_does_what_it_says(jobs: Jobs, tmp_path: Path) -> None:
    for _ in range(2):  # both for one robot, so that the other one has time for the rest
        assert jobs("start", "Long", "--robot", "749").code == 0
    assert jobs("start", "Logon", "--folder", "Shared").code == 0
    answers = {}
    for line in commands():
        ended = jobs.flowrun(*shlex.split(line)[1:])
        assert ended.code == 0, f"{line}: {ended.err}"
        answers[line] = ended
    assert all(job.states[-1] == "Stopped" for job in _of(jobs, "Long"))
    made = csv.reader((tmp_path / "jobs.csv").read_text(encoding="utf-8").splitlines())
    assert "State" in next(made)
    assert {row[0] for row in made} >= {"1"}
    assert "of 0 Jobs" not in answers["flowrun jobs list --robot DocBot --count"].err


def test_lists_are_narrowed(jobs: Jobs) -> None:
    assert jobs("start", "Logon", "--robot", "749", "--wait").code == 1
    assert jobs("start", "Report", "--robot", "DocBot", "--wait").code == 0
    assert jobs("start", "Report", "--robot", "anna", "--wait").code == 0
    assert jobs("list", "-o", "name").out.split() == ["3", "2", "1"]
    assert jobs("list", "--robot", "749", "-o", "name", "--order-by", "Id").out.split() == ["1", "2"]
    assert jobs("list", "--robot", "anna", "-o", "name").out.split() == ["3"]
    assert jobs("list", "--error", "Logon", "-o", "name").out.split() == ["1"]
    assert jobs("list", "--state", "successful", "--top", "1", "-o", "name").out.split() == ["3"]
    assert jobs("list", "--ended-after", "1h", "--ended-before", "2100-01-01", "-o", "name").out.split() != []
    assert jobs("list", "--ended-before", "1h", "-o", "name").out == ""
    counted = jobs("list", "--skip", "1", "--top", "1", "--count", "--expand", "robot,release", "-o", "json").data
    assert counted["count"] == 3
    assert [(job["id"], job["robot"]["name"], job["release"]["name"]) for job in counted["jobs"]] == [
        (2, "DocBot", "Report")
    ]
    rows = list(csv.DictReader(jobs("list", "-o", "csv", "--expand", "robot").out.splitlines()))
    assert [(row["id"], row["robot"], row["info"]) for row in rows][-1] == ("1", "DocBot", "Logon failure")


def test_large_arguments_and_outputs_go_as_attachments(jobs: Jobs, tmp_path: Path) -> None:
    text = "é" * 12_000
    (tmp_path / "big.json").write_text(json.dumps({"Text": text}), encoding="utf-8")
    refused = jobs("start", "Echo", "--arguments-file", "big.json", "--wait")
    assert (refused.code, "12,011 characters" in refused.err) == (3, True)
    assert jobs.jobs() == []
    done = jobs("start", "Echo", "--arguments-file", "big.json", "--attach", "--wait", "-o", "json")
    assert done.code == 0, done.err
    (job,) = done.data["jobs"]
    assert job["outputs"] == {"Text": text}
    shown = jobs("show", job["key"], "-o", "json").data
    assert shown["output_arguments"] == {"Text": text}
    assert shown["input_file"]


def test_a_deadline_of_a_start_tells_how_its_jobs_are_then(jobs: Jobs) -> None:
    late = jobs("start", "Long", "--wait", "--timeout", "1s", "-o", "json")
    (job,) = late.data["jobs"]
    assert (late.code, job["state"]) == (4, "Running")
    assert jobs("stop", str(job["id"]), "--strategy", "Kill", "--wait").code == 0


def test_a_classic_folder_is_started_in_and_waited_for_as_the_start_says(jobs: Jobs) -> None:
    started = jobs("start", "Report", "--folder", "Classic")
    assert started.code == 0, started.err
    (command,) = re.findall(r"flowrun jobs (wait --batch .*) waits for the end", started.err)
    assert command.endswith(" --folder Classic")
    ended = jobs(*shlex.split(command))
    assert (ended.code, "Successful" in ended.out) == (0, True)


def test_exit_codes_of_waiting(jobs: Jobs) -> None:
    started = jobs("start", "Long", "-o", "json")
    (job,) = started.data["jobs"]
    late = jobs("wait", str(job["id"]), "--timeout", "500ms", "-o", "json")
    assert (late.code, late.data["succeeded"]) == (4, None)
    assert [row["state"] for row in late.data["jobs"]] == ["Running"]
    stopped = jobs("stop", job["key"], "--strategy", "1", "--wait")
    assert (stopped.code, "Stopped" in stopped.out) == (0, True)
    assert jobs("wait", "--batch", started.data["batch_execution_key"]).code == 1
    again = jobs("stop", str(job["id"]), "-o", "json")
    assert (again.code, again.data["asked"], again.data["ended"]) == (0, [], [job["id"]])


WRONG: tuple[tuple[list[str], str], ...] = (
    (["list", "--state", "Done"], "'Done' is not one of"),
    (["list", "--ended-after", "yesterday"], "write 2026-11-23"),
    (["list", "--folder", "Nowhere"], "no folder Nowhere"),
    (["list", "--folder", "Shared", "--all-folders"], "do not go together"),
    (["show", "77"], "there is no Job 77 in folder Shared"),
    (["show", "latest"], "write its id"),
    (["start", "Reprot"], "Did you mean Report?"),
    (["start", "Report", "--strategy", "All"], "strategy All is for classic folders"),
    (["start", "Report", "--strategy", "Specific"], "needs robots"),
    (["start", "Report", "--robot", "carl"], "no robot 'carl'"),
    (["start", "Report", "--input", "Moon=1"], "takes no argument 'Moon'"),
    (["start", "Report", "--arguments", "[1]"], "not a JSON object"),
    (["stop"], "name Jobs by id or key"),
    (["wait"], "no Job is named"),
    (["export", "--to", "no/such/folder.csv"], "cannot be written"),
)


def test_what_is_wrong_starts_nothing_and_says_why(jobs: Jobs) -> None:
    for words, said in WRONG:
        ended = jobs(*words)
        assert (ended.code, said in ended.err) == (3, True), ended.err
    assert jobs.jobs() == []


def _of(jobs: Jobs, release: str) -> list[Job]:
    return [job for job in jobs.jobs() if job.release == release]
