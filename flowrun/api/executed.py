"""Executed: which version of its Release each Job of a run really ran, against the one that it was planned with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowrun.errors import OrchestratorError
from flowrun.orchestrator.wire import Folder

if TYPE_CHECKING:
    from flowrun.api.plans import Planned
    from flowrun.bootstrap import Connected
    from flowrun.report.model import Report

_AT_ONCE = 100
"""Jobs that one list call reads."""


async def executed(connected: Connected, ready: Planned, done: Report) -> dict[str, str]:
    """In words, by step: where Jobs ran another version than planned. One list call for 100 Jobs, one for each Release.

    Nothing where Orchestrator does not say: a Job has the id of the version that it ran, and its Release all of them,
    since long; an account that may not read Releases, or a server that shows neither, leaves nothing to compare.
    """
    found: dict[str, str] = {}
    versions: dict[str, dict[int, str]] = {}
    for folder, steps in _jobs(ready, done):
        ids = sorted(steps)
        for at in range(0, len(ids), _AT_ONCE):
            try:
                for job in await connected.orchestrator.jobs(folder, ids[at : at + _AT_ONCE]):
                    step_id = steps.get(job.id, "")
                    fact = ready.facts.get(step_id)
                    if fact is None or job.release_version_id is None:
                        continue
                    key = str(fact["release_key"])
                    if key not in versions:
                        versions[key] = await connected.inspection.versions(folder, key)
                    ran = versions[key].get(job.release_version_id)
                    if ran is not None and ran != fact["version"]:
                        found[step_id] = f"version {ran} of {fact['release']}, and was planned with {fact['version']}"
            except OrchestratorError:
                return found
    return found


def _jobs(ready: Planned, done: Report) -> Iterator[tuple[Folder, dict[int, str]]]:
    """The Jobs of a run by their folder, each with its step."""
    folders: dict[int, dict[int, str]] = defaultdict(dict)
    paths: dict[int, str] = {}
    for step in done.steps:
        fact = ready.facts.get(step.id)
        if fact is None:
            continue
        paths[fact["folder_id"]] = str(fact["folder"])
        for leg in step.legs:
            for attempt in leg.attempts:
                folders[fact["folder_id"]].update({job.id: step.id for job in attempt.jobs if job.id is not None})
    yield from ((Folder(id=one, fully_qualified_name=paths[one]), steps) for one, steps in folders.items())
