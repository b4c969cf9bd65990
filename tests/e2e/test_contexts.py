"""Contexts as people meet them: which Orchestrator a run goes to, and what a protected one asks for."""

from __future__ import annotations

from tests.e2e.harness import Desk

FILE = """
[context.sandbox]
emulator = true
catalog = "specs/emulator.yaml"
protect = true

[context.prod]
url = "https://cloud.uipath.com/acme/production"
protect = true
"""
WORKFLOW = "specs/transfers/transfers.yaml"
TOKEN = {"FLOWRUN_SECRET_BANK_TOKEN": "a-token-for-tests"}


def test_a_protected_context_starts_nothing_without_a_yes(desk: Desk) -> None:
    (desk.specs.parent / "flowrun.toml").write_text(FILE)
    words = ("specs/01-chain.yaml", "--context", "sandbox")
    refused = desk.flowrun("run", *words)
    assert (refused.code, "sandbox (--context) is protected" in refused.err) == (3, True)
    for more in (("jobs", "start", "FetchStatement"),):
        assert desk.flowrun(*more, environment={"FLOWRUN_CONTEXT": "sandbox"}).code == 3
    assert desk.jobs() == []
    assert desk.flowrun("plan", *words).code == 0
    started = desk.flowrun("run", *words, "--yes")
    assert started.code == 0, started.err

    again = desk.flowrun("runs", "rerun")
    assert (again.code, "sandbox (what the run remembers: context) is protected" in again.err) == (3, True)
    assert desk.flowrun("runs", "rerun", "--yes").code == 0


def test_what_fights_is_said_before_anything_starts(desk: Desk) -> None:
    (desk.specs.parent / "flowrun.toml").write_text(FILE)
    environments = desk.specs / "transfers" / "environments"
    (environments / "dev.yaml").write_text(f"context: prod\n{(environments / 'dev.yaml').read_text()}")
    fights = (
        (("--context", "sandbox", "-e", "dev"), "dev.yaml: context chooses prod"),
        (("--context", "sandbox", "-e", "prod", "--yes"), "prod.yaml: url is"),
        (("--context", "prd", "-e", "dev"), 'Did you mean "prod"?'),
        (("-e", "dev"), "prod (specs/transfers/environments/dev.yaml: context) is protected"),
    )
    for words, said in fights:
        ended = desk.flowrun("run", WORKFLOW, *words, environment=TOKEN)
        assert ended.code == 3, ended.err
        assert said in ended.err.replace(f"{desk.specs.parent}/", "")
    assert desk.jobs() == []


def test_doctor_says_which_context_holds_and_who_chose_it(desk: Desk) -> None:
    (desk.specs.parent / "flowrun.toml").write_text(f'default_context = "sandbox"\n{FILE}')
    found = {line["name"]: line for line in desk.flowrun("doctor", "-o", "json").data}
    assert found["context"]["text"].startswith("sandbox, the embedded Orchestrator, protected (from ")
    assert "flowrun.toml: default_context" in found["context"]["text"]
    assert "context.sandbox.catalog" in found["catalog"]["text"]
