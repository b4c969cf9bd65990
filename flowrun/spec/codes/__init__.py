"""The catalogue: every code that a problem can have, family by family. A code never changes its meaning."""

from __future__ import annotations

from flowrun.spec.codes.admission import ADMISSION
from flowrun.spec.codes.advice import ON_EXPRESSIONS, ON_GRAPH, ON_VALUES
from flowrun.spec.codes.approvals import APPROVALS
from flowrun.spec.codes.entry import Entry
from flowrun.spec.codes.environments import ENVIRONMENTS
from flowrun.spec.codes.expressions import EXPRESSIONS
from flowrun.spec.codes.file import FILE
from flowrun.spec.codes.graph import GRAPH
from flowrun.spec.codes.lock import LOCK
from flowrun.spec.codes.orchestrator import ORCHESTRATOR
from flowrun.spec.codes.schema import SCHEMA
from flowrun.spec.codes.security import SECURITY
from flowrun.spec.codes.trials import TRIALS
from flowrun.spec.codes.values import VALUES
from flowrun.spec.codes.workflows import WORKFLOWS

FAMILIES: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("0: The file and its YAML", FILE),
    ("1: The schema", SCHEMA),
    ("2: Values and environments", (*VALUES, *APPROVALS, *ADMISSION, *ON_VALUES, *ENVIRONMENTS)),
    ("3: Expressions", (*EXPRESSIONS, *ON_EXPRESSIONS)),
    ("4: The graph", (*GRAPH, *ON_GRAPH)),
    ("5: Orchestrator", (*ORCHESTRATOR, *LOCK)),
    ("6: Files as steps", WORKFLOWS),
    ("7: Tests of workflows", TRIALS),
    ("8: Security", SECURITY),
)

__all__ = ["FAMILIES", "Entry"]
