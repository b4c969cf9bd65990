"""A session at the ledger. There are two seats, and who finds none is turned away, as an ERP system does it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processes.job import BusinessError

SEATS = 2


@contextmanager
def session(ledger: Path) -> Iterator[int]:
    """Take a seat as long as the context lasts; which one."""
    ledger.mkdir(parents=True, exist_ok=True)
    for seat in range(1, SEATS + 1):
        place = ledger / f"seat-{seat}"
        if _taken(place):
            continue
        try:
            with place.open("x", encoding="utf-8") as file:
                file.write(str(os.getpid()))
        except FileExistsError:  # somebody else sat down in between
            continue
        try:
            yield seat
        finally:
            place.unlink()
        return
    raise BusinessError("The ledger has no free session. Licensed are two.")


def _taken(place: Path) -> bool:
    """Whether somebody sits there. Who was killed left the seat, though not its name on it."""
    try:
        os.kill(int(place.read_text(encoding="utf-8") or 0), 0)
    except ProcessLookupError:
        place.unlink(missing_ok=True)
        return False
    except FileNotFoundError:
        return False
    return True
