"""Values that nobody knows before a run: whatever asks for one raises NotKnown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from flowrun.core.plan import Json


class NotKnown(Exception):
    """An expression needs a value that is known only in a real run. No error of the expression's."""


class PartlyKnown(Mapping[str, Json]):
    """Some names have values. Of the others only `unknown` can say whether they are there at all."""

    def __init__(self, known: Mapping[str, Json], unknown: Callable[[str], bool]) -> None:
        self._known = known
        self._unknown = unknown

    def __getitem__(self, name: str) -> Json:
        if self._unknown(name):
            raise NotKnown(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)
