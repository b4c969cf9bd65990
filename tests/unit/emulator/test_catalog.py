from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowrun.emulator.catalog import NODE_LIMIT, SIZE_LIMIT, load_catalog
from flowrun.emulator.entities import Command
from flowrun.errors import Position, Problem, SpecError


def problems(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    path = folder / "emulator.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SpecError) as caught:
        load_catalog(path)
    assert caught.value.file == str(path)
    return caught.value.problems


def test_the_shortest_catalog_has_one_folder_and_four_robots(tmp_path: Path) -> None:
    path = tmp_path / "emulator.yaml"
    path.write_text("releases:\n  Add: [python, add.py]\n")
    catalog = load_catalog(path)
    assert [folder.path for folder in catalog.folders] == ["Shared"]
    assert [robot.name for robot in catalog.robots] == ["Robot1", "Robot2", "Robot3", "Robot4"]
    run = catalog.releases[0].run
    assert isinstance(run, Command)
    assert run.argv == (sys.executable, "add.py")
    assert run.working_folder == tmp_path


def test_all_problems_come_at_once_each_with_its_place(tmp_path: Path) -> None:
    text = """\
robots: [{name: A, idd: 3}]
releases:
  Add: {command: [python, add.py], version: 1.0, folder: x}
  Bad: python bad.py
  Both: {command: [a], builtin: echo}
  Odd: {builtin: ecko}
"""
    found = [(item.code, item.position, item.where) for item in problems(tmp_path, text)]
    assert found == [
        ("FR902", Position(1, 20), "robots[0].idd"),
        ("FR903", Position(3, 45), "releases.Add.version"),
        ("FR902", Position(3, 50), "releases.Add.folder"),
        ("FR903", Position(4, 8), "releases.Bad"),
        ("FR903", Position(5, 9), "releases.Both"),
        ("FR903", Position(6, 18), "releases.Odd.builtin"),
    ]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("Add: {comand: [a]}", "did you mean command?"),
        ("Add: {command: [a], cwd: x}", "did you mean working_folder?"),
        ("Add: {command: [a], version: 2}", 'write it in quotes: "2"'),
        ("Add: [{python}, add.py]", '"{python}"'),
    ],
)
def test_hints_say_what_to_write(tmp_path: Path, line: str, hint: str) -> None:
    hints = [problem.hint or "" for problem in problems(tmp_path, f"releases:\n  {line}\n")]
    assert any(hint in text for text in hints)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "FR901", "empty"),
        ("releases: {A: [", "FR901", "not YAML"),
        ("releases:\n  A: !python [a]\n", "FR901", "tag !python"),
        ("releases:\n  A: [a]\n  A: [b]\n", "FR901", "stands here twice"),
        ("- 1\n", "FR903", "dictionary"),
        ("robots: 3\n", "FR903", "no Release"),
        ("releases: {A: []}\n", "FR903", "empty"),
        ("releases: {A: ['{node}', x]}\n", "FR903", "no placeholder {node}"),
        ("robots: 0\nreleases: {A: [a]}\n", "FR903", "1 to 1000 robots"),
        ("folders: {F: {releases: {A: [a]}}}\nrobots: 1\n", "FR903", "inside a folder"),
        ("robots: [{id: 4}]\nreleases: {A: [a]}\n", "FR904", "name is missing"),
        ("robots: [A, A]\nreleases: {X: [a]}\n", "FR905", "robot name A is taken"),
        ("robots: [{name: A, id: 1}, {name: B, id: 1}]\nreleases: {X: [a]}\n", "FR905", "robot id 1 is taken by A"),
        ("releases: {A: {command: [a], working_folder: nope}}\n", "FR905", "nope does not exist"),
        ("releases: {A: {builtin: sleep, seconds: -1}}\n", "FR903", "greater than or equal"),
        ("folders: {/F/: {releases: {A: [a]}}}\n", "FR905", "Finance/Close"),
    ],
)
def test_wrong_catalogs(tmp_path: Path, text: str, code: str, said: str) -> None:
    found = problems(tmp_path, text)
    assert (found[0].code, said in found[0].message) == (code, True), found


def test_too_large_too_deep_and_exploding_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, b"#" * (SIZE_LIMIT + 1))[0].code == "FR906"
    assert problems(tmp_path, "[" * 5000)[0].code == "FR906"
    laughs = "x-a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for above, name in zip("abcde", "bcdef", strict=True):
        laughs += f"x-{name}: &{name} [{', '.join([f'*{above}'] * 10)}]\n"
    assert NODE_LIMIT < 10**6
    assert problems(tmp_path, laughs)[0].code == "FR906"


def test_a_missing_file_is_a_problem_without_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        load_catalog(tmp_path / "nowhere.yaml")
    assert "No such file" in caught.value.problems[0].message


def test_the_digest_is_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "emulator.yaml"
    path.write_text("releases: {A: [a]}\n")
    first = load_catalog(path).digest
    path.write_text("releases: {A: [b]}\n")
    assert load_catalog(path).digest != first
