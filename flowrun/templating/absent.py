"""What an expression holds when it asked for something that is not there. Any use of it but `is defined` fails."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jinja2.exceptions import UndefinedError
from jinja2.runtime import StrictUndefined
from jinja2.utils import missing

from flowrun.templating.values import kind_of


class MissingError(UndefinedError):
    """An absent value was used."""

    def __init__(self, absent: Absent, message: str) -> None:
        super().__init__(message)
        self.absent = absent


class Absent(StrictUndefined):
    """No value. Below it everything is absent too, so that `a.b.c | default(0)` needs no test for `a.b`."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: Any = None, exc: Any = None) -> None:
        super().__init__(hint, obj, name)
        self._undefined_exception: Any = exc or functools.partial(MissingError, self)

    @property
    def name(self) -> Any:
        """The name or index that nothing answers to; None where a list had no first or last item."""
        return self._undefined_name

    @property
    def is_root(self) -> bool:
        """Whether it is the first name of a path, which belongs to the language and not to the data."""
        return self._undefined_obj is missing and self._undefined_hint is None

    @property
    def parent(self) -> Any:
        """What was asked for it; None for the first name of a path."""
        return None if self._undefined_obj is missing else self._undefined_obj

    @property
    def message(self) -> str:
        """What is missing, as a clause."""
        if self._undefined_hint:
            return self._undefined_hint[0].lower() + self._undefined_hint[1:].rstrip(".")
        if self.is_root:
            return f'nothing is called "{self.name}" here'
        if isinstance(self.parent, Mapping):
            return f'there is no "{self.name}"'
        if isinstance(self.parent, list | tuple) and isinstance(self.name, int):
            count = len(self.parent)
            return f"there is no item {self.name} in a list of {count} item{'' if count == 1 else 's'}"
        if isinstance(self.parent, list | tuple):
            return f'a list has items and no "{self.name}"; `| map(attribute="{self.name}")` asks each item for it'
        return f'{kind_of(self.parent)} has no "{self.name}"'

    def refuse_unknown_name(self) -> None:
        """Raise if it is the first name of a path: such a name is a slip, which no default may cover."""
        if self.is_root:
            str(self)
