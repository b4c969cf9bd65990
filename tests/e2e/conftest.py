"""A desk for each test: a copy of the examples, an end to whatever was started, and a look at what was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import canary
from tests.e2e.harness import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.environment = canary.VARIABLE
    yield made
    left = [job for job in made.jobs() if job.open]
    known = {canary.VALUE, *canary.tokens(made.state)}
    exposed = canary.exposed(made.state)
    made.close()
    assert not left, "a Job was still running when the test had ended"
    assert not exposed, "others could read this"
    assert not canary.leaks(tmp_path, known), "a secret or a token was written down"
