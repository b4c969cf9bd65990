from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.orchestrator import odata

GUID = "795CBAB2-8008-4a54-b1cb-f9ff1ece139e"


@pytest.mark.parametrize(
    ("value", "literal"), [("a", "'a'"), ("O'Hara", "'O''Hara'"), ("' or 1 eq 1", "''' or 1 eq 1'")]
)
def test_text_cannot_leave_its_literal(value: Any, literal: Any) -> None:
    assert odata.text(value) == literal


def test_only_a_guid_is_a_guid() -> None:
    assert odata.guid(GUID) == GUID.lower()
    assert odata.is_guid(GUID)
    for other in ("x", "795cbab280084a54b1cbf9ff1ece139e", f"{{{GUID}}}", "1 or 1 eq 1", ""):
        assert not odata.is_guid(other)
    with pytest.raises(ValueError, match="hexadecimal"):
        odata.guid("1 or 1 eq 1")


def test_filters_by_id() -> None:
    assert odata.ids_in([1, 2]) == "Id in (1,2)"
    assert odata.ids_or([1, 2]) == "Id eq 1 or Id eq 2"


@given(st.lists(st.integers(0, 300), max_size=400), st.integers(1, 100))
def test_chunks_hold_each_id_once(ids: Any, size: Any) -> None:
    pieces = list(odata.chunks(ids, size))
    assert all(0 < len(piece) <= size for piece in pieces)
    assert [number for piece in pieces for number in piece] == list(dict.fromkeys(ids))


def test_pages_have_a_stable_order() -> None:
    assert odata.page(2, filter="a") == {"$filter": "a", "$orderby": "Id asc", "$top": "100", "$skip": "200"}
