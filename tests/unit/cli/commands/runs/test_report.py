"""`flowrun runs report`, on a real journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.cli.main import main
from tests.golden.reports.examples import golden

pytestmark = pytest.mark.usefixtures("journal")


@pytest.mark.parametrize("form", ["text", "json", "md", "junit"])
def test_each_form_goes_to_stdout(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "report", "20260921-101320-k8", "-f", form]) == 0
    assert capsys.readouterr() == (golden("failed", form).read_text(), "")


def test_or_to_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.xml"
    assert main(["runs", "report", "20260921-101320-k8", "--report", f"junit={out}"]) == 0
    assert out.read_text() == golden("failed", "junit").read_text()
    assert capsys.readouterr().out == f"{out}\n"


def test_markdown_may_be_written_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "report", "20260921-101320-k8", "-f", "markdown"]) == 0
    assert capsys.readouterr().out == golden("failed", "md").read_text()
    assert main(["runs", "report", "20260921-101320-k8", "--report", f"markdown={tmp_path / 'out.md'}"]) == 0
    assert (tmp_path / "out.md").read_text() == golden("failed", "md").read_text()


def test_a_form_of_the_report_is_no_form_of_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "report", "-o", "html"]) == 3
    assert "-f html" in capsys.readouterr().err


def test_another_form_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "report", "-f", "pdf"]) == 3
    assert "pdf" in capsys.readouterr().err
