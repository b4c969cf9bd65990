"""What is to be drawn. `python -m tests.golden.pictures.drawings` writes the golden files anew; look at them."""

from __future__ import annotations

from pathlib import Path

from flowrun.pictures.chart import Bar, Chart, Row
from flowrun.pictures.drawing import Drawing, Edge, Node, Part
from flowrun.pictures.graph import FORMS
from flowrun.pictures.state import State
from flowrun.pictures.timeline import FORMS as TIMELINES
from flowrun.report.course import chart
from flowrun.report.fold import fold
from flowrun.report.picture import drawing as run_drawing
from flowrun.review.picture import chart as saved_chart
from flowrun.review.picture import drawing as saved_drawing
from flowrun.span import Span
from tests.golden.reports.examples import EXAMPLES
from tests.unit.review.document import document, row

HERE = Path(__file__).parent

FORESEEN = Drawing(
    "month_end",
    (
        Part(
            (
                Node(
                    "bank", "bank.yaml", ("for each day",), took=Span(300), several=True, longest=True, runs="bank.yaml"
                ),
                Node("rates", "ReadRates"),
                Node("value", "Revalue", ("if inputs.month == 12",), took=Span(62), longest=True),
            ),
            (Edge("bank", "value", longest=True), Edge("rates", "value", optional=True)),
        ),
        Part((Node("value.compensate", "Reverse", undoes="value"),), stage="compensate"),
        Part((Node("tell", "SendMail"),), stage="finally"),
        Part((Node("read", "ReadStatement"),), file="bank.yaml", title="bank.yaml: bank_statement"),
    ),
    "5 steps; longest path bank > value, usually 6m02s, as the last 3 runs tell",
)
ENDED = Drawing(
    "month_end, run 20261123-2255-k3m9qx",
    (
        Part(
            (
                Node("load", "LoadInvoices", state=State.KEPT, took=Span(0)),
                Node("post", "Post", ("17/20 ok, 1 failed",), State.FAILED, Span(432), several=True, longest=True),
                Node("sign", "approval", ("asks anna",), State.ASKING, Span(4000)),
                Node("fx", "ReadRates", ("condition",), State.SKIPPED),
                Node("close", "CloseMonth", ("upstream_failed",), State.SKIPPED),
            ),
            (Edge("load", "post", longest=True), Edge("load", "sign"), Edge("load", "fx"), Edge("post", "close")),
        ),
    ),
    "failed after 7m12s: 1 kept, 1 failed, 2 skipped",
    State.FAILED,
)
WRONG = "<b>&\"'`#x;\n{[|]} \u202e \x1b[31m \\ ]] --> </svg><script>alert(1)</script>"
"""A name that is up to no good."""
HOSTILE = Drawing(
    WRONG,
    (
        Part((Node("a", WRONG, (WRONG,), State.FAILED, told=WRONG), Node("b", WRONG)), (Edge("a", "b"),), title=WRONG),
        Part((Node("c", WRONG),), file=WRONG, title=WRONG),
    ),
    WRONG,
)
SAVED = document(
    row("load", mark="=", release="LoadInvoices", version="2.0.0", usual=64.0),
    row("fx", mark="=", kind="workflow", release=None, written={"workflow": "fx.yaml"}, usual=20.0),
    row(
        "post",
        mark="~",
        version="1.1.0",
        changes=["version 1.0.0 → 1.1.0 (since the lock)", 'in_Period "2026-10" → "2026-11"', "timeout 60.0 → 120.0"],
        needs=["load", "fx"],
        optional=["fx"],
        fan_out=["region"],
        usual=240.0,
    ),
    row("sign", kind="approval", release=None, needs=["post"], **{"if": "inputs.sign"}),
    row("post.compensate", stage="compensate", mark="=", release="Undo", version="1.0.0"),
    row("tidy", stage="finally", mark="=", release="Tidy", version="1.0.0", usual=6.0),
    row("read", file="fx.yaml", mark="=", release="ReadRates", version="1.0.0"),
    row("value", file="fx.yaml", mark="~", release=None, written={"release": "${{ inputs.what }}"}, needs=["read"]),
    longest_path={"steps": ["load", "post", "sign"], "seconds": 304.0, "runs": 12},
    removed=["mail"],
)
"""A plan file's document with all that can be seen of one."""
DRAWINGS = {
    "saved": saved_drawing(SAVED),
    "foreseen": FORESEEN,
    "ended": ENDED,
    "hostile": HOSTILE,
    "failed": run_drawing(fold(EXAMPLES["failed"])),
    "asking": run_drawing(fold(EXAMPLES["asking"])),
}
CHARTS = {
    "saved": saved_chart(SAVED),
    "failed": chart(fold(EXAMPLES["failed"])),
    "running": chart(fold(EXAMPLES["running"])),
    "asking": chart(fold(EXAMPLES["asking"])),
    "hostile": Chart(
        WRONG,
        (Row(WRONG, State.FAILED, ((Bar(0, 3, State.FAILED),),), WRONG, Span(3), told=WRONG), Row("b", State.WAITING)),
        3.0,
        WRONG,
    ),
}


def main() -> None:
    """Write them all."""
    for name, drawing in DRAWINGS.items():
        for form, draw in FORMS.items():
            (HERE / f"{name}.graph.{form}").write_text(draw(drawing), encoding="utf-8")
    for name, made in CHARTS.items():
        for form, plot in TIMELINES.items():
            (HERE / f"{name}.timeline.{form}").write_text(plot(made), encoding="utf-8")


if __name__ == "__main__":
    main()
