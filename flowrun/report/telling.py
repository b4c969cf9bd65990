"""A story as people read it, and as plain JSON."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.core.plan import Json
from flowrun.report.document import instant
from flowrun.report.story import LegStory, Link, Story, Try
from flowrun.span import Span


def text(told: Story) -> str:
    """The chain, one paragraph for each step, the one that was asked for first."""
    return "\n".join(_lines(told)) + "\n"


def data(told: Story) -> Json:
    """The same as JSON: times are ISO 8601 in UTC."""
    return {
        "run_id": told.run_id,
        "chain": [_link(link) for link in told.links],
        "aborts": [
            {"at": instant(abort.at), "level": abort.level.value, "by": abort.by, "cause": abort.cause.value}
            for abort in told.aborts
        ],
    }


def _lines(told: Story) -> Iterator[str]:
    for place, link in enumerate(told.links):
        if place:
            yield ""
        yield f"{link.why.step}  {link.why.line}{_when(link)}"
        yield f"  {link.why.sentence}"
        if link.planned_at is not None:
            yield f"  it stands in the plan so by the file as it was at {instant(link.planned_at)}"
        if link.condition:
            yield f"  if: {link.condition}"
            yield from (f"    {name} was {value}" for name, value in link.referred)
        for leg in link.legs:
            yield from _leg_lines(leg, single=leg.name == link.why.step)
        if link.hidden:
            yield f"  … and {link.hidden} more leg{'' if link.hidden == 1 else 's'}"
    for abort in told.aborts:
        by = f" by {abort.by}" if abort.by else ""
        yield ""
        yield f"the run was being ended from {instant(abort.at)}{by}: {abort.level}, {abort.cause}"


def _when(link: Link) -> str:
    if link.ended_at is not None:
        return f"  at {instant(link.ended_at)}"
    return f"  since {instant(link.decided_at)}" if link.decided_at is not None else ""


def _leg_lines(leg: LegStory, *, single: bool) -> Iterator[str]:
    """A plain step is its own leg, and needs no line of its own."""
    indent = "  "
    if not single:
        yield f"  {leg.name}  {leg.state}{f': {leg.reason}' if leg.reason else ''}"
        indent = "    "
    for one in leg.tries:
        yield f"{indent}attempt {one.number}  {_try(one)}"
    if leg.waits:
        yield f"{indent}it waits {leg.waits}"


def _try(one: Try) -> str:
    words = [one.came or one.phase or "scheduled"]
    words += [one.stopping] if one.stopping else []
    words += [one.then] if one.then else []
    took = "" if one.ended_at is None else f", {Span(one.ended_at - one.began_at)}"
    return f"{instant(one.began_at)}{took}  {'; '.join(words)}"


def _link(link: Link) -> Json:
    return {
        "step": link.why.step,
        "state": link.why.state,
        "cause": link.why.cause,
        "why": link.why.text,
        "rule": link.why.rule,
        "by": list(link.why.by),
        "decided_at": _instant(link.decided_at),
        "ended_at": _instant(link.ended_at),
        "planned_at": _instant(link.planned_at),
        "if": link.condition,
        "referred": dict(link.referred),
        "legs": [_leg(leg) for leg in link.legs],
        "hidden_legs": link.hidden,
    }


def _leg(leg: LegStory) -> Json:
    return {
        "name": leg.name,
        "state": leg.state,
        "reason": leg.reason,
        "waits": leg.waits,
        "attempts": [
            {
                "number": one.number,
                "began_at": instant(one.began_at),
                "ended_at": _instant(one.ended_at),
                "came_to": one.came,
                "phase": one.phase,
                "stopping": one.stopping,
                "then": one.then,
            }
            for one in leg.tries
        ],
    }


def _instant(at: float | None) -> str | None:
    return None if at is None else instant(at)
