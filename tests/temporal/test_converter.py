"""What values become on the way to Temporal's store: small, unreadable, elsewhere, and the same again."""

from __future__ import annotations

import json
import random
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from flowrun.engines.temporal.codec import PLAIN, Codec, key_id
from flowrun.engines.temporal.converter import converter
from flowrun.engines.temporal.store import LIMIT, Files
from flowrun.errors import JournalError
from flowrun.settings import Temporal

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
CANARY = "canary-in-a-coal-mine"
REPEATED = {"rows": [CANARY] * 10_000}
NOISE = {"rows": random.Random(1).randbytes(LIMIT).hex()}  # twice as long as hex, and not smaller than that as zlib


def using(folder: Path, *keys: bytes) -> DataConverter:
    return converter(Temporal("127.0.0.1:7233", "default", "queue", folder / "store", codec_keys=keys))


async def written(made: DataConverter, value: Any) -> Payload:
    (payload,) = await made.encode([value])
    return payload


@pytest.mark.parametrize("keys", [(), (ONE,)], ids=["plain", "encrypted"])
@pytest.mark.parametrize("value", [None, 0, "", {"b": 1, "a": [1.5, None, "ä\u2028"]}, REPEATED, NOISE])
async def test_a_value_comes_back(tmp_path: Path, keys: tuple[bytes, ...], value: Any) -> None:
    payload = await written(using(tmp_path, *keys), value)
    (read,) = await using(tmp_path, *keys).decode([payload])
    assert json.dumps(read) == json.dumps(value), "with its keys in their order"


async def test_what_is_small_stays_readable_where_nothing_encrypts_it(tmp_path: Path) -> None:
    payload = await written(using(tmp_path), {"run": CANARY})
    assert payload.metadata["encoding"] == b"json/plain"
    assert json.loads(payload.data) == {"run": CANARY}


async def test_what_is_large_becomes_small(tmp_path: Path) -> None:
    payload = await written(using(tmp_path), REPEATED)
    assert payload.metadata["encoding"] == b"binary/zlib"
    assert payload.ByteSize() < PLAIN
    assert not (tmp_path / "store").exists()


async def test_nothing_is_readable_without_the_key(tmp_path: Path) -> None:
    for value in ({"run": CANARY}, REPEATED, {**NOISE, "run": CANARY}):
        payload = await written(using(tmp_path, ONE), value)
        files = [path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file()]
        for kept in (payload.SerializeToString(), *files):
            assert CANARY.encode() not in kept
            assert ONE not in kept
        with pytest.raises(JournalError, match=f"encrypted with the key '{key_id(ONE)}', and temporal_codec_key is"):
            await using(tmp_path).decode([payload])
        with pytest.raises(JournalError, match=f"temporal_codec_key has only {key_id(TWO)}") as caught:
            await using(tmp_path, TWO).decode([payload])
        assert "FLOWRUN_TEMPORAL_CODEC_KEY" in str(caught.value.hint)


async def test_keys_are_changed_without_losing_what_was_written(tmp_path: Path) -> None:
    plain, old = await written(using(tmp_path), REPEATED), await written(using(tmp_path, ONE), REPEATED)
    both = using(tmp_path, TWO, ONE)
    new = await written(both, REPEATED)
    assert new.metadata["encryption-key-id"] == key_id(TWO).encode()
    assert await both.decode([plain, old, new]) == [REPEATED] * 3
    assert await using(tmp_path, TWO).decode([new]) == [REPEATED]


async def test_the_same_value_is_the_same_bytes(tmp_path: Path) -> None:
    """A replay encodes again what the history has: what is large must not be written a second time for it."""
    for keys in ((), (ONE,)):
        made = using(tmp_path, *keys)
        assert await written(made, NOISE) == await written(using(tmp_path, *keys), NOISE)
    assert len([path for path in (tmp_path / "store").rglob("*") if path.is_file()]) == 2
    one, other = await written(using(tmp_path, ONE), {"a": 1}), await written(using(tmp_path, ONE), {"a": 2})
    assert one.data[:12] != other.data[:12], "and another value never shares its nonce"


@given(st.binary(min_size=1, max_size=400), st.integers(min_value=0))
async def test_one_bit_is_enough_to_be_found_out(data: bytes, place: int) -> None:
    codec = Codec([ONE])
    (payload,) = await codec.encode([Payload(metadata={"encoding": b"json/plain"}, data=data)])
    changed = bytearray(payload.data)
    changed[place % len(changed)] ^= 1 << place % 8
    with pytest.raises(JournalError, match="was changed after it was written, or is damaged"):
        await codec.decode([Payload(metadata=dict(payload.metadata), data=bytes(changed))])


async def test_damage_without_a_key_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be decompressed"):
        await using(tmp_path).decode([Payload(metadata={"encoding": b"binary/zlib"}, data=b"junk")])


async def test_messages_of_failures_are_encrypted_too(tmp_path: Path) -> None:
    for keys, readable in (((), True), ((ONE,), False)):
        failure = Failure()
        made = using(tmp_path, *keys)
        await made.encode_failure(ApplicationError(CANARY, CANARY), failure)
        assert (CANARY.encode() in failure.SerializeToString()) is readable
        assert str(await made.decode_failure(failure)) == CANARY


async def test_what_is_still_large_lies_in_the_store(tmp_path: Path) -> None:
    payload = await written(using(tmp_path), NOISE)
    assert payload.ByteSize() < PLAIN
    (path,) = (path for path in (tmp_path / "store").rglob("*") if path.is_file())
    assert path == Files(tmp_path / "store").path(path.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, tmp_path / "store")} == {0o700}
    assert path.stat().st_size > LIMIT


async def test_a_value_that_is_not_there_is_said(tmp_path: Path) -> None:
    payload = await written(using(tmp_path), NOISE)
    (path,) = (path for path in (tmp_path / "store").rglob("*") if path.is_file())
    path.rename(tmp_path / "kept")
    with pytest.raises(JournalError, match=f"cannot read {path}, which holds a large value of the run") as caught:
        await using(tmp_path).decode([payload])
    assert "FLOWRUN_TEMPORAL_STORE" in str(caught.value.hint)
    path.write_bytes(b"another")
    with pytest.raises(JournalError, match=f"{path} was changed after it was written, or is damaged"):
        await using(tmp_path).decode([payload])
    (tmp_path / "kept").rename(path)
    assert await using(tmp_path).decode([payload]) == [NOISE]


async def test_a_damaged_value_is_written_anew(tmp_path: Path) -> None:
    payload = await written(using(tmp_path), NOISE)
    (path,) = (path for path in (tmp_path / "store").rglob("*") if path.is_file())
    path.write_bytes(b"half of it")
    await written(using(tmp_path), NOISE)
    assert await using(tmp_path).decode([payload]) == [NOISE]


async def test_a_store_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where a folder should be")
    with pytest.raises(JournalError, match=r"cannot write .*store"):
        await written(using(tmp_path), NOISE)
    with pytest.raises(JournalError, match=r"cannot write .*store"):
        Files(tmp_path / "store").check()
    Files(tmp_path / "other").check()
    assert list((tmp_path / "other").iterdir())


async def test_a_reference_to_anything_else_leads_nowhere(tmp_path: Path) -> None:
    payload = await written(using(tmp_path), NOISE)
    (path,) = (path for path in (tmp_path / "store").rglob("*") if path.is_file())
    outside = payload.SerializeToString().replace(path.name.encode(), b"../" * 20 + b"etc/")
    with pytest.raises(JournalError, match="in a store of another kind"):
        await using(tmp_path).decode([Payload.FromString(outside)])


def test_the_store_is_that_of_the_settings(tmp_path: Path) -> None:
    temporal = Temporal("127.0.0.1:7233", "default", "queue", tmp_path / "a")
    storage = converter(replace(temporal, store=tmp_path / "b")).external_storage
    assert storage is not None
    (driver,) = storage.drivers
    assert isinstance(driver, Files)
    assert driver.path("ab" * 32) == tmp_path / "b" / "ab" / ("ab" * 32)
