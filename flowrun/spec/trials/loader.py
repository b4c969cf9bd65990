"""A text becomes a Suite, with every problem that shows without its workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from flowrun.core.plan import Json
from flowrun.errors import Problem
from flowrun.spec.document import Document, Path, parse
from flowrun.spec.problems import in_order
from flowrun.spec.refusals import nulls, problems_of
from flowrun.spec.trials.models import (
    AbortModel,
    AnswerModel,
    FileModel,
    JobModel,
    LegCame,
    SpanModel,
    StepCame,
    SuiteModel,
    TrialModel,
)
from flowrun.spec.trials.suite import Expected, Line, Lines, Suite, Trial
from flowrun.steps.fields import Part, described, seconds, shown

_Model = TypeVar("_Model", bound=Part)
_Entry = TypeVar("_Entry", JobModel, AnswerModel, FileModel)


def load(text: str, file: str) -> Suite:
    """Read a test file. Never raises for what is written; every problem of the file is in the result, in order."""
    document = parse(text)
    reader = _Reader(document)
    head, trials = (None, ()) if document.data is None else reader.read()
    found = in_order(replace(problem, file=file) for problem in (*document.problems, *reader.problems))
    return Suite(document, file, head, trials, found)


class _Reader:
    """Reads one document, and collects problems on the way."""

    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._jobs: Lines[JobModel] = {}
        self._answers: Lines[AnswerModel] = {}
        self._files: Lines[FileModel] = {}

    def read(self) -> tuple[SuiteModel | None, tuple[Trial, ...]]:
        """The head, and the tests that can be carried out."""
        data = self._document.data
        if not isinstance(data, dict):
            self._add("FR012", (), found=described(data))
            return None, ()
        raw = {key: value for key, value in data.items() if not key.startswith("x-")}
        head = self._model(SuiteModel, (), raw)
        self._jobs = self._lines(JobModel, ("jobs",), raw.get("jobs"), own=False)
        self._answers = self._lines(AnswerModel, ("answers",), raw.get("answers"), own=False)
        self._files = self._lines(FileModel, ("workflows",), raw.get("workflows"), own=False)
        tests = raw.get("tests", [{}])
        if not isinstance(tests, list):
            self._add("FR103", ("tests",), found=described(tests), expected="a list of tests")
            return head, ()
        if not tests:
            self._add("FR708", ("tests",))
        trials = [self._trial(("tests", at), test, head) for at, test in enumerate(tests)] if "tests" in raw else []
        self._check_names([trial for trial in trials if trial])
        return head, tuple(trial for trial in trials if trial)

    def _check_names(self, trials: list[Trial]) -> None:
        first: dict[str, Path] = {}
        for trial in trials:
            name = trial.head.name
            if name in first:
                other = self._document.position((*first[name], "name"))
                self._add("FR707", (*trial.path, "name"), name=name, other=other, other_label="the other one")
            first.setdefault(name, trial.path)

    def _trial(self, path: Path, raw: Json, suite: SuiteModel | None) -> Trial | None:
        if not isinstance(raw, dict):
            self._add("FR103", path, found=described(raw), expected="a map")
            return None
        jobs = {**self._jobs, **self._lines(JobModel, (*path, "jobs"), raw.get("jobs"))}
        answers = {**self._answers, **self._lines(AnswerModel, (*path, "answers"), raw.get("answers"))}
        files = {**self._files, **self._lines(FileModel, (*path, "workflows"), raw.get("workflows"))}
        aborts = tuple(self._each(AbortModel, (*path, "abort"), raw.get("abort")))
        steps, span = self._expect((*path, "expect"), raw.get("expect"))
        head = self._model(TrialModel, path, raw)
        if head is None or suite is None:
            return None
        head = head.model_copy(update={"inputs": {**suite.inputs, **head.inputs}})
        scripts = (jobs, answers, files)
        return Trial(path, head, head.env or suite.env, *scripts, tuple(one for _, one in aborts), steps, span)

    def _lines(self, model: type[_Entry], path: Path, raw: Json, *, own: bool = True) -> Lines[_Entry]:
        return {
            step_id: tuple(Line(at, says, own) for at, says in self._each(model, (*path, step_id), value))
            for step_id, value in self._map(path, raw)
        }

    def _each(self, model: type[_Model], path: Path, raw: Json) -> Iterator[tuple[Path, _Model]]:
        """The models of a map, or of each map of a list."""
        if raw is None:
            return
        items = [((*path, at), item) for at, item in enumerate(raw)] if isinstance(raw, list) else [(path, raw)]
        for at, item in items:
            if not isinstance(item, dict):
                self._add("FR103", at, found=described(item), expected="a map")
            elif (read := self._model(model, at, item)) is not None:
                yield at, read

    def _expect(self, path: Path, raw: Json) -> tuple[Mapping[str, Expected], SpanModel | None]:
        if not isinstance(raw, dict):
            return {}, None
        if not raw:
            self._add("FR709", path, key=True)
        steps = {
            step_id: self._expected(StepCame, (*path, "steps", step_id), value)
            for step_id, value in self._map((*path, "steps"), raw.get("steps"))
        }
        known = {step_id: expected for step_id, expected in steps.items() if expected}
        return known, self._span((*path, "duration"), raw.get("duration"))

    def _expected(self, model: type[StepCame | LegCame], path: Path, raw: Json) -> Expected | None:
        """From a result alone, or a map."""
        if isinstance(raw, str):
            raw = {"result": raw}
        if not isinstance(raw, dict):
            self._add("FR103", path, found=described(raw), expected="a result or a map")
            return None
        came = self._model(model, path, raw)
        span = self._span((*path, "duration"), raw.get("duration"))
        legs = raw.get("legs") if model is StepCame else None
        if isinstance(legs, int) and not isinstance(legs, bool):
            return Expected(path, came, span, legs) if came else None
        parts = {
            str(key): self._expected(LegCame, (*path, "legs", key), value)
            for key, value in self._map((*path, "legs"), legs)
        }
        return Expected(path, came, span, legs={key: one for key, one in parts.items() if one}) if came else None

    def _span(self, path: Path, raw: Json) -> SpanModel | None:
        """A length of time: exactly so long, or a map of bounds."""
        if raw is None:
            return None
        if isinstance(raw, dict):
            return self._model(SpanModel, path, raw)
        try:
            exact = seconds(raw)
        except ValueError:
            self._add("FR201", path, found=shown(raw))
            return None
        return SpanModel.model_construct(at_least=exact, at_most=exact)

    def _map(self, path: Path, raw: Json) -> Iterator[tuple[str, Json]]:
        if isinstance(raw, dict):
            yield from raw.items()
        elif raw is not None:
            self._add("FR103", path, found=described(raw), expected="a map")

    def _model(self, model: type[_Model], path: Path, raw: Mapping[str, Json]) -> _Model | None:
        self.problems += nulls(self._document, path, model, raw)
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            self.problems += problems_of(self._document, path, model, error)
            return None

    def _add(self, code: str, path: Path, **fields: Any) -> None:
        self.problems.append(self._document.problem(code, path, **fields))
