"""What a page types is what the command line takes: each command, each option, each choice."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from flowrun.cli.main import app
from tests.docs.lines import typed
from tests.docs.pages import ROOT, blocks, tracked

PAGES = [page for page in tracked(".md") if "```" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_command_of_a_page_is_understood(page: Path) -> None:
    wrong = []
    for block in blocks(page):
        for line, words in typed(block):
            complaint = misunderstood(words)
            if complaint:
                wrong.append(f"{page.relative_to(ROOT)}:{line}: flowrun {' '.join(words)}: {complaint}")
    assert wrong == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["runs", "shew"], "There is no command"),
        (["run", "w.yaml", "--imput", "a=b"], "No such option"),
        (["run", "a.yaml", "b.yaml"], "unexpected extra argument"),
        (["graph", "w.yaml", "-f", "bmp"], "'bmp' is not one of"),
        (["run"], "Missing argument"),
        (["run", "w.yaml", "--input", "a=b"], ""),
        (["--help"], ""),
    ],
)
def test_what_is_wrong_is_found(words: list[str], complaint: str) -> None:
    found = misunderstood(words)
    assert complaint in found
    assert bool(found) == bool(complaint)


def misunderstood(words: list[str]) -> str:
    """What the command line would say against these words; nothing where it takes them. Nothing is carried out."""
    command: click.Command = app
    context: click.Context | None = None
    name = "flowrun"
    try:
        while True:
            context = _opened(command, name, words, context)
            if not isinstance(command, click.Group) or not (rest := [*context._protected_args, *context.args]):
                return ""
            found, inner, words = command.resolve_command(context, rest)
            assert inner is not None
            name, command = found or "", inner
    except click.exceptions.Exit:
        return ""
    except click.UsageError as error:
        return error.format_message()


def _opened(command: click.Command, name: str, words: list[str], parent: click.Context | None) -> click.Context:
    """The command with its words read, as far as they can be read without the files and values that they name."""
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):
            parameter.type.exists = False
    try:
        return command.make_context(name, list(words), parent=parent)
    except click.BadParameter as error:
        chosen = error.param is not None and isinstance(error.param.type, click.Choice)
        if chosen or isinstance(error, click.MissingParameter):
            raise
        raise click.exceptions.Exit from error
