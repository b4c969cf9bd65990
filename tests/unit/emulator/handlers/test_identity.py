from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from flowrun.emulator.jwt import signed
from tests.unit.emulator.conftest import BUILTINS, Serve, Served

ACCOUNTS = (
    BUILTINS
    + """
applications:
  ci:
    secret: s3cret
    scopes: [OR.Jobs, OR.Folders.Read]
    token_lifetime: 60
    federated:
      - {issuer: "https://ci.example", subject: "repo:acme/x", audience: uipath, key: a key of the catalog}
  open: other
users:
  admin: {password: pw, tenant: acme}
"""
)
CLAIMS = {"iss": "https://ci.example", "sub": "repo:acme/x", "aud": "uipath"}

PATHS = ["/identity_/connect/token", "/org/identity_/connect/token", "/identity/connect/token"]


@pytest.mark.parametrize("path", PATHS)
async def test_client_credentials(served: Served, path: str) -> None:
    async with httpx.AsyncClient(base_url=served.root, trust_env=False, verify=False) as http:
        form = {"grant_type": "client_credentials", "client_id": "app", "scope": "OR.Jobs"}
        answer = await http.post(path, data={**form, "client_secret": served.emulator.token})
        token = answer.json()
        assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "OR.Jobs")
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert (await http.get("/odata/Jobs", headers=headers)).status_code == 200
        basic = await http.post(path, data={"grant_type": "client_credentials"}, auth=("app", served.emulator.token))
        assert basic.status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "app", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
    ],
)
async def test_refusals_in_the_form_of_oauth(served: Served, form: dict[str, str], error: str) -> None:
    answer = await served.http.post(f"{served.root}{PATHS[0]}", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_the_sign_in_of_older_servers(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.root, trust_env=False, verify=False) as http:
        body = {"tenancyName": "default", "usernameOrEmailAddress": "me", "password": served.emulator.token}
        answer = (await http.post("/api/Account/Authenticate", json=body)).json()
        assert answer["success"]
        headers = {"Authorization": f"Bearer {answer['result']}"}
        assert (await http.get("/odata/Folders", headers=headers)).status_code == 200
        assert (await http.post("/api/Account/Authenticate", json=body | {"password": "no"})).status_code == 401


async def test_no_secret_reaches_the_ledger(served: Served) -> None:
    form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": served.emulator.token}
    await served.http.post(f"{served.root}{PATHS[0]}", data=form)
    assert served.emulator.token not in (served.emulator.state / "ledger.jsonl").read_text()


@pytest.fixture
async def anyone(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is not signed in, of an emulator with accounts."""
    served = await serve(ACCOUNTS)
    async with httpx.AsyncClient(base_url=served.root, trust_env=False, verify=False) as http:
        yield http


async def sign_in(http: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await http.post(PATHS[0], data={"grant_type": "client_credentials", "client_id": "ci", **form})


def assertion(key: str = "a key of the catalog", **claims: Any) -> dict[str, str]:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    token = signed({**CLAIMS, "exp": time.time() + 60, **claims}, key.encode())
    return {"client_assertion_type": kind, "client_assertion": token}


async def test_an_application_of_the_catalog_gets_its_scopes_and_no_others(anyone: httpx.AsyncClient) -> None:
    answer = (await sign_in(anyone, client_secret="s3cret")).json()
    assert (answer["expires_in"], answer["scope"]) == (60, "OR.Folders.Read OR.Jobs")
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert (await anyone.get("/odata/Jobs", headers=headers)).status_code == 200
    forbidden = await anyone.get("/odata/Releases", headers=headers)
    assert (forbidden.status_code, forbidden.json()["message"]) == (403, "You are not authorized!")
    narrow = (await sign_in(anyone, client_secret="s3cret", scope="OR.Folders.Read")).json()
    headers = {"Authorization": f"Bearer {narrow['access_token']}"}
    assert (await anyone.get("/odata/Jobs", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody", "client_secret": "s3cret"}, "invalid_client"),
        ({"client_id": "open", "client_secret": "s3cret"}, "invalid_client"),
        ({"client_secret": "s3cret", "scope": "OR.Jobs OR.Assets"}, "invalid_scope"),
        (assertion(key="another key of theirs"), "invalid_client"),
        (assertion(sub="repo:acme/y"), "invalid_client"),
        (assertion(iss="https://evil.example"), "invalid_client"),
        (assertion(aud="other"), "invalid_client"),
        (assertion(exp=1), "invalid_client"),
        (assertion(exp="never"), "invalid_client"),
        (assertion() | {"client_id": "open"}, "invalid_client"),
        (assertion() | {"client_assertion_type": "saml"}, "invalid_request"),
    ],
)
async def test_who_is_refused(anyone: httpx.AsyncClient, form: dict[str, str], error: str) -> None:
    answer = await sign_in(anyone, **form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("claims", [{}, {"aud": ["a", "uipath"]}])
async def test_a_ci_system_s_token_stands_in_for_the_secret(anyone: httpx.AsyncClient, claims: dict[str, Any]) -> None:
    answer = await sign_in(anyone, **assertion(**claims))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 200), ({"tenancyName": "other"}, 401), ({"password": "no"}, 401), ({"usernameOrEmailAddress": "x"}, 401)],
)
async def test_users_of_the_catalog(anyone: httpx.AsyncClient, body: dict[str, str], status: int) -> None:
    given = {"tenancyName": "acme", "usernameOrEmailAddress": "Admin", "password": "pw", **body}
    assert (await anyone.post("/api/Account/Authenticate", json=given)).status_code == status


async def test_tokens_can_be_issued_for_a_while_and_revoked(served: Served) -> None:
    made = await served.http.post(f"{served.root}/emulator/tokens", json={"lifetime": 60, "scopes": ["OR.Jobs"]})
    headers = {"Authorization": f"Bearer {made.json()['access_token']}"}
    assert (await served.http.get("/odata/Jobs", headers=headers)).status_code == 200
    assert (await served.http.get("/odata/Robots", headers=headers)).status_code == 403
    assert (await served.http.delete(f"{served.root}/emulator/tokens")).json() == {"revoked": 1}
    assert (await served.http.get("/odata/Jobs", headers=headers)).status_code == 401
    wrong = await served.http.post(f"{served.root}/emulator/tokens", json={"lifetime": -1})
    assert wrong.status_code == 400
