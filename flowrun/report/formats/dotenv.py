"""Variables for later steps of a pipeline: `NAME=value`, as GitLab's `artifacts:reports:dotenv` reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from flowrun.core.plan import Json
from flowrun.report.model import Report

_NO_NAME = re.compile(r"[^A-Z0-9_]")
_PLAIN = re.compile(r"[\w@%+=:,./-]*", re.ASCII)


def render(report: Report) -> str:
    """`FLOWRUN_RUN_ID`, `FLOWRUN_STATUS`, and `FLOWRUN_OUTPUT_` with the name of each output behind it, in capitals.

    A text of letters, digits and a few marks stands as it is. Everything else is JSON on one line, so that no value
    reaches into the next line. Of two outputs with the same name in capitals, the first counts.
    """
    values: dict[str, str] = {}
    for name, value in _values(report):
        values.setdefault(name, value)
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _values(report: Report) -> Iterator[tuple[str, str]]:
    yield "FLOWRUN_RUN_ID", report.run_id
    yield "FLOWRUN_STATUS", report.state
    for name, value in report.outputs.items():
        yield f"FLOWRUN_OUTPUT_{_NO_NAME.sub('_', name.upper())}", _text(value)


def _text(value: Json) -> str:
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else json.dumps(value, separators=(",", ":"))
