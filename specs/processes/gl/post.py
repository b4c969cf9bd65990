"""Post what one company has booked on a day."""

from __future__ import annotations

import csv
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from processes.gl.session import session
from processes.job import Arguments, BusinessError, run


def post(arguments: Arguments) -> dict[str, Any]:
    """Take in_Day, in_Company, in_Ledger, a folder, and in_Seconds, which it takes; give Posted, Total and Seat."""
    day, company, ledger = arguments["in_Day"], arguments["in_Company"], Path(arguments["in_Ledger"])
    with session(ledger) as seat:
        if (ledger / f"{day}.closed").exists():
            raise BusinessError(f"{day} is closed.")
        time.sleep(arguments["in_Seconds"])  # noqa: TID251 - the ledger's own time
        with Path("data/gl/postings.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["company"] == company]
        total = sum((Decimal(row["amount"]) for row in rows), Decimal())
        with (ledger / f"{day}-{company}.csv").open("x", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["account", "amount"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return {"Posted": len(rows), "Total": str(total), "Seat": seat}


if __name__ == "__main__":
    run(post)
