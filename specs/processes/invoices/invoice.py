"""An invoice, whatever file it came in, and the checks it has to pass before anybody posts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from processes.invoices.vat import RATES, is_vat_id

CURRENCIES = ("EUR", "GBP", "CHF", "USD")
CENT = Decimal("0.01")


class Unreadable(Exception):
    """The file is not an invoice of any format known here. The message is the reason, for the person who sent it."""


@dataclass(frozen=True)
class Line:
    """One line item. `net` is what the supplier wrote, not what quantity times price comes to."""

    text: str
    quantity: Decimal
    price: Decimal
    rate: Decimal
    net: Decimal


@dataclass(frozen=True)
class Tax:
    """What the supplier wrote for one VAT rate: the sum it is taken from, and the tax. The rate is in percent."""

    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Invoice:
    """All that is checked or posted. Texts are empty where the file has none."""

    number: str
    issued: date
    supplier: str
    vat_id: str
    currency: str
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    net: Decimal
    vat: Decimal
    gross: Decimal
    credit: bool = False


def cents(amount: Decimal) -> Decimal:
    """Rounded to two places, the half upwards, as a person with a pencil does it."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def objections(invoice: Invoice, last_day: date) -> list[str]:
    """Why the invoice cannot be posted in a period that ends on `last_day`; empty if it can."""
    if invoice.credit:
        return ["a credit note, not an invoice: it belongs to the clearing desk"]
    return [*_about_the_head(invoice, last_day), *_about_the_lines(invoice), *_about_the_sums(invoice)]


def _about_the_head(invoice: Invoice, last_day: date) -> Iterator[str]:
    if not invoice.number:
        yield "the invoice number is missing"
    if not invoice.currency:
        yield "the currency is missing"
    elif invoice.currency not in CURRENCIES:
        yield f"the currency {invoice.currency} is not one we pay in ({', '.join(CURRENCIES)})"
    if not is_vat_id(invoice.vat_id):
        yield f"{invoice.vat_id or 'no text'} is not a VAT id: the check digits do not fit"
    if invoice.issued > last_day:
        yield f"dated {invoice.issued}, after the end of the period ({last_day})"


def _about_the_lines(invoice: Invoice) -> Iterator[str]:
    if not invoice.lines:
        yield "it has no lines"
    rates = RATES.get(invoice.vat_id[:2], ())
    for position, line in enumerate(invoice.lines, start=1):
        if line.quantity <= 0:
            yield f"line {position} ({line.text}): the quantity is {line.quantity}"
        if cents(line.quantity * line.price) != line.net:
            yield f"line {position} ({line.text}): {line.quantity} x {line.price} is not {line.net}"
        if rates and line.rate not in rates:
            yield f"line {position} ({line.text}): {line.rate} % is not a VAT rate of {invoice.vat_id[:2]}"


def _about_the_sums(invoice: Invoice) -> Iterator[str]:
    for rate in sorted({line.rate for line in invoice.lines} | {tax.rate for tax in invoice.taxes}):
        base = sum((line.net for line in invoice.lines if line.rate == rate), Decimal())
        stated = sum((tax.base for tax in invoice.taxes if tax.rate == rate), Decimal())
        amount = sum((tax.amount for tax in invoice.taxes if tax.rate == rate), Decimal())
        if base != stated:
            yield f"the lines at {rate} % come to {base}, the tax is taken from {stated}"
        elif cents(base * rate / 100) != amount:
            yield f"{rate} % of {base} is {cents(base * rate / 100)}, the invoice says {amount}"
    lines = sum((line.net for line in invoice.lines), Decimal())
    taxes = sum((tax.amount for tax in invoice.taxes), Decimal())
    if lines != invoice.net:
        yield f"the lines come to {lines}, the invoice says {invoice.net}"
    if taxes != invoice.vat:
        yield f"the taxes come to {taxes}, the invoice says {invoice.vat}"
    if invoice.net + invoice.vat != invoice.gross:
        yield f"{invoice.net} and {invoice.vat} come to {invoice.net + invoice.vat}, the total says {invoice.gross}"
