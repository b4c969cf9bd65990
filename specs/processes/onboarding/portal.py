"""A stand-in for a web portal. It is busy for the first visits of each session, as portals are on Mondays."""

from __future__ import annotations

import json
from pathlib import Path

from processes.job import BusinessError


def open_session(session: Path, busy_visits: int) -> None:
    """Sign in. The session is a file, which must not be left behind."""
    session.parent.mkdir(parents=True, exist_ok=True)
    session.write_text(json.dumps({"visits": 0, "busy_visits": busy_visits}), encoding="utf-8")


def visit(session: Path) -> None:
    """Count a visit. Raises BusinessError while the portal is busy, or if nobody has signed in."""
    if not session.is_file():
        raise BusinessError("The portal says 401: not signed in.")
    state = json.loads(session.read_text(encoding="utf-8"))
    state["visits"] += 1
    session.write_text(json.dumps(state), encoding="utf-8")
    if state["visits"] <= state["busy_visits"]:
        raise BusinessError(f"The portal says 503: busy, come back later (visit {state['visits']}).")


def close_session(session: Path) -> bool:
    """Sign out. Whether there was a session."""
    there = session.is_file()
    session.unlink(missing_ok=True)
    return there
