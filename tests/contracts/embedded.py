"""The embedded engine as the contracts want it: with dice that always fall in the middle."""

from __future__ import annotations

from collections.abc import Mapping

from flowrun.core.events import RunStarted
from flowrun.core.evolve import begin
from flowrun.engines.embedded.engine import EmbeddedEngine, Surroundings
from flowrun.engines.embedded.family import Family
from flowrun.journal.protocol import Journal
from flowrun.simulation.virtual import VirtualClock
from flowrun.steps.protocol import Clock, StepKind
from flowrun.templating.evaluator import Templates
from tests.simulation.outside import Outside, ScriptedKind


def embedded(journal: Journal, kinds: Mapping[str, StepKind], clock: Clock) -> EmbeddedEngine:
    """An engine of that journal."""
    return EmbeddedEngine(Surroundings(journal, kinds, Templates(), clock, lambda: 0.5, "the contract"))


def family(journal: Journal, outside: Outside, parent: RunStarted) -> Family:
    """The children of a run, in a process of its own."""
    clock = VirtualClock()
    kinds = {"job": ScriptedKind(outside)}
    return Family(journal, clock, Templates(), begin(parent), lambda: embedded(journal, kinds, clock))
