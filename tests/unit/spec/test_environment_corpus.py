"""Workflows with environments, and what is said about them: `tests/golden/environments/*/`.

The answer is beside each: that without a choice, in `chosen/` that with its environment. After a change of wording:
`FLOWRUN_WRITE_GOLDEN=1 pytest tests/unit/spec/test_environment_corpus.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from flowrun.api.library import shelf
from flowrun.spec.environment import Environments, read
from flowrun.spec.loader import load
from flowrun.spec.problems import render_all
from tests.unit.spec.test_loader_corpus import NOT_IN_A_FILE

CORPUS = Path(__file__).parents[2] / "golden" / "environments"
CASES = sorted(path.parent for path in CORPUS.glob("*/workflow.yaml"))
WRITE = bool(os.environ.get("FLOWRUN_WRITE_GOLDEN"))


def said_about(folder: Path, *, chosen: bool) -> str:
    files = sorted(folder.glob("environments/*.yaml"))
    every = tuple(read(file.read_text("utf-8"), f"environments/{file.name}", file.stem) for file in files)
    around = Environments(chosen=every[0]) if chosen else Environments(others=every)
    text = (folder / "workflow.yaml").read_text(encoding="utf-8")
    others = {one.file: one.text for one in every}
    return (
        render_all(load(text, "workflow.yaml", environments=around).problems, text, "workflow.yaml", others=others)
        + "\n"
    )


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_each_gets_its_answer(folder):
    golden = folder / "answer.txt"
    answer = said_about(folder, chosen=folder.name == "chosen")
    if WRITE:
        golden.write_text(answer, encoding="utf-8")
    assert answer == golden.read_text(encoding="utf-8")


def test_they_reach_every_code_about_environments():
    reached = {code for answer in CORPUS.rglob("*.txt") for code in re.findall(r"FR\d{3}", answer.read_text("utf-8"))}
    wanted = {code for code, where in NOT_IN_A_FILE.items() if "environment" in where}
    assert wanted - reached == {"FR288"}, "FR288 is about a setting that goes before; test_environments.py of the api"


def test_a_sensitive_output_of_a_file_that_is_a_step_names_no_leg(tmp_path):
    (tmp_path / "inner.yaml").write_text(
        "flowrun: 1\nname: inner\nsteps: {a: {release: A, outputs: {T: {sensitive: true}}}}\n"
        "outputs: {token: '${{ steps.a.outputs.T }}'}\n"
    )
    text = (
        "flowrun: 1\nname: outer\nsteps:\n  i: {workflow: ./inner.yaml}\n"
        "  b:\n    needs: i\n    release: B\n    folder: ${{ steps.i.outputs.token }}\n"
        "    input_arguments: {in_T: '${{ steps.i.outputs.token }}'}\n"
    )
    found = load(text, "outer.yaml", shelf(tmp_path / "outer.yaml")).problems
    assert [(one.code, one.where) for one in found] == [("FR807", "steps.b.folder")]
