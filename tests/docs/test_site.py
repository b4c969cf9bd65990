"""The site of the pages is built whole, without a warning, and loads nothing from anywhere else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from tests.docs.pages import ROOT, tracked

LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "docs", project / "docs")
    shutil.copy(ROOT / "mkdocs.yml", project)
    built = subprocess.run(
        [Path(sys.executable).with_name("zensical"), "build", "--strict"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return project / ".site"


class Loaded(HTMLParser):
    """What a page makes a browser load, and to where it links."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loads: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.loads |= {value for name, value in attributes if (tag, name) in LOADED and value}


def test_every_page_is_reached_from_the_contents() -> None:
    contents = YAML(typ="safe", pure=True).load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    named = {f"docs/{page}" for page in named_in(contents)}
    assert {str(page.relative_to(ROOT)) for page in tracked(".md") if page.is_relative_to(ROOT / "docs")} == named


def test_every_page_is_built(site: Path) -> None:
    pages = {page.relative_to(ROOT / "docs").with_suffix(".html") for page in (ROOT / "docs").rglob("*.md")}
    assert [str(page) for page in sorted(pages) if not (site / page).is_file()] == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert pages
    outside = {(page.name, load) for page in pages for load in Loaded(page).loads if urlsplit(load).netloc}
    assert outside == set()


def named_in(contents: object) -> list[str]:
    if isinstance(contents, str):
        return [contents]
    inside = contents.values() if isinstance(contents, dict) else contents
    assert isinstance(inside, type({}.values()) | list)
    return [name for part in inside for name in named_in(part)]
