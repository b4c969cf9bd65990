from __future__ import annotations

import pytest

from flowrun.errors import JournalError
from flowrun.journal import naming
from flowrun.journal.protocol import Ownership


@pytest.mark.parametrize("run_id", ["r", "20251009-112233-ab12", "A.b_c-d", "x" * 100])
def test_good_ids(run_id: str) -> None:
    naming.check(run_id)


@pytest.mark.parametrize("run_id", ["", "-r", "..", "a/b", "a\\b", "a:b", "a\x00b", "x" * 101])
def test_bad_ids_are_shown_with_what_to_use_instead(run_id: str) -> None:
    with pytest.raises(JournalError, match="cannot be the id of a run") as caught:
        naming.check(run_id)
    assert "letters, digits" in (caught.value.hint or "")


def test_a_text_keeps_all_that_an_encoding_can_carry() -> None:
    assert naming.plain("é😀\x00") == "é😀\x00"
    assert naming.plain("a\ud800b") == "a\\ud800b"


def test_who_lost_a_run_is_told_how() -> None:
    assert "epoch 4" in naming.taken_over(Ownership("r1", 3), 4).message
    assert "let go of" in naming.taken_over(Ownership("r1", 3), 3).message
