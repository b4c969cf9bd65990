from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flowrun.emulator.blobs import LIFETIME_S, READ, WRITE, Blobs


class Hands:
    """A clock that is set."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def parts(address: str) -> tuple[str, str, str]:
    """What it allows, until when, and its signature."""
    query = parse_qs(urlsplit(address).query)
    return query["sp"][0], query["se"][0], query["sig"][0]


def test_an_address_ends(tmp_path: Path) -> None:
    clock = Hands()
    blobs = Blobs(tmp_path / "blobs", clock)
    may, end, signature = parts(blobs.address("a", READ))
    assert may == READ
    assert blobs.allows("a", READ, end, signature)
    assert not blobs.allows("b", READ, end, signature)
    assert not blobs.allows("a", WRITE, end, signature)
    clock.now += LIFETIME_S
    assert not blobs.allows("a", READ, end, signature)


def test_another_server_signs_in_another_way(tmp_path: Path) -> None:
    one, other = Blobs(tmp_path / "a", Hands()), Blobs(tmp_path / "b", Hands())
    _, end, signature = parts(one.address("a", READ))
    assert not other.allows("a", READ, end, signature)


def test_bytes_are_kept_private_and_forgotten(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs", Hands())
    assert blobs.read("a") is None
    blobs.write("a", b"\x00\xff")
    assert blobs.read("a") == b"\x00\xff"
    assert (tmp_path / "blobs" / "a").stat().st_mode & 0o077 == 0
    blobs.delete("a")
    blobs.delete("a")
    assert blobs.read("a") is None
