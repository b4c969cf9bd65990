"""Write what a statement came to: what was paid, what was converted, and what a person has to look at."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from processes.job import Arguments, run


def reconcile(arguments: Arguments) -> dict[str, Any]:
    """Take in_Paid, in_Unclear, in_Converted and in_File; give Reconciliation, Euros received, and ToCheck, a count."""
    rows = [
        *(
            ("paid" if item["Rest"] == 0 else "paid in part", item["Number"], item["Amount"])
            for item in arguments["in_Paid"]
        ),
        *(("converted", item["Reference"], item["Euros"]) for item in arguments["in_Converted"]),
        *(("unclear", f"{item['Name']}: {item['Reference']}", item["Amount"]) for item in arguments["in_Unclear"]),
    ]
    path = Path(arguments["in_File"])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("Result", "Item", "Euros"))
        writer.writerows((result, item, f"{euros:.2f}") for result, item, euros in rows)
    return {
        "Reconciliation": path.as_posix(),
        "Euros": round(sum(euros for _result, _item, euros in rows), 2),
        "ToCheck": sum(result in ("unclear", "paid in part") for result, _item, _euros in rows),
    }


if __name__ == "__main__":
    run(reconcile)
