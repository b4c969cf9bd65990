"""A Release that moves, and the lock that notices: before a run, in the night, and in what a pipeline is told."""

from __future__ import annotations

import signal

from tests.e2e.harness import Desk, wait_until

FILE = "specs/invoices.yaml"
PROTECTED = """[context.sandbox]
emulator = true
catalog = "specs/emulator.yaml"
protect = true
"""


def move(desk: Desk, release: str = "PostInvoices", version: str = "1.1.0") -> None:
    """Somebody deploys another version."""
    catalog = desk.specs / "emulator.yaml"
    text = catalog.read_text(encoding="utf-8")
    assert f"  {release}:\n" in text
    catalog.write_text(text.replace(f"  {release}:\n", f"  {release}:\n    version: {version}\n", 1), encoding="utf-8")


def test_a_moved_release_is_drift_a_warning_and_with_a_lock_no_run(desk: Desk) -> None:
    nothing = desk.flowrun("run", FILE, "--locked")
    assert (nothing.code, "flowrun lock specs/invoices.yaml" in nothing.err) == (7, True)
    written = desk.flowrun("lock", FILE)
    assert (written.code, written.out.splitlines()[0]) == (0, "+ ExtractInvoices in Shared: version 1.0.0")
    assert desk.flowrun("lock", "check").code == 0
    assert desk.flowrun("drift").code == 0
    move(desk)
    words = "PostInvoices in Shared: version 1.0.0 → 1.1.0"
    drift = desk.flowrun("drift", FILE, "-o", "json")
    assert (drift.code, [move["release"] for move in drift.data["moves"]]) == (2, ["PostInvoices"])
    refused = desk.flowrun("run", FILE, "--locked")
    assert (refused.code, words in refused.err, desk.jobs()) == (7, True, [])
    planned = desk.flowrun("plan", FILE)
    assert (planned.code, "FR520" in planned.err) == (0, True)
    left = desk.flowrun("lock")
    assert (left.code, words in left.err, desk.flowrun("lock", "check").code) == (0, True, 2)
    updated = desk.flowrun("lock", "update", "PostInvoices")
    assert (updated.code, updated.out) == (0, f"~ {words}\n")
    assert desk.flowrun("lock", "check").code == 0
    assert desk.flowrun("run", FILE, "--locked").code == 0


def test_what_is_wrong_with_a_lock_is_said_and_nothing_starts(desk: Desk) -> None:
    assert desk.flowrun("lock", FILE).code == 0
    lock = desk.specs.parent / "flowrun.lock"
    whole = lock.read_text(encoding="utf-8")
    lock.write_text(f"<<<<<<< HEAD\n{whole}", encoding="utf-8")
    marked = desk.flowrun("run", FILE)
    assert (marked.code, "flowrun.lock:1: git could not merge" in marked.err) == (3, True)
    lock.write_text(whole.replace("version = 1", "version = 2", 1), encoding="utf-8")
    other = desk.flowrun("drift")
    assert (other.code, "of version 2" in other.err) == (3, True)
    lock.write_text(whole.split("\n[[release]]")[0] + "\n[[release]]" + whole.split("\n[[release]]")[1])
    lacking = desk.flowrun("run", FILE, "--locked")
    assert (lacking.code, "PostInvoices in Shared: not in the lock" in lacking.err) == (7, True)
    unknown = desk.flowrun("lock", "update", "PostInvoice")
    assert (unknown.code, "did you mean" in unknown.err or "there is no such file" in unknown.err) == (3, True)
    assert desk.jobs() == []


def test_what_a_workflow_starts_no_more_leaves_the_lock_and_what_is_gone_is_drift(desk: Desk) -> None:
    assert desk.flowrun("lock", "specs/01-chain.yaml", "specs/02-diamond.yaml").code == 0
    (desk.specs / "02-diamond.yaml").unlink()
    pruned = desk.flowrun("lock")
    assert pruned.code == 0
    assert "02-diamond" not in (desk.specs.parent / "flowrun.lock").read_text(encoding="utf-8")
    catalog = desk.specs / "emulator.yaml"
    catalog.write_text(catalog.read_text(encoding="utf-8").replace("  WriteVoucher:", "  WriteVouchers:"))
    gone = desk.flowrun("drift", "-o", "markdown")
    assert (gone.code, "| WriteVoucher | Shared | local | no longer there" in gone.out) == (2, True)
    assert desk.flowrun("lock", "update").code == 3


def test_a_workflow_outside_of_the_project_is_no_part_of_its_lock(desk: Desk) -> None:
    (desk.specs.parent / ".git").mkdir()
    outside = desk.specs.parent.parent / "elsewhere.yaml"
    outside.write_text((desk.specs / "01-chain.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    refused = desk.flowrun("lock", str(outside))
    assert (refused.code, "lies outside of the project" in refused.err) == (3, True)


def test_a_release_that_moves_while_a_run_goes_on_is_said_at_its_end(desk: Desk) -> None:
    spec = desk.specs / "moving.yaml"
    spec.write_text(
        "flowrun: 1\nname: moving\nsteps:\n  pause: {wait: {for: 12s}}\n"
        "  post: {needs: pause, release: CleanUp, input_arguments: {in_Keep: out}}\n",
        encoding="utf-8",
    )
    assert desk.flowrun("lock", "specs/moving.yaml").code == 0
    running = desk.start("run", "specs/moving.yaml")
    wait_until(lambda: "pause" in running.said(), "the run goes on")
    move(desk, "CleanUp")
    assert desk.flowrun("drift").code == 2
    assert running.alive()
    ended = running.ended()
    words = "post ran version 1.1.0 of CleanUp, and was planned with 1.0.0"
    assert words in ended.err


def test_what_is_done_again_asks_the_lock_too_and_what_goes_on_only_warns(desk: Desk) -> None:
    file = "specs/01-chain.yaml"
    (desk.specs.parent / "flowrun.toml").write_text(PROTECTED, encoding="utf-8")
    there = ("--context", "sandbox")
    assert desk.flowrun("run", file, *there, "--yes").code == 0
    without = desk.flowrun("runs", "rerun", "--yes", environment={"CI": "true"})
    assert (without.code, f"has nothing of {file} in the context sandbox" in without.err) == (7, True)
    assert desk.flowrun("lock", file, *there).code == 0
    move(desk, "WriteVoucher")
    words = "WriteVoucher in Shared: version 1.0.0 → 1.1.0"
    before = desk.starts()
    for command in (("rerun",), ("retry", "--from", "voucher")):
        refused = desk.flowrun("runs", *command, "--yes", environment={"CI": "true"})
        assert (refused.code, words in refused.err, desk.starts()) == (7, True, before)
        assert desk.flowrun("runs", *command, "--yes", "--locked").code == 7
    warned = desk.flowrun("runs", "retry", "--from", "voucher", "--yes", "--no-locked", environment={"CI": "true"})
    assert (warned.code, f"warning: not as flowrun.lock has it: {words}" in warned.err) == (0, True)
    assert desk.flowrun("lock", "update", *there).code == 0
    again = desk.flowrun("runs", "rerun", "--yes", "--locked")
    assert (again.code, "warning" in again.err) == (0, False)


def test_a_run_that_goes_on_is_not_refused_for_what_moved_meanwhile(desk: Desk) -> None:
    spec = desk.specs / "moving.yaml"
    spec.write_text(
        "flowrun: 1\nname: moving\nsteps:\n  pause: {wait: {for: 4s}}\n"
        "  post: {needs: pause, release: CleanUp, input_arguments: {in_Keep: out}}\n",
        encoding="utf-8",
    )
    assert desk.flowrun("lock", "specs/moving.yaml").code == 0
    running = desk.start("run", "specs/moving.yaml")
    wait_until(lambda: "pause" in running.said(), "the run goes on")
    running.send(signal.SIGKILL)
    assert running.ended().code == -signal.SIGKILL
    move(desk, "CleanUp")
    resumed = desk.flowrun("runs", "resume")
    assert desk.starts() == {"post": 1}, resumed.err
    assert "warning: not as flowrun.lock has it: CleanUp in Shared: version 1.0.0 → 1.1.0" in resumed.err
