from __future__ import annotations

import pytest

from flowrun.emulator.jwt import signed, verified

KEY = b"sixteen letters!"
TOKEN = signed({"sub": "me"}, KEY)


def test_a_token_is_what_its_key_signed() -> None:
    assert verified(TOKEN, KEY) == {"sub": "me"}
    assert verified(TOKEN, b"another key") is None


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b", "a.b.c", TOKEN.rpartition(".")[0], f"{TOKEN}x", f"x.{TOKEN}", TOKEN.replace(".", ".e30"), "é.é.é"],
)
def test_what_is_none(token: str) -> None:
    assert verified(token, KEY) is None


def test_no_other_algorithm_is_taken() -> None:
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9."
    assert verified(unsigned, KEY) is None
