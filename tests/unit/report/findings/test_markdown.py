"""A table of findings."""

from __future__ import annotations

from flowrun.report.findings.finding import Finding
from flowrun.report.findings.markdown import MOST, write


def test_errors_come_first_and_nothing_in_them_is_markup() -> None:
    found = [
        Finding("FR450", "warning", "never | runs", "a.yaml", 4, 1),
        Finding("FR104", "error", "<b>no</b>", "a.yaml", 3, 7, "steps.a", "write\n`x`"),
    ]
    heading, _, message, _, _, _, error, warning = write(found, "1 of 2 files are valid").splitlines()
    assert (heading, message) == ("### 2 problems", "1 of 2 files are valid")
    assert error.startswith("| a.yaml&#58;3 | FR104 | steps.a&#58; &#60;b&#62;no")
    assert warning.startswith("| a.yaml&#58;4 | FR450 warning |")
    assert {line.count("|") for line in (error, warning)} == {4}


def test_too_many_are_counted() -> None:
    text = write([Finding("FR104", "error", "no", "a.yaml", number) for number in range(1, MOST + 4)], "")
    assert text.endswith("\n\nand 3 more\n")
    assert text.count("FR104") == MOST
