"""What can be known about a VAT id and a VAT rate without asking anybody: the check digits, and the rates in force."""

from __future__ import annotations

import re
from decimal import Decimal

RATES = {
    "DE": (Decimal(19), Decimal(7), Decimal(0)),
    "GB": (Decimal(20), Decimal(5), Decimal(0)),
}


def german_check_digit(digits: str) -> int:
    """The ninth digit of a German VAT id, from the first eight (ISO 7064, modulus 11 and 10)."""
    product = 10
    for digit in digits:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return (11 - product) % 10


def british_check_digits(digits: str) -> int:
    """The last two digits of a British VAT id, from the first seven (modulus 97)."""
    weighted = sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), digits, strict=True))
    return 97 - weighted % 97


def is_vat_id(text: str) -> bool:
    """Whether the text has the form and the check digits of a German or British VAT id."""
    if re.fullmatch(r"DE\d{9}", text):
        return german_check_digit(text[2:10]) == int(text[10])
    if re.fullmatch(r"GB\d{9}", text):
        return british_check_digits(text[2:9]) == int(text[9:])
    return False
