"""Read the invoices of one batch and check them; write a worksheet with the good ones, and the others with reasons."""

from __future__ import annotations

import calendar
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from processes.invoices.formats import read
from processes.invoices.invoice import Invoice, Unreadable, objections
from processes.job import Arguments, run


def extract(arguments: Arguments) -> dict[str, Any]:
    """Take in_Files, in_Period (yyyy-mm) and in_Worksheet, the file to write; give Worksheet, Accepted, Rejected."""
    year, month = map(int, arguments["in_Period"].split("-"))
    last_day = date(year, month, calendar.monthrange(year, month)[1])
    accepted: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for name in arguments["in_Files"]:
        path = Path(name)
        try:
            invoice = read(path)
            reasons = objections(invoice, last_day)
        except Unreadable as error:
            reasons = [str(error)]
        if reasons:
            rejected.append({"file": path.name, "reasons": reasons})
        else:
            accepted.append(_posting(invoice, path))
    worksheet = Path(arguments["in_Worksheet"])
    worksheet.parent.mkdir(parents=True, exist_ok=True)
    content = {"accepted": accepted, "rejected": rejected}
    worksheet.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return {"Worksheet": worksheet.as_posix(), "Accepted": len(accepted), "Rejected": len(rejected)}


def _posting(invoice: Invoice, path: Path) -> dict[str, Any]:
    """What the ledger keeps of an invoice. Sums are in cents."""
    return {
        "vat_id": invoice.vat_id,
        "number": invoice.number,
        "supplier": invoice.supplier,
        "issued": invoice.issued.isoformat(),
        "currency": invoice.currency,
        "net": int(invoice.net * 100),
        "vat": int(invoice.vat * 100),
        "gross": int(invoice.gross * 100),
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


if __name__ == "__main__":
    run(extract)
