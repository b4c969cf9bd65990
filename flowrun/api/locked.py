"""`flowrun.lock` of the project: read, written whole or not at all, and held against a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun.api.texts import put_text, read_text
from flowrun.errors import UsageError
from flowrun.review import lock_file
from flowrun.review.lock import Lock, entries_of
from flowrun.review.moved import Kind, Move, moves

if TYPE_CHECKING:
    from flowrun.core.plan import Json
    from flowrun.settings import Settings


def lock_path(settings: Settings) -> Path:
    """Where the lock of the project lies, or would lie."""
    return settings.project / lock_file.NAME


def read_lock(settings: Settings) -> Lock:
    """The lock of the project; an empty one where it has none. Raises UsageError."""
    path = lock_path(settings)
    return lock_file.read(read_text(path), _near(path)) if path.exists() else Lock()


def write_lock(lock: Lock, settings: Settings) -> bool:
    """Put the lock into its file; whether that changed anything. Raises UsageError."""
    path, text = lock_path(settings), lock_file.text(lock)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    put_text(path, text)
    return True


def workflow_of(file: Path, settings: Settings) -> str:
    """A workflow's file as the lock names it: relative to the project. Raises UsageError where it lies outside."""
    path, project = file.resolve(), settings.project.resolve()
    if not path.is_relative_to(project):
        raise UsageError(
            f"{file} lies outside of the project {project}, whose lock and plans name files by their paths in it",
            hint="Call flowrun from the project of the workflow: the folder with its flowrun.toml, or its repository.",
        )
    return path.relative_to(project).as_posix()


def knows(file: Path, context: str, settings: Settings) -> bool:
    """Whether the lock has anything of a workflow. Raises UsageError."""
    project = settings.project.resolve()
    return file.is_relative_to(project) and bool(read_lock(settings).of(context, file.relative_to(project).as_posix()))


def moved(file: Path, facts: Iterable[Mapping[str, Mapping[str, Json]]], settings: Settings) -> tuple[Move, ...]:
    """What of a plan is not as the lock says. Nothing for a workflow that the lock has never heard of."""
    lock = read_lock(settings)
    project = settings.project.resolve()
    if not lock.entries or not file.is_relative_to(project):
        return ()
    context, workflow = settings.context.name, file.relative_to(project).as_posix()
    found = entries_of(context, workflow, (fact for some in facts for fact in some.values()))
    if not lock.of(context, workflow):
        return ()
    return tuple(one for one in moves(lock, context, workflow, found) if one.kind in (Kind.MOVED, Kind.MISSING))


def told(found: Iterable[Move]) -> Iterator[tuple[str, Move]]:
    """The code of the problem that each is."""
    codes = {Kind.MOVED: "FR520", Kind.MISSING: "FR521"}
    yield from ((codes[one.kind], one) for one in found if one.kind in codes)


def _near(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
