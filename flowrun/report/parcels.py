"""What is in the parcels that the core does not open, made safe to read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from flowrun.core.plan import Json
from flowrun.report.approval import ApprovalFact
from flowrun.report.model import JobFact

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def plain(text: str) -> str:
    """The text without what could move a cursor, change a colour, turn a line round, or break an XML file."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def job_facts(parcel: Json) -> tuple[JobFact, ...]:
    """The Jobs that a handle or an outcome's facts tell of: `{"jobs": [{"id", "key", "state", …}]}`, in any case."""
    jobs = parcel.get("jobs") if isinstance(parcel, Mapping) else None
    return tuple(_job(job) for job in jobs if isinstance(job, Mapping)) if isinstance(jobs, list | tuple) else ()


def run_of(parcel: Json) -> str:
    """The run that a handle or an outcome's facts name: `{"run": id}`; nothing for every other parcel."""
    return _text(parcel.get("run")) if isinstance(parcel, Mapping) else ""


def asked(parcel: Json) -> ApprovalFact | None:
    """What a handle says that a person is asked: `{"instructions", "asked", "until"}`; None for every other handle."""
    if not isinstance(parcel, Mapping) or not isinstance(parcel.get("instructions"), str):
        return None
    return ApprovalFact(plain(parcel["instructions"]), _time(parcel.get("asked")) or 0.0, _time(parcel.get("until")))


def answered(question: ApprovalFact | None, parcel: Json) -> ApprovalFact | None:
    """The question with the answer of an outcome's facts: `{"approval": {"decision", "by", "at", "comment"}}`."""
    given = parcel.get("approval") if isinstance(parcel, Mapping) else None
    if question is None or not isinstance(given, Mapping):
        return question
    decision, by, comment = (_text(given.get(name)) for name in ("decision", "by", "comment"))
    return replace(question, decision=decision, by=by, at=_time(given.get("at")), comment=comment)


def _time(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _job(job: Mapping[str, Json]) -> JobFact:
    facts = {str(name).lower().replace("_", ""): value for name, value in job.items()}
    robot = facts.get("robot")
    if isinstance(robot, Mapping):
        robot = robot.get("name") or robot.get("Name")
    number = facts.get("id")
    return JobFact(
        id=number if isinstance(number, int) else None,
        key=_text(facts.get("key")),
        state=_text(facts.get("state")),
        info=_text(facts.get("info")),
        robot=_text(robot or facts.get("hostmachinename")),
        started_at=_text(facts.get("starttime") or facts.get("startedat")),
        ended_at=_text(facts.get("endtime") or facts.get("endedat")),
    )


def _text(value: Json) -> str:
    return "" if value is None else plain(str(value))
