"""Lock: which version of which Release a project was reviewed with, by context and folder. Values, without a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from flowrun.core.plan import Json

Name: TypeAlias = tuple[str, str, str]
"""Context, folder and Release: what an entry is about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A Release as it was: `key` of it, and of its package `version`, `entry_point` and a digest of its `arguments`.

    `workflows`: the files that start it, relative to the project, with forward slashes.
    """

    context: str
    folder: str
    release: str
    key: str
    package: str = ""
    version: str = ""
    entry_point: str = ""
    arguments: str = ""
    workflows: tuple[str, ...] = ()

    @property
    def name(self) -> Name:
        """What it is about."""
        return self.context, self.folder, self.release


COMPARED = ("key", "package", "version", "entry_point", "arguments")
"""The fields that a Release has moved by when they differ."""


@dataclass(frozen=True, slots=True)
class Lock:
    """All entries, in the order of their names, each name once."""

    entries: tuple[Entry, ...] = ()

    @property
    def by_name(self) -> Mapping[Name, Entry]:
        """The entries by what they are about."""
        return {entry.name: entry for entry in self.entries}

    def workflows(self, context: str | None = None) -> tuple[str, ...]:
        """The files that entries name, those of one context or of all."""
        named = (name for one in self.entries if context in (None, one.context) for name in one.workflows)
        return tuple(sorted(set(named)))

    def of(self, context: str, workflow: str) -> tuple[Entry, ...]:
        """Those that one file starts in one context."""
        return tuple(one for one in self.entries if one.context == context and workflow in one.workflows)

    def without(self, workflow: str, context: str | None = None) -> Lock:
        """The lock with nothing that this file alone starts, in one context or in all."""
        kept = []
        for entry in self.entries:
            if context not in (None, entry.context) or workflow not in entry.workflows:
                kept.append(entry)
            elif len(entry.workflows) > 1:
                kept.append(replace(entry, workflows=tuple(name for name in entry.workflows if name != workflow)))
        return Lock(tuple(kept))


def entries_of(context: str, workflow: str, facts: Iterable[Mapping[str, Json]]) -> tuple[Entry, ...]:
    """What preflight says of the steps of a file, as entries: each Release once, in the order of their names."""
    found: dict[Name, Entry] = {}
    for fact in facts:
        if fact.get("release_key"):
            fields = {name: str(fact.get(name) or "") for name in COMPARED[1:]}
            entry = Entry(
                context,
                str(fact["folder"]),
                str(fact["release"]),
                str(fact["release_key"]),
                **fields,
                workflows=(workflow,),
            )
            found[entry.name] = entry
    return tuple(found[name] for name in sorted(found))


def locked(lock: Lock, context: str, workflow: str, found: Collection[Entry], update: Callable[[Entry], bool]) -> Lock:
    """The lock with what one file starts now: new entries, those to be brought up to date, and none that it left.

    `update`: whether an entry that there is already takes what was found. The others stay as they are.
    """
    known = lock.by_name
    kept = lock.without(workflow, context).by_name
    made = dict(kept)
    for entry in found:
        before = known.get(entry.name)
        taken = entry if before is None or update(entry) else before
        others = kept[entry.name].workflows if entry.name in kept else ()
        made[entry.name] = replace(taken, workflows=tuple(sorted({*others, workflow})))
    return Lock(tuple(made[name] for name in sorted(made)))
