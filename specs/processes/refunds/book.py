"""Book refunds to the clearing account, and take such a booking back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def book(arguments: Arguments) -> dict[str, Any]:
    """Take in_Account, a file, and in_Amount; give Booking. With in_Reverse, a booking's number, take that back."""
    account = Path(arguments["in_Account"])
    account.parent.mkdir(parents=True, exist_ok=True)
    lines = json.loads(account.read_text(encoding="utf-8")) if account.is_file() else []
    reverse = arguments.get("in_Reverse")
    if reverse is None:
        amount = float(arguments["in_Amount"])
    else:
        amount = -next(line["Amount"] for line in lines if line["Booking"] == reverse)
    if amount == 0:
        raise BusinessError("There is nothing to book.")
    booking = f"{'R' if reverse else 'B'}-{len(lines) + 1:04}"
    lines.append({"Booking": booking, "Amount": amount, "Reverses": reverse})
    account.write_text(json.dumps(lines, indent=2), encoding="utf-8")
    return {"Booking": booking, "Balance": round(sum(line["Amount"] for line in lines), 2)}


if __name__ == "__main__":
    run(book)
