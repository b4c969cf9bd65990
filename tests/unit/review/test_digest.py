import pytest

from flowrun.review.digest import canonical, digest


def test_the_order_of_keys_says_nothing_and_types_do() -> None:
    assert canonical({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"}) != digest({"a": True})


def test_what_is_no_json_has_no_digest() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        digest({"a": float("nan")})
