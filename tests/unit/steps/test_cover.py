from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.steps.cover import HIDDEN, Cover

VALUE = 'S3cr3t +/\\"käse"&x\n\U0001f511-end'
COVER = Cover([VALUE, "longer-than-that", "longer-than"])


def nested(text: str, depth: int) -> str:
    return text if depth == 0 else json.dumps(nested(text, depth - 1))


@pytest.mark.parametrize(
    "written",
    [
        VALUE,
        json.dumps(VALUE),
        json.dumps(VALUE, ensure_ascii=False),
        nested(VALUE, 2),
        nested(VALUE, 4),
        json.dumps(VALUE).replace("+", "\\u002B").replace("&", "\\u0026"),
        quote(VALUE, safe=""),
        quote(VALUE),
        quote_plus(VALUE),
        quote(VALUE, safe="").lower().replace("s3cr3t", "S3cr3t"),
        html.escape(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        base64.b64encode(b"u:" + VALUE.encode() + b" and more").decode(),
        base64.b64encode(b"user" + VALUE.encode()).decode(),
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
    ],
)
def test_a_value_is_known_in_every_form_in_which_programs_write_it(written):
    shown = COVER.text(f"said <{written}>")
    assert HIDDEN in shown
    assert not any(part in shown for part in ("S3cr3t", "end", "käse", written[4:-4]))


def test_the_longer_of_two_goes_first():
    assert COVER.text("longer-than-that, longer-than") == "***, ***"


@pytest.mark.parametrize("cut", range(8, len(VALUE)))
def test_what_a_cut_left_of_it_goes_too(cut):
    start, end = VALUE[:cut], VALUE[-cut:]
    for shown in (f"… {start}", f"{start}…", f"a {start}...", f"{end} b", f"…{end}"):
        assert HIDDEN in COVER.text(shown)
        assert VALUE[:8] not in COVER.text(shown)
        assert VALUE[-8:] not in COVER.text(shown)


def test_a_json_value_is_covered_in_keys_and_values_and_keeps_its_other_types():
    value = {VALUE: [1, True, None, 2.5, {"a": f"x{VALUE}"}], "plain": "text"}
    assert COVER.value(value) == {"***": [1, True, None, 2.5, {"a": "x***"}], "plain": "text"}
    assert Cover(["4711"]).value({"pin": 4711, "no": 47110}) == {"pin": "***", "no": 47110}


def test_without_values_everything_stays():
    assert Cover([]).text(VALUE) == VALUE
    assert Cover([]).value([VALUE]) == [VALUE]


@given(st.text(min_size=4, max_size=30), st.text(max_size=20), st.text(max_size=20), st.integers(0, 3))
def test_no_value_survives_in_json_however_deep(value, before, after, depth):
    shown = Cover([value]).text(nested(f"{before}{value}{after}", depth))
    for level in range(4):
        assert nested(value, level)[level : -level or None] not in shown or value in HIDDEN


@given(
    st.text('\\"/+-aB \n&é', min_size=4, max_size=12), st.text('\\"a', max_size=6), st.lists(st.booleans(), max_size=3)
)
def test_backslashes_of_its_own_are_told_from_those_of_json(value: str, around: str, levels: list[bool]) -> None:
    text = f"{around}{value}{around}"
    for ascii_only in levels:
        text = json.dumps(text, ensure_ascii=ascii_only)
    assert HIDDEN in Cover([value]).text(text)


@pytest.mark.parametrize("value", ['s3cret-&/v"x', "\\" * 20 + "a", '\\\\"abcd', '-+/"x', 'ab\\\\"cd', "/" * 30 + "x"])
def test_what_a_robot_says_may_be_long(value: str) -> None:
    """A run of backslashes was tried from each of them, and given back one by one: this would never end."""
    parts = ("\\", "&amp;", value[:-1], "\\u005c", '\\"', "/", f"{value[:2]}\\", "\\ ")
    for part in parts:
        assert Cover([value]).text(part * 10_000 + value).endswith(HIDDEN)


def test_a_long_value_is_looked_for_in_many_texts() -> None:
    value = "".join(f"{number:05}" for number in range(2_000))
    texts = [f"{value[-9:]}{number}" for number in range(20_000)]
    assert Cover([value]).value(texts) == [f"***{number}" for number in range(20_000)]
