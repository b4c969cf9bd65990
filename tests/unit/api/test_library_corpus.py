"""Workflows of several files and what is said about them: `tests/golden/files/*/main.yaml`, each with a `main.txt`.

After a change of wording write the answers anew, and read the difference:
`FLOWRUN_WRITE_GOLDEN=1 pytest tests/unit/api/test_library_corpus.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from flowrun import api
from flowrun.spec.problems import catalogue

CORPUS = Path(__file__).parents[2] / "golden" / "files"
CASES = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())
WRITE = bool(os.environ.get("FLOWRUN_WRITE_GOLDEN"))


@pytest.mark.parametrize("case", CASES)
def test_each_bad_workflow_gets_its_answer(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS)
    checked = api.check(Path(case) / "main.yaml")
    assert not checked.valid
    answer = api.render_problems(checked.problems, checked.text, f"{case}/main.yaml", others=checked.others) + "\n"
    golden = CORPUS / case / "main.txt"
    if WRITE:
        golden.write_text(answer, encoding="utf-8")
    assert answer == golden.read_text(encoding="utf-8")


def test_the_page_names_every_case_and_the_cases_every_code() -> None:
    assert set(re.findall(r"`(\w+)/`", (CORPUS / "README.md").read_text("utf-8"))) == set(CASES)
    said = "".join(answer.read_text("utf-8") for answer in CORPUS.rglob("main.txt"))
    assert {code for code in catalogue() if code.startswith("FR6")} <= set(re.findall(r"FR\d{3}", said))
