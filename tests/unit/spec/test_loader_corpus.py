"""Bad workflows and what is said about them: `tests/golden/specs/*/*.yaml`, each with its answer in `*.txt`.

After a change of wording write the answers anew, and read the difference:
`FLOWRUN_WRITE_GOLDEN=1 pytest tests/unit/spec/test_loader_corpus.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from flowrun.spec.loader import load
from flowrun.spec.problems import catalogue, render_all

CORPUS = Path(__file__).parents[2] / "golden" / "specs"
SPECS = sorted(CORPUS.rglob("*.yaml"))
WRITE = bool(os.environ.get("FLOWRUN_WRITE_GOLDEN"))

NOT_IN_A_FILE = {
    **dict.fromkeys(
        ("FR281", "FR282", "FR283", "FR284", "FR285", "FR287", "FR288"),
        "about environments; test_environment_corpus.py",
    ),
    "FR002": "eight megabytes; test_document.py makes such a text",
    "FR221": "about what is given to a run; test_inputs.py",
    "FR222": "about what is given to a run; test_inputs.py",
    "FR223": "about what is given to a run; test_inputs.py",
    "FR276": "about what is given to a run; test_identity.py",
}


def said_about(spec: Path) -> str:
    text = spec.read_bytes().decode("utf-8", "surrogateescape")
    return render_all(load(text, spec.name).problems, text, spec.name) + "\n"


@pytest.mark.parametrize("family", sorted({spec.parent for spec in SPECS}), ids=lambda family: family.name)
def test_each_bad_workflow_gets_its_answer(family):
    for spec in sorted(family.glob("*.yaml")):
        answer = said_about(spec)
        golden = spec.with_suffix(".txt")
        if WRITE:
            golden.write_text(answer, encoding="utf-8")
        assert answer == golden.read_text(encoding="utf-8"), spec.name


def test_no_answer_is_without_its_workflow():
    assert {answer.with_suffix("") for answer in CORPUS.rglob("*.txt")} == {spec.with_suffix("") for spec in SPECS}


def test_the_corpus_reaches_every_code():
    reached = {code for answer in CORPUS.rglob("*.txt") for code in re.findall(r"FR\d{3}", answer.read_text("utf-8"))}
    offline = {code for code in catalogue() if code < "FR500"}
    assert offline - reached == set(NOT_IN_A_FILE)


def test_the_corpus_is_large():
    assert len(SPECS) >= 400
