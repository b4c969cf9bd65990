"""What `flowrun init` writes is valid, formatted and tested; its CI files are as the platforms want them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Group

from flowrun import api
from flowrun.api.beginning import PIPELINES, TEMPLATES, begin
from flowrun.cli.commands import init
from flowrun.cli.main import app
from flowrun.errors import UsageError
from flowrun.spec.document import parse
from tests.published import vendored

PLATFORMS = {
    "github": (".github/workflows/flowrun.yml", "github-workflows"),
    "azure": ("azure-pipelines.yml", "azure-pipelines"),
    "gitlab": (".gitlab-ci.yml", "gitlab-ci"),
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_valid_formatted_and_green(template: str, tmp_path: Path) -> None:
    begun = begin(tmp_path / "new", template, "none")
    folder = begun.folder
    for file in (folder / begun.workflow, *sorted((folder / "specs" / "environments").iterdir())):
        assert api.check(file).problems == ()
    (test,) = folder.glob("specs/*.test.yaml")
    assert api.check_tests(test).problems == ()
    tidied = api.tidy([folder], write=False)
    assert len(tidied) == 4
    assert [one.file for one in tidied if one.differs or one.failed] == []
    tested = api.carry_out_tests([folder])
    assert tested.passed
    assert list(tested.outcomes)
    assert sorted(begun.written) == sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    for line in re.findall(r"\$schema=(\S+)", (folder / begun.workflow).read_text()):
        assert (folder / "specs" / line).is_file()


@pytest.mark.parametrize("ci", PLATFORMS)
def test_the_file_of_a_ci_system_is_as_its_platform_wants_it(ci: str, tmp_path: Path) -> None:
    name, schema = PLATFORMS[ci]
    begun = begin(tmp_path, "nightly", ci)
    assert name in begun.written
    text = (tmp_path / name).read_text()
    document = parse(text)
    assert document.problems == ()
    vendored(schema).validate(document.data)
    assert "@" not in re.sub(r"@v?\d", "", text)
    typed = re.findall(r"flowrun ([a-z]+) ([^\n`]*)", text)
    assert {words[0] for words in typed} >= {"fmt", "validate", "test", "plan", "run"}
    with app.make_context("flowrun", [], resilient_parsing=True) as context:
        for command, rest in typed:
            found = app.get_command(context, command)
            assert found is not None
            if not isinstance(found, Group):
                found.make_context(command, rest.split(), parent=context, resilient_parsing=False)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    begun = begin(tmp_path, "chain", "github")
    mine = tmp_path / begun.workflow
    mine.write_text("mine\n")
    (tmp_path / "specs" / "emulator.yaml").unlink()
    with pytest.raises(UsageError, match=r"already .*specs/statement\.yaml.*nothing was written") as refused:
        begin(tmp_path, "chain", "github")
    assert "--force" in str(refused.value.hint)
    assert mine.read_text() == "mine\n"
    assert not (tmp_path / "specs" / "emulator.yaml").exists()
    begin(tmp_path, "chain", "github", force=True)
    assert mine.read_text() != "mine\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n", "a\n.flowrun/\n"),
        ("a", "a\n.flowrun/\n"),
        ("", ".flowrun/\n"),
        (".flowrun\n", ".flowrun\n"),
        ("/.flowrun/\n", "/.flowrun/\n"),
    ],
)
def test_a_gitignore_that_is_there_is_given_a_line(before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(before)
    begun = begin(tmp_path, "empty", "none")
    assert (tmp_path / ".gitignore").read_text() == after
    assert begun.extended == (".gitignore" if before != after else "")
    assert ".gitignore" not in begun.written


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be"):
        begin(tmp_path / "file", "empty", "none")


def test_the_command_offers_what_there_is() -> None:
    assert init.TEMPLATES == TEMPLATES
    assert init.PIPELINES == PIPELINES
