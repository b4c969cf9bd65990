"""Jobs as lines on a screen, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_WIDEST = 80
COLUMNS = (
    *("id", "key", "state", "release_name", "robot", "machine", "folder", "creation_time", "start_time", "end_time"),
    *("source_type", "job_priority", "reference", "batch_execution_key", "info"),
)
"""The header of the CSV. Times are as Orchestrator gave them."""


def lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """A line for each Job: id, State, Release, robot, created, ended, Info."""
    return aligned(
        [
            (
                *(str(job["id"]), str(job["state"]), one_line(job.get("release_name")), _name(job.get("robot"))),
                *(local(job.get("creation_time")), local(job.get("end_time")), one_line(job.get("info"))),
            )
            for job in rows
        ]
    )


def facts(rows: Sequence[Mapping[str, Any]]) -> str:
    """The same for the facts of Jobs that were awaited."""
    return aligned(
        [
            (
                *(str(job["id"]), str(job.get("state") or "gone"), one_line(job.get("release"))),
                *(one_line(job.get("robot")), local(job.get("ended_at")), one_line(job.get("info"))),
            )
            for job in rows
        ]
    )


def aligned(cells: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))] if cells else []
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """RFC 4180 but for the line ends, which are those of this machine's other tools."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for job in rows:
        flat = {
            **job,
            "robot": _name(job.get("robot")),
            "machine": _name(job.get("machine")) or job.get("host_machine_name"),
            "folder": job.get("organization_unit_fully_qualified_name"),
        }
        writer.writerow([flat.get(name) for name in COLUMNS])
    return out.getvalue()


def one_line(value: object) -> str:
    """What a robot said, on one line and without anything that a terminal would act on."""
    text = " ".join(str(value or "").split())
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def local(moment: str | None) -> str:
    """A moment in the time of this machine; empty where there is none."""
    if not moment:
        return ""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return one_line(moment)


def _name(entity: Mapping[str, Any] | None) -> str:
    return one_line(entity["name"]) if entity else ""
