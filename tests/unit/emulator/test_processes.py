from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from flowrun.emulator.entities import Command
from flowrun.emulator.processes import OUTPUT_LIMIT, TAIL_LIMIT, Ended, Process, Watchdog, spawn_detached
from tests.unit.emulator.conftest import appears

Run = Callable[..., "asyncio.Task[Ended]"]


@pytest.fixture
async def watchdog() -> AsyncIterator[Watchdog]:
    watchdog = Watchdog()
    yield watchdog
    await asyncio.to_thread(watchdog.close)


@pytest.fixture
def run(tmp_path: Path, watchdog: Watchdog) -> Run:
    def start(text: str, process: Process | None = None, given: bytes = b"{}") -> asyncio.Task[Ended]:
        command = Command((sys.executable, "-c", text), tmp_path, {"OF_THE_RELEASE": "1"})
        one = process or Process(watchdog)
        return asyncio.create_task(one.run(command, {"OF_THE_JOB": "2"}, given, tmp_path / "job.log"))

    return start


def alive(process_id: int) -> bool:
    """Whether it exists and is more than an entry that nobody has read."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def open_files() -> int:
    """How many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def gone(process_id: int) -> None:
    deadline = time.monotonic() + 10
    while alive(process_id):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_input_output_log_environment_and_working_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UIPATH_ACCESS_TOKEN", "secret")
    monkeypatch.setenv("FLOWRUN_STATE_DIR", "ours")
    ended = await run(
        """
import os, sys
print(sys.stdin.read(), os.getcwd(), os.environ["OF_THE_RELEASE"], os.environ["OF_THE_JOB"])
print([name for name in os.environ if name.startswith(("UIPATH_", "FLOWRUN_"))])
print("a word on the way", file=sys.stderr)
""",
        given=b'{"a": 1}',
    )
    assert ended.code == 0
    assert ended.output.decode() == f'{{"a": 1}} {tmp_path} 1 2\n[]\n'
    assert ended.tail == b"a word on the way\n"
    assert (tmp_path / "job.log").read_bytes() == ended.tail
    assert stat.S_IMODE((tmp_path / "job.log").stat().st_mode) == 0o600


async def test_a_process_that_never_reads_its_input(run: Run) -> None:
    assert (await run("print('{}')", given=b"x" * 1_000_000)).output == b"{}\n"


async def test_too_much_output_ends_it(run: Run) -> None:
    ended = await run("import sys\nwhile True: sys.stdout.write('x' * 65536)")
    assert ended.overflow
    assert len(ended.output) == OUTPUT_LIMIT


async def test_of_a_long_log_the_end_is_kept(run: Run) -> None:
    ended = await run("import sys\nsys.stderr.write('x' * 300_000 + 'the end'); sys.exit(2)")
    assert ended.code == 2
    assert len(ended.tail) == TAIL_LIMIT
    assert ended.tail.endswith(b"the end")


async def test_soft_stop_lets_it_end_well(run: Run, tmp_path: Path, watchdog: Watchdog) -> None:
    process = Process(watchdog)
    ending = run(
        """
import pathlib, signal, sys, time
def stop(*_):
    print('{"Stopped": true}')
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
pathlib.Path("up").write_text("1")
time.sleep(60)
""",
        process,
    )
    await appears(tmp_path / "up")
    process.soft_stop()
    ended = await ending
    assert (ended.code, ended.output) == (0, b'{"Stopped": true}\n')


async def test_kill_ends_what_ignores_sigterm(run: Run, tmp_path: Path, watchdog: Watchdog) -> None:
    process = Process(watchdog)
    ending = run(
        """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path("up").write_text("1")
time.sleep(60)
""",
        process,
    )
    await appears(tmp_path / "up")
    process.kill(0.2)
    assert (await ending).code == -signal.SIGKILL


async def test_a_stop_that_comes_before_the_start_is_not_lost(run: Run, watchdog: Watchdog) -> None:
    process = Process(watchdog)
    process.kill(0)
    assert (await run("import time; time.sleep(60)", process)).code == -signal.SIGKILL


async def test_grandchildren_end_with_it(run: Run, tmp_path: Path) -> None:
    ended = await run(
        """
import pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path("child").write_text(str(child.pid))
print("{}")
"""
    )
    assert ended.output == b"{}\n"
    await gone(int(await appears(tmp_path / "child")))


@pytest.mark.parametrize(
    ("argv", "folder", "said"),
    [
        (("no-such-program",), ".", "The program no-such-program was not found."),
        (("/",), ".", "could not be started: Permission denied"),
        (("true",), "nowhere", "nowhere does not exist"),
        (("a\0b",), ".", "could not be started"),
    ],
)
async def test_what_cannot_be_started_says_so(
    tmp_path: Path, watchdog: Watchdog, argv: tuple[str, ...], folder: str, said: str
) -> None:
    ended = await Process(watchdog).run(Command(argv, tmp_path / folder), {}, b"", tmp_path / "job.log")
    assert said in (ended.error or "")


async def test_no_descriptor_is_left_open(run: Run) -> None:
    await run("print('{}')")
    before = open_files()
    for _ in range(3):
        await run("print('{}')")
    await asyncio.sleep(0)
    assert open_files() == before


def test_spawn_detached_gives_the_first_line_and_leaves_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
import os, time, pathlib
if os.fork(): os._exit(0)
pathlib.Path("pid").write_text(str(os.getpid()))
os.write(1, b"ready\\n")
time.sleep(60)
"""
    monkeypatch.chdir(tmp_path)
    assert spawn_detached([sys.executable, "-c", text], tmp_path / "log", 20.0) == b"ready\n"
    child = int((tmp_path / "pid").read_text())
    assert alive(child)
    os.kill(child, signal.SIGKILL)


def test_spawn_detached_of_what_dies_gives_nothing_and_keeps_its_words(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; sys.exit('no room')"]
    assert spawn_detached(argv, tmp_path / "log", 20.0) == b""
    assert (tmp_path / "log").read_text() == "no room\n"


def test_spawn_detached_ends_what_never_answers(tmp_path: Path) -> None:
    started = time.monotonic()
    assert spawn_detached([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log", 0.3) == b""
    assert time.monotonic() - started < 20


async def test_what_a_killed_emulator_leaves_the_watchdog_ends(tmp_path: Path) -> None:
    text = f"""
import asyncio, os, pathlib, signal, sys
from pathlib import Path
from flowrun.emulator.entities import Command
from flowrun.emulator.processes import Process, Watchdog
async def main():
    sleeper = "import os, time; print(os.getpid(), file=open('pid', 'w'), flush=True); time.sleep(60)"
    command = Command((sys.executable, "-c", sleeper), Path({str(tmp_path)!r}))
    await Process(Watchdog()).run(command, {{}}, b"", Path({str(tmp_path / "job.log")!r}))
asyncio.run(main())
"""
    emulator = subprocess.Popen([sys.executable, "-c", text])  # noqa: ASYNC220 - it is killed, not waited for
    child = int(await appears(tmp_path / "pid"))
    assert alive(child)
    emulator.kill()
    emulator.wait()
    await gone(child)
