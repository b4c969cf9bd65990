"""What Temporal's server refuses, and that it is not there, in sentences of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from flowrun.errors import TemporalDenied, TemporalError, TemporalUnreachable

_AWAY = "does not answer"
_GONE = {
    RPCStatusCode.UNAVAILABLE: _AWAY,
    RPCStatusCode.DEADLINE_EXCEEDED: "did not answer in time",
    RPCStatusCode.CANCELLED: "did not answer in time",
    RPCStatusCode.RESOURCE_EXHAUSTED: "has more to do than it takes at one time",
}
_BROKEN = ("transport error", "h2 protocol error", "error reading a body from connection")
"""What the library says, with a status that says nothing, of a connection that ended while it waited for an answer."""

_DENIED = {
    RPCStatusCode.UNAUTHENTICATED: "does not accept who we are",
    RPCStatusCode.PERMISSION_DENIED: "does not allow this",
}


STATUS = re.compile(r'code: (\w+), message: "([^"]*)"')
"""A refusal of the server, as the library prints it into texts of its own."""

DENIED = ("Unauthenticated", "PermissionDenied")
"""What it calls those of who is not let in."""


@contextmanager
def answering(client: Client) -> Iterator[None]:
    """What the server refuses within comes out as a TemporalError. Who expects a refusal catches it further inside."""
    try:
        yield
    except RPCError as error:
        raise fault(error, client.service_client.config.target_host, client.namespace) from error


def fault(error: RPCError, address: str, namespace: str) -> TemporalError:
    """The error as one sentence."""
    where = f"Temporal at {address}"
    gone = _GONE.get(error.status) or next((_AWAY for one in _BROKEN if one in error.message), None)
    if gone is not None:
        hint = "What runs there goes on once it is back; flowrun doctor looks again."
        return TemporalUnreachable(f"{where} {gone}: {_first(error)}", hint=hint)
    if error.status in _DENIED:
        hint = "Set FLOWRUN_TEMPORAL_API_KEY, or temporal_tls_cert and temporal_tls_key, for this namespace."
        text = f"{where} {_DENIED[error.status]} in the namespace {namespace}: {_first(error)}"
        return TemporalDenied(text, hint=hint)
    if error.status == RPCStatusCode.NOT_FOUND and "namespace" in error.message.lower():
        hint = f"temporal operator namespace create --address {address} --namespace {namespace}, or set another."
        return TemporalDenied(f"{where} has no namespace {namespace}", hint=hint)
    if "search attribute" in error.message.lower():
        hint = f"temporal operator search-attribute create --address {address} --namespace {namespace} brings them."
        return TemporalDenied(f"{where} refused, for want of a search attribute: {_first(error)}", hint=hint)
    return TemporalError(f"{where} refused: {_first(error)}")


def fallen(error: BaseException, client: Client) -> TemporalError:
    """Why a worker cannot go on: its library says so in a text of its own."""
    where = f"Temporal at {client.service_client.config.target_host}"
    text = " ".join(str(error).split())
    found = STATUS.search(text)
    said = found[2] if found is not None and found[2] else text[:200] or type(error).__name__
    if found is not None and found[1] in (*DENIED, "NotFound"):
        hint = f"flowrun doctor looks at the namespace {client.namespace} and at who we are there."
        return TemporalDenied(f"{where} does not let this worker go on: {said}", hint=hint)
    hint = "Start the worker again once it is back; nothing is lost meanwhile."
    return TemporalUnreachable(f"{where} {_AWAY}, and this worker cannot go on: {said}", hint=hint)


def _first(error: RPCError) -> str:
    """Its own words, in one line."""
    return " ".join(error.message.split()) or error.status.name
