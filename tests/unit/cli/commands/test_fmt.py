"""`flowrun fmt`, on real files."""

from __future__ import annotations

import io
import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from flowrun.cli.main import main

UNTIDY = "name: n\nflowrun: 1\nsteps:\n    a: {wait: {for: 1s}} # one\n"
TIDY = "flowrun: 1\nname: n\nsteps:\n  a: {wait: {for: 1s}} # one\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "untidy.yaml").write_text(UNTIDY)
    (tmp_path / "tidy.yaml").write_text(TIDY)
    (tmp_path / "emulator.yaml").write_text("processes:   {}\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "untidy.yaml").write_text(UNTIDY)
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "prod.yml").write_text("vars: {a: 1}\ndescription: x\n")
    return tmp_path


def test_a_folder_is_formatted_and_what_is_not_ours_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert out == f"{folder}/environments/prod.yml: formatted\n{folder}/untidy.yaml: formatted\n"
    assert err == "2 formatted, 1 unchanged\n"
    assert (folder / "untidy.yaml").read_text() == TIDY
    assert (folder / "environments" / "prod.yml").read_text() == "description: x\nvars: {a: 1}\n"
    assert (folder / "emulator.yaml").read_text() == "processes:   {}\n"
    assert (folder / ".hidden" / "untidy.yaml").read_text() == UNTIDY
    assert main(["fmt", "--check", str(folder)]) == 0


def test_this_folder_is_what_is_meant_by_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert main(["fmt"]) == 0
    assert (folder / "untidy.yaml").read_text() == TIDY


@pytest.mark.parametrize("flags", [["--check"], ["--diff"], ["--check", "--diff"]])
def test_looking_writes_nothing_and_ends_with_2(
    flags: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "untidy.yaml"
    assert main(["fmt", str(file), *flags]) == 2
    assert file.read_text() == UNTIDY
    assert capsys.readouterr().err == "1 would change\n"


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
@pytest.mark.parametrize("text", [UNTIDY, UNTIDY.removesuffix("\n"), UNTIDY.replace("\n", "\r\n")])
def test_a_diff_is_one_that_patch_reads(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(text.encode())
    main(["fmt", "--diff", str(file)])
    diff = capsys.readouterr().out
    subprocess.run(["patch", "--binary", str(file)], input=diff.encode(), check=True, capture_output=True)
    assert file.read_bytes() == (TIDY.replace("\n", "\r\n") if "\r" in text else TIDY).encode()


def test_what_is_no_yaml_is_told_and_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "broken.yaml"
    file.write_text("flowrun: 1\nname: [\n")
    assert main(["fmt", str(folder)]) == 3
    out, err = capsys.readouterr()
    assert f"{file}:3:1: FR004" in out
    assert err == "2 formatted, 1 unchanged, 1 not formatted\n"
    assert file.read_text() == "flowrun: 1\nname: [\n"


def test_a_file_that_is_named_and_is_none_of_ours(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", str(folder / "emulator.yaml")]) == 3
    assert "stays as it is: it is no workflow" in capsys.readouterr().out


def test_as_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--check", "-o", "json", str(folder)]) == 2
    said = json.loads(capsys.readouterr().out)
    assert (said["result"], said["code"]) == ("different", 2)
    assert {Path(row["file"]).name: row["state"] for row in said["data"]} == {
        "prod.yml": "different",
        "tidy.yaml": "unchanged",
        "untidy.yaml": "different",
    }
    assert main(["fmt", "--check", "-o", "name", str(folder / "untidy.yaml")]) == 2
    assert capsys.readouterr().out == f"{folder}/untidy.yaml\n"


def test_from_stdin_to_stdout(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def piped(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    piped(UNTIDY)
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr() == (TIDY, "")
    piped(UNTIDY)
    assert main(["fmt", "-", "--check"]) == 2
    assert capsys.readouterr() == ("", "")
    piped("flowrun: [\n")
    assert main(["fmt", "-"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "<stdin>:2:1: FR004" in err
    piped("a: 1\n")
    assert main(["fmt", "-"]) == 3
    assert main(["fmt", "-", "a.yaml"]) == 3


def test_a_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "a.yaml", tmp_path / "link.yaml"
    file.write_text(UNTIDY)
    file.chmod(0o640)
    link.symlink_to(file)
    assert main(["fmt", str(link)]) == 0
    assert link.is_symlink()
    assert file.read_text() == TIDY
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "link.yaml"]


def test_a_file_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(UNTIDY)

    def refused(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refused)
    assert main(["fmt", str(file)]) == 3
    assert "No space left on device" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]
    assert file.read_text() == UNTIDY
