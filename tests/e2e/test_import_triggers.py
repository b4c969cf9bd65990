"""The triggers of a folder become a workflow that is valid, and that runs: steps without edges."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.harness import Desk

CATALOG = """
emulator: 1
robots: [DocBot, MailBot]
releases:
  Finance.Load: {builtin: echo}
  PostInvoices: {builtin: echo}
  SendMails: {builtin: echo}
queues:
  Invoices: {}
  Mails: {}
  Complaints: {}
triggers:
  Post invoices:
    release: PostInvoices
    queue: Invoices
    robots: [MailBot]
    items_activation_threshold: 5
    items_per_job_activation_target: 10
    max_jobs_for_activation: 3
    input_arguments: {in_Ledger: GL, in_Max: 20}
  Night: {release: Finance.Load, start_process_cron: "0 0 3 ? * MON-FRI *", time_zone_id: Asia/Tokyo, start_strategy: 2}
  Mails: {release: SendMails, queue: Mails, enabled: false}
"""
MADE = """\
# From the triggers of folder Shared, those of times first.
# Which process fills which queue is in no part of the API, so no step needs another yet: write `needs` where a
# comment asks, and disable the triggers in Orchestrator once this workflow starts what they start.
# No trigger of this folder watches the queues Complaints.
# Disabled, so not here: Trigger Mails: queue Mails, from 1 items on, a further Job for each 1 more, 1 Jobs at most, \
looked at cron 0 0/30 * 1/1 * ? * (UTC). It would start SendMails.

flowrun: 1
name: Shared
defaults: {folder: Shared}

steps:
  # Trigger Night: cron 0 0 3 ? * MON-FRI * (Asia/Tokyo).
  finance_load:
    release: Finance.Load
    jobs_count: 2
    runtime_type: Unattended

  # Trigger Post invoices: queue Invoices, from 5 items on, a further Job for each 10 more, 3 Jobs at most, \
looked at cron 0 0/30 * 1/1 * ? * (UTC).
  # How many Jobs it starts depends on the items; this step starts one.
  # needs: who fills queue Invoices?
  post_invoices:
    release: PostInvoices
    strategy: Specific
    robots: [MailBot]
    runtime_type: Unattended
    input_arguments: {in_Ledger: GL, in_Max: 20}
"""


@pytest.fixture
def catalog(desk: Desk) -> Path:
    path = desk.specs / "emulator.yaml"
    path.write_text(CATALOG, encoding="utf-8")
    return path


def test_triggers_become_a_workflow_that_runs(desk: Desk, catalog: Path) -> None:
    made = desk.specs / "chain.yaml"
    said = desk.flowrun("import", "triggers", "--folder", "Shared", "--to", str(made), "--catalog", str(catalog))
    assert said.code == 0, said.err
    assert made.read_text(encoding="utf-8") == MADE
    assert desk.flowrun("validate", str(made)).code == 0
    assert desk.flowrun("fmt", "--check", str(made)).code == 0
    ended = desk.run("chain")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"finance_load": 2, "post_invoices": 1}


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        ("", "folder Shared has no triggers"),
        ("triggers:\n  Night: {release: SendMails, queue: Mails, enabled: false}\n", "are disabled: Night"),
    ],
)
def test_a_folder_without_any_is_one_sentence(desk: Desk, catalog: Path, cut: str, said: str) -> None:
    catalog.write_text(CATALOG.partition("triggers:")[0] + cut, encoding="utf-8")
    ended = desk.flowrun("import", "triggers", "--catalog", str(catalog))
    assert (ended.code, ended.out) == (3, "")
    assert said in ended.err
