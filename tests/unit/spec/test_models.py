from __future__ import annotations

from flowrun.spec.models import DefaultsModel


def test_empty_defaults_leave_a_step_as_it_is() -> None:
    step = object()
    assert DefaultsModel().applied(step) is step  # type: ignore[arg-type]
