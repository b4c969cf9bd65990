"""What of a run deserves a line on a screen of so many lines: what runs and what failed first, the rest as counts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from flowrun.api import LegReport, Report


class Row(NamedTuple):
    """One line. `tone` is that of `Console.toned`."""

    name: str
    state: str
    time: str
    detail: str
    tone: str


def screen(report: Report, now: float, room: int) -> list[Row]:
    """At most `room` lines: half of them for what failed, where there is so much. Looks no further than they reach."""
    active = list(islice(_active(report, now), room))
    failed = list(islice(_failed(report, now), max(room // 2, room - len(active))))
    return [*active[: room - len(failed)], *failed]


def longest(report: Report, now: float) -> Row | None:
    """The first of what runs, in the order of the plan: in a chain of waits, the one that has waited longest."""
    return next(_active(report, now), None)


def counts_line(report: Report) -> str:
    """`3 running, 12/40 done, 1 failed`."""
    counts = report.counts
    parts = [f"{counts.running} running", f"{counts.done}/{counts.total} done"]
    parts += [
        f"{number} {word}"
        for word, number in (("failed", counts.failed), ("skipped", counts.skipped), ("cancelled", counts.cancelled))
        if number
    ]
    return ", ".join(parts)


def outlook(report: Report, now: float) -> str:
    """`usually 9m12s, about 2m left`; nothing where no run of this workflow has succeeded before."""
    if report.usual is None:
        return ""
    left = report.left(now)
    minutes = 0 if left is None else round(left / 60)
    about = f"{minutes}m" if 2 <= minutes < 60 else str(left)  # noqa: PLR2004 - beyond, a Span is coarse enough
    return f"usually {report.usual}" + (f", about {about} left" if left is not None else "")


def _active(report: Report, now: float) -> Iterator[Row]:
    """Steps that run, each followed by those of its legs that do."""
    if "" in report.waits:
        yield Row("run", str(report.status), _text(report.duration(now)), f"waits {report.waits['']}", "warn")
    for step in report.told:
        if step.status != "running":
            continue
        waits = f"waits {report.waits[step.id]}" if step.id in report.waits else ""
        if not step.fan_out:
            row = _leg_row(step.id, step.leg, now)
            yield row._replace(state="waiting", detail=waits) if waits else row
            continue
        counts = step.counts
        failed = f", {counts.failed} failed" if counts.failed else ""
        detail = f"{counts.active} of {counts.total} legs running, {counts.done} done{failed}"
        detail += f", {waits}" if waits else ""
        yield Row(step.id, "running", _text(step.duration(now)), detail, "plain")
        if counts.active:
            yield from (_leg_row(f"  {step.name(leg)}", leg, now) for leg in step.legs if leg.status.active)


def _failed(report: Report, now: float) -> Iterator[Row]:
    for step in report.told:
        state, tone = (step.state, "warn") if step.let_through else ("failed", "bad")
        if step.fan_out and step.counts.failed:
            for leg in step.legs:
                if leg.status == "failed":
                    yield Row(step.name(leg), state, _text(leg.duration(now)), leg.brief, tone)
        elif step.status == "failed" or step.let_through:
            yield Row(step.id, state, _text(step.duration(now)), step.brief, tone)


def _leg_row(name: str, leg: LegReport, now: float) -> Row:
    last = leg.last
    time = _text(leg.duration(now))
    if last is None:
        return Row(name, "ready", time, "", "dim")
    attempt = f"attempt {last.number}" if last.number > 1 else ""
    outside = ", ".join(part for part in (last.detail if last.run else "", last.names) if part)
    if leg.asks and last.approval is not None:
        return Row(name, "asking", time, " ".join(last.approval.instructions.split()), "warn")
    if leg.due is not None:
        if not last.error:
            return Row(name, "repeating", time, f"in {leg.wait(now)}", "plain")
        return Row(name, "retrying", time, f"in {leg.wait(now)} after {last.brief}", "warn")
    if last.stopping:
        state, tone = ("killing" if last.force else "stopping"), "warn"
    elif last.started_at is None:
        state, tone = "starting", "dim"
    else:
        state, tone = str(last.phase), "plain"
    since = f"for {last.in_phase(now)}" if state in ("pending", "suspended") else ""
    detail = ", ".join(part for part in (last.stopping, outside, attempt, since) if part)
    return Row(name, state, time, detail, tone)


def _text(took: float | None) -> str:
    return "" if took is None else str(took)
