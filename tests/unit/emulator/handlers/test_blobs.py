from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from flowrun.emulator import blobs
from tests.unit.emulator.conftest import Served

WRITABLE = {"x-ms-blob-type": "BlockBlob"}


async def address(served: Served) -> str:
    """Where a new attachment is written."""
    answer = await served.http.post("/odata/Attachments", json={"Name": "a"})
    return str(answer.json()["BlobFileAccess"]["Uri"])


@pytest.fixture
async def stranger() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        yield client


async def test_an_address_allows_what_it_says_and_no_more(served: Served, stranger: httpx.AsyncClient) -> None:
    uri = await address(served)
    assert (await stranger.get(uri)).status_code == 403
    assert (await stranger.put(uri.replace("sp=w", "sp=r"), content=b"", headers=WRITABLE)).status_code == 403
    assert (await stranger.put(uri[:-1] + "z", content=b"", headers=WRITABLE)).status_code == 403
    assert (await stranger.put(uri.replace("se=", "se=9"), content=b"", headers=WRITABLE)).status_code == 403
    assert (await stranger.put(uri.replace("se=", "se=x"), content=b"", headers=WRITABLE)).status_code == 403
    other = uri.rpartition("/blobs/")[2].partition("?")[0]
    assert (await stranger.put(uri.replace(other, "export-1"), content=b"", headers=WRITABLE)).status_code == 403
    assert (await stranger.put(uri.partition("?")[0], content=b"", headers=WRITABLE)).status_code == 403
    assert (await stranger.put(uri, content=b"", headers=WRITABLE)).status_code == 201


async def test_a_token_sent_to_the_blob_store_is_refused(served: Served) -> None:
    answer = await served.http.put(await address(served), content=b"", headers=WRITABLE)
    assert (answer.status_code, "no Authorization" in answer.text) == (400, True)


async def test_the_headers_that_came_with_the_address_are_needed(served: Served, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.put(await address(served), content=b"")).status_code == 400


async def test_a_blob_may_be_larger_than_other_requests_and_not_endless(
    served: Served, stranger: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "LIMIT", 3_000_000)
    uri = await address(served)
    assert (await stranger.put(uri, content=bytes(3_000_000), headers=WRITABLE)).status_code == 201
    assert (await stranger.put(uri, content=bytes(3_000_001), headers=WRITABLE)).status_code == 413
