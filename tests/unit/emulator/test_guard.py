from __future__ import annotations

import base64

import pytest

from flowrun.emulator.guard import Guard, basic, check_address, check_loopback, hosts
from flowrun.errors import UsageError

ALLOWED = hosts("127.0.0.1", 8080)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", "::", ""])
def test_only_loopback_is_bound(host: str) -> None:
    with pytest.raises(UsageError, match="loopback"):
        check_loopback(host)


@pytest.mark.parametrize(("host", "bound"), [("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "::1")])
def test_loopback_in_its_forms(host: str, bound: str) -> None:
    assert check_loopback(host) == bound


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"host": "127.0.0.1:8080"}, False),
        ({"host": "LOCALHOST:8080"}, False),
        ({"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"}, False),
        ({"host": "127.0.0.1:8081"}, True),
        ({"host": "attacker.example:8080"}, True),
        ({}, True),
        ({"host": "127.0.0.1:8080", "origin": "https://attacker.example"}, True),
        ({"host": "127.0.0.1:8080", "origin": "null"}, True),
    ],
)
def test_host_and_origin(headers: dict[str, str], refused: bool) -> None:  # noqa: FBT001 - the case itself
    assert (check_address(headers, ALLOWED) is not None) is refused


def test_the_first_token_stays_and_issued_ones_expire() -> None:
    now = 1000.0
    guard = Guard("first", lambda: now)
    issued = guard.issue({}, 3600)
    assert guard.accepts("Bearer first")
    assert guard.accepts(f"bearer {issued}")
    now += 3600
    assert guard.accepts("BEARER first")
    assert not guard.accepts(f"Bearer {issued}")


@pytest.mark.parametrize("given", [None, "", "first", "Basic first", "Bearer", "Bearer firsts", "Bearer \udcff"])
def test_what_is_no_token(given: str | None) -> None:
    assert not Guard("first", lambda: 0.0).accepts(given)


def test_basic() -> None:
    assert basic("Basic " + base64.b64encode(b"id:a:b").decode()) == ("id", "a:b")
    assert basic("Basic %%%") == ("", "")
    assert basic(None) == ("", "")


def test_a_token_says_what_it_was_issued_for_and_can_be_revoked() -> None:
    guard = Guard("first", lambda: 1000.0)
    mine = guard.issue({"client_id": "ci"}, 60, frozenset({"OR.Jobs"}))
    other = guard.issue({"client_id": "other"}, 60)
    assert guard.scopes(f"Bearer {mine}") == frozenset({"OR.Jobs"})
    assert guard.scopes("Bearer first") is None
    assert guard.revoke("ci") == 1
    assert not guard.accepts(f"Bearer {mine}")
    assert guard.accepts(f"Bearer {other}")
    assert guard.revoke() == 1
    assert not guard.accepts(f"Bearer {other}")
    assert guard.accepts("Bearer first")
