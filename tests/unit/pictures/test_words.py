from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from flowrun.pictures.words import escaped, fitted, width


@given(st.text())
def test_whatever_is_escaped_is_xml_and_reads_the_same_where_it_can(text: str) -> None:
    read = ET.fromstring(f"<a b='{escaped(text)}'>{escaped(text)}</a>").text or ""
    assert len(read) == len(text)
    plain = [(one, other) for one, other in zip(read, text, strict=True) if one not in "\ufffd\n"]
    assert all(one == other for one, other in plain)


@given(st.text(max_size=60), st.floats(10, 400))
def test_what_is_fitted_fits(text: str, room: float) -> None:
    shown = fitted(text, 11, room)
    assert shown == "…" or width(shown, 11) <= room
    assert shown == text or "…" in shown


def test_names_are_cut_in_the_middle_since_they_differ_at_the_ends() -> None:
    assert fitted("notify_the_controller_by_mail_eu", 10, 120).startswith("notify")
    assert fitted("notify_the_controller_by_mail_eu", 10, 120).endswith("eu")
    assert width("漢字", 10) > width("ab", 10)
