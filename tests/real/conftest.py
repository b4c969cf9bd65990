"""Real programs against a real emulator. They are skipped, with the reason, where the programs are not installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.real.world import World

Serve = Callable[[str], World]


@pytest.fixture
def world_of(tmp_path: Path) -> Iterator[Serve]:
    """Serve a catalog: its text, or the path of one in the copied `specs/`."""
    worlds: list[World] = []

    def serve(catalog: str) -> World:
        worlds.append(World(tmp_path, catalog))
        return worlds[-1]

    yield serve
    for world in worlds:
        world.close()
