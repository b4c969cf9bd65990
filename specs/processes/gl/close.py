"""Close a day of the ledger: nothing is posted to it any more."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def close(arguments: Arguments) -> dict[str, Any]:
    """Take in_Day, in_Ledger and in_Totals, one for each company; give Balance, which must be nought."""
    day, ledger = arguments["in_Day"], Path(arguments["in_Ledger"])
    balance = sum((Decimal(total) for total in arguments["in_Totals"]), Decimal())
    if balance:
        raise BusinessError(f"{day} does not balance: {balance} is left.")
    try:
        (ledger / f"{day}.closed").open("x", encoding="utf-8").write("closed\n")
    except FileExistsError:
        raise BusinessError(f"{day} is closed already.") from None
    return {"Balance": str(balance)}


if __name__ == "__main__":
    run(close)
