"""The differences between a lock and a tenant, for people: lines of text, and Markdown for a comment or an issue."""

from __future__ import annotations

from collections.abc import Sequence

from flowrun.report.markup import escaped
from flowrun.review.moved import Move

MARK = "<!-- flowrun drift -->"
"""By this a pipeline finds the comment that it wrote before."""

_MOST = 200


def text(moves: Sequence[Move]) -> str:
    """A line for each."""
    return "\n".join(f"{move.words}  ({move.workflow}, context {move.entry.context})" for move in moves)


def summary(moves: Sequence[Move], entries: int, contexts: Sequence[str]) -> str:
    """All in one sentence."""
    where = f" (context {', '.join(contexts)})" if contexts else ""
    looked = "1 Release" if entries == 1 else f"{entries} Releases"
    if moves:
        differences = "1 difference" if len(moves) == 1 else f"{len(moves)} differences"
        return f"{differences} between flowrun.lock, with {looked}, and what is there{where}"
    return f"{looked} of flowrun.lock, and no difference{where}"


def markdown(moves: Sequence[Move], entries: int, contexts: Sequence[str]) -> str:
    """A heading, a table, and what to do."""
    lines = [
        MARK,
        f"### flowrun drift: {'none' if not moves else len(moves)}",
        "",
        f"{escaped(summary(moves, entries, contexts))}.",
    ]
    if moves:
        lines += ["", "| Release | Folder | Context | What | Workflow |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(_cells(move))} |" for move in moves[:_MOST]]
        lines += [f"\nand {len(moves) - _MOST} more"] if len(moves) > _MOST else []
        lines += ["", "Look at what changed, then `flowrun lock update` and commit it, or move the Release back."]
    return "\n".join(lines) + "\n"


def _cells(move: Move) -> tuple[str, ...]:
    entry = move.entry
    return tuple(escaped(cell) for cell in (entry.release, entry.folder, entry.context, move.what, move.workflow))
