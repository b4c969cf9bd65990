from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.table import Table


def test_an_empty_table_has_nothing() -> None:
    assert len(Table()) == 0
    assert list(Table()) == []
    with pytest.raises(IndexError):
        Table()[0]


@pytest.mark.parametrize("length", [1, 63, 64, 65, 128, 200])
def test_it_reads_like_the_sequence_it_was_made_of(length: int) -> None:
    table = Table(range(length))
    assert list(table) == list(range(length))
    assert [table[at] for at in range(length)] == list(range(length))
    assert len(table) == length


@given(st.lists(st.integers(), min_size=1, max_size=200), st.data())
def test_put_replaces_one_item_in_a_new_table(items: list[int], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(items) - 1))
    before = Table(items)
    after = before.put(at, 7)
    assert list(before) == items
    assert list(after) == [*items[:at], 7, *items[at + 1 :]]
    assert len(after) == len(items)
    assert after == Table([*items[:at], 7, *items[at + 1 :]])


def test_put_shares_the_leaves_that_did_not_change() -> None:
    before = Table(range(200))
    after = before.put(70, 0)
    assert [mine is theirs for mine, theirs in zip(before._leaves, after._leaves, strict=True)] == [
        True,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("at", [-1, 3, 64])
def test_an_index_that_is_not_there_is_refused(at: int) -> None:
    table = Table("abc")
    with pytest.raises(IndexError):
        table[at]
    with pytest.raises(IndexError):
        table.put(at, "x")


def test_tables_of_equal_items_are_equal_and_hash_alike() -> None:
    assert Table("abc") == Table(["a", "b", "c"])
    assert hash(Table("abc")) == hash(Table(["a", "b", "c"]))
    assert Table("abc") != Table("abd")
    assert Table("abc") != ("a", "b", "c")
    assert repr(Table("ab")) == "Table(['a', 'b'])"
