"""JobStep: a step that starts Jobs of a Release, as the author writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema

from flowrun.core.plan import Condition, FanOut, Json, Repeat, Stage, Step
from flowrun.orchestrator.wire import JobPriority, Strategy
from flowrun.steps.fields import (
    TEMPLATE_SCHEMA,
    Count,
    CountOrTemplate,
    Duration,
    Fault,
    Folder,
    Map,
    MapOrTemplate,
    Part,
    Text,
    Uuid,
    described,
    one_of,
    refuse,
)
from flowrun.steps.model import Expression, Limits, StepModel, without_none
from flowrun.steps.secrets import PLACES, places
from flowrun.templating.syntax import is_template

OVER_LIMIT = ("fail", "attach")
"""What becomes of arguments that are too long for a start. `fail` is the default: a server before WebApi 20 takes no
`InputFile` and would start the Job without any arguments, and an attachment needs a permission of its own."""

COUNTING = (Strategy.ROBOT_COUNT, Strategy.JOBS_COUNT, Strategy.MODERN_JOBS_COUNT)

START_FIELDS: tuple[str, ...] = (
    "Source",
    "MachineSessionIds",
    "SpecificPriorityValue",
    "MachineRobots",
    "TargetFramework",
    "ResumeOnSameContext",
    "RequiresUserInteraction",
    "StopProcessExpression",
    "StopStrategy",
    "KillProcessExpression",
    "AlertPendingExpression",
    "AlertRunningExpression",
    "RemoteControlAccess",
    "RunAsMe",
    "ParentOperationId",
    "AutopilotForRobots",
    "ProfilingOptions",
    "InputFile",
    "EnvironmentVariables",
    "Attachments",
    "EntryPointPath",
    "FpsContext",
    "FpsProperties",
    "TraceId",
    "ParentSpanId",
    "RootSpanId",
    "VideoRecordingSettings",
    "MachineInfraTarget",
)
"""The fields of StartProcessDto (WebApi 20.0) that no key of a step stands for."""

OWNED_FIELDS: Mapping[str, str] = {
    "ReleaseKey": "`release_key` says it",
    "ReleaseName": "`release` says it",
    "Strategy": "`strategy` says it",
    "RobotIds": "`robot_ids` says it",
    "NoOfRobots": "`jobs_count` says it",
    "JobsCount": "`jobs_count` says it",
    "InputArguments": "`input_arguments` says it",
    "JobPriority": "`job_priority` says it",
    "RuntimeType": "`runtime_type` says it",
    "Reference": "flowrun finds its Jobs again by it",
    "BatchExecutionKey": "flowrun finds its Jobs again by it",
}
"""The fields of StartProcessDto that have a key of their own, or that flowrun keeps for itself."""


def _robots(value: Json, kind: type, what: str, one: str) -> tuple[Any, ...] | str:
    if is_template(value):
        return str(value)
    if not isinstance(value, list):
        raise refuse("FR103", found=described(value), expected=f"a list of {what} or an expression")
    for at, item in enumerate(value):
        if not is_template(item) and (not isinstance(item, kind) or isinstance(item, bool) or item == ""):
            raise refuse("FR103", at, found=described(item), expected=one)
    return tuple(value)


def _robot_ids(value: Json) -> tuple[Any, ...] | str:
    return _robots(value, int, "ids of robots", "the id of a robot")


def _robot_names(value: Json) -> tuple[Any, ...] | str:
    return _robots(value, str, "names of robots", "the name of a robot")


def _priority(value: Json) -> str:
    return str(value) if is_template(value) else one_of(*JobPriority)(value)


def _list_schema(item: str) -> dict[str, Any]:
    items = {"anyOf": [{"type": item}, TEMPLATE_SCHEMA]} if item != "string" else {"type": item}
    return {"anyOf": [{"type": "array", "items": items}, TEMPLATE_SCHEMA]}


Priority = Annotated[
    str,
    PlainValidator(_priority),
    WithJsonSchema({"anyOf": [{"enum": list(JobPriority)}, TEMPLATE_SCHEMA]}),
]


ArgumentsOverLimit = Annotated[str, PlainValidator(one_of(*OVER_LIMIT)), WithJsonSchema({"enum": list(OVER_LIMIT)})]


class JobFields(Part):
    """What a start of Jobs needs to know."""

    keys: ClassVar[tuple[str, ...]] = ("release", "release_key")
    templated: ClassVar[frozenset[str]] = frozenset(
        {
            "release",
            "release_key",
            "folder",
            "robot_ids",
            "robots",
            "jobs_count",
            "runtime_type",
            "job_priority",
            "input_arguments",
            "start",
        }
    )

    release: Text | None = Field(default=None, description="The name of the Release (shown as Process in the UI).")
    release_key: Uuid | None = Field(default=None, description="The key of the Release, a UUID.")
    folder: Folder | None = Field(default=None, description="The folder, by its full path or its id.")
    strategy: Annotated[str, PlainValidator(one_of(*Strategy)), WithJsonSchema({"enum": list(Strategy)})] = Field(
        default=Strategy.MODERN_JOBS_COUNT.value, description="How robots are chosen."
    )
    robot_ids: Annotated[
        tuple[int | str, ...] | str, PlainValidator(_robot_ids), WithJsonSchema(_list_schema("integer"))
    ] = Field(default=(), description="The ids of the robots, for the strategy Specific.")
    robots: Annotated[tuple[str, ...] | str, PlainValidator(_robot_names), WithJsonSchema(_list_schema("string"))] = (
        Field(default=(), description="The names of the robots, for the strategy Specific.")
    )
    jobs_count: CountOrTemplate | None = Field(default=None, description="How many Jobs one start makes.")
    runtime_type: Text | None = Field(default=None, description="The kind of runtime, such as Unattended.")
    job_priority: Priority | None = Field(default=None, description="Low, Normal or High.")
    input_arguments: MapOrTemplate = Field(default={}, description="The arguments of the Jobs, by name.")
    arguments_over_limit: ArgumentsOverLimit | None = Field(
        default=None, description="`attach` sends arguments above 10,000 characters as an attachment; else they fail."
    )
    start: Map = Field(default={}, description="Further fields of startInfo, by their names in the API.")
    jobs_succeed: Annotated[str, PlainValidator(one_of("all", "any")), WithJsonSchema({"enum": ["all", "any"]})] = (
        Field(default="all", description="Whether all Jobs of one start must succeed, or one is enough.")
    )

    def arguments(self) -> dict[str, Json]:
        """The fields under their names in the file; those that are not written are left out, but for two defaults."""
        sent = {"input_arguments": self.input_arguments or None, "start": self.start or None}
        return without_none(
            {
                "release": self.release,
                "release_key": self.release_key,
                "folder": self.folder,
                "strategy": self.strategy,
                "robot_ids": _plain(self.robot_ids),
                "robots": _plain(self.robots),
                "jobs_count": self.jobs_count,
                "runtime_type": self.runtime_type,
                "job_priority": self.job_priority,
                "input_arguments": sent["input_arguments"],
                "arguments_over_limit": self.arguments_over_limit,
                "start": sent["start"],
                PLACES: places(sent, tuple(sent)) or None,
                "jobs_succeed": self.jobs_succeed,
            }
        )

    def faults(self) -> Iterator[Fault]:
        """Combinations that Orchestrator refuses or ignores, and fields of `start` that are not for the author."""
        if self.release is not None and self.release_key is not None:
            yield Fault("FR206", ("release_key",))
        named = [name for name in ("robot_ids", "robots") if getattr(self, name)]
        specific = self.strategy == Strategy.SPECIFIC
        if specific and not named:
            yield Fault("FR207", ("strategy",))
        if len(named) > 1:
            yield Fault("FR209", ("robots",))
        if not specific:
            default = "" if "strategy" in self.model_fields_set else ", the default"
            for name in named:
                yield Fault("FR208", (name,), {"name": name, "strategy": self.strategy, "default": default})
        if self.jobs_count is not None and self.strategy not in COUNTING:
            yield Fault("FR210", ("jobs_count",), {"strategy": self.strategy})
        yield from self._start_faults()

    def _start_faults(self) -> Iterator[Fault]:
        known = {name.lower() for name in START_FIELDS}
        owners = {name.lower(): owner for name, owner in OWNED_FIELDS.items()}
        for name in self.start:
            folded = name.replace("_", "").lower()
            if folded in owners:
                yield Fault("FR211", ("start", name), {"name": name, "owner": owners[folded]})
            elif folded not in known:
                yield Fault("FR212", ("start", name), {"name": name})


class RepeatModel(Part):
    """Does the step again until an expression holds: a robot that looks whether something has happened yet."""

    until: Expression = Field(description="An expression over `outputs`, those of the round that just ended.")
    every: Duration = Field(description="How long from the end of a round to the next.")
    max: Count = Field(description="How many rounds at most; after the last the step fails with `timeout`.")

    def repeat(self) -> Repeat:
        """As the core knows it."""
        return Repeat(until=self.until, most=self.max, every=self.every)


class CompensateModel(Limits, JobFields):
    """The Jobs that undo what the step did. In expressions `outputs` are what the step gave."""

    def faults(self) -> Iterator[Fault]:
        """Those of a job step, and that no Release is named."""
        if self.release is None and self.release_key is None:
            yield Fault("FR102", (), {"name": "release"})
        yield from super().faults()


class JobStep(JobFields, StepModel):
    """Starts Jobs of a Release and waits for them."""

    kind: ClassVar[str] = "job"

    repeat: RepeatModel | None = Field(default=None, description="Does the step again until an expression holds.")
    compensate: CompensateModel | None = Field(
        default=None, description="Jobs that undo the step, where it succeeded and the run fails or is aborted."
    )

    def arguments(self) -> dict[str, Json]:
        """What a start needs to know, and the contract."""
        return {**super().arguments(), **self.contract()}

    def faults(self) -> Iterator[Fault]:
        """Those of both."""
        yield from super().faults()
        if self.compensate is not None:
            for fault in self.compensate.faults():
                yield Fault(fault.code, ("compensate", *fault.path), fault.fields)

    def step(self, step_id: str, stage: Stage = Stage.STEPS, condition: Condition | None = None) -> Step:
        """The step of a plan, with its rounds."""
        made = super().step(step_id, stage, condition)
        return replace(made, repeat=self.repeat.repeat()) if self.repeat else made

    def undoing(self, step_id: str) -> Step | None:
        """One leg for each that succeeded, in the folder of the step where it names no other."""
        undo = self.compensate
        if undo is None:
            return None
        folder = {"folder": self.folder} if undo.folder is None and self.folder is not None else {}
        limit = FanOut({}, max_parallel=self.fan_out.max_parallel) if self.fan_out else None
        return Step(
            id=f"{step_id}.{Stage.COMPENSATE}",
            kind=self.kind,
            arguments={**undo.arguments(), **folder},
            pools=self.pools,
            stage=Stage.COMPENSATE,
            fan_out=limit,
            undoes=step_id,
            **undo.limits(),
        )


def _plain(value: tuple[Any, ...] | str) -> Json:
    return (value if isinstance(value, str) else list(value)) or None
