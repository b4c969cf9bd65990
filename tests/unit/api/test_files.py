from pathlib import Path

import pytest

from flowrun import api
from flowrun.api.files import load
from flowrun.errors import UsageError
from flowrun.spec.environment import Environments

GOOD = "flowrun: 1\nname: two\nsteps:\n  a: {release: A}\n  b: {release: B, needs: a}\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "two.yaml"
    file.write_text(GOOD)
    return file


def test_a_good_file_is_valid_and_counted(good: Path) -> None:
    checked = api.check(good)
    assert (checked.valid, checked.name, checked.step_count) == (True, "two", 2)


def test_a_bad_file_is_not_an_exception_but_a_list_of_problems(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(GOOD.replace("needs: a", "needs: c"))
    checked = api.check(file)
    assert not checked.valid
    assert [problem.code for problem in checked.problems] == ["FR401"]
    assert "bad.yaml:5:" in api.render_problems(checked.problems, checked.text, str(file))


def test_a_file_that_is_not_there_is_named_with_its_neighbours(good: Path) -> None:
    with pytest.raises(UsageError, match="does not exist") as caught:
        api.check(good.with_name("tow.yaml"))
    assert caught.value.hint == "there is two.yaml"


def test_a_folder_is_no_workflow(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        api.check(tmp_path)


def test_bytes_that_are_no_text_are_a_problem_with_a_place(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(GOOD.encode() + "# für\n".encode("latin-1"))
    checked = api.check(file)
    assert [(problem.code, problem.position.line) for problem in checked.problems if problem.position] == [("FR001", 6)]


def test_inputs_are_read_from_yaml_and_json(tmp_path: Path) -> None:
    (tmp_path / "in.yaml").write_text("period: 2026-10\ncount: 3\n")
    (tmp_path / "in.json").write_text('{"period": "2026-10", "count": 3}')
    for name in ("in.yaml", "in.json"):
        assert api.read_inputs(tmp_path / name) == {"period": "2026-10", "count": 3}


def test_inputs_that_are_no_map_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in.yaml").write_text("- a\n")
    with pytest.raises(UsageError, match="must hold a map"):
        api.read_inputs(tmp_path / "in.yaml")


@pytest.mark.parametrize("what", ["workflow", "event", "report"])
def test_there_is_a_schema_of_everything_that_leaves_the_house(what: str) -> None:
    assert "$schema" in api.schema(what)


def test_there_is_no_schema_of_anything_else() -> None:
    with pytest.raises(UsageError):
        api.schema("picture")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flowrun_test: 1\ntests: []\n", "holds tests of a workflow"),
        ("emulator: 1\nreleases: {R: [python, r.py]}\n", "is the catalog of an emulator"),
        ('{"format": "flowrun.plan/1", "flowrun": "0.1.0", "made_from": {}}', "is a saved plan"),
    ],
)
def test_another_kind_of_file_is_named_as_what_it_is(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=said) as refused:
        load(file, Environments(None))
    assert str(file) in (refused.value.hint or "")
