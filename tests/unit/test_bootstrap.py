from pathlib import Path

import pytest

from flowrun import bootstrap
from flowrun.emulator.daemon import Endpoint
from flowrun.errors import UsageError
from flowrun.settings import Settings


def load(tmp_path: Path, **environ: str) -> Settings:
    return Settings.load({"FLOWRUN_STATE_DIR": str(tmp_path / "state"), **environ}, tmp_path)


TENANT = {
    "UIPATH_URL": "https://cloud.uipath.com/org/tenant",
    "UIPATH_ACCESS_TOKEN": "t",
    "UIPATH_FOLDER_PATH": "Shared",
}
HERE = {**TENANT, "UIPATH_URL": "http://127.0.0.1:9/local/default"}


async def test_without_an_orchestrator_and_without_a_catalog_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no catalog") as caught:
        async with bootstrap.connect(load(tmp_path), tmp_path / "spec.yaml"):
            pass
    assert caught.value.hint is not None
    assert "UIPATH_URL" in caught.value.hint
    assert "emulator.yaml" in caught.value.hint


async def test_a_run_is_not_continued_on_another_orchestrator(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="belongs to https://elsewhere"):
        async with bootstrap.connect(load(tmp_path, **TENANT), None, {"url": "https://elsewhere"}):
            pass


@pytest.mark.parametrize(("environ", "folder"), [({}, "Shared"), ({"UIPATH_FOLDER_PATH": "Finance"}, "Finance")])
async def test_a_folder_that_was_asked_for_is_used_on_the_embedded_orchestrator_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], folder: str
) -> None:
    endpoint = Endpoint("http://127.0.0.1:9", "t", "Shared", 1)
    monkeypatch.setattr("flowrun.emulator.daemon.ensure", lambda *_: endpoint)
    (tmp_path / "emulator.yaml").write_text("emulator: 1")
    async with bootstrap._reached(load(tmp_path, **environ), tmp_path / "spec.yaml", None) as (connection, _):
        assert connection.folder == folder


def test_a_tenant_is_asked_seldom_and_this_machine_often(tmp_path: Path) -> None:
    far, near = load(tmp_path, **TENANT), load(tmp_path, **HERE)
    assert far.connection is not None
    assert near.connection is not None
    assert bootstrap._policy(far, far.connection).lists_per_minute == 20
    assert bootstrap._policy(near, near.connection).lists_per_minute is None
    assert bootstrap._policy(near, near.connection).fastest < bootstrap._policy(far, far.connection).fastest


def test_what_is_configured_goes_before_both(tmp_path: Path) -> None:
    settings = load(tmp_path, **HERE, FLOWRUN_QUIESCENCE="7", FLOWRUN_LIST_CALLS_PER_MINUTE="3")
    assert settings.connection is not None
    policy = bootstrap._policy(settings, settings.connection)
    assert (policy.quiescence, policy.lists_per_minute) == (7.0, 3)


def test_the_journal_stands_in_the_state_folder(tmp_path: Path) -> None:
    settings = load(tmp_path)
    bootstrap.journal(settings).close()
    assert list(settings.state_dir.iterdir())
