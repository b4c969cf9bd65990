"""The balance of one account over all companies, as far as it is posted."""

from __future__ import annotations

import csv
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from processes.gl.session import session
from processes.job import Arguments, run


def balance(arguments: Arguments) -> dict[str, Any]:
    """Take in_Account, in_Ledger and in_Seconds; give Balance and Seat."""
    ledger, found = Path(arguments["in_Ledger"]), Decimal()
    with session(ledger) as seat:
        time.sleep(arguments["in_Seconds"])  # noqa: TID251 - the ledger's own time
        for path in sorted(ledger.glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                found += sum(
                    Decimal(row["amount"]) for row in csv.DictReader(file) if row["account"] == arguments["in_Account"]
                )
    return {"Balance": str(found), "Seat": seat}


if __name__ == "__main__":
    run(balance)
