"""Identity: tokens for client credentials, and the sign-in of older standalone servers.

The client secret, and the password, are the emulator's own token; client id and user name may be anything.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply
from flowrun.emulator.guard import LIFETIME_S, basic


def token(call: Call) -> Reply:
    """`POST /identity_/connect/token`."""
    try:
        form = {name: values[-1] for name, values in parse_qs(call.body.decode("utf-8")).items()}
    except (UnicodeDecodeError, ValueError):
        return _refused("invalid_request")
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type")
    client_id, secret = basic(call.headers.get("authorization"))
    client_id, secret = form.get("client_id", client_id), form.get("client_secret", secret)
    if not client_id or not call.tenant.guard.is_secret(secret):
        return _refused("invalid_client")
    body = {
        "access_token": call.tenant.guard.issue(),
        "expires_in": LIFETIME_S,
        "token_type": "Bearer",
        "scope": form.get("scope", "OR.Default"),
    }
    return Reply(200, body, PLAIN_JSON, headers={"Cache-Control": "no-store"})


def authenticate(call: Call) -> Reply:
    """`POST /api/Account/Authenticate`."""
    given = call.json()
    password = given.get("password")
    if not isinstance(password, str) or not call.tenant.guard.is_secret(password):
        raise ApiError(401, 0, "Invalid username or password.")
    body = {
        "result": call.tenant.guard.issue(),
        "targetUrl": None,
        "success": True,
        "error": None,
        "unAuthorizedRequest": False,
        "__abp": True,
    }
    return Reply(200, body, PLAIN_JSON)


def _refused(error: str) -> Reply:
    return Reply(400, {"error": error}, PLAIN_JSON)
