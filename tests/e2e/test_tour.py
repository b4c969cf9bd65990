"""Every workflow of the tour, from the command line to the files that it leaves."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.e2e.harness import SPECS, Desk

EDITOR_LINE = "# yaml-language-server: $schema=../schemas/workflow.schema.json"
WRONG = {
    "brunnfelder_RE-2026-00344.csv": "currency is missing",
    "hellwarth_SP0000343_2.csv": "posted already, from hellwarth_SP0000273.csv",
    "kantinenhof_KF-00350.xml": "cut off",
    "lindenquast_L-26-0318.csv": "16 % is not a VAT rate of DE",
    "lindenquast_L-26-0346.csv": "quantity is -18",
    "ostermuehl_0301-26.xml": "dated 2062-10-19",
    "pellwick_PM-00441.xml": "credit note",
    "quellwitz_QK000326.xml": "the lines come to 977.81, the invoice says 976.91",
    "quellwitz_QK000375.xml": "not UTF-8",
    "thrushcombe_INV000439.xml": "number is missing",
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_every_workflow_is_valid_and_opens_with_the_line_for_editors(desk: Desk) -> None:
    every = (path for path in sorted(SPECS.glob("*.yaml")) if path.name != "emulator.yaml")
    files = [path for path in every if ".test." not in path.name]
    ended = desk.flowrun("validate", *(f"specs/{path.name}" for path in files))
    assert ended.code == 0, ended.err
    assert all(path.read_text(encoding="utf-8").startswith(EDITOR_LINE + "\n") for path in files)
    assert desk.ledger() == []


def test_the_chain_hands_outputs_down_with_their_types(desk: Desk) -> None:
    ended = desk.cold("run", "-o", "json", "specs/01-chain.yaml")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"rates": 1, "revalue": 1, "voucher": 1}
    revalue = desk.jobs()[1].arguments
    assert revalue["in_Rates"] == {"USD": 1.0723, "GBP": 0.83, "CHF": 0.9295, "PLN": 4.2693}
    voucher = rows(desk.out / "revaluation-2026-10.csv")
    assert {row["Day"] for row in voucher} == {"2026-10-30"}
    balance = round(sum(float(row["Amount"]) for row in voucher), 2)
    assert ended.data["outputs"] == {"voucher": "out/revaluation-2026-10.csv", "items": 9, "balance": balance}


def test_the_diamond_converts_what_was_paid_in_foreign_currency(desk: Desk) -> None:
    ended = desk.run("02-diamond")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"read": 1, "match": 1, "convert": 1, "reconcile": 1}
    results = Counter(row["Result"] for row in rows(desk.out / "reconciliation-2026-10-30.csv"))
    assert results == {"paid": 3, "paid in part": 1, "converted": 2, "unclear": 1}
    assert ended.data["outputs"]["to_check"] == 2


def test_the_diamond_skips_the_conversion_where_there_is_nothing_to_convert(desk: Desk) -> None:
    ended = desk.run("02-diamond", day="2026-10-29")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"read": 1, "match": 1, "reconcile": 1}
    assert desk.jobs()[-1].arguments["in_Converted"] == []
    assert ended.data["outputs"]["euros"] == 714.0 + 3570.0


def test_the_portal_is_asked_again_and_the_badge_is_let_through(desk: Desk) -> None:
    ended = desk.run("03-retry-and-finally")
    assert ended.code == 0, ended.err
    assert ended.data["warnings"] == ["badge"]
    assert desk.starts() == {"sign_in": 1, "account": 3, "badge": 1, "sheet": 1, "sign_out": 1}
    assert [job.states[-1] for job in desk.jobs() if job.step == "account"] == ["Faulted", "Faulted", "Successful"]
    sheet = (desk.out / "onboarding" / "j.lichtenfeldt.txt").read_text(encoding="utf-8")
    assert "Badge     ask at the reception" in sheet
    assert list((desk.out / "onboarding").glob("*.session")) == []


def test_a_portal_that_stays_busy_fails_the_run_and_nobody_stays_signed_in(desk: Desk) -> None:
    ended = desk.run("03-retry-and-finally", busy_visits=9)
    assert ended.code == 1, ended.err
    assert "says 503" in ended.err
    assert desk.starts() == {"sign_in": 1, "account": 4, "sign_out": 1}
    assert list((desk.out / "onboarding").iterdir()) == []


def test_the_invoices_are_posted_once_however_often_the_workflow_runs(desk: Desk) -> None:
    first = desk.run("invoices")
    assert first.code == 0, first.err
    assert desk.starts() == {"find": 1, "extract": 24, "post": 1, "report": 1, "tidy": 1}
    told = first.data["outputs"]
    assert (told["files"], told["posted"], told["rejected"]) == (120, 110, 10)
    assert _totals(desk) == told["total"]

    second = desk.run("invoices")
    assert second.code == 0, second.err
    again = second.data["outputs"]
    assert (again["posted"], again["rejected"], again["total"]) == (0, 10, told["total"])
    assert _totals(desk) == told["total"]

    page = (desk.out / "invoices-2026-10.html").read_text(encoding="utf-8")
    for file, reason in WRONG.items():
        assert f"<td>{file}<td" in page
        assert reason in page
    assert len(rows(desk.out / "invoices-2026-10.csv")) == 110
    assert not (desk.out / "work").exists() or list((desk.out / "work").iterdir()) == []


def _totals(desk: Desk) -> dict[str, float]:
    with closing(sqlite3.connect(desk.out / "ledger.sqlite")) as database:
        (count,) = database.execute("select count(*) from posting").fetchone()
        assert count == 110
        sums = database.execute("select currency, sum(gross) from posting group by currency").fetchall()
    return {currency: gross / 100 for currency, gross in sums}


def test_the_bank_is_asked_until_it_answers(desk: Desk) -> None:
    ended = desk.run("05-refunds")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"book": 1, "order": 1, "confirmed": 3}
    assert ended.data["outputs"] == {"booking": "B-0001", "accepted": True}
    assert ended.data["counts"]["succeeded"] == 3


def test_what_the_bank_never_confirms_is_undone_from_the_last_to_the_first(desk: Desk) -> None:
    ended = desk.run("05-refunds", answers_after="9")
    assert ended.code == 1, ended.err
    assert desk.starts() == {"book": 1, "order": 1, "confirmed": 5, "order.compensate": 1, "book.compensate": 1}
    assert [job.step for job in desk.jobs()][-2:] == ["order.compensate", "book.compensate"]
    lines = json.loads((desk.out / "refunds" / "clearing.json").read_text(encoding="utf-8"))
    assert [(line["Amount"], line["Reverses"]) for line in lines] == [(412.5, None), (-412.5, "B-0001")]
    assert "undone: order, book" in ended.err


def test_files_are_steps_of_another_and_runs_of_their_own(desk: Desk) -> None:
    ended = desk.run("07-month-end")
    assert ended.code == 0, ended.err
    assert desk.starts() == {
        "read": 2,
        "match": 2,
        "convert": 1,
        "reconcile": 2,
        "rates": 1,
        "revalue": 1,
        "voucher": 1,
    }
    outputs = ended.data["outputs"]
    assert outputs["reconciliations"] == [f"out/reconciliation-2026-10-{day}.csv" for day in (29, 30)]
    assert all((desk.specs / file).is_file() for file in (*outputs["reconciliations"], outputs["voucher"]))
    assert outputs["to_check"] == 2


def test_rates_that_nobody_quotes_are_tolerated_and_told(desk: Desk) -> None:
    ended = desk.run("11-rate-watch")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"moved": 8, "note": 1}
    changes = ended.data["outputs"]["changes"]
    assert [change is None for change in changes] == [False] * 7 + [True]
    assert (desk.out / "rates" / "watch.txt").read_text(encoding="utf-8").endswith("not known: DEM-5\n")


def test_named_robots_go_first_and_one_of_several_is_enough(desk: Desk) -> None:
    ended = desk.run("12-robots")
    assert ended.code == 0, ended.err
    assert desk.starts() == {"busiest": 2, "spare": 3, "report": 1}
    assert ended.data["outputs"] == {"jobs": 5}


def test_what_does_not_reach_the_share_is_mailed_and_noted(desk: Desk) -> None:
    ended = desk.run("13-handover")
    assert ended.code == 0, ended.err
    assert ended.data["warnings"] == ["by_share"]
    assert desk.starts() == {"by_share": 1, "by_mail": 1, "note": 1}
    book = (desk.out / "handover" / "book.txt").read_text(encoding="utf-8")
    assert book == "share failed, mail succeeded: out/handover/mail/2026-10.csv\n"
