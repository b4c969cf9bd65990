"""What is wrong with a test file beside its workflow: names that are not there, inputs that do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from flowrun.core.plan import Json, Plan, Step
from flowrun.errors import Problem
from flowrun.spec.document import Document, Path
from flowrun.spec.inputs import check_inputs
from flowrun.spec.problems import in_order
from flowrun.spec.suggest import did_you_mean, listed
from flowrun.spec.trials.models import AnswerModel, FileModel, JobModel
from flowrun.spec.trials.suite import Expected, Suite, Trial
from flowrun.steps.inputs import InputModel

_SCRIPTED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "jobs": (("job",), "job steps"),
    "answers": (("approval",), "approval steps"),
    "workflows": (("workflow",), "steps that run a file"),
}
"""For each key of a script the kinds of steps that it is for, and how they are called."""


def check(suite: Suite, plan: Plan, inputs: Mapping[str, InputModel]) -> tuple[Problem, ...]:
    """Every problem of a suite that shows beside the plan of its workflow, in order."""
    found = _Beside(suite.document, plan, inputs).all(suite.trials)
    return in_order(replace(one, file=suite.file) for one in found)


class _Beside:
    """A test file beside the plan of its workflow."""

    def __init__(self, document: Document, plan: Plan, inputs: Mapping[str, InputModel]) -> None:
        self._document = document
        self._plan = plan
        self._steps = {step.id: step for step in plan.steps}
        self._inputs = inputs

    def all(self, trials: Iterable[Trial]) -> Iterator[Problem]:
        for path in ((), *(trial.path for trial in trials)):
            yield from self._script(path)
        for trial in trials:
            yield from self._given(trial)
            yield from self._lines(trial)
            yield from self._expectations(trial)

    def _script(self, path: Path) -> Iterator[Problem]:
        for key, (kinds, words) in _SCRIPTED.items():
            script = self._document.at((*path, key))
            for step_id in script if isinstance(script, dict) else ():
                at = (*path, key, step_id)
                step = self._steps.get(step_id)
                if step is None:
                    fitting = [one.id for one in self._plan.steps if one.kind in kinds]
                    yield self._no_step(at, step_id, fitting)
                elif step.kind not in kinds:
                    fields = {"name": step_id, "kind": step.kind, "script": key, "kinds": words}
                    yield self._document.problem("FR703", at, key=True, **fields)

    def _given(self, trial: Trial) -> Iterator[Problem]:
        """The inputs. What is missing stands nowhere, so the test itself is the place."""
        _, found = check_inputs(self._inputs, trial.head.inputs)
        for one in found:
            name = one.where.removeprefix("inputs.")
            own: Path = (*trial.path, "inputs", name)
            path = own if self._written(own) else ("inputs", name) if self._written(("inputs", name)) else trial.path
            missing = path == trial.path
            hint = f"Write `inputs: {{{name}: …}}` in the test, or at the top for all." if missing else one.hint
            key = missing or one.code == "FR221"
            yield replace(one, position=self._document.position(path, key=key), hint=hint)

    def _written(self, path: Path) -> bool:
        return self._document.nearest(path) == path

    def _lines(self, trial: Trial) -> Iterator[Problem]:
        for script in (trial.jobs, trial.answers, trial.files):
            for step_id, lines in script.items():
                step = self._steps.get(step_id)
                if step is None:
                    continue
                for line in lines:
                    if line.says.leg is not None and step.fan_out is None:
                        yield self._document.problem("FR704", (*line.path, "leg"), key=True, name=step_id)
                    if isinstance(line.says, JobModel):
                        yield from self._outputs(step, line.path, line.says)
                    elif isinstance(line.says, FileModel):
                        where = (*line.path, "outputs")
                        yield from self._names("FR705", where, line.says.outputs, step.outputs, step.id, "output")
                    elif line.says.decision == "approve":
                        yield from self._filled_in(step, line.path, line.says)

    def _filled_in(self, step: Step, path: Path, says: AnswerModel) -> Iterator[Problem]:
        """What an approval asks for, as `flowrun runs approve` checks it."""
        asked = step.arguments.get("approval")
        declared = asked.get("inputs") if isinstance(asked, Mapping) else None
        inputs = {name: InputModel.model_validate(one) for name, one in (declared or {}).items()}
        _, found = check_inputs(inputs, says.inputs)
        for one in found:
            at = (*path, "inputs", one.where.removeprefix("inputs."))
            where = at if self._written(at) else path
            hint = "Write it under `inputs` of the answer." if where == path else one.hint
            yield replace(one, position=self._document.position(where, key=one.code == "FR221"), hint=hint)

    def _outputs(self, step: Step, path: Path, says: JobModel) -> Iterator[Problem]:
        yield from self._names("FR705", (*path, "outputs"), says.outputs, step.outputs, step.id, "output")
        for at, one in enumerate(says.jobs):
            where = (*path, "jobs", at, "outputs")
            yield from self._names("FR705", where, one.outputs, step.outputs, step.id, "output")

    def _expectations(self, trial: Trial) -> Iterator[Problem]:
        path: Path = (*trial.path, "expect")
        for step_id, expected in trial.steps.items():
            step = self._steps.get(step_id)
            if step is None:
                yield self._no_step(expected.path, step_id, self._steps)
            else:
                yield from self._expected(step, expected)
        for key in ("order", "never_started"):
            for at, name in enumerate(getattr(trial.head.expect, key)):
                yield from self._named((*path, key, at), name)
        expect = trial.head.expect
        for key in ("warnings", "doubts"):
            for at, name in enumerate(getattr(expect, key) or ()):
                yield from self._named((*path, key, at), name)
        for name in expect.outputs or {}:
            if name in self._plan.outputs:
                continue
            hint = did_you_mean(name, self._plan.outputs, "The outputs are")
            fields = {"name": "the workflow", "what": "output", "word": name}
            yield self._document.problem("FR705", (*path, "outputs", name), key=True, hint=hint, **fields)

    def _expected(self, step: Step, expected: Expected) -> Iterator[Problem]:
        path, came = expected.path, expected.came
        if step.fan_out is None and (expected.legs or expected.count is not None):
            yield self._document.problem("FR704", (*path, "legs"), key=True, name=step.id)
        yield from self._names("FR705", (*path, "outputs"), came.outputs, step.outputs, step.id, "output")
        given = step.arguments.get("input_arguments", step.arguments.get("inputs"))
        known = tuple(given) if isinstance(given, Mapping) else ()
        yield from self._names("FR705", (*path, "arguments"), came.arguments, known, step.id, "argument")
        for leg in expected.legs.values():
            yield from self._expected(_leg_of(step), leg)

    def _names(
        self, code: str, path: Path, given: Mapping[str, Json] | None, known: tuple[str, ...], step_id: str, what: str
    ) -> Iterator[Problem]:
        """Where nothing is declared, everything is allowed."""
        for name in (given or {}) if known else ():
            if name not in known:
                hint = did_you_mean(name, known, f"The {what}s are")
                fields = {"name": f"step `{step_id}`", "what": what, "word": name}
                yield self._document.problem(code, (*path, name), key=True, hint=hint, **fields)

    def _named(self, path: Path, name: str) -> Iterator[Problem]:
        step_id, _, leg = name.partition("[")
        step = self._steps.get(step_id)
        if step is None:
            yield self._no_step(path, step_id, self._steps, key=False)
        elif leg and step.fan_out is None:
            yield self._document.problem("FR704", path, name=step_id)

    def _no_step(self, path: Path, name: str, known: Iterable[str], *, key: bool = True) -> Problem:
        ids = list(known)
        hint = did_you_mean(name, self._steps) or listed(ids, "The steps are")
        return self._document.problem("FR702", path, key=key, hint=hint, name=name)


def _leg_of(step: Step) -> Step:
    """The step as one of its legs is looked at: without legs of its own."""
    return replace(step, fan_out=None)
