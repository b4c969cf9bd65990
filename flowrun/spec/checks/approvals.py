"""Rules about approvals that look beyond the step."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.core.plan import Stage
from flowrun.errors import Problem
from flowrun.spec.draft import Draft
from flowrun.steps.approval_model import ApprovalStep


def endless_approvals(draft: Draft) -> Iterator[Problem]:
    """FR264: some time ends every approval, its own or that of the run."""
    for step in draft.steps.values():
        if not isinstance(step.model, ApprovalStep) or step.model.approval.timeout is not None:
            continue
        if step.stage is Stage.FINALLY or draft.head.get("timeout") is None:
            yield draft.document.problem("FR264", (*step.path, "approval"), key=True)
