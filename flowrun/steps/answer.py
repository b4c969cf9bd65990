"""Answer: what somebody decides about an approval, and what it makes of the attempt that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from flowrun.core.plan import Json
from flowrun.core.status import ErrorClass, Failed, Succeeded


class Decision(StrEnum):
    """What can be decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


FACTS = "approval"
"""Where the facts of an outcome tell of the answer: `{decision, by, at, comment}`, `at` in seconds since the epoch."""

OUTPUTS: Mapping[str, str] = {"decision": "string", "by": "string", "at": "string", "comment": "string"}
"""The outputs that every answer has, with their types. Those that an approval asks for stand beside them."""

BY_TIMEOUT = "timeout"
"""Who answered where nobody did."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who decided what, and when: `at` is in seconds since the epoch. `inputs` are checked values."""

    decision: Decision
    by: str
    at: float
    comment: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict)

    def outcome(self) -> Succeeded | Failed:
        """How the attempt ends. What was rejected has no inputs, for nobody gave any."""
        stated = {"decision": str(self.decision), "by": self.by}
        facts = {FACTS: {**stated, "at": self.at, "comment": self.comment}}
        outputs = {**stated, "at": instant(self.at), "comment": self.comment}
        if self.decision is Decision.APPROVED:
            return Succeeded({**outputs, **self.inputs}, facts)
        return Failed(ErrorClass.REJECTED, self._refusal(), outputs, facts)

    def _refusal(self) -> str:
        if self.by == BY_TIMEOUT:
            return self.comment
        return f"rejected by {self.by}: {self.comment}" if self.comment else f"rejected by {self.by}"


def instant(at: float) -> str:
    """Seconds since the epoch as UTC to the second: `2026-10-31T18:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
