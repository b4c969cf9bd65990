"""`flowrun test`: the tests beside workflows, on a virtual clock, with nobody asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowrun.cli import completions
from flowrun.cli.answer import Answer, diagnostic
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import DIAGNOSTICS, answering, configured
from flowrun.cli.reports import write_each

if TYPE_CHECKING:
    from flowrun import api
    from flowrun.settings import Settings


@click.command(short_help="Carry out the tests of workflows, offline, on a virtual clock.")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...", shell_complete=completions.files
)
@click.option("-k", "--pick", default="", metavar="TEXT", help="Only tests whose name holds this.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML here.")
@click.option("--record", metavar="RUN", help="Make a test file of a real run instead; `latest` is the latest.")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="FILE", help="Where the recorded test goes; else stdout."
)
@DIAGNOSTICS
@answering("text", "json", "jsonl", "name")
@configured(outside=False)
def test(  # noqa: PLR0913 - an option of the command each
    console: Console,
    *,
    paths: tuple[Path, ...],
    pick: str,
    junit: Path | None,
    record: str | None,
    to: Path | None,
    reports: dict[str, Path],
    settings: Settings,
) -> Answer:
    """Carry out the tests of workflows, offline, on a virtual clock.

    PATHS are test files (`*.test.yaml`), folders that are searched for them, or workflows that have one beside them;
    otherwise this folder. Ends with 1 where a test fails, with 3 where a file is not valid. `-o name` prints the
    names of the tests.

    With `--record` nothing is carried out but what a real run did: what its Jobs returned, by step, leg and attempt,
    who answered and who ended it, and what came out become a test, without anything that is sensitive.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

    if record is not None:
        return _recorded(api.record_test(None if record == "latest" else record, settings, to), to)
    tested = api.carry_out_tests(paths, pick)
    if junit is not None:
        _write(junit, api.test_junit(tested))
    write_each(
        console,
        reports,
        lambda form: api.test_junit(tested) if form == "junit" else api.diagnostics(form, api.test_pages(tested)),
    )
    rows = [_row(one) for one in tested.outcomes]
    faults = tuple(problem for file in tested.files for page in file.faults for problem in page.problems)
    failures = tuple(problem for one in tested.outcomes for problem in one.tried.problems)
    failed = sum(not one.tried.passed for one in tested.outcomes)
    return Answer(
        data={
            "tests": rows,
            "passed": len(rows) - failed,
            "failed": failed,
            "virtual_seconds": round(tested.virtual, 3),
            "seconds": round(tested.seconds, 6),
        },
        text="\n".join(_text(tested, color=console.colored(sys.stdout))),
        rows=rows,
        names=tuple(one.tried.name for one in tested.outcomes),
        code=ExitCode.INVALID if not tested.valid else ExitCode.SUCCESS if tested.passed else ExitCode.FAILED,
        message=_summary(tested, failed),
        problems=(*faults, *failures),
    )


def _recorded(made: api.Recorded, to: Path | None) -> Answer:
    from flowrun import api  # noqa: PLC0415 - as above

    if to is not None:
        api.write_test(made, to)
    words = (
        [f"left out, for the file does not hold what they need: {', '.join(made.left_out)}"] if made.left_out else []
    )
    words += [f"it does not do the same: {'; '.join(made.differs)}"] if made.differs else []
    return Answer(
        data={"test": made.text, "file": str(to) if to else None, "left_out": made.left_out, "differs": made.differs},
        text=made.text if to is None else str(to),
        names=(str(to),) if to else (),
        code=ExitCode.FAILED if made.differs else ExitCode.SUCCESS,
        message="\n".join(words),
    )


def _write(file: Path, text: str) -> None:
    from flowrun.errors import UsageError  # noqa: PLC0415 - as above

    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


def _row(one: api.TestOutcome) -> dict[str, Any]:
    tried = one.tried
    return {
        "file": tried.file,
        "line": tried.position.line,
        "name": tried.name,
        "passed": tried.passed,
        "virtual_seconds": round(tried.took, 3),
        "seconds": round(one.seconds, 6),
        "problems": [diagnostic(problem) for problem in tried.problems],
    }


def _text(tested: api.Tested, *, color: bool) -> Iterator[str]:
    for file in tested.files:
        for page in file.faults:
            yield page.render(color=color).rstrip("\n")
        for one in file.outcomes:
            verdict = "passed" if one.tried.passed else "FAILED"
            yield f"{verdict}  {file.file}: {one.tried.name}  ({one.virtual})"
            if not one.tried.passed:
                yield "\n".join(f"  {line}".rstrip() for line in one.page.render(color=color).splitlines())


def _summary(tested: api.Tested, failed: int) -> str:
    count = sum(1 for _ in tested.outcomes)
    words = f"{count} test{'' if count == 1 else 's'}: {count - failed} passed, {failed} failed"
    speed = f", {tested.virtual / tested.seconds:,.0f} times as fast" if tested.virtual > tested.seconds else ""
    broken = sum(bool(file.faults) for file in tested.files)
    faults = f"; {broken} file{'' if broken == 1 else 's'} with problems" if broken else ""
    return f"{words}{faults}; {tested.spent} of virtual time in {tested.seconds:.3f} s{speed}"
