"""A Job becomes a workflow that starts the same again."""

from __future__ import annotations

from tests.e2e.harness import Desk


def test_a_job_becomes_a_workflow_that_runs(desk: Desk) -> None:
    catalog = ("--catalog", str(desk.specs / "emulator.yaml"))
    arguments = ("--arguments", '{"in_File": "data/rates/2026-10.csv"}')
    started = desk.flowrun("jobs", "start", "ReadRates", *arguments, "--wait", "-o", "json", *catalog)
    assert started.code == 0, started.err
    (job,) = started.data if isinstance(started.data, list) else started.data["jobs"]
    made = desk.specs / "again.yaml"
    said = desk.flowrun("import", "job", str(job["id"]), "--to", str(made), *catalog)
    assert said.code == 0, said.err
    text = made.read_text(encoding="utf-8")
    assert text.startswith(f"# From Job {job['id']} ({job['key']}), which was Successful.\n")
    assert "# It returned Day, Rates;" in text
    assert desk.flowrun("fmt", "--check", str(made)).code == 0
    assert desk.flowrun("validate", str(made)).code == 0
    assert desk.flowrun("import", "job", str(job["id"]), "--to", str(made), *catalog).code == 3
    ended = desk.run("again")
    assert ended.code == 0, ended.err
    assert desk.starts()["read_rates"] == 1
