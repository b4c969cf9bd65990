"""`emulator.yaml`: the text made into a Deployment, or every problem of it with line and column. ruamel's second door.

Its events are counted before anything is composed: the fast composer recurses in C, so nesting could end the process.

Codes: FR901 not YAML, FR902 unknown key, FR903 wrong value, FR904 missing key, FR905 clash, FR906 too large.
"""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from flowrun.emulator.applications import ApplicationWords, FederatedWords, UserWords
from flowrun.emulator.deployment import (
    CatalogWords,
    Deployer,
    Deployment,
    FolderWords,
    Place,
    ReleaseWords,
    RobotWords,
)
from flowrun.emulator.entities import Json
from flowrun.emulator.profile import Profile
from flowrun.emulator.schedules import QueueWords, TriggerWords
from flowrun.emulator.words import Words
from flowrun.errors import Position, Problem, SpecError

SIZE_LIMIT = 256 * 1024
NODE_LIMIT = 20_000
DEPTH_LIMIT = 50
_PLAIN = "tag:yaml.org,2002:"
_READ_AS = frozenset({"int", "float", "bool", "null"})
_ELSEWHERE = {
    "args": "command",
    "argv": "command",
    "cmd": "command",
    "cron": "start_process_cron",
    "cwd": "working_folder",
    "env": "environment",
    "folder": "working_folder",
    "inputs": "input",
    "input_arguments": "input",
    "outputs": "output",
    "processes": "releases",
    "runtimes": "robots",
    "shell": "command",
    "timezone": "time_zone_id",
}


def load_catalog(path: Path) -> Deployment:
    """Read a catalog. Raises SpecError with all of its problems."""
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = Problem("FR901", f"the catalog cannot be read: {error.strerror}", file=str(path))
        raise SpecError((problem,), file=str(path)) from None
    text = data.decode("utf-8", errors="replace")
    reader = _Reader(str(path))
    words = reader.words(text, len(data))
    if words is not None:
        deployer = Deployer(path.resolve().parent, path.stat().st_mtime)
        deployment = deployer.deploy(words)
        reader.problems += [reader.problem("FR905", clash.message, clash.where) for clash in deployer.clashes]
        if not reader.problems:
            return replace(deployment, digest=hashlib.sha256(data).hexdigest())
    problems = sorted(reader.problems, key=lambda problem: problem.position or Position(0, 0))
    raise SpecError(tuple(problems), file=str(path), text=text)


class _Reader:
    """One reading: the positions of everything, and what was found wrong."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._values: dict[Place, Position] = {}
        self._keys: dict[Place, Position] = {}
        self._nodes = 0

    def words(self, text: str, size: int) -> CatalogWords | None:
        """The validated words of the file; None where something is wrong with it."""
        if size > SIZE_LIMIT:
            self.problems.append(self.problem("FR906", f"the catalog is {size} bytes; {SIZE_LIMIT} are the most", ()))
            return None
        data = self._document(text)
        if self.problems:
            return None
        try:
            return CatalogWords.model_validate(data)
        except ValidationError as error:
            self.problems += [self._invalid(dict(item)) for item in error.errors(include_url=False)]
            return None

    def problem(self, code: str, message: str, where: Place, hint: str | None = None, *, key: bool = False) -> Problem:
        """A Problem at a place of the file, or at the nearest place above it."""
        position = None
        known = self._keys if key else self._values
        for length in range(len(where), -1, -1):
            position = known.get(where[:length])
            if position is not None:
                break
        return Problem(code, message, position or Position(1, 1), _written(where), hint, file=self._file)

    def _document(self, text: str) -> Json:
        try:
            _check_shape(text)
            yaml = YAML(typ="safe")
            node = yaml.compose(text)
            if node is None:
                self.problems.append(self.problem("FR901", "the catalog is empty", ()))
                return None
            return self._plain(yaml, node, ())
        except RecursionError:
            self.problems.append(self.problem("FR906", "the catalog is nested too deeply", ()))
        except (YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None) if isinstance(error, MarkedYAMLError) else None
            position = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
            said = getattr(error, "problem", None) or str(error).splitlines()[0]
            self.problems.append(Problem("FR901", f"this is not YAML: {said}", position, file=self._file))
        return None

    def _plain(self, yaml: Any, node: Any, where: Place) -> Json:
        """A node as plain data. Positions are kept; more than NODE_LIMIT nodes, aliases counted, are too many."""
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            raise RecursionError
        self._values[where] = Position(node.start_mark.line + 1, node.start_mark.column + 1)
        self._keys.setdefault(where, self._values[where])
        tag = str(node.tag)
        if not tag.startswith(_PLAIN):
            self.problems.append(self.problem("FR901", f"the tag {tag} is not known here", where, "leave the tag out"))
            return None
        if tag == f"{_PLAIN}map":
            return self._map(yaml, node, where)
        if tag == f"{_PLAIN}seq":
            return [self._plain(yaml, item, (*where, index)) for index, item in enumerate(node.value)]
        if tag.removeprefix(_PLAIN) in _READ_AS:
            return yaml.constructor.construct_object(node)
        return node.value

    def _map(self, yaml: Any, node: Any, where: Place) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            place = (*where, key)
            position = Position(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in found:
                self.problems.append(
                    Problem(
                        "FR901",
                        f"the key {key} stands here twice",
                        position,
                        _written(place),
                        other=self._keys[place],
                        other_label="first here",
                        file=self._file,
                    )
                )
                continue
            self._keys[place] = position
            found[key] = self._plain(yaml, value_node, place)
        return found

    def _invalid(self, error: dict[str, Any]) -> Problem:
        where: Place = tuple(part for part in error["loc"] if part != "[key]")
        kind = error["type"]
        if kind == "extra_forbidden":
            key = str(where[-1])
            return self.problem("FR902", f"unknown key {key}", where, _did_you_mean(key, where), key=True)
        if kind == "missing":
            return self.problem("FR904", f"the key {where[-1]} is missing", where[:-1])
        message = error["msg"]
        hint = None
        if kind == "string_type" and isinstance(error["input"], int | float):
            hint = f'write it in quotes: "{error["input"]}"'
        if kind == "string_type" and isinstance(error["input"], dict):
            hint = 'braces are a map in YAML; write a placeholder in quotes: "{python}"'
        return self.problem("FR903", message[:1].lower() + message[1:], where, hint)


def _check_shape(text: str) -> None:
    """Raise RecursionError for more depth than a catalog can have. Nothing is built."""
    depth = 0
    for event in YAML(typ="safe").parse(text):
        name = type(event).__name__
        depth += name in {"SequenceStartEvent", "MappingStartEvent"}
        depth -= name in {"SequenceEndEvent", "MappingEndEvent"}
        if depth > DEPTH_LIMIT:
            raise RecursionError


def _did_you_mean(key: str, where: Place) -> str:
    model: type[Words] = CatalogWords
    names = [str(part) for part in where[:-1]]
    if "releases" in names:
        model = ReleaseWords
    elif names[:1] == ["orchestrator"]:
        model = Profile
    elif "triggers" in names:
        model = TriggerWords
    elif "queues" in names:
        model = QueueWords
    elif "robots" in names:
        model = RobotWords
    elif "folders" in names:
        model = FolderWords
    elif "applications" in names:
        model = FederatedWords if "federated" in names else ApplicationWords
    elif "users" in names:
        model = UserWords
    known = list(model.model_fields)
    near = difflib.get_close_matches(key, known, 1)
    word = near[0] if near else _ELSEWHERE.get(key.lower(), "")
    return f"did you mean {word}?" if word in known else f"known here: {', '.join(known)}"


def _written(where: Place) -> str:
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")
