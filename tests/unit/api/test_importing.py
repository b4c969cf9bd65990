"""Workflows made of scripts that call uipcli: valid, formatted, and without anything secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun import api
from flowrun.api.importing import import_uipcli
from flowrun.errors import UsageError

SIGN_IN = "https://cloud.uipath.com/ tenant -a acme -I an-id -S a-secret"


def imported(tmp_path: Path, script: str) -> str:
    (tmp_path / "night.sh").write_text(script)
    text = import_uipcli(tmp_path / "night.sh")
    made = tmp_path / "night.yaml"
    made.write_text(text)
    assert api.check(made).problems == ()
    assert not any(one.differs or one.failed for one in api.tidy([made], write=False))
    assert "secret" not in text
    return text


def test_the_calls_of_a_script_are_steps_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "args.json").write_text('{"in_Day": "2026-10-31", "in_Other": "{{ x }}", "in_Count": 3}')
    script = f"""#!/bin/sh
uipcli job run "Finance.Load" {SIGN_IN} -o "Shared/Finance" -i args.json -W 600 -j 2 -b Unattended
# uipcli job run Old {SIGN_IN}
./uipcli.exe job run PostToSap {SIGN_IN} --robots "r1, r2" -P high \\
   --fail_when_job_fails false -U CORP\\bot -w false && echo done
uipcli job run PostToSap {SIGN_IN}
"""
    text = imported(tmp_path, script)
    assert text.startswith("# From night.sh:")
    assert text.split("steps:\n", 1)[1] == (
        "  # Left out, since braces in them would be an expression here: in_Other.\n"
        "  # uipcli counts its timeout from the start; here it counts while the Job runs.\n"
        "  - id: finance_load\n"
        "    release: Finance.Load\n"
        "    folder: Shared/Finance\n"
        "    jobs_count: 2\n"
        "    runtime_type: Unattended\n"
        "    input_arguments: {in_Day: '2026-10-31', in_Count: 3}\n"
        "    timeout: 600s\n"
        "\n"
        "  # The script did not wait for it; here the next step does. A map of steps has no such order.\n"
        "  # It was to run for the user CORP\\bot, which a step cannot say.\n"
        "  - id: post_to_sap\n"
        "    release: PostToSap\n"
        "    strategy: Specific\n"
        "    robots: [r1, r2]\n"
        "    job_priority: High\n"
        "    continue_on_error: true\n"
        "\n"
        "  - id: post_to_sap_2\n"
        "    release: PostToSap\n"
    )


@pytest.mark.parametrize("sign", ["\\", "`", "^"])
def test_lines_may_be_continued_as_each_shell_does(sign: str, tmp_path: Path) -> None:
    assert "folder: F" in imported(tmp_path, f"uipcli job run A {SIGN_IN} {sign}\r\n  -o F\r\n")


def test_arguments_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    text = imported(tmp_path, f"uipcli job run A {SIGN_IN} -i C:\\in\\args.json\n")
    assert "# Its arguments are in args.json, which cannot be read from here.\n" in text
    (tmp_path / "list.json").write_text("[1]")
    assert "no JSON object" in imported(tmp_path, f"uipcli job run A {SIGN_IN} -i list.json\n")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo\n", "no line with `uipcli job run`"),
        ("uipcli job run -o F\n", "names no process"),
        ("uipcli job run 'A\n", "cannot be read"),
        ("uipcli job run '${{ x }}'\n", "cannot be written as a workflow"),
    ],
)
def test_what_is_no_call_is_said(script: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "night.sh").write_text(script)
    with pytest.raises(UsageError, match=why):
        import_uipcli(tmp_path / "night.sh")
