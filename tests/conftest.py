"""Shared by all tests: the option for the long hours of the night."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeAlias

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="run simulations and exhaustive tests in their full size")


os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else every flowrun that a test starts compiles itself again


Amount: TypeAlias = Callable[[int, int], int]


@pytest.fixture(scope="session")
def amount(request: pytest.FixtureRequest) -> Amount:
    """How much of something: the first number by day, the second in the night."""
    nightly = bool(request.config.getoption("--nightly"))
    return lambda by_day, by_night: by_night if nightly else by_day
