"""The robots of transfers.yaml, and the bank that they speak to: one JSON object in, one out."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Arguments = dict[str, Any]


def collect(arguments: Arguments) -> Arguments:
    """The transfers that are due, but for those above the limit."""
    with Path(arguments["in_File"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    due = [row for row in rows if float(row["Amount"]) <= arguments["in_Limit"]]
    return {"Transfers": due, "LeftOut": len(rows) - len(due)}


def sign_in(arguments: Arguments) -> Arguments:
    """A session, which is as good as the token for as long as it lasts."""
    session = hmac.new(arguments["in_Token"].encode(), arguments["in_Bank"].encode(), hashlib.sha256)
    return {"Session": session.hexdigest()}


def send(arguments: Arguments) -> Arguments:
    """The receipt of the bank, in a file."""
    receipt = Path(arguments["in_File"])
    receipt.parent.mkdir(parents=True, exist_ok=True)
    sent = {"executed": arguments["in_Execute"], "transfers": arguments["in_Transfers"]}
    receipt.write_text(json.dumps(sent, indent=2) + "\n", encoding="utf-8")
    return {"Receipt": str(receipt), "Executed": arguments["in_Execute"]}


WHAT: dict[str, Callable[[Arguments], Arguments]] = {"collect": collect, "sign_in": sign_in, "send": send}

if __name__ == "__main__":
    print(json.dumps(WHAT[sys.argv[1]](json.load(sys.stdin))))
