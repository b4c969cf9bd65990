"""Every format of the list keeps the contract."""

from __future__ import annotations

import pytest

from flowrun.report.formats import FORMATS, Format

pytest.register_assert_rewrite("tests.contracts.format")

from tests.contracts.format import FindingsContract, FormatContract  # noqa: E402 - as the line above has it

LISTS = ("sarif", "gitlab")
"""What went wrong, and no more."""
VALUES = ("dotenv",)
"""What later steps want to know, and no more."""


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in (*LISTS, *VALUES)])
class TestFormats(FormatContract):
    @pytest.fixture
    def render(self, form: str) -> Format:
        return FORMATS[form]


@pytest.mark.parametrize("form", LISTS)
class TestFindings(FindingsContract):
    @pytest.fixture
    def render(self, form: str) -> Format:
        return FORMATS[form]
