"""Write the voucher that books the gains and losses of a revaluation."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from processes.job import Arguments, run

GAINS, LOSSES = "2660", "2150"


def write_voucher(arguments: Arguments) -> dict[str, Any]:
    """Take in_Day, in_Differences and in_File; give Voucher, its Lines, and the Balance in euros."""
    voucher = Path(arguments["in_File"])
    voucher.parent.mkdir(parents=True, exist_ok=True)
    balance = Decimal()
    with voucher.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("Day", "Account", "Item", "Amount"))
        for item in arguments["in_Differences"]:
            difference = Decimal(str(item["Difference"]))
            balance += difference
            account = GAINS if difference >= 0 else LOSSES
            writer.writerow((arguments["in_Day"], account, item["Number"], f"{difference:.2f}"))
    return {"Voucher": voucher.as_posix(), "Lines": len(arguments["in_Differences"]), "Balance": float(balance)}


if __name__ == "__main__":
    run(write_voucher)
