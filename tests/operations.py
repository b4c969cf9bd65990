"""How much work something is, counted and not timed: the operations of the interpreter in flowrun's own code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import flowrun

PACKAGE = str(Path(flowrun.__file__).parent)


def operations(act: Callable[[], object]) -> int:
    """How many operations of flowrun's own code `act` takes. Libraries, and loops in C, are not counted."""
    count = 0

    def inside(_frame: FrameType, what: str, _: Any) -> Any:
        nonlocal count
        count += what == "opcode"
        return inside

    def enter(frame: FrameType, _what: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return inside

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        act()
    finally:
        sys.settrace(before)
    return count
