"""A canary: a secret is sent to Jobs that shout it back in every way they have, and is then looked for everywhere."""

from __future__ import annotations

import base64
import json
import signal
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.harness import Desk, Ended, wait_until

CANARY = 'cAnArY+/9"7Ä&x-2f81'
VARIABLE = {"FLOWRUN_SECRET_TOKEN": CANARY}
FORMS = {
    CANARY,
    json.dumps(CANARY)[1:-1],
    json.dumps(CANARY, ensure_ascii=False)[1:-1],
    json.dumps(json.dumps(CANARY))[3:-3],
    quote(CANARY, safe=""),
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
    CANARY.encode().hex(),
    "cAnArY",
}
CATALOG = """
emulator: 1
robots: [{name: ada, id: 1}, {name: bert, id: 2}]
releases:
  Shout:
    command: ["{python}", shout.py]
    input: {in_Token: {type: string, required: true}, in_How: {type: string, required: true}, in_More: string}
    output: {Said: any}
"""
SHOUT = """
import base64, json, sys, time
from urllib.parse import quote
given = json.load(sys.stdin)
token = given["in_Token"]
print(token, file=sys.stderr)
every = [token, {token: [token]}, json.dumps({"t": token}), json.dumps(json.dumps(token)), quote(token, safe=""),
         base64.b64encode(("user:" + token).encode()).decode(), token.encode().hex(), f"Bearer {token}."]
match given["in_How"]:
    case "answer":
        print(json.dumps({"Said": every, token: 1}))
    case "fail":
        sys.exit(f"the bank refused {token}: {json.dumps(every)}")
    case "long":
        sys.exit("x" * 3990 + token)
    case "wait":
        time.sleep(60)
"""
WORKFLOW = """
flowrun: 1
name: shouting
secrets: [TOKEN]
defaults: {arguments_over_limit: attach}
steps:
  answer: {release: Shout, input_arguments: {in_How: answer, in_Token: "${{ secrets.TOKEN }}"}, outputs: {Said: {}}}
  large:
    release: Shout
    input_arguments: {in_How: answer, in_Token: "${{ secrets.TOKEN }}", in_More: "${{ inputs.filler }}"}
  fan:
    fan_out: {matrix: {how: [fail, long]}, tolerate: 2}
    release: Shout
    retry: [{errors: [faulted], match: refused, max: 1}]
    input_arguments: {in_How: "${{ matrix.how }}", in_Token: "${{ secrets.TOKEN }}"}
  hand_on:
    needs: answer
    release: Shout
    input_arguments: {in_How: fail, in_Token: "${{ steps.answer.outputs.Said[0] }}"}
inputs: {filler: {type: string}}
outputs: {said: "${{ steps.answer.outputs.Said }}"}
"""
WAITING = """
flowrun: 1
name: waiting
secrets: [TOKEN]
steps:
  - {id: first, release: Shout, input_arguments: {in_How: "${{ env.how }}", in_Token: "${{ secrets.TOKEN }}"}}
"""


@pytest.fixture
def folder(desk: Desk) -> Path:
    made = desk.specs / "shouting"
    (made / "environments").mkdir(parents=True)
    for name, text in (
        ("emulator.yaml", CATALOG),
        ("shout.py", SHOUT),
        ("w.yaml", WORKFLOW),
        ("waiting.yaml", WAITING),
    ):
        (made / name).write_text(text, encoding="utf-8")
    return made


def found_in(data: bytes) -> set[str]:
    text = data.decode("utf-8", "replace").lower()
    return {form for form in FORMS if form.lower() in text}


def found_below(state: Path, *, of_emulator: bool) -> dict[str, set[str]]:
    """Which files of the state folder hold it: those of flowrun, or those of the emulator, which was told it."""
    files = [path for path in state.rglob("*") if path.is_file()]
    mine = [path for path in files if ("emulator" in path.relative_to(state).parts) is of_emulator]
    assert mine
    return {str(path): found for path in mine if (found := found_in(path.read_bytes()))}


@pytest.mark.usefixtures("folder")
def test_a_secret_that_is_shouted_back_is_nowhere(desk: Desk) -> None:
    reports = [word for form in ("json", "md", "junit", "text") for word in ("--report", f"{form}=report.{form}")]
    filler = ("--input", f"filler={'x' * 12_000}")
    ended = desk.flowrun("run", "specs/shouting/w.yaml", "-o", "jsonl", *filler, *reports, environment=VARIABLE)
    assert ended.code == 1, ended.err
    said = [ended, *(desk.flowrun("runs", *words) for words in (
        ("show",), ("show", "-o", "json"), ("outputs", "--reveal"), ("events", "--reveal"), ("events", "-o", "text"),
        ("report", "-f", "md"),
    ))]  # fmt: skip
    assert [found_in((one.out + one.err).encode()) for one in said] == [set()] * len(said)
    assert found_below(desk.state, of_emulator=False) == {}
    for form in ("json", "md", "junit", "text"):
        assert found_in((desk.state.parent / f"report.{form}").read_bytes()) == set()

    outputs = said[3].out
    assert "***" in outputs
    assert "Bearer ***." in outputs
    assert found_below(desk.state, of_emulator=True), "the Jobs were given it, or this test would find nothing"
    assert sum(job.arguments.get("in_Token") == CANARY for job in desk.jobs() if job.arguments) >= 4
    handed_on = next(job for job in desk.jobs() if job.step == "hand_on")
    assert handed_on.arguments["in_Token"] == "***"


@pytest.mark.usefixtures("folder")
def test_without_a_value_nothing_starts(desk: Desk) -> None:
    missing = desk.flowrun("run", "specs/shouting/w.yaml", "--input", "filler=x")
    assert (missing.code, "FR804" in missing.err, "FLOWRUN_SECRET_TOKEN" in missing.err) == (3, True, True)
    open_to_all = desk.specs / "secrets.env"
    open_to_all.write_text(f"TOKEN={CANARY}\n")
    open_to_all.chmod(0o644)
    named = {"FLOWRUN_SECRETS_FILE": str(open_to_all)}
    refused = desk.flowrun("run", "specs/shouting/w.yaml", "--input", "filler=x", environment=named)
    assert (refused.code, "0644" in refused.err) == (3, True)
    assert found_in((missing.err + refused.err).encode()) == set()
    assert desk.jobs() == []


def test_a_run_that_was_killed_goes_on_with_its_secret_and_without_its_environment(desk: Desk, folder: Path) -> None:
    here = folder / "environments" / "test.yaml"
    here.write_text("vars: {how: wait}\n")
    running = desk.start("run", "specs/shouting/waiting.yaml", "-e", "test", environment=VARIABLE)
    wait_until(lambda: desk.has_started("first"), "the Job")
    running.send(signal.SIGKILL)
    running.ended()
    here.unlink()
    without = desk.flowrun("runs", "resume")
    assert (without.code, "FLOWRUN_SECRET_TOKEN" in without.err) == (3, True)
    resumed = desk.start("runs", "resume", environment=VARIABLE)
    wait_until(lambda: "resumed" in resumed.said(), "the second process")
    resumed.send(signal.SIGINT)
    assert resumed.ended().code == 130
    assert desk.starts() == {"first": 1}
    assert found_below(desk.state, of_emulator=False) == {}


def test_an_abort_needs_no_secret_and_shows_nothing(desk: Desk, folder: Path) -> None:
    (folder / "environments" / "test.yaml").write_text("vars: {how: wait}\n")
    running = desk.start("run", "specs/shouting/waiting.yaml", "-e", "test", environment=VARIABLE)
    wait_until(lambda: desk.has_started("first"), "the Job")
    running.send(signal.SIGKILL)
    running.ended()
    aborted: Ended = desk.flowrun("runs", "abort", "--kill")
    assert aborted.code == 0, aborted.err
    assert found_in((aborted.out + aborted.err).encode()) == set()
    assert found_below(desk.state, of_emulator=False) == {}
