"""The pictures on the pages are what is drawn now: `python -m tests.docs.pictures` writes them anew."""

from __future__ import annotations

import re

from tests.docs.pictures import FOLDER, ROOT, pictures

NAMES = sorted(file.name for file in FOLDER.iterdir())


def test_each_picture_is_current() -> None:
    made = pictures()
    assert sorted(made) == NAMES
    for name, picture in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == picture, name


def test_every_picture_is_shown_and_said_in_words() -> None:
    page = (ROOT / "docs" / "how-to" / "see-what-happened.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[([^\]]+)\]\(\.\./pictures/([^)]+)\)", page))
    assert sorted(shown.values()) == NAMES
    assert all(len(words) > 20 for words in shown)
