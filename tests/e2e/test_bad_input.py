"""What is wrong is said with exit code 3 before anything is started, and no run is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.harness import Desk

LINE = "flowrun: 1\nname: tried\n"


@dataclass(frozen=True)
class Case:
    """What is typed, what stands in the file `tried.yaml` and in the catalog, and what the message must hold."""

    about: str
    arguments: tuple[str, ...]
    said: tuple[str, ...]
    workflow: str | bytes = ""
    catalog: Callable[[str], str] | None = None


def run(workflow: str | bytes, *said: str, about: str) -> Case:
    return Case(about, ("run", "specs/tried.yaml"), said, workflow)


def step(text: str) -> str:
    return f"{LINE}steps:\n  rates:\n    release: ReadRates\n{text}"


CASES = (
    Case("an unknown input", ("run", "specs/01-chain.yaml", "--input", "perod=2026-10"), ("perod", "period")),
    Case("an input without a value", ("run", "specs/01-chain.yaml", "--input", "period"), ("period",)),
    Case("an input that does not fit", ("run", "specs/01-chain.yaml", "--input", "period=October"), ("October",)),
    Case(
        "an input of another type",
        ("run", "specs/03-retry-and-finally.yaml", "--input", "busy_visits=many"),
        ("busy_visits", "many", "integer"),
    ),
    Case("no such inputs file", ("run", "specs/01-chain.yaml", "--inputs-file", "none.yaml"), ("none.yaml",)),
    Case("no such workflow", ("run", "specs/99-none.yaml"), ("99-none.yaml", "does not exist")),
    Case("a folder for a file", ("run", "specs"), ("specs", "folder")),
    Case("an unknown flag", ("run", "specs/01-chain.yaml", "--inputt", "period=2026-10"), ("--inputt", "--input")),
    Case("an unknown command", ("rum", "specs/01-chain.yaml"), ("rum", "run")),
    Case("no such run", ("runs", "resume", "20990101-nothing"), ("no runs",)),
    run(
        f"{LINE}inputs:\n  day: {{type: string}}\nsteps:\n  a: {{release: ReadRates}}\n",
        *("day", "--input"),
        about="an input that nobody gave",
    ),
    run("", about="an empty file"),
    run(b"flowrun: 1\nname: B\xfcro\n", "UTF-8", about="another encoding"),
    run(f"{LINE}steps: [\n", "tried.yaml:", about="YAML that does not close"),
    run(f"{LINE}steps:\n  a: {{release: ReadRates}}\n  a: {{release: ReadRates}}\n", ":5:3", about="a step twice"),
    run(step("    input_argument: {in_File: x}\n"), "input_argument", "input_arguments", about="an unknown key"),
    run(step("    depends_on: rates\n"), "depends_on", "needs", about="a word of another dialect"),
    run(step("    needs: rate\n"), "rate", "rates", about="a need that is no step"),
    run(
        f"{LINE}steps:\n  a: {{release: ReadRates, needs: b}}\n  b: {{release: ReadRates, needs: a}}\n",
        *("a", "b"),
        about="steps that need each other",
    ),
    run(step("    input_arguments: {in_File: 0065}\n"), "0065", "53", about="a number with a zero before it"),
    run(f"{LINE}steps:\n  a: {{release: ReadRate}}\n", "ReadRate", "ReadRates", about="a Release that does not exist"),
    run(
        step("    input_arguments: {in_File: x}\n    strategy: Specific\n    robots: [zoe]\n"),
        *("zoe", "ada"),
        about="a robot that does not exist",
    ),
    run(step("    input_arguments: {in_Fil: x}\n"), "in_Fil", "in_File", about="an argument that does not exist"),
    run(step("    input_arguments: {in_File: 7}\n"), "in_File", "string", about="an argument of another type"),
    Case(
        "a catalog that is no catalog",
        ("run", "specs/01-chain.yaml"),
        ("emulator.yaml", "commnd"),
        catalog=lambda text: text.replace("command:", "commnd:", 1),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at which nothing may ever begin."""
    made = Desk(tmp_path_factory.mktemp("quiet"))
    yield made
    count, jobs = made.run_count(), made.jobs()
    made.close()
    assert count == 0, "bad input left a run behind"
    assert jobs == [], "bad input started a Job"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_bad_input_is_said_and_starts_nothing(quiet: Desk, case: Case) -> None:
    content = case.workflow if isinstance(case.workflow, bytes) else case.workflow.encode()
    (quiet.specs / "tried.yaml").write_bytes(content)
    catalog = quiet.specs / "emulator.yaml"
    right = catalog.read_text(encoding="utf-8")
    try:
        if case.catalog is not None:
            catalog.write_text(case.catalog(right), encoding="utf-8")
        ended = quiet.flowrun(*case.arguments)
    finally:
        catalog.write_text(right, encoding="utf-8")
    assert ended.code == 3, ended.err
    assert ended.err.strip()
    assert ended.out == ""
    assert "Traceback" not in ended.err
    missing = [words for words in case.said if words not in ended.err]
    assert not missing, ended.err
    assert quiet.jobs() == []


def test_a_workflow_without_a_catalog_says_what_to_write(quiet: Desk, tmp_path: Path) -> None:
    alone = tmp_path / "alone.yaml"
    alone.write_text(step("    input_arguments: {in_File: x}\n"), encoding="utf-8")
    ended = quiet.flowrun("run", str(alone))
    assert ended.code == 3, ended.err
    assert "emulator.yaml" in ended.err
    assert "UIPATH_URL" in ended.err
