"""Flags that several commands share."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from flowrun.cli import options
from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.errors import UsageError


@click.command()
@options.INPUT
@options.REPORT
@options.MAX_PARALLEL
@options.answering("json", "text")
def probe(console: Console, **given: object) -> Answer:
    """Keep what was given."""
    SEEN.update(given, form=console.form)
    return Answer()


SEEN: dict[str, object] = {}


def given(*arguments: str) -> dict[str, object]:
    SEEN.clear()
    assert probe.main(list(arguments), standalone_mode=False) == 0
    return dict(SEEN)


def test_inputs_are_pairs_in_which_the_value_may_be_anything() -> None:
    assert given("-i", "a=1", "--input", "b=x=y", "-i", "c=")["texts"] == {"a": "1", "b": "x=y", "c": ""}


def test_nothing_given_is_nothing() -> None:
    assert given() == {"texts": {}, "reports": {}, "max_parallel": None, "form": "json"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-i", "a"], "name=value"),
        (["-i", "=1"], "name=value"),
        (["-i", "a=1", "-i", "a=2"], "given twice"),
        (
            ["--report", "xml=out.xml"],
            "no format 'xml'; there is text, json, md, junit, sarif, gitlab, dotenv",
        ),
        (["--report", "junit=/nowhere/at/all.xml"], "folder that exists"),
        (["--report", "junit="], "folder that exists"),
        (["--max-parallel", "0"], "0"),
        (["-o", "yaml"], "yaml"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(arguments: list[str], says: str) -> None:
    with pytest.raises(click.UsageError, match=says):
        given(*arguments)


def test_reports_go_to_files(tmp_path: Path) -> None:
    assert given("--report", f"junit={tmp_path / 'out.xml'}", "--report", f"md={tmp_path / 'out.md'}")["reports"] == {
        "junit": tmp_path / "out.xml",
        "md": tmp_path / "out.md",
    }


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="is not a file"):
        given("--report", f"junit={tmp_path}")


def test_flags_become_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert options.load_settings(state_dir=str(tmp_path / "s")).state_dir == tmp_path / "s"
    with pytest.raises(UsageError, match="url"):
        options.load_settings(url="not a url")


def test_completion_of_runs_never_says_what_went_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "flowrun.toml").write_text("this is not TOML")
    monkeypatch.chdir(tmp_path)
    assert options._complete_runs(click.Context(probe), click.Argument(["run_id"]), "") == []
