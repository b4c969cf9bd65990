"""The ways to sign in that give a token for a while: an application's secret or federation, a user's password.

Source: the API facts, 1.2; `client_assertion` is RFC 7523. Whatever fails here fails before the request proper: nothing
of that was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowrun.errors import Ambiguous, NotSignedIn, OrchestratorError, Refused, Unreachable
from flowrun.orchestrator import advice
from flowrun.orchestrator.address import Address
from flowrun.orchestrator.connection import Connection, Federation
from flowrun.orchestrator.federated import assertion, misfit
from flowrun.orchestrator.replies import Reply, Unreadable, document, error_of, folded
from flowrun.orchestrator.transport import Request, Send

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_APPLICATION_LIFE = 3_600.0
_USER_LIFE = 1_800.0
_SECRET_HINT = "Check UIPATH_CLIENT_ID and UIPATH_CLIENT_SECRET, and the application's scopes against UIPATH_SCOPE."  # noqa: S105 - a hint
_USER_HINT = (
    "Check UIPATH_USERNAME, UIPATH_PASSWORD and UIPATH_TENANT_NAME. A user of a directory needs an application."
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A token, and for how many seconds it is good."""

    token: str
    seconds: float

    def __repr__(self) -> str:
        return f"Grant(seconds={self.seconds:g})"


async def sign_in(connection: Connection, address: Address, send: Send, now: float) -> Grant:
    """By what the connection has. Raises Unreachable, Throttled, NotSignedIn: never Ambiguous."""
    if connection.client_id is None:
        return await _user(connection, address, send, now)
    form = {"grant_type": "client_credentials", "client_id": connection.client_id, "scope": connection.scope}
    if connection.federation is None:
        return await _application(address, form | {"client_secret": connection.client_secret or ""}, send, now)
    return await _federated(connection.federation, address, form, send, now)


async def _federated(federation: Federation, address: Address, form: dict[str, str], send: Send, now: float) -> Grant:
    token = await assertion(federation, send)
    form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}
    try:
        return await _application(address, form, send, now)
    except NotSignedIn as error:
        hint = error.hint if "scope" in error.message else misfit(token, now)
        message = f"the CI system's token is not accepted: {error.message}"
        raise NotSignedIn(
            message, hint=hint, method="POST", url=error.url, status=error.status, trace_id=error.trace_id
        ) from error


async def _application(address: Address, form: dict[str, str], send: Send, now: float) -> Grant:
    reply, answer = await _asked(Request("POST", address.tokens, form=form), send, now, _SECRET_HINT)
    life = answer.get("expires_in")
    seconds = float(life) if isinstance(life, int | float) and life > 0 else _APPLICATION_LIFE
    return Grant(_token(answer.get("access_token"), reply), seconds)


async def _user(connection: Connection, address: Address, send: Send, now: float) -> Grant:
    """`POST /api/Account/Authenticate`, of older standalone servers. It does not say for how long: about 30 minutes."""
    body = {
        "tenancyName": connection.tenant or "default",
        "usernameOrEmailAddress": connection.username or "",
        "password": connection.password or "",
    }
    reply, answer = await _asked(Request("POST", address.users, body=body), send, now, _USER_HINT)
    if answer.get("success") is False:
        said = folded(answer.get("error")).get("message")
        raise NotSignedIn(f"cannot sign in: {said or 'refused'}", hint=_USER_HINT, method="POST", url=address.users)
    return Grant(_token(answer.get("result"), reply), _USER_LIFE)


async def _asked(request: Request, send: Send, now: float, hint: str) -> tuple[Reply, dict[str, Any]]:
    try:
        reply = await send(request)
        if not reply.succeeded:
            raise error_of(reply, advice.TOKEN.purpose, now)
        return reply, folded(document(reply))
    except Ambiguous as error:
        raise _failed(error, request) from error
    except (NotSignedIn, Refused) as error:
        raise NotSignedIn(
            error.message, hint=hint, method="POST", url=request.url, status=error.status, trace_id=error.trace_id
        ) from error


def _failed(error: OrchestratorError, request: Request) -> OrchestratorError:
    message = f"signing in failed: {error.message}"
    return Unreachable(message, hint=error.hint, method="POST", url=request.url, status=error.status)


def _token(value: object, reply: Reply) -> str:
    if isinstance(value, str) and value and value.isascii() and value.isprintable():
        return value
    fault = Unreadable("there is no token in the answer")
    raise Unreachable("signing in gave no token", method="POST", url=reply.url, status=reply.status) from fault
