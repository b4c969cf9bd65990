"""The ways to write a report down. Each is a pure function from Report to text, and this is the whole list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from flowrun.report.formats import dotenv, gitlab, json, junit, markdown, sarif, text
from flowrun.report.model import Report

Format: TypeAlias = Callable[[Report], str]


def _html(report: Report) -> str:
    from flowrun.report.formats import html  # noqa: PLC0415 - it draws, and whoever shows a run as text does not

    return html.render(report)


FORMATS: Mapping[str, Format] = {
    "text": text.render,
    "json": json.render,
    "md": markdown.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "gitlab": gitlab.render,
    "dotenv": dotenv.render,
    "html": _html,
}
