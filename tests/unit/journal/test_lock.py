from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from flowrun.errors import Conflict, JournalError
from flowrun.journal import lock
from flowrun.journal.lock import Mark, held, hold


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "r1.lock"


def test_the_file_says_who_holds_it_and_how_far_the_run_came(path: Path) -> None:
    with hold(path, "r1") as ours:
        ours.write(3, 17, b"\x01\x02")
        mark = Mark(**json.loads(path.read_text()))
        assert mark == Mark(os.getpid(), socket.gethostname(), 3, 17, "0102")
    assert Mark(**json.loads(path.read_text())) == Mark(0, "", 3, 17, "0102")
    with hold(path, "r1") as ours:
        assert (ours.last.epoch, ours.last.seq, ours.last.hash) == (3, 17, "0102")


def test_a_second_holder_is_told_who_the_first_is(path: Path) -> None:
    with hold(path, "r1"), pytest.raises(Conflict) as caught, hold(path, "r1"):
        pytest.fail("two hold one lock")
    assert caught.value.message == f"run r1 is being driven by process {os.getpid()} on {socket.gethostname()}"
    assert "flowrun runs abort r1" in (caught.value.hint or "")


def test_a_holder_that_has_not_said_its_name_is_another_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_PAUSE", 0.0)
    with hold(path, "r1"):
        path.write_text("")
        with pytest.raises(Conflict, match="run r1 is being driven by another process"), hold(path, "r1"):
            pytest.fail("two hold one lock")


@pytest.mark.parametrize("content", ["", "x" * 512, "\x00" * 512, "[]", '{"pid": 1, "hash": "xyz"}', '{"more": 1}'])
def test_a_file_that_says_nothing_useful_is_no_obstacle(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    with hold(path, "r1") as ours:
        assert (ours.last.epoch, ours.last.seq) == (0, 0)


def test_a_process_that_was_started_meanwhile_does_not_keep_the_lock(path: Path) -> None:
    with hold(path, "r1"):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with hold(path, "r1"):
        pass
    child.communicate(b"\n")


def test_a_lock_in_a_place_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(JournalError, match="cannot open") as caught, hold(tmp_path / "runs" / "r1.lock", "r1"):
        pytest.fail("held")
    assert "FLOWRUN_STATE_DIR" in (caught.value.hint or "")


def test_a_file_system_without_locks_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(lock, "_take", refuse)
    with pytest.raises(JournalError, match=r"cannot lock .* Operation not supported") as caught, hold(path, "r1"):
        pytest.fail("held")
    assert "local disk" in (caught.value.hint or "")


def test_a_lock_is_held_from_beginning_to_end_and_asking_leaves_no_trace(path: Path) -> None:
    assert not held(path)
    assert not path.parent.exists()
    with hold(path, "r1"):
        assert held(path)
    assert not held(path)


def test_who_only_asks_keeps_nobody_from_the_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take, seen = lock._take, []

    def taken_once(file: int) -> None:
        seen.append(file)
        if len(seen) == 1:
            raise lock._TAKEN
        take(file)

    monkeypatch.setattr(lock, "_take", taken_once)
    with hold(path, "r1"):
        assert len(seen) == 2


def test_where_there_are_no_locks_nothing_is_held(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(95, "Operation not supported")

    path.parent.mkdir()
    path.touch()
    monkeypatch.setattr(lock, "_take", refuse)
    assert not held(path)
