"""What every process here has in common: one JSON object in, one JSON object out.

The arguments arrive on standard input, the outputs leave on standard output. A `BusinessError` becomes one sentence on
standard error and exit code 1: the Job is Faulted, and the sentence is its Info.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

Arguments = Mapping[str, Any]


class BusinessError(Exception):
    """The work cannot be done, for a reason that a person of the trade understands."""


def run(process: Callable[[Arguments], Mapping[str, Any]]) -> None:
    """Read the arguments, do the work, write the outputs."""
    try:
        outputs = process(json.load(sys.stdin.buffer))
    except BusinessError as error:
        sys.exit(str(error))
    sys.stdout.buffer.write(json.dumps(outputs, ensure_ascii=False).encode())
