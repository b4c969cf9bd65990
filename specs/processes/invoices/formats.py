"""The two formats that suppliers send: UBL 2.1 as XML, and the record file that German billing programs export.

A record file has a record a line, fields between semicolons, dates as dd.mm.yyyy, decimal commas:

    KOPF;number;issued;due;VAT id;supplier;street;town;currency
    ZEILE;position;text;quantity;unit;price;VAT rate;net
    STEUER;VAT rate;net;tax
    SUMME;net;tax;gross
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, DecimalException
from pathlib import Path
from xml.etree import ElementTree as ET

from processes.invoices.invoice import Invoice, Line, Tax, Unreadable

LARGEST = 1_000_000
NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
CREDIT_NOTE = "381"
RECORD_WIDTHS = {"KOPF": 9, "ZEILE": 8, "STEUER": 4, "SUMME": 4}


def read(path: Path) -> Invoice:
    """The invoice in a file. Raises Unreadable with the reason."""
    content = path.read_bytes()
    if len(content) > LARGEST:
        raise Unreadable(f"{len(content)} bytes is too large for an invoice")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        byte = content[error.start]
        raise Unreadable(f"not UTF-8: byte {error.start} is 0x{byte:02X}; it may be Latin-1") from error
    try:
        return _ubl(text) if path.suffix == ".xml" else _records(text)
    except (ValueError, DecimalException) as error:
        raise Unreadable(f"a number or date cannot be read: {error}") from error


def _ubl(text: str) -> Invoice:
    try:
        root = ET.fromstring(text)  # noqa: S314 - see the import
    except ET.ParseError as error:
        raise Unreadable(f"the XML is broken or cut off: {error}") from error
    supplier = root.find("cac:AccountingSupplierParty/cac:Party", NAMES)
    totals = root.find("cac:LegalMonetaryTotal", NAMES)
    if supplier is None or totals is None:
        raise Unreadable("not a UBL invoice: no supplier or no totals")
    return Invoice(
        number=_text(root, "cbc:ID"),
        issued=date.fromisoformat(_text(root, "cbc:IssueDate")),
        supplier=_text(supplier, "cac:PartyName/cbc:Name"),
        vat_id=_text(supplier, "cac:PartyTaxScheme/cbc:CompanyID"),
        currency=_text(root, "cbc:DocumentCurrencyCode"),
        lines=tuple(_ubl_line(line) for line in root.iterfind("cac:InvoiceLine", NAMES)),
        taxes=tuple(_ubl_tax(tax) for tax in root.iterfind("cac:TaxTotal/cac:TaxSubtotal", NAMES)),
        net=Decimal(_text(totals, "cbc:TaxExclusiveAmount")),
        vat=Decimal(_text(root, "cac:TaxTotal/cbc:TaxAmount")),
        gross=Decimal(_text(totals, "cbc:PayableAmount")),
        credit=_text(root, "cbc:InvoiceTypeCode") == CREDIT_NOTE,
    )


def _ubl_line(line: ET.Element) -> Line:
    return Line(
        text=_text(line, "cac:Item/cbc:Name"),
        quantity=Decimal(_text(line, "cbc:InvoicedQuantity")),
        price=Decimal(_text(line, "cac:Price/cbc:PriceAmount")),
        rate=Decimal(_text(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent")),
        net=Decimal(_text(line, "cbc:LineExtensionAmount")),
    )


def _ubl_tax(tax: ET.Element) -> Tax:
    return Tax(
        rate=Decimal(_text(tax, "cac:TaxCategory/cbc:Percent")),
        base=Decimal(_text(tax, "cbc:TaxableAmount")),
        amount=Decimal(_text(tax, "cbc:TaxAmount")),
    )


def _text(element: ET.Element, path: str) -> str:
    return (element.findtext(path, "", NAMES) or "").strip()


def _records(text: str) -> Invoice:
    records: dict[str, list[list[str]]] = {kind: [] for kind in RECORD_WIDTHS}
    for position, line in enumerate(text.splitlines(), start=1):
        kind, *fields = line.split(";")
        if len(fields) + 1 != RECORD_WIDTHS.get(kind):
            raise Unreadable(f"line {position} is not a whole record: {line[:40]}")
        records[kind].append(fields)
    if len(records["KOPF"]) != 1 or len(records["SUMME"]) != 1:
        raise Unreadable("the file is cut off: it must have one KOPF and one SUMME record")
    number, issued, _due, vat_id, supplier, _street, _town, currency = records["KOPF"][0]
    net, vat, gross = map(_number, records["SUMME"][0])
    return Invoice(
        number=number,
        issued=date.fromisoformat("-".join(reversed(issued.split(".")))),
        supplier=supplier,
        vat_id=vat_id,
        currency=currency,
        lines=tuple(
            Line(goods, _number(quantity), _number(price), _number(rate), _number(sum_))
            for _position, goods, quantity, _unit, price, rate, sum_ in records["ZEILE"]
        ),
        taxes=tuple(Tax(*map(_number, fields)) for fields in records["STEUER"]),
        net=net,
        vat=vat,
        gross=gross,
    )


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
