"""Attachments: arguments and outputs over the limit, as files beside Jobs (API facts 2.3)."""

from __future__ import annotations

from flowrun.emulator.blobs import READ, WRITE
from flowrun.emulator.call import ApiError, Call, Reply
from flowrun.emulator.entities import Json
from flowrun.emulator.files import Attachment
from flowrun.emulator.handlers import reading
from flowrun.emulator.handlers.blobs import BLOB_TYPE
from flowrun.emulator.handlers.starting import invalid
from flowrun.emulator.properties import ATTACHMENT

_NAME_LIMIT = 256


def listed(call: Call) -> Reply:
    """`GET /odata/Attachments`."""
    found = call.tenant.files.attachments.values()
    return reading.listed(call, ATTACHMENT, found, reading.filter_of(call, ATTACHMENT))


def single(call: Call) -> Reply:
    """`GET /odata/Attachments({id})`: with the address to read it from."""
    attachment = _found(call)
    reply = reading.single(call, ATTACHMENT, attachment, "Attachment")
    access = blob_access(call, call.tenant.files.blobs.address(attachment.id, READ), "GET")
    return Reply(200, {**reply.body, "BlobFileAccess": access})


def create(call: Call) -> Reply:
    """`POST /odata/Attachments {"Name": …}`: 201, with the address to write it to."""
    name = call.json().get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= _NAME_LIMIT:
        raise invalid(f"Name is not a text of 1 to {_NAME_LIMIT} characters.")
    files = call.tenant.files
    attachment = files.attach(name)
    access = blob_access(call, files.blobs.address(attachment.id, WRITE), "PUT", {BLOB_TYPE: "BlockBlob"})
    body = {"@odata.context": call.context("Attachments/$entity"), **ATTACHMENT.project(attachment)}
    return Reply(201, {**body, "BlobFileAccess": access})


def delete(call: Call) -> Reply:
    """`DELETE /odata/Attachments({id})`: 204."""
    call.tenant.files.detach(_found(call))
    return Reply(204)


def blob_access(call: Call, address: str, verb: str, headers: dict[str, str] | None = None) -> Json:
    """A BlobFileAccessDto: an address of this server, and the headers that must go with it."""
    given = headers or {}
    host = call.base.split("/", 3)[2]
    return {
        "Uri": f"http://{host}{address}",
        "Verb": verb,
        "RequiresAuth": False,
        "Headers": {"Keys": list(given), "Values": list(given.values())},
    }


def _found(call: Call) -> Attachment:
    attachment = call.tenant.files.attachments.get(call.key.strip("'").lower())
    if attachment is None:
        raise ApiError(404, 1002, "Attachment does not exist.")
    return attachment
