"""Rules about files that are steps of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowrun.core.plan import Json
from flowrun.errors import Problem
from flowrun.spec.draft import Draft
from flowrun.spec.library import Opened
from flowrun.spec.models import Workflow
from flowrun.spec.step_draft import StepDraft
from flowrun.spec.suggest import did_you_mean
from flowrun.steps.fields import Fault, described
from flowrun.steps.workflow_model import WorkflowStep
from flowrun.templating.syntax import templates


def workflows(draft: Draft) -> Iterator[Problem]:
    """FR601 to FR610: the file can be had, is in order, and takes and gives what the step says."""
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
