"""Telling a CI system how a command ended, and before that, what it must never show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console, dumps_line
from flowrun.cli.exit import ExitCode
from flowrun.cli.pipelines.protocol import NO_PLATFORM, Ending

_SHORTEST = 4
"""Characters of a secret; a shorter one would hide half of the log."""
_NO_REFUSAL = (ExitCode.SUCCESS, ExitCode.FAILED, ExitCode.DIFFERENT)
"""Codes that are the answer to what was asked."""
_PREFIX = "FLOWRUN_SECRET_"
_CREDENTIALS = (
    *("UIPATH_ACCESS_TOKEN", "UNATTENDED_USER_ACCESS_TOKEN", "UIPATH_CLIENT_SECRET", "UIPATH_PASSWORD"),
    "UIPATH_CLI_AUTH_TOKEN",
)


def mask(console: Console, environ: Mapping[str, str]) -> None:
    """Have the platform hide every secret in the environment."""
    for line in console.platform.masks(dict.fromkeys(_secrets(environ))):
        console.command(line)


def _secrets(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in environ.items():
        if (name.startswith(_PREFIX) or name in _CREDENTIALS) and len(value.strip()) >= _SHORTEST:
            yield value


def tell(console: Console, answer: Answer, environ: Mapping[str, str]) -> None:
    """Say to the platform what came of it. What it cannot be told is said to people, and changes nothing."""
    if console.platform is NO_PLATFORM:
        return
    try:
        for line in console.platform.ended(_ending(console, answer), environ):
            console.command(line)
    except OSError as error:
        console.say(f"the summary or the outputs of this step could not be written: {error}", "bad")


def _ending(console: Console, answer: Answer) -> Ending:
    plain = Ending(int(answer.code), answer.code.result, answer.message)
    run, form = answer.run, console.platform.annotations
    refused = run is None and not answer.problems and answer.code not in _NO_REFUSAL
    if run is None and not answer.problems and not refused:
        return plain
    from flowrun import api  # noqa: PLC0415 - the api loads its rooms when they are used

    said = form if form and console.form != form else ""
    findings = api.annotated(said, answer.problems, run, answer.message if refused else "") if said else ""
    if refused:
        return replace(plain, findings=findings)
    if run is None:
        return replace(plain, findings=findings, summary=(api.problems_summary(answer.problems, answer.message),))
    return replace(
        plain,
        findings=findings,
        summary=api.run_summary(run),
        imperfect=bool(run.warnings),
        run_id=run.run_id,
        outputs=dumps_line(run.outputs),
    )
