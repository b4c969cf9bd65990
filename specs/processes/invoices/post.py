"""Post checked invoices to the ledger: each number of a supplier once, however often this runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from processes.job import Arguments, run

TABLE = """
create table if not exists posting (
    vat_id text not null, number text not null, period text not null, supplier text not null, issued text not null,
    currency text not null, net integer not null, vat integer not null, gross integer not null,
    file text not null, sha256 text not null,
    primary key (vat_id, number)
)"""
INSERT = """
insert into posting
values (:vat_id, :number, :period, :supplier, :issued, :currency, :net, :vat, :gross, :file, :sha256)
on conflict do nothing"""


def post(arguments: Arguments) -> dict[str, Any]:
    """Take in_Worksheets, in_Period and in_Ledger; give Posted, AlreadyPosted, and Duplicates as {file, reasons}."""
    ledger = Path(arguments["in_Ledger"])
    ledger.parent.mkdir(parents=True, exist_ok=True)
    posted, already, duplicates = 0, 0, []
    with closing(sqlite3.connect(ledger)) as database, database:
        database.execute(TABLE)
        for posting in _postings(arguments["in_Worksheets"]):
            if database.execute(INSERT, posting | {"period": arguments["in_Period"]}).rowcount:
                posted += 1
                continue
            reason = _objection(database, posting)
            if reason:
                duplicates.append({"file": posting["file"], "reasons": [reason]})
            else:
                already += 1
    return {"Posted": posted, "AlreadyPosted": already, "Duplicates": duplicates}


def _objection(database: sqlite3.Connection, posting: dict[str, Any]) -> str:
    """Why a number that is in the ledger is not simply this file, posted by an earlier run; empty if it is."""
    key = (posting["vat_id"], posting["number"])
    row = database.execute("select file, sha256 from posting where (vat_id, number) = (?, ?)", key).fetchone()
    if row == (posting["file"], posting["sha256"]):
        return ""
    if row[0] == posting["file"]:
        return f"{posting['number']} of {posting['supplier']} was posted, and the file has changed since"
    return f"{posting['number']} of {posting['supplier']} is posted already, from {row[0]}"


def _postings(worksheets: list[str]) -> Iterator[dict[str, Any]]:
    for worksheet in worksheets:
        yield from json.loads(Path(worksheet).read_text(encoding="utf-8"))["accepted"]


if __name__ == "__main__":
    run(post)
