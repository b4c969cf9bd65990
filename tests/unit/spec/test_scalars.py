from __future__ import annotations

import pytest

from flowrun.spec.scalars import NotJson, has_leading_zero, octal_reading, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("nULL", "nULL"),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("12", 12),
        ("-12", -12),
        ("+3", 3),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-10-31", "2026-10-31"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("-", "-"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("0065", 65),
        (str(2**63 - 1), 2**63 - 1),
        ("nothing", "nothing"),
    ],
)
def test_plain_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e400", str(2**63), "9" * 5000, "0x" + "f" * 40])
def test_numbers_that_json_cannot_hold_are_refused(text: str) -> None:
    with pytest.raises(NotJson):
        resolve(text)


def test_a_leading_zero_is_noticed() -> None:
    assert [text for text in ("0065", "-07", "0", "0.5", "10", "0x1") if has_leading_zero(text)] == ["0065", "-07"]


def test_both_readings_of_a_leading_zero_are_known() -> None:
    assert octal_reading("0065") == 53
    assert octal_reading("08") is None
