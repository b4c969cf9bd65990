"""Digest: one text for one JSON value, and its SHA-256. What is compared later is compared by these."""

from __future__ import annotations

import hashlib
import json

from flowrun.core.plan import Json


def canonical(value: Json) -> str:
    """The one text of a JSON value: keys sorted, no spaces, no NaN. Raises ValueError for what is not JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Json) -> str:
    """`sha256:…` of that text."""
    return digest_of(canonical(value).encode("utf-8", "surrogatepass"))


def digest_of(data: bytes) -> str:
    """`sha256:…` of these bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
