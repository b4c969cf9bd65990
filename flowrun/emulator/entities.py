"""What this Orchestrator holds: folders, robots, Releases and Jobs. Only a Job changes, and only `store` changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from flowrun.orchestrator.wire import FINAL_STATES, JobState

Json: TypeAlias = Any
"""What `json` reads and writes."""

NOBODY = 0
"""The id of no robot: a Job that is for it waits until it is stopped."""


class FolderKind(StrEnum):
    """Which strategies a folder takes: `any` all five, the others those of their kind (API facts 2.2)."""

    ANY = "any"
    MODERN = "modern"
    CLASSIC = "classic"


class Builtin(StrEnum):
    """What a Release can do inside the emulator, without a process."""

    ECHO = "echo"
    SLEEP = "sleep"
    FAIL = "fail"
    SUSPEND = "suspend"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder. `path` is its fully qualified name: `Finance/Close`."""

    id: int
    key: str
    path: str
    kind: FolderKind = FolderKind.ANY
    parent_id: int | None = None
    parent_key: str | None = None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot: it runs one Job at a time."""

    id: int
    name: str
    folder: Folder
    machine: str = "local"
    username: str = ""
    type: str = "Unattended"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a Release. `type` is a word of JSON Schema, or `any`."""

    name: str
    type: str = "any"
    required: bool = False
    default: Json = None
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A program: its argument list, where it works, and what is added to its environment."""

    argv: tuple[str, ...]
    working_folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trick:
    """A builtin with its settings, which InputArguments of the same names override."""

    builtin: Builtin
    seconds: float = 1.0
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A coded automation: only a robot that has connected runs it. No entry point: the first of its `uipath.json`."""

    folder: Path
    entry_point: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseVersion:
    """That a Release had a version of its package, from `created` on. `catalog`: what the catalog named it then."""

    id: int
    number: str
    created: float
    catalog: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A Release, and what a robot does for it (None for one that left the catalog). No schema: it takes anything.

    `others`: the same Release with the other versions of its package. `moves`: the versions that it had from its first
    move on, that with which it began first, the present one last.
    """

    id: int
    key: str
    name: str
    version: str
    folder: Folder
    run: Command | Trick | Package | None
    description: str | None = None
    inputs: tuple[Argument, ...] | None = None
    outputs: tuple[Argument, ...] | None = None
    modified: float = 0.0
    others: tuple[Release, ...] = ()
    moves: tuple[ReleaseVersion, ...] = ()

    @property
    def history(self) -> tuple[ReleaseVersion, ...]:
        """The versions that it had, the present one last."""
        return self.moves or (ReleaseVersion(self.id, self.version, self.modified, self.version),)

    @property
    def version_id(self) -> int:
        """The id of the version that it has."""
        return self.history[-1].id


@dataclass(slots=True)
class Job:
    """One execution. Times are seconds since the epoch; arguments are JSON text, as they came.

    `stop_after` counts from the creation, `kill_after` from the SoftStop; `resumed_with` is what a program that was
    suspended gets when it goes on.
    """

    id: int
    key: str
    folder: Folder
    release: Release
    batch_execution_key: str
    created: float
    modified: float
    reference: str | None = None
    input_arguments: str | None = None
    source: str = "Manual"
    priority: int = 45
    runtime_type: str | None = None
    pinned_robot_id: int | None = None
    echoed: dict[str, Json] = field(default_factory=dict)
    stop_after: float | None = None
    stop_with: str = "Kill"
    kill_after: float | None = None
    state: JobState = JobState.PENDING
    robot: Robot | None = None
    started: float | None = None
    ended: float | None = None
    info: str | None = None
    output_arguments: str | None = None
    output_file: str | None = None
    stop_strategy: str | None = None
    persistence_id: str | None = None
    resume_version: int | None = None
    resume_time: float | None = None
    resumed_with: Json = None
    sleeping: bool = False
    error_code: str | None = None

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self.state in FINAL_STATES


def iso(moment: float | None) -> str | None:
    """A time as the API writes it: `2018-02-22T10:00:00.837Z`."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def nesting(value: Json) -> int:
    """How deep lists and objects are nested in a value, counted without recursion: 0 for a text, 1 for `[]`."""
    level, count = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        count += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return count
