"""Shared by all tests: the option for the long hours of the night, and the figures that tests give."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

import pytest

from tests.examples import set_examples
from tests.surroundings import read_by_flowrun

Amount: TypeAlias = Callable[[int, int], int]
Figure: TypeAlias = Callable[[str, float], None]

_LONG = ("docs", "e2e", "kills", "real", "temporal")


@pytest.hookimpl(trylast=True)  # pytest's own colours are decided by then
def pytest_configure(config: pytest.Config) -> None:
    """Nothing around the tests says anything to flowrun."""
    set_examples(nightly=bool(config.getoption("--nightly")))
    for name in [*filter(read_by_flowrun, os.environ)]:
        del os.environ[name]
    # Hundreds of processes start here; compiling every module in each of them would be most of the work.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    gc.set_threshold(50_000, 20, 50)  # thousands of tests are made in a row, and none is thrown away


@pytest.hookimpl(trylast=True)  # pytest-randomly has shuffled them by then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For each worker first what starts processes and waits for them: what is left at the end is short.

    A worker is given one part of the whole in a row, and takes of the others' when it has done that.
    """
    if not config.getoption("--nightly"):
        for item in items:
            if item.get_closest_marker("night") is not None:
                item.add_marker(pytest.mark.skip(reason="for the night: --nightly"))
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    rooms: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        rooms[item.path.relative_to(config.rootpath).parts[1] in _LONG].append(item)
    dealt = [_parts(rooms[long], workers) for long in (True, False)]
    items[:] = [item for worker in zip(*dealt, strict=True) for part in worker for item in part]


def _parts(items: list[pytest.Item], count: int) -> list[list[pytest.Item]]:
    ends = [len(items) * part // count for part in range(count + 1)]
    return [items[begin:end] for begin, end in pairwise(ends)]


def pytest_collection_finish() -> None:
    """Ten thousand tests are no garbage, and are not looked through for it again."""
    gc.collect()
    gc.freeze()


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
