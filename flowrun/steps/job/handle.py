"""Handle: what the journal keeps of a start, enough for another process to watch its Jobs and stop them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from flowrun.core.plan import Json
from flowrun.orchestrator.wire import Folder, Tag

JobName: TypeAlias = tuple[int, str]
"""Id and Key: a Job is ours only if both are."""


@dataclass(frozen=True, slots=True)
class Handle:
    """`spare` are Jobs of a second start with the same key, to be stopped. `again`: a second one may still turn up.

    `doubt` says why a second one could not even be found. `tags_kept` is which of the tags that were sent the server
    kept, by their names in the API; None for one where nothing has shown it.
    """

    folder_id: int
    folder_path: str
    jobs: tuple[JobName, ...]
    spare: tuple[JobName, ...] = ()
    again: bool = False
    doubt: str = ""
    tags_kept: Mapping[str, Json] = field(default_factory=dict)
    release: Mapping[str, Json] = field(default_factory=dict)
    strategy: str = ""

    @property
    def folder(self) -> Folder:
        """As the calls take it."""
        return Folder(id=self.folder_id, fully_qualified_name=self.folder_path)

    def to_json(self) -> Json:
        """`{"folder": {"id", "path"}, "jobs": [{"id", "key"}], "release": {...}, "strategy": ...}`, and the doubts."""
        handle: dict[str, Json] = {
            "folder": {"id": self.folder_id, "path": self.folder_path},
            "jobs": [{"id": number, "key": key} for number, key in self.jobs],
            "release": dict(self.release),
            "strategy": self.strategy,
            "tags_kept": dict(self.tags_kept),
        }
        if self.spare:
            handle["spare"] = [{"id": number, "key": key} for number, key in self.spare]
        if self.again:
            handle["again"] = True
        if self.doubt:
            handle["doubt"] = self.doubt
        return handle

    @classmethod
    def from_json(cls, handle: Json) -> Handle:
        """The other way round. Fields that this version does not know are left out."""
        return cls(
            folder_id=handle["folder"]["id"],
            folder_path=handle["folder"].get("path") or "",
            jobs=tuple((job["id"], job["key"]) for job in handle["jobs"]),
            spare=tuple((job["id"], job["key"]) for job in handle.get("spare", ())),
            again=bool(handle.get("again")),
            doubt=handle.get("doubt") or "",
            tags_kept=_tags(handle.get("tags_kept")),
            release=handle.get("release") or {},
            strategy=handle.get("strategy") or "",
        )


def _tags(kept: Json) -> Mapping[str, Json]:
    """The first version wrote one boolean, which was about BatchExecutionKey."""
    return kept if isinstance(kept, Mapping) else {Tag.BATCH.value: kept}
