from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from flowrun.orchestrator.claims import Claims, claims_of


def token(claims: Any) -> str:
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{text}.signature"


@pytest.mark.parametrize(
    ("claims", "meant"),
    [
        ({}, Claims()),
        ({"client_id": "a", "scope": ["OR.Jobs"], "exp": 5}, Claims("a", "", "", frozenset({"OR.Jobs"}), 5.0)),
        ({"sub": "u", "scope": "A B", "iss": "i"}, Claims("", "u", "i", frozenset({"A", "B"}), subject="u")),
        ({"sub": "u", "email": "me@acme.com"}, Claims(user="me@acme.com", subject="u")),
        ({"aud": "a"}, Claims(audiences=("a",))),
        ({"aud": ["a", 5, "b"]}, Claims(audiences=("a", "b"))),
        ({"client_id": 5, "exp": "soon", "scope": 7, "sub": "two\nlines"}, Claims()),
    ],
)
def test_what_a_token_says(claims: Any, meant: Claims) -> None:
    assert claims_of(token(claims)) == meant


@pytest.mark.parametrize("opaque", ["", "rt_0123-1", "a.b.c", "a.b", token([1]), "a.é.c"])
def test_opaque_tokens_say_nothing(opaque: str) -> None:
    assert claims_of(opaque) is None
