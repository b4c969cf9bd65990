"""Signing in as people meet it: credentials that end during a run, wrong ones, other hosts, pages of proxies."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from flowrun.emulator.jwt import signed
from tests.e2e.elsewhere import Elsewhere, answer, answering
from tests.e2e.harness import Desk, wait_until

CATALOG = """
releases:
  Nap: {builtin: sleep, seconds: 1}
applications:
  ci:
    secret: s3cret
    token_lifetime: 1.5
    federated:
      - {issuer: "https://ci.example", subject: "repo:acme/x", key: a key of the catalog}
  reader: {secret: s3cret, scopes: [OR.Jobs.Read, OR.Execution.Read, OR.Folders.Read, OR.Robots.Read]}
users:
  admin: {password: pw, tenant: acme}
"""
WORKFLOW = """
flowrun: 1
name: naps
steps:
  first: {release: Nap}
  second: {release: Nap, needs: first}
  third: {release: Nap, needs: second}
"""
SECRET = {"UIPATH_CLIENT_ID": "ci", "UIPATH_CLIENT_SECRET": "s3cret"}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    made = Elsewhere(tmp_path, CATALOG)
    yield made
    made.close()


@pytest.fixture
def naps(desk: Desk) -> str:
    (desk.specs / "naps.yaml").write_text(WORKFLOW, encoding="utf-8")
    return "specs/naps.yaml"


def page(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, b"<html>Please sign in to the proxy</html>")


def test_a_token_that_ends_during_the_run_is_renewed(desk: Desk, naps: str, elsewhere: Elsewhere) -> None:
    ended = desk.flowrun("run", naps, environment=elsewhere.environment | SECRET)
    assert ended.code == 0, ended.err
    assert 2 <= len(elsewhere.requests("Token")) <= 8
    assert [one["status"] for one in elsewhere.requests("StartJobs")] == [201, 201, 201]


def test_a_revoked_token_is_renewed_once_and_nothing_is_started_twice(
    desk: Desk, naps: str, elsewhere: Elsewhere
) -> None:
    running = desk.start("run", naps, environment=elsewhere.environment | SECRET | {"UIPATH_SCOPE": "OR.Default"})
    wait_until(lambda: bool(elsewhere.requests("StartJobs")), "a first Job")
    assert elsewhere.ask("DELETE", "/emulator/tokens")["revoked"] >= 1
    ended = running.ended()
    assert ended.code == 0, ended.err
    assert len([one for one in elsewhere.requests("StartJobs") if one["status"] == 201]) == 3


def test_credentials_that_end_leave_a_run_that_others_resume(desk: Desk, naps: str, elsewhere: Elsewhere) -> None:
    token = elsewhere.issued()
    running = desk.start("run", naps, environment=elsewhere.environment | {"UIPATH_ACCESS_TOKEN": token})
    wait_until(lambda: bool(elsewhere.requests("StartJobs")), "a first Job")
    elsewhere.ask("DELETE", "/emulator/tokens")
    ended = running.ended()
    assert ended.code == 5, ended.err
    assert "flowrun runs resume" in ended.err
    assert "UIPATH_ACCESS_TOKEN" in ended.err
    assert token not in ended.err
    again = desk.flowrun("runs", "resume", environment=elsewhere.environment | SECRET)
    assert again.code == 0, again.err
    assert len([one for one in elsewhere.requests("StartJobs") if one["status"] == 201]) == 3


def test_a_token_file_that_is_written_anew_keeps_the_run_going(desk: Desk, naps: str, elsewhere: Elsewhere) -> None:
    file = desk.specs / "token"
    file.touch(mode=0o600)
    file.write_text(elsewhere.issued())
    environment = elsewhere.environment | {"FLOWRUN_ACCESS_TOKEN_FILE": str(file), "FLOWRUN_PATIENCE": "20"}
    running = desk.start("run", naps, environment=environment)
    wait_until(lambda: bool(elsewhere.requests("StartJobs")), "a first Job")
    elsewhere.ask("DELETE", "/emulator/tokens")
    wait_until(lambda: any(one["status"] == 401 for one in elsewhere.requests("Job")), "the first token's end")
    file.write_text(elsewhere.issued())
    ended = running.ended()
    assert ended.code == 0, ended.err


def test_a_ci_system_s_token_needs_no_secret(desk: Desk, naps: str, elsewhere: Elsewhere) -> None:
    claims = {"iss": "https://ci.example", "sub": "repo:acme/x", "exp": time.time() + 60}
    token = signed(claims, b"a key of the catalog")

    def give(handler: BaseHTTPRequestHandler) -> None:
        right = handler.headers["Authorization"] == "Bearer runner" and "audience=uipath" in handler.path
        answer(handler, json.dumps({"value": token if right else ""}).encode())

    with answering(give) as (url, asked):
        environment = {
            "UIPATH_CLIENT_ID": "ci",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner",
            "FLOWRUN_OIDC_AUDIENCE": "uipath",
        }
        ended = desk.flowrun("run", naps, environment=elsewhere.environment | environment)
    assert ended.code == 0, ended.err
    assert asked
    assert {one["status"] for one in elsewhere.requests("Token")} == {200}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (SECRET | {"UIPATH_CLIENT_SECRET": "wrong"}, ("invalid_client", "UIPATH_CLIENT_SECRET")),
        (SECRET | {"UIPATH_CLIENT_ID": "reader"}, ("invalid_scope", "UIPATH_SCOPE")),
        ({"UIPATH_ACCESS_TOKEN": "rt_wrong"}, ("not authenticated", "UIPATH_ACCESS_TOKEN")),
        ({"UIPATH_CLIENT_ID": "ci", "FLOWRUN_OIDC_TOKEN": "a.b.c"}, ("invalid_client", "no JWT")),
    ],
)
def test_wrong_credentials_are_code_5_and_start_nothing(
    desk: Desk, naps: str, elsewhere: Elsewhere, environment: dict[str, str], said: tuple[str, ...]
) -> None:
    ended = desk.flowrun("run", naps, environment=elsewhere.environment | environment)
    assert ended.code == 5, ended.err
    assert all(words in ended.err for words in said), ended.err
    assert "s3cret" not in ended.err
    assert elsewhere.requests("StartJobs") == []
    assert desk.run_count() == 0


def test_a_folder_that_does_not_exist_is_code_3_and_says_which_there_are(
    desk: Desk, naps: str, elsewhere: Elsewhere
) -> None:
    environment = elsewhere.environment | SECRET | {"UIPATH_FOLDER_PATH": "Sharde"}
    ended = desk.flowrun("run", naps, environment=environment)
    assert ended.code == 3, ended.err
    assert "Sharde" in ended.err
    assert "Shared" in ended.err


def test_a_proxy_s_page_is_code_6_and_named(desk: Desk, naps: str) -> None:
    with answering(page) as (url, _):
        for credentials in (SECRET, {"UIPATH_ACCESS_TOKEN": "t"}):
            ended = desk.flowrun("run", naps, environment={"UIPATH_URL": url, "UIPATH_FOLDER_PATH": "A", **credentials})
            assert ended.code == 6, ended.err
            assert "HTML" in ended.err
            assert "proxy" in ended.err


def test_nobody_listens_is_code_6(desk: Desk, naps: str) -> None:
    credentials = {"UIPATH_ACCESS_TOKEN": "t", "UIPATH_FOLDER_PATH": "A", "FLOWRUN_PATIENCE": "0"}
    ended = desk.flowrun("run", naps, environment={"UIPATH_URL": "http://127.0.0.1:9/acme/prod", **credentials})
    assert ended.code == 6, ended.err
    assert "UIPATH_URL" in ended.err


def test_a_credential_is_not_sent_to_another_host(desk: Desk, naps: str) -> None:
    with answering(page) as (url, asked):
        environment = {"UIPATH_URL": "https://cloud.uipath.com/acme/prod", "UIPATH_ACCESS_TOKEN": "t"}
        ended = desk.flowrun("run", naps, "--url", url, environment=environment)
    assert ended.code == 3, ended.err
    assert "cloud.uipath.com" in ended.err
    assert asked == []


def test_env_beside_the_project_is_read(desk: Desk, naps: str, elsewhere: Elsewhere) -> None:
    pairs = elsewhere.environment | SECRET
    (desk.specs.parent / ".env").write_text("".join(f"{name}={value}\n" for name, value in pairs.items()))
    ended = desk.flowrun("run", naps)
    assert ended.code == 0, ended.err
    assert len(elsewhere.requests("StartJobs")) == 3


def doctor(desk: Desk, environment: dict[str, str]) -> tuple[int, dict[str, dict[str, Any]]]:
    ended = desk.flowrun("doctor", "-o", "json", environment=environment)
    return ended.code, {line["name"]: line for line in ended.data}


def test_doctor_says_as_whom_and_with_what(desk: Desk, elsewhere: Elsewhere) -> None:
    code, found = doctor(desk, elsewhere.environment | SECRET)
    assert code == 0
    assert "API 20.0" in found["Orchestrator"]["text"]
    assert all(words in found["sign-in"]["text"] for words in ("client ci", "OR.Jobs", "UIPATH_CLIENT_SECRET", "UTC"))
    assert found["folders"]["text"] == "Shared"
    assert found["flowrun run"]["text"] == "allowed"


def test_doctor_says_what_is_missing_for_which_command(desk: Desk, elsewhere: Elsewhere) -> None:
    scopes = "OR.Jobs.Read OR.Folders.Read OR.Execution.Read"
    reader = SECRET | {"UIPATH_CLIENT_ID": "reader", "UIPATH_SCOPE": scopes}
    code, found = doctor(desk, elsewhere.environment | reader)
    assert code == 5
    assert found["flowrun plan"]["ok"]
    assert found["flowrun jobs list, show, wait"]["ok"]
    assert "OR.Jobs.Write" in found["flowrun run"]["text"]
    assert "OR.Robots.Read" in found["flowrun run, steps that name robots"]["text"]
    assert not found["flowrun jobs stop"]["ok"]
    assert elsewhere.requests("StartJobs") == elsewhere.requests("StopJobs") == []


@pytest.mark.parametrize(("secret", "code", "name"), [("wrong", 5, "sign-in"), ("s3cret", 6, "Orchestrator")])
def test_doctor_s_codes(desk: Desk, elsewhere: Elsewhere, secret: str, code: int, name: str) -> None:
    environment = elsewhere.environment | SECRET | {"UIPATH_CLIENT_SECRET": secret, "FLOWRUN_PATIENCE": "0"}
    if code == 6:
        environment["UIPATH_URL"] = "http://127.0.0.1:9/acme/prod"
    said, found = doctor(desk, environment)
    assert said == code
    assert not found[name]["ok"]
    assert found[name]["hint"]
