"""Several processes and one journal."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrun.core.events import AbortRequested
from flowrun.core.status import AbortLevel
from flowrun.errors import Conflict
from flowrun.journal.protocol import Request
from flowrun.journal.sqlite import SqliteJournal
from tests.unit.journal.filling import STARTED, fill


class Process:
    """Another process with `journal` open on the same folder, and a line of its output at a time."""

    def __init__(self, folder: Path, script: str) -> None:
        start = f"""
            import sys, threading
            from pathlib import Path
            from flowrun.core.events import *
            from flowrun.core.status import *
            from flowrun.errors import *
            from flowrun.journal.sqlite import SqliteJournal
            journal = SqliteJournal(Path({str(folder)!r}))
            def tell(*words): print(*words, flush=True)
        """
        program = textwrap.dedent(start) + textwrap.dedent(script)
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, text=True)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> list[str]:
        """Close its input, and return what it still says."""
        output, _ = self.process.communicate()
        return output.splitlines()

    def kill(self) -> None:
        self.process.kill()
        self.end()


@pytest.fixture
def other(folder: Path) -> Iterator[Callable[[str], Process]]:
    started: list[Process] = []

    def start(script: str) -> Process:
        started.append(Process(folder, script))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.kill()


OWN = """
    try:
        with journal.own("r1", "somebody") as ownership:
            tell("owns", ownership.epoch)
            sys.stdin.read()
    except Conflict as error:
        tell("refused", error)
"""


def test_of_two_processes_that_race_one_owns_and_the_other_is_told_who(
    journal: SqliteJournal, other: Callable[[str], Process]
) -> None:
    journal.create(STARTED)
    both = [other(OWN), other(OWN)]
    lines = [process.line() for process in both]
    winner = 0 if lines[0].startswith("owns") else 1
    assert lines[winner] == "owns 2"
    pid = both[winner].process.pid
    assert lines[1 - winner].startswith(f"refused run r1 is being driven by process {pid} on ")


def test_the_death_of_the_owner_frees_the_run_at_once(journal: SqliteJournal, other: Callable[[str], Process]) -> None:
    journal.create(STARTED)
    owner = other(OWN)
    assert owner.line() == "owns 2"
    with pytest.raises(Conflict, match=f"process {owner.process.pid} on "), journal.own("r1", "me"):
        pytest.fail("two own one run")
    assert journal.owned("r1")
    owner.kill()
    assert not journal.owned("r1")
    assert journal.run("r1").owner == "somebody"
    with journal.own("r1", "me") as ownership:
        assert ownership.epoch == 3


def test_what_was_committed_before_a_kill_is_there(journal: SqliteJournal, other: Callable[[str], Process]) -> None:
    journal.create(STARTED)
    owner = other("""
        with journal.own("r1", "somebody") as ownership:
            seq = 1
            while True:
                seq = journal.append(ownership, [AttemptProgressed(1.0, "a", 0, 1, Phase.RUNNING, str(seq))] * 3, seq)
                tell(seq)
    """)
    told = [int(owner.line()) for _ in range(20)]
    owner.process.kill()
    told += [int(line) for line in owner.end()]
    seqs = [record.seq for record in journal.read("r1")]
    assert len(seqs) >= told[-1]
    assert len(seqs) % 3 == 1
    fill(journal, 2)


def test_others_read_and_leave_word_while_a_run_appends(
    journal: SqliteJournal, other: Callable[[str], Process]
) -> None:
    journal.create(STARTED)
    owner = other("""
        with journal.own("r1", "somebody") as ownership:
            seq = 1
            tell("begins")
            pause = threading.Event()
            while not pause.wait(0.002) and len(journal.requests("r1")) < 5:
                seq = journal.append(ownership, [AttemptProgressed(1.0, "a", 0, 1, Phase.RUNNING)], seq)
            tell([request.event.by for request in journal.requests("r1")])
    """)
    assert owner.line() == "begins"
    before = 1
    for number in range(5):
        seqs = [record.seq for record in journal.read("r1")]
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) >= before
        before = len(seqs)
        assert journal.run("r1").owner == "somebody"
        journal.request("r1", AbortRequested(1.0, AbortLevel.STOP, f"word {number}"))
    assert owner.end() == ["['word 0', 'word 1', 'word 2', 'word 3', 'word 4']"]


def test_a_word_that_is_left_while_words_are_read_is_no_damage(
    journal: SqliteJournal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.create(STARTED)
    read = journal._requests

    def leave() -> None:
        with closing(SqliteJournal(folder)) as another:
            another.request("r1", AbortRequested(1.0, AbortLevel.STOP, "word"))

    person = threading.Thread(target=leave)

    def meanwhile(*arguments: Any) -> list[Request]:
        person.start()
        person.join(0.5)  # it waits until all has been read; a second commit in between would be told as damage
        return read(*arguments)

    monkeypatch.setattr(journal, "_requests", meanwhile)
    assert journal.requests("r1") == []
    person.join()
    monkeypatch.undo()
    assert [request.event for request in journal.requests("r1")] == [AbortRequested(1.0, AbortLevel.STOP, "word")]


def test_after_an_error_of_the_disk_this_process_writes_no_more(
    journal: SqliteJournal, other: Callable[[str], Process]
) -> None:
    journal.create(STARTED)
    process = other("""
        import resource
        size = (Path(journal._path)).stat().st_size
        with journal.own("r1", "somebody") as ownership:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, resource.RLIM_INFINITY))
            for limit in (size, resource.RLIM_INFINITY):
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
                try:
                    events = [AttemptProgressed(1.0, "a", 0, 1, Phase.RUNNING, "x" * 1000)] * 50
                    tell(journal.append(ownership, events, 1))
                except JournalError as error:
                    tell(error)
    """)
    first, second = process.end()
    assert "the disk reported an error (disk I/O error)" in first
    assert "the disk reported an error before, so nothing more is written by this process" in second
    assert len(list(journal.read("r1"))) == 1
    fill(journal, 1)
