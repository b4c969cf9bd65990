from __future__ import annotations

import random

import pytest

from flowrun.errors import NotSignedIn, OrchestratorError, Refused, Unreachable
from flowrun.orchestrator.wire import Folder, Job
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.steps.job.attached import Attached
from flowrun.steps.policy import Policy

FOLDER = Folder(id=7)
FILE = "795cbab2-8008-4a54-b1cb-f9ff1ece139e"


class Store(World):
    """Attachments that fail with these first."""

    errors: list[OrchestratorError]

    async def download(self, folder: Folder, attachment_id: str) -> bytes:
        if self.errors:
            raise self.errors.pop(0)
        return await super().download(folder, attachment_id)


def fetched(data: bytes | None, *errors: OrchestratorError, outputs: str | None = None) -> str | None:
    async def story() -> str | None:
        store = Store(random.Random(1))
        store.errors = list(errors)
        store.attachments = {} if data is None else {FILE: data}
        job = Job(id=1, key="k", state="Successful", output_file=FILE, output_arguments=outputs)
        return (await Attached(store, VirtualClock(), Policy()).whole(FOLDER, job)).output_arguments

    return run(story())


def test_outputs_are_read_from_the_attachment() -> None:
    assert fetched('{"a": "é"}'.encode()) == '{"a": "é"}'


def test_outputs_that_came_with_the_job_are_left() -> None:
    assert fetched(b"{}", outputs='{"a": 1}') == '{"a": 1}'


def test_outages_are_outlasted() -> None:
    assert fetched(b"{}", Unreachable("no"), Unreachable("no"), Unreachable("no")) == "{}"


@pytest.mark.parametrize("error", [Refused("gone"), NotSignedIn("not allowed")])
def test_what_cannot_be_read_stays_missing(error: OrchestratorError, caplog: pytest.LogCaptureFixture) -> None:
    assert fetched(b"{}", error) is None
    assert FILE in caplog.text


def test_what_is_no_text_stays_missing() -> None:
    assert fetched(b"\xff\xfe\xff") is None
