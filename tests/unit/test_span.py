"""Lengths of time say themselves."""

from __future__ import annotations

import pytest

from flowrun.span import Span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0s"),
        (0.44, "0.4s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m00s"),
        (242, "4m02s"),
        (3599.7, "1h00m"),
        (3_900, "1h05m"),
        (86_400 * 2 + 3_600 * 3, "2d03h"),
        (-5, "0.0s"),
    ],
)
def test_a_span_says_itself(seconds: float, said: str) -> None:
    assert str(Span(seconds)) == said
    assert f"{Span(seconds)}" == said


def test_a_span_is_a_number_all_the_same() -> None:
    assert Span(1.5) + 1 == 2.5
    assert f"{Span(1.5):.3f}" == "1.500"
