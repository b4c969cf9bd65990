"""Whether another try is made, and how long to wait for it."""

from __future__ import annotations

from flowrun.core.patterns import is_found
from flowrun.core.plan import Backoff, Jitter, RetryRule


def next_try(
    rules: tuple[RetryRule, ...], tries: tuple[int, ...], error: str, message: str, chance: float
) -> tuple[int, float] | None:
    """The rule that grants another try and the seconds to wait; None where none does.

    The first rule that matches decides, and each rule has its own count. `chance`, from 0 to 1, spreads the wait.
    """
    for at, rule in enumerate(rules):
        if not ("*" in rule.errors or error in rule.errors):
            continue
        if rule.match is not None and not is_found(rule.match, message):
            continue
        return (at, delay(rule.backoff, tries[at], chance)) if tries[at] < rule.most else None
    return None


def delay(backoff: Backoff, before: int, chance: float) -> float:
    """Seconds to wait after `before` earlier tries under the same rule."""
    whole = min(backoff.initial, backoff.most)
    for _ in range(before):
        whole = min(whole * backoff.factor, backoff.most)
    return whole * chance if backoff.jitter is Jitter.FULL else whole
