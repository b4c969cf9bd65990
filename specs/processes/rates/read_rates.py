"""Read the exchange rates of the last banking day of a month."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def read_rates(arguments: Arguments) -> dict[str, Any]:
    """Take in_File, a table with a row a day; give Day, and Rates as an object from currency to units for one euro."""
    path = Path(arguments["in_File"])
    if not path.is_file():
        raise BusinessError(f"There are no rates in {path}.")
    with path.open(encoding="utf-8", newline="") as file:
        days = list(csv.DictReader(file, delimiter=";"))
    if not days:
        raise BusinessError(f"{path} has a heading and no rates.")
    last = max(days, key=lambda row: row["Day"])
    return {"Day": last.pop("Day"), "Rates": {currency: float(rate) for currency, rate in last.items()}}


if __name__ == "__main__":
    run(read_rates)
