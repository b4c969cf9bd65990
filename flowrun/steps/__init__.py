"""Kinds of steps: where the workflow's words meet UiPath's. Nothing here knows time, HTTP or files but by a protocol.

`MODELS` is the list of what an author may write; `build` makes what carries it out.
"""

from __future__ import annotations

from flowrun.steps.approval_model import ApprovalStep
from flowrun.steps.job.model import JobStep
from flowrun.steps.model import StepModel
from flowrun.steps.wait_model import WaitStep
from flowrun.steps.workflow_model import WorkflowStep

MODELS: tuple[type[StepModel], ...] = (JobStep, WaitStep, ApprovalStep, WorkflowStep)

__all__ = ["MODELS"]
