"""One server of Temporal for all tests of a process: each test has a namespace of its own there, or a task queue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.temporal.killing import Theatre
from tests.temporal.server import Server, serving


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows the search attributes of runs in the namespace `default`."""
    with serving(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture
async def theatre(temporal: Server, tmp_path: Path) -> AsyncIterator[Theatre]:
    """That server, with workers that may be killed."""
    one = await Theatre.at(temporal.address, tmp_path)
    yield one
    one.close()
