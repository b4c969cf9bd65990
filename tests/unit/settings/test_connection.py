from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from flowrun.errors import UsageError
from flowrun.settings import Connection, Federation, Settings

URL = {"UIPATH_URL": "https://cloud.uipath.com/acme/prod"}
APPLICATION = URL | {"UIPATH_CLIENT_ID": "app"}


def connect(environ: dict[str, str], folder: Path, **flags: Any) -> Connection:
    connection = Settings.load(environ, folder, **flags).connection
    assert connection is not None
    return connection


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("environ", "url", "tenant"),
    [
        ({"UIPATH_ORGANIZATION_NAME": "acme", "UIPATH_TENANT_NAME": "prod"}, "/acme/prod", "prod"),
        ({"UIPATH_ORGANIZATION_ID": "1-2", "UIPATH_TENANT": "prod"}, "/1-2/prod", "prod"),
        ({"UIPATH_TENANT_NAME": "prod"}, "", "prod"),
        ({"UIPATH_CLI_ORGANIZATION_NAME": "a", "UIPATH_CLI_TENANT_NAME": "b"}, "", None),
        (
            {"UIPATH_CLI_ENABLE_ENV_AUTH": "true", "UIPATH_CLI_ORGANIZATION_NAME": "a", "UIPATH_CLI_TENANT_NAME": "b"},
            "/a/b",
            "b",
        ),
    ],
)
def test_the_host_alone_is_completed(tmp_path: Path, environ: dict[str, str], url: str, tenant: str | None) -> None:
    made = connect({"UIPATH_URL": "https://cloud.uipath.com/", "UIPATH_ACCESS_TOKEN": "t", **environ}, tmp_path)
    assert (made.url, made.tenant) == (f"https://cloud.uipath.com{url}", tenant)


def test_a_whole_url_is_left_as_it_is(tmp_path: Path) -> None:
    environ = URL | {"UIPATH_ORGANIZATION_NAME": "x", "UIPATH_TENANT_NAME": "y", "UIPATH_ACCESS_TOKEN": "t"}
    assert connect(environ, tmp_path).url == "https://cloud.uipath.com/acme/prod"


@pytest.mark.parametrize(
    ("environ", "federation"),
    [
        ({"FLOWRUN_OIDC_TOKEN": "a.b.c"}, Federation("token", token="a.b.c")),
        ({"FLOWRUN_OIDC": "env:ID_TOKEN", "ID_TOKEN": "a.b.c"}, Federation("token", token="a.b.c")),
        ({"FLOWRUN_OIDC": "file:/run/token"}, Federation("file", file=Path("/run/token"))),
        (
            {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://g/?x=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "r"},
            Federation("github", "https://g/?x=1", "r"),
        ),
        (
            {"SYSTEM_OIDCREQUESTURI": "https://a/", "SYSTEM_ACCESSTOKEN": "s", "FLOWRUN_OIDC_AUDIENCE": "u"},
            Federation("azure", "https://a/", "s", "u"),
        ),
        (
            {"FLOWRUN_OIDC": "azure:1-2", "SYSTEM_OIDCREQUESTURI": "https://a/oidc", "SYSTEM_ACCESSTOKEN": "s"},
            Federation("azure", "https://a/oidc?serviceConnectionId=1-2", "s"),
        ),
        ({"AZURE_FEDERATED_TOKEN_FILE": "/var/run/token"}, Federation("file", file=Path("/var/run/token"))),
        (
            {"FLOWRUN_OIDC": "azure", "AZURE_FEDERATED_TOKEN_FILE": "/var/run/token"},
            Federation("file", file=Path("/var/run/token")),
        ),
        ({"FLOWRUN_OIDC": "gitlab", "FLOWRUN_OIDC_TOKEN": "a.b.c"}, Federation("token", token="a.b.c")),
    ],
)
def test_federations(tmp_path: Path, environ: dict[str, str], federation: Federation) -> None:
    made = connect(APPLICATION | environ, tmp_path)
    assert (made.client_id, made.client_secret, made.federation) == ("app", None, federation)
    assert "app" in made.way
    for secret in ("a.b.c", "'r'", "'s'"):
        assert secret not in repr(made)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"FLOWRUN_OIDC": "github"}, ("ACTIONS_ID_TOKEN_REQUEST_URL", "id-token: write")),
        ({"FLOWRUN_OIDC": "azure", "SYSTEM_OIDCREQUESTURI": "https://a"}, ("SYSTEM_ACCESSTOKEN", "System.AccessToken")),
        ({"FLOWRUN_OIDC": "env:ID_TOKEN"}, ("ID_TOKEN is not set", "id_tokens")),
        ({"FLOWRUN_OIDC": "gitlab"}, ("oidc is gitlab, and FLOWRUN_OIDC_TOKEN is not set (FLOWRUN_OIDC)", "id_tokens")),
        ({"FLOWRUN_OIDC": "azure"}, ("oidc is azure, and SYSTEM_OIDCREQUESTURI is not set", "System.AccessToken")),
        ({"FLOWRUN_OIDC": "gitlabs"}, ("FLOWRUN_OIDC is 'gitlabs'", "github, gitlab, azure")),
        ({"FLOWRUN_OIDC": "azure:"}, ("FLOWRUN_OIDC is 'azure:'", "azure:SERVICE-CONNECTION")),
        (
            {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://g.example", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "r"},
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://"),
        ),
    ],
)
def test_federations_that_are_not_whole(tmp_path: Path, environ: dict[str, str], words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.load(APPLICATION | environ, tmp_path)
    assert all(word in f"{caught.value.message} {caught.value.hint}" for word in words), caught.value.message


def test_a_user(tmp_path: Path) -> None:
    file = private(tmp_path / "password", "pw\n")
    environ = {"UIPATH_URL": "https://host", "UIPATH_USERNAME": "me", "FLOWRUN_PASSWORD_FILE": str(file)}
    made = connect(environ, tmp_path)
    assert (made.username, made.password) == ("me", "pw")
    assert "password file" not in made.way
    assert "pw" not in repr(made)


def test_a_token_file_of_its_owner(tmp_path: Path) -> None:
    file = private(tmp_path / "token", "rt_1\n")
    environ = URL | {"FLOWRUN_ACCESS_TOKEN_FILE": str(file)}
    made = connect(environ, tmp_path)
    assert made.token == "rt_1"
    file.write_text("rt_2")
    assert made.reload is not None
    again = made.reload()
    assert again is not None
    assert again.token == "rt_2"


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [("rt_1", 0o644, "chmod 600"), ("rt_1", 0o640, "0640"), (" \n", 0o600, "is empty"), ("a b", 0o600, "one line")],
)
def test_files_that_are_refused(tmp_path: Path, text: str, mode: int, said: str) -> None:
    file = private(tmp_path / "token", text, mode)
    with pytest.raises(UsageError) as caught:
        Settings.load(URL | {"FLOWRUN_ACCESS_TOKEN_FILE": str(file)}, tmp_path)
    assert said in f"{caught.value.message} {caught.value.hint}"
    assert "rt_1" not in f"{caught.value.message} {caught.value.hint}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Settings.load(URL | {"FLOWRUN_ACCESS_TOKEN_FILE": "none"}, tmp_path)


def test_a_credential_is_for_the_host_that_its_own_place_names(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("UIPATH_URL=https://a.example/x/y\nUIPATH_ACCESS_TOKEN=t\n")
    assert connect({}, tmp_path).url == "https://a.example/x/y"
    cases: list[tuple[dict[str, str], dict[str, Any]]]
    cases = [({"UIPATH_URL": "https://b.example/x/y"}, {}), ({}, {"url": "https://b.example/x/y"})]
    for environ, flags in cases:
        with pytest.raises(UsageError, match=r"for a\.example") as caught:
            Settings.load(environ, tmp_path, **flags)
        assert "not sent" in (caught.value.hint or "")
    other = {"UIPATH_URL": "https://b.example/x/y", "UIPATH_ACCESS_TOKEN": "u"}
    assert connect(other, tmp_path).token == "u"


def test_an_empty_variable_hides_what_env_says(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("export UIPATH_URL='https://a.example/x/y' # ours\nUIPATH_ACCESS_TOKEN=\"t\"\n")
    assert connect({}, tmp_path).token == "t"
    assert Settings.load({"UIPATH_URL": "", "UIPATH_ACCESS_TOKEN": ""}, tmp_path).connection is None


@pytest.mark.parametrize(
    ("no_proxy", "proxy"),
    [("", "http://p:8080"), ("other.com", "http://p:8080"), ("localhost, .uipath.com", None), ("*", None)],
)
def test_proxies(tmp_path: Path, no_proxy: str, proxy: str | None) -> None:
    environ = URL | {"UIPATH_ACCESS_TOKEN": "t", "HTTPS_PROXY": "http://p:8080/", "NO_PROXY": no_proxy}
    assert connect(environ, tmp_path).proxy == proxy
    local = environ | {"UIPATH_URL": "http://127.0.0.1:1/a/b"}
    assert connect(local, tmp_path).proxy is None


def jwt(issuer: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"iss": issuer}).encode()).decode().rstrip("=")
    return f"h.{claims}.s"


def test_what_uipath_s_tools_left_is_read_for_its_own_host_alone(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    for folder in (home, project):
        (folder / ".uipath").mkdir(parents=True)
    left = home / ".uipath" / ".auth"
    left.write_text(
        "UIPATH_URL=https://cloud.uipath.com\nUIPATH_ACCESS_TOKEN=from_uip\n"
        "UIPATH_ORGANIZATION_NAME=acme\nUIPATH_TENANT_NAME=dev\n"
    )
    environ = {"HOME": str(home)}
    assert Settings.load(environ, project).connection is None
    made = connect(environ | {"UIPATH_URL": "https://cloud.uipath.com"}, project)
    assert (made.url, made.token) == ("https://cloud.uipath.com/acme/dev", "from_uip")
    assert str(left) in made.way
    (project / ".uipath" / ".auth.json").write_text(
        json.dumps({"access_token": jwt("https://cloud.uipath.com/identity_")})
    )
    assert connect(environ | URL, project).token == jwt("https://cloud.uipath.com/identity_")
    with pytest.raises(UsageError, match="credentials are missing"):
        Settings.load(environ | {"UIPATH_URL": "https://other.example/a/b"}, project)
    assert left.read_text().startswith("UIPATH_URL")


def test_a_profile_of_uip_is_used_where_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / ".uipath" / "profiles"
    for name, host, token in (("dev", "cloud.uipath.com", "d"), ("other", "h.example", "o"), ("empty", "", "")):
        (folder / name).mkdir(parents=True)
        (folder / name / ".auth").write_text(f"UIPATH_URL=https://{host}\nUIPATH_ACCESS_TOKEN={token}\n")
    environ = URL | {"HOME": str(tmp_path)}
    with pytest.raises(UsageError, match="credentials are missing"):
        Settings.load(environ, tmp_path / "dev")
    named = environ | {"FLOWRUN_UIP_PROFILE": "dev"}
    assert connect(named, tmp_path).token == "d"
    assert connect(named | {"UIPATH_ACCESS_TOKEN": "t"}, tmp_path).token == "t"
    assert connect(environ | {"UIPATH_ACCESS_TOKEN": "t"}, tmp_path, uip_profile="dev").token == "d"
    for name, words in (("other", "is for h.example"), ("dve", "did you mean dev"), ("empty", "holds no token")):
        with pytest.raises(UsageError) as caught:
            Settings.load(environ, tmp_path, uip_profile=name)
        assert words in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"access_token": 5}', '{"access_token": "opaque"}'])
def test_a_file_of_a_tool_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / ".uipath").mkdir()
    (tmp_path / ".uipath" / ".auth.json").write_text(text)
    with pytest.raises(UsageError, match="credentials are missing"):
        Settings.load(URL, tmp_path)
