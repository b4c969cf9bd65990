"""Patterns: regular expressions that an author wrote, looked for in texts that nobody vouches for.

Python's own search goes back and tries again; some patterns, such as `(a+)+$`, make it try for longer than anybody
waits, and a robot's message could be written for that. This one goes through the text once, in all the states at once
that the pattern may be in. What needs going back, such as a group that is referred to, cannot be written. Python's
parser reads the pattern, and Python's engine compares each character: what is found is what `re.search` finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from re import _compiler, _parser  # type: ignore[attr-defined]
from typing import Any, TypeAlias

MOST_TEXT = 10_000
"""Characters that are looked through: what would be found ends within them."""

MOST_STATES = 600
"""How large a pattern may be, with its counted repetitions written out. Times the text, it bounds the work."""

_MOST_GROUPS = 50
_CHARACTERS = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_LOOK = "a look-ahead or look-behind"
_UNFIT = {
    "ASSERT": _LOOK,
    "ASSERT_NOT": _LOOK,
    "FAILURE": _LOOK,
    "GROUPREF": "a reference to a group",
    "GROUPREF_EXISTS": "a reference to a group",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive repetition",
}

Matches: TypeAlias = Callable[[str, int], Any]
"""Whether a character, or a place between two, is as the pattern has it: `re.Pattern.match`."""

_Flags: TypeAlias = tuple[tuple[int, int], ...]
"""The flags that each group around a node sets and unsets, the outermost first."""


class UnfitPattern(ValueError):
    """A regular expression that Python reads and this language has not. The message is a clause."""


@dataclass(slots=True)
class _State:
    """`takes` is for a character, `holds` for a place; one with neither goes on at once. `to`: where it goes on."""

    to: tuple[int, ...]
    takes: Matches | None = None
    holds: Matches | None = None


def is_found(pattern: str, text: str) -> bool:
    """Whether `re.search` would find it, and its end, within `MOST_TEXT` characters. Raises what `Pattern` raises."""
    return Pattern(pattern).is_found(text)


class Pattern:
    """A pattern as states. Raises re.error, OverflowError, and UnfitPattern for what this language has not."""

    def __init__(self, pattern: str) -> None:
        if pattern.count("(") > _MOST_GROUPS:
            raise UnfitPattern(f"it has more than {_MOST_GROUPS} parentheses")
        self._tree = _parser.parse(pattern)
        self._states: list[_State] = []
        self._end = self._new(())
        self._begin = self._sequence(self._tree, self._end, ())

    def is_found(self, text: str) -> bool:
        """Go through a text once."""
        waiting: dict[int, None] = {}
        for position in range(min(len(text), MOST_TEXT) + 1):
            takers = self._reached({**waiting, self._begin: None}, text, position)
            if takers is None:
                return True
            found = (taker.to for taker in takers if taker.takes and taker.takes(text, position))
            waiting = dict.fromkeys(to for group in found for to in group)
        return False

    def _reached(self, numbers: dict[int, None], text: str, position: int) -> list[_State] | None:
        """Those that wait for a character, from these on without taking one. None where the end is reached."""
        seen, found, takers = set(numbers), list(numbers), []
        while found:
            number = found.pop()
            state = self._states[number]
            if number == self._end:
                return None
            if state.takes is not None:
                takers.append(state)
            elif state.holds is None or state.holds(text, position):
                new = [to for to in state.to if to not in seen]
                seen.update(new)
                found += new
        return takers

    def _new(self, to: tuple[int, ...], **kind: Matches) -> int:
        if len(self._states) >= MOST_STATES:
            raise UnfitPattern(f"with its counts written out it has more than {MOST_STATES} parts")
        self._states.append(_State(to, **kind))
        return len(self._states) - 1

    def _sequence(self, items: Iterable[Any], to: int, around: _Flags) -> int:
        """Write these out, the last one first, so that they lead to a state; gives the one where they begin."""
        for node in reversed(list(items)):
            to = self._item(node, to, around)
        return to

    def _item(self, node: tuple[Any, Any], to: int, around: _Flags) -> int:
        name, detail = str(node[0]), node[1]
        if name in _CHARACTERS:
            return self._new((to,), takes=self._single(node, around))
        if name == "AT":
            return self._new((to,), holds=self._single(node, around))
        if name == "SUBPATTERN":
            _, more, less, inside = detail
            return self._sequence(inside, to, (*around, (more, less)))
        if name == "BRANCH":
            return self._new(tuple(self._sequence(branch, to, around) for branch in detail[1]))
        if name in _REPEATS:
            return self._repeat(detail, to, around)
        raise UnfitPattern(f"it has {_UNFIT.get(name, name)}")

    def _repeat(self, detail: tuple[int, int, Any], to: int, around: _Flags) -> int:
        least, most, inside = detail
        if most == _parser.MAXREPEAT:
            begin = self._new(())
            self._states[begin].to = (self._sequence(inside, begin, around), to)
        else:
            begin = to
            for _ in range(most - least):
                begin = self._new((self._sequence(inside, begin, around), to))
        for _ in range(least):
            before, begin = begin, self._sequence(inside, begin, around)
            if begin == before:  # there is nothing inside, as in `(){9}`
                break
        return begin

    def _single(self, node: tuple[Any, Any], around: _Flags) -> Matches:
        """One character or one place, as Python's engine sees it with the flags that hold there."""
        inside = _parser.SubPattern(self._tree.state, [node])
        for more, less in reversed(around):
            inside = _parser.SubPattern(self._tree.state, [(_parser.SUBPATTERN, (None, more, less, inside))])
        matches: Matches = _compiler.compile(inside).match
        return matches
