"""Shared by all tests: the option for the long hours of the night, and the figures that tests give."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.surroundings import read_by_flowrun

Amount: TypeAlias = Callable[[int, int], int]
Figure: TypeAlias = Callable[[str, float], None]


@pytest.hookimpl(trylast=True)  # pytest's own colours are decided by then
def pytest_configure() -> None:
    """Nothing around the tests says anything to flowrun."""
    for name in [*filter(read_by_flowrun, os.environ)]:
        del os.environ[name]


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of the tests wait most of the time, for processes, timers and servers."""
    return 2 * (os.cpu_count() or 1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="simulations and exhaustive tests in their full size")


@pytest.fixture(scope="session")
def amount(request: pytest.FixtureRequest) -> Amount:
    """How much of something: the first number by day, the second in the night."""
    nightly = bool(request.config.getoption("--nightly"))
    return lambda by_day, by_night: by_night if nightly else by_day


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Keeps a number that a test has found: it is printed at the end of a run with `-v` or `--nightly`."""
    return lambda name, value: request.node.user_properties.append(("figure", f"{name} {value:,}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.get_verbosity() < 1 and not config.getoption("--nightly"):
        return
    for report in sorted(terminalreporter.getreports("passed"), key=lambda report: report.nodeid):
        figures = [text for kind, text in report.user_properties if kind == "figure"]
        if figures:
            terminalreporter.write_line(f"{report.nodeid}: {', '.join(figures)}")
