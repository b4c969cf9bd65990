"""Putting files right, round for round."""

from __future__ import annotations

from pathlib import Path

from flowrun.api.files import check
from flowrun.api.fixing import fix
from flowrun.settings import Choice

NO_YAML = """flowrun: 1
naem: n
steps:
  a:
    process: R
    args: {in_A: ${{ run.id }}}
  b:
    dependsOn: [a]
    release: R
    input_arguments: {in_A: [${{ run.id }}, "{{ run.id }}"]}
"""
WHOLE = """flowrun: 1
name: n
steps:
  a:
    release: R
    input_arguments: {in_A: "${{ run.id }}"}
  b:
    needs: [a]
    release: R
    input_arguments: {in_A: ["${{ run.id }}", "${{ run.id }}"]}
"""


def test_what_one_fix_brings_to_light_is_fixed_too(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(NO_YAML)
    looked = fix(file, Choice(), write=False)
    assert (file.read_text(), looked.after) == (NO_YAML, WHOLE)
    assert looked.diff().startswith(f"--- {file}\n+++ {file}\n")
    assert fix(file, Choice(), write=True).count == looked.count
    assert file.read_text() == WHOLE
    assert check(file).problems == ()
    assert fix(file, Choice(), write=True).count == 0


def test_a_round_that_leaves_as_many_errors_is_taken_back(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    text = "flowrun: 1\nname: n\nsteps:\n  a: {release: R, stratgy: Specific}\n"
    file.write_text(text)
    assert fix(file, Choice(), write=True).count == 0
    assert file.read_text() == text


def test_a_test_file_and_an_environment_are_fixed_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("flowrun: 1\nname: n\nsteps:\n  a: {wait: {for: 1s}}\n")
    test = tmp_path / "a.test.yaml"
    test.write_text("flowrun_test: 1\ntests:\n  - name: x\n    expct: {result: succeeded}\n")
    assert fix(test, Choice(), write=True).count == 1
    assert "expect:" in test.read_text()
    (tmp_path / "environments").mkdir()
    prod = tmp_path / "environments" / "prod.yaml"
    prod.write_text("descripton: x\n")
    assert fix(prod, Choice(), write=True).count == 1
    assert prod.read_text() == "description: x\n"


def test_another_file_is_not_touched(tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner.yaml", tmp_path / "outer.yaml"
    inner.write_text("flowrun: 1\nname: n\nsteps:\n  a: {releas: R}\n")
    outer.write_text("flowrun: 1\nname: n\nsteps:\n  a: {workflow: ./inner.yaml}\n")
    assert fix(outer, Choice(), write=True).count == 0
    assert "releas:" in inner.read_text()
