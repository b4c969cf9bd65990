"""When a run needs a lock that is true without being told so."""

import pytest

from flowrun.cli.consent import locks
from flowrun.settings import Context

PROTECTED, OPEN = Context("prod", protect=True), Context("dev")


@pytest.mark.parametrize("variable", ["CI", "TF_BUILD", "GITHUB_ACTIONS"])
def test_a_pipeline_needs_one_where_the_context_is_protected(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for name in ("CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL"):
        monkeypatch.delenv(name, raising=False)
    assert not locks(None, PROTECTED)
    monkeypatch.setenv(variable, "True")
    assert locks(None, PROTECTED)
    assert not locks(None, OPEN)
    monkeypatch.setenv(variable, "false")
    assert not locks(None, PROTECTED)


def test_what_was_said_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert not locks(asked=False, context=PROTECTED)
    assert locks(asked=True, context=OPEN)
