"""Files brought into one style: found, formatted, written where something has changed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowrun.api import environments
from flowrun.api.texts import read_text, write_text
from flowrun.errors import Problem, SpecError, UsageError
from flowrun.spec.formatter import formatted

ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Tidied:
    """A file, its text before and after. `problems`: it cannot be read; `left`: why it stays as it is."""

    file: str
    before: str
    after: str
    problems: tuple[Problem, ...] = ()
    left: str = ""

    @property
    def differs(self) -> bool:
        """Whether it is written in another way than it is to be."""
        return self.before != self.after

    @property
    def failed(self) -> bool:
        """Whether it could not be formatted."""
        return bool(self.problems or self.left)

    def diff(self) -> str:
        """What changes, as a unified diff."""
        return difference(self.file, self.before, self.after)


def tidy(paths: Sequence[Path], *, write: bool) -> tuple[Tidied, ...]:
    """Format these files, and all workflows, tests and environments in these folders. Raises UsageError."""
    found = [one for path in paths for one in _tidied(path)]
    if write:
        for one in found:
            if one.differs:
                write_text(Path(one.file), one.after)
    return tuple(found)


def tidy_text(text: str, name: str) -> Tidied:
    """Format the text of a workflow or a test file. Raises SpecError where it cannot be read, UsageError."""
    made = formatted(text)
    if made.problems:
        raise SpecError(made.problems, file=name, text=text)
    if made.left:
        raise UsageError(f"{name} stays as it is: {made.left}")
    return Tidied(name, text, made.text)


def difference(file: str, before: str, after: str) -> str:
    """What changes in a file, as a unified diff that `patch` reads."""
    lines = difflib.unified_diff(_lines(before), _lines(after), file, file)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """With the carriage returns in them, and no line ends where `patch` sees none."""
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *(last for last in lines[-1:] if last)]


def _tidied(path: Path) -> Iterator[Tidied]:
    if not path.is_dir():
        yield _file(path)[0]
        return
    for file in _within(path):
        made, foreign = _file(file)
        if not foreign:
            yield made


def _within(folder: Path) -> Iterator[Path]:
    """The YAML files in a folder and below it; what is hidden is not looked at."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}") from error
    for path in inside:
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _within(path)
        elif path.suffix in ENDINGS and path.is_file():
            yield path


def _file(file: Path) -> tuple[Tidied, bool]:
    """What becomes of a file, and whether it is none of ours."""
    text = read_text(file)
    made = formatted(text, environment=environments.is_one(file))
    return Tidied(str(file), text, made.text, made.problems, made.left), made.foreign
