"""A text becomes a Workflow, or all the problems that it has: those of YAML, of the schema, and of the checks."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from flowrun.core.plan import Json, Stage
from flowrun.errors import Problem
from flowrun.nearest import nearest
from flowrun.spec.checks import CHECKS
from flowrun.spec.document import Document, Path, parse
from flowrun.spec.draft import Draft
from flowrun.spec.environment import NONE, Environments
from flowrun.spec.library import Library, Loaded, Opened
from flowrun.spec.models import STEP_KINDS, DefaultsModel, Workflow
from flowrun.spec.problems import in_order
from flowrun.spec.refusals import fault_at, nulls, problems_of
from flowrun.spec.step_draft import StepDraft
from flowrun.spec.suggest import meant, strange_letter
from flowrun.steps.fields import IDENTIFIER, Fault, Part, described, shown
from flowrun.steps.inputs import InputModel
from flowrun.steps.job.model import JobStep
from flowrun.steps.model import NeedModel, StepModel, needs_of
from flowrun.steps.workflow_model import WorkflowStep
from flowrun.templating.syntax import is_template

WRITTEN = (Stage.STEPS, Stage.FINALLY)
"""The stages that have a map of their own in the file."""


def load(text: str, file: str, library: Library | None = None, environments: Environments = NONE) -> Loaded:
    """Read a workflow. Never raises for what is written; every problem of the file is in the result, in order.

    `library` opens the files that its steps name; without one nothing is known of them. It is looked at with these
    environments, and what the chosen one says is merged into it.
    """
    with _without_collector():
        document = parse(text)
        reader = _Reader(document, library, environments)
        if document.data is not None:
            reader.read()
        own = (replace(one, file=one.file or file) for one in (*document.problems, *reader.problems))
        found = in_order((*own, *environments.problems))
        valid = document.data is not None and not any(problem.severity == "error" for problem in found)
        workflow = reader.workflow() if valid else None
    workflows = reader.workflows()
    height = max((1 + inner.height for inner in workflows.values()), default=0)
    return Loaded(file, workflow, found, document, dict(reader.paths()), workflows, height)


@contextmanager
def _without_collector() -> Iterator[None]:
    """What is built here has no cycles and stays; looking for garbage in it takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Reader:
    """Reads one document, and collects problems on the way."""

    def __init__(self, document: Document, library: Library | None, environments: Environments = NONE) -> None:
        self.problems: list[Problem] = []
        self._environments = environments
        self.steps: dict[str, StepDraft] = {}
        self._document = document
        self._library = library
        self._opened: dict[str, Opened | Fault] = {}
        self._head: dict[str, Any] = {}
        self._defaults = DefaultsModel()

    def read(self) -> None:
        """Everything, the checks included."""
        data = self._document.data
        if not isinstance(data, dict):
            self._add("FR012", (), found=described(data))
            return
        raw = {key: value for key, value in data.items() if not key.startswith("x-")}
        self._read_head(raw)
        inputs = self._read_inputs(raw.get("inputs"))
        self._read_stage(raw, Stage.STEPS)
        self._read_stage(raw, Stage.FINALLY)
        self._open_others()
        draft = Draft(self._document, raw, inputs, self.steps, self._opened, environments=self._environments)
        for check in CHECKS:
            self.problems += check(draft)

    def paths(self) -> Iterator[tuple[str, Path]]:
        """Where each step of the plan is written, those that undo others included."""
        for step in self.steps.values():
            yield step.id, step.path
            yield f"{step.id}.{Stage.COMPENSATE}", (*step.path, Stage.COMPENSATE.value)

    def workflows(self) -> dict[str, Loaded]:
        """The files that steps of it name, by the names that they have from the folder of the first file."""
        return {opened.name: opened.loaded for opened in self._opened.values() if isinstance(opened, Opened)}

    def _open_others(self) -> None:
        for step in self.steps.values():
            model = step.model
            if self._library is not None and isinstance(model, WorkflowStep) and not is_template(model.workflow):
                self._opened[step.id] = self._library.open(model.workflow)

    def workflow(self) -> Workflow:
        """The workflow of a file without errors."""
        stages = {
            stage.value: {step.id: self._finished(step) for step in self.steps.values() if step.stage is stage}
            for stage in WRITTEN
        }
        workflow = Workflow.model_validate({**self._head, **stages})
        given = {} if self._environments.nested else self._environments.model.inputs
        inputs = {
            name: declared.model_copy(update={"default": given[name]}) if name in given else declared
            for name, declared in workflow.inputs.items()
        }
        return workflow.model_copy(update={"inputs": inputs}) if given else workflow

    def _finished(self, step: StepDraft) -> StepModel:
        assert step.model is not None  # noqa: S101 - a step without a model has a problem
        model = self._defaults.applied(step.model)
        if isinstance(model, JobStep) and model.compensate is not None:
            model = model.model_copy(update={"compensate": self._defaults.applied(model.compensate)})
        opened = self._opened.get(step.id)
        if isinstance(opened, Opened):
            model = model.model_copy(update={"workflow": opened.name})
        if step.follows and step.follows not in [need.step for need in model.needs]:
            return model.model_copy(update={"needs": (NeedModel(step=step.follows), *model.needs)})
        return model

    def _read_head(self, raw: dict[str, Json]) -> None:
        without_steps = {key: value for key, value in raw.items() if key not in WRITTEN}
        self.problems += nulls(self._document, (), Workflow, without_steps)
        if "steps" not in raw:
            self._add("FR102", (), name="steps")
        self._head = without_steps
        self._validated(Workflow, (), {**without_steps, "steps": {}})
        if isinstance(raw.get("defaults"), dict):
            read = self._model(DefaultsModel, raw["defaults"])
            self._defaults = read if isinstance(read, DefaultsModel) else self._defaults
        self._defaults = self._defaults.under(self._environments.model.defaults)

    def _read_inputs(self, raw: Json) -> dict[str, InputModel | None]:
        if not isinstance(raw, dict):
            return {}
        inputs: dict[str, InputModel | None] = {}
        for name, value in raw.items():
            path = ("inputs", name)
            self._check_id(name, path, "the name of an input")
            read = self._model(InputModel, value)
            inputs[name] = read if isinstance(read, InputModel) else None
            if isinstance(read, InputModel):
                self.problems += [fault_at(self._document, path, fault) for fault in read.faults()]
        return inputs

    def _read_stage(self, raw: Mapping[str, Json], stage: Stage) -> None:
        value = raw.get(stage.value)
        if value is None:
            if stage.value in raw:
                self._add("FR110", (stage.value,), key=True, name=stage.value)
            return
        if not isinstance(value, dict | list):
            self._add("FR103", (stage.value,), found=described(value), expected="a map or a list of steps")
            return
        if not value and stage is Stage.STEPS and not any(one.code == "FR013" for one in self._document.problems):
            self._add("FR112", (stage.value,))  # else there are steps, with keys that could not be kept
        follows: str | None = None
        for step_id, path, item in self._named_steps(value, stage):
            if step_id in self.steps:
                first = self._document.position(self.steps[step_id].path, key=True)
                self._add("FR111", path, key=True, name=step_id, other=first, other_label="the other one")
                continue
            self.steps[step_id] = self._read_step(step_id, path, item, stage, follows)
            follows = step_id if isinstance(value, list) else None

    def _named_steps(self, value: Json, stage: Stage) -> Iterator[tuple[str, Path, Json]]:
        if isinstance(value, dict):
            for name, item in value.items():
                path: Path = (stage.value, name)
                self._check_id(name, path, "the id of a step")
                yield name, path, item
            return
        for at, item in enumerate(value):
            path = (stage.value, at)
            if not isinstance(item, dict):
                self._add("FR103", path, found=described(item), expected="a map")
                continue
            step_id = item.get("id")
            if "id" not in item:
                self._add("FR102", path, name="id")
            elif not isinstance(step_id, str):
                self._add("FR103", (*path, "id"), found=described(step_id), expected="text")
            else:
                self._check_id(step_id, (*path, "id"), "the id of a step", key=False)
            without = {key: value for key, value in item.items() if key != "id"}
            yield step_id if isinstance(step_id, str) else f"[{at}]", path, without

    def _read_step(self, step_id: str, path: Path, raw: Json, stage: Stage, follows: str | None) -> StepDraft:
        if not isinstance(raw, dict):
            if raw is None:
                self._add("FR110", path, key=True, name=step_id)
            else:
                self._add("FR103", path, found=described(raw), expected="a map")
            return StepDraft(step_id, path, stage, STEP_KINDS[0], {}, None, None, follows)
        kind = self._kind(path, raw)
        others = {key for other in STEP_KINDS if other is not kind for key in other.keys}
        own = {key: value for key, value in raw.items() if key not in others}
        self.problems += nulls(self._document, path, kind, own)
        read = self._validated(kind, path, own)
        model = read if isinstance(read, StepModel) else None
        needs = model.needs if model is not None else needs_of(raw.get("needs"))
        if model is not None:
            self.problems += [fault_at(self._document, path, fault) for fault in model.faults()]
        return StepDraft(step_id, path, stage, kind, raw, model, needs, follows)

    def _kind(self, path: Path, raw: Mapping[str, Json]) -> type[StepModel]:
        """The model of the step's kind; that of a job step where it cannot be told, with a problem."""
        kinds = [kind for kind in STEP_KINDS if any(key in raw for key in kind.keys)]
        if len(kinds) > 1:
            first, second = (next(key for key in kind.keys if key in raw) for kind in kinds[:2])
            self._add("FR106", (*path, second), key=True, first=first, second=second)
        if kinds:
            return kinds[0]
        every = [key for kind in STEP_KINDS for key in kind.keys]
        job = STEP_KINDS[0]
        misspelt = any(nearest(key, job.model_fields) in job.keys for key in raw)  # of which FR101 tells
        if not misspelt and not any(meant(key) in every for key in raw):
            self._add("FR105", path, key=True, kinds=", ".join(f"`{key}`" for key in every))
        return job

    def _check_id(self, name: str, path: Path, what: str, *, key: bool = True) -> None:
        if not IDENTIFIER.fullmatch(name):
            self._add("FR108", path, key=key, hint=strange_letter(name), name=shown(name), what=what)

    def _validated(self, model: type[Part], path: Path, raw: Mapping[str, Json]) -> Part | None:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            self.problems += problems_of(self._document, path, model, error)
            return None

    def _model(self, model: type[Part], raw: Json) -> Part | None:
        """The model of a value whose problems are already known."""
        try:
            return model.model_validate(raw)
        except ValidationError:
            return None

    def _add(self, code: str, path: Path, **fields: Any) -> None:
        self.problems.append(self._document.problem(code, path, **fields))
