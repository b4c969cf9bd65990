"""Identity: tokens for applications, by secret or by a CI system's token; the sign-in of older standalone servers."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from flowrun.emulator import jwt
from flowrun.emulator.applications import LIFETIME_S, Application, Federated
from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply
from flowrun.emulator.guard import basic, is_same
from flowrun.emulator.scopes import FREE

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_USER_LIFETIME_S = 1800.0


class _Refusal(Exception):
    """An error of OAuth2, by its name."""


def token(call: Call) -> Reply:
    """`POST /identity_/connect/token`."""
    try:
        form = {name: values[-1] for name, values in parse_qs(call.body.decode("utf-8")).items()}
    except (UnicodeDecodeError, ValueError):
        return _refused("invalid_request")
    try:
        return _granted(call, form)
    except _Refusal as refusal:
        return _refused(str(refusal))


def authenticate(call: Call) -> Reply:
    """`POST /api/Account/Authenticate`."""
    given = call.json()
    name, password, tenant = (given.get(key) for key in ("usernameoremailaddress", "password", "tenancyname"))
    users = call.tenant.deployment.accounts.users
    user = users.get(str(name).lower()) if users is not None else None
    secret = call.tenant.guard.token if users is None else user.password if user is not None else ""
    known = isinstance(password, str) and bool(secret) and is_same(password, secret)
    if not known or (user is not None and str(tenant or "default").lower() != user.tenant.lower()):
        raise ApiError(401, 0, "Invalid username or password.")
    lifetime = _USER_LIFETIME_S if user is None else user.lifetime
    body = {
        "result": call.tenant.guard.issue({"sub": str(name), "iss": _issuer(call)}, lifetime),
        "targetUrl": None,
        "success": True,
        "error": None,
        "unAuthorizedRequest": False,
        "__abp": True,
    }
    return Reply(200, body, PLAIN_JSON)


def _granted(call: Call, form: dict[str, str]) -> Reply:
    """A token for who the form shows itself to be. Raises _Refusal."""
    if form.get("grant_type") != "client_credentials":
        raise _Refusal("unsupported_grant_type")
    name, secret = basic(call.headers.get("authorization"))
    name, secret = form.get("client_id", name), form.get("client_secret", secret)
    application = _application(call, name)
    if "client_assertion" in form:
        _check_assertion(call, application, form)
    elif not is_same(secret, application.secret or call.tenant.guard.token):
        raise _Refusal("invalid_client")
    asked = frozenset(form.get("scope", "").split())
    if application.scopes is not None and not asked - FREE <= application.scopes:
        raise _Refusal("invalid_scope")
    scopes = asked or application.scopes or FREE
    claims = {"client_id": application.id, "sub": application.id, "iss": _issuer(call), "scope": sorted(scopes)}
    body = {
        "access_token": call.tenant.guard.issue(claims, application.lifetime, scopes),
        "expires_in": application.lifetime if application.lifetime % 1 else int(application.lifetime),
        "token_type": "Bearer",
        "scope": " ".join(sorted(scopes)),
    }
    return Reply(200, body, PLAIN_JSON, headers={"Cache-Control": "no-store"})


def _application(call: Call, name: str) -> Application:
    known = call.tenant.deployment.accounts.applications
    found = Application(name, lifetime=LIFETIME_S) if known is None else known.get(name.lower())
    if not name or found is None:
        raise _Refusal("invalid_client")
    return found


def _check_assertion(call: Call, application: Application, form: dict[str, str]) -> None:
    """It is signed by the key of a federated credential, for its subject and audience, and has not ended."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _Refusal("invalid_request")
    now = call.tenant.guard.now()
    for credential in application.federated:
        claims = jwt.verified(form["client_assertion"], credential.key.encode())
        if claims is not None and _fits(claims, credential, now):
            return
    raise _Refusal("invalid_client")


def _fits(claims: dict[str, Any], credential: Federated, now: float) -> bool:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    begins, ends = claims.get("nbf", 0), claims.get("exp")
    return (
        claims.get("iss") == credential.issuer
        and claims.get("sub") == credential.subject
        and (credential.audience is None or credential.audience in audiences)
        and isinstance(begins, int | float)
        and isinstance(ends, int | float)
        and begins <= now < ends
    )


def _issuer(call: Call) -> str:
    return f"http://{call.headers.get('host', '')}/identity_"


def _refused(error: str) -> Reply:
    return Reply(400, {"error": error}, PLAIN_JSON)
