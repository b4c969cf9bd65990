"""The life of a large file, stage by stage: `python -m tests.benchmarks.stages` reads one and tells what each took."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from flowrun.core.events import Event, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.engines.embedded.engine import EmbeddedEngine, Surroundings
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.sqlite import SqliteJournal
from flowrun.pictures.alike import folded
from flowrun.pictures.graph import FORMS as GRAPHS
from flowrun.planner import show
from flowrun.planner.build import build
from flowrun.planner.picture import drawing
from flowrun.report.fold import Fold, fold
from flowrun.report.formats import FORMATS, html
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.spec.loader import load
from flowrun.templating.evaluator import Templates
from tests.benchmarks.measure import peak
from tests.benchmarks.shapes import pairs
from tests.simulation.outside import Outside, ScriptedKind

STAGES = ("load", "plan", "draw", "run", "record", "resume", "report")
_COMMIT = 100
"""Events in one commit: what an engine writes where a hundred legs are active."""


class Life:
    """One file, and what has become of it so far. The stages are its methods, in the order of STAGES."""

    def __init__(self, text: str, folder: Path) -> None:
        self._text = text
        self._folder = folder
        self._plan = Plan("none", ())
        self.events: list[Event] = []

    def load(self) -> None:
        """The file is read and checked, as by `flowrun validate`."""
        loaded = load(self._text, "large.yaml")
        assert loaded.workflow is not None, loaded.problems[:3]
        self._workflow = loaded.workflow

    def plan(self) -> None:
        """It becomes a plan, which is shown in both forms, as by `flowrun plan`."""
        self._plan = build(self._workflow)
        show.text(self._plan, {}, {})
        json.dumps(show.data(self._plan, {}, {}))

    def draw(self) -> None:
        """In each form of `flowrun graph --whole`; and folded, as if it were too large."""
        made = drawing(self._plan)
        for draw in GRAPHS.values():
            draw(made)
        folded(made, most=0, many=0)

    def run(self) -> None:
        """The embedded engine drives it, in virtual time and with a journal in memory; somebody follows."""
        journal = MemoryJournal()

        async def drive() -> None:
            surroundings = Surroundings(
                journal, {"job": ScriptedKind(Outside())}, Templates(), VirtualClock(), lambda: 0.5, "me"
            )
            engine = EmbeddedEngine(surroundings)
            engine.create(RunStarted(0.0, "r", self._plan))
            followed = Fold()

            def follow(event: Event, _: RunState) -> None:
                followed.add(event)

            await engine.drive("r", follow)

        run(drive())
        self.events = [record.event for record in journal.read("r")]

    def record(self) -> None:
        """Its events are written to a journal on the disk."""
        first, *rest = self.events
        assert isinstance(first, RunStarted)
        with closing(SqliteJournal(self._folder)) as journal:
            journal.create(first)
            with journal.own("r", "me") as ownership:
                for at in range(0, len(rest), _COMMIT):
                    journal.append(ownership, rest[at : at + _COMMIT], at + 1)

    def resume(self) -> None:
        """They are read, and the run is made of them again."""
        with closing(SqliteJournal(self._folder)) as journal:
            again = Run.replay((record.event for record in journal.read("r")), Templates())
        assert again.finished

    def report(self) -> None:
        """In each form of `flowrun runs report`, `runs show` being one of them."""
        report = fold(self.events)
        for form, write in FORMATS.items():
            if form != "html":
                write(report)
        html.render(report, most=0, many=0)  # as if it were too large, whatever its size


def main() -> None:
    """The text is read from standard input; `{stage: [CPU seconds, peak MiB so far]}` is printed as JSON."""
    with tempfile.TemporaryDirectory() as warm, tempfile.TemporaryDirectory() as cold:
        first = Life(pairs(4), Path(warm))
        for stage in STAGES:  # so that nothing is imported while it is measured
            getattr(first, stage)()
        life = Life(sys.stdin.read(), Path(cold))
        taken: Mapping[str, tuple[float, float]] = {stage: _taken(life, stage) for stage in STAGES}
    print(json.dumps(taken))


def _taken(life: Life, stage: str) -> tuple[float, float]:
    began = time.process_time()
    getattr(life, stage)()
    return time.process_time() - began, peak(os.getpid())


if __name__ == "__main__":
    main()
