"""Library: where a file finds the others that it names, and what became of each when it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flowrun.errors import Problem
from flowrun.spec.document import Document, Path
from flowrun.spec.models import Workflow
from flowrun.steps.fields import Fault


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file. `workflow` is None if there is any error; `paths` leads to each step in the document.

    `file` is the name under which its problems are told. `workflows` are the files that its own steps name, by the
    names that their plans have; `height` is how many are nested in it, one in the other.
    """

    file: str
    workflow: Workflow | None
    problems: tuple[Problem, ...]
    document: Document
    paths: Mapping[str, Path] = field(default_factory=dict)
    workflows: Mapping[str, Loaded] = field(default_factory=dict)
    height: int = 0

    def within(self) -> dict[str, Loaded]:
        """All files that are steps of it, directly or through others; each after those that it names itself."""
        found: dict[str, Loaded] = {}
        self._collect(found)
        return found

    def _collect(self, found: dict[str, Loaded]) -> None:
        for name, loaded in self.workflows.items():
            if name not in found:
                loaded._collect(found)  # noqa: SLF001 - its own kind
                found[name] = loaded

    def every_problem(self) -> Iterator[Problem]:
        """Its own, then those of the files in it."""
        yield from self.problems
        for loaded in self.within().values():
            yield from loaded.problems

    def texts(self) -> dict[str, str]:
        """The texts of the files in it, by the names under which their problems are told."""
        return {loaded.file: loaded.document.text for loaded in self.within().values()}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that a step names. `name` is its path from the folder of the first file, the same whoever names it."""

    name: str
    loaded: Loaded


class Library(Protocol):
    """The other files, as one file sees them."""

    def open(self, path: str) -> Opened | Fault:
        """The file at a path as it is written; or why it cannot be had, as a code of the catalogue and its fields."""
        ...
