"""Compare what each open item is worth at today's rate with what it was booked at."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def revalue(arguments: Arguments) -> dict[str, Any]:
    """Take in_Items, a file, and in_Rates; give Differences as a list of {Number, Currency, Difference}, in euros."""
    rates = {currency: Decimal(str(rate)) for currency, rate in arguments["in_Rates"].items()}
    differences = []
    with Path(arguments["in_Items"]).open(encoding="utf-8", newline="") as file:
        for item in csv.DictReader(file, delimiter=";"):
            if item["Currency"] not in rates:
                raise BusinessError(f"{item['Number']} is in {item['Currency']}, for which there is no rate.")
            amount = Decimal(item["Amount"])
            change = round(amount / rates[item["Currency"]] - amount / Decimal(item["BookedRate"]), 2)
            differences.append({"Number": item["Number"], "Currency": item["Currency"], "Difference": float(change)})
    return {"Differences": differences}


if __name__ == "__main__":
    run(revalue)
