"""Note in the book of what went out how a file was handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from processes.job import Arguments, run


def note(arguments: Arguments) -> dict[str, Any]:
    """Take in_Book, a file, and in_Line; give Lines, how many there are now."""
    book = Path(arguments["in_Book"])
    book.parent.mkdir(parents=True, exist_ok=True)
    lines = book.read_text(encoding="utf-8").splitlines() if book.is_file() else []
    lines.append(str(arguments["in_Line"]))
    book.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"Lines": len(lines)}


if __name__ == "__main__":
    run(note)
