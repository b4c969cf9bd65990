"""Files put right where that takes no choice, as `flowrun validate --fix` does it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flowrun.api.files import Checked, check, is_tests
from flowrun.api.formatting import difference
from flowrun.api.tests import check_tests
from flowrun.api.texts import write_text
from flowrun.settings import Choice
from flowrun.spec.fixes import applied

_MOST_ROUNDS = 100
"""One fix can bring to light what stood behind it: a file that is no YAML tells of one place at a time."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file, its text before and after, and how many problems of it were put right."""

    file: str
    before: str
    after: str
    count: int

    def diff(self) -> str:
        """What changes, as a unified diff."""
        return difference(self.file, self.before, self.after)


def fix(file: Path, choice: Choice, *, write: bool) -> Fixed:
    """Put right what has a fix, round for round, as long as each leaves fewer errors. Raises UsageError."""
    before = checked = _checked(file, choice)
    count = 0
    for _ in range(_MOST_ROUNDS):
        own = [one for one in checked.problems if one.file in ("", str(file))]
        text, more = applied(checked.text, own)
        after = _checked(file, choice, text) if more else checked
        if not more or not _better(after, checked):
            break
        checked, count = after, count + more
    if write and count:
        write_text(file, checked.text)
    return Fixed(str(file), before.text, checked.text, count)


def _checked(file: Path, choice: Choice, text: str | None = None) -> Checked:
    return check_tests(file, text) if is_tests(file) else check(file, choice, text)


def _better(after: Checked, before: Checked) -> bool:
    """Whether there are fewer errors; or more of it can be read now, and so it may have others."""
    unread, still = _unreadable(before), _unreadable(after)
    if unread:
        return not still or still > unread
    return not still and _errors(after) < _errors(before)


def _unreadable(checked: Checked) -> tuple[int, int] | None:
    """Where it is no YAML: the line and the column of the first place."""
    places = [one.position for one in checked.problems if one.code == "FR004" and one.position]
    return min(((place.line, place.column) for place in places), default=None)


def _errors(checked: Checked) -> int:
    return sum(one.severity == "error" for one in checked.problems)
