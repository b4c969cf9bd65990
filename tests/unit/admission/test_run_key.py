from __future__ import annotations

from itertools import product

import pytest

from flowrun.admission.run_key import Answer, OnDuplicate, answer, differences


@pytest.mark.parametrize(("on_duplicate", "held", "agree"), [*product(OnDuplicate, (False, True), (False, True))])
def test_every_case(on_duplicate: OnDuplicate, *, held: bool, agree: bool) -> None:
    expected = Answer.FRESH
    if held and on_duplicate is OnDuplicate.RETURN:
        expected = Answer.SAME if agree else Answer.REFUSE
    if held and on_duplicate is OnDuplicate.FAIL:
        expected = Answer.REFUSE
    assert answer(on_duplicate, held=held, agree=agree) is expected


@pytest.mark.parametrize(
    ("before", "now", "names"),
    [
        ({}, {}, ()),
        ({"a": 1}, {"a": 1}, ()),
        ({"a": 1, "b": [1]}, {"a": 2, "b": [1]}, ("a",)),
        ({"a": None}, {}, ("a",)),
        ({}, {"a": None}, ("a",)),
        ({"old": 1, "both": 1}, {"both": 2, "new": 3}, ("both", "new", "old")),
    ],
)
def test_the_inputs_that_differ_are_named(
    before: dict[str, object], now: dict[str, object], names: tuple[str, ...]
) -> None:
    assert differences(before, now) == names
