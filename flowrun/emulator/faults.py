"""Faults on request: an answer that is an error, late, cut, lost, or says what never happened.

A fault waits for requests of one operation (`StartJobs`, `StopJobs`, `Jobs`, … or `*`), lets `skip` of them pass, and
then meets `times` of them (null: all, until it is cleared). `fault` is one of

    503                  an error status, any from 400 to 599; nothing was done
    503_after_commit     the same answer after the request was carried out
    lost                 the connection is closed without a word; nothing was done
    lost_after_commit    the same after the request was carried out
    delay                the request waits `seconds` before it is carried out, even if the client gives up
    delay_after_commit   it is carried out at once, and answered after `seconds`
    html                 200 with a page of HTML, as a proxy's login page; nothing was done
    html_after_commit    the same after the request was carried out
    cut                  carried out; the answer stops half-way
    empty                StartJobs answers 201 with no Job; nothing was done
    list_lag             new Jobs are missing from lists for `seconds`
    edge                 429 as the network's edge says it: `retry_after` stands in the body, and there is no errorCode
    no_tags              new Jobs keep neither Reference nor BatchExecutionKey
    stuck_pending        new Jobs are Pending until they are stopped: no robot takes them
    stuck_stop           StopJobs is answered, and nothing is stopped
    deaf_stop            Jobs become Stopping or Terminating, and their programs are not told
    failed_export        new exports end as Failed

429 and 503 carry `Retry-After` where `retry_after` is given (seconds, or a date as text).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from flowrun.emulator.entities import Json

_STATUS = re.compile(r"([45]\d\d)(_after_commit)?")
_PASSIVE = frozenset({"list_lag", "no_tags", "stuck_pending", "stuck_stop", "deaf_stop", "failed_export"})
_KINDS = frozenset({"lost", "delay", "html", "cut", "empty", "edge"}) | _PASSIVE
_AFTER = frozenset({"lost", "delay", "html"})
_KEYS = frozenset({"on", "fault", "times", "skip", "seconds", "retry_after"})


class FaultError(Exception):
    """A fault that does not exist. The text says what does."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `kind` is its name without `_after_commit`; `status` is 0 where the fault is not a status."""

    on: str
    fault: str
    kind: str
    status: int = 0
    after_commit: bool = False
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    retry_after: str | None = None


class Faults:
    """Those that wait for their requests, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, words: Json) -> Fault:
        """Add one as a client gave it. Raises FaultError."""
        fault = read_fault(words)
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all."""
        self._waiting.clear()

    def listed(self) -> list[dict[str, Json]]:
        """As JSON."""
        return [asdict(fault) for fault in self._waiting]

    def take(self, operation: str) -> Fault | None:
        """The fault that meets this request, which uses it up by one."""
        return self._use(operation, lambda fault: fault.kind not in _PASSIVE)

    def passive(self, operation: str, kind: str) -> Fault | None:
        """The fault of a kind that a handler asks for by itself, used up by one."""
        return self._use(operation, lambda fault: fault.kind == kind)

    def _use(self, operation: str, wanted: Callable[[Fault], bool]) -> Fault | None:
        for index, fault in enumerate(self._waiting):
            if fault.on not in {operation, "*"} or not wanted(fault):
                continue
            if fault.skip:
                self._waiting[index] = replace(fault, skip=fault.skip - 1)
                return None
            if fault.times is not None:
                self._waiting[index : index + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
            return fault
        return None


def read_fault(words: Json) -> Fault:
    """Read one as a client gave it. Raises FaultError."""
    if not isinstance(words, Mapping) or set(words) - _KEYS:
        raise FaultError(f"A fault is an object with the keys {', '.join(sorted(_KEYS))}.")
    name, on = words.get("fault"), words.get("on", "*")
    if not isinstance(name, str) or not isinstance(on, str):
        raise FaultError('A fault has at least a name: {"on": "StartJobs", "fault": "503_after_commit"}.')
    status = _STATUS.fullmatch(name)
    kind = "status" if status else name.removesuffix("_after_commit")
    after = name.endswith("_after_commit")
    if not status and (kind not in _KINDS or (after and kind not in _AFTER)):
        raise FaultError(f"There is no fault {name}; there are 400 to 599 and {', '.join(sorted(_KINDS))}.")
    times, skip = words.get("times", None if kind in _PASSIVE else 1), words.get("skip", 0)
    seconds, retry_after = words.get("seconds", 0.0), words.get("retry_after")
    whole = [number for number in (times, skip) if number is not None]
    if any(not isinstance(number, int) or isinstance(number, bool) or number < 0 for number in whole) or times == 0:
        raise FaultError("times (from 1, or null) and skip (from 0) are whole numbers.")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise FaultError("seconds is a number, not negative.")
    return Fault(
        on,
        name,
        kind,
        int(status[1]) if status else 0,
        after,
        times,
        skip,
        float(seconds),
        None if retry_after is None else str(retry_after),
    )
