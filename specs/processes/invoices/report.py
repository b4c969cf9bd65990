"""Write what a person wants to see of a period: a page with the totals and the rejected, and a table for Excel."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from processes.invoices.page import Summary, page_of
from processes.job import Arguments, run

SUPPLIERS = """
select supplier, currency, count(*), sum(net), sum(vat), sum(gross) from posting where period = ?
group by supplier, currency order by supplier, currency"""
POSTINGS = """
select issued, supplier, vat_id, number, currency, net, vat, gross, file from posting where period = ?
order by issued, supplier, number"""


def report(arguments: Arguments) -> dict[str, Any]:
    """Take in_Ledger, in_Period, in_Worksheets, in_Duplicates, in_ReviewFrom and in_Folder.

    Give Html and Csv, the two files, Rejected, a count, and Total, an object from currency to gross sum.
    Postings of in_ReviewFrom or more are marked for a second look.
    """
    period = arguments["in_Period"]
    with closing(sqlite3.connect(arguments["in_Ledger"])) as database:
        suppliers = database.execute(SUPPLIERS, (period,)).fetchall()
        postings = database.execute(POSTINGS, (period,)).fetchall()
    rejected = [*_rejected(arguments["in_Worksheets"]), *arguments["in_Duplicates"]]
    total: dict[str, int] = {}
    for _supplier, currency, _count, _net, _vat, gross in suppliers:
        total[currency] = total.get(currency, 0) + gross
    folder = Path(arguments["in_Folder"])
    folder.mkdir(parents=True, exist_ok=True)
    page, table = folder / f"invoices-{period}.html", folder / f"invoices-{period}.csv"
    summary = Summary(period, total, suppliers, postings, rejected, round(arguments["in_ReviewFrom"] * 100))
    page.write_text(page_of(summary), encoding="utf-8")
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("Issued", "Supplier", "VAT id", "Number", "Currency", "Net", "VAT", "Gross", "File"))
        writer.writerows((*row[:5], *map(_plain, row[5:8]), row[8]) for row in postings)
    return {
        "Html": page.as_posix(),
        "Csv": table.as_posix(),
        "Rejected": len(rejected),
        "Total": {currency: gross / 100 for currency, gross in total.items()},
    }


def _rejected(worksheets: list[str]) -> list[dict[str, Any]]:
    sheets = (json.loads(Path(worksheet).read_text(encoding="utf-8")) for worksheet in worksheets)
    return [rejection for sheet in sheets for rejection in sheet["rejected"]]


def _plain(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


if __name__ == "__main__":
    run(report)
