"""Pages read as a person reads them: blocks of a language, each with what a remark before it says of it.

A remark is a comment that no reader sees, in the line before the block: `<!-- kind: text -->`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_REMARK = re.compile(r"^<!-- (?P<kind>[a-z ]+): (?P<text>.*?) -->$")
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]*)$")


@dataclass(frozen=True)
class Block:
    """What stands between two fences. `line` is that of the first one, from 1."""

    page: Path
    line: int
    language: str
    text: str
    remarks: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For a test's id."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def tracked(*endings: str) -> list[Path]:
    """The files in git with these endings."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name.endswith(endings) and (ROOT / name).exists()]


def blocks(page: Path) -> Iterator[Block]:
    """All blocks of a page, in order. Raises ValueError for one that does not end."""
    remarks: dict[str, str] = {}
    opened: tuple[int, str, str] | None = None
    inside: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is not None:
            at, language, indent = opened
            if line == f"{indent}```":
                yield Block(page, at, language, "".join(f"{one.removeprefix(indent)}\n" for one in inside), remarks)
                opened, remarks, inside = None, {}, []
            else:
                inside.append(line)
        elif fence is not None:
            opened = (number, fence["language"], fence["indent"])
        elif remark := _REMARK.match(line.strip()):
            remarks[remark["kind"]] = remark["text"]
        elif line.strip():
            remarks = {}
    if opened is not None:
        raise ValueError(f"{page}:{opened[0]}: a block that does not end")
