"""Rules about files that are steps of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flowrun.core.plan import Json
from flowrun.errors import Problem
from flowrun.spec.draft import Draft
from flowrun.spec.library import Loaded, Opened
from flowrun.spec.models import Workflow
from flowrun.spec.step_draft import StepDraft
from flowrun.spec.suggest import did_you_mean
from flowrun.steps.fields import Fault, described
from flowrun.steps.workflow_model import WorkflowStep
from flowrun.templating.syntax import templates


def workflows(draft: Draft) -> Iterator[Problem]:
    """FR601 to FR611: the file can be had, is in order, and takes and gives what the step says."""
    for step in draft.steps.values():
        opened = draft.opened.get(step.id)
        if opened is None or not isinstance(step.model, WorkflowStep):
            continue
        path = (*step.path, "workflow")
        if isinstance(opened, Fault):
            fields = dict(opened.fields)
            yield draft.document.problem(opened.code, path, hint=fields.pop("hint", None), **fields)
        elif opened.loaded.workflow is None:
            errors = sum(problem.severity == "error" for problem in opened.loaded.problems)
            count = f"{errors} problem{'' if errors == 1 else 's'}"
            yield draft.document.problem("FR606", path, file=step.model.workflow, count=count)
        else:
            yield from _fit(draft, step, step.model, opened, opened.loaded.workflow)


def _fit(draft: Draft, step: StepDraft, model: WorkflowStep, opened: Opened, workflow: Workflow) -> Iterator[Problem]:
    file = opened.name
    yield from _held(draft, step, model, opened)
    if not isinstance(model.inputs, str):
        yield from _given(draft, step, model.inputs, file, workflow)
    for name in model.outputs:
        if name not in workflow.outputs:
            path = (*step.path, "outputs", name)
            hint = did_you_mean(name, workflow.outputs, "Its outputs are")
            yield draft.document.problem("FR610", path, key=True, hint=hint, file=file, name=name)


def _given(
    draft: Draft, step: StepDraft, inputs: Mapping[str, Json], file: str, workflow: Workflow
) -> Iterator[Problem]:
    for name, value in inputs.items():
        path = (*step.path, "inputs", name)
        declared = workflow.inputs.get(name)
        if declared is None:
            hint = did_you_mean(name, workflow.inputs, "Its inputs are")
            yield draft.document.problem("FR607", path, key=True, hint=hint, file=file, name=name)
            continue
        taken = (value is None and declared.required is False) or any(templates(value))
        expected = None if taken else declared.expected(value)
        if expected:
            found = described(value)
            yield draft.document.problem("FR609", path, file=file, name=name, found=found, expected=expected)
    for name, declared in workflow.inputs.items():
        if declared.must_be_given and name not in inputs:
            key = "inputs" if "inputs" in step.raw else "workflow"
            yield draft.document.problem("FR608", (*step.path, key), key=True, file=file, name=name)


def _held(draft: Draft, step: StepDraft, model: WorkflowStep, opened: Opened) -> Iterator[Problem]:
    """Slots that the step holds, and without which something in its file never begins. Told once for each pool."""
    files = (opened.loaded, *opened.loaded.within().values())
    for at, (name, count) in enumerate(model.pools.items()):
        found = next(_starved(draft, files, name, count), None)
        if found is not None:
            path = (*step.path, "pools", name if isinstance(step.raw.get("pools"), dict) else at)
            yield draft.document.problem("FR611", path, file=opened.name, count=count, name=name, **found)


def _starved(draft: Draft, files: Iterable[Loaded], name: str, count: int) -> Iterator[dict[str, Any]]:
    """The steps in these files that want more slots of a pool than are left where so many are held."""
    for loaded in files:
        workflow = loaded.workflow
        most = {**(workflow.pools if workflow else {}), **draft.environments.model.pools}.get(name)
        if workflow is None or most is None:
            continue
        for step_id, model in {**workflow.steps, **workflow.finally_}.items():
            taken = model.pools.get(name, 0)
            if taken and count + taken > most:
                yield {"most": most, "step": step_id, "taken": taken}
