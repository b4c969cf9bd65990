"""A code quality report as GitLab reads it: a list of violations, each with a place and a fingerprint.

The fields are those of docs.gitlab.com "Code Quality", section "Code Quality report format". A violation without a
file cannot be told in it, and is left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from flowrun.report.findings.finding import ERROR, Finding


def write(findings: Sequence[Finding]) -> str:
    """The whole report: `[]` where there is nothing."""
    seen: Counter[str] = Counter()
    return json.dumps([_violation(one, seen) for one in findings if one.file], indent=2) + "\n"


def _violation(found: Finding, seen: Counter[str]) -> dict[str, object]:
    hint = f" ({' '.join(found.hint.split())})" if found.hint else ""
    return {
        "description": f"{found.said}{hint}",
        "check_name": found.rule,
        "fingerprint": fingerprint(found, seen),
        "severity": "major" if found.severity == ERROR else "minor",
        "location": {"path": found.file, "lines": {"begin": found.line or 1}},
    }


def fingerprint(found: Finding, seen: Counter[str]) -> str:
    """Stays the same when lines are added above it. `seen` counts equal ones, of which each gets its own."""
    same = f"{found.file}\0{found.rule}\0{found.about}\0{found.message}"
    seen[same] += 1
    return sha256(f"{same}\0{seen[same]}".encode(errors="replace")).hexdigest()
