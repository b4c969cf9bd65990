from __future__ import annotations

from flowrun.review.plan_file import read, sealed
from flowrun.review.told import LIMIT, closing, differences, markdown, text
from tests.unit.review.document import document, row

MOVE = {"kind": "moved", "folder": "Finance", "release": "Post"}
RUNTIME = {"folder": "Finance", "need": 3, "open": ["extract"], "robots": 4, "running": 1}


def made(*steps: dict[str, object], **more: object) -> dict[str, object]:
    return dict(read(sealed(document(*steps, **more)), "plan.frp"))


def test_the_last_lines_say_what_it_takes_and_what_is_different() -> None:
    path = {"steps": ["a", "b"], "seconds": 130.0, "runs": 12}
    shown = closing(
        made(row("a"), row("b", mark="="), removed=["c"], runtimes=[RUNTIME], longest_path=path, moves=[MOVE])
    )
    assert shown.splitlines() == [
        "  - c",
        "needs at once: at least 3 Jobs in Finance, one for each leg of extract; 4 robots there, 1 Jobs running now",
        "usually: a → b takes 2m10s (medians of 12 runs)",
        "a start without an answer is looked up for 1m30s before it may be sent again",
        "2 steps: 1 new, 0 changed, 1 as in the last run, 1 gone, 1 Release moved since the lock",
    ]


def test_a_saved_plan_says_when_and_for_what_it_was_made() -> None:
    shown = text(made(problems=["close.yaml:3: FR510 a Job would wait"]))
    assert shown.startswith("plan of specs/close.yaml from 2026-11-26T02:00:00.000Z, flowrun 0.1.0\n")
    assert "  for https://cloud.uipath.com/acme/prod, context prod\n" in shown
    assert "  close.yaml:3: FR510 a Job would wait\n\nclose: 1 step\n" in shown


def test_a_comment_begins_with_its_mark_and_shows_what_differs_first() -> None:
    steps = (row("same", mark="="), row("post|x", mark="~", version="2.0", changes=["in_A <b> → 1"], folder="F"))
    lines = markdown(made(*steps)).splitlines()
    assert lines[0] == "<!-- flowrun plan specs/close.yaml prod -->"
    table = [line for line in lines if line.startswith("| `")]
    assert table[0] == "| `~` | post&#124;x | Post 2.0 | F | in&#95;A &#60;b&#62; → 1 |"
    assert table[1].startswith("| `=` | same |")


def test_a_name_cannot_end_the_mark() -> None:
    first = markdown(made(file="a-->b.yaml")).splitlines()[0]
    assert first.count("-->") == 1
    assert first.endswith(" -->")


def test_a_comment_of_thousands_of_steps_stays_within_the_limit() -> None:
    steps = [row(f"step_number_{at}", changes=["x" * 80]) for at in range(3000)]
    shown = markdown(made(*steps, sources=[{"name": "n", "value": "v" * 5000, "source": "s"}] * 100))
    assert 30_000 < len(shown) < LIMIT
    assert "more steps: `flowrun show` the plan file" in shown


def test_what_is_gone_is_a_difference() -> None:
    assert differences(document(row("a", mark="="), removed=["b"])) == 1
