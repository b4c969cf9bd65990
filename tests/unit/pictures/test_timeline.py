"""Every language of a timeline: golden files, every step in it, nothing hostile through it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.pictures.chart import Bar, Chart, Row
from flowrun.pictures.state import State
from flowrun.pictures.timeline import FORMS, mermaid, svg
from flowrun.span import Span
from tests.golden.pictures.drawings import CHARTS, HERE

SVG = "{http://www.w3.org/2000/svg}"
CASES = [(name, form) for name in CHARTS for form in FORMS]


@pytest.mark.parametrize(("name", "form"), CASES)
def test_it_is_as_it_was_looked_at(name: str, form: str) -> None:
    """`python -m tests.golden.pictures.drawings` writes these files anew."""
    assert FORMS[form](CHARTS[name]) == (HERE / f"{name}.timeline.{form}").read_text(encoding="utf-8")


def test_svg_is_xml_that_needs_nothing_from_elsewhere() -> None:
    for chart in CHARTS.values():
        tree = ET.fromstring(svg.render(chart))
        tags = {element.tag.partition("}")[2] for element in tree.iter()}
        assert tags <= {"svg", "title", "desc", "style", "rect", "g", "path", "text"}
        assert not [name for element in tree.iter() for name in element.attrib if "href" in name or name[:2] == "on"]


def test_nothing_hostile_is_markup_or_ends_a_task() -> None:
    assert "<script" not in svg.render(CHARTS["hostile"])
    tasks = [line for line in mermaid.render(CHARTS["hostile"]).splitlines() if ":" in line and "Format" not in line]
    assert len(tasks) == 1
    assert re.fullmatch(r"  [^:;#<>{}]+ :(\w+, )?t0, [-0-9:. ]+, [-0-9:. ]+", tasks[0])


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    length = draw(st.floats(0, 1e7))
    rows = []
    for at in range(draw(st.integers(0, 60))):
        times = sorted(draw(st.lists(st.floats(0, length), max_size=4)))
        lane = tuple(Bar(begin, end, State.RUNNING) for begin, end in pairwise(times))
        rows.append(Row(f"step_{at}", State.RUNNING, (lane,) if lane else (), took=Span(1)))
    return Chart("any", tuple(rows), length)


@given(charts())
def test_every_bar_lies_on_the_axis_and_every_row_below_the_last(chart: Chart) -> None:
    tree = ET.fromstring(svg.render(chart))
    names = [text for text in tree.iter(f"{SVG}text") if (text.text or "").startswith("step_")]
    assert sorted(text.text or "" for text in names) == sorted(row.id for row in chart.rows)
    heights = [float(text.attrib["y"]) for text in names]
    assert all(below - above >= 15 for above, below in pairwise(heights))
    wide, high = (float(part) for part in tree.attrib["viewBox"].split()[2:])
    assert not heights or heights[-1] < high
    for path in tree.iter(f"{SVG}path"):
        for x, width in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", path.attrib["d"]):
            assert 0 <= float(x) <= float(x) + float(width) <= wide


@pytest.mark.parametrize("length", [0.05, 1, 59, 3599, 86_399, 400_000, 3e7])
def test_an_axis_has_a_handful_of_ticks_that_fit_in_words(length: float) -> None:
    ticks = list(svg._ticks(Chart("t", (), length)))
    assert 1 <= len(ticks) <= 10
    assert len({words for _, words in ticks}) == len(ticks)
    assert all(0 <= share <= 1 for share, _ in ticks)


def test_ticks_say_round_times() -> None:
    assert [words for _, words in svg._ticks(Chart("t", (), 1900))] == ["0", "5m", "10m", "15m", "20m", "25m", "30m"]
    assert [words for _, words in svg._ticks(Chart("t", (), 5, counted=True))] == ["0", "1", "2", "3", "4", "5"]


def test_mermaid_leaves_out_from_the_end_what_it_has_no_room_for() -> None:
    rows = tuple(Row(f"s{at}", State.SUCCEEDED, ((Bar(at, at + 1, State.SUCCEEDED),),)) for at in range(2000))
    picture = mermaid.render(Chart("long", rows, 2001, began="2026-11-23T22:55:01Z"))
    assert len(picture) <= 50_000
    shown = picture.count(" :done")
    assert 500 < shown < 2000
    assert f"title long, the first {shown} of 2000 steps" in picture
    assert "2026-11-23 22:55:01.000, 2026-11-23 22:55:02.000" in picture


def test_a_row_without_bars_is_told_all_the_same() -> None:
    row = Row("never", State.SKIPPED, words="condition")
    text = FORMS["text"](replace(CHARTS["running"], rows=(row,)))
    assert "never" in text
    assert "» skipped, condition" in text
