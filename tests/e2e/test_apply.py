"""A plan that is saved, shown elsewhere, and carried out if nothing has moved: from the pull request to the run."""

from __future__ import annotations

import json
import shutil
from xml.etree import ElementTree as ET

import jsonschema

from flowrun.review.schema import schema
from tests.e2e.harness import Desk
from tests.e2e.test_lock import move

FILE = "specs/invoices.yaml"


def test_what_was_reviewed_is_what_runs(desk: Desk) -> None:
    desk.flowrun("lock", FILE)
    first = desk.flowrun("plan", FILE, "-i", "period=2026-10", "-o", "plan.frp", "--detailed-exitcode")
    assert (first.code, "5 steps: 5 new" in first.out) == (2, True)
    assert "      in_Folder = 'data/invoices/2026-10'" in first.out
    move(desk)
    refused = desk.flowrun("apply", "plan.frp")
    assert (refused.code, desk.jobs()) == (7, [])
    assert "no longer holds: nothing was started\n  step post: version 1.0.0 → 1.1.0\n" in refused.err
    assert f"Look at it anew: flowrun plan {FILE} -i period=2026-10 --out FILE\n" in refused.err
    drifted = desk.flowrun("plan", FILE, "-o", "markdown")
    assert "| `+` | post | PostInvoices 1.1.0 | Shared | version 1.0.0 → 1.1.0 (since the lock) |" in drifted.out
    held = desk.flowrun("plan", FILE, "--out", "drifted.frp")
    assert (held.code, desk.flowrun("apply", "drifted.frp", "--locked").code) == (0, 7)
    assert desk.flowrun("lock", "update").code == 0
    assert "flowrun.lock has changed" in desk.flowrun("apply", "drifted.frp").err
    assert desk.flowrun("plan", FILE, "-o", "plan.frp").code == 0
    applied = desk.flowrun("apply", "plan.frp", "--locked", "-o", "json")
    assert (applied.code, applied.data["status"]) == (0, "succeeded")
    digest = json.loads((desk.specs.parent / "plan.frp").read_text(encoding="utf-8"))["digest"]
    (started,) = [
        row
        for row in map(json.loads, desk.flowrun("runs", "events", "-o", "jsonl").out.splitlines())
        if row["type"] == "RunStarted"
    ]
    assert started["data"]["origin"]["plan"]["digest"] == digest
    again = desk.flowrun("plan", FILE, "--detailed-exitcode", "-o", "json")
    assert (again.code, again.data["differences"]) == (0, 0)
    assert {one["mark"] for one in again.data["marks"].values()} == {"="}


def test_an_edit_of_anything_it_was_made_from_is_refused(desk: Desk) -> None:
    (desk.specs.parent / ".git").mkdir()
    assert desk.flowrun("plan", FILE, "--out", "plan.frp").code == 0
    spec = desk.specs / "invoices.yaml"
    whole = spec.read_text(encoding="utf-8")
    spec.write_text(whole.replace("default: 5,", "default: 6,"), encoding="utf-8")
    edited = desk.flowrun("apply", "plan.frp")
    assert (edited.code, "specs/invoices.yaml has changed" in edited.err) == (7, True)
    spec.write_text(whole.replace("release: PostInvoices", "release: PostInvoice"), encoding="utf-8")
    lost = desk.flowrun("apply", "plan.frp")
    assert (lost.code, "specs/invoices.yaml has changed\n  FR502" in lost.err) == (7, True)
    spec.unlink()
    gone = desk.flowrun("apply", "plan.frp")
    assert (gone.code, "specs/invoices.yaml is gone" in gone.err) == (7, True)
    assert desk.jobs() == []


def test_a_plan_file_that_is_not_whole_starts_nothing_and_is_shown_anywhere(desk: Desk) -> None:
    assert desk.flowrun("plan", FILE, "--out", "plan.frp").code == 0
    plan = desk.specs.parent / "plan.frp"
    whole = plan.read_text(encoding="utf-8")
    shutil.rmtree(desk.specs)
    jsonschema.Draft202012Validator(schema()).validate(json.loads(whole))
    shown = desk.flowrun("show", "plan.frp")
    assert (shown.code, "  + find  FindInvoices 1.0.0" in shown.out) == (0, True)
    assert desk.flowrun("show", "plan.frp", "-o", "json").data["workflow"] == "invoices"
    comment = desk.flowrun("show", "plan.frp", "-o", "markdown", "--detailed-exitcode")
    assert (comment.code, comment.out.startswith("<!-- flowrun plan specs/invoices.yaml local -->\n")) == (2, True)
    for text, words in (
        (whole[:900], "is no plan file, or a part of one is missing"),
        (whole.replace("2026-10", "2026-12"), "was changed after it was made"),
        (whole.replace("flowrun.plan/1", "flowrun.plan/9"), "is a plan file of version 9"),
    ):
        plan.write_text(text, encoding="utf-8")
        refused = desk.flowrun("apply", "plan.frp")
        assert (refused.code, words in refused.err) == (3, True)
    assert desk.flowrun("apply", "none.frp").code == 3


def test_a_saved_plan_is_drawn_from_its_file_alone(desk: Desk) -> None:
    assert desk.flowrun("plan", FILE, "--out", "plan.frp").code == 0
    shutil.rmtree(desk.specs)
    text = desk.flowrun("graph", "plan.frp")
    assert (text.code, text.out.count("+ new")) == (0, 5)
    assert "  1  find     FindInvoices 1.0.0 · + new\n" in text.out
    svg = ET.fromstring(desk.flowrun("graph", "plan.frp", "-f", "svg").out)
    assert "+ new" in {"".join(element.itertext()) for element in svg.iter()}
    assert "  class s_find," in desk.flowrun("graph", "plan.frp", "-f", "mermaid").out
    timeline = desk.flowrun("timeline", "plan.frp")
    assert (timeline.code, "+ new" in timeline.out, "each step counts the same" in timeline.out) == (0, True, True)
    assert ET.fromstring(desk.flowrun("timeline", "plan.frp", "-f", "svg").out).attrib["role"] == "img"
    plan = desk.specs.parent / "plan.frp"
    plan.write_text(plan.read_text(encoding="utf-8")[:700], encoding="utf-8")
    for command in ("graph", "timeline"):
        refused = desk.flowrun(command, "plan.frp")
        assert (refused.code, "is no plan file, or a part of one is missing" in refused.err) == (3, True)
        assert desk.flowrun(command, "none.frp").code == 3


def test_a_plan_for_another_orchestrator_is_refused(desk: Desk) -> None:
    assert desk.flowrun("plan", FILE, "--out", "plan.frp").code == 0
    other = desk.specs.parent / "other.yaml"
    text = (desk.specs / "emulator.yaml").read_text(encoding="utf-8")
    other.write_text(text.replace("command: [", "working_folder: specs\n    command: ["), encoding="utf-8")
    refused = desk.flowrun("apply", "plan.frp", "--catalog", "other.yaml")
    assert (refused.code, "emulator specs/emulator.yaml → other.yaml" in refused.err, desk.jobs()) == (7, True, [])


def test_where_the_plan_goes_is_never_guessed(desk: Desk) -> None:
    twice = desk.flowrun("plan", FILE, "-o", "a.frp", "--out", "b.frp")
    assert (twice.code, "both name the plan file" in twice.err) == (3, True)
    neither = desk.flowrun("plan", FILE, "-o", "plan.json")
    assert (neither.code, "'plan.json' is not one of" in neither.err) == (3, True)
    assert not list(desk.specs.parent.glob("*.frp"))
    spaced = desk.flowrun("plan", FILE, "-o", "month end.frp")
    assert "flowrun apply 'month end.frp'" in spaced.err
