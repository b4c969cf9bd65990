"""Every format of the list keeps the contract."""

from __future__ import annotations

import pytest

from flowrun.report.formats import FORMATS, Format

pytest.register_assert_rewrite("tests.contracts.format")

from tests.contracts.format import FormatContract  # noqa: E402 - its asserts are rewritten by the line above


@pytest.mark.parametrize("form", FORMATS)
class TestFormats(FormatContract):
    @pytest.fixture
    def render(self, form: str) -> Format:
        return FORMATS[form]
