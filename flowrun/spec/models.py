"""Workflow: the whole file as a frozen value. `steps` and `finally_` hold steps with needs and defaults in place."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.plan import Json, OnConflict
from flowrun.steps.fields import (
    Count,
    Duration,
    Folder,
    Items,
    Map,
    Part,
    Text,
    Timeout,
    one_of,
    refuse,
    shown,
)
from flowrun.steps.inputs import InputModel
from flowrun.steps.job.model import ArgumentsOverLimit, Priority
from flowrun.steps.kinds import MODELS
from flowrun.steps.model import RetryRuleModel, StepModel, rules

P = TypeVar("P", bound=Part)

LANGUAGE = 1
"""The version of the language that this release reads."""

STEP_KINDS = MODELS
"""Every kind of step that a file can have."""

LATER_AT_TOP = ("triggers", "notify")
LATER_IN_STEPS = ()


def _version(value: Json) -> int:
    if value != LANGUAGE or isinstance(value, bool | float):
        raise refuse("FR109", found=shown(value))
    return LANGUAGE


class DefaultsModel(Part):
    """What holds for every step that does not say otherwise."""

    folder: Folder | None = Field(default=None, description="The folder, by its full path or its id.")
    retry: Annotated[tuple[RetryRuleModel, ...], BeforeValidator(rules)] = Field(
        default=(), description="As in a step."
    )
    timeout: Timeout | None = Field(default=None, description="As in a step.")
    pending_timeout: Timeout | None = Field(default=None, description="As in a step.")
    stop_timeout: Duration | None = Field(default=None, description="As in a step.")
    runtime_type: Text | None = Field(default=None, description="As in a job step.")
    job_priority: Priority | None = Field(default=None, description="As in a job step.")
    arguments_over_limit: ArgumentsOverLimit | None = Field(default=None, description="As in a job step.")

    def under(self, others: DefaultsModel) -> DefaultsModel:
        """The same, where these others do not say otherwise."""
        return self.model_copy(update={name: getattr(others, name) for name in others.model_fields_set})

    def applied(self, step: P) -> P:
        """The step, or what undoes it, with these values where it has none of its own."""
        if not self.model_fields_set:
            return step
        kind = type(step).model_fields
        update = {
            name: getattr(self, name)
            for name in self.model_fields_set
            if name in kind and name not in step.model_fields_set and name not in getattr(type(step), "apart", ())
        }
        return step.model_copy(update=update) if update else step


class ConcurrencyModel(Part):
    """Of the runs of one group, one goes at a time."""

    group: Text = Field(description="The name of the group: a text with expressions over `inputs`.")
    on_conflict: Annotated[str, PlainValidator(one_of(*OnConflict)), WithJsonSchema({"enum": list(OnConflict)})] = (
        Field(
            default="queue",
            description="While another run of the group is not over: wait for it, cancel it, or do not begin.",
        )
    )


def _steps(value: Json) -> Any:
    return value


Steps = Annotated[dict[str, StepModel], PlainValidator(_steps)]


class Workflow(Part):
    """A file, read and checked. `loader.load` is how one comes to be."""

    flowrun: Annotated[int, PlainValidator(_version), WithJsonSchema({"const": LANGUAGE})] = Field(
        description="The version of the language: 1."
    )
    name: Text = Field(description="The name of the workflow.")
    description: Text | None = Field(default=None, description="What it does.")
    inputs: Annotated[dict[str, InputModel], Field(strict=False)] = Field(
        default={}, description="What a run of it is given, by name."
    )
    secrets: Annotated[tuple[Text, ...], Items] = Field(
        default=(), description="The names of the secrets that it sends to Jobs."
    )
    run_key: Text | None = Field(
        default=None, description="What a run is for, with expressions over `inputs`: the same key is the same run."
    )
    on_duplicate: Annotated[str, PlainValidator(one_of(*OnDuplicate)), WithJsonSchema({"enum": list(OnDuplicate)})] = (
        Field(default="return", description="Where a run has the key already: give that one back, fail, or run anew.")
    )
    concurrency: ConcurrencyModel | None = Field(
        default=None, description="Of the runs of one group, one goes at a time."
    )
    pools: Annotated[dict[str, Count], Field(strict=False)] = Field(
        default={}, description="How many slots each pool has, over all runs of a journal."
    )
    timeout: Timeout | None = Field(
        default=None, description="How long a run may take until `finally`, everything counted."
    )
    finally_timeout: Timeout | None = Field(default=None, description="How long `finally` may take.")
    max_parallel: Count | None = Field(default=None, description="How many steps and legs run at once.")
    defaults: DefaultsModel = Field(
        default=DefaultsModel(), description="What holds for every step that does not say otherwise."
    )
    steps: Steps = Field(description="The steps: a map is a graph, a list is a sequence.")
    finally_: Steps = Field(
        default={}, alias="finally", description="Steps that run when all others have ended, however they ended."
    )
    outputs: Map = Field(default={}, description="What a run gives, by name: templates.")
