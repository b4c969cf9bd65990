from flowrun.pictures.alike import folded
from flowrun.pictures.chart import Bar, Chart, Row, gathered, in_turn
from flowrun.pictures.drawing import Drawing, Node, Part
from flowrun.pictures.state import State
from flowrun.span import Span


def bar(begin: float, end: float) -> tuple[tuple[Bar, ...], ...]:
    return ((Bar(begin, end, State.SUCCEEDED),),)


def test_rows_come_in_the_order_in_which_they_began() -> None:
    rows = (Row("never", State.SKIPPED), Row("late", State.RUNNING, bar(5, 6)), Row("early", State.RUNNING, bar(1, 9)))
    assert [row.id for row in in_turn(Chart("t", rows, 9))] == ["early", "late", "never"]


def test_what_is_one_node_is_one_row_with_a_lane_for_each() -> None:
    nodes = tuple(Node(f"s{at}", "Same", state=State.SUCCEEDED) for at in range(70))
    rows = tuple(Row(f"s{at}", State.SUCCEEDED, bar(70 - at, 71), took=Span(at)) for at in range(70))
    chart = Chart("t", (*rows, Row("own", State.FAILED)), 71)
    (all_of_them, own) = gathered(chart, folded(Drawing("t", (Part(nodes),)))).rows
    assert (all_of_them.name, all_of_them.words, all_of_them.took) == ("s0 … 69", "70 steps", Span(69))
    assert [lane[0].begin for lane in all_of_them.lanes] == list(range(1, 71))
    assert own == Row("own", State.FAILED)


def test_what_is_foreseen_says_about_how_long() -> None:
    assert Row("a", State.FORESEEN, took=Span(62), words="3 legs").stand == "about 1m02s, 3 legs"
    assert Row("a", State.FORESEEN).stand == ""
    assert Row("a", State.SUCCEEDED, took=Span(62)).stand == "✓ succeeded 1m02s"
