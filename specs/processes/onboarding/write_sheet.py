"""Write the sheet that a new colleague finds on the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from processes.job import Arguments, run


def write_sheet(arguments: Arguments) -> dict[str, Any]:
    """Take in_Person, in_Account, in_Badge and in_Folder; give Sheet, the file."""
    person = arguments["in_Person"]
    sheet = Path(arguments["in_Folder"]) / f"{arguments['in_Account']}.txt"
    sheet.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        f"Welcome, {person['Name']}!",
        "",
        f"Team      {person['Team']}, {person['Location']}",
        f"First day {person['FirstDay']}",
        f"Account   {arguments['in_Account']}",
        f"Badge     {arguments['in_Badge']}",
    )
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"Sheet": sheet.as_posix()}


if __name__ == "__main__":
    run(write_sheet)
