"""Read the receipts of a bank statement, and tell those in euros from those in other currencies."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def read_statement(arguments: Arguments) -> dict[str, Any]:
    """Take in_File; give Receipts and Foreign, lists of {Currency, Amount, Name, Reference}, and HasForeign."""
    path = Path(arguments["in_File"])
    if not path.is_file():
        raise BusinessError(f"There is no statement {path}.")
    receipts: list[dict[str, Any]] = []
    foreign: list[dict[str, Any]] = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            receipt: dict[str, Any] = {**row, "Amount": float(row["Amount"])}
            del receipt["Booked"]
            if receipt["Amount"] > 0:
                (receipts if receipt["Currency"] == "EUR" else foreign).append(receipt)
    return {"Receipts": receipts, "Foreign": foreign, "HasForeign": bool(foreign)}


if __name__ == "__main__":
    run(read_statement)
