"""How many examples a property is tried with: by day as many as are soon had, in the night very many."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_BY_DAY, _IN_THE_NIGHT = 40, 1_000


def set_examples(*, nightly: bool) -> None:
    """For all properties that do not say it themselves. No test asserts a time, neither that of an example."""
    most = _IN_THE_NIGHT if nightly else _BY_DAY
    settings.register_profile("flowrun", max_examples=most, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("flowrun")


def examples(by_day: int) -> settings:
    """For one property: so many by day, and in the night more by as much as of others."""
    return settings(max_examples=by_day * settings().max_examples // _BY_DAY)
