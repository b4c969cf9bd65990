from __future__ import annotations

import json
from typing import Any

import pytest

from flowrun.errors import Ambiguous, NotSignedIn, OrchestratorError, Refused, Throttled
from flowrun.orchestrator.replies import Outage, Reply, Unreadable, document, error_of

NOW = 1_700_000_000.0
CODED = json.dumps({"message": "No.", "errorCode": 1670, "traceId": "00-abc"}).encode()


def error(status: int, body: bytes = b"", method: str = "POST", **headers: str) -> OrchestratorError:
    return error_of(
        Reply(method, "http://h/x", status, {k.replace("_", "-"): v for k, v in headers.items()}, body), "do it", NOW
    )


CLASSES = {
    NotSignedIn: (401, 403),
    Throttled: (429,),
    Refused: (400, 404, 405, 409, 413, 415, 422),
    Ambiguous: (301, 302, 307, 308, 402, 406, 408, 410, 418, 421, 425, 451, 500, 501, 502, 503, 504, 507, 524, 599),
}


@pytest.mark.parametrize(("kind", "status"), [(kind, status) for kind, all_ in CLASSES.items() for status in all_])
def test_every_status_of_a_post_is_in_one_class(kind: Any, status: int) -> None:
    assert [known for known in CLASSES if isinstance(error(status, CODED), known)] == [kind]


def test_a_conflict_without_a_code_may_have_been_done() -> None:
    assert isinstance(error(409, b"<html>"), Ambiguous)


@pytest.mark.parametrize(("body", "kind"), [(b"", Refused), (CODED, Refused), (b"<html>gone</html>", Unreadable)])
def test_a_read_is_not_found_only_by_the_api_itself(body: Any, kind: Any) -> None:
    assert type(error(404, body, "GET")) is kind


@pytest.mark.parametrize(
    "body",
    [
        {"message": "No.", "errorCode": 1002, "traceId": "t"},
        {"Message": "No.", "ErrorCode": 1002, "TraceId": "t", "ResourceIds": None},
        {"error": {"message": "No.", "errorCode": 1002, "traceId": "t"}},
    ],
)
def test_error_bodies_in_any_case_and_envelope(body: Any) -> None:
    found = error(404, json.dumps(body).encode())
    assert (found.message, found.code, found.trace_id, found.status) == ("cannot do it: No.", 1002, "t", 404)


def test_the_abp_envelope() -> None:
    body = {
        "message": "You are not authenticated!",
        "errorCode": 0,
        "success": False,
        "error": {"code": 0},
        "__abp": True,
    }
    found = error(401, json.dumps(body).encode())
    assert (found.message, found.code) == ("cannot do it: You are not authenticated!", None)


def test_an_oauth_error() -> None:
    assert error(400, b'{"error": "invalid_client"}').message == "cannot do it: invalid_client"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"message": {"a": 1}, "errorCode": "x"}', b"[" * 100_000]
)
def test_a_body_that_says_nothing(body: Any) -> None:
    found = error(400, body)
    assert (found.message, found.code) == ("cannot do it: the server answered 400 (Bad Request)", None)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry_after": "7"}, b"", 7),
        ({"retry_after": "1.5"}, b"", 1.5),
        ({"retry_after": "Tue, 14 Nov 2023 22:13:50 GMT"}, b"", 30),
        ({"retry_after": "Tue, 14 Nov 2000 22:13:50 GMT"}, b"", 0),
        ({"retry_after": "soon"}, b"", None),
        ({"retry_after": "inf"}, b"", None),
        ({"retry_after": "-1"}, b"", None),
        ({}, b'{"retry_after": 4}', 4),
        ({"retry_after": "0"}, b'{"retry_after": 4}', 0),
        ({}, b"", None),
    ],
)
def test_how_long_to_wait(headers: Any, body: Any, seconds: Any) -> None:
    throttled = error(429, body, **headers)
    assert isinstance(throttled, Throttled)
    assert throttled.retry_after == seconds


def test_an_outage_may_say_how_long_it_lasts() -> None:
    outage = error(503, retry_after="9")
    assert isinstance(outage, Outage)
    assert outage.retry_after == 9


def test_a_redirect_says_where_to() -> None:
    assert "http://elsewhere" in (error(302, location="http://elsewhere").hint or "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"<!doctype html>", "HTML"),
        (b'{"value": [', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_not_json_is_unreadable(body: Any, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        document(Reply("POST", "http://h/x", 201, {}, body))


def test_a_document() -> None:
    assert document(Reply("GET", "u", 200, {}, b'\xef\xbb\xbf{"a": "\\u00e9"}')) == {"a": "é"}


@pytest.mark.parametrize("body", ["[" * 64 + "]" * 64, '{"a": ' * 64 + '"' + "[{" * 99 + '"' + "}" * 64])
def test_a_reply_has_so_many_levels(body: str) -> None:
    assert document(Reply("GET", "u", 200, {}, body.encode())) == json.loads(body)
    with pytest.raises(Unreadable, match="64 levels"):
        document(Reply("GET", "u", 200, {}, f"[{body}]".encode()))


def test_half_a_surrogate_pair_cannot_be_kept() -> None:
    value = document(Reply("GET", "u", 200, {}, b'{"a": ["\\ud800x", "\\ud83d\\ude00"], "\\uDC00": 1}'))
    assert value == {"a": ["\ufffdx", "\U0001f600"], "\ufffd": 1}
