"""One workflow in two environments: specs/transfers."""

from __future__ import annotations

import json

from tests.e2e.harness import Desk

FILE = "specs/transfers/transfers.yaml"
TOKEN = {"FLOWRUN_SECRET_BANK_TOKEN": "a-token-for-tests"}


def test_the_environment_says_which_bank_and_the_session_is_shown_to_nobody(desk: Desk) -> None:
    ended = desk.flowrun("run", FILE, "-e", "dev", "-o", "json", environment=TOKEN)
    assert ended.code == 0, ended.err
    outputs = ended.data["outputs"]
    assert (outputs["executed"], outputs["left_out"]) == (False, 1)
    receipt = json.loads((desk.specs / "transfers" / outputs["receipt"]).read_text(encoding="utf-8"))
    assert [one["Amount"] for one in receipt["transfers"]] == ["1190.00", "714.00"]

    given = {job.step: job.arguments for job in desk.jobs()}
    assert given["sign_in"] == {"in_Bank": "test.bank.example", "in_Token": "a-token-for-tests"}
    session = given["send"]["in_Session"]
    assert len(session) == 64
    shown = [desk.flowrun("runs", *words).out for words in (("outputs",), ("events",), ("show", "-o", "json"))]
    assert [session in text for text in (ended.out, ended.err, *shown)] == [False] * 5
    assert session in desk.flowrun("runs", "outputs", "--reveal").out


def test_the_plan_says_what_came_from_where(desk: Desk) -> None:
    planned = desk.flowrun(
        "plan", FILE, "--input", "limit=9", "-o", "json", environment={**TOKEN, "FLOWRUN_ENV": "dev"}
    )
    assert planned.code == 0, planned.err
    assert planned.data["environment"] == {"name": "dev", "file": "specs/transfers/environments/dev.yaml"}
    assert planned.data["secrets"] == ["BANK_TOKEN"]
    sources = planned.data["sources"]
    assert sources["inputs.limit"] == {"value": 9, "source": "--input"}
    assert sources["env.bank"]["source"] == "specs/transfers/environments/dev.yaml:7"
    assert sources["defaults.timeout"]["value"] == "1m"
    assert "a-token-for-tests" not in planned.out + planned.err


def test_an_environment_of_a_tenant_wants_its_credentials(desk: Desk) -> None:
    wanted = desk.flowrun("run", FILE, "-e", "prod", environment=TOKEN)
    assert (wanted.code, "prod.yaml: url is set" in wanted.err) == (3, True)
    unknown = desk.flowrun("run", FILE, "-e", "prd", environment=TOKEN)
    assert (unknown.code, 'Did you mean "prod"?' in unknown.err) == (3, True)
    none = desk.flowrun("run", FILE, environment=TOKEN)
    assert (none.code, "Choose one: -e with dev, prod." in none.err) == (3, True)
    assert desk.jobs() == []
    lone = {"UIPATH_ACCESS_TOKEN": "for-what-prod-names"}
    assert desk.flowrun("runs", "list", environment=lone).code == 0


def test_a_flag_that_goes_before_the_environment_is_said(desk: Desk) -> None:
    (desk.specs / "transfers" / "environments" / "dev.yaml").write_text(
        "orchestrator: {folder: Shared}\nvars: {receipts: out, bank: {host: a, executes: false}}\n"
    )
    ended = desk.flowrun("run", FILE, "-e", "dev", environment={**TOKEN, "UIPATH_FOLDER_PATH": "Elsewhere"})
    assert (ended.code, "FR288" in ended.err) == (3, True)
    said = desk.flowrun("plan", FILE, "-e", "dev", "--folder", "Shared", environment=TOKEN)
    assert (said.code, "FR288" in said.err) == (0, False)
