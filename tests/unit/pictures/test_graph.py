"""Every language of a graph: golden files, every step in it, nothing hostile through it."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from flowrun.pictures.graph import FORMS
from tests.golden.pictures.drawings import DRAWINGS, FORESEEN, HERE, HOSTILE

CASES = [(name, form) for name in DRAWINGS for form in FORMS]


@pytest.mark.parametrize(("name", "form"), CASES)
def test_it_is_as_it_was_looked_at(name: str, form: str) -> None:
    """`python -m tests.golden.pictures.drawings` writes these files anew."""
    golden = (HERE / f"{name}.graph.{form}").read_text(encoding="utf-8")
    assert FORMS[form](DRAWINGS[name]) == golden


@pytest.mark.parametrize(("name", "form"), CASES)
def test_every_step_is_named_and_the_text_ends_with_one_line_break(name: str, form: str) -> None:
    picture = FORMS[form](DRAWINGS[name])
    assert all(node.id in picture for part in DRAWINGS[name].parts for node in part.nodes)
    assert picture.endswith("\n")
    assert not picture.endswith("\n\n")


@pytest.mark.parametrize("form", ["mermaid", "svg"])
def test_nothing_hostile_is_markup(form: str) -> None:
    picture = FORMS[form](HOSTILE)
    assert "<script" not in picture
    assert "\x1b" not in picture
    assert "\u202e" not in picture


def test_a_hostile_name_stays_inside_its_quotes_in_dot() -> None:
    for line in FORMS["dot"](HOSTILE).splitlines():
        assert re.sub(r"\\.", "", line).count('"') % 2 == 0, line


def test_svg_is_xml_that_needs_nothing_from_elsewhere() -> None:
    for drawing in DRAWINGS.values():
        tree = ET.fromstring(FORMS["svg"](drawing))
        tags = {element.tag.partition("}")[2] for element in tree.iter()}
        assert tags <= {"svg", "title", "desc", "style", "rect", "g", "path", "text"}
        names = {name for element in tree.iter() for name in element.attrib}
        assert not {name for name in names if "href" in name or name.startswith("on")}
        assert tree.attrib["role"] == "img"
        labels = tree.attrib["aria-labelledby"].split()
        assert labels == [tree[0].attrib["id"], tree[1].attrib["id"]]
        assert tree[1].text


def test_json_says_what_is_drawn() -> None:
    said = json.loads(FORMS["json"](FORESEEN))
    first = said["parts"][0]
    assert [node["id"] for node in first["nodes"]] == ["bank", "rates", "value"]
    assert first["nodes"][0]["seconds"] == 300.0
    assert first["edges"][1] == {"before": "rates", "after": "value", "optional": True}
    assert said["parts"][3]["file"] == "bank.yaml"
