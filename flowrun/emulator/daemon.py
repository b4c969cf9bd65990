"""The emulator that `flowrun run` finds or starts by itself: detached, one for each catalog, gone when nobody needs it.

Its folder is `<state_dir>/emulator/<hash of the catalog's path>/`. `endpoint.json` (0600) says where it answers;
everybody who uses it shares the lock on `lease`; whoever starts it holds `start.lock`. It ends by itself once no lease
is held, no Job is open and no request came for a while. Neither Ctrl-C nor `kill -9` of its user ends it or its Jobs.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flowrun.emulator.locks import FileLock
from flowrun.emulator.processes import spawn_detached
from flowrun.errors import SpecError, Unreachable
from flowrun.private import make_folder

LINGER_S = 15.0
PATIENCE_S = 20.0
_ANSWER_S = 5.0
_ENDPOINT = "endpoint.json"
_LOG = "emulator.log"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an emulator answers. While this value is open, the emulator stays."""

    url: str
    token: str
    folder: str
    pid: int
    lease: FileLock | None = field(default=None, repr=False, compare=False)

    def close(self) -> None:
        """Let the emulator end when it is idle. The end of the process does the same."""
        if self.lease is not None:
            self.lease.release()


def ensure(catalog: Path, state_dir: Path, *, linger: float = LINGER_S) -> Endpoint:
    """Find the emulator of a catalog, or start one, and wait until it answers.

    A running one takes over a catalog that has changed, also while it is busy. Raises SpecError for a wrong catalog,
    Unreachable where it does not start.
    """
    folder = home(catalog, state_dir)
    make_folder(folder)
    # The lease first: an emulator that is just ending holds it alone, until it is gone.
    lease = FileLock(folder / "lease")
    lease.acquire(shared=True, wait=True)
    starting = FileLock(folder / "start.lock")
    try:
        starting.acquire(wait=True)
        found = _running(folder)
        if found is None:
            return _opened(_start(catalog, folder, linger), lease)
        _refresh(found, catalog)
        return _opened(found, lease)
    except BaseException:
        lease.release()
        raise
    finally:
        starting.release()


def home(catalog: Path, state_dir: Path) -> Path:
    """The folder of a catalog's emulator."""
    name = hashlib.sha256(str(catalog.resolve()).encode()).hexdigest()[:16]
    return state_dir / "emulator" / name


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m flowrun.emulator --catalog FILE --home FOLDER --linger SECONDS`: fork, serve in the child."""
    parser = argparse.ArgumentParser(prog="python -m flowrun.emulator")
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--linger", type=float, default=LINGER_S)
    given = parser.parse_args(arguments)
    if os.fork():
        os._exit(0)
    _serve_detached(given.catalog, given.home, given.linger)


def _serve_detached(catalog: Path, folder: Path, linger: float) -> None:
    from flowrun.emulator.env_file import write_private  # noqa: PLC0415 - the same
    from flowrun.emulator.server import Emulator, serve  # noqa: PLC0415 - `ensure` needs no server

    endpoint = folder / _ENDPOINT

    def ready(emulator: Emulator) -> None:
        found = {"url": emulator.url, "token": emulator.token, "folder": emulator.folder, "pid": os.getpid()}
        write_private(endpoint, json.dumps(found))
        _say("ready")

    try:
        serve(catalog, state=folder, linger=linger, ready=ready)
    except Exception as error:
        _say("failed")
        if not isinstance(error, SpecError):
            raise
    finally:
        endpoint.unlink(missing_ok=True)


def _say(word: str) -> None:
    """Tell the one who started us, and let go of the pipe."""
    os.write(1, f"{word}\n".encode())
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


def _start(catalog: Path, folder: Path, linger: float) -> Endpoint:
    log = folder / _LOG
    log.write_bytes(b"")
    log.chmod(0o600)
    argv = [sys.executable, "-m", "flowrun.emulator"]
    argv += ["--catalog", str(catalog.resolve()), "--home", str(folder.resolve()), "--linger", str(linger)]
    if spawn_detached(argv, log, PATIENCE_S) == b"ready\n":
        found = _read(folder)
        if found is not None:
            return found
    from flowrun.emulator.catalog import load_catalog  # noqa: PLC0415 - only to say what is wrong with it

    load_catalog(catalog)
    tail = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise Unreachable(
        f"the embedded Orchestrator did not start{': ' + tail[0] if tail else ''}", hint=f"its log is {log}"
    )


def _running(folder: Path) -> Endpoint | None:
    """The emulator that the file names, if it answers and is that one."""
    found = _read(folder)
    if found is None or not _is_held(folder / "lock"):
        return None
    try:
        state = _ask(found, "GET", "/emulator/state")
    except (OSError, http.client.HTTPException, ValueError):
        return None
    return found if state.get("pid") == found.pid else None


def _is_held(path: Path) -> bool:
    """Whether some process holds the lock of the state folder, as every emulator does to its end.

    Without this, whoever took the port of an emulator that was killed would be told the token, and arguments.
    """
    lock = FileLock(path)
    try:
        return not lock.acquire()
    finally:
        lock.release()


def _refresh(found: Endpoint, catalog: Path) -> None:
    """Let it read the catalog again. A catalog that is wrong now is said as the file's problems."""
    try:
        answer = _ask(found, "POST", "/emulator/reload")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable("the embedded Orchestrator did not answer", hint=f"it is process {found.pid}") from error
    if "catalog" not in answer:
        from flowrun.emulator.catalog import load_catalog  # noqa: PLC0415 - only to say what is wrong with it

        load_catalog(catalog)


def _ask(endpoint: Endpoint, method: str, path: str) -> dict[str, Any]:
    address = urlsplit(endpoint.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_ANSWER_S)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {endpoint.token}"})
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}


def _read(folder: Path) -> Endpoint | None:
    try:
        data = json.loads((folder / _ENDPOINT).read_text(encoding="utf-8"))
        return Endpoint(str(data["url"]), str(data["token"]), str(data["folder"]), int(data["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _opened(found: Endpoint, lease: FileLock) -> Endpoint:
    return Endpoint(found.url, found.token, found.folder, found.pid, lease)
