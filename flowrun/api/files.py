"""What can be asked of a workflow's file alone: offline, and nothing is started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowrun.api import environments
from flowrun.api.library import shelf
from flowrun.api.texts import read_text
from flowrun.errors import Problem, SpecError, UsageError
from flowrun.settings import Choice
from flowrun.spec import loader, problems
from flowrun.spec.document import parse
from flowrun.spec.environment import Environments

if TYPE_CHECKING:
    from flowrun.core.plan import Json
    from flowrun.spec.library import Loaded

NONE_CHOSEN = Choice()
"""Nobody chose an environment."""


TEST_ENDINGS = (".test.yaml", ".test.yml")
"""How the name of a test file ends."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, its text, and all that was found in it, in order. `what` there is in it: `3 steps`.

    `others`: the texts of further files that problems are about.
    """

    file: Path
    text: str
    problems: tuple[Problem, ...]
    name: str
    step_count: int
    what: str = ""
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether it could run: warnings are no obstacle."""
        return not any(problem.severity == "error" for problem in self.problems)


def check(file: Path, choice: Choice = NONE_CHOSEN, text: str | None = None) -> Checked:
    """Everything that can be said about a file: of a workflow, or of an environment where it lies among these.

    A workflow is looked at with the environment that is chosen, else with all beside it. `text` is what the file would
    hold. Raises UsageError where a file cannot be read, or where there is no such environment.
    """
    if environments.is_one(file):
        found = environments.read(file, text)
        return Checked(file, found.text, found.problems, found.name, 0, "an environment")
    around = environments.around(file, choice)
    text, loaded = _load(file, around, text)
    workflow = loaded.workflow
    count = 0 if workflow is None else len(workflow.steps) + len(workflow.finally_)
    what = f"{count} step{'' if count == 1 else 's'}"
    name = "" if workflow is None else workflow.name
    problems = tuple(loaded.every_problem())
    return Checked(file, text, problems, name, count, what, {**loaded.texts(), **texts_of(around)})


def is_tests(file: Path) -> bool:
    """Whether a file holds tests of a workflow, as far as its name tells."""
    return file.name.endswith(TEST_ENDINGS)


def texts_of(around: Environments) -> Mapping[str, str]:
    """The texts of environments, by their files, for problems to be shown with."""
    return {one.file: one.text for one in around.every}


def load(file: Path, around: Environments) -> tuple[str, Loaded]:
    """The text of a valid workflow and what it says. Raises SpecError with every problem, UsageError."""
    text, loaded = _load(file, around)
    if loaded.workflow is None:
        _refuse_another(file, loaded.document.data)
    if loaded.workflow is None or any(problem.severity == "error" for problem in loaded.problems):
        others = {**loaded.texts(), **texts_of(around)}
        raise SpecError(tuple(loaded.every_problem()), file=str(file), text=text, others=others)
    return text, loaded


_OTHERS = {
    "flowrun_test": ("holds tests of a workflow", "flowrun test {file}"),
    "emulator": ("is the catalog of an emulator", "flowrun emulator --catalog {file}"),
    "made_from": ("is a saved plan", "flowrun show {file}, and flowrun apply {file}"),
}
"""What files of flowrun that are no workflows are known by, and what is done with them."""


def _refuse_another(file: Path, data: object) -> None:
    """Raises UsageError for another kind of file: forty problems would not say what it is."""
    found = next((one for key, one in _OTHERS.items() if isinstance(data, Mapping) and key in data), None)
    if found is not None:
        what, instead = found
        raise UsageError(f"{file} {what}, and no workflow", hint=instead.format(file=file))


def _load(file: Path, around: Environments, text: str | None = None) -> tuple[str, Loaded]:
    text = read_text(file) if text is None else text
    return text, loader.load(text, str(file), shelf(file, around), around)


def read_inputs(file: Path) -> Mapping[str, Json]:
    """The inputs in a YAML or JSON file. Raises SpecError, UsageError."""
    text = read_text(file)
    document = parse(text)
    if document.problems:
        raise SpecError(tuple(document.problems), file=str(file), text=text)
    if not isinstance(document.data, Mapping):
        raise UsageError(f"{file} must hold a map from the names of inputs to their values")
    return document.data


def render_problems(
    found: Iterable[Problem],
    text: str,
    file: str,
    *,
    color: bool = False,
    others: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The problems as people read them: place, code, the line itself, and what to write instead."""
    return problems.render_all(found, text, file, color=color, others=others)


def explain(code: str) -> str:
    """The paragraph about a problem's code. Raises UsageError for a code that there is not."""
    return problems.explain(code)


_SCHEMAS = {
    "workflow": "flowrun.spec.schema",
    "test": "flowrun.spec.trials.schema",
    "environment": "flowrun.spec.environment_schema",
    "settings": "flowrun.settings.schema",
    "event": "flowrun.journal.overview",
    "report": "flowrun.report.schema",
    "plan": "flowrun.review.schema",
}
"""Which file describes what, each loaded when it is asked for."""


def schema(what: str = "workflow") -> Mapping[str, Json]:
    """The JSON Schema of a workflow, its tests, an environment, the settings, an event, a report, a plan.

    Raises UsageError.
    """
    if what not in _SCHEMAS:
        *names, last = _SCHEMAS
        raise UsageError(f"there is no schema of {what!r}", hint=f"{', '.join(names)} or {last}")
    found: Mapping[str, Json] = import_module(_SCHEMAS[what]).schema()
    return found
