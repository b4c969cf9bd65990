"""A plan as a Drawing."""

from __future__ import annotations

from flowrun.core.plan import Condition, FanOut, Need, Plan, Stage, Step
from flowrun.pictures.drawing import Edge, Node
from flowrun.pictures.graph import FORMS
from flowrun.planner.picture import drawing
from flowrun.span import Span

INNER = Plan("inner", (Step("read", "job", {"release": "Read"}),))
PLAN = Plan(
    "month_close",
    (
        Step("list", "job", {"release": 'List "all"'}),
        Step("post", "workflow", {"workflow": "in.yaml"}, needs=(Need("list"),), fan_out=FanOut({"ledger": [1]})),
        Step("fx", "job", {"release": "Rates"}),
        Step("end", "wait", needs=(Need("post", optional=True), Need("fx")), condition=Condition("inputs.slow")),
        Step("post.compensate", "job", {"release": "Undo"}, stage=Stage.COMPENSATE, undoes="post"),
        Step("tidy", "job", {"release_key": "795cbab2"}, stage=Stage.FINALLY),
    ),
)


def test_every_stage_and_every_file_is_a_part() -> None:
    made = drawing(PLAN, {"in.yaml": INNER})
    assert [(part.file, part.stage, part.title) for part in made.parts] == [
        ("", "", ""),
        ("", "compensate", ""),
        ("", "finally", ""),
        ("in.yaml", "", "in.yaml: inner"),
    ]
    first, undo, tidy, inside = made.parts
    assert first.nodes[1] == Node("post", "in.yaml", ("for each ledger",), several=True, longest=True, runs="in.yaml")
    assert first.nodes[3].notes == ("if inputs.slow",)
    assert first.edges == (
        Edge("list", "post", longest=True),
        Edge("post", "end", optional=True, longest=True),
        Edge("fx", "end"),
    )
    assert undo.nodes[0].undoes == "post"
    assert [node.what for node in (*tidy.nodes, *inside.nodes)] == ["795cbab2", "Read"]


def test_without_earlier_runs_the_longest_path_has_the_most_steps() -> None:
    assert drawing(PLAN).words == "6 steps; longest path list > post > end"


def test_with_them_it_takes_the_longest() -> None:
    made = drawing(PLAN, usual={"list": 10, "post": 50, "fx": 600, "end": 2}, runs=3)
    assert made.words == "6 steps; longest path fx > end, usually 10m02s, as the last 3 runs tell"
    assert made.parts[0].nodes[2].stand == "usually 10m00s"
    assert made.parts[0].nodes[0].took == Span(10)
    assert (
        drawing(PLAN, usual={"fx": 7}, runs=1).words == "6 steps; longest path fx > end, at least 7.0s in the last run"
    )


def test_the_text_shows_layer_after_layer() -> None:
    assert FORMS["text"](drawing(PLAN, {"in.yaml": INNER})).splitlines() == [
        "month_close",
        '  1  list  List "all"',
        "     fx    Rates",
        "  2  post  in.yaml · for each ledger · after list",
        "  3  end   wait · if inputs.slow · after post?, fx",
        "com  post.compensate  Undo · undoes post",
        "fin  tidy  795cbab2",
        "",
        "in.yaml: inner",
        "  1  read  Read",
        "",
        "6 steps; longest path list > post > end",
    ]


def test_a_long_path_is_named_without_its_middle() -> None:
    steps = tuple(Step(f"s{at}", "job", needs=(Need(f"s{at - 1}"),) if at else ()) for at in range(20))
    assert drawing(Plan("long", steps)).words == (
        "20 steps; longest path s0 > s1 > s2 > s3 > … 12 more … > s16 > s17 > s18 > s19"
    )
