"""What looks for the canary after every test finds one wherever it is put."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e import canary
from tests.e2e.harness import Desk


@pytest.mark.parametrize(
    "written",
    [
        canary.VALUE,
        json.dumps({"a": canary.VALUE}),
        json.dumps(json.dumps([canary.VALUE], ensure_ascii=False)),
        json.dumps(json.dumps([canary.VALUE])),
        quote(canary.VALUE, safe="").lower(),
        *(base64.b64encode(f"{'u' * before}{canary.VALUE} and".encode()).decode() for before in range(4)),
        canary.VALUE.encode().hex().upper(),
        canary.VALUE.upper(),
    ],
)
def test_it_is_found_however_it_was_written(tmp_path: Path, written: str) -> None:
    (tmp_path / "state" / "runs").mkdir(parents=True)
    (tmp_path / "state" / "runs" / "journal.db").write_bytes(b"\0\xff" * 5_000 + written.encode() + b"\0" * 9)
    (tmp_path / "0.out").write_text("nothing")
    assert canary.leaks(tmp_path, {canary.VALUE}) == ["state/runs/journal.db"]


def test_a_token_is_looked_for_but_where_it_belongs(tmp_path: Path) -> None:
    (tmp_path / "endpoint.json").write_text('{"token": "a-token-of-this-test"}')
    (tmp_path / "emulator.env").write_text("UIPATH_URL=x\nUIPATH_ACCESS_TOKEN=a-token-of-this-test\n")
    assert canary.tokens(tmp_path) == {"a-token-of-this-test"}
    assert canary.leaks(tmp_path, canary.tokens(tmp_path)) == []
    (tmp_path / "0.err").write_text("GET /?token=a-token-of-this-test")
    (tmp_path / "a-token-of-this-test.log").touch()
    assert canary.leaks(tmp_path, canary.tokens(tmp_path)) == ["0.err", "a-token-of-this-test.log"]


def test_what_others_could_read_is_found(tmp_path: Path) -> None:
    (tmp_path / "state" / "runs").mkdir(parents=True, mode=0o700)
    (tmp_path / "state").chmod(0o700)
    (tmp_path / "state" / "runs").chmod(0o711)
    (tmp_path / "state" / "journal.db").touch(mode=0o600)
    assert canary.exposed(tmp_path / "state") == [str(tmp_path / "state" / "runs")]
    assert canary.exposed(tmp_path / "never") == []


def test_the_commands_of_a_desk_know_it_and_what_they_write_is_looked_through(tmp_path: Path) -> None:
    """Here it is given as an input, which a journal keeps and a report shows; Jobs are not told of any secret."""
    desk = Desk(tmp_path)
    desk.environment = canary.VARIABLE
    (desk.specs / "leaking").mkdir()
    (desk.specs / "leaking" / "emulator.yaml").write_text(
        "emulator: 1\nrobots: [{name: ada, id: 1}]\nreleases:\n"
        '  Tell: {command: ["{python}", -c, "import json, os; print(json.dumps({\'Known\': sorted(os.environ)}))"],'
        " output: {Known: any}}\n"
    )
    (desk.specs / "leaking" / "w.yaml").write_text(
        "flowrun: 1\nname: leaking\ninputs: {x: {type: string}}\n"
        "steps: {tell: {release: Tell, outputs: {Known: {type: list}}}}\noutputs: {x: '${{ inputs.x }}'}\n"
    )
    ended = desk.flowrun("run", "specs/leaking/w.yaml", "-o", "json", "--input", f"x={canary.VALUE}")
    (job,) = desk.jobs()
    known = {canary.VALUE, *canary.tokens(desk.state)}
    desk.close()
    assert ended.code == 0, ended.err
    assert "PATH" in job.outputs["Known"]
    assert not any(name.startswith("FLOWRUN_SECRET") for name in job.outputs["Known"])
    assert len(known) == 2
    found = canary.leaks(tmp_path, known)
    assert "0.out" in found
    assert "state/journal.db" in found
    assert not any("emulator" in path for path in found)
