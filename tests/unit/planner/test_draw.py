import pytest

from flowrun.core.plan import Condition, FanOut, Need, Plan, Stage, Step
from flowrun.planner.draw import FORMS, draw

PLAN = Plan(
    "month_close",
    (
        Step("list", "job", {"release": 'List "all"'}),
        Step("post", "job", {"release": "Post"}, needs=(Need("list"),), fan_out=FanOut({"ledger": [1]})),
        Step("end", "wait", needs=(Need("post", optional=True),), condition=Condition("inputs.slow")),
        Step("tidy", "job", {"release_key": "795cbab2"}, stage=Stage.FINALLY),
    ),
)


def test_text_shows_layer_after_layer() -> None:
    assert draw(PLAN, "text").splitlines() == [
        "month_close",
        '  1  list  List "all"',
        "  2  post  Post · for each ledger · after list",
        "  3  end   wait · if inputs.slow · after post?",
        "fin  tidy  795cbab2",
    ]


def test_mermaid_quotes_what_it_shows_and_dots_what_is_optional() -> None:
    lines = draw(PLAN, "mermaid").splitlines()
    assert lines[0] == "flowchart LR"
    assert '  s_list["list<br/>List &quot;all&quot;"]' in lines
    assert "  s_post -.-> s_end" in lines
    assert lines.index("  subgraph finally") < lines.index('  s_tidy["tidy<br/>795cbab2"]')


def test_dot_escapes_quotes() -> None:
    assert '  "list" [label="list\\nList \\"all\\""];' in draw(PLAN, "dot").splitlines()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_every_step(form: str) -> None:
    picture = draw(PLAN, form)
    assert all(step.id in picture for step in PLAN.steps)
