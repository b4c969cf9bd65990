"""Compare the rate of a currency with that of some banking days before."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def check(arguments: Arguments) -> dict[str, Any]:
    """Take in_File, in_Currency and in_Days; give Change, in percent of what it was so many banking days ago."""
    with Path(arguments["in_File"]).open(encoding="utf-8", newline="") as file:
        days = list(csv.DictReader(file, delimiter=";"))
    currency, back = arguments["in_Currency"], int(arguments["in_Days"])
    if currency not in days[-1]:
        raise BusinessError(f"Nobody quotes {currency}.")
    before, now = float(days[max(0, len(days) - 1 - back)][currency]), float(days[-1][currency])
    return {"Change": round(100 * (now / before - 1), 2)}


if __name__ == "__main__":
    run(check)
