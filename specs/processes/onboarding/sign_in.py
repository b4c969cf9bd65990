"""Sign in to the portal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from processes.job import Arguments, run
from processes.onboarding.portal import open_session


def sign_in(arguments: Arguments) -> dict[str, Any]:
    """Take in_Session, the file to make, and in_BusyVisits; give Session."""
    session = Path(arguments["in_Session"])
    open_session(session, arguments.get("in_BusyVisits", 0))
    return {"Session": session.as_posix()}


if __name__ == "__main__":
    run(sign_in)
