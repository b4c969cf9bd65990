"""Make the invoices of `data/invoices/2026-10`: 120 files of ten suppliers, ten of them wrong as real ones are.

Run it in `specs/` with `python -m data.make_invoices`; the same files come out every time. All suppliers are invented,
and so are their VAT ids, of which only the check digits are right.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from processes.invoices.invoice import cents
from processes.invoices.vat import british_check_digits, german_check_digit

FOLDER = Path("data/invoices/2026-10")
FILES = 120
SEED = 2610
UBL = "urn:oasis:names:specification:ubl:schema:xsd"
UNITS = {
    "Stk": "H87",
    "Pkg": "XPK",
    "Std": "HUR",
    "km": "KMT",
    "m": "MTR",
    "pcs": "H87",
    "pack": "XPK",
    "h": "HUR",
    "l": "LTR",
}


@dataclass(frozen=True)
class Goods:
    """Something a supplier sells: text, unit, price of one, VAT rate in percent, and how many a customer takes."""

    text: str
    unit: str
    price: str
    rate: int
    most: int


@dataclass(frozen=True)
class Supplier:
    """Who sends invoices, in which format, with which numbers. `digits` are those of the VAT id without its check."""

    name: str
    street: str
    town: str
    digits: str
    numbers: str
    currencies: tuple[str, ...]
    suffix: str
    goods: tuple[Goods, ...]

    @property
    def country(self) -> str:
        """DE or GB."""
        return "DE" if len(self.digits) == 8 else "GB"  # noqa: PLR2004 - a British number is a digit shorter

    @property
    def vat_id(self) -> str:
        """With the right check digits."""
        if self.country == "DE":
            return f"DE{self.digits}{german_check_digit(self.digits)}"
        return f"GB{self.digits}{british_check_digits(self.digits):02}"


SUPPLIERS = (
    Supplier(
        "Brunnfelder Bürobedarf GmbH", "Gerbergasse 14", "97070 Würzburg", "28140637", "RE-2026-{:05}", ("EUR",), "csv",
        (
            Goods("Kopierpapier A4 80 g", "Pkg", "3.89", 19, 60),
            Goods("Ordner breit, grau", "Stk", "2.15", 19, 40),
            Goods("Kugelschreiber blau", "Stk", "0.79", 19, 200),
            Goods("Fachbuch Umsatzsteuer 2026", "Stk", "64.49", 7, 3),
            Goods("Bürodrehstuhl mit Armlehnen", "Stk", "289.00", 19, 4),
        ),
    ),
    Supplier(
        "Quellwitz Kabeltechnik GmbH & Co. KG", "Am Drahtzug 3", "58507 Lüdenscheid", "31907452", "QK{:06}", ("EUR",),
        "xml",
        (
            Goods("Mantelleitung NYM-J 3x1,5", "m", "0.94", 19, 500),
            Goods("Steuerleitung 12-adrig, geschirmt", "m", "4.37", 19, 250),
            Goods("Aderendhülsen 1,5 mm², 500 Stück", "Pkg", "11.20", 19, 20),
            Goods("Kabelkanal 60x40, grau", "m", "3.05", 19, 80),
        ),
    ),
    Supplier(
        "Ostermühl Druck und Papier GmbH", "Mühlenweg 22", "37073 Göttingen", "26635018", "{:04}/26", ("EUR",), "xml",
        (
            Goods("Montageanleitung, 48 Seiten, geheftet", "Stk", "1.84", 7, 1500),
            Goods("Geschäftspapier mit Briefkopf", "Stk", "0.09", 19, 5000),
            Goods("Typenschilder, Aluminium graviert", "Stk", "2.60", 19, 400),
        ),
    ),
    Supplier(
        "Lindenquast Gebäudereinigung GmbH", "Fabrikstraße 61", "49074 Osnabrück", "30471286", "L-26-{:04}", ("EUR",),
        "csv",
        (
            Goods("Unterhaltsreinigung Werk 1", "Std", "27.40", 19, 160),
            Goods("Glasreinigung Verwaltung", "Std", "31.90", 19, 24),
            Goods("Sanitärbedarf", "Pkg", "18.75", 19, 12),
        ),
    ),
    Supplier(
        "Hellwarth & Kniep Speditionsgesellschaft mbH", "Hafenstraße 9", "48155 Münster", "27358841", "SP{:07}",
        ("EUR",), "csv",
        (
            Goods("Stückgut Osnabrück - Rotterdam", "km", "1.38", 19, 620),
            Goods("Standzeit an der Rampe", "Std", "46.00", 19, 5),
            Goods("Einwegpalette", "Stk", "7.90", 19, 33),
        ),
    ),
    Supplier(
        "Kantinenhof Feldschmied e. K.", "Kirchplatz 2", "49124 Georgsmarienhütte", "32260915", "KF-{:05}", ("EUR",),
        "xml",
        (
            Goods("Mittagessen, Menü 1", "Stk", "6.35", 7, 320),
            Goods("Belegte Brötchen, Platte", "Stk", "42.00", 7, 6),
            Goods("Filterkaffee, Kanne", "Stk", "9.24", 19, 30),
        ),
    ),
    Supplier(
        "Thrushcombe Stationery Ltd", "17 Tanner Row", "York YO1 6HZ", "4180265", "INV{:06}", ("GBP",), "xml",
        (
            Goods("Copier paper A4, box of 5", "pack", "18.40", 20, 30),
            Goods("Desk lamp, LED", "pcs", "34.50", 20, 8),
            Goods("Handbook of workshop safety", "pcs", "26.00", 0, 6),
        ),
    ),
    Supplier(
        "Pellwick & Marrow Cleaning Services Ltd", "Unit 4, Canal Yard", "Leeds LS10 1NT", "3927710", "PM-{:05}",
        ("GBP",), "xml",
        (
            Goods("Office cleaning, evening shift", "h", "19.80", 20, 120),
            Goods("Window cleaning, both floors", "h", "24.60", 20, 16),
        ),
    ),
    Supplier(
        "Oakenhythe Energy Supplies Ltd", "Wharf House", "Hull HU1 2AB", "5064193", "OES/{:05}", ("GBP",), "xml",
        (
            Goods("Heating oil, small delivery", "l", "0.86", 5, 2000),
            Goods("Boiler inspection", "h", "72.00", 20, 4),
            Goods("Filter cartridge", "pcs", "15.25", 20, 12),
        ),
    ),
    Supplier(
        "Farrowdell Freight Forwarding Ltd", "Dock Road 88", "Felixstowe IP11 3SY", "4471836", "FF{:07}",
        ("GBP", "EUR"), "xml",
        (
            Goods("Groupage Felixstowe - Osnabrück, pallet", "pcs", "148.00", 20, 14),
            Goods("Customs entry", "pcs", "55.00", 20, 3),
            Goods("Storage, pallet and day", "pcs", "1.95", 20, 90),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line item."""

    goods: Goods
    quantity: int
    rate: int

    @property
    def net(self) -> Decimal:
        """Before tax."""
        return cents(self.quantity * Decimal(self.goods.price))


@dataclass(frozen=True)
class Draft:
    """An invoice before it is written: what the supplier's program knew. `slip` is added to the total, by mistake."""

    supplier: Supplier
    number: str
    issued: date
    currency: str
    lines: tuple[Line, ...]
    slip: Decimal = Decimal()
    type_code: str = "380"

    @property
    def taxes(self) -> dict[int, tuple[Decimal, Decimal]]:
        """Base and tax of every rate."""
        bases: dict[int, Decimal] = {}
        for line in self.lines:
            bases[line.rate] = bases.get(line.rate, Decimal()) + line.net
        return {rate: (base, cents(base * rate / 100)) for rate, base in sorted(bases.items())}

    @property
    def sums(self) -> tuple[Decimal, Decimal, Decimal]:
        """Net, tax and total."""
        net = sum((base for base, _tax in self.taxes.values()), Decimal()) + self.slip
        tax = sum((tax for _base, tax in self.taxes.values()), Decimal())
        return net, tax, net + tax


def ubl(draft: Draft) -> str:
    """The invoice as UBL 2.1."""
    supplier, money = draft.supplier, f'currencyID="{draft.currency}"'
    zone, town = supplier.town.split(" ", 1) if supplier.country == "DE" else reversed(supplier.town.split(" ", 1))
    net, tax, gross = draft.sums
    taxes = "".join(
        f"""
    <cac:TaxSubtotal>
      <cbc:TaxableAmount {money}>{base}</cbc:TaxableAmount>
      <cbc:TaxAmount {money}>{amount}</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>{"S" if rate else "Z"}</cbc:ID><cbc:Percent>{rate}</cbc:Percent></cac:TaxCategory>
    </cac:TaxSubtotal>"""
        for rate, (base, amount) in draft.taxes.items()
    )
    lines = "".join(
        f"""
  <cac:InvoiceLine>
    <cbc:ID>{position}</cbc:ID>
    <cbc:InvoicedQuantity unitCode="{UNITS[line.goods.unit]}">{line.quantity}</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount {money}>{line.net}</cbc:LineExtensionAmount>
    <cac:Item>
      <cbc:Name>{escape(line.goods.text)}</cbc:Name>
      <cac:ClassifiedTaxCategory><cbc:ID>{"S" if line.rate else "Z"}</cbc:ID><cbc:Percent>{line.rate}</cbc:Percent>\
</cac:ClassifiedTaxCategory>
    </cac:Item>
    <cac:Price><cbc:PriceAmount {money}>{line.goods.price}</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>"""
        for position, line in enumerate(draft.lines, start=1)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{UBL}:Invoice-2"
         xmlns:cac="{UBL}:CommonAggregateComponents-2"
         xmlns:cbc="{UBL}:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>{draft.number}</cbc:ID>
  <cbc:IssueDate>{draft.issued}</cbc:IssueDate>
  <cbc:DueDate>{draft.issued + timedelta(days=30)}</cbc:DueDate>
  <cbc:InvoiceTypeCode>{draft.type_code}</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>{draft.currency}</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty>
    <cac:Party>
      <cac:PartyName><cbc:Name>{escape(supplier.name)}</cbc:Name></cac:PartyName>
      <cac:PostalAddress>
        <cbc:StreetName>{supplier.street}</cbc:StreetName>
        <cbc:CityName>{town}</cbc:CityName>
        <cbc:PostalZone>{zone}</cbc:PostalZone>
        <cac:Country><cbc:IdentificationCode>{supplier.country}</cbc:IdentificationCode></cac:Country>
      </cac:PostalAddress>
      <cac:PartyTaxScheme><cbc:CompanyID>{supplier.vat_id}</cbc:CompanyID></cac:PartyTaxScheme>
    </cac:Party>
  </cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty>
    <cac:Party>
      <cac:PartyName><cbc:Name>Marbrügg Apparatebau GmbH</cbc:Name></cac:PartyName>
    </cac:Party>
  </cac:AccountingCustomerParty>
  <cac:TaxTotal>
    <cbc:TaxAmount {money}>{tax}</cbc:TaxAmount>{taxes}
  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount {money}>{net}</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount {money}>{net}</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount {money}>{gross}</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount {money}>{gross}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>{lines}
</Invoice>
"""


def records(draft: Draft) -> str:
    """The invoice as a record file."""
    supplier, issued = draft.supplier, draft.issued
    head = ("KOPF", draft.number, f"{issued:%d.%m.%Y}", f"{issued + timedelta(days=30):%d.%m.%Y}", supplier.vat_id)
    rows: list[tuple[object, ...]] = [(*head, supplier.name, supplier.street, supplier.town, draft.currency)]
    for position, line in enumerate(draft.lines, start=1):
        goods = line.goods
        price = Decimal(goods.price)
        rows.append(("ZEILE", position, goods.text, line.quantity, goods.unit, price, line.rate, line.net))
    rows += [("STEUER", rate, base, tax) for rate, (base, tax) in draft.taxes.items()]
    rows.append(("SUMME", *draft.sums))
    return "".join(";".join(_german(value) for value in row) + "\n" for row in rows)


def _german(value: object) -> str:
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


def drafts(dice: random.Random) -> list[Draft]:
    """As many invoices as there are files, the suppliers in turn, dated over the period and the days before it."""
    made = []
    for position in range(FILES):
        supplier = SUPPLIERS[position % len(SUPPLIERS)]
        number = supplier.numbers.format(int(supplier.digits[:3]) + 7 * (position // len(SUPPLIERS)))
        chosen = dice.sample(supplier.goods, dice.randint(1, len(supplier.goods)))
        lines = tuple(Line(goods, dice.randint(1, goods.most), goods.rate) for goods in chosen)
        issued = date(2026, 9, 28) + timedelta(days=dice.randrange(34))
        made.append(Draft(supplier, number, issued, dice.choice(supplier.currencies), lines))
    return made


def _other_rate(draft: Draft) -> Draft:
    """The reduced rate of 2020, which a program has never been told to forget."""
    return replace(draft, lines=tuple(replace(line, rate=16) for line in draft.lines))


def _returned(draft: Draft) -> Draft:
    """Goods taken back as a negative line, where a credit note is due."""
    first, *others = draft.lines
    return replace(draft, lines=(replace(first, quantity=-first.quantity), *others))


def _right(draft: Draft) -> Draft:
    return draft


WRONG_FACTS: dict[int, Callable[[Draft], Draft]] = {
    11: lambda draft: replace(draft, slip=Decimal("-0.90")),
    23: _other_rate,
    36: lambda draft: replace(draft, number=""),
    52: lambda draft: replace(draft, issued=date(2062, 10, 19)),
    63: _returned,
    77: lambda draft: replace(draft, type_code="381"),
    90: lambda draft: replace(draft, currency=""),
}
CUT_OFF, LATIN_1, TWICE = 45, 81, 104


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    made = drafts(random.Random(SEED))  # noqa: S311 - the same files every time
    for position, draft in enumerate(made):
        supplier = draft.supplier
        number = draft.number.replace("/", "-")
        text = (ubl if supplier.suffix == "xml" else records)(WRONG_FACTS.get(position, _right)(draft))
        content = text.encode("latin-1" if position == LATIN_1 else "utf-8")
        if position == CUT_OFF:
            content = content[: len(content) * 3 // 5]
        name = f"{supplier.name.split()[0].lower().replace('ü', 'ue')}_{number}"
        if position == TWICE:
            name, content = f"{name}_2", records(made[position % len(SUPPLIERS)]).encode()
        (FOLDER / f"{name}.{supplier.suffix}").write_bytes(content)


if __name__ == "__main__":
    main()
