"""The page that a person opens: what was posted, what was rejected and why, and the totals."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

Row = tuple[Any, ...]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bad: #b3261e; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
.tiles { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.5rem 0; }
.tile { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1.1rem; }
.tile b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
td, th { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.sum { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.look { background: var(--soft); } .bad { color: var(--bad); } summary { cursor: pointer; margin-top: 2rem; }
"""


@dataclass(frozen=True)
class Summary:
    """What the page tells. Sums are in cents; `total` is from currency to gross sum.

    A row of `suppliers` is supplier, currency, count, net, VAT, gross; one of `postings` is date, supplier, VAT id,
    number, currency, net, VAT, gross, file.
    """

    period: str
    total: dict[str, int]
    suppliers: list[Row]
    postings: list[Row]
    rejected: list[dict[str, Any]]
    review_from: int


def page_of(summary: Summary) -> str:
    """The page as HTML, with nothing to load from anywhere."""
    postings, rejected, review_from = summary.postings, summary.rejected, summary.review_from
    tiles = [("posted", str(len(postings))), ("rejected", str(len(rejected)))]
    tiles += [(f"gross, {currency}", _grouped(gross)) for currency, gross in sorted(summary.total.items())]
    look = [row for row in postings if row[7] >= review_from]
    return "\n".join(
        (
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>Supplier invoices {summary.period}</title><style>{STYLE}</style>",
            f"<h1>Supplier invoices</h1>Period {summary.period}",
            '<div class="tiles">',
            *(f'<div class="tile"><b>{value}</b>{label}</div>' for label, value in tiles),
            "</div><h2>Rejected</h2>",
            _rejections(rejected),
            f"<h2>For a second look ({_grouped(review_from)} or more)</h2>",
            _listed(look, review_from) if look else "<p>None.</p>",
            "<h2>By supplier and currency</h2>",
            _totals(summary.suppliers),
            f"<details><summary>All {len(postings)} postings</summary>",
            _listed(postings, review_from),
            "</details></html>",
        )
    )


def _rejections(rejected: list[dict[str, Any]]) -> str:
    if not rejected:
        return "<p>None.</p>"
    rows = (
        f'<tr><td>{escape(row["file"])}<td class="bad">{"<br>".join(map(escape, row["reasons"]))}' for row in rejected
    )
    return f"<table><tr><th>File<th>Why{''.join(rows)}</table>"


def _totals(suppliers: list[Row]) -> str:
    head = f"<tr><th>Supplier<th>Currency{_sum_heads('Invoices', 'Net', 'VAT', 'Gross')}"
    rows = (
        f"<tr><td>{escape(supplier)}<td>{currency}"
        + "".join(f'<td class="sum">{text}' for text in (count, *map(_grouped, sums)))
        for supplier, currency, count, *sums in suppliers
    )
    return f"<table>{head}{''.join(rows)}</table>"


def _listed(postings: list[Row], review_from: int) -> str:
    head = f"<tr><th>Issued<th>Supplier<th>Number<th>Currency{_sum_heads('Net', 'VAT', 'Gross')}"
    rows = (
        f"<tr{' class=look' if gross >= review_from else ''}><td>{issued}<td>{escape(supplier)}<td>{escape(number)}"
        f"<td>{currency}" + "".join(f'<td class="sum">{_grouped(sum_)}' for sum_ in (net, vat, gross))
        for issued, supplier, _vat_id, number, currency, net, vat, gross, _file in postings
    )
    return f"<table>{head}{''.join(rows)}</table>"


def _sum_heads(*texts: str) -> str:
    return "".join(f'<th class="sum">{text}' for text in texts)


def _grouped(amount: int) -> str:
    return f"{amount // 100:,}.{amount % 100:02}"
