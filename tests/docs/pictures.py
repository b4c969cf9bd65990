"""The pictures on the pages, made from the example workflows. `python -m tests.docs.pictures` writes them anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flowrun.api.files import load
from flowrun.core.status import ErrorClass
from flowrun.pictures.graph import svg as graph
from flowrun.pictures.timeline import svg as timeline
from flowrun.planner.build import build, family
from flowrun.planner.picture import drawing as plan_drawing
from flowrun.rehearsal.assumed import Assumptions, assume
from flowrun.report.course import chart
from flowrun.report.fold import fold
from flowrun.report.picture import drawing as run_drawing
from flowrun.spec.environment import Environments
from flowrun.templating.evaluator import Templates

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "pictures"
_TAKES = {"find": 20.0, "extract": 95.0, "post": 70.0, "report": 30.0, "tidy": 15.0}


def pictures() -> Mapping[str, str]:
    """Each file's name and what it holds: a plan, and a run in which a step fails."""
    _, loaded = load(ROOT / "specs" / "invoices.yaml", Environments(None))
    assert loaded.workflow is not None
    workflows = family(loaded)
    plan = build(loaded.workflow, workflows=workflows)
    failed: Mapping[tuple[str, str | None], str] = {("post", None): ErrorClass.FAULTED}
    inputs = {name: declared.default for name, declared in loaded.workflow.inputs.items()}
    assumed = fold(assume(plan, inputs, Templates(), Assumptions(failed=failed, takes=_TAKES)).run.events)
    done = replace(assumed, run_id="20261123-2255-k3m9qx")
    return {
        "plan.svg": graph.render(plan_drawing(plan, workflows, _TAKES, 5)),
        "run.svg": graph.render(run_drawing(done)),
        "timeline.svg": timeline.render(replace(chart(done), began="2026-11-23T22:55:00Z")),
    }


def main() -> None:
    """Write them all."""
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
