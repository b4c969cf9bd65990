"""Find the open invoice that each receipt pays, by the number in its reference."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from processes.job import Arguments, run

NUMBER = re.compile(r"AR-\d\d-\d{4}")


def match(arguments: Arguments) -> dict[str, Any]:
    """Take in_Receipts and in_Invoices, a file; give Paid as a list of {Number, Amount, Rest}, and Unclear receipts."""
    with Path(arguments["in_Invoices"]).open(encoding="utf-8", newline="") as file:
        invoices = {row["Number"]: row for row in csv.DictReader(file, delimiter=";")}
    paid, unclear = [], []
    for receipt in arguments["in_Receipts"]:
        found = NUMBER.search(receipt["Reference"])
        invoice = invoices.get(found.group()) if found else None
        if invoice is None or invoice["Currency"] != receipt["Currency"]:
            unclear.append(receipt)
            continue
        rest = round(float(invoice["Amount"]) - receipt["Amount"], 2)
        paid.append({"Number": invoice["Number"], "Amount": receipt["Amount"], "Rest": rest})
    return {"Paid": paid, "Unclear": unclear}


if __name__ == "__main__":
    run(match)
