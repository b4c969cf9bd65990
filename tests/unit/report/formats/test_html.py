"""HTML, against its golden files, by a parser, and in a real browser where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from flowrun.core.events import Event, Leg, LegFinished, RunFinished, RunStarted, StepBegan, StepFinished
from flowrun.core.plan import FanOut, Plan, Step
from flowrun.core.status import LegStatus, RunStatus, StepStatus
from flowrun.report.fold import fold
from flowrun.report.formats.html import render
from tests.golden.pictures.drawings import WRONG
from tests.golden.reports.examples import EXAMPLES, T, golden

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
VOID = {"meta", "br", "link", "img", "input", "hr"}
ATTACK = f"{WRONG}<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"><style>*{{x:1}}"


def hostile() -> str:
    """A page in which everything that others write is up to no good."""
    plan = Plan(ATTACK, (Step("a", "job", {"release": ATTACK}), Step("b", "job", fan_out=FanOut({"n": []}))))
    events: list[Event] = [
        RunStarted(T, "r1", plan, {"in": ATTACK}),
        StepBegan(T, "a", (Leg(),)),
        LegFinished(T + 1, "a", 0, LegStatus.FAILED, "faulted", f"{ATTACK}\n{ATTACK}"),
        StepFinished(T + 1, "a", StepStatus.FAILED, StepStatus.FAILED, "faulted", ATTACK),
        StepBegan(T, "b", (Leg(ATTACK),)),
        LegFinished(T + 1, "b", 0, LegStatus.FAILED, "faulted", ATTACK),
        StepFinished(T + 1, "b", StepStatus.FAILED, StepStatus.FAILED, "faulted", ATTACK),
        RunFinished(T + 2, RunStatus.FAILED, cause="faulted", message=ATTACK, outputs={ATTACK: ATTACK}),
    ]
    return render(fold(events))


class Page(HTMLParser):
    """Its elements in order; raises AssertionError where they are not nested as they should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


PAGES = {**{name: render(fold(events)) for name, events in EXAMPLES.items()}, "hostile": hostile()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_is_as_the_golden_file_has_it(name: str) -> None:
    assert PAGES[name] == golden(name, "html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_needs_nothing_from_elsewhere_and_no_script(name: str) -> None:
    page = Page(PAGES[name])
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "input"}
    for tag, attributes in page.elements:
        assert not {one for one in attributes if one.startswith("on") or one in ("src", "srcset", "action")}, tag
        assert attributes.get("href", "#").startswith("#")
    policy = next(one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "url(" not in PAGES[name]
    assert "@import" not in PAGES[name]


@pytest.mark.parametrize("name", PAGES)
def test_who_cannot_see_it_finds_the_way(name: str) -> None:
    page = Page(PAGES[name])
    assert [len(page.all(tag)) for tag in ("header", "main", "footer", "nav", "h1")] == [1] * 5
    assert page.all("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(one.get("scope") in ("col", "row") for one in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(ids) == len(set(ids))
    named = [label for _, one in page.elements for label in one.get("aria-labelledby", "").split()]
    assert set(named) <= set(ids)
    assert {one["href"][1:] for one in page.all("a")} <= set(ids)
    assert all(one["role"] == "img" for one in page.all("svg"))
    assert all("aria-label" in one for _, one in page.elements if "tabindex" in one)


def test_says_the_verdict_the_reasons_and_the_legs() -> None:
    text = PAGES["failed"]
    assert "failed</span></h1>" in text
    assert '<th scope="row">US</th>' in text
    assert "longest path list &gt; post" in text
    assert '<th scope="row">documents</th>' in PAGES["succeeded"]
    assert "waits for an answer since" in PAGES["asking"]


def test_a_fan_of_a_thousand_shows_first_what_did_not_succeed() -> None:
    plan = Plan("wide", (Step("post", "job", fan_out=FanOut({"n": []})),))
    events: list[Event] = [RunStarted(T, "r1", plan), StepBegan(T, "post", tuple(Leg(str(n)) for n in range(1000)))]
    verdicts = [LegStatus.FAILED if n == 999 else LegStatus.SUCCEEDED for n in range(1000)]
    events += [LegFinished(T + 1, "post", n, verdict, "", "") for n, verdict in enumerate(verdicts)]
    text = render(fold(events))
    assert '<th scope="row">999</th>' in text
    assert "and 500 more" in text


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("name", ["failed", "hostile"])
def test_a_browser_shows_it_without_a_complaint(name: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(PAGES[name], encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--virtual-time-budget=2000"]
    seen = subprocess.run(
        [str(BROWSER), *flags, f"--user-data-dir={tmp_path}/profile", "--dump-dom", file.as_uri()],
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert "CONSOLE" not in seen.stderr
    assert "<title>taken" not in seen.stdout
    assert seen.stdout.count("<svg") == PAGES[name].count("<svg")
    assert seen.stdout.count("<tr") == PAGES[name].count("<tr"), "the browser has moved or dropped nothing"
