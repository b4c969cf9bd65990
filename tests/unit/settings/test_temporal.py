"""Temporal as a setting: only its own name chooses it, and half of it is an error."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from flowrun.errors import UsageError
from flowrun.settings import Settings, Temporal, Tls

HERE = {"FLOWRUN_TEMPORAL": "127.0.0.1:7233"}
CLOUD = {"FLOWRUN_TEMPORAL": "acme.a2dd6.tmprl.cloud:7233"}
TOKEN = {"UIPATH_ACCESS_TOKEN": "rt_secret"}
KEYS = [base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2)]
FILE = """
[context.prod]
url = "https://cloud.uipath.com/acme/prod"
temporal = "temporal.acme.com:7233"
temporal_namespace = "rpa"

[context.dev]
url = "https://cloud.uipath.com/acme/dev"

[context.laptop]
emulator = true
temporal = "127.0.0.1:7233"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flowrun.toml").write_text(FILE)
    return tmp_path


def temporal_of(environ: dict[str, str], folder: Path, **flags: Any) -> Temporal:
    found = Settings.load(environ, folder, **flags).temporal
    assert found is not None
    return found


def test_nobody_gets_it_who_did_not_choose_it(tmp_path: Path) -> None:
    others = {"TEMPORAL_ADDRESS": "127.0.0.1:7233", "TEMPORAL_NAMESPACE": "theirs", "TEMPORAL_API_KEY": "key"}
    settings = Settings.load(others, tmp_path)
    assert settings.temporal is None
    assert [one.name for one in settings.explain() if one.name.startswith("temporal")] == ["temporal"]


def test_an_address_alone_is_enough(tmp_path: Path) -> None:
    expected = Temporal("127.0.0.1:7233", "default", "flowrun-local", tmp_path / ".flowrun" / "temporal")
    assert temporal_of(HERE, tmp_path) == expected
    assert temporal_of({}, tmp_path, temporal="127.0.0.1:7233") == expected
    shown = {one.name: one.value for one in Settings.load(HERE, tmp_path).explain()}
    assert shown["temporal_task_queue"] == "flowrun-local"
    assert shown["temporal_store"] == str(tmp_path / ".flowrun" / "temporal")


def test_a_context_has_its_server_and_its_queue(project: Path) -> None:
    found = temporal_of(TOKEN, project, context="prod")
    assert (found.address, found.namespace) == ("temporal.acme.com:7233", "rpa")
    assert found.task_queue == "flowrun-prod"
    laptop = Settings.load({}, project, context="laptop")
    assert laptop.context.emulator
    assert laptop.temporal is not None
    assert laptop.temporal.task_queue == "flowrun-laptop"
    assert Settings.load(TOKEN, project, context="dev").temporal is None


def test_where_runs_are_kept_does_not_depend_on_whether_orchestrator_is_asked(project: Path) -> None:
    environ = TOKEN | {"FLOWRUN_TEMPORAL": "other:7233"}
    for connected in (True, False):
        assert temporal_of(environ, project, context="prod", connected=connected).address == "temporal.acme.com:7233"
        assert temporal_of(environ, project, context="dev", connected=connected).address == "other:7233"


@pytest.mark.parametrize("connected", [True, False])
def test_two_servers_are_an_error(project: Path, connected: bool) -> None:  # noqa: FBT001 - pytest's
    with pytest.raises(UsageError, match=r"--temporal is other:7233, and the context prod .* has temporal.acme"):
        Settings.load(TOKEN, project, context="prod", temporal="other:7233", connected=connected)
    environ = TOKEN | {"FLOWRUN_CONTEXT": "prod", "FLOWRUN_TEMPORAL_NAMESPACE": "other"}
    with pytest.raises(UsageError, match=r"FLOWRUN_TEMPORAL_NAMESPACE is other, and the context prod .* has rpa"):
        Settings.load(environ, project, connected=connected)


def test_temporals_own_variables_fill_what_nothing_says_for_the_same_server(project: Path) -> None:
    theirs = {"TEMPORAL_NAMESPACE": "theirs", "TEMPORAL_API_KEY": "key", "TEMPORAL_TLS_SERVER_NAME": "other"}
    same = theirs | {"TEMPORAL_ADDRESS": "temporal.acme.com:7233"}
    found = temporal_of(TOKEN | same, project, context="prod")
    assert (found.namespace, found.api_key, found.tls) == ("rpa", "key", Tls(server_name="other"))
    assert temporal_of(same | {"FLOWRUN_TEMPORAL_API_KEY": "ours"}, project, temporal="temporal.acme.com:7233") == (
        Temporal(
            "temporal.acme.com:7233",
            "theirs",
            "flowrun-local",
            project / ".flowrun" / "temporal",
            Tls(server_name="other"),
            "ours",
        )
    )


def test_a_key_for_one_server_is_not_sent_to_another(project: Path) -> None:
    theirs = {"TEMPORAL_ADDRESS": "elsewhere:7233", "TEMPORAL_API_KEY": "key"}
    for environ in (theirs, {"TEMPORAL_API_KEY": "key"}):
        found = temporal_of(TOKEN | environ, project, context="prod")
        assert (found.api_key, found.tls) == (None, None)


@pytest.mark.parametrize("text", ["127.0.0.1", "http://127.0.0.1:7233", "host:0", "host:65536", "host:x", "a b:1", ""])
def test_an_address_is_host_and_port(project: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.load({}, project, temporal=text)
    assert "It takes" in str(caught.value.hint)


@pytest.mark.parametrize("text", ["localhost:7233", "[::1]:7233", "temporal-frontend.temporal.svc:7233"])
def test_addresses(tmp_path: Path, text: str) -> None:
    assert temporal_of({"FLOWRUN_TEMPORAL": text}, tmp_path).address == text


def test_what_asks_for_tls_turns_it_on(tmp_path: Path) -> None:
    assert temporal_of(HERE, tmp_path).tls is None
    assert temporal_of(HERE | {"FLOWRUN_TEMPORAL_TLS": "true"}, tmp_path).tls == Tls()
    assert temporal_of(CLOUD | {"FLOWRUN_TEMPORAL_API_KEY": "key"}, tmp_path).tls == Tls()
    assert temporal_of(HERE | {"FLOWRUN_TEMPORAL_TLS_CA": "ca.pem"}, tmp_path).tls == Tls(tmp_path / "ca.pem")
    (tmp_path / "flowrun.toml").write_text("temporal_tls = true\n")
    assert temporal_of(HERE, tmp_path).tls == Tls()


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"FLOWRUN_TEMPORAL_TLS_CERT": "c.pem"}, "FLOWRUN_TEMPORAL_TLS_CERT is set, but temporal_tls_key is not"),
        ({"FLOWRUN_TEMPORAL_TLS_KEY": "k.pem"}, "FLOWRUN_TEMPORAL_TLS_KEY is set, but temporal_tls_cert is not"),
        (
            {"FLOWRUN_TEMPORAL_TLS": "false", "FLOWRUN_TEMPORAL_TLS_SERVER_NAME": "x"},
            "FLOWRUN_TEMPORAL_TLS is false, and FLOWRUN_TEMPORAL_TLS_SERVER_NAME is x",
        ),
        (
            {"FLOWRUN_TEMPORAL_TLS": "no", "FLOWRUN_TEMPORAL_API_KEY": "key"},
            r"FLOWRUN_TEMPORAL_TLS is false, and FLOWRUN_TEMPORAL_API_KEY is \(set, not shown\)",
        ),
        ({"FLOWRUN_TEMPORAL_TLS": "perhaps"}, "FLOWRUN_TEMPORAL_TLS is 'perhaps'"),
        ({"FLOWRUN_TEMPORAL_CODEC_KEY": "c2hvcnQ="}, r"FLOWRUN_TEMPORAL_CODEC_KEY is \(set, not shown\)"),
        ({"FLOWRUN_TEMPORAL_CODEC_KEY": "no base64!"}, r"FLOWRUN_TEMPORAL_CODEC_KEY is \(set, not shown\)"),
        ({"FLOWRUN_TEMPORAL_CODEC_KEY": f"{KEYS[0]},{KEYS[0]}"}, r"FLOWRUN_TEMPORAL_CODEC_KEY is \(set, not shown\)"),
    ],
)
def test_half_of_it_is_an_error(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Settings.load(CLOUD | environ, tmp_path)


def test_a_key_in_clear_text_stays_on_this_machine(tmp_path: Path) -> None:
    found = temporal_of(HERE | {"FLOWRUN_TEMPORAL_TLS": "false", "FLOWRUN_TEMPORAL_API_KEY": "key"}, tmp_path)
    assert (found.api_key, found.tls) == ("key", None)


def test_codec_keys_are_several_and_nobody_sees_them(tmp_path: Path) -> None:
    settings = Settings.load(HERE | {"FLOWRUN_TEMPORAL_CODEC_KEY": f"{KEYS[1]}, {KEYS[0]}"}, tmp_path)
    assert settings.temporal is not None
    assert settings.temporal.codec_keys == (bytes([2]) * 32, bytes([1]) * 32)
    environ = HERE | {"FLOWRUN_TEMPORAL_API_KEY": "key-of-mine"}
    for shown in (repr(settings), repr(settings.explain()), repr(Settings.load(environ, tmp_path))):
        assert KEYS[0] not in shown
        assert "\\x01" not in shown
        assert "key-of-mine" not in shown


def test_a_credential_lies_in_a_file_of_ones_own_or_nowhere(tmp_path: Path) -> None:
    for name, text in (("temporal_api_key", "key"), ("temporal_codec_key", KEYS[0])):
        file = tmp_path / name
        file.write_text(f"{text}\n")
        environ = HERE | {f"FLOWRUN_{name.upper()}_FILE": str(file)}
        file.chmod(0o644)
        with pytest.raises(UsageError, match="can be read by others"):
            Settings.load(environ, tmp_path)
        file.chmod(0o600)
        assert temporal_of(environ, tmp_path) != temporal_of(HERE, tmp_path)
        (tmp_path / "flowrun.toml").write_text(f'{name} = "{text}"\n')
        with pytest.raises(UsageError, match=f"{name} must not stand in a file") as caught:
            Settings.load(HERE, tmp_path)
        assert f"FLOWRUN_{name.upper()}" in str(caught.value.hint)
        (tmp_path / "flowrun.toml").unlink()
