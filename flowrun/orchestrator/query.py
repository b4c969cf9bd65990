"""JobQuery: which Jobs are asked for, as the query options of a list or of an export. Pure.

Source: the Jobs requests of the API guide, and the API facts, 4. Where an example of the guide says one thing and
sends another (its "after" is an `lt`), this sends what it says.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowrun.orchestrator import odata
from flowrun.orchestrator.wire import Job, JobState

MOST = 1_000
"""What `$top` may be at most (OpenAPI definition, texts of the parameters)."""


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Every condition must hold; of several states, one. Times are ISO 8601 text in UTC, as the API takes it.

    `robot` is an id or a name. `error` is a part of Info, and means Faulted Jobs where no state is named.
    `environment` is an id, of classic folders. `top` is the number of Jobs in all, None for all there are.
    """

    robot: int | str | None = None
    states: tuple[JobState, ...] = ()
    ended_after: str | None = None
    ended_before: str | None = None
    started_after: str | None = None
    started_before: str | None = None
    created_after: str | None = None
    error: str | None = None
    release: str | None = None
    environment: int | None = None
    expand: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    order_by: str = ""
    top: int | None = 50
    skip: int = 0
    count: bool = False

    def filter(self) -> str:
        """The text of `$filter`; empty where all Jobs are asked for."""
        states = self.states or ((JobState.FAULTED,) if self.error is not None else ())
        terms = [
            f"Robot/Id eq {self.robot}" if isinstance(self.robot, int) else _equals("Robot/Name", self.robot),
            _any_of(states),
            _compared("EndTime", "gt", self.ended_after),
            _compared("EndTime", "lt", self.ended_before),
            _compared("StartTime", "gt", self.started_after),
            _compared("StartTime", "lt", self.started_before),
            _compared("CreationTime", "gt", self.created_after),
            None if self.error is None else f"indexof(Info,{odata.text(self.error)}) ne -1",
            _equals("Release/Name", self.release),
            None if self.environment is None else f"Release/EnvironmentId eq {self.environment}",
        ]
        return " and ".join(term for term in terms if term)

    def options(self) -> dict[str, str]:
        """`$filter`, `$expand`, `$select` and `$orderby`. The order is made total by the id: pages must not overlap."""
        order = self.order_by.strip() or "Id desc"
        names = [term.split()[0].lower() for term in order.split(",") if term.split()]
        options = {
            "$filter": self.filter(),
            "$expand": ",".join(name.strip().capitalize() for name in self.expand),
            "$select": ",".join(self.select),
            "$orderby": order if "id" in names else f"{order},Id desc",
        }
        return {name: text for name, text in options.items() if text}


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs of a query, in its order; `count` is how many there are without `top`, None where nobody asked."""

    jobs: tuple[Job, ...]
    count: int | None = None


def _equals(name: str, value: str | None) -> str | None:
    return None if value is None else f"{name} eq {odata.text(value)}"


def _compared(name: str, operator: str, moment: str | None) -> str | None:
    return None if moment is None else f"{name} {operator} {moment}"


def _any_of(states: tuple[JobState, ...]) -> str | None:
    terms = [f"State eq {odata.text(state)}" for state in dict.fromkeys(states)]
    return f"({' or '.join(terms)})" if len(terms) > 1 else next(iter(terms), None)
