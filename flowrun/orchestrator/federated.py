"""A CI system's own token, which stands in for the secret of an external application.

GitHub gives one on a GET, Azure DevOps on a POST, both to whoever holds the job's own bearer; GitLab puts it into a
variable; others write it into a file. It is asked for anew at each sign-in, since it lives for minutes. Whom it is for
is compared by UiPath to the letter; where it refuses one, what the token says of itself is what a person must compare.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flowrun.errors import NotSignedIn, OrchestratorError, Unreachable
from flowrun.orchestrator.claims import claims_of
from flowrun.orchestrator.connection import Federation
from flowrun.orchestrator.replies import Reply, document, error_of, folded
from flowrun.orchestrator.transport import Request, Send

_AZURE_VERSION = "7.1"
_FILE_LIMIT = 64 * 1024


async def assertion(federation: Federation, send: Send) -> str:
    """The token. Raises Unreachable where its source does not answer, NotSignedIn where it gives none."""
    if federation.source == "file" and federation.file is not None:
        try:
            text = federation.file.read_text(encoding="ascii")[:_FILE_LIMIT].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise NotSignedIn(f"the CI system's token in {federation.file} cannot be read: {error}") from error
        return _whole(text, str(federation.file))
    if federation.source == "token":
        return _whole(federation.token, "its variable")
    where = urlsplit(federation.url).netloc
    request, name = (_github if federation.source == "github" else _azure)(federation)
    try:
        reply = await send(request)
        if not reply.succeeded:
            raise _refused(reply, federation)
        answer = folded(document(reply))
    except NotSignedIn:
        raise
    except OrchestratorError as error:
        raise Unreachable(
            f"the CI system's token could not be had from {where}: {error.message}", method=request.method, url=where
        ) from error
    return _whole(answer.get(name), where)


def misfit(token: str, now: float) -> str:
    """What to do where Orchestrator refuses the token: compare what it says of itself. It is not shown."""
    claims = claims_of(token)
    if claims is None:
        return "It is no JWT: is it the token of the CI system?"
    if claims.ends is not None and claims.ends <= now:
        ended = datetime.fromtimestamp(claims.ends, UTC)
        return f"It ended at {ended:%Y-%m-%d %H:%M:%S} UTC: start the job anew, or give the token a longer life."
    audience = " and ".join(claims.audiences) or "none"
    said = f"issuer {claims.issuer or 'none'}, subject {claims.subject or 'none'}, audience {audience}"
    return f"It says: {said}. The application needs a federated credential with exactly these; check UIPATH_CLIENT_ID."


def _github(federation: Federation) -> tuple[Request, str]:
    return Request("GET", _with(federation.url, audience=federation.audience), _bearer(federation)), "value"


def _azure(federation: Federation) -> tuple[Request, str]:
    """The audience of Azure DevOps is fixed."""
    url = _with(federation.url, **{"api-version": _AZURE_VERSION})
    headers = {**_bearer(federation), "X-TFS-FedAuthRedirect": "Suppress"}  # a 401 instead of a way to a sign-in page
    return Request("POST", url, headers, body={}), "oidctoken"


def _bearer(federation: Federation) -> dict[str, str]:
    return {"Authorization": f"Bearer {federation.bearer}"}


def _with(url: str, **more: str) -> str:
    """The URL with these in its query, unless it has them."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    query += [(name, value) for name, value in more.items() if value and name not in dict(query)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _refused(reply: Reply, federation: Federation) -> OrchestratorError:
    error = error_of(reply, "get the CI system's token", 0.0)
    if not 400 <= reply.status < 500:  # noqa: PLR2004 - HTTP's own numbers
        return error
    hint = {
        "github": "The job needs `permissions: id-token: write`.",
        "azure": "The step needs `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`.",
    }.get(federation.source)
    return NotSignedIn(error.message, hint=hint, status=reply.status)


def _whole(value: Any, where: str) -> str:
    """It is one line without spaces, or something else was given."""
    if isinstance(value, str) and value and value.isascii() and value.isprintable() and " " not in value:
        return value
    raise NotSignedIn(f"the CI system gave no token: there is none in {where}")
