"""A page typed into a shell: one bash for the whole page, in a copy of the project, and what it answers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.docs.pages import ROOT
from tests.surroundings import plain

PATIENCE = 90.0
_END = "--- what was typed has ended ---"


class Session:
    """A shell in a folder with the examples. The page may change them; nothing outlives `close`."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "flowrun"
        shutil.copytree(ROOT / "specs", self.project / "specs", ignore=shutil.ignore_patterns("__pycache__", "out"))
        programs = folder / "bin"
        programs.mkdir()
        flowrun = programs / "flowrun"
        flowrun.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flowrun "$@"\n', encoding="utf-8")
        flowrun.chmod(0o755)
        kept = plain(os.environ)
        path = os.pathsep.join((str(programs), str(Path(sys.executable).parent), kept["PATH"]))
        compiled = {"PYTHONDONTWRITEBYTECODE": "1"}  # what flowrun needs has been, and a page's own files are no more
        around = {"PATH": path, "HOME": str(folder), "NO_COLOR": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        self._said = folder / "said"
        with self._said.open("wb") as said:
            self._shell = subprocess.Popen(
                ["bash", "--noprofile", "--norc"],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=self.project,
                env={**kept, **compiled, **around},
                start_new_session=True,
            )
        self._read = 0

    def type(self, line: str) -> str:
        """What the shell answers to a line, on both streams."""
        assert self._shell.stdin is not None
        # The code of the line is kept for a `$?` in the next one.
        self._shell.stdin.write(f"{line}\n_code=$?; echo; echo '{_END}'; (exit $_code)\n".encode())
        self._shell.stdin.flush()
        end = time.monotonic() + PATIENCE
        while _END not in (said := self._said.read_bytes()[self._read :].decode("utf-8")):
            assert self._shell.poll() is None, f"the shell ended at: {line}"
            assert time.monotonic() < end, f"no end in {PATIENCE:.0f} s: {line}\n{said}"
            time.sleep(0.05)  # noqa: TID251 - real processes, real time
        answer, _, _ = said.partition(_END)
        self._read += len((answer + _END + "\n").encode())
        return answer.strip("\n")

    def close(self) -> None:
        """End the shell with all that still runs in it, and the emulators that were started there."""
        os.killpg(self._shell.pid, signal.SIGKILL)
        self._shell.wait()
        if self._shell.stdin is not None:
            self._shell.stdin.close()
        for path in self.project.rglob("endpoint.json"):
            process = json.loads(path.read_text(encoding="utf-8"))["pid"]
            try:
                os.kill(process, signal.SIGTERM)
            except ProcessLookupError:
                continue
