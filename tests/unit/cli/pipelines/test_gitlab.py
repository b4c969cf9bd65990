"""GitLab: sections of the log."""

from __future__ import annotations

import re

from flowrun.cli.pipelines.gitlab import PLATFORM
from flowrun.cli.pipelines.protocol import Ending


def test_a_section_begins_and_ends_as_documented() -> None:
    (opened,), (closed,) = PLATFORM.opened("the\nrun"), PLATFORM.closed()
    assert re.fullmatch(r"\x1b\[0Ksection_start:\d{10}:flowrun\r\x1b\[0Kthe run", opened)
    assert re.fullmatch(r"\x1b\[0Ksection_end:\d{10}:flowrun\r\x1b\[0K", closed)


def test_all_else_is_in_files() -> None:
    assert list(PLATFORM.ended(Ending(1, "failed", "x", "findings"), {})) == list(PLATFORM.masks(["secret"])) == []
