"""One server of Temporal for all tests of a process: each test has a namespace of its own there, or a task queue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.temporal.server import Server, serving


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows the search attributes of runs in the namespace `default`."""
    with serving(tmp_path_factory.mktemp("temporal")) as server:
        yield server
