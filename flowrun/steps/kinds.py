"""The kinds of steps that an author may write. A list of its own: who needs one part of this room loads that part."""

from __future__ import annotations

from flowrun.steps.approval_model import ApprovalStep
from flowrun.steps.job.model import JobStep
from flowrun.steps.model import StepModel
from flowrun.steps.wait_model import WaitStep
from flowrun.steps.workflow_model import WorkflowStep

MODELS: tuple[type[StepModel], ...] = (JobStep, WaitStep, ApprovalStep, WorkflowStep)
