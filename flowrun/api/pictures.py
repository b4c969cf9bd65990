"""Pictures of a workflow, of a saved plan or of a run, in every language that there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from flowrun.api.files import load
from flowrun.errors import UsageError
from flowrun.spec.environment import Environments

if TYPE_CHECKING:
    from flowrun.api.usual import Usual
    from flowrun.core.plan import Plan
    from flowrun.pictures.chart import Chart
    from flowrun.pictures.drawing import Drawing
    from flowrun.settings import Settings
    from flowrun.spec.environment import Environment
    from flowrun.spec.models import Workflow

_F = TypeVar("_F")


def graph(
    file: Path,
    settings: Settings,
    form: str = "text",
    environment: Environment | None = None,
    *,
    whole: bool = False,
) -> str:
    """The graph of a workflow, with how long its steps usually take. Raises SpecError, UsageError, JournalError.

    `whole`: each step on its own, however many there are.
    """
    from flowrun.pictures.graph import FORMS  # noqa: PLC0415 - checking a file draws nothing

    _chosen(FORMS, form)
    workflow, plan, workflows = _planned(file, environment)
    return drawn(_drawing(plan, workflows, _usual(workflow, settings)), form, whole=whole)


def graph_of_plan(file: Path, form: str = "text", *, whole: bool = False) -> str:
    """The graph of a saved plan, from its file alone. Raises UsageError."""
    from flowrun.api.reviewed import saved_plan  # noqa: PLC0415 - as above
    from flowrun.pictures.graph import FORMS  # noqa: PLC0415 - as above
    from flowrun.review.picture import drawing  # noqa: PLC0415 - as above

    _chosen(FORMS, form)
    return drawn(drawing(saved_plan(file)), form, whole=whole)


def graph_of_run(run_id: str | None, settings: Settings, now: float, form: str = "text", *, whole: bool = False) -> str:
    """The graph of a run as it stands. Raises UsageError, JournalError."""
    from flowrun.api.records import report  # noqa: PLC0415 - a file needs no journal
    from flowrun.pictures.graph import FORMS  # noqa: PLC0415 - as above
    from flowrun.report.picture import drawing  # noqa: PLC0415 - as above

    _chosen(FORMS, form)
    return drawn(drawing(report(run_id, settings).seen(now)), form, whole=whole)


def drawn(drawing: Drawing, form: str, *, whole: bool = False) -> str:
    """A drawing in one of the languages. Raises UsageError for another."""
    from flowrun.pictures.alike import folded  # noqa: PLC0415 - as above
    from flowrun.pictures.graph import CROWDED, FORMS  # noqa: PLC0415 - as above

    return _chosen(FORMS, form)(drawing if whole or form not in CROWDED else folded(drawing))


def timeline(
    file: Path,
    settings: Settings,
    form: str = "text",
    environment: Environment | None = None,
    *,
    whole: bool = False,
) -> str:
    """When each step of a workflow would run, if each takes what is usual. Raises as `graph`."""
    from flowrun.pictures.timeline import FORMS  # noqa: PLC0415 - as above

    _chosen(FORMS, form)
    workflow, plan, workflows = _planned(file, environment)
    usual = _usual(workflow, settings)
    chart = _foreseen(workflow, plan, usual)
    return charted(chart, _drawing(plan, workflows, usual), form, whole=whole)


def timeline_of_plan(file: Path, form: str = "text", *, whole: bool = False) -> str:
    """When each step of a saved plan would run, if each takes what was usual then. Raises UsageError."""
    from flowrun.api.reviewed import saved_plan  # noqa: PLC0415 - as above
    from flowrun.pictures.timeline import FORMS  # noqa: PLC0415 - as above
    from flowrun.review.picture import chart, drawing  # noqa: PLC0415 - as above

    _chosen(FORMS, form)
    document = saved_plan(file)
    return charted(chart(document), drawing(document), form, whole=whole)


def timeline_of_run(
    run_id: str | None, settings: Settings, now: float, form: str = "text", *, whole: bool = False
) -> str:
    """When each step of a run ran. Raises UsageError, JournalError."""
    from flowrun.api.records import report  # noqa: PLC0415 - as above
    from flowrun.pictures.timeline import FORMS  # noqa: PLC0415 - as above
    from flowrun.report.course import chart  # noqa: PLC0415 - as above
    from flowrun.report.picture import drawing  # noqa: PLC0415 - as above

    _chosen(FORMS, form)
    found = report(run_id, settings).seen(now)
    return charted(chart(found), drawing(found), form, whole=whole)


def charted(chart: Chart, drawing: Drawing, form: str, *, whole: bool = False) -> str:
    """A chart in one of the languages; what is alike in the drawing of the same stands in one row."""
    from flowrun.pictures.alike import folded  # noqa: PLC0415 - as above
    from flowrun.pictures.chart import gathered  # noqa: PLC0415 - as above
    from flowrun.pictures.timeline import CROWDED, FORMS  # noqa: PLC0415 - as above

    draw = _chosen(FORMS, form)
    return draw(chart if whole or form not in CROWDED else gathered(chart, folded(drawing)))


def _planned(file: Path, environment: Environment | None) -> tuple[Workflow, Plan, Mapping[str, Plan]]:
    from flowrun.planner.build import build, family  # noqa: PLC0415 - as above

    around = Environments(environment)
    _, loaded = load(file, around)
    assert loaded.workflow is not None  # noqa: S101 - `load` raises otherwise
    workflows = family(loaded, around.model.vars)
    return loaded.workflow, build(loaded.workflow, workflows=workflows, env=around.model.vars), workflows


def _usual(workflow: Workflow, settings: Settings) -> Usual:
    from flowrun.api.usual import usual_times  # noqa: PLC0415 - as above

    return usual_times(workflow.name, settings)


def _drawing(plan: Plan, workflows: Mapping[str, Plan], usual: Usual) -> Drawing:
    from flowrun.planner.picture import drawing  # noqa: PLC0415 - as above

    return drawing(plan, workflows, usual.steps, usual.runs)


def _foreseen(workflow: Workflow, plan: Plan, usual: Usual) -> Chart:
    """The rehearsal of a run in which each step takes what is usual, and one that never ran what most do."""
    from flowrun.planner.identity import supposed  # noqa: PLC0415 - as above
    from flowrun.rehearsal.assumed import STEP_TAKES, Assumptions, assume  # noqa: PLC0415 - as above
    from flowrun.report.course import foreseen  # noqa: PLC0415 - as above
    from flowrun.report.fold import fold  # noqa: PLC0415 - as above
    from flowrun.spec.inputs import check_inputs  # noqa: PLC0415 - as above
    from flowrun.templating.evaluator import Templates  # noqa: PLC0415 - as above

    values, _ = check_inputs(workflow.inputs, {}, set())
    unknown = frozenset(name for name, declared in workflow.inputs.items() if declared.must_be_given)
    other = median(usual.steps.values()) if usual.steps else STEP_TAKES
    takes = {step.id: usual.steps.get(step.id, other) for step in plan.steps}
    legs = {step.id: usual.legs.get(step.id, other) for step in plan.steps}
    assumptions = Assumptions(unknown=unknown, takes=takes, leg_takes=legs)
    done = assume(supposed(plan, workflow, values), values, Templates(), assumptions)
    new = [step.id for step in plan.steps if step.id not in usual.steps and not step.undoes]
    return foreseen(fold(done.run.events), _told(usual, new), counted=not usual.steps)


def _told(usual: Usual, new: list[str]) -> str:
    if not usual.steps:
        return "foreseen, in steps: no run of this workflow has succeeded here, and so each step counts the same"
    runs = f"what was usual in the last {usual.runs} runs" if usual.runs > 1 else "as in the last run"
    named = f"{', '.join(new[:5])}{' …' if len(new) > 5 else ''}"  # noqa: PLR2004 - enough to tell which
    return f"foreseen: each step takes {runs}" + (f"; never seen to succeed, and guessed: {named}" if new else "")


def _chosen(forms: Mapping[str, _F], form: str) -> _F:
    if form not in forms:
        raise UsageError(f"there is no form {form!r}", hint=", ".join(forms))
    return forms[form]
