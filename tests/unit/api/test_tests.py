from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from flowrun.api import tests as api
from flowrun.cli.main import main
from flowrun.errors import UsageError
from flowrun.spec.codes.trials import TRIALS
from flowrun.spec.document import parse
from flowrun.spec.trials import schema
from tests.published import check_junit, check_sarif

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "trials"
NAMES = sorted(path.name.removesuffix(".test.yaml") for path in GOLDEN.glob("*.test.yaml"))
SPECS = sorted(
    path
    for path in (ROOT / "specs").rglob("*.yaml")
    if path.name != "emulator.yaml" and path.parent.name != "environments"
)
WORKFLOW = """flowrun: 1
name: x
steps: {a: {release: A, outputs: {X: {type: integer}}}}
outputs: {x: "${{ steps.a.outputs.X }}"}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(WORKFLOW)
    return tmp_path


def write(here: Path, tests: str, name: str = "x.test.yaml") -> Path:
    (here / name).write_text(f"flowrun_test: 1\n{tests}")
    return Path(name)


GOOD = "tests: [{name: it works, jobs: {a: {outputs: {X: 1}, duration: 2h}}, expect: {outputs: {x: 1}}}]\n"
BAD = "tests: [{name: it fails, jobs: {a: {outputs: {X: 1}}}, expect: {outputs: {x: 2}}}]\n"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_is_said_with_its_place(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`flowrun test tests/golden/trials/NAME.test.yaml > tests/golden/trials/NAME.txt` writes it anew."""
    monkeypatch.chdir(ROOT)
    code = main(["test", f"tests/golden/trials/{name}.test.yaml", "--color", "never"])
    assert code == (1 if name == "failures" else 3)
    assert capsys.readouterr().out == (GOLDEN / f"{name}.txt").read_text()


def test_the_golden_files_show_every_code() -> None:
    shown = "".join((GOLDEN / f"{name}.txt").read_text() for name in NAMES)
    assert [entry.code for entry in TRIALS if entry.code not in shown] == []


@pytest.mark.parametrize("path", SPECS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_spec_has_tests_that_pass(path: Path) -> None:
    if ".test." in path.name:
        pytest.skip("is one")
    tested = api.carry_out_tests([path])
    assert [page.render(color=False) for file in tested.files for page in file.faults] == []
    assert [one.page.render(color=False) for one in tested.outcomes if not one.tried.passed] == []
    assert list(tested.outcomes)


@pytest.mark.parametrize("path", [path for path in SPECS if ".test." in path.name], ids=lambda path: path.stem)
def test_the_tests_of_the_specs_fit_the_schema_for_editors(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../")
    assert text.splitlines()[0].endswith("/schemas/test.schema.json")
    jsonschema.Draft7Validator(schema.schema()).validate(parse(text).data)


def test_virtual_time_costs_nothing(here: Path) -> None:
    write(here, GOOD)
    tested = api.carry_out_tests([])
    assert tested.passed
    assert (tested.virtual, str(tested.spent)) == (7200.0, "2h00m")


def test_files_are_found_below_a_folder_and_beside_a_workflow(here: Path) -> None:
    (here / "deep" / ".venv").mkdir(parents=True)
    write(here, GOOD)
    write(here, GOOD, "deep/y.test.yaml")
    write(here, GOOD, "deep/.venv/z.test.yaml")
    assert api.find_tests([]) == (Path("deep/y.test.yaml"), Path("x.test.yaml"))
    assert api.find_tests([Path("x.yaml")]) == (Path("x.test.yaml"),)
    assert api.find_tests([Path("x.yaml"), Path("x.test.yaml")]) == (Path("x.test.yaml"),)


def test_where_there_are_none_it_says_how_to_make_one(here: Path) -> None:
    with pytest.raises(UsageError, match=r"no \*\.test\.yaml in this folder"):
        api.carry_out_tests([])
    write(here, GOOD)
    with pytest.raises(UsageError, match="no test's name holds 'wrks'"):
        api.carry_out_tests([], "wrks")


def test_a_part_of_a_name_picks_tests(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, GOOD)
    write(here, BAD, "y.test.yaml")
    (here / "y.yaml").write_text(WORKFLOW)
    assert main(["test", "-k", "WORKS", "-o", "name"]) == 0
    assert capsys.readouterr().out == "it works\n"
    assert main(["test", "-o", "name"]) == 1


def test_the_answer_for_machines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, BAD)
    assert main(["test", "-o", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["result"], answer["data"]["passed"], answer["data"]["failed"]) == ("failed", 0, 1)
    (row,) = answer["data"]["tests"]
    assert (row["name"], row["line"], row["passed"]) == ("it fails", 2, False)
    (told,) = answer["diagnostics"]
    assert (told["code"], told["where"], told["line"]) == ("FR710", "tests[0].expect.outputs.x", 2)
    assert told["message"] == "expected 2, found 1"


def test_junit_tells_failures_from_errors(here: Path) -> None:
    write(here, GOOD)
    write(here, BAD, "y.test.yaml")
    (here / "y.yaml").write_text(WORKFLOW)
    write(here, "tests: [{name: nobody knows, expect: {result: succeeded}}]\n", "z.test.yaml")
    (here / "z.yaml").write_text(WORKFLOW)
    write(here, "tests: []\n", "broken.test.yaml")
    assert main(["test", "--junit", "out.xml"]) == 3
    root = ET.parse(here / "out.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "1", "3")
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("expected 2, found 1", "FR710")
    assert "y.test.yaml:2:" in (failure.text or "")


def test_what_failed_goes_into_the_reports_of_checkers(here: Path) -> None:
    write(here, GOOD)
    write(here, BAD, "y.test.yaml")
    (here / "y.yaml").write_text(WORKFLOW)
    write(here, "tests: []\n", "broken.test.yaml")
    forms = ("sarif", "gitlab", "junit")
    assert main(["test", *(word for form in forms for word in ("--report", f"{form}={form}"))]) == 3
    results = check_sarif((here / "sarif").read_text())["runs"][0]["results"]
    assert "FR710" in {one["ruleId"] for one in results}
    assert len(json.loads((here / "gitlab").read_text())) == len(results) > 1
    assert check_junit((here / "junit").read_text()).get("failures") == "1"


def test_a_report_that_cannot_be_written_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, GOOD)
    assert main(["test", "--junit", "no/such/out.xml"]) == 3
    assert "no/such/out.xml cannot be written" in capsys.readouterr().err


def test_a_workflow_with_problems_is_shown_with_them(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, GOOD)
    (here / "x.yaml").write_text("flowrun: 1\nname: x\nsteps: {a: {relaese: A}}\n")
    assert main(["test"]) == 3
    assert "x.yaml:3:" in capsys.readouterr().out
    assert main(["validate", "x.test.yaml"]) == 3
    assert "FR701" in capsys.readouterr().out


def test_validate_reads_tests_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, GOOD)
    assert main(["validate", "x.test.yaml"]) == 0
    assert capsys.readouterr().out == "x.test.yaml: valid, 1 test\n"
