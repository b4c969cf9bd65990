"""The key of an attempt: our mark on its Jobs, and how a start is found again. The same attempt, the same key."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

from flowrun.orchestrator.wire import Job, Tag, characters
from flowrun.steps.protocol import Attempt

LONGEST = 128
"""Characters of a Reference."""

_NAMESPACE = uuid.UUID("5e0cf5d2-43b3-5a5a-9d0e-3a52f7b1c8a4")


@dataclass(frozen=True, slots=True)
class Mark:
    """What the Jobs of a start carry: its key as a uuid, and as Reference, None where the author gave one."""

    batch: str
    reference: str | None

    def value(self, tag: Tag) -> str | None:
        """What stands in that field."""
        return self.batch if tag is Tag.BATCH else self.reference

    def is_kept(self, job: Job, tag: Tag) -> bool:
        """Whether the Job carries it there."""
        if tag is Tag.BATCH:
            return (job.batch_execution_key or "").lower() == self.batch
        return self.reference is not None and job.reference == self.reference

    def is_on(self, job: Job) -> bool:
        """Whether the Job carries it in either field."""
        return any(self.is_kept(job, tag) for tag in Tag)


def mark_of(attempt: Attempt) -> Mark:
    """How the Jobs of this attempt are found again."""
    key = start_key(attempt)
    return Mark(batch_key(key), None if attempt.arguments.get("reference") else key)


def start_key(attempt: Attempt) -> str:
    """`fr1:<run>:<step>:<attempt>`, with `[leg]` behind the step. What does not fit or print is hashed."""
    place = f"{attempt.step_id}[{attempt.leg}]" if attempt.leg else attempt.step_id
    whole = f"fr1:{attempt.run_id}:{place}:{attempt.number}"
    if whole.isprintable() and characters(whole) <= LONGEST and not attempt.leg.startswith("#"):
        return whole
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
    readable = f"fr1:{attempt.run_id}:{attempt.step_id}[#{digest[:32]}]:{attempt.number}"
    return readable if readable.isprintable() and characters(readable) <= LONGEST else f"fr1:#{digest}"


def batch_key(key: str) -> str:
    """The same as a uuid, for BatchExecutionKey: lists can be filtered by it, and all Jobs of one start share it."""
    return str(uuid.uuid5(_NAMESPACE, key))
