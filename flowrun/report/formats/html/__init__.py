"""HTML: one file for people, with the verdict, the pictures, every step and why; nothing from elsewhere, no script."""

from __future__ import annotations

from flowrun.pictures.alike import MANY, MOST
from flowrun.pictures.words import escaped
from flowrun.report.document import instant
from flowrun.report.formats.html.sections import sections
from flowrun.report.formats.html.style import STYLE
from flowrun.report.model import Report
from flowrun.report.reason import because, joined
from flowrun.report.standing import longest, of_run, sentence

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render(report: Report, most: int = MOST, many: int = MANY) -> str:
    """The page. `most` and `many`: how much its graph shows before alike steps become one (`alike.folded`)."""
    parts = list(sections(report, most, many))
    links = "".join(f'<li><a href="#{part.name}">{part.title}</a></li>' for part in parts)
    body = "\n".join(
        f'<section id="{part.name}" aria-labelledby="{part.name}-head">\n<h2 id="{part.name}-head">{part.title}</h2>\n'
        f"{part.body}\n</section>"
        for part in parts
    )
    title = f"{escaped(report.workflow)}: {report.state}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{STYLE}
</style>
</head>
<body>
<header>
{_head(report)}
<nav aria-label="On this page"><ul>{links}</ul></nav>
</header>
<main>
{body}
</main>
<footer><p>Written by flowrun. Times are UTC.</p></footer>
</body>
</html>
"""


def _head(report: Report) -> str:
    state = of_run(report)
    word = escaped(report.state)
    verdict = f'<span class="state {state.name_of_class}"><span aria-hidden="true">{state.mark}</span> {word}</span>'
    ended = "" if report.finished_at is None else f", ended {_moment(report.finished_at)}"
    lines = [
        f"<h1>{escaped(report.workflow)} {verdict}</h1>",
        f"<p>Run <code>{escaped(report.run_id)}</code>, started {_moment(report.started_at)}{ended}.</p>",
        f"<p>{escaped(sentence(report, longest(report)))}.</p>",
    ]
    if report.parent:
        lines.append(f"<p>A step of run <code>{escaped(report.parent)}</code>.</p>")
    if reason := because(report.cause, joined(report.message)):
        lines.append(f"<p><strong>Because</strong> {escaped(reason)}.</p>")
    if report.abort:
        by = escaped(report.abort.by or "flowrun")
        lines.append(f"<p>Aborted by {by} ({report.abort.level}).</p>")
    if "" in report.waits:
        lines.append(f"<p>Waits {escaped(report.waits[''])}.</p>")
    return "\n".join(lines)


def _moment(at: float) -> str:
    return f'<time datetime="{instant(at)}">{instant(at)[:19].replace("T", " ")}</time>'
