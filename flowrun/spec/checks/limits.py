"""Rules about times, counts and tries that can have no effect, because something else decides first."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic_core import PydanticCustomError

from flowrun.core.plan import Stage
from flowrun.core.status import ErrorClass
from flowrun.errors import Problem
from flowrun.orchestrator.wire import Strategy
from flowrun.spec.document import Path
from flowrun.spec.draft import Draft
from flowrun.spec.step_draft import StepDraft
from flowrun.steps.approval_model import ApprovalStep
from flowrun.steps.fields import seconds
from flowrun.steps.job.model import COUNTING, JobStep
from flowrun.steps.model import ANY_ERROR, RetryRuleModel, StepModel
from flowrun.steps.wait_model import WaitStep

_TIMED = ("timeout", "pending_timeout")


def times(draft: Draft) -> Iterator[Problem]:
    """FR250, FR251: a time that something longer stands behind."""
    whole = _whole(draft)
    for step in draft.steps.values():
        if step.model is None:
            continue
        for way, own in _times(step.model):
            if whole is not None and own is not None and own > whole and step.stage is Stage.STEPS:
                yield draft.document.problem("FR250", (*step.path, *way), name=".".join(way))
        if isinstance(step.model, WaitStep) and isinstance(length := step.model.wait.for_, float):
            limit = step.model.timeout or _default_time(draft)
            if limit is not None and length > limit:
                yield draft.document.problem("FR251", (*step.path, "wait", "for"), reason="its `timeout`")
            elif whole is not None and length > whole and step.stage is Stage.STEPS:
                yield draft.document.problem("FR251", (*step.path, "wait", "for"), reason="the `timeout` of the run")


def _times(model: StepModel) -> Iterator[tuple[tuple[str, ...], float | None]]:
    """The times that end a step by themselves, each with the way to its key."""
    yield from (((name,), getattr(model, name)) for name in _TIMED)
    if isinstance(model, ApprovalStep):
        yield ("approval", "timeout"), model.approval.timeout


def widths(draft: Draft) -> Iterator[Problem]:
    """FR252: no fan-out is wider than the whole run."""
    whole = draft.head.get("max_parallel")
    for step in draft.steps.values():
        most = step.model.fan_out.max_parallel if step.model and step.model.fan_out else None
        if most is not None and isinstance(whole, int) and not isinstance(whole, bool) and 0 < whole < most:
            path = (*step.path, "fan_out", "max_parallel")
            other = draft.document.position(("max_parallel",))
            yield draft.document.problem("FR252", path, most=most, whole=whole, other=other, other_label="of the run")


def tries(draft: Draft) -> Iterator[Problem]:
    """FR253, FR254: every rule of `retry` can be asked, and some error class that it names can happen."""
    for step in draft.steps.values():
        if step.model is None:
            continue
        if isinstance(step.raw.get("retry"), list):
            yield from _rules(draft, step, step.model.retry)
        if isinstance(step.raw.get("continue_on_error"), list):
            path = (*step.path, "continue_on_error")
            yield from _impossible_ones(draft, step, path, step.model.continue_on_error)


def _rules(draft: Draft, step: StepDraft, rules: tuple[RetryRuleModel, ...]) -> Iterator[Problem]:
    for at, rule in enumerate(rules):
        path = (*step.path, "retry", at)
        before = next((first for first in range(at) if _covers(rules[first], rule)), None)
        if before is not None:
            other = draft.document.position((*step.path, "retry", before))
            reason = "a rule before it matches whatever it matches"
            yield draft.document.problem("FR253", path, reason=reason, other=other, other_label="decides first")
            continue
        if at and at == len(rules) - 1 and rule.max == 0:
            yield draft.document.problem("FR253", path, reason="what no rule matches is not tried again either")
        yield from _impossible_ones(draft, step, (*path, "errors"), rule.errors)


def _covers(first: RetryRuleModel, second: RetryRuleModel) -> bool:
    """Whether the first rule matches whatever the second does."""
    if first.match is not None and first.match != second.match:
        return False
    return ANY_ERROR in first.errors or set(second.errors) <= set(first.errors)


def _impossible_ones(draft: Draft, step: StepDraft, path: Path, errors: tuple[str, ...]) -> Iterator[Problem]:
    """Nothing where any of them can happen: a list may name more than is needed today."""
    reasons = [_impossible(draft, step, error) for error in errors]
    if all(reasons):
        for at, (error, reason) in enumerate(zip(errors, reasons, strict=True)):
            yield draft.document.problem("FR254", (*path, at), name=error, reason=reason)


def _impossible(draft: Draft, step: StepDraft, error: str) -> str | None:
    """Why an error class cannot happen in a job step; None where it can."""
    if not isinstance(step.model, JobStep):
        return None
    defaults = draft.head.get("defaults")
    usual = defaults if isinstance(defaults, dict) else {}
    if error == ErrorClass.TIMEOUT and "repeat" in step.raw:
        return None  # which is how the rounds end that came to nothing
    if error in _TIMED and getattr(step.model, error) is None and error not in usual:
        return f"the step has no `{error}`"
    return "it belongs to approvals" if error == ErrorClass.REJECTED else None


def one_job(draft: Draft) -> Iterator[Problem]:
    """FR255: `jobs_succeed: any` stands where one start makes several Jobs."""
    for step in draft.steps.values():
        model = step.model
        if not isinstance(model, JobStep) or model.jobs_succeed != "any":
            continue
        counts = Strategy(model.strategy) in COUNTING
        robots = 0 if counts else max(_length(model.robots), _length(model.robot_ids))
        if (counts and model.jobs_count in (None, 1)) or (model.strategy == Strategy.SPECIFIC and robots == 1):
            yield draft.document.problem("FR255", (*step.path, "jobs_succeed"), key=True)


def _length(value: tuple[object, ...] | str) -> int:
    return 0 if isinstance(value, str) else len(value)


def required_defaults(draft: Draft) -> Iterator[Problem]:
    """FR256: an input with a default is never missing."""
    for name, declared in draft.inputs.items():
        if declared is not None and declared.required and declared.has_default:
            yield draft.document.problem("FR256", ("inputs", name, "required"), key=True)


def _whole(draft: Draft) -> float | None:
    return _seconds(draft.head.get("timeout"))


def _default_time(draft: Draft) -> float | None:
    defaults = draft.head.get("defaults")
    return _seconds(defaults.get("timeout")) if isinstance(defaults, dict) else None


def _seconds(written: object) -> float | None:
    try:
        return seconds(written) if isinstance(written, str) else None
    except PydanticCustomError:
        return None
