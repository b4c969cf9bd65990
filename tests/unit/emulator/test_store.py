from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.emulator.entities import Folder, Job, Release, Robot
from flowrun.emulator.ledger import Ledger, read
from flowrun.emulator.store import LEGAL, LOST, IllegalMove, Store
from flowrun.orchestrator.wire import FINAL_STATES, JobState

FOLDER = Folder(1, "f-key", "Shared")
ROBOT = Robot(749, "DocBot", FOLDER)
RELEASE = Release(5, "r-key", "Extract", "1.0.0", FOLDER, None)
TEMPLATE = Job(0, "", FOLDER, RELEASE, "BATCH", 0.0, 0.0, reference="mine", input_arguments='{"a": "é"}', priority=65)


def opened(folder: Path) -> Store:
    ledger = Ledger(folder / "ledger.jsonl", lambda: 10.0)
    store = Store(ledger, lambda: 10.0)
    store.deploy([FOLDER], [ROBOT], [RELEASE])
    store.restore(read(folder / "ledger.jsonl"))
    return store


def test_created_jobs_are_found_by_everything(tmp_path: Path) -> None:
    store = opened(tmp_path)
    first, second = store.create(TEMPLATE), store.create(TEMPLATE)
    assert (first.id, second.id, first.state) == (1, 2, JobState.PENDING)
    assert store.job_by_key(first.key.upper()) is first
    assert store.jobs_by_ids([2, 2, 99]) == [second]
    assert store.jobs_by_batches(["batch"]) == [first, second]
    assert store.jobs_by_keys([second.key, "none"]) == [second]
    assert store.open() == [first, second]


def test_moves_are_dated_and_final_ones_close(tmp_path: Path) -> None:
    store = opened(tmp_path)
    job = store.create(TEMPLATE)
    store.move(job, JobState.RUNNING, robot=ROBOT)
    store.move(job, JobState.SUCCESSFUL, info="Job completed", output_arguments="{}")
    assert (job.started, job.ended, job.robot, job.final, store.open_jobs) == (10.0, 10.0, ROBOT, True, 0)


def test_final_states_go_nowhere_and_others_only_where_they_may(tmp_path: Path) -> None:
    store = opened(tmp_path)
    job = store.create(TEMPLATE)
    with pytest.raises(IllegalMove, match="from Pending to Successful"):
        store.move(job, JobState.SUCCESSFUL)
    assert not FINAL_STATES & LEGAL.keys()


def test_a_restarted_store_knows_the_final_jobs_and_faults_the_others(tmp_path: Path) -> None:
    store = opened(tmp_path)
    done, running, waiting = (store.create(TEMPLATE) for _ in range(3))
    store.move(done, JobState.RUNNING, robot=ROBOT)
    store.move(done, JobState.SUCCESSFUL, info="Job completed", output_arguments='{"x":  1}')
    store.move(running, JobState.RUNNING, robot=ROBOT)
    again = opened(tmp_path)
    assert again.jobs[done.id] == done
    for job in (running, waiting):
        found = again.jobs[job.id]
        assert (found.key, found.state, found.info) == (job.key, JobState.FAULTED, LOST)
    assert again.create(TEMPLATE).id == 4
    assert opened(tmp_path).jobs[running.id].info == LOST


def test_a_job_whose_release_left_the_catalog_is_still_known(tmp_path: Path) -> None:
    job = opened(tmp_path).create(TEMPLATE)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    bare = Store(ledger, lambda: 20.0)
    bare.restore(read(tmp_path / "ledger.jsonl"))
    found = bare.jobs[job.id]
    assert (found.release.name, found.release.run, found.folder.path) == ("Extract", None, "Shared")
    ledger.close()
