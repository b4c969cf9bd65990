"""The codec: all payloads compressed, and encrypted where a key is set, before anything leaves this process.

Encryption is AES-256-GCM with a nonce made from the content under a key of its own: the same value gives the same
bytes. A replay encodes again what the history has, and a large value must then be found in the store, not be written a
second time. What it gives away is which values are equal.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from flowrun.errors import JournalError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PLAIN = 1024
"""Bytes up to which a payload stays as it is, where nothing encrypts it: Temporal's pages can show it so."""

_AT_ONCE = 64 * 1024
"""Bytes up to which the event loop waits for the work; above that a thread does it."""

_ENCODING, _KEY = "encoding", "encryption-key-id"
_ZLIB, _ENCRYPTED = b"binary/zlib", b"binary/encrypted"
_NONCE = 12


class _Cipher:
    """One key, and the id by which payloads name it."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only where a key is set

        self.id = key_id(key)
        self._aead: AESGCM = AESGCM(digest(key, b"flowrun: content", sha256))
        self._nonces = digest(key, b"flowrun: nonces", sha256)

    def encrypt(self, data: bytes) -> bytes:
        nonce = digest(self._nonces, data, sha256)[:_NONCE]
        return nonce + self._aead.encrypt(nonce, data, self.id.encode())

    def decrypt(self, data: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above

        try:
            return self._aead.decrypt(data[:_NONCE], data[_NONCE:], self.id.encode())
        except (InvalidTag, ValueError) as error:
            raise JournalError(
                f"a payload that names the codec key {self.id} was changed after it was written, or is damaged",
                hint="Whoever may write in Temporal's store can do that, and nobody else.",
            ) from error


class Codec(PayloadCodec):
    """The first of the keys, 32 bytes each, writes; all of them read. Raises JournalError where none of them fits."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._ciphers = {cipher.id: cipher for cipher in map(_Cipher, keys)}
        self._writing = next(iter(self._ciphers.values()), None)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Each as one that any of us can decode."""
        return [await _aside(self._encode, payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """What `encode` was given. A payload of nobody's encoding stays as it is."""
        return [await _aside(self._decode, payload) for payload in payloads]

    def _encode(self, payload: Payload) -> Payload:
        if self._writing is None and payload.ByteSize() <= PLAIN:
            return payload
        data = zlib.compress(payload.SerializeToString(deterministic=True))
        if self._writing is None:
            made = Payload(metadata={_ENCODING: _ZLIB}, data=data)
            return made if made.ByteSize() < payload.ByteSize() else payload
        metadata = {_ENCODING: _ENCRYPTED, _KEY: self._writing.id.encode()}
        return Payload(metadata=metadata, data=self._writing.encrypt(data))

    def _decode(self, payload: Payload) -> Payload:
        encoding = payload.metadata.get(_ENCODING)
        if encoding == _ENCRYPTED:
            named = payload.metadata.get(_KEY, b"").decode("ascii", "replace")
            return _inflated(self._cipher(named).decrypt(payload.data))
        return _inflated(payload.data) if encoding == _ZLIB else payload

    def _cipher(self, named: str) -> _Cipher:
        if named in self._ciphers:
            return self._ciphers[named]
        have = f"has only {', '.join(self._ciphers)}" if self._ciphers else "is not set"
        raise JournalError(
            f"what Temporal has of the run is encrypted with the key {named[:32]!a}, and temporal_codec_key {have}",
            hint="Add that key to FLOWRUN_TEMPORAL_CODEC_KEY, behind a comma; what waits for it goes on by itself.",
        )


def key_id(key: bytes) -> str:
    """By what a payload names its key: tells nothing about it."""
    return sha256(b"flowrun codec key " + key).hexdigest()[:16]


async def _aside(work: Callable[[Payload], Payload], payload: Payload) -> Payload:
    return work(payload) if payload.ByteSize() <= _AT_ONCE else await asyncio.to_thread(work, payload)


def _inflated(data: bytes) -> Payload:
    try:
        return Payload.FromString(zlib.decompress(data))
    except zlib.error as error:
        raise JournalError("a payload of the run is damaged: it cannot be decompressed") from error
