"""Payloads: values as JSON that keeps the order of keys, for the axes of a matrix have one."""

from __future__ import annotations

import json
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    CompositePayloadConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)

_WRITE = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":")).encode


class OrderedJson(JSONPlainPayloadConverter):
    """JSON as the journal writes it. The SDK's own sorts the keys of every object."""

    def to_payload(self, value: Any) -> Payload | None:
        """Raises ValueError or TypeError for what is no JSON."""
        return Payload(metadata={"encoding": self.encoding.encode()}, data=_WRITE(value).encode("ascii"))


class Payloads(CompositePayloadConverter):
    """Those of the SDK, but for JSON."""

    def __init__(self) -> None:
        others = DefaultPayloadConverter.default_encoding_payload_converters[:-1]
        super().__init__(*others, OrderedJson())
