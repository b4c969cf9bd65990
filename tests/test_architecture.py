"""The house holds its shape: contracts, allow-list of the core, budgets, an empty hall."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import networkx as nx
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "flowrun"
CORE_MAY_IMPORT = {"__future__", "collections", "dataclasses", "enum", "heapq", "itertools", "re", "typing"}
MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 60
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "shared", "stuff"}


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    # It would set logging up anew, and silence every logger of ours for the tests that come after.
    monkeypatch.setattr("importlinter.cli.logging_config.dictConfig", lambda _: None)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize(
    ("room", "beside"), [("flowrun.core", "flowrun.errors"), ("flowrun.admission", "flowrun.core")]
)
def test_the_rooms_that_decide_import_only_what_is_allowed(room: str, beside: str) -> None:
    graph = grimp.build_graph("flowrun", include_external_packages=True, cache_dir=None)
    inside = {room, *graph.find_descendants(room)}
    imported = {target for module in inside for target in graph.find_modules_directly_imported_by(module)}
    outside = {target for target in imported if target not in inside and not f"{target}.".startswith(f"{beside}.")}
    assert outside <= CORE_MAY_IMPORT


@pytest.mark.parametrize(
    "module", ["flowrun.errors", "flowrun.nearest", "flowrun.private", "flowrun.span", "flowrun.whole"]
)
def test_the_lowest_storey_imports_nothing_of_ours(module: str) -> None:
    graph = grimp.build_graph("flowrun", cache_dir=None)
    assert graph.find_modules_directly_imported_by(module) == set()


def test_the_package_is_an_empty_hall() -> None:
    body = ast.parse((PACKAGE / "__init__.py").read_text()).body
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)
    assert isinstance(body[0].value, ast.Constant)


def test_files_and_functions_stay_within_their_budgets() -> None:
    texts = {str(path.relative_to(PACKAGE)): path.read_text() for path in sources()}
    assert [path for path, text in texts.items() if len(text.splitlines()) > MOST_LINES_IN_A_FILE] == []
    long = [
        f"{path}: {name} has {lines} lines"
        for path, text in texts.items()
        for name, lines in functions(ast.parse(text))
        if lines > MOST_LINES_IN_A_FUNCTION
    ]
    assert long == []


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_file_says_what_it_is_and_is_named_after_it() -> None:
    assert [path for path in sources() if not ast.get_docstring(ast.parse(path.read_text()))] == []
    assert [path for path in sources() if path.stem in FORBIDDEN_NAMES] == []


def test_no_module_is_part_of_an_import_cycle() -> None:
    graph = grimp.build_graph("flowrun", cache_dir=None)
    imports: nx.DiGraph[str] = nx.DiGraph(
        (module, target) for module in graph.modules for target in graph.find_modules_directly_imported_by(module)
    )
    assert [sorted(knot) for knot in nx.strongly_connected_components(imports) if len(knot) > 1] == []


def test_unit_tests_mirror_the_package() -> None:
    """A test module under unit/ is named after the file that it is about, and may add a word of its own."""
    strays = []
    for test in (ROOT / "tests" / "unit").rglob("test_*.py"):
        about = test.relative_to(ROOT / "tests" / "unit")
        words = about.stem.removeprefix("test_").split("_")
        names = ["_".join(words[:count]) for count in range(1, len(words) + 1)]
        homes = [PACKAGE / about.parent / name for name in names]
        if not any(home.is_dir() or home.with_suffix(".py").exists() for home in homes):
            strays.append(str(about))
    assert strays == []


def test_all_dependencies_are_used_and_declared() -> None:
    """What the package imports from outside is what pyproject.toml declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        requirement.split(">")[0].split("[")[0].lower()
        for requirement in (*project["dependencies"], *project["optional-dependencies"]["temporal"])
    }
    graph = grimp.build_graph("flowrun", include_external_packages=True, cache_dir=None)
    outside = {module for module in graph.modules if graph.is_module_squashed(module)}
    names = {
        "ruamel": "ruamel.yaml",
        "_ruamel_yaml": "ruamel.yaml",
        "odata_query": "odata-query",
        "pydantic_core": "pydantic",
        "dotenv": "python-dotenv",
    }
    imported = {names.get(module, module) for module in outside} - set(sys.stdlib_module_names)
    assert imported == declared - {"sniffio"}  # for httpcore
