"""Sign out of the portal, whatever happened before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from processes.job import Arguments, run
from processes.onboarding.portal import close_session


def sign_out(arguments: Arguments) -> dict[str, Any]:
    """Take in_Session; give Closed, which is false if there was no session."""
    return {"Closed": close_session(Path(arguments["in_Session"]))}


if __name__ == "__main__":
    run(sign_out)
