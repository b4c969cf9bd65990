"""Who cannot see colour reads a word and a mark; who can reads text of enough contrast, in both themes."""

from __future__ import annotations

import pytest

from flowrun.pictures.state import DARK, LIGHT, MARKS, State, Theme

TEXT, SHAPE = 4.5, 3.0
"""What WCAG 2 asks for of text (AA), and of what is no text."""


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_all_text_can_be_read(theme: Theme) -> None:
    assert contrast(theme.ink, theme.paper) >= TEXT
    assert contrast(theme.faint, theme.paper) >= TEXT
    assert contrast(theme.line, theme.paper) >= SHAPE
    for state in State:
        colors = theme.states[state]
        assert contrast(colors.ink, colors.fill) >= TEXT, state
        assert contrast(colors.line, theme.paper) >= SHAPE, state


def test_every_state_has_a_mark_of_its_own() -> None:
    assert len(set(MARKS.values())) == len(State) == len(MARKS)
    assert {len(mark) for state, mark in MARKS.items() if state is not State.FORESEEN} == {1}
