"""A plan file for people: the lines after the steps, the head of a saved one, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowrun.core.plan import Json
from flowrun.report.markup import escaped
from flowrun.span import Span

MARK = "<!-- flowrun plan {workflow} {context} -->"
"""By this a pipeline finds the comment that it wrote before."""

LIMIT = 65_536
"""Characters of a comment at GitHub, the least of the platforms."""

_ROOM = 2_000
_MOST_CHANGES = 6


def differences(document: Mapping[str, Json]) -> int:
    """How many steps are new, changed or gone."""
    different = [row for row in document["steps"] if row["mark"] != "="]
    return len(different) + len(document["removed"])


def closing(document: Mapping[str, Json]) -> str:
    """What follows the steps: what is gone, what it needs at once, how long it takes, and the sum of it."""
    lines = [f"  - {name}" for name in document["removed"]]
    lines += [f"needs at once: {words}" for words in _runtimes(document)]
    lines += [f"usually: {words}" for words in _usual(document)]
    lines += [f"a start without an answer is looked up for {Span(document['quiescence'])} before it may be sent again"]
    return "\n".join([*lines, summary(document)]) + "\n"


def text(document: Mapping[str, Json]) -> str:
    """A saved plan: when and for what it was made, then what `plan` printed."""
    around = document["environment"]
    head = [
        f"plan of {document['file']} from {document['created_at']}, flowrun {document['flowrun']}",
        f"  for {_target(document)}, context {document['context']['name']}"
        + (f", environment {around['name']}" if around else ""),
        f"  {document['digest']}",
    ]
    problems = [f"  {one}" for one in document["problems"]]
    return "\n".join([*head, *problems, "", document["text"]])


def markdown(document: Mapping[str, Json]) -> str:
    """A comment of at most LIMIT characters: the steps that differ first, all of them where there is room."""
    context = document["context"]["name"]
    mark = MARK.format(workflow=document["file"].replace("--", "- -"), context=context.replace("--", "- -"))
    lines = [
        mark,
        f"### flowrun plan: {escaped(document['workflow'])} @ {escaped(context)}",
        "",
        f"{summary(document)}.",
        "",
        "| | Step | Release | Folder | What is different |",
        "| --- | --- | --- | --- | --- |",
    ]
    tail = [*_about(document), ""]
    room = LIMIT - _ROOM - sum(len(line) + 1 for line in (*lines, *tail))
    rows = sorted(document["steps"], key=lambda row: row["mark"] == "=")
    shown = [_row(row) for row in rows] + [f"| - | {escaped(name)} | | | gone |" for name in document["removed"]]
    kept: list[str] = []
    for line in shown:
        room -= len(line) + 1
        if room < 0:
            kept += ["", f"and {len(shown) - len(kept)} more steps: `flowrun show` the plan file"]
            break
        kept.append(line)
    return "\n".join([*lines, *kept, *tail])


def _row(row: Mapping[str, Json]) -> str:
    name = row["id"] if not row["file"] else f"{row['file']}: {row['id']}"
    what = row["release"] or row["kind"]
    version = f" {row['version']}" if row["version"] else ""
    changes = row["changes"][:_MOST_CHANGES]
    more = len(row["changes"]) - len(changes)
    words = "<br>".join([*(escaped(change) for change in changes), *([f"and {more} more"] if more else [])])
    legs = " for each leg" if row["fan_out"] is not None else ""
    return (
        f"| `{row['mark']}` | {escaped(name)} | {escaped(f'{what}{version}{legs}')} | {escaped(row['folder'] or '')} "
        f"| {words or ('new' if row['mark'] == '+' else '')} |"
    )


def _about(document: Mapping[str, Json]) -> Iterator[str]:
    points = [f"**needs at once:** {escaped(words)}" for words in _runtimes(document)]
    points += [f"**usually:** {escaped(words)}" for words in _usual(document)]
    points += [f"**warning:** {escaped(words)}" for words in document["problems"]]
    points += [f"**secrets:** {escaped(', '.join(document['secrets']))}"] if document["secrets"] else []
    points.append(f"**for:** {escaped(_target(document))}")
    yield from ("", *(f"* {point}" for point in points[:_MOST_POINTS]), "")
    values = [
        f"| {escaped(one['name'])} | {_value(one['value'])} | {escaped(one['source'])} |" for one in document["sources"]
    ]
    if values:
        yield from ("<details><summary>Where the values came from</summary>", "", "| Value | Is | From |")
        yield from ("| --- | --- | --- |", *values[:_MOST_POINTS], "", "</details>", "")
    yield f"Made {document['created_at']} by flowrun {document['flowrun']}, `{document['digest'][:19]}…`"


_MOST_POINTS = 40


def _value(value: Json) -> str:
    return escaped(str(value)[:200])


def summary(document: Mapping[str, Json]) -> str:
    """How many steps are new, changed, the same, gone; and how many Releases have moved."""
    counts = {mark: sum(row["mark"] == mark for row in document["steps"]) for mark in "+~="}
    words = [f"{counts['+']} new", f"{counts['~']} changed", f"{counts['=']} as in the last run"]
    words += [f"{len(document['removed'])} gone"] if document["removed"] else []
    drifted = len({(move["folder"], move["release"]) for move in document["moves"] if move["kind"] == "moved"})
    words += [f"{drifted} Release{'' if drifted == 1 else 's'} moved since the lock"] if drifted else []
    return f"{len(document['steps'])} steps: {', '.join(words)}"


def _runtimes(document: Mapping[str, Json]) -> Iterator[str]:
    for one in document["runtimes"]:
        need = (
            f"{'at least ' if one['open'] else ''}{one['need']} Job{'' if one['need'] == 1 else 's'} in {one['folder']}"
        )
        legs = f", one for each leg of {', '.join(one['open'])}" if one["open"] else ""
        there = "" if one["robots"] is None else f"; {one['robots']} robots there"
        busy = "" if one["running"] is None else f", {one['running']} Jobs running now"
        yield f"{need}{legs}{there}{busy}"


def _usual(document: Mapping[str, Json]) -> Iterator[str]:
    path = document["longest_path"]
    if path["runs"]:
        runs = f"{path['runs']} run{'' if path['runs'] == 1 else 's'}"
        yield f"{' → '.join(path['steps'])} takes {Span(path['seconds'])} (medians of {runs})"


def _target(document: Mapping[str, Json]) -> str:
    target = document["target"]
    return f"the embedded Orchestrator of {target['emulator']}" if "emulator" in target else str(target.get("url"))
