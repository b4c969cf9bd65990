import sqlite3
from contextlib import closing

import pytest

from flowrun.journal.queries import query, schema


@pytest.mark.parametrize(
    "name",
    [
        *(
            "run",
            "runs",
            "latest",
            "keyed",
            "grouped",
            "next_number",
            "add_run",
            "change_run",
            "add_event",
            "events",
            "hash",
        ),
        *("first", "add_request", "requests", "add_slot", "slots", "give_back", "give_all_back"),
        *("add_wait", "waits", "wait_no_more"),
    ],
)
def test_every_query_is_one_that_sqlite_takes(name: str) -> None:
    text = query(name)
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(schema())
        database.execute(f"EXPLAIN {text}", (None,) * text.count("?"))


def test_another_name_is_refused() -> None:
    with pytest.raises(KeyError):
        query("nonsense")
