"""The page on running on Temporal, typed: its three commands, on a port of our own."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tests.docs.session import Session
from tests.docs.shown import difference
from tests.docs.test_sessions import exchanges
from tests.temporal.server import free_port

PAGE = ROOT / "docs" / "how-to" / "run-on-temporal.md"
PATIENCE = 60.0


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(tmp_path)
    yield made
    made.close()


@pytest.mark.timeout(240)
def test_three_commands_are_enough(session: Session) -> None:
    port = free_port()
    (block,) = (one for one in blocks(PAGE) if one.language == "console")
    text = block.text.replace("start-dev", f"start-dev --port {port}").replace(":7233", f":{port}")
    typed = list(exchanges(replace(block, text=text)))
    assert len(typed) == 3
    for line, command, shown in typed:
        said = session.type(command).splitlines()
        if command.startswith("temporal "):
            wait_for(port)
        wrong = difference(shown, said) if shown else ""
        assert not wrong, f"{PAGE.name}:{line}: {wrong}\n" + "\n".join(said)
    assert session.type(f"flowrun runs list --temporal 127.0.0.1:{port} -o name").count("\n") == 0


def wait_for(port: int) -> None:
    """Who types the next line has taken longer than a server takes to listen."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # noqa: TID251 - real processes, real time
    raise AssertionError("the server does not listen")
