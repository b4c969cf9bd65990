"""Which payees have an account number that can be right: ISO 13616, by length and check digits."""

import string

from pydantic import BaseModel

LENGTHS = {"AT": 20, "BE": 16, "CH": 21, "DE": 22, "ES": 24, "FR": 27, "GB": 22, "IT": 27, "NL": 18, "PL": 28}
DIGITS = {letter: str(number) for number, letter in enumerate(string.digits + string.ascii_uppercase)}


class Payment(BaseModel):
    """One payment. The amount is in euros, as text: 714.00."""

    name: str
    iban: str
    amount: str
    reference: str


class Refusal(BaseModel):
    """A payment that must not be made, and why."""

    name: str
    reason: str


class Input(BaseModel):
    """What is to be paid."""

    payments: list[Payment]


class Output(BaseModel):
    """What can be paid, its account numbers without blanks, and what cannot."""

    accepted: list[Payment]
    refused: list[Refusal]


def main(input: Input) -> Output:  # noqa: A002 - the name that coded functions have for it
    """Check all payees."""
    accepted, refused = [], []
    for payment in input.payments:
        iban = "".join(payment.iban.split()).upper()
        reason = objection(iban)
        if reason:
            refused.append(Refusal(name=payment.name, reason=reason))
        else:
            accepted.append(payment.model_copy(update={"iban": iban}))
    return Output(accepted=accepted, refused=refused)


def objection(iban: str) -> str | None:
    """Why it is no IBAN; None where it is one."""
    if not iban.isascii() or not iban.isalnum():
        return "the IBAN has characters that no IBAN has"
    length = LENGTHS.get(iban[:2])
    if length is None:
        return f"the country {iban[:2]} is not served"
    if len(iban) != length:
        return f"the IBAN has {len(iban)} characters, not {length}"
    number = "".join(DIGITS[letter] for letter in iban[4:] + iban[:4])
    return None if int(number) % 97 == 1 else "the check digits of the IBAN are wrong"
