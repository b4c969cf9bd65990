from __future__ import annotations

from typing import Any

import pytest

from flowrun.review.stale import stale
from tests.unit.review.document import document, row

BEFORE = document()


def test_what_was_only_told_may_be_otherwise() -> None:
    now = document(
        row("post", version="1.0.0", folder="Finance", mark="=", changes=["x"], usual=4.0),
        runtimes=[{}],
        created_at="later",
        problems=["p"],
        sources=[{}],
        differences=0,
    )
    assert stale(BEFORE, now) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"flowrun": "0.2.0"}, "flowrun 0.1.0 → 0.2.0"),
        ({"target": {"url": "https://other"}}, "url https://cloud.uipath.com/acme/prod → https://other"),
        ({"target": {"emulator": "e.yaml"}}, "emulator none → e.yaml"),
        ({"context": {"name": "dev", "chosen": False}}, "context prod → dev"),
        ({"made_from": {"files": {"specs/close.yaml": "sha256:b"}, "lock": None}}, "specs/close.yaml has changed"),
        ({"made_from": {"files": {}, "lock": None}}, "specs/close.yaml is no part of it any more"),
        ({"made_from": {**BEFORE["made_from"], "lock": "sha256:l"}}, "flowrun.lock has changed"),
        ({"inputs": {"period": "2026-11"}}, "input period 2026-10 → 2026-11"),
        ({"max_parallel": 3}, "max_parallel none → 3"),
        ({"steps": []}, "step post is gone"),
    ],
)
def test_each_thing_that_moved_is_told(change: dict[str, Any], words: str) -> None:
    assert words in stale(BEFORE, document(**change) if "steps" not in change else {**BEFORE, **change})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("version", "1.1.0", "step post: version 1.0.0 → 1.1.0"),
        ("release_key", "k2", "step post: Release none → k2"),
        ("folder_id", 8, "step post: id of the folder none → 8"),
        ("arguments", "sha256:x", "step post: its Release takes or gives other arguments"),
        ("given", {"in_Day": 1}, "step post: what it is started with has changed"),
        ("if", "always()", "step post: what it is started with has changed"),
    ],
)
def test_a_step_that_moved_says_how(field: str, value: Any, words: str) -> None:
    now = document({**row("post", version="1.0.0", folder="Finance"), field: value})
    assert stale(BEFORE, now) == (words,)
