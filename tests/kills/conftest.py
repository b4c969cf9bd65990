"""One proving ground for all tests of a worker: its emulator goes on, and each run in it is judged by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

import pytest

from tests.kills.ground import Course, Ground

Undisturbed: TypeAlias = Callable[[str], Course]


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = Ground(tmp_path_factory.mktemp("ground"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def undisturbed(ground: Ground) -> Undisturbed:
    """How a plan goes when nothing happens to it."""

    @cache
    def made(plan: str) -> Course:
        course = ground.course(plan)
        assert course.run_id, course.last.err
        return course

    return made
