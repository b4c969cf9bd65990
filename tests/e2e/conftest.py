"""A desk for each test: a copy of the example workflows, and an end to whatever was started there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    left = [job for job in made.jobs() if job.open]
    made.close()
    assert not left, "a Job was still running when the test had ended"
