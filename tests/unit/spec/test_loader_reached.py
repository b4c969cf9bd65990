"""Every place of the loader that refuses something is reached by a bad workflow of the corpus."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import flowrun
from flowrun.api.library import shelf
from flowrun.spec.loader import load
from flowrun.templating import analysis
from tests.unit.spec.test_environment_corpus import CASES, said_about

PACKAGE = Path(flowrun.__file__).parent
CORPUS = Path(__file__).parents[2] / "golden" / "specs"
FILES = Path(__file__).parents[2] / "golden" / "files"
ROOMS = ["spec/*.py", "spec/checks/*.py", "steps/fields.py", "steps/inputs.py", "steps/*model.py", "steps/job/model.py"]
ROOMS += ["templating/analysis.py", "templating/language.py"]
FORMATTING = dict.fromkeys(("layout.py", "lines.py", "moves.py", "formatter.py"), "moves text; test_formatter.py")
NOT_LOADING = {"problems.py": "words of a problem", "inputs.py": "what is given to a run; test_inputs.py", **FORMATTING}
CODE = re.compile(r"FR\d{3}")

_NOTHING_ELSE = "templating/language.py yield f'{type(node).__name__} is not allowed in an expression'"
ELSEWHERE = {
    "spec/document.py FR002": "eight megabytes; test_document.py makes such a text",
    "spec/document.py FR009": "a million values without an alias; test_document.py makes such a text",
    _NOTHING_ELSE: "jinja2 parses nothing else today",
}
"""Places that no file of the corpus reaches, and where they are reached instead."""


def sources() -> list[Path]:
    found = [path for pattern in ROOMS for path in sorted(PACKAGE.glob(pattern))]
    return [path for path in found if path.parent.name != "spec" or path.name not in NOT_LOADING]


def refusals(path: Path) -> Iterator[tuple[range, str]]:
    """The lines of each call that names a code, of each finding about an expression, and of each `raise`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        label = ""
        if isinstance(node, ast.Call):
            constants = [one.value for one in node.args if isinstance(one, ast.Constant)]
            label = next((one for one in constants if isinstance(one, str) and CODE.fullmatch(one)), "")
            label = label or ("finding" if getattr(node.func, "id", "") == "_Finding" else "")
        elif isinstance(node, ast.Raise) and not CODE.search(ast.unparse(node)):
            label = "raise"
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and path.name == "language.py":
            label = f"yield {ast.unparse(node.value.elts[0])}"
        if label:
            assert isinstance(node, ast.expr | ast.stmt)
            yield range(node.lineno, (node.end_lineno or node.lineno) + 1), label


def lines_run(files: set[str]) -> set[tuple[str, int]]:
    """The lines of these files that run while the whole corpus is loaded, that of environments included."""
    seen: set[tuple[str, int]] = set()

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        del event
        return local if frame.f_code.co_filename in files else None

    texts = [spec.read_bytes().decode("utf-8", "surrogateescape") for spec in sorted(CORPUS.rglob("*.yaml"))]
    loads: list[Callable[[], object]] = [partial(load, text, "x.yaml") for text in texts]
    loads += [partial(said_about, folder, chosen=chosen) for folder in CASES for chosen in (True, False)]
    analysis._analyse.cache_clear()
    before = sys.gettrace()
    try:
        for once in loads:
            sys.settrace(trace)  # anew for each: where a text runs into the depth of the stack, Python drops it
            once()
        for several in sorted(FILES.glob("*/main.yaml")):
            sys.settrace(trace)
            load(several.read_text("utf-8"), several.name, shelf(several))
    finally:
        sys.settrace(before)
    return seen


@pytest.mark.timeout(300)
def test_every_refusal_is_reached() -> None:
    places = {str(path): list(refusals(path)) for path in sources()}
    seen = lines_run(set(places))
    missed = {
        f"{Path(file).relative_to(PACKAGE)}:{lines.start} {label}"
        for file, found in places.items()
        for lines, label in found
        if f"{Path(file).relative_to(PACKAGE)} {label}" not in ELSEWHERE
        and not any((file, line) in seen for line in lines)
    }
    assert missed == set()


def test_there_are_many() -> None:
    assert sum(len(list(refusals(path))) for path in sources()) > 120
