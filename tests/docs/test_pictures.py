"""The pictures on the pages are what is drawn now: `python -m tests.docs.pictures` writes them anew."""

from __future__ import annotations

import re

import pytest

from tests.docs.pictures import FOLDER, ROOT, pictures

MADE = pictures()


@pytest.mark.parametrize("name", MADE)
def test_a_picture_is_current(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == MADE[name]


def test_every_picture_is_shown_and_said_in_words() -> None:
    page = (ROOT / "docs" / "how-to" / "see-what-happened.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[([^\]]+)\]\(\.\./pictures/([^)]+)\)", page))
    assert sorted(shown.values()) == sorted(MADE)
    assert all(len(words) > 20 for words in shown)
