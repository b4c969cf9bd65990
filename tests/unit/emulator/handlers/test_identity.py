from __future__ import annotations

import httpx
import pytest

from tests.unit.emulator.conftest import Served

PATHS = ["/identity_/connect/token", "/org/identity_/connect/token", "/identity/connect/token"]


@pytest.mark.parametrize("path", PATHS)
async def test_client_credentials(served: Served, path: str) -> None:
    async with httpx.AsyncClient(base_url=served.root, trust_env=False) as http:
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
    async with httpx.AsyncClient(base_url=served.root, trust_env=False) as http:
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
