from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flowrun.emulator import watchdog

PROGRAM = [sys.executable, "-I", "-S", str(Path(watchdog.__file__))]


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def test_it_ends_the_groups_still_named_at_the_end_of_its_input() -> None:
    named, forgotten = sleeper(), sleeper()
    lines = f"+{named.pid}\n+{forgotten.pid}\n-{forgotten.pid}\n"
    subprocess.run(PROGRAM, input=lines.encode(), check=True, timeout=20)
    assert named.wait(timeout=20) == -9
    assert forgotten.poll() is None
    forgotten.kill()
    forgotten.wait()


def test_a_group_that_is_gone_does_not_trouble_it() -> None:
    dead = sleeper()
    dead.kill()
    dead.wait()
    subprocess.run(PROGRAM, input=f"+{dead.pid}\n".encode(), check=True, timeout=20)
