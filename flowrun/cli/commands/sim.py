"""`flowrun sim`: a workflow against faults, many times, in virtual time, with nobody asked."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import INPUT, INPUTS_FILE, answering, choosing

if TYPE_CHECKING:
    from flowrun import api
    from flowrun.settings import Choice


@click.command(short_help="Try a workflow against faults, many times, in virtual time.")
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--seeds", type=click.IntRange(min=1), default=100, show_default=True, help="How many runs.")
@click.option("--seed", type=click.IntRange(min=0), metavar="K", help="This one alone; otherwise from 0 on.")
@click.option(
    "--faults", default="all", show_default=True, metavar="NAMES", help="all, none, or families with commas between."
)
@click.option(
    "--tape", type=click.Path(path_type=Path), metavar="FILE", help="Write the story of --seed here, as JSONL."
)
@click.option("--replay", type=click.Path(path_type=Path), metavar="FILE", help="Tell the story of a tape again.")
@click.option("--list-faults", is_flag=True, help="Print the families of faults.")
@INPUT
@INPUTS_FILE
@answering("text", "json", "jsonl")
@choosing
def sim(  # noqa: PLR0913 - an option of the command each
    console: Console,
    *,
    file: Path | None,
    seeds: int,
    seed: int | None,
    faults: str,
    tape: Path | None,
    replay: Path | None,
    list_faults: bool,
    texts: dict[str, str],
    inputs_file: Path | None,
    choice: Choice,
) -> Answer:
    """Try a workflow against faults, many times, in virtual time. Nothing real is started and nobody asked.

    The engine and the protocols are those of `flowrun run`; Orchestrator, the network, the disk, the clock and the
    people are simulated, and what befalls them follows from a seed: the same seed, the same story. With `all`, each
    family of faults is on in half of the runs; families that are named are on in all. How Jobs go stands in the first
    test of the file beside the workflow (`*.test.yaml`); otherwise it is made up from the outputs that steps declare.

    Ends with 0 where flowrun kept its promises in all runs, however many of them failed, and with 70 where it did not.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no engine

    if list_faults:
        named = api.fault_families()
        return Answer(data=dict(named), text="\n".join(f"{name:<12} {what}" for name, what in named.items()))
    if replay is not None:
        if file is not None:
            raise click.UsageError("a tape holds its own workflow: give --replay without FILE")
        return _replayed(api.replay_tape(replay))
    if file is None:
        raise click.UsageError("which workflow? give FILE, or --replay TAPE")
    if tape is not None and seed is None:
        raise click.UsageError("a tape is of one seed: give --seed with --tape")
    families = api.families(faults)
    values = api.read_inputs(inputs_file) if inputs_file else {}
    inputs = api.Inputs(texts, values, str(inputs_file or ""), api.chosen(file, choice))
    subject = api.subject(file, inputs)
    wanted = range(seeds) if seed is None else range(seed, seed + 1)
    with _Progress(console, len(wanted)) as progress:
        done = api.simulate(subject, wanted, families, progress.told)
    written = "" if tape is None or seed is None else _taped(api.record_tape(subject, seed, families, tape), tape)
    return _answer(done, written, file)


def _taped(lines: int, tape: Path) -> str:
    return f"; {lines} lines in {tape}"


def _answer(done: api.Simulated, written: str, file: Path) -> Answer:
    from flowrun.cli import simulated  # noqa: PLC0415 - as above

    broken = done.tally.broken
    words = ", ".join(f"{count} {name}" for name, count in simulated.counts(done.tally))
    promises = f"{len(broken)} broken promise{'' if len(broken) == 1 else 's'}" if broken else "no promise broken"
    rate = len(done.tally.endings) / done.seconds * 60 if done.seconds else 0.0
    return Answer(
        data=simulated.data(done),
        text="\n".join(simulated.lines(done, str(file))),
        rows=[simulated.row(one) for one in done.tally.endings],
        code=ExitCode.BUG if broken else ExitCode.SUCCESS,
        message=f"{words}; {promises}; {done.seconds:.1f} s, {rate:,.0f} runs a minute{written}",
    )


def _replayed(again: api.Replayed) -> Answer:
    from flowrun.cli import simulated  # noqa: PLC0415 - as above

    same = again.differs is None
    words = "the same story" if same else f"another story from line {again.differs} on; the tape is of {again.made_by}"
    row = simulated.row(again.ending)
    return Answer(
        data={"same": same, "differs": again.differs, "ending": row},
        text="\n".join((*again.lines[1:], "")),
        rows=[row],
        code=ExitCode.BUG if again.ending.wrong else ExitCode.SUCCESS if same else ExitCode.DIFFERENT,
        message=f"{words}: {again.ending.result.value}" + "".join(f"\n  {one}" for one in again.ending.wrong),
    )


class _Progress:
    """A line on a terminal that says how far it is; nothing elsewhere."""

    def __init__(self, console: Console, total: int) -> None:
        self._live = console.live
        self._total = total
        self._counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._write("\r\x1b[K")

    def told(self, one: api.Ending) -> None:
        self._counts[one.result.value.replace("_", " ")] += 1
        words = ", ".join(f"{count} {name}" for name, count in sorted(self._counts.items()))
        self._write(f"\r\x1b[K{sum(self._counts.values())} of {self._total}: {words}")

    def _write(self, text: str) -> None:
        if self._live:
            with suppress(OSError, ValueError):
                sys.stderr.write(text)
                sys.stderr.flush()
