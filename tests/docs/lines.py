"""Command lines as they stand in a page: the words of each `flowrun …`, out of all that a shell understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from tests.docs.pages import Block

_BETWEEN = {"&&", "||", "|", ";", "&", "(", ")"}
_SET = re.compile(r"[A-Za-z_]\w*=.*")
_REDIRECTED = re.compile(r"\d?[<>]{1,2}(&\d)?")


def typed(block: Block) -> Iterator[tuple[int, list[str]]]:
    """Each command of flowrun in a block, with its line in the page. In a console only what follows a `$` is typed."""
    continued, at = "", 0
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if continued:
            text = f"{continued} {line.strip()}"
        elif block.language == "console":
            if not line.startswith("$ "):
                continue
            text, at = line[2:], number
        else:
            text, at = line.strip(), number
        if text.endswith("\\"):
            continued = text[:-1].rstrip()
            continue
        continued = ""
        yield from ((at, words) for words in _commands(text))


def _commands(text: str) -> Iterator[list[str]]:
    """The commands of flowrun in one line of a shell."""
    if "flowrun" not in text:
        return
    reader = shlex.shlex(text, posix=True, punctuation_chars="();&|")
    reader.commenters = "#"
    reader.wordchars += "<>$@%:!^+={}[],…"
    try:
        words = list(reader)
    except ValueError:
        return
    command: list[str] = []
    for word in (*words, ";"):
        if word in _BETWEEN:
            yield from _of_flowrun(command)
            command = []
        else:
            command.append(word)


def _of_flowrun(words: list[str]) -> Iterator[list[str]]:
    while words and _SET.fullmatch(words[0]):
        words = words[1:]
    if words[:1] != ["flowrun"]:
        return
    kept: list[str] = []
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif _REDIRECTED.fullmatch(word):
            skip = "&" not in word
        else:
            kept.append(word)
    yield kept
