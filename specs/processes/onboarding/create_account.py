"""Create the account of a new colleague in the portal."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

from processes.job import Arguments, run
from processes.onboarding.portal import visit


def create_account(arguments: Arguments) -> dict[str, Any]:
    """Take in_Session and in_Person, a file; give Account, and Person as the file has it."""
    visit(Path(arguments["in_Session"]))
    person = json.loads(Path(arguments["in_Person"]).read_text(encoding="utf-8"))
    plain = unicodedata.normalize("NFKD", person["Name"]).encode("ascii", "ignore").decode().lower()
    first, *_others, last = plain.split()
    return {"Account": f"{first[0]}.{last}", "Person": person}


if __name__ == "__main__":
    run(create_account)
