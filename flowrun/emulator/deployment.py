"""The words of `emulator.yaml` as pydantic models, with their short forms, and how they become entities.

Every model refuses unknown keys and other types. Ids and keys that the author leaves out are derived from the names,
so they are the same on every start.
"""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from flowrun.emulator import packages
from flowrun.emulator.applications import Accounts, ApplicationWords, UserWords, accounts
from flowrun.emulator.entities import (
    Argument,
    Builtin,
    Command,
    Folder,
    FolderKind,
    Json,
    Package,
    Release,
    Robot,
    Trick,
)
from flowrun.emulator.profile import Profile
from flowrun.emulator.schedules import ProcessSchedule, Queue, QueueWords, TriggerWords, deployed
from flowrun.emulator.words import Guid, Identifier, Words, wrong

DEFAULT_FOLDER = "Shared"
DEFAULT_ROBOTS = 4
NAMESPACE = uuid.UUID("5a0e2f0c-8f5b-5c0e-9b0e-6d1f5c2a7e11")
"""What keys are derived in: `uuid5(NAMESPACE, "Shared/ExtractInvoice")`."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
Place: TypeAlias = tuple[str | int, ...]
"""A path in the file: `("releases", "ExtractInvoice", "command", 0)`."""
TypeName: TypeAlias = Literal["any", "string", "integer", "number", "boolean", "array", "object"]


class ArgumentWords(Words):
    """`in_Path: string`, or `in_Path: {type: string, required: true, default: …}`."""

    type: TypeName = "any"
    required: bool = False
    default: Json = None
    description: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Json) -> Json:
        return {"type": data} if isinstance(data, str) else data


class OutputWords(Words):
    """`Total: number`, or `Total: {type: number}`."""

    type: TypeName = "any"
    description: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Json) -> Json:
        return {"type": data} if isinstance(data, str) else data


class VersionWords(Words):
    """Another version of a Release's package: what it does and takes otherwise than the first."""

    command: list[str] | None = None
    package: Annotated[str, Field(min_length=1)] | None = None
    entry_point: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    input: dict[str, ArgumentWords] | None = None
    output: dict[str, OutputWords] | None = None


class ReleaseWords(Words):
    """A Release: `[program, argument, …]`, or a map. `versions`: others of its package that it can be moved to."""

    id: Identifier | None = None
    key: Guid | None = None
    version: str = "1.0.0"
    description: str | None = None
    command: list[str] | None = None
    builtin: Annotated[Builtin | None, Field(strict=False)] = None
    package: Annotated[str, Field(min_length=1)] | None = None
    entry_point: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400)] = 1.0
    message: str | None = None
    working_folder: str = "."
    environment: dict[str, str] = Field(default_factory=dict)
    input: dict[str, ArgumentWords] | None = None
    output: dict[str, OutputWords] | None = None
    versions: dict[Annotated[str, Field(min_length=1, max_length=50)], VersionWords] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Json) -> Json:
        if isinstance(data, str):
            raise wrong("write the command as a list, one item for each argument: [python, extract.py]")
        return {"command": data} if isinstance(data, list) else data

    @model_validator(mode="after")
    def _one_way_to_run(self) -> ReleaseWords:
        self.check()
        return self

    def check(self) -> None:
        """Raises what pydantic tells of, where what is said here and in `versions` does not go together."""
        if [self.command, self.builtin, self.package].count(None) != 2:  # noqa: PLR2004 - the message says it
            raise wrong("a Release has one of command, builtin and package")
        if self.entry_point is not None and self.package is None:
            raise wrong("entry_point belongs to a package; a command names its program itself")
        if self.command is not None and not (self.command and self.command[0]):
            raise wrong("the command is empty; its first item is the program")
        if self.version in self.versions:
            raise wrong(f"the version {self.version} is what the Release has; versions names the others")
        for number in self.versions:
            self.of_version(number)
        for argument in self.command or ():
            for name in _PLACEHOLDER.findall(argument):
                if name != "python":
                    raise wrong(f"there is no placeholder {{{name}}}; {{python}} is the only one")

    def of_version(self, number: str) -> ReleaseWords:
        """The same with what another version says. Raises what this raises where the two do not go together."""
        other = self.versions[number]
        said = {name: getattr(other, name) for name in other.model_fields_set}
        if other.command is not None or other.package is not None:
            said = {"command": None, "builtin": None, "package": None, "entry_point": None, **said}
        made = self.model_copy(update={**said, "version": number, "versions": {}})
        made.check()
        return made


class RobotWords(Words):
    """A robot: its name, or a map."""

    name: Annotated[str, Field(min_length=1, max_length=128)]
    id: Identifier | None = None
    machine: str = "local"
    username: str | None = None
    type: str = "Unattended"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Json) -> Json:
        return {"name": data} if isinstance(data, str) else data


def _counted(data: Json) -> Json:
    if isinstance(data, bool) or not isinstance(data, int):
        return data
    if not 1 <= data <= 1000:  # noqa: PLR2004 - the message says it
        raise wrong("a folder has 1 to 1000 robots")
    return [{"name": f"Robot{number}"} for number in range(1, data + 1)]


DEFAULT_ROBOT_LIST = [RobotWords.model_validate(words) for words in _counted(DEFAULT_ROBOTS)]
RobotList = Annotated[list[RobotWords], BeforeValidator(_counted)]


class FolderWords(Words):
    """A folder: its robots and its Releases, its queues and what starts its Releases."""

    id: Identifier | None = None
    key: Guid | None = None
    kind: Annotated[FolderKind, Field(strict=False)] = FolderKind.ANY
    robots: RobotList | None = None
    releases: dict[str, ReleaseWords] = Field(default_factory=dict)
    queues: dict[str, QueueWords] = Field(default_factory=dict)
    triggers: dict[str, TriggerWords] = Field(default_factory=dict)


class CatalogWords(Words):
    """The whole file: `folders`, or for one folder called `Shared` just what stands in a folder."""

    emulator: Literal[1] = 1
    orchestrator: Profile = Field(default_factory=Profile)
    folders: dict[str, FolderWords] | None = None
    applications: dict[str, ApplicationWords] | None = None
    users: dict[str, UserWords] | None = None
    robots: RobotList | None = None
    releases: dict[str, ReleaseWords] | None = None
    queues: dict[str, QueueWords] | None = None
    triggers: dict[str, TriggerWords] | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_extensions(cls, data: Json) -> Json:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if not str(name).startswith("x-")}

    @model_validator(mode="after")
    def _one_form(self) -> CatalogWords:
        inside = (self.robots, self.releases, self.queues, self.triggers)
        if self.folders is not None and any(given is not None for given in inside):
            raise wrong("write robots, releases, queues and triggers inside a folder, or leave folders out")
        if not self.folders and not self.releases:
            raise wrong("there is no Release: add `releases: {Name: [program, argument]}`")
        return self


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a catalog comes to. `digest` is of its text; the first folder is the default one."""

    folders: tuple[Folder, ...]
    robots: tuple[Robot, ...]
    releases: tuple[Release, ...]
    queues: tuple[Queue, ...] = ()
    schedules: tuple[ProcessSchedule, ...] = ()
    digest: str = ""
    accounts: Accounts = field(default_factory=Accounts)
    profile: Profile = field(default_factory=Profile)


class Clash(Exception):
    """Two things of the file claim the same id or key, or a place does not exist. `where` is its path in the file."""

    def __init__(self, where: Place, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.message = message


class Deployer:
    """Gives ids and keys, and collects what clashes in `clashes`."""

    def __init__(self, base: Path, modified: float) -> None:
        self.clashes: list[Clash] = []
        self._base = base
        self._modified = modified
        self._taken: dict[tuple[str, Json], tuple[str, Place]] = {}

    def deploy(self, words: CatalogWords) -> Deployment:
        """Make the entities, in the order of the file."""
        given = words.folders
        root: Place = ("folders",)
        if given is None:
            given = {
                DEFAULT_FOLDER: FolderWords(
                    robots=words.robots,
                    releases=words.releases or {},
                    queues=words.queues or {},
                    triggers=words.triggers or {},
                )
            }
            root = ()
        folders = self._folders(given)
        robots: list[Robot] = []
        releases: list[Release] = []
        ids = _free_ids(robot.id for item in given.values() for robot in item.robots or ())
        release_ids = _free_ids(item.id for one in given.values() for item in one.releases.values())
        for path, item in given.items():
            where = (*root, path) if root else ()
            many = item.robots if item.robots is not None else DEFAULT_ROBOT_LIST
            robots += [
                self._robot(robot, folders[path], ids, (*where, "robots", index)) for index, robot in enumerate(many)
            ]
            releases += [
                self._release(name, one, folders[path], release_ids, (*where, "releases", name))
                for name, one in item.releases.items()
            ]
        words_of = [(folders[path], item.queues, item.triggers) for path, item in given.items()]
        queues, schedules, faults = deployed(words_of, releases, robots)
        for path, where, message in faults:
            self.clashes.append(Clash((*((*root, path) if root else ()), *where), message))
        return Deployment(
            tuple(folders.values()),
            tuple(robots),
            tuple(releases),
            queues,
            schedules,
            accounts=accounts(words.applications, words.users),
            profile=words.orchestrator,
        )

    def _folders(self, given: Mapping[str, FolderWords]) -> dict[str, Folder]:
        ids = _free_ids(item.id for item in given.values())
        folders: dict[str, Folder] = {}
        for path, item in given.items():
            where: Place = ("folders", path)
            if not path or path != path.strip("/ ") or "//" in path:
                self.clashes.append(Clash(where, f"a folder is written Finance or Finance/Close, not {path!r}"))
            key = (item.key or str(uuid.uuid5(NAMESPACE, path))).lower()
            parent = folders.get(path.rpartition("/")[0])
            folder_id = item.id or next(ids)
            self._claim("folder id", folder_id, path, (*where, "id"))
            self._claim("folder key", key, path, (*where, "key"))
            above = (parent.id, parent.key) if parent else (None, None)
            folders[path] = Folder(folder_id, key, path, item.kind, *above)
        return folders

    def _robot(self, words: RobotWords, folder: Folder, ids: Iterator[int], where: Place) -> Robot:
        robot_id = words.id or next(ids)
        self._claim("robot id", robot_id, words.name, (*where, "id"))
        self._claim("robot name", (folder.path, words.name), words.name, (*where, "name"))
        username = words.username or f"{words.machine}\\{words.name}"
        return Robot(robot_id, words.name, folder, words.machine, username, words.type)

    def _release(self, name: str, words: ReleaseWords, folder: Folder, ids: Iterator[int], where: Place) -> Release:
        key = (words.key or str(uuid.uuid5(NAMESPACE, f"{folder.path}/{name}"))).lower()
        release_id = words.id or next(ids)
        self._claim("release id", release_id, name, (*where, "id"))
        self._claim("release key", key, name, (*where, "key"))

        def version(words: ReleaseWords, where: Place) -> Release:
            inputs = None if words.input is None else tuple(_argument(*item) for item in words.input.items())
            gives = (
                None if words.output is None else tuple(Argument(key, one.type) for key, one in words.output.items())
            )
            run = self._run(words, where)
            says = words.description
            return Release(release_id, key, name, words.version, folder, run, says, inputs, gives, self._modified)

        others = (version(words.of_version(one), (*where, "versions", one)) for one in words.versions)
        return replace(version(words, where), others=tuple(others))

    def _run(self, words: ReleaseWords, where: Place) -> Command | Trick | Package:
        if words.package is not None:
            package = Package((self._base / words.package).resolve(), words.entry_point)
            try:
                packages.check(package)
            except packages.PackageError as error:
                self.clashes.append(Clash((*where, "package"), str(error)))
            return package
        if words.builtin is not None:
            return Trick(words.builtin, words.seconds, words.message)
        place = (self._base / words.working_folder).resolve()
        if not place.is_dir():
            self.clashes.append(
                Clash((*where, "working_folder"), f"the working folder {words.working_folder} does not exist")
            )
        argv = [argument.replace("{python}", sys.executable) for argument in words.command or ()]
        if argv and argv[0] == "python":
            argv[0] = sys.executable
        return Command(tuple(argv), place, dict(words.environment))

    def _claim(self, what: str, value: Json, name: str, where: Place) -> None:
        owner, first = self._taken.setdefault((what, value), (name, where))
        if first != where:
            shown = value[-1] if isinstance(value, tuple) else value
            self.clashes.append(Clash(where, f"the {what} {shown} is taken by {owner}"))


def _free_ids(given: Iterable[int | None]) -> Iterator[int]:
    taken = {item for item in given if item is not None}
    return (number for number in range(1, sys.maxsize) if number not in taken)


def _argument(name: str, words: ArgumentWords) -> Argument:
    return Argument(name, words.type, words.required, words.default, "default" in words.model_fields_set)
