"""A request as a handler sees it, and its answer: plain values, without the web framework."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from flowrun.emulator.entities import Folder, Json, nesting
from flowrun.emulator.tenant import Tenant

ODATA_JSON = "application/json; odata.metadata=minimal; odata.streaming=true"
PLAIN_JSON = "application/json; charset=utf-8"
NESTING = 64
"""How deep the JSON of a body may be nested."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body` is JSON, None for an empty one; `text` and `content` go out as they stand, in `media_type`."""

    status: int = 200
    body: Json = None
    media_type: str = ODATA_JSON
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


class ApiError(Exception):
    """A refusal in the API's own form: status, errorCode and message (API facts 8)."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def reply(self) -> Reply:
        """As the server answers it."""
        body = {"message": self.message, "errorCode": self.code, "traceId": trace_id()}
        return Reply(self.status, body, PLAIN_JSON)


@dataclass(frozen=True, slots=True)
class Call:
    """A request. Header names are in lower case; `key` stands in brackets after the set; `base` is the mount's URL."""

    tenant: Tenant
    method: str
    base: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    key: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Json]:
        """The body as an object with its names in lower case. Raises ApiError."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            raise ApiError(400, 1000, "Invalid request! The body is not JSON.") from None
        if not isinstance(value, dict):
            raise ApiError(400, 1000, "Invalid request! The body is not an object.")
        if nesting(value) > NESTING:
            raise ApiError(400, 1000, f"Invalid request! The body is nested deeper than {NESTING} levels.")
        return folded(value)

    def folder(self) -> Folder | None:
        """The folder that the headers name: the path first, then the key, then the id. Raises ApiError (1100)."""
        wanted = self._folder_wanted()
        if wanted is None:
            return None
        name, value = wanted
        for folder in self.tenant.store.folders:
            if str(getattr(folder, name)).lower() == value.lower():
                return folder
        raise ApiError(400, 1100, "Folder does not exist or the user does not have access to the folder.")

    def need_folder(self) -> Folder:
        """The folder that the headers must name. Raises ApiError (1100, 1101)."""
        folder = self.folder()
        if folder is None:
            raise ApiError(400, 1101, "An organization unit is required for this action.")
        return folder

    def context(self, what: str) -> str:
        """The `@odata.context` of an answer."""
        return f"{self.base}/odata/$metadata#{what}"

    def _folder_wanted(self) -> tuple[str, str] | None:
        headers = self.headers
        encoded = headers.get("x-uipath-folderpath-encoded")
        if encoded:
            try:
                return "path", base64.b64decode(encoded, validate=True).decode("utf-16-le")
            except (binascii.Error, UnicodeDecodeError):
                raise ApiError(400, 1100, "The encoded folder path cannot be read.") from None
        for header, name in (
            ("x-uipath-folderpath", "path"),
            ("x-uipath-folderkey", "key"),
            ("x-uipath-organizationunitid", "id"),
        ):
            if headers.get(header):
                return name, headers[header].strip()
        return None


def folded(value: Mapping[str, Json]) -> dict[str, Json]:
    """The same object with its names in lower case: the server takes them in any."""
    return {str(name).lower(): item for name, item in value.items()}


def trace_id() -> str:
    """A new one, in the W3C form that the server uses."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
