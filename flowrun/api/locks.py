"""The lock of a project and what has become of it: written, brought up to date, held against a tenant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.environments import chosen, overlay_of
from flowrun.api.locked import lock_path, read_lock, workflow_of, write_lock
from flowrun.api.plans import looked_up, outline
from flowrun.errors import SpecError, Stale, UsageError
from flowrun.nearest import guess
from flowrun.review import drift as review
from flowrun.review.lock import Entry, Lock, locked
from flowrun.review.lock_file import NAME
from flowrun.review.moved import Kind, Move, moves

if TYPE_CHECKING:
    from flowrun.api.plans import Planned
    from flowrun.errors import Problem
    from flowrun.settings import Choice, Settings

_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Locked:
    """What was done to the lock: `taken` is what it has otherwise now, `left` what is otherwise in the tenant still.

    `open`: steps whose Release is known only when they run, by their file; no lock can have them.
    """

    file: Path
    lock: Lock
    written: bool
    taken: tuple[Move, ...]
    left: tuple[Move, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockChecked:
    """The lock held against what is there. `entries`: how many were looked at."""

    moves: tuple[Move, ...]
    entries: int
    workflows: tuple[str, ...]
    contexts: tuple[str, ...]

    @property
    def text(self) -> str:
        """A line for each difference."""
        return review.text(self.moves)

    @property
    def summary(self) -> str:
        """All in one sentence."""
        return review.summary(self.moves, self.entries, self.contexts)

    @property
    def markdown(self) -> str:
        """For a comment or an issue."""
        return review.markdown(self.moves, self.entries, self.contexts)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one workflow starts now."""

    context: str
    workflow: str
    found: tuple[Entry, ...]
    open: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    text: str = ""


async def lock(files: Sequence[Path], choice: Choice, settings: Settings) -> Locked:
    """Add what the lock lacks of these workflows and drop what they start no more; what has moved stays as it was.

    Without files, of all workflows that the lock names. Raises SpecError where something they start is not there,
    UsageError, OrchestratorError.
    """
    return await _relock(files, choice, settings, lambda _: False)


async def update_lock(names: Sequence[str], choice: Choice, settings: Settings) -> Locked:
    """Take what is there now: of these workflows or Releases, of everything where none are named. Raises as `lock`."""
    files = [Path(name) for name in names if _is_file(name)]
    releases = [name for name in names if not _is_file(name)]
    known = sorted({entry.release for entry in read_lock(settings).entries})
    for name in releases:
        if name not in known:
            hint = guess(name, known, ", ".join(known[:10]) or "it is empty: flowrun lock SPEC")
            raise UsageError(f"the lock has no Release {name!r}, and there is no such file", hint=hint)
    return await _relock(files, choice, settings, lambda entry: not releases or entry.release in releases)


async def check_lock(files: Sequence[Path], choice: Choice, settings: Settings) -> LockChecked:
    """Hold the lock against what is there; nothing is written. Without files, all workflows that it names."""
    lock = read_lock(settings)
    told: list[Move] = []
    looks = [await _look(file, choice, settings) for file in _files(files, lock, settings)]
    for one in looks:
        found = moves(lock, one.context, one.workflow, one.found, one.lost)
        if one.problems and not any(move.kind is Kind.GONE for move in found):
            raise SpecError(one.problems, file=one.workflow, text=one.text)
        told += found
    count = len({entry.name for one in looks for entry in lock.of(one.context, one.workflow)})
    contexts = tuple(sorted({one.context for one in looks}))
    return LockChecked(tuple(told), count, tuple(one.workflow for one in looks), contexts)


async def drift(files: Sequence[Path], choice: Choice, settings: Settings) -> LockChecked:
    """The same, of what has moved or is gone: what a lock lacks is no drift."""
    done = await check_lock(files, choice, settings)
    return replace(done, moves=tuple(move for move in done.moves if move.kind in (Kind.MOVED, Kind.GONE)))


def held(ready: Planned, settings: Settings) -> None:
    """Raise Stale where a plan is not as the lock says, or where that says nothing of it."""
    named = ready.sources.environment
    hold(ready.file, ready.context, ready.moves, settings, str(named["name"]) if named else "")


def hold(file: Path, context: str, found: Sequence[Move], settings: Settings, environment: str = "") -> None:
    """The same of what was `found` to be otherwise. Raises UsageError, too, for a file outside of the project."""
    workflow = workflow_of(file, settings)
    words = f"{workflow} -e {environment}" if environment else workflow
    if not read_lock(settings).of(context, workflow):
        raise Stale(
            f"{NAME} has nothing of {workflow} in the context {context}: nothing was started",
            hint=f"flowrun lock {words}",
        )
    if found:
        told = "".join(f"\n  {one.words}" for one in found)
        update = "update " if any(one.kind is Kind.MOVED for one in found) else ""
        raise Stale(
            f"{NAME} is no longer true of {workflow} in the context {context}: nothing was started{told}",
            hint=f"Look at what changed, then: flowrun lock {update}{words}",
        )


async def _relock(files: Sequence[Path], choice: Choice, settings: Settings, update: Callable[[Entry], bool]) -> Locked:
    lock = read_lock(settings)
    if not files:
        lock = _pruned(lock, settings)
    taken: list[Move] = []
    left: list[Move] = []
    opened: list[str] = []
    before = lock
    for file in _files(files, lock, settings):
        one = await _look(file, choice, settings)
        if one.problems:
            raise SpecError(one.problems, file=str(file), text=one.text)
        for move in moves(before, one.context, one.workflow, one.found):
            (left if move.kind is Kind.MOVED and not update(move.entry) else taken).append(move)
        lock = locked(lock, one.context, one.workflow, one.found, update)
        opened += [f"{one.workflow}: {step}" for step in one.open]
    return Locked(lock_path(settings), lock, write_lock(lock, settings), tuple(taken), tuple(left), tuple(opened))


def _pruned(lock: Lock, settings: Settings) -> Lock:
    """Without workflows that are gone."""
    for name in lock.workflows():
        if not (settings.project / name).is_file():
            lock = lock.without(name)
    return lock


def _files(files: Sequence[Path], lock: Lock, settings: Settings) -> list[Path]:
    if files:
        return list(files)
    named = lock.workflows()
    if not named:
        raise UsageError(f"{lock_path(settings)} names no workflow yet", hint="flowrun lock SPEC")
    return [settings.project / name for name in named]


async def _look(file: Path, choice: Choice, settings: Settings) -> _Looked:
    workflow = workflow_of(file, settings)
    environment = chosen(file, choice)
    made = outline(file, environment)
    within = settings.within(overlay_of(environment))
    async with bootstrap.connect(within, file) as connected:
        found = await looked_up(made, connected)
    context = within.context.name
    entries = found.entries(context, workflow)
    return _Looked(context, workflow, entries, found.open, found.lost, found.problems, made.source)


def _is_file(name: str) -> bool:
    return name.endswith(_ENDINGS) or Path(name).is_file()
