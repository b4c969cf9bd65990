"""InputModel: a value that somebody gives, as it is declared: to a workflow, or with an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from flowrun.core.patterns import MOST_TEXT, is_found
from flowrun.core.plan import Json
from flowrun.steps.fields import Fault, Items, Part, Pattern, Text, described, one_of, refuse, shown
from flowrun.steps.model import fits

INPUT_TYPES = ("string", "number", "integer", "boolean", "choice", "date", "object", "list")
_LIMITED = ("string", "list", "number", "integer", "date")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _limit(value: Json) -> int | float | str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refuse("FR103", found=described(value), expected="a number, or a date for a date")
    return value


Limit = Annotated[
    int | float | str, PlainValidator(_limit), WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
]


def _greater(first: Any, second: Any) -> bool:
    """Whether the first of two numbers, or of two dates as text, is greater."""
    return bool(first > second)


class InputModel(Part):
    """An input, as it is declared."""

    type: Annotated[
        str,
        PlainValidator(one_of(*INPUT_TYPES, also={"array": "list"})),
        WithJsonSchema({"enum": [*INPUT_TYPES, "array"]}),
    ] = Field(default="string", description="The type of its value.")
    description: Text | None = Field(default=None, description="What it is for.")
    options: Annotated[tuple[Text, ...], Items] = Field(default=(), description="What a choice can be.")
    default: Json = Field(default=None, description="Its value when none is given.")
    required: bool | None = Field(default=None, description="Whether it must be given; true if it has no default.")
    pattern: Pattern | None = Field(default=None, description="A regular expression that a string must match.")
    min: Limit | None = Field(default=None, description="The least number or date, or the least length.")
    max: Limit | None = Field(default=None, description="The greatest number or date, or the greatest length.")

    @property
    def has_default(self) -> bool:
        """Whether a default is written, be it null."""
        return "default" in self.model_fields_set

    @property
    def must_be_given(self) -> bool:
        """Whether a run needs a value for it."""
        return not self.has_default and self.required is not False

    def expected(self, value: Json) -> str | None:
        """What would be accepted instead of this value; None where the value is fine."""
        if self.type == "choice" and value not in self.options:
            return f"one of {', '.join(self.options)}"
        if not fits(value, self.type):
            return f"of type {self.type}"
        if self.type == "date" and not is_date(value):
            return "a date such as 2026-10-31"
        if self.pattern is not None and self.type == "string":
            if len(value) > MOST_TEXT:
                return f"a text of at most {MOST_TEXT:,} characters, as it has a pattern"
            if not is_found(self.pattern, value):
                return f"a text that matches {self.pattern}"
        return self._beyond(value)

    def _beyond(self, value: Json) -> str | None:
        measure = len(value) if self.type in ("string", "list") else value
        unit = " long" if self.type in ("string", "list") else ""
        if self.min is not None and _greater(self.min, measure):
            return f"at least {self.min}{unit}"
        if self.max is not None and _greater(measure, self.max):
            return f"at most {self.max}{unit}"
        return None

    def declaration(self) -> dict[str, Json]:
        """As plain JSON, with the keys that are written: `InputModel.model_validate` reads it back."""
        return self.model_dump(mode="json", exclude_unset=True)

    def faults(self) -> Iterator[Fault]:
        """Rules that do not go with the type or with each other, and a default that breaks them."""
        wrong = list(self._out_of_place())
        yield from wrong
        if self.type == "choice" and not self.options:
            wrong.append(Fault("FR215", ("type",)))
            yield wrong[-1]
        if not wrong and self.min is not None and self.max is not None and _greater(self.min, self.max):
            wrong.append(Fault("FR216", ("max",), {"low": "min", "high": "max"}))
            yield wrong[-1]
        expected = self.expected(self.default) if self.has_default and not wrong else None
        if expected and not (self.default is None and self.required is False):
            yield Fault("FR214", ("default",), {"found": shown(self.default), "expected": expected})

    def _out_of_place(self) -> Iterator[Fault]:
        if self.options and self.type != "choice":
            yield Fault("FR213", ("options",), {"name": "options", "type": self.type})
        if self.pattern is not None and self.type != "string":
            yield Fault("FR213", ("pattern",), {"name": "pattern", "type": self.type})
        for name, limit in (("min", self.min), ("max", self.max)):
            if limit is None:
                continue
            if self.type not in _LIMITED:
                yield Fault("FR213", (name,), {"name": name, "type": self.type})
            elif self.type == "date" and not is_date(limit):
                yield Fault("FR103", (name,), {"found": described(limit), "expected": "a date such as 2026-10-31"})
            elif self.type != "date" and isinstance(limit, str):
                yield Fault("FR103", (name,), {"found": described(limit), "expected": "a number"})


def is_date(value: Json) -> bool:
    """Whether it is a day of the calendar, written 2026-10-31."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    year, month, day = map(int, value.split("-"))
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)  # noqa: PLR2004 - the calendar
    return day <= _DAYS[month - 1] + leap
