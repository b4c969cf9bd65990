"""The tests of workflows: found, carried out on the core alone in virtual time, and recorded from real runs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from flowrun.api import environments
from flowrun.api.diagnosed import Page
from flowrun.api.files import TEST_ENDINGS, Checked, is_tests
from flowrun.api.library import shelf
from flowrun.api.texts import read_text
from flowrun.core.plan import Plan
from flowrun.errors import UsageError
from flowrun.planner.build import build, family
from flowrun.planner.identity import supposed
from flowrun.settings import Choice
from flowrun.span import Span
from flowrun.spec import loader as workflows
from flowrun.spec.inputs import check_inputs
from flowrun.spec.models import Workflow
from flowrun.spec.problems import in_order
from flowrun.spec.trials import loader as suites
from flowrun.spec.trials.checks import check
from flowrun.spec.trials.suite import Suite
from flowrun.templating.evaluator import Templates
from flowrun.trials.junit import Case, junit
from flowrun.trials.trial import Tried, carry_out


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """A test that was carried out, in so many seconds of real time."""

    tried: Tried
    seconds: float
    page: Page

    @property
    def virtual(self) -> Span:
        """What its run took on the virtual clock."""
        return Span(self.tried.took)


@dataclass(frozen=True, slots=True)
class TestedFile:
    """A test file: what is wrong with it or its workflow, or what came of its tests."""

    file: Path
    faults: tuple[Page, ...]
    outcomes: tuple[TestOutcome, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """All that was carried out. `seconds` is real time, loading included; `virtual` what the runs took in theirs."""

    files: tuple[TestedFile, ...]
    seconds: float

    @property
    def outcomes(self) -> Iterator[TestOutcome]:
        """All tests, in the order of the files."""
        return (outcome for file in self.files for outcome in file.outcomes)

    @property
    def virtual(self) -> float:
        """Seconds of virtual time that passed in all of them."""
        return sum(outcome.tried.took for outcome in self.outcomes)

    @property
    def spent(self) -> Span:
        """The same, as a length of time that says itself."""
        return Span(self.virtual)

    @property
    def valid(self) -> bool:
        """Whether every file could be carried out."""
        return not any(file.faults for file in self.files)

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return self.valid and all(outcome.tried.passed for outcome in self.outcomes)


def carry_out_tests(paths: Sequence[Path], pick: str = "") -> Tested:
    """Carry out the tests of these files and folders, those alone whose name holds `pick`. Raises UsageError."""
    began = time.perf_counter()
    files = tuple(_file(path, pick) for path in find_tests(paths))
    if pick and not any(file.outcomes or file.faults for file in files):
        raise UsageError(f"no test's name holds {pick!r}", hint="flowrun test -o name lists them")
    return Tested(files, time.perf_counter() - began)


def check_tests(file: Path, text: str | None = None) -> Checked:
    """Everything that can be said about a test file beside its workflow. Raises UsageError where it cannot be read.

    `text` is what the file would hold.
    """
    text = read_text(file) if text is None else text
    suite = suites.load(text, str(file))
    found = _workflow(file, suite, suite.head.env if suite.head else None)
    if not isinstance(found, Page):
        plan, workflow = found
        problems = (*suite.problems, *check(suite, plan, workflow.inputs))
        count = len(suite.trials)
        return Checked(file, text, in_order(problems), workflow.name, 0, f"{count} test{'' if count == 1 else 's'}")
    own = found.problems
    if found.file != str(file):
        reason = f"has problems of its own: flowrun validate {found.file}"
        own = (suite.document.problem("FR701", ("workflow",), name=Path(found.file).name, reason=reason),)
    return Checked(file, text, in_order((*suite.problems, *own)), "", 0)


def find_tests(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The test files that are meant: themselves, those below a folder, the one beside a workflow. Raises UsageError."""
    found: dict[Path, None] = {}
    for path in paths or (Path(),):
        found.update(dict.fromkeys(_below(path) if path.is_dir() else [_beside(path)]))
    if not found:
        names = ", ".join(str(path) for path in paths) or "this folder"
        raise UsageError(f"there is no *.test.yaml in {names}", hint="flowrun test --record RUN makes one")
    return tuple(found)


def _below(folder: Path) -> list[Path]:
    """Not those in folders that hide: an environment or a repository may have copies of anything."""
    every = [path for ending in TEST_ENDINGS for path in folder.rglob(f"*{ending}")]
    return sorted(path for path in every if not any(part[:1] == "." for part in path.relative_to(folder).parts))


def _beside(path: Path) -> Path:
    if is_tests(path):
        return path
    return path.with_name(f"{path.stem}.test{path.suffix}")


def test_pages(tested: Tested) -> list[Page]:
    """What is wrong with test files and their workflows, and the tests that failed."""
    faults = [page for file in tested.files for page in file.faults]
    return [*faults, *(one.page for one in tested.outcomes if not one.tried.passed)]


def test_junit(tested: Tested) -> str:
    """The tests as JUnit XML."""
    cases: dict[str, list[Case]] = {}
    for file in tested.files:
        faults = [Case(page.file, 0.0, page.problems, page.render(color=False)) for page in file.faults]
        carried_out = [
            Case(one.tried.name, one.seconds, one.tried.problems, one.page.render(color=False)) for one in file.outcomes
        ]
        cases[str(file.file)] = [*faults, *carried_out]
    return junit(cases)


def _file(path: Path, pick: str) -> TestedFile:
    text = read_text(path)
    suite = suites.load(text, str(path))
    own = (Page(str(path), text, suite.problems),) if suite.problems else ()
    found = _workflow(path, suite, suite.head.env if suite.head else None)
    if isinstance(found, Page):
        return TestedFile(path, (*own, found), ())
    plans = {trial.env: _workflow(path, suite, trial.env) for trial in suite.trials}
    pages = [page for page in plans.values() if isinstance(page, Page)]
    if pages:
        return TestedFile(path, tuple(pages), ())
    plan, workflow = found
    problems = in_order((*suite.problems, *check(suite, plan, workflow.inputs)))
    if problems:
        return TestedFile(path, (Page(str(path), text, problems),), ())
    return TestedFile(path, (), tuple(_carried_out(suite, plans, pick)))


Made: TypeAlias = tuple[Plan, Workflow] | Page
"""The plan of the workflow that is tested; else what is wrong with it."""


def _workflow(path: Path, suite: Suite, env: str | None) -> Made:
    """In this environment."""
    named = suite.document.at(("workflow",))
    named = named if isinstance(named, str) else None
    beside = path.with_name(f"{path.name.rpartition('.test.')[0]}{path.suffix}")
    file = path.parent / named if named else beside
    try:
        text = read_text(file)
    except UsageError as error:
        return _no_workflow(path, suite, str(named or beside.name), error.message.removeprefix(f"{file} "))
    try:
        around = environments.around(file, Choice(env))
    except UsageError as error:
        hint = f"; {error.hint}" if error.hint else ""
        return _no_workflow(path, suite, file.name, f"cannot be tested: {error.message}{hint}")
    loaded = workflows.load(text, str(file), shelf(file, around), around)
    errors = tuple(problem for problem in loaded.problems if problem.severity == "error")
    if loaded.workflow is None or errors:
        return Page(str(file), text, errors)
    values = around.model.vars
    return build(loaded.workflow, workflows=family(loaded, values), env=values), loaded.workflow


def _no_workflow(path: Path, suite: Suite, name: str, reason: str) -> Page:
    found = suite.document.problem("FR701", ("workflow",), name=name, reason=reason)
    return Page(str(path), suite.document.text, (found,))


def _carried_out(suite: Suite, plans: Mapping[str | None, Made], pick: str) -> Iterator[TestOutcome]:
    templates = Templates()
    for trial in suite.trials:
        if pick.casefold() not in trial.head.name.casefold():
            continue
        began = time.perf_counter()
        made = plans[trial.env]
        assert not isinstance(made, Page)  # noqa: S101 - the caller has looked
        plan, workflow = made
        inputs, _ = check_inputs(workflow.inputs, trial.head.inputs)
        tried = carry_out(suite, trial, supposed(plan, workflow, inputs), inputs, templates)
        page = Page(suite.file, suite.document.text, tried.problems)
        yield TestOutcome(tried, time.perf_counter() - began, page)
