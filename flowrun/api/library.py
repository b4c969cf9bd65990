"""The files that are steps of a workflow: found beside it, read once, and none from anywhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flowrun.nearest import nearest
from flowrun.spec import loader
from flowrun.spec.environment import NONE, Environments
from flowrun.spec.library import Loaded, Opened
from flowrun.steps.fields import Fault

DEEPEST = 8
"""How many files may be nested in each other below the first."""

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Shelf:
    """Implements `spec.library.Library` for one file.

    `folder`: that of the first file, links followed, and `shown`: the same as people wrote it. `chain`: the names of
    the files that led here, this one last. `read`: what was read already, for all shelves of one first file.
    """

    folder: Path
    shown: Path
    chain: tuple[str, ...]
    read: dict[str, Loaded] = field(default_factory=dict)
    environments: Environments = NONE

    def open(self, path: str) -> Opened | Fault:
        """The file at a path from the folder of this one."""
        found = self._find(path)
        if isinstance(found, Fault):
            return found
        name = found.relative_to(self.folder).as_posix()
        if name in self.chain:
            ring = (*self.chain[self.chain.index(name) :], name)
            return Fault("FR604", (), {"cycle": " -> ".join(ring)})
        height = self.read[name].height if name in self.read else 0
        if len(self.chain) + height > DEEPEST:
            return Fault("FR605", (), {"depth": len(self.chain) + height, "most": DEEPEST})
        if name not in self.read:
            try:
                text = found.read_bytes().decode("utf-8", "surrogateescape")
            except OSError as error:
                return Fault("FR603", (), {"file": path, "reason": f"cannot be read: {error.strerror}"})
            below = Shelf(self.folder, self.shown, (*self.chain, name), self.read, self.environments)
            self.read[name] = loader.load(text, str(self.shown / name), below, self.environments.within)
        return Opened(name, self.read[name])

    def _find(self, path: str) -> Path | Fault:
        """The file itself, all links followed."""
        if Path(path).is_absolute() or path.startswith(("/", "\\")):
            return _outside(path, "is an absolute path")
        beside = (self.folder / self.chain[-1]).parent
        try:
            found = (beside / path).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):  # RuntimeError: links that lead in a circle
            if self._leaves(beside / path):
                return _outside(path, "lies outside of the folder of the workflow that is run")
            return Fault("FR601", (), {"file": path, "hint": _near(beside, path)})
        if not found.is_relative_to(self.folder):
            return _outside(path, "lies outside of the folder of the workflow that is run")
        if not found.is_file():
            return Fault("FR603", (), {"file": path, "reason": "is a folder" if found.is_dir() else "is no file"})
        return found

    def _leaves(self, path: Path) -> bool:
        """Whether a path that leads nowhere would lead out: what is out there is nobody's business."""
        try:
            return not path.resolve().is_relative_to(self.folder)
        except (OSError, ValueError, RuntimeError):
            return False


def shelf(file: Path, environments: Environments = NONE) -> Shelf:
    """The shelf of the file that is run. All files are looked at with the same environments."""
    whole = file.resolve()
    return Shelf(whole.parent, file.parent, (whole.name,), environments=environments)


def _outside(path: str, reason: str) -> Fault:
    return Fault("FR602", (), {"file": path, "reason": reason})


def _near(folder: Path, path: str) -> str | None:
    """What there is instead, where the folder is there."""
    try:
        place = (folder / path).parent
        names = sorted(one.name for one in place.iterdir() if one.suffix in (".yaml", ".yml"))
    except (OSError, ValueError):
        return None
    meant = nearest(path.rpartition("/")[2], names)
    if meant is not None:
        return f"Did you mean {path.rpartition('/')[0] + '/' if '/' in path else ''}{meant}?"
    return f"There is {', '.join(names[:_LISTED])}." if names else None
