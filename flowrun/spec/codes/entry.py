"""Entry: a code of the catalogue, with its words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A code that stays what it is. `wording` and `hint` are format strings over the fields of a problem."""

    code: str
    title: str
    wording: str
    explanation: str
    hint: str | None = None
    severity: str = "error"
