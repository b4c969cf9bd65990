from __future__ import annotations

import math

import pytest

from flowrun.core.plan import Backoff, Jitter, RetryRule
from flowrun.core.retry import delay, next_try

BUSY = RetryRule(errors=("faulted",), most=2, match="(?i)busy", backoff=Backoff(initial=1.0))
FAULTED = RetryRule(errors=("faulted", "timeout"), most=1, backoff=Backoff(initial=5.0))
ANY = RetryRule(most=3)


def test_no_rule_grants_nothing() -> None:
    assert next_try((), (), "faulted", "", 0.0) is None


def test_the_first_rule_that_matches_decides() -> None:
    rules = (BUSY, FAULTED, ANY)
    assert next_try(rules, (0, 0, 0), "faulted", "System BUSY", 0.0) == (0, 1.0)
    assert next_try(rules, (0, 0, 0), "faulted", "other", 0.0) == (1, 5.0)
    assert next_try(rules, (0, 0, 0), "lost", "busy", 0.0) == (2, 0.0)


def test_no_message_makes_a_rule_take_for_ever() -> None:
    """With `re` this one would need longer than anybody lives."""
    greedy = RetryRule(most=1, match=r"^(([a-z])+.)+[A-Z]([a-z])+$")
    assert next_try((greedy, ANY), (0, 0), "faulted", "a" * 100_000, 0.0) == (1, 0.0)


def test_a_rule_that_is_used_up_decides_all_the_same() -> None:
    assert next_try((BUSY, ANY), (2, 0), "faulted", "busy", 0.0) is None


def test_each_rule_has_its_own_count() -> None:
    assert next_try((BUSY, FAULTED), (1, 0), "faulted", "no", 0.0) == (1, 5.0)
    assert next_try((BUSY, FAULTED), (1, 1), "faulted", "busy", 0.0) == (0, 2.0)


def test_none_means_no_further_try() -> None:
    assert next_try((RetryRule(most=0),), (0,), "faulted", "", 0.0) is None


@pytest.mark.parametrize(("before", "seconds"), [(0, 2.0), (1, 6.0), (2, 18.0), (3, 50.0), (4, 50.0), (1_000, 50.0)])
def test_waits_grow_by_the_factor_up_to_the_most(before: int, seconds: float) -> None:
    assert delay(Backoff(initial=2.0, factor=3.0, most=50.0), before, 0.0) == seconds


def test_an_initial_wait_above_the_most_is_the_most() -> None:
    assert delay(Backoff(initial=100.0, most=50.0), 0, 0.0) == 50.0


@pytest.mark.parametrize("factor", [1e10, 10**10, math.inf])
def test_no_factor_overflows(factor: float) -> None:
    assert delay(Backoff(initial=1, factor=factor, most=60.0), 500, 0.0) == 60.0


def test_full_jitter_spreads_over_the_whole_wait_and_none_does_not() -> None:
    full = Backoff(initial=8.0, jitter=Jitter.FULL)
    assert [delay(full, 1, chance) for chance in (0.0, 0.25, 1.0)] == [0.0, 4.0, 16.0]
    assert delay(Backoff(initial=8.0), 1, 0.25) == 16.0
