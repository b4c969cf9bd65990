"""Runs whose file is edited while nobody drives them: the rest goes by the file as it is now."""

from __future__ import annotations

import signal

from tests.e2e.harness import Desk, Ended, wait_until

SPEC = """flowrun: 1
name: months
inputs: {file: {type: string, default: data/rates/2026-10.csv}}
steps:
  rates: {release: ReadRates, input_arguments: {in_File: "${{ inputs.file }}"}, outputs: {Day: {type: string}}}
  pause: {needs: rates, wait: {for: 2s}}
  last: {needs: pause, release: ReadRates, input_arguments: {in_File: "${{ inputs.file }}"}}
outputs: {day: "${{ steps.rates.outputs.Day }}"}
"""
EDITED = """flowrun: 1
name: months
inputs:
  file: {type: string, default: data/rates/2026-10.csv}
  folder: {type: string, default: data/rates}
steps:
  rates: {release: ReadRates, timeout: 5m, input_arguments: {in_File: other.csv}, outputs: {Day: {type: string}}}
  pause: {needs: rates, wait: {for: 1h}}
  more: {needs: rates, release: ReadRates, input_arguments: {in_File: "${{ inputs.folder }}/2026-10.csv"}}
  end: {needs: [pause, more], release: ReadRates, input_arguments: {in_File: "${{ inputs.file }}"}}
outputs: {day: "${{ steps.rates.outputs.Day }}"}
"""


def killed(desk: Desk) -> str:
    """A run that was killed while its second step waited. Its id."""
    (desk.specs / "months.yaml").write_text(SPEC, encoding="utf-8")
    running = desk.begin("months")
    wait_until(lambda: "pause" in running.said() or not running.alive(), "the second step")
    wait_until(lambda: any(job.states[-1] == "Successful" for job in desk.jobs()), "the first Job")
    running.send(signal.SIGKILL)
    running.ended()
    return str(desk.flowrun("runs", "list", "-o", "name").out.split()[0])


def resume(desk: Desk, text: str, *more: str) -> Ended:
    (desk.specs / "months.yaml").write_text(text, encoding="utf-8")
    return desk.flowrun("runs", "resume", "--spec", "current", *more)


def test_the_rest_of_a_run_goes_by_its_file_as_it_is_now(desk: Desk) -> None:
    run_id = killed(desk)
    before = desk.flowrun("runs", "events", "-o", "jsonl").out
    foretold = resume(desk, EDITED, "--dry-run")
    assert foretold.code == 0, foretold.err
    told = foretold.out.splitlines()
    assert told[:2] == ["--- recorded", "+++ current"]
    assert told[-6:] == [
        "rates: written differently; it has ended, and stays as it was",
        "pause: written differently; it has begun, and stays as it was",
        "more: new",
        "end: new",
        "last: no longer in the file, and gone",
        "of the workflow itself are others: inputs",
    ]
    assert desk.flowrun("runs", "events", "-o", "jsonl").out == before

    ended = resume(desk, EDITED, "-o", "json")
    assert ended.code == 0, ended.err
    assert "run replanned: 2 new (more, end), 1 gone (last)" in ended.err
    assert desk.starts() == {"rates": 1, "more": 1, "end": 1}
    assert ended.data["outputs"] == {"day": "2026-10-30"}
    assert ended.data["inputs"] == {"file": "data/rates/2026-10.csv", "folder": "data/rates"}
    assert [(one["new"], one["gone"]) for one in ended.data["replanned"]] == [(["more", "end"], ["last"])]
    assert "by its file as it was at " in desk.flowrun("runs", "show", run_id).out
    assert "it stands in the plan so by the file as it was at" in desk.flowrun("runs", "why", run_id, "end").out
    assert '"type":"RunReplanned"' in desk.flowrun("runs", "events", "-o", "jsonl", run_id).out.replace(" ", "")

    again = desk.flowrun("runs", "retry", "--from", "end", "-o", "json", run_id)
    assert again.code == 0, again.err
    assert desk.starts() == {"rates": 1, "more": 1, "end": 2}


def test_a_file_that_a_run_cannot_go_on_with_changes_nothing(desk: Desk) -> None:
    killed(desk)
    before = desk.flowrun("runs", "events", "-o", "jsonl").out
    for text, said in (
        (
            SPEC.replace("wait: {for: 2s}", "release: ReadRates"),
            "pause has begun as a wait step of `steps`, and is a job step",
        ),
        (SPEC.replace("name: months", "name: years"), "is one of the workflow 'months', and the file is 'years'"),
        (SPEC.replace("type: string, default: data/rates/2026-10.csv", "type: integer"), "file"),
        (SPEC.replace("needs: pause", "needs: nobody"), "nobody"),
        (SPEC.replace("release: ReadRates, input_arguments", "release: Nothing, input_arguments"), "Nothing"),
    ):
        ended = resume(desk, text)
        assert ended.code not in (0, 70), ended.err
        assert said in ended.err
        assert desk.flowrun("runs", "events", "-o", "jsonl").out == before
    (desk.specs / "months.yaml").unlink()
    assert desk.flowrun("runs", "resume", "--spec", "current").code == 3
    ended = desk.flowrun("runs", "resume", "-o", "json")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"rates": 1, "last": 1}


def test_a_file_that_says_the_same_is_gone_on_with_as_it_was(desk: Desk) -> None:
    killed(desk)
    ended = resume(desk, SPEC + "# a word more\n", "-o", "json")
    assert ended.code == 0, ended.err
    assert "the rest of the run is what it was" in ended.err
    assert ended.data["replanned"] == []
