"""Pipelines that keep no secret: the CI system's own token, from a server that plays the issuer, for a run."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flowrun.emulator.jwt import signed
from tests.e2e.elsewhere import Elsewhere, answer, answering
from tests.e2e.harness import Desk

KEY = "what signs the tokens of all issuers"
ISSUERS = {
    "github": ("https://token.actions.githubusercontent.com", "repo:acme/flows:ref:refs/heads/main", "uipath"),
    "gitlab": ("https://gitlab.com", "project_path:acme/flows:ref_type:branch:ref:main", "uipath"),
    "azure": ("https://vstoken.dev.azure.com/0e1", "p://acme/flows/nightly", "api://AzureADTokenExchange"),
    "connection": ("https://vstoken.dev.azure.com/0e1", "sc://acme/flows/uipath", "api://AzureADTokenExchange"),
    "cluster": ("https://oidc.prod-aks.example/0e1", "system:serviceaccount:rpa:flows", "api://AzureADTokenExchange"),
}
CATALOG = (
    "releases:\n  Nap: {builtin: sleep, seconds: 1}\napplications:\n"
    + "".join(
        f"  {name}:\n    secret: another\n    token_lifetime: 1.5\n    federated:\n"
        f'      - {{issuer: "{issuer}", subject: "{subject}", audience: "{audience}", key: "{KEY}"}}\n'
        for name, (issuer, subject, audience) in ISSUERS.items()
    )
    + "  reader:\n    scopes: [OR.Folders.Read]\n    federated:\n"
    + f'      - {{issuer: "https://gitlab.com", subject: "{ISSUERS["gitlab"][1]}", key: "{KEY}"}}\n'
)
WORKFLOW = """
flowrun: 1
name: naps
steps:
  first: {release: Nap}
  second: {release: Nap, needs: first}
  third: {release: Nap, needs: second}
"""


def token(name: str, life: float = 60.0, **more: Any) -> str:
    """As the issuer would give it."""
    issuer, subject, audience = ISSUERS[name]
    now = time.time()
    claims = {"iss": issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now - 1, "exp": now + life, **more}
    return signed(claims, KEY.encode())


def github(handler: BaseHTTPRequestHandler) -> None:
    """A GET with the job's bearer; the audience is that of the query, or the owner of the repository."""
    query = parse_qs(urlsplit(handler.path).query)
    if (
        handler.command != "GET"
        or handler.headers["Authorization"] != "Bearer of the job"
        or "api-version" not in query
    ):
        answer(handler, b'{"message": "Unauthorized"}', 401)
        return
    audience = query.get("audience", ["https://github.com/acme"])[0]
    answer(handler, json.dumps({"count": 9, "value": token("github", aud=audience)}).encode())


def azure(handler: BaseHTTPRequestHandler) -> None:
    """A POST of JSON with the system's token; with the id of a service connection, its identity."""
    query = parse_qs(urlsplit(handler.path).query)
    handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
    good = handler.headers["Authorization"] == "Bearer of the job" and query.get("api-version") == ["7.1"]
    if handler.command != "POST" or not good or handler.headers["Content-Type"] != "application/json":
        answer(handler, b'{"message": "Unauthorized"}', 401)
        return
    name = "connection" if query.get("serviceConnectionId") == ["5c-1"] else "azure"
    answer(handler, json.dumps({"oidcToken": token(name)}).encode())


@contextlib.contextmanager
def job(name: str, folder: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """The variables of a job of that CI system, and what its issuer is asked."""
    client = {"UIPATH_CLIENT_ID": name}
    if name == "github":
        with answering(github) as (url, asked):
            pair = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}?api-version=2.0"}
            more = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of the job", "FLOWRUN_OIDC_AUDIENCE": "uipath"}
            yield {**client, **pair, **more}, asked
    elif name == "gitlab":
        yield {**client, "FLOWRUN_OIDC_TOKEN": token("gitlab", life=600)}, []
    elif name == "cluster":
        file = folder / "projected"
        ended = threading.Event()
        file.write_text(token("cluster"))
        thread = threading.Thread(target=_rotate, args=(file, ended))
        thread.start()
        yield {**client, "AZURE_FEDERATED_TOKEN_FILE": str(file)}, []
        ended.set()
        thread.join()
    else:
        with answering(azure) as (url, asked):
            pair = {"SYSTEM_OIDCREQUESTURI": url, "SYSTEM_ACCESSTOKEN": "of the job"}
            yield {**client, **pair, **({"FLOWRUN_OIDC": "azure:5c-1"} if name == "connection" else {})}, asked


def _rotate(file: Path, ended: threading.Event) -> None:
    """Write short-lived tokens one after the other, as a kubelet does."""
    while not ended.wait(0.4):
        part = file.with_name("part")
        part.write_text(token("cluster", life=2))
        part.replace(file)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    made = Elsewhere(tmp_path, CATALOG)
    yield made
    made.close()


@pytest.fixture
def naps(desk: Desk) -> str:
    (desk.specs / "naps.yaml").write_text(WORKFLOW, encoding="utf-8")
    return "specs/naps.yaml"


@pytest.mark.parametrize("name", list(ISSUERS))
def test_a_run_outlives_its_tokens(desk: Desk, naps: str, elsewhere: Elsewhere, tmp_path: Path, name: str) -> None:
    """Orchestrator's token ends every 1.5 seconds here; each new one takes another of the issuer's."""
    with job(name, tmp_path) as (variables, asked):
        ended = desk.flowrun("run", naps, environment=elsewhere.environment | variables)
    assert ended.code == 0, ended.err
    signed_in = elsewhere.requests("Token")
    assert len(signed_in) >= 2
    assert {one["status"] for one in signed_in} == {200}
    assert len(asked) == (len(signed_in) if name in ("github", "azure", "connection") else 0)
    assert [one["status"] for one in elsewhere.requests("StartJobs")] == [201, 201, 201]


@pytest.mark.parametrize(
    ("client", "claims", "said"),
    [
        ("gitlab", {"aud": "other"}, ("audience other", "exactly these")),
        ("gitlab", {"sub": "project_path:acme/fork"}, ("subject project_path:acme/fork",)),
        ("gitlab", {"iss": "https://gitlab.example"}, ("issuer https://gitlab.example",)),
        ("gitlab", {"exp": 1_700_000_000}, ("It ended at 2023-11-14 22:13:20 UTC",)),
        ("github", {}, ("UIPATH_CLIENT_ID",)),
        ("reader", {}, ("invalid_scope", "UIPATH_SCOPE")),
    ],
)
def test_a_token_that_does_not_fit_is_code_5_and_says_what_to_compare(
    desk: Desk, elsewhere: Elsewhere, client: str, claims: dict[str, Any], said: tuple[str, ...]
) -> None:
    given = token("gitlab", **claims)
    environment = elsewhere.environment | {"UIPATH_CLIENT_ID": client, "FLOWRUN_OIDC_TOKEN": given}
    ended = desk.flowrun("jobs", "start", "Nap", environment=environment)
    assert ended.code == 5, ended.err
    assert [words for words in said if words not in ended.err] == [], ended.err
    assert given.rpartition(".")[2] not in ended.err
    assert elsewhere.requests("StartJobs") == []


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("github", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "id-token: write"),
        ("azure", "SYSTEM_ACCESSTOKEN", "System.AccessToken"),
    ],
)
def test_a_job_that_may_not_have_a_token_is_told_what_it_needs(
    desk: Desk, elsewhere: Elsewhere, name: str, wrong: str, said: str
) -> None:
    with job(name, desk.specs) as (variables, _):
        ended = desk.flowrun("jobs", "list", environment=elsewhere.environment | variables | {wrong: "of another"})
        assert (ended.code, said in ended.err) == (5, True), ended.err
        without = {"FLOWRUN_OIDC": name, wrong: ""}
        ended = desk.flowrun("jobs", "list", environment=elsewhere.environment | variables | without)
    assert (ended.code, said in ended.err) == (3, True), ended.err
    assert elsewhere.requests("Token") == []


def test_doctor_says_whose_token_it_is(desk: Desk, elsewhere: Elsewhere, tmp_path: Path) -> None:
    with job("github", tmp_path) as (variables, _):
        found = {one["name"]: one for one in _doctor(desk, elsewhere.environment | variables)}
    assert "application github, with GitHub's token: client github" in found["sign-in"]["text"]


def _doctor(desk: Desk, environment: dict[str, str]) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = desk.flowrun("doctor", "-o", "json", environment=environment).data
    return data
