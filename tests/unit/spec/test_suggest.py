from __future__ import annotations

import pytest

from flowrun.spec.models import STEP_KINDS, Workflow
from flowrun.spec.refusals import keys_of
from flowrun.spec.suggest import DIALECTS, Guesses, did_you_mean, for_key, listed, meant

STEP = keys_of(STEP_KINDS[0])
WORDS = [
    *("dependsOn", "depends_on", "runAfter", "when", "condition", "allow_failure", "retryStrategy", "timeout-minutes"),
    *("withParam", "on", "jobs", "with", "process", "args"),
]


@pytest.mark.parametrize("word", WORDS)
def test_the_words_of_other_dialects_are_known(word: str) -> None:
    top = word in ("on", "jobs")
    hint = for_key(word, keys_of(Workflow) if top else STEP)
    assert hint.startswith(("Write ", "A workflow is started by"))


def test_dialects_point_to_keys_that_exist() -> None:
    keys = {*keys_of(Workflow), *(key for kind in STEP_KINDS for key in keys_of(kind)), ""}
    assert {key for key, _ in DIALECTS.values()} <= keys
    assert all(word == word.lower().replace("_", "").replace("-", "") for word in DIALECTS)
    assert not any(word in {key.replace("_", "") for key in keys} for word in DIALECTS)


def test_another_way_of_writing_goes_before_another_dialect() -> None:
    assert for_key("inputArguments", STEP) == 'Did you mean "input_arguments"?'
    assert for_key("stratgy", STEP) == 'Did you mean "strategy"?'
    assert for_key("colour", ["a", "b"]) == "Allowed here: a, b."


def test_near_words() -> None:
    assert did_you_mean("extrct", ["extract", "post"], "There is") == 'Did you mean "extract"?'
    assert did_you_mean("zzz", ["a"], "There is") == "There is: a."
    assert did_you_mean("zzz", ["a"]) is None
    assert listed([], "The inputs are") == "The inputs are: none."
    assert listed(map(str, range(20)), "All").endswith("15 and 4 more.")
    assert meant("Process") == "release"


def test_guesses_end_where_they_become_dear() -> None:
    guesses = Guesses()
    known = [f"step{at}" for at in range(1_000)]
    hints = [guesses.did_you_mean("stepp7", known) for _ in range(600)]
    assert hints[0] == hints[499] == did_you_mean("stepp7", known)
    assert hints[500:] == [None] * 100
