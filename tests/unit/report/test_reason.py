"""The telling part of a long text."""

from __future__ import annotations

import pytest

from flowrun.report.reason import LINE, PASSAGE, because, brief, joined, told

PYTHON = """visiting the portal
Traceback (most recent call last):
  File "a.py", line 3, in post
    raise KeyError(1)
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 9, in <module>
    post()
  File "a.py", line 5, in post
    raise ValueError("no total")
ValueError: no total
on the second page
"""
NET = """System.Exception: no such invoice
   at Invoices.Main.Execute() in C:\\\\Invoices\\\\Main.xaml:line 12
   at UiPath.Executor.Workflow.Run()
"""
NESTED = (
    "  + Exception Group Traceback (most recent call last):\n  |   File x\n  | ExceptionGroup: two (2 sub-exceptions)\n"
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("\n \n", ""),
        ("no such invoice.\n", "no such invoice"),
        ("first\tword\nsecond", "first word"),
        (PYTHON, "ValueError: no total"),
        (PYTHON.replace("\n", "\r\n"), "ValueError: no total"),
        (NET, "System.Exception: no such invoice"),
        (NESTED, "| ExceptionGroup: two (2 sub-exceptions)"),
        ("   at nothing but frames", "at nothing but frames"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ("x" * 200, "x" * (LINE - 1) + "…"),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert brief(text) == line
    assert len(line) <= LINE


def test_a_passage_is_all_of_it_where_it_fits() -> None:
    assert told("one.\ntwo.\n") == "one. two"


def test_a_passage_leaves_out_a_stack_before_it_leaves_out_words() -> None:
    assert told(PYTHON) == "ValueError: no total on the second page"
    assert told(NET * 4) == "System.Exception: no such invoice"


def test_a_passage_of_words_alone_keeps_their_end() -> None:
    assert told("log line\n" * 100 + "the reason") == f"…{('log line ' * 100 + 'the reason')[1 - PASSAGE :]}"
    assert told("x" * 40 + "y", 10) == "…xxxxxxxxy"


def test_a_passage_of_a_long_exception_keeps_its_beginning() -> None:
    long = PYTHON.replace("no total", "no total" * 100)
    assert told(long).startswith("ValueError: no totalno total")
    assert len(told(long)) == PASSAGE


@pytest.mark.parametrize(("text", "line"), [("done.", "done"), ("and so on...", "and so on..."), ("a\n b.", "a b")])
def test_a_full_stop_ends_no_part_of_a_line(text: str, line: str) -> None:
    assert joined(text) == line


def test_a_cause_comes_before_what_was_said() -> None:
    assert because("faulted", "no total") == "faulted: no total"
    assert because("condition", "") == "condition"


@pytest.mark.parametrize("text", ["\n" * 300_000, " \n" * 300_000, "\n at " * 100_000, " " * 300_000])
def test_a_million_empty_lines_are_read_once(text: str) -> None:
    assert brief(f"it broke{text}") == "it broke"
