"""What a reply means: its JSON, or one of the errors of `errors.py`. Every status is in exactly one class.

The classes are those of the start protocol in guarantees.md: a status that says "not done" is Refused, NotSignedIn or
Throttled; whatever leaves it open is Ambiguous. Error bodies: the API facts, 8.1 and 8.2.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from flowrun.errors import Ambiguous, NotSignedIn, OrchestratorError, Refused, Throttled

_NOT_DONE = frozenset({400, 404, 405, 409, 413, 415, 422})
_MOST_MESSAGE = 2_000
_DEEPEST = 64
"""Levels of lists and objects in a reply. The API's own have about five; arguments and outputs are texts in them."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, whole. `method` and `url` are those of the request; header names are in lower case."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def succeeded(self) -> bool:
        """Whether the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Outage(Ambiguous):
    """The server, or something before it, is down for now. `retry_after` is in seconds."""

    retry_after: float | None = None


class Unreadable(Ambiguous):
    """A reply that is not what the API answers: a page of HTML, a cut body, a redirect."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the body of an error says, from whichever envelope."""

    message: str = ""
    code: int | None = None
    trace_id: str = ""
    retry_after: float | None = None


def document(reply: Reply) -> Any:
    """The JSON of a reply that succeeded. Unreadable where it is not JSON."""
    try:
        value = json.loads(reply.body.decode("utf-8-sig"), parse_constant=_no_number)
        looks = f"nested more than {_DEEPEST} levels deep" if _is_deep(value, reply.body) else ""
    except (ValueError, RecursionError):
        looks = _looks_like(reply)
    if looks:
        raise Unreadable(
            f"the answer to {reply.method} {reply.url} is {looks}",
            hint="Is the URL that of an Orchestrator? It may also be a proxy or a sign-in page in between.",
            method=reply.method,
            url=reply.url,
            status=reply.status,
        )
    return _whole(value) if b"\\ud" in reply.body.lower() else value


def error_of(reply: Reply, what: str, now: float) -> OrchestratorError:
    """The error of a reply that did not succeed. `what` says what was wanted: `start Jobs`."""
    said = _said(reply)
    retry_after = _retry_after(reply.headers.get("retry-after", ""), now)
    message = f"cannot {what}: {said.message or _phrase(reply)}"
    error: OrchestratorError
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        error = NotSignedIn(message)
    elif reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        error = Throttled(message, hint="Other programs of the tenant share its limit of requests.")
        error.retry_after = said.retry_after if retry_after is None else retry_after
    elif _is_refusal(reply, said):
        error = Refused(message)
    elif reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status == HTTPStatus.REQUEST_TIMEOUT:
        error = Outage(message)
        error.retry_after = retry_after
    else:
        hint = f"It points to {reply.headers['location']}." if "location" in reply.headers else None
        error = Unreadable(message, hint=hint)
    error.method, error.url, error.status = reply.method, reply.url, reply.status
    error.code, error.trace_id = said.code, said.trace_id
    return error


def _is_refusal(reply: Reply, said: Said) -> bool:
    """Whether it says "not done".

    A 409 does so only with a code. A GET's 404 does so only from the API itself: for a page of something in between,
    nobody has looked whether the Job exists.
    """
    if reply.status == HTTPStatus.CONFLICT:
        return said.code is not None
    if reply.status == HTTPStatus.NOT_FOUND and reply.method == "GET" and reply.body.strip():
        return is_of_api(reply)
    return reply.status in _NOT_DONE


def folded(value: Any) -> dict[str, Any]:
    """An object with its names in lower case; empty for what is no object."""
    return {str(name).lower(): item for name, item in value.items()} if isinstance(value, Mapping) else {}


def is_of_api(reply: Reply) -> bool:
    """Whether the body is an object of JSON, as the API's own errors are, and not a page of something in between."""
    return bool(_object(reply.body))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode("utf-8-sig"))
        return {} if _is_deep(value, body) else folded(_whole(value))
    except (ValueError, RecursionError):
        return {}


def _said(reply: Reply) -> Said:
    """From `{message, errorCode, traceId}` in any case, the ABP envelope, OData's `{error: {…}}`, OAuth2's."""
    body = _object(reply.body)
    inner = folded(body.get("error"))
    message = body.get("message") or inner.get("message") or body.get("error_description") or body.get("error")
    code = body.get("errorcode", inner.get("errorcode"))
    trace = body.get("traceid") or inner.get("traceid") or reply.headers.get("x-uipath-traceid", "")
    return Said(
        message=message.strip()[:_MOST_MESSAGE] if isinstance(message, str) else "",
        code=code if isinstance(code, int) and not isinstance(code, bool) and code != 0 else None,
        trace_id=trace if isinstance(trace, str) else "",
        retry_after=_seconds(body.get("retry_after", body.get("retryafter"))),
    )


def _phrase(reply: Reply) -> str:
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "an unknown status"
    return f"the server answered {reply.status} ({phrase})"


def _looks_like(reply: Reply) -> str:
    if not reply.body.strip():
        return "empty"
    if reply.body.lstrip()[:1] == b"<":
        return "a page of HTML, not JSON"
    return "not JSON"


def _retry_after(text: str, now: float) -> float | None:
    """Seconds, or a date of HTTP."""
    seconds = _seconds(text)
    if seconds is not None or not text:
        return seconds
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max((aware - datetime.fromtimestamp(now, UTC)).total_seconds(), 0.0)


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _is_deep(value: Any, body: bytes) -> bool:
    """Whether it has more than `_DEEPEST` levels, which whoever goes through it could not bear."""
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        return False
    level = [value]
    for _ in range(_DEEPEST):
        inner = (part for one in level for part in (one.values() if isinstance(one, dict) else one))
        level = [part for part in inner if isinstance(part, dict | list)]
        if not level:
            return False
    return True


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _whole(value: Any) -> Any:
    """The value with halves of surrogate pairs replaced: no file could hold them, and reading again would not help."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value
