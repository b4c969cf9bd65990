"""What was done to the lock, and what is not as it says, as an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun.cli.answer import Answer, Line
from flowrun.cli.exit import ExitCode

if TYPE_CHECKING:
    from flowrun import api


def of_locked(done: api.Locked) -> Answer:
    """The lock as it is now. What is left as it was, though the tenant has moved on, is said as a warning."""
    entries = len(done.lock.entries)
    what = "written" if done.written else "unchanged"
    talk = [Line(f"{done.file}: {what}, {entries} Release{'' if entries == 1 else 's'}")]
    talk += [Line(f"  {move.words}, and the lock keeps it: flowrun lock update", "warn") for move in done.left]
    talk += [Line(f"  {step} is not locked: its Release is known only when it runs", "warn") for step in done.open]
    return Answer(
        data={
            "file": str(done.file),
            "written": done.written,
            "entries": entries,
            "taken": [move.data for move in done.taken],
            "left": [move.data for move in done.left],
            "open": list(done.open),
        },
        text="\n".join(_taken(move) for move in done.taken),
        names=tuple(dict.fromkeys(move.entry.release for move in done.taken)),
        message=talk[0].text,
        talk=tuple(talk),
    )


def _taken(move: api.Move) -> str:
    entry = move.entry
    match move.kind:
        case "missing":
            return f"+ {entry.release} in {entry.folder}: version {entry.version or 'unknown'}"
        case "unused":
            return f"- {entry.release} in {entry.folder}"
        case _:
            return f"~ {move.words}"


def of_checked(done: api.LockChecked) -> Answer:
    """The differences; code 2 where there are any."""
    return Answer(
        data={
            "moves": [move.data for move in done.moves],
            "entries": done.entries,
            "contexts": list(done.contexts),
            "workflows": list(done.workflows),
        },
        text=done.text,
        markdown=done.markdown,
        names=tuple(dict.fromkeys(move.entry.release for move in done.moves)),
        code=ExitCode.DIFFERENT if done.moves else ExitCode.SUCCESS,
        message=done.summary,
    )
