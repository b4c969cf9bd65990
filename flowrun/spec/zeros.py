"""Integers with a leading zero: what some readers take for octal, said wherever it stands in a document."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.errors import Problem
from flowrun.spec.document import Document
from flowrun.spec.scalars import octal_reading


def leading_zeros(document: Document) -> Iterator[Problem]:
    """FR205: none, anywhere."""
    paths = document.paths_of(document.leading_zeros)
    for place, text in document.leading_zeros.items():
        octal = octal_reading(text)
        decimal = int(text)
        reading = f"has two readings: {decimal}, and {octal} where a leading zero means octal"
        if octal is None:
            reading = f"is {decimal} for some readers, and no number for those who take a leading zero for octal"
        elif octal == decimal:
            reading = f"is the number {decimal}, and would lose its zeros"
        path = paths.get(place, ())
        yield document.problem("FR205", path, position=place, text=text, decimal=decimal, reading=reading)
