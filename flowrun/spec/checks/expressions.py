"""Rules about expressions: what they say, where they stand, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.core.plan import Json, Stage
from flowrun.errors import Problem
from flowrun.spec.draft import Draft
from flowrun.spec.fixes import of_dollar
from flowrun.spec.refusals import no_expression
from flowrun.spec.slots import Slot
from flowrun.spec.step_draft import StepDraft
from flowrun.spec.suggest import did_you_mean
from flowrun.templating.analysis import Reference
from flowrun.templating.syntax import is_template, templates

_STEP_FIELDS = ("result", "outcome", "cause", "outputs", "jobs", "attempt", "error")
_RUN_FIELDS = ("id", "key", "started_at")
_OTHER_WORDS = {
    "output": "outputs",
    "outputarguments": "outputs",
    "conclusion": "result",
    "status": "result",
    "state": "result",
    "reason": "cause",
    "info": "error",
    "message": "error",
    "matrix": "legs",
    "tries": "attempt",
}
_OUTPUT = "Write `steps.X.outputs.Name`, with the id of the step."
_INPUT = "Write `inputs.Name`."
_INSTEAD = {
    "steps": "Defaults hold for all steps, so they can read `inputs`, `env`, `run` and `workflow`.",
    "item": "Write `matrix.Name`, with a name of the matrix.",
    **dict.fromkeys(("outputs", "needs", "dependencies", "tasks", "jobs"), _OUTPUT),
    **dict.fromkeys(("params", "parameters", "args", "vars", "var", "variables", "github"), _INPUT),
}
_MOST_NAMED = 8


def expression_texts(draft: Draft) -> Iterator[Problem]:
    """FR301 to FR306: every expression can be read, and does nothing that it may not."""
    for slot in draft.slots:
        for fault in slot.faults:
            path = (*slot.path, *fault.in_path)
            in_key = fault.in_path[-1:] == (fault.expression,)
            place = draft.document.position(path, key=True) if in_key else draft.document.offset(path, fault.offset)
            fix = of_dollar(draft.document, place) if fault.code == "FR303" else ()
            hint = fault.hint or None
            yield draft.document.problem(fault.code, path, position=place, hint=hint, fix=fix, message=fault.message)


def misplaced_expressions(draft: Draft) -> Iterator[Problem]:
    """FR318: no expression where none is evaluated."""
    for step in draft.steps.values():
        for name, value in step.raw.items():
            if name in step.kind.templated or name in ("if", "fan_out", "repeat", "compensate"):
                continue
            for path, _ in templates(value):
                yield no_expression(draft.document, (*step.path, name, *path))
    inputs = draft.head.get("inputs")
    for path, _ in templates(inputs) if isinstance(inputs, dict) else ():
        if path[-1] != "description":
            yield no_expression(draft.document, ("inputs", *path))
    if is_template(draft.head.get("name")):
        yield draft.document.problem("FR318", ("name",), name="name")


def references(draft: Draft) -> Iterator[Problem]:
    """FR307 to FR316, FR320, FR321: every name in an expression exists, and has a value by then."""
    for slot in draft.slots:
        unread = {fault.expression for fault in slot.faults}
        for reference in slot.references:
            if reference.expression in unread:
                continue
            yield from _Look(draft, slot, reference).problems()


class _Look:
    """Looks at one name in one expression."""

    def __init__(self, draft: Draft, slot: Slot, reference: Reference) -> None:
        self._draft = draft
        self._slot = slot
        self._step = slot.step
        self._reference = reference
        self._names = reference.path

    def problems(self) -> Iterator[Problem]:
        """At most one problem."""
        match self._names[0]:
            case "run" | "steps" | "matrix" if self._slot.early:
                yield self._problem("FR320", name=self._names[0])
            case "inputs":
                yield from self._input()
            case "steps" if self._slot.results:
                yield from self._result()
            case "matrix":
                yield from self._matrix()
            case "outputs" if self._slot.own and self._step is not None:
                yield from self._output(self._step, 1)
            case "run" if self._second() == "key" and "run_key" not in self._draft.head:
                yield self._problem("FR321")
            case "run":
                yield from self._field(_RUN_FIELDS)
            case "workflow":
                yield from self._field(("name",))
            case "env" | "secrets":
                pass  # `checks.environment` and `checks.secrets` look at these
            case name:
                yield self._problem("FR307", hint=self._instead(name), name=name)

    def _problem(self, code: str, *, hint: str | None = None, **fields: Json) -> Problem:
        path = (*self._slot.path, *self._reference.in_path)
        words = (".".join(self._names), ".".join(self._names[:2]), self._names[0], self._reference.expression)
        place = self._draft.document.inside(path, *words)
        return self._draft.document.problem(code, path, position=place, hint=hint, **fields)

    def _input(self) -> Iterator[Problem]:
        name = self._second()
        if name is not None and name not in self._draft.inputs:
            hint = self._draft.guesses.did_you_mean(name, self._draft.inputs, "The inputs are")
            yield self._problem("FR308", hint=hint, name=name)

    def _field(self, known: tuple[str, ...]) -> Iterator[Problem]:
        name = self._second()
        root = self._names[0]
        if len(self._names) > 2:  # noqa: PLR2004 - run.id.field
            root, name = f"{root}.{name}", self._names[2]
            yield self._problem("FR316", hint=f"`{root}` is a text.", root=root, name=name)
        elif name is not None and name not in known:
            yield self._problem("FR316", hint=did_you_mean(name, known, "There is"), root=root, name=name)

    def _second(self) -> str | None:
        return self._names[1] if len(self._names) > 1 else None

    def _matrix(self) -> Iterator[Problem]:
        if not self._slot.legs:
            known = self._step is not None and "fan_out" in self._step.raw
            reason = "this is asked before there are legs" if known else "the step has no `fan_out`"
            if self._step is None:
                reason = "it belongs to the steps with a `fan_out`"
            yield self._problem("FR313", reason=reason)
            return
        name = self._second()
        known_names = _matrix_names(self._step)
        if name is not None and known_names is not None and name not in known_names:
            yield self._problem("FR314", hint=did_you_mean(name, known_names, "The matrix has"), name=name)

    def _result(self) -> Iterator[Problem]:
        name = self._second()
        if name is None:
            return
        step = self._step
        other = self._draft.steps.get(name)
        if other is None:
            options = (one for ids in self._draft.ids.values() for one in ids if step is None or one != step.id)
            hint = self._draft.guesses.did_you_mean(name, options, "The steps are")
            yield self._problem("FR309", hint=hint, name=name)
        elif step is not None and name == step.id:
            yield self._problem("FR315", name=name)
        elif step is not None and not self._reachable(step, other):
            yield self._problem("FR310", hint=self._ordering(step, other), name=name, step=step.id)
        else:
            yield from self._result_field(other)

    def _result_field(self, other: StepDraft) -> Iterator[Problem]:
        if len(self._names) < 3:  # noqa: PLR2004 - steps.X.field
            return
        name = self._names[2]
        known = (*_STEP_FIELDS, "legs") if "fan_out" in other.raw or other.model is None else _STEP_FIELDS
        if name not in known:
            meant = _OTHER_WORDS.get(name.lower().replace("_", ""))
            hint = f"Write `steps.{other.id}.{meant}`." if meant in known else did_you_mean(name, known, "There are")
            if name in (self._draft.promised(other) or ()):
                hint = f"Write `steps.{other.id}.outputs.{name}`."
            elif name == "legs":
                hint = "Only a step with a `fan_out` has legs."
            yield self._problem("FR311", hint=hint, step=other.id, name=name)
        elif name == "outputs":
            yield from self._output(other, 3)

    def _output(self, of: StepDraft, place: int) -> Iterator[Problem]:
        """The name of an output, which stands at that place of the path."""
        promised = self._draft.promised(of)
        if len(self._names) <= place or promised is None:
            return
        output = self._names[place]
        if output not in promised:
            hint = did_you_mean(output, promised, "It declares")
            yield self._problem("FR312", hint=hint, step=of.id, name=output)

    def _reachable(self, step: StepDraft, other: StepDraft) -> bool:
        """Whether the other step has surely ended; true too where the edges cannot tell."""
        if step.stage is Stage.FINALLY and other.stage is Stage.STEPS:
            return True
        if other.stage is not step.stage:
            return False
        ancestry = self._draft.ancestry
        return ancestry is None or step.id in self._draft.unclear or ancestry.precedes(other.id, step.id)

    def _ordering(self, step: StepDraft, other: StepDraft) -> str:
        if other.stage is not step.stage:
            return f"`{other.id}` is in `finally`, which begins when all `steps` have ended."
        ancestry = self._draft.ancestry
        if ancestry is not None and ancestry.precedes(step.id, other.id):
            return f"`{other.id}` comes after `{step.id}`."
        wanted = [need.step for need in step.needs or ()] + [other.id]
        return f"Add it to the needs of `{step.id}`: `needs: {wanted[0] if len(wanted) == 1 else _flow(wanted)}`."

    def _instead(self, name: str) -> str | None:
        if name in self._draft.steps:
            return f"Write `steps.{name}`, followed by `.outputs.Name` or `.result`."
        if name in self._draft.inputs:
            return f"Write `inputs.{name}`."
        roots = ("inputs", "steps", "matrix", "env", "secrets", "run", "workflow")
        return _INSTEAD.get(name) or did_you_mean(name, roots) or f'For the text itself write "{name}" in quotes.'


def _matrix_names(step: StepDraft | None) -> list[str] | None:
    """The names of a step's matrix; None where they cannot be known."""
    fan_out = step.raw.get("fan_out") if step else None
    if not isinstance(fan_out, dict) or not isinstance(fan_out.get("matrix"), dict):
        return None
    names = list(fan_out["matrix"])
    include = fan_out.get("include", [])
    if not isinstance(include, list):
        return None
    for entry in include:
        names += [key for key in entry if key not in names] if isinstance(entry, dict) else []
    return names


def _flow(names: list[str]) -> str:
    shown = names if len(names) <= _MOST_NAMED else ["...", names[-1]]
    return f"[{', '.join(shown)}]"
