"""The way to a server of Temporal: a client that was let in, or one sentence that says why not."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, TLSConfig

from flowrun.engines.temporal import attributes, wire
from flowrun.engines.temporal.converter import converter
from flowrun.engines.temporal.faults import DENIED, STATUS, answering, fault
from flowrun.engines.temporal.runtime import Kind, runtime
from flowrun.errors import TemporalDenied, TemporalError, TemporalUnreachable, UsageError
from flowrun.settings import Temporal, Tls
from flowrun.version import VERSION

PATIENCE = 15.0
"""Seconds until a server that says nothing is one that does not answer."""

_NOT_READY = "Unavailable"
_CERTIFICATE = re.compile(r"InvalidCertificate\((\w+)")
_WHY = {
    "UnknownIssuer": "nobody whom we trust has signed it",
    "BadSignature": "nobody whom we trust has signed it",
    "Expired": "it has expired",
    "ExpiredContext": "it has expired",
    "NotValidYet": "it is not valid yet",
    "NotValidYetContext": "it is not valid yet",
    "NotValidForName": "it names another host",
    "NotValidForNameContext": "it names another host",
}
_CLOSED = re.compile("received fatal alert|UnexpectedEof|BrokenPipe|Connection(Reset|Aborted)|operation was canceled")
"""Which of them it is, is a matter of who is quicker."""

_SIGNS = (
    ("InvalidContentType", "does not speak TLS", "Take temporal_tls… away, or use the port where it does."),
    ("dns error", "is not found: nobody knows that host", "Set temporal to where it is."),
    (
        "Connection refused",
        "is not there: nobody listens at that port",
        "Start it (on this machine: temporal server start-dev), or set temporal to where it is.",
    ),
)
"""What the library may say, what that means, and what to do."""


async def connect(temporal: Temporal, *, kind: Kind = Kind.CLIENT, metrics: str | None = None) -> Client:
    """A client in its namespace, which has our search attributes now.

    `metrics`: host and port on which this process shows them. Raises TemporalError, and UsageError for files that
    cannot be used.
    """
    client = await reach(temporal, kind=kind, metrics=metrics)
    await attributes.ensure(client)
    return client


async def reach(temporal: Temporal, *, kind: Kind = Kind.CLIENT, metrics: str | None = None) -> Client:
    """The same, and the namespace stays as it is."""
    client = await _reached(temporal, kind, metrics)
    with answering(client):
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=temporal.namespace))
    return client


def identity() -> str:
    """As what this process appears in Temporal's pages, and to `pollers`."""
    return f"flowrun {VERSION}, wire {wire.VERSION}, pid {os.getpid()} on {socket.gethostname()}"


async def _reached(temporal: Temporal, kind: Kind, metrics: str | None) -> Client:
    tls = False if temporal.tls is None else _tls(temporal.tls)
    connecting = Client.connect(
        temporal.address,
        namespace=temporal.namespace,
        api_key=temporal.api_key,
        data_converter=converter(temporal),
        tls=tls,
        identity=identity(),
        runtime=runtime(kind, metrics),
    )
    try:
        return await asyncio.wait_for(connecting, PATIENCE)
    except TimeoutError as error:
        raise _unreachable(
            temporal, f"did not answer within {PATIENCE:g} seconds", "Set temporal to where it is."
        ) from error
    except RPCError as error:
        raise fault(error, temporal.address, temporal.namespace) from error
    except RuntimeError as error:
        raise _why(temporal, str(error)) from error


def _why(temporal: Temporal, text: str) -> TemporalError:
    """What the library says of a connection that did not come about, in words of ours."""
    if (found := _CERTIFICATE.search(text)) is not None:
        why = _WHY.get(found[1], found[1])
        hint = "Set temporal_tls_ca to its authority's certificate, or temporal_tls_server_name to whom it names."
        return TemporalUnreachable(
            f"the certificate of Temporal at {temporal.address} does not verify: {why}", hint=hint
        )
    if _CLOSED.search(text) is not None:
        return _hung_up(temporal)
    for part, words, hint in _SIGNS:
        if part in text:
            return _unreachable(temporal, words, hint)
    found = STATUS.search(text)
    if found is not None and found[1] == _NOT_READY:
        return _unreachable(temporal, f"is not ready: {found[2]}", "Try again in a moment.")
    if found is not None and found[1] in DENIED:
        hint = "Set FLOWRUN_TEMPORAL_API_KEY, or temporal_tls_cert and temporal_tls_key, to what it accepts."
        return TemporalDenied(f"Temporal at {temporal.address} does not let us in: {found[2] or found[1]}", hint=hint)
    hint = "Is it the port of Temporal's frontend? If it wants TLS: set temporal_tls = true."
    said = found[2] if found is not None and found[2] else _last(text)
    return _unreachable(temporal, f"does not answer as a server of Temporal does: {said}", hint)


def _hung_up(temporal: Temporal) -> TemporalError:
    """It let us come, and went: for want of TLS, else because of our certificate, or of one that we lack."""
    if temporal.tls is None:
        return _unreachable(temporal, "hangs up at our first word", "It may want TLS: set temporal_tls = true.")
    lacks = temporal.tls.certificate is None
    why = "as who wants a client certificate does" if lacks else "as who does not accept our certificate does"
    hint = "Set temporal_tls_cert and temporal_tls_key to a certificate that its authority has signed."
    return TemporalDenied(f"Temporal at {temporal.address} hangs up once TLS is there, {why}", hint=hint)


def _unreachable(temporal: Temporal, text: str, hint: str) -> TemporalUnreachable:
    return TemporalUnreachable(f"Temporal at {temporal.address} {text}", hint=hint)


def _last(text: str) -> str:
    """The innermost of the messages that the library puts into each other."""
    found = re.findall(r'"([^"]+)"', text)
    return str(found[-1]) if found else " ".join(text.split())[:200]


def _tls(tls: Tls) -> TLSConfig:
    """With the content of the files. Raises UsageError for one of no use, which the library would not name."""
    return TLSConfig(
        server_root_ca_cert=None if tls.ca is None else _authority(tls.ca),
        domain=tls.server_name,
        client_cert=None if tls.certificate is None else _read("temporal_tls_cert", tls.certificate),
        client_private_key=None if tls.key is None else _key(tls.certificate, tls.key),
    )


def _authority(path: Path) -> bytes:
    content = _read("temporal_tls_ca", path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        hint = "It takes certificates as PEM: -----BEGIN CERTIFICATE-----."
        raise UsageError(f"{path} (temporal_tls_ca) holds no certificate", hint=hint) from error
    return content


def _key(certificate: Path | None, path: Path) -> bytes:
    content = _read("temporal_tls_key", path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(str(certificate), path, password=_no_password)
    except ssl.SSLError as error:
        hint = "It takes both as PEM, the key without a pass phrase."
        raise UsageError(f"{path} (temporal_tls_key) is not the key of {certificate}", hint=hint) from error
    return content


def _no_password() -> str:
    return ""


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} ({name}) cannot be read: {error.strerror or error}") from error
