"""Nothing outside of the folder of a workflow is opened, however the way there is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowrun import api
from flowrun.api.library import DEEPEST, shelf
from flowrun.spec.library import Opened
from flowrun.steps.fields import Fault

GOOD = "flowrun: 1\nname: good\nsteps:\n  a: {release: A}\n"
SECRET = "flowrun: 1\nname: secret\nsteps:\n  a: {release: Hidden}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`specs/main.yaml` and `specs/parts/good.yaml`, with `secret.yaml` and `specs-2/secret.yaml` outside."""
    specs = tmp_path / "specs"
    (specs / "parts").mkdir(parents=True)
    (specs / "main.yaml").write_text(GOOD)
    (specs / "parts" / "good.yaml").write_text(GOOD)
    (tmp_path / "specs-2").mkdir()
    for place in (tmp_path, tmp_path / "specs-2"):
        (place / "secret.yaml").write_text(SECRET)
    return specs


def opened(folder: Path, path: str) -> Opened | Fault:
    return shelf(folder / "main.yaml").open(path)


@pytest.mark.parametrize(
    "path", ["parts/good.yaml", "./parts/good.yaml", "parts/../parts/./good.yaml", "parts//good.yaml"]
)
def test_a_file_has_one_name_however_it_is_written(folder: Path, path: str) -> None:
    found = opened(folder, path)
    assert isinstance(found, Opened)
    assert (found.name, found.loaded.file) == ("parts/good.yaml", str(folder / "parts" / "good.yaml"))


def outside(found: Opened | Fault) -> bool:
    return isinstance(found, Fault) and found.code == "FR602"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.yaml",
        "../specs-2/secret.yaml",
        "parts/../../secret.yaml",
        "../specs/../secret.yaml",
        "../not-there.yaml",
        "parts/" + "../" * 60 + "etc/hosts",
    ],
)
def test_no_way_up_leads_out(folder: Path, path: str) -> None:
    assert outside(opened(folder, path))


def test_no_absolute_path_is_followed_not_even_inside(folder: Path) -> None:
    assert outside(opened(folder, str(folder.parent / "secret.yaml")))
    assert outside(opened(folder, str(folder / "parts" / "good.yaml")))


def test_a_way_up_that_stays_inside_is_fine(folder: Path) -> None:
    (folder / "parts" / "outer.yaml").write_text("flowrun: 1\nname: o\nsteps:\n  a: {workflow: ../other.yaml}\n")
    (folder / "other.yaml").write_text(GOOD)
    found = opened(folder, "parts/outer.yaml")
    assert isinstance(found, Opened)
    assert (found.loaded.problems, list(found.loaded.workflows)) == ((), ["other.yaml"])


@pytest.mark.parametrize("target", ["../secret.yaml", "../specs-2/secret.yaml"])
def test_a_link_to_a_file_outside_is_not_followed(folder: Path, target: str) -> None:
    (folder / "link.yaml").symlink_to(target)
    assert outside(opened(folder, "link.yaml"))


def test_a_link_to_a_folder_outside_is_not_followed(folder: Path) -> None:
    (folder / "link").symlink_to("../specs-2", target_is_directory=True)
    assert outside(opened(folder, "link/secret.yaml"))
    (folder / "parts" / "up").symlink_to(folder.parent, target_is_directory=True)
    assert outside(opened(folder, "parts/up/secret.yaml"))
    assert isinstance(opened(folder, "parts/up/specs/parts/good.yaml"), Opened), "it comes back in"


def test_a_chain_of_links_is_followed_to_its_end(folder: Path) -> None:
    (folder / "a.yaml").symlink_to("b.yaml")
    (folder / "b.yaml").symlink_to("../c.yaml")
    (folder.parent / "c.yaml").symlink_to("secret.yaml")
    assert outside(opened(folder, "a.yaml"))


def test_a_link_inside_is_the_file_that_it_leads_to(folder: Path) -> None:
    (folder / "link.yaml").symlink_to("parts/good.yaml")
    found = opened(folder, "link.yaml")
    assert isinstance(found, Opened)
    assert found.name == "parts/good.yaml"


def test_links_in_a_circle_and_into_nothing_are_no_files(folder: Path) -> None:
    (folder / "x.yaml").symlink_to("y.yaml")
    (folder / "y.yaml").symlink_to("x.yaml")
    (folder / "dead.yaml").symlink_to("nowhere.yaml")
    for path in ("x.yaml", "dead.yaml"):
        found = opened(folder, path)
        assert isinstance(found, Fault)
        assert found.code == "FR601"


def test_a_dead_link_that_leads_out_is_outside(folder: Path) -> None:
    (folder / "dead.yaml").symlink_to("../nothing.yaml")
    assert outside(opened(folder, "dead.yaml"))


def test_a_cycle_through_a_link_is_one(folder: Path) -> None:
    (folder / "link.yaml").symlink_to("main.yaml")
    found = opened(folder, "link.yaml")
    assert isinstance(found, Fault)
    assert (found.code, found.fields["cycle"]) == ("FR604", "main.yaml -> main.yaml")


def test_the_folder_is_that_of_the_file_and_not_of_a_link_to_it(folder: Path) -> None:
    (folder.parent / "close.yaml").symlink_to("specs/main.yaml")
    reached = shelf(folder.parent / "close.yaml")
    assert isinstance(reached.open("parts/good.yaml"), Opened)
    assert outside(reached.open("../secret.yaml"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    found = opened(folder, "pipe.yaml")
    assert isinstance(found, Fault)
    assert (found.code, found.fields["reason"]) == ("FR603", "is no file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_nobody_may_read_is_said(folder: Path) -> None:
    (folder / "parts" / "good.yaml").chmod(0)
    found = opened(folder, "parts/good.yaml")
    assert isinstance(found, Fault)
    assert found.code == "FR603"


@pytest.mark.parametrize("path", ["\ud800.yaml", "x" * 5000, "a\0b", " ", "~/x.yaml", "https://example.com/x.yaml"])
def test_what_is_no_path_is_no_file(folder: Path, path: str) -> None:
    found = opened(folder, path)
    assert isinstance(found, Fault)
    assert found.code in ("FR601", "FR603")


def row(folder: Path, length: int) -> None:
    for at in range(length):
        name = "main" if at == 0 else f"f{at}"
        step = "{release: A}" if at == length - 1 else f"{{workflow: f{at + 1}.yaml}}"
        (folder / f"{name}.yaml").write_text(f"flowrun: 1\nname: {name}\nsteps:\n  a: {step}\n")


def test_eight_files_below_the_first_are_the_most(folder: Path) -> None:
    row(folder, DEEPEST + 1)
    assert api.check(folder / "main.yaml").valid
    row(folder, DEEPEST + 2)
    assert "FR605" in {problem.code for problem in api.check(folder / "main.yaml").problems}


def test_depth_counts_from_where_a_file_is_named_though_it_was_read_before(folder: Path) -> None:
    row(folder, DEEPEST + 1)
    (folder / "main.yaml").write_text(
        "flowrun: 1\nname: main\nsteps:\n  a: {workflow: f1.yaml}\n  b: {workflow: g.yaml}\n"
    )
    (folder / "g.yaml").write_text("flowrun: 1\nname: g\nsteps:\n  a: {workflow: f1.yaml}\n")
    found = [(problem.file, problem.code) for problem in api.check(folder / "main.yaml").problems]
    assert (str(folder / "g.yaml"), "FR605") in found


def test_a_file_that_many_name_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten files on each of eight floors, each naming all of the next: a hundred million ways, and 80 files."""
    for floor in range(DEEPEST):
        below = ", ".join(f"x{side}: {{workflow: f{floor + 1}-{side}.yaml}}" for side in range(10))
        steps = below if floor < DEEPEST - 1 else "x: {release: A}"
        for side in range(10):
            (folder / f"f{floor}-{side}.yaml").write_text(f"flowrun: 1\nname: f\nsteps: {{{steps}}}\n")
    first = ", ".join(f"x{side}: {{workflow: f0-{side}.yaml}}" for side in range(10))
    (folder / "main.yaml").write_text(f"flowrun: 1\nname: main\nsteps: {{{first}}}\n")
    read: list[str] = []
    original = Path.read_bytes

    def counted(path: Path) -> bytes:
        read.append(path.name)
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    assert api.check(folder / "main.yaml").valid
    assert sorted(read) == sorted({*read})
    assert len(read) == 10 * DEEPEST + 1


def test_problems_are_told_with_the_lines_of_their_own_file(folder: Path) -> None:
    (folder / "main.yaml").write_text("flowrun: 1\nname: main\nsteps:\n  a: {workflow: parts/bad.yaml}\n")
    (folder / "parts" / "bad.yaml").write_text(GOOD + "  b: {relaese: B}\n")
    checked = api.check(folder / "main.yaml")
    shown = api.render_problems(checked.problems, checked.text, str(checked.file), others=checked.others)
    assert "  4 |   a: {workflow: parts/bad.yaml}" in shown
    assert "  5 |   b: {relaese: B}" in shown
