"""Tagged: the Jobs of starts, found by a tag in whichever form of a filter the server takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flowrun.errors import Refused
from flowrun.orchestrator import advice, odata
from flowrun.orchestrator.query import JobPage, JobQuery
from flowrun.orchestrator.requests import Requests
from flowrun.orchestrator.wire import Folder, Job, Tag

MOST_COMPARED = 10_000
"""Jobs that are read to compare their References, where the server cannot filter by it. Beyond, nobody knows."""

_JOBS = "/odata/Jobs"
_SKEW = timedelta(hours=1)
"""By how much the server's clock may differ from ours."""
_SHOWN = ("Id", "Key", "State", "ReleaseName", "CreationTime", "Reference")

Ask = Callable[[Folder, JobQuery], Awaitable[JobPage]]


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to write a filter: values in one, and the literal of a value."""

    size: int
    literal: Callable[[str], str]
    chained: bool

    def filter(self, tag: Tag, values: Sequence[str]) -> str:
        """One value is compared, whatever the form."""
        literals = [self.literal(value) for value in values]
        if self.chained or len(literals) == 1:
            return " or ".join(f"{tag} eq {literal}" for literal in literals)
        return f"{tag} in ({','.join(literals)})"


_FORMS = {
    Tag.BATCH: (
        _Form(odata.KEYS_CHUNK, odata.guid, chained=False),
        _Form(odata.KEYS_CHUNK, odata.quoted_guid, chained=False),
        _Form(odata.OR_CHUNK, odata.guid, chained=True),
        _Form(odata.OR_CHUNK, odata.quoted_guid, chained=True),
    ),
    Tag.REFERENCE: (
        _Form(odata.KEYS_CHUNK, odata.text, chained=False),
        _Form(odata.OR_CHUNK, odata.text, chained=True),
    ),
}
"""What servers are known to differ in (API facts 4). The first that one takes is kept."""


class Tagged:
    """Finds Jobs by a tag. Remembers which form this server takes."""

    def __init__(self, requests: Requests, list_jobs: Ask) -> None:
        self._requests = requests
        self._list_jobs = list_jobs
        self._forms = {tag: list(forms) for tag, forms in _FORMS.items()}

    async def find(self, folder: Folder, tag: Tag, values: Sequence[str], since: float | None) -> list[Job] | None:
        """None where the server takes no filter by this tag. Raises OrchestratorError."""
        forms = self._forms[tag]
        for form in list(forms):
            try:
                found = await self._filtered(folder, tag, values, form)
            except Refused as error:
                if not odata.is_about_query(error):
                    raise
            else:
                forms[:] = forms[forms.index(form) :] if form in forms else [form]
                return found
        return await self._compared(folder, values, since) if tag is Tag.REFERENCE else None

    async def _filtered(self, folder: Folder, tag: Tag, values: Sequence[str], form: _Form) -> list[Job]:
        found: list[Job] = []
        for chunk in odata.chunks(values, form.size, odata.LONGEST_LIST):
            by = form.filter(tag, chunk)
            found += await self._requests.rows(advice.FIND, Job, _JOBS, folder, filter=by)
        return found

    async def _compared(self, folder: Folder, values: Sequence[str], since: float | None) -> list[Job] | None:
        """By reading what was made since then; None where that is more than can be read."""
        after = None if since is None else (datetime.fromtimestamp(since, UTC) - _SKEW).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = JobQuery(created_after=after, select=_SHOWN, top=MOST_COMPARED + 1)
        page = await self._list_jobs(folder, query)
        if len(page.jobs) > MOST_COMPARED:
            return None
        wanted = frozenset(values)
        return [job for job in page.jobs if job.reference in wanted]
