"""Blobs: what an attachment's or an export's address leads to. Outside of the API, as a blob store is."""

from __future__ import annotations

from collections.abc import Mapping

from flowrun.emulator.blobs import READ, WRITE
from flowrun.emulator.call import ApiError, Call, Reply
from flowrun.emulator.tenant import Tenant

BLOB_TYPE = "x-ms-blob-type"
"""The header without which the blob store of Azure takes no blob."""


def get(call: Call) -> Reply:
    """`GET` of an address that allows to read."""
    data = call.tenant.files.blobs.read(call.key)
    if data is None:
        raise ApiError(404, 0, "The specified blob does not exist.")
    return Reply(200, media_type="application/octet-stream", content=data)


def put(call: Call) -> Reply:
    """`PUT` of an address that allows to write. It needs the headers that came with the address."""
    if call.headers.get(BLOB_TYPE) != "BlockBlob":
        raise ApiError(400, 0, f"The header {BLOB_TYPE} is missing: send the headers that came with the address.")
    call.tenant.files.blobs.write(call.key, call.body)
    return Reply(201)


def refusal(
    tenant: Tenant, key: str, method: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> Reply | None:
    """Why an address is not good for a request; None where it is. It is asked before any of a body is read."""
    if "authorization" in headers:
        return ApiError(400, 0, "The address is signed: send no Authorization header to it.").reply()
    may, end = WRITE if method == "PUT" else READ, query.get("se", "")
    allowed = end.isdecimal() and query.get("sp") == may
    if not allowed or not tenant.files.blobs.allows(key, may, end, query.get("sig", "")):
        return ApiError(403, 0, "The signature of the address is wrong, or it has expired.").reply()
    return None
