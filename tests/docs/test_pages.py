"""The pages are true: links lead somewhere, commands exist, every ADR is numbered once, nothing names a machine."""

import re
from collections import Counter
from pathlib import Path

from click import Group

from flowrun.cli.main import app
from tests.docs.pages import ROOT, tracked

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^(?:\$ )?flowrun ((?:[a-z]+ ?)+)", re.MULTILINE)
FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


PAGES = tracked(".md")


def test_links_lead_somewhere() -> None:
    links = [
        (page, link) for page in PAGES for link in LINK.findall(page.read_text()) if not re.match(r"[a-z]+:", link)
    ]
    assert [(page, link) for page, link in links if not (page.parent / link).exists()] == []


def test_commands_in_pages_exist() -> None:
    texts = {page: page.read_text() for page in PAGES}
    typed = [
        (page, words) for page in PAGES for block in FENCE.findall(texts[page]) for words in COMMAND.findall(block)
    ]
    assert [(page, words) for page, words in typed if not exists(words.split())] == []


def exists(words: list[str]) -> bool:
    """Whether the first word is a command and, where that is a group, the second is one of its own."""
    with app.make_context("flowrun", [], resilient_parsing=True) as context:
        command = app.get_command(context, words[0])
        if isinstance(command, Group) and len(words) > 1:
            return command.get_command(context, words[1]) is not None
        return command is not None


def test_decisions_are_numbered_once_and_titled_by_their_number() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert records
    numbers = Counter(record.name[:4] for record in records)
    assert [number for number, count in numbers.items() if count > 1] == []
    for record in records:
        assert re.match(rf"# (ADR )?{int(record.name[:4])}[.:] ", record.read_text()), record.name


def test_nothing_that_is_committed_names_a_machine_or_a_registry() -> None:
    words = re.compile(r"(?<![\w.])/(?:root|work)/|pypi\.org|pythonhosted|registry\.npmjs|deb\.debian")
    texts = tracked(".md", ".py", ".toml", ".yaml", ".yml", ".txt", ".json", "run", "justfile")
    here = Path(__file__)
    named = [path for path in texts if path != here and words.search(path.read_text(errors="replace"))]
    assert [str(path.relative_to(ROOT)) for path in named] == []
