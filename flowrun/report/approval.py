"""ApprovalFact: what a person is asked, and how it was answered."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote

from flowrun.report.reason import because, brief, moment

KIND = "approval"
"""The kind of step that asks a person."""


@dataclass(frozen=True, slots=True)
class ApprovalFact:
    """What a person is asked and, once it is, how it was answered. `until` is None where it waits for ever."""

    instructions: str = ""
    asked: float = 0.0
    until: float | None = None
    decision: str = ""
    by: str = ""
    at: float | None = None
    comment: str = ""

    @property
    def answer(self) -> str:
        """`approved by anna at 2026-10-31T18:00:00Z: paid before`; empty while it waits."""
        return (
            ""
            if self.at is None
            else because(f"{self.decision} by {self.by} at {moment(self.at)}", brief(self.comment))
        )


def answering(run_id: str, name: str) -> str:
    """The command that answers, as it is typed into a shell."""
    return f"flowrun runs approve {run_id} {quote(name)}"
