"""Writes the newest golden snapshot anew, from the example.

`python -m tests.golden.snapshots.write`, where the state has a new field in a version that no release has written yet.
"""

from __future__ import annotations

import json
from pathlib import Path

from flowrun.journal.snapshot import VERSION, dump
from tests.golden.snapshots.examples import BY_VERSION

HERE = Path(__file__).parent


def text() -> str:
    """What stands in the newest file."""
    return json.dumps(dump(BY_VERSION[f"v{VERSION}"]), indent=1) + "\n"


if __name__ == "__main__":
    (HERE / f"v{VERSION}.json").write_text(text(), encoding="ascii")
