"""The table of security requirements has each of them once, and names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", PAGE)))
WITHOUT = {"S31"}


def rows() -> dict[str, str]:
    return dict(re.findall(r"^\| (S\d+(?: to S\d+)?) \|(.*)$", PAGE, re.MULTILINE))


def test_each_requirement_stands_there_once() -> None:
    numbers: list[int] = []
    for row in re.findall(r"^\| (S\d+(?: to S\d+)?) \|", PAGE, re.MULTILINE):
        first, last = (row.replace("S", "").split(" to ") * 2)[:2]
        numbers += range(int(first), int(last) + 1)
    assert numbers == list(range(1, 35))


def test_all_but_those_that_say_so_are_proven() -> None:
    assert {number for number, row in rows().items() if "`tests/" not in row} == WITHOUT
    assert {number for number, row in rows().items() if "not by a test" in row} == WITHOUT


@pytest.mark.parametrize("named", NAMED)
def test_the_test_exists(named: str) -> None:
    path, _, function = named.partition("::")
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert function in functions if function else any(name.startswith("test_") for name in functions)
