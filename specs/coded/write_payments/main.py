"""The file that a bank takes for payments in euros: ISO 20022, pain.001.001.09."""

import hashlib
from decimal import Decimal
from xml.etree import ElementTree as ET

from pydantic import BaseModel

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


class Payment(BaseModel):
    """One payment. The amount is in euros, as text: 714.00."""

    name: str
    iban: str
    amount: str
    reference: str


class Input(BaseModel):
    """What is paid, by whom, from which account, and on which day (2026-12-01)."""

    payments: list[Payment]
    debtor: str
    iban: str
    day: str


class Output(BaseModel):
    """The file's text, and what a person compares before it is sent."""

    document: str
    transactions: int
    control_sum: str


def main(input: Input) -> Output:  # noqa: A002 - the name that coded functions have for it
    """Write the file. The same payments give the same file, so that a bank knows one that it has seen."""
    total = str(sum((Decimal(payment.amount) for payment in input.payments), Decimal(0)))
    count = str(len(input.payments))
    name = hashlib.sha256(input.model_dump_json().encode()).hexdigest()[:16].upper()
    root = ET.Element("Document", xmlns=NAMESPACE)
    initiation = ET.SubElement(root, "CstmrCdtTrfInitn")
    header = add(initiation, "GrpHdr", MsgId=name, CreDtTm=f"{input.day}T00:00:00", NbOfTxs=count, CtrlSum=total)
    add(header, "InitgPty", Nm=input.debtor)
    batch = add(initiation, "PmtInf", PmtInfId=f"{name}-1", PmtMtd="TRF", NbOfTxs=count, CtrlSum=total)
    add(batch, "ReqdExctnDt", Dt=input.day)
    add(batch, "Dbtr", Nm=input.debtor)
    add(add(batch, "DbtrAcct"), "Id", IBAN="".join(input.iban.split()))
    add(add(batch, "DbtrAgt"), "FinInstnId")
    for payment in input.payments:
        transfer = add(batch, "CdtTrfTxInf")
        add(transfer, "PmtId", EndToEndId=payment.reference)
        add(add(transfer, "Amt"), "InstdAmt").attrib["Ccy"] = "EUR"
        transfer[-1][0].text = payment.amount
        add(transfer, "Cdtr", Nm=payment.name)
        add(add(transfer, "CdtrAcct"), "Id", IBAN=payment.iban)
        add(transfer, "RmtInf", Ustrd=payment.reference)
    ET.indent(root)
    document = ET.tostring(root, encoding="unicode")
    return Output(document=document, transactions=len(input.payments), control_sum=total)


def add(parent: ET.Element, tag: str, **texts: str) -> ET.Element:
    """Add an element, with one below it for each text."""
    element = ET.SubElement(parent, tag)
    for name, text in texts.items():
        ET.SubElement(element, name).text = text
    return element
