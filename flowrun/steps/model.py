"""StepModel: what every step of a file can say, whatever its kind. The names are those of the language reference."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from flowrun.core.plan import (
    Backoff,
    Condition,
    FanOut,
    Jitter,
    Json,
    Need,
    OnEmpty,
    RetryRule,
    Stage,
    Step,
    Tolerance,
)
from flowrun.core.status import ErrorClass
from flowrun.steps.fields import (
    TEMPLATE_SCHEMA,
    Count,
    Duration,
    Fault,
    Part,
    Pattern,
    Text,
    Timeout,
    Tries,
    described,
    one_of,
    refuse,
    shown,
)
from flowrun.templating.syntax import is_template

ANY_ERROR = "*"
ERROR_CLASSES: tuple[str, ...] = (*ErrorClass, ANY_ERROR)
STOP_TIMEOUT = 60.0
"""Seconds between SoftStop and Kill where a step says nothing."""

OUTPUT_TYPES = ("string", "integer", "number", "boolean", "array", "object", "any")

_PYTHON_TYPES: dict[str, type | UnionType] = {
    "string": str,
    "choice": str,
    "date": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "array": list,
    "list": list,
    "object": dict,
    "any": object,
}

_SLOTS_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
    ]
}
_ERROR_SCHEMA = {"type": "array", "items": {"enum": list(ERROR_CLASSES)}}


def _errors(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise refuse("FR103", found=described(value), expected="a list of error classes")
    for at, word in enumerate(value):
        if not isinstance(word, str) or word not in ERROR_CLASSES:
            raise refuse("FR107", at, found=shown(word), allowed=", ".join(ERROR_CLASSES))
    return tuple(value)


def _let_through(value: Json) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (ANY_ERROR,) if value else ()
    if not isinstance(value, list):
        raise refuse("FR103", found=described(value), expected="true, false or a list of error classes")
    return _errors(value)


def _tolerance(value: Json) -> Tolerance:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Tolerance(count=value)
    if isinstance(value, str) and value.endswith("%"):
        number = value.removesuffix("%").strip()
        if number.replace(".", "", 1).isdecimal() and float(number) <= 100:  # noqa: PLR2004 - percent
            return Tolerance(percent=float(number))
    raise refuse("FR217", found=shown(value))


def _expression(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str) or not value.strip():
        found = "an empty text" if isinstance(value, str) else described(value)
        raise refuse("FR103", found=found, expected="an expression")
    return value


def _needs(value: Json) -> tuple[Json, ...]:
    items = [value] if isinstance(value, str | dict) else value
    if not isinstance(items, list):
        raise refuse("FR103", found=described(value), expected="the name of a step or a list of them")
    return tuple(item if isinstance(item, dict | NeedModel) else {"step": item} for item in items)


def rules(value: Json) -> tuple[Json, ...]:
    """A `retry` as a list of rules, whichever way it is written."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise refuse("FR202", found=shown(value), bound="at least 0")
        return ({"errors": [ANY_ERROR], "max": value},) if value else ()
    if not isinstance(value, list):
        raise refuse("FR103", found=described(value), expected="a number of tries or a list of rules")
    return tuple(value)


def _slots(value: Json) -> Mapping[str, int]:
    if isinstance(value, dict):
        for name, count in value.items():
            if isinstance(count, bool) or not isinstance(count, int):
                raise refuse("FR103", name, found=described(count), expected="a number of slots")
            if count < 1:
                raise refuse("FR202", name, found=shown(count), bound="at least 1")
        return value
    if not isinstance(value, list):
        raise refuse("FR103", found=described(value), expected="a list of pools, or a map of pools to slots")
    for at, name in enumerate(value):
        if not isinstance(name, str):
            raise refuse("FR103", at, found=described(name), expected="the name of a pool")
        if name in value[:at]:
            raise refuse("FR273", at, name=name)
    return dict.fromkeys(value, 1)


def _matrix(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise refuse("FR103", found=described(value), expected="a map of names to lists")
    for name, values in value.items():
        if not isinstance(values, list) and not is_template(values):
            raise refuse("FR103", name, found=described(values), expected="a list or an expression that gives one")
    return value


def _combinations(value: Json) -> Json:
    if is_template(value):
        return value
    if not isinstance(value, list):
        raise refuse("FR103", found=described(value), expected="a list of maps")
    for at, item in enumerate(value):
        if not isinstance(item, dict):
            raise refuse("FR103", at, found=described(item), expected="a map")
    return value


Expression = Annotated[
    str,
    PlainValidator(_expression),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"\S"}, {"type": "boolean"}]}),
]
"""An expression as it stands; `${{ }}` may be around the whole."""

_LISTS = {"anyOf": [{"type": "array", "items": {"type": "object"}}, TEMPLATE_SCHEMA]}
_Combinations = Annotated[Json, PlainValidator(_combinations), WithJsonSchema(_LISTS)]


class NeedModel(Part):
    """An edge as it is written in full."""

    step: Text = Field(description="The step that comes first.")
    optional: bool = Field(default=False, description="Whether it is also enough that the step had nothing to do.")


Needs = Annotated[tuple[NeedModel, ...], BeforeValidator(_needs)]
_NEEDS: TypeAdapter[tuple[NeedModel, ...]] = TypeAdapter(Needs)


class BackoffModel(Part):
    """How long to wait before the next try."""

    initial: Duration = Field(default=0.0, description="Before the first further try.")
    factor: float = Field(default=2.0, ge=1, le=100, description="Each further wait is this many times longer.")
    max: Duration = Field(default=3600.0, description="No wait is longer.")
    jitter: Annotated[str, PlainValidator(one_of(*Jitter)), WithJsonSchema({"enum": list(Jitter)})] = Field(
        default="none", description="`full`: anywhere between nothing and the whole wait."
    )


class RetryRuleModel(Part):
    """Which failures are tried again, and how often."""

    errors: Annotated[tuple[str, ...], PlainValidator(_errors), WithJsonSchema(_ERROR_SCHEMA)] = Field(
        default=(ANY_ERROR,), description="The error classes that the rule is for; `*` is any."
    )
    match: Pattern | None = Field(default=None, description="A regular expression on the Job's Info.")
    max: Tries = Field(description="How many further tries.")
    backoff: BackoffModel = Field(default=BackoffModel(), description="How long to wait before each.")

    def rule(self) -> RetryRule:
        """As the core knows it."""
        wait = self.backoff
        backoff = Backoff(initial=wait.initial, factor=wait.factor, most=wait.max, jitter=Jitter(wait.jitter))
        return RetryRule(errors=self.errors, most=self.max, match=self.match, backoff=backoff)


class FanOutModel(Part):
    """One leg of the step for each combination of the matrix."""

    matrix: Annotated[
        Mapping[str, Json],
        PlainValidator(_matrix),
        WithJsonSchema({"type": "object", "additionalProperties": {"anyOf": [{"type": "array"}, TEMPLATE_SCHEMA]}}),
    ] = Field(description="Names, each with a list of values or an expression that gives one.")
    include: _Combinations = Field(default=(), description="Further combinations.")
    exclude: _Combinations = Field(default=(), description="Combinations that are left out.")
    key: Text | None = Field(default=None, description="What names a leg: `${{ matrix.ledger.Code }}`.")
    max_parallel: Count | None = Field(default=None, description="How many legs run at once.")
    fail_fast: bool = Field(default=False, description="Whether the first failed leg ends the others.")
    tolerate: Annotated[
        Tolerance,
        PlainValidator(_tolerance),
        WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9.]+ *%$"}]}),
    ] = Field(default=Tolerance(), description="How many legs may fail: a count or a percentage.")
    on_empty: Annotated[str, PlainValidator(one_of(*OnEmpty)), WithJsonSchema({"enum": list(OnEmpty)})] = Field(
        default="succeed", description="What a fan-out without legs comes to."
    )

    def fan_out(self) -> FanOut:
        """As the core knows it."""
        return FanOut(
            matrix=self.matrix,
            include=self.include,
            exclude=self.exclude,
            key=self.key,
            max_parallel=self.max_parallel,
            fail_fast=self.fail_fast,
            tolerate=self.tolerate,
            on_empty=OnEmpty(self.on_empty),
        )


def fits(value: Json, kind: str) -> bool:
    """Whether a JSON value is of a declared type; a whole number is a number too, a boolean is not."""
    if isinstance(value, bool):
        return kind in ("boolean", "any")
    return isinstance(value, _PYTHON_TYPES[kind])


class OutputModel(Part):
    """What a step promises to give."""

    type: Annotated[
        str,
        PlainValidator(one_of(*OUTPUT_TYPES, also={"list": "array"})),
        WithJsonSchema({"enum": [*OUTPUT_TYPES, "list"]}),
    ] = Field(default="any", description="The type of its value.")
    required: bool = Field(default=True, description="Whether the step fails when it is missing.")
    default: Json = Field(default=None, description="Its value when it is missing.")
    sensitive: bool = Field(default=False, description="Whether it is hidden in logs and reports.")

    @model_validator(mode="after")
    def _default_fits(self) -> OutputModel:
        if self.has_default and not fits(self.default, self.type):
            raise refuse("FR214", "default", found=shown(self.default), expected=f"of type {self.type}")
        return self

    @property
    def has_default(self) -> bool:
        """Whether a default is written, be it null."""
        return "default" in self.model_fields_set

    def contract(self) -> dict[str, Json]:
        """As plain JSON; `default` is there only where one is written."""
        contract: dict[str, Json] = {"type": self.type, "required": self.required, "sensitive": self.sensitive}
        return {**contract, "default": self.default} if self.has_default else contract


class Limits(Part):
    """How often something is tried, and how long it may take."""

    retry: Annotated[tuple[RetryRuleModel, ...], BeforeValidator(rules)] = Field(
        default=(), description="A number of further tries, or rules of which the first that matches decides."
    )
    timeout: Timeout | None = Field(default=None, description="How long its Jobs may run.")
    pending_timeout: Timeout | None = Field(default=None, description="How long from the start until it runs.")
    stop_timeout: Duration | None = Field(default=None, description="How long from SoftStop to Kill.")

    def limits(self) -> Mapping[str, Any]:
        """The same, as fields of the core's Step."""
        return {
            "retry": tuple(rule.rule() for rule in self.retry),
            "timeout": self.timeout,
            "pending_timeout": self.pending_timeout,
            "stop_timeout": STOP_TIMEOUT if self.stop_timeout is None else self.stop_timeout,
        }


class Placed(Part):
    """Where a step stands among the others."""

    name: Text | None = Field(default=None, description="What people read instead of the id.")
    needs: Needs = Field(default=(), description="The steps that must have ended before this one is decided.")
    if_: Expression | None = Field(default=None, alias="if", description="Runs only where this expression is true.")
    fan_out: FanOutModel | None = Field(default=None, description="Runs once for each combination of a matrix.")
    pools: Annotated[Mapping[str, int], PlainValidator(_slots), WithJsonSchema(_SLOTS_SCHEMA)] = Field(
        default={}, description="The pools of which each leg takes a slot while it runs; a map says how many."
    )


class StepModel(Limits, Placed):
    """The keys that every step can have. A kind adds its own, and says by `keys` how it is recognised."""

    kind: ClassVar[str] = ""
    keys: ClassVar[tuple[str, ...]] = ()
    """Exactly one of these stands in a step of this kind."""
    templated: ClassVar[frozenset[str]] = frozenset()
    """The keys of this kind whose values are templates."""
    apart: ClassVar[frozenset[str]] = frozenset()
    """The keys for which the `defaults` of the file do not hold."""
    refused: ClassVar[Mapping[str, str]] = {}
    """The keys of every step that this kind does not take, each with the key to write instead."""

    continue_on_error: Annotated[
        tuple[str, ...],
        PlainValidator(_let_through),
        WithJsonSchema({"anyOf": [{"type": "boolean"}, _ERROR_SCHEMA]}),
    ] = Field(default=(), description="Whether the run goes on as if the step had succeeded, or for which errors.")
    outputs: Annotated[dict[str, OutputModel], Field(strict=False)] = Field(
        default={}, description="What the step promises to give: a contract."
    )

    @abstractmethod
    def arguments(self) -> dict[str, Json]:
        """The kind's parcel, as `core.plan.Step.arguments` carries it: plain JSON, templates as text, no None."""

    def faults(self) -> Iterator[Fault]:
        """Keys that do not go together."""
        yield from ()

    def contract(self) -> dict[str, Json]:
        """The `outputs` as plain JSON, under that name; nothing where there are none."""
        return {"outputs": {name: output.contract() for name, output in self.outputs.items()}} if self.outputs else {}

    def step(self, step_id: str, stage: Stage = Stage.STEPS, condition: Condition | None = None) -> Step:
        """The step of a plan. `condition` is its `if`, as the caller has read it."""
        return Step(
            id=step_id,
            kind=self.kind,
            arguments=self.arguments(),
            needs=tuple(Need(need.step, need.optional) for need in self.needs),
            stage=stage,
            condition=condition,
            fan_out=self.fan_out.fan_out() if self.fan_out else None,
            continue_on_error=self.continue_on_error,
            outputs=tuple(self.outputs),
            sensitive=tuple(name for name, output in self.outputs.items() if output.sensitive),
            pools=self.pools,
            defaults={name: output.default for name, output in self.outputs.items() if output.has_default},
            **self.limits(),
        )

    def undoing(self, step_id: str) -> Step | None:
        """The step of the stage `compensate` that undoes this one; None where nothing does."""
        del step_id
        return None


def without_none(values: Mapping[str, Any]) -> dict[str, Json]:
    """Only what is there."""
    return {name: value for name, value in values.items() if value is not None}


def needs_of(value: Json) -> tuple[NeedModel, ...] | None:
    """The needs of a step whose other keys may be broken; None where these cannot be read either."""
    if value is None:
        return ()
    try:
        return _NEEDS.validate_python(value)
    except ValidationError:
        return None
