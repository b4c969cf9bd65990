from __future__ import annotations

from flowrun.journal.head import Head, from_values
from flowrun.journal.protocol import RunRow

HEAD = Head(RunRow("r1", "invoices", "running", 1.0, None, "me"), 2, 3, b"hash", 4, 5, 6)


def test_a_row_that_was_written_is_read() -> None:
    assert from_values(HEAD.values()) == HEAD


def test_a_row_with_any_value_changed_is_not() -> None:
    values = HEAD.values()
    for place in range(len(values)):
        assert from_values((*values[:place], "other", *values[place + 1 :])) is None
