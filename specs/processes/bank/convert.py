"""Convert receipts in foreign currency to euros, at the rates of the last day of a table."""

from __future__ import annotations

from typing import Any

from processes.job import Arguments, BusinessError, run
from processes.rates.read_rates import read_rates


def convert(arguments: Arguments) -> dict[str, Any]:
    """Take in_Receipts and in_Rates, a file; give Converted as a list of {Name, Reference, Currency, Amount, Euros}."""
    rates = read_rates({"in_File": arguments["in_Rates"]})["Rates"]
    converted = []
    for receipt in arguments["in_Receipts"]:
        if receipt["Currency"] not in rates:
            raise BusinessError(f"{receipt['Name']} paid in {receipt['Currency']}, for which there is no rate.")
        converted.append({**receipt, "Euros": round(receipt["Amount"] / rates[receipt["Currency"]], 2)})
    return {"Converted": converted}


if __name__ == "__main__":
    run(convert)
