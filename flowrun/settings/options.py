"""Every setting there is: what it is for, where it may come from, how its text is read, what it is otherwise."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as BinasciiError
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?")
_SECONDS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Hosts that are this machine itself."""

_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_KEY = 32
_LAST_PORT = 65535


def _text(value: Any, _folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def _token(value: Any, folder: Path) -> str:
    text = _text(value, folder)
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("a token in one line, without spaces")
    return text


def _secret(value: Any, folder: Path) -> str:
    text = _text(value, folder)
    if not text.isprintable():
        raise ValueError("a text in one line")
    return text


def _path(value: Any, folder: Path) -> Path:
    return folder / Path(value if isinstance(value, Path) else _text(value, folder)).expanduser()


def read_seconds(value: Any, _folder: Path) -> float:
    """A time. Raises ValueError with what it takes, as all of these do."""
    match = _DURATION.fullmatch(str(value).strip())
    if isinstance(value, bool) or match is None:
        raise ValueError("a number of seconds, or a duration such as 90s or 2m")
    return float(match[1]) * _SECONDS[match[2]]


def read_seconds_above_zero(value: Any, folder: Path) -> float:
    """A time that is not nothing."""
    seconds = read_seconds(value, folder)
    if seconds <= 0:
        raise ValueError("a number of seconds above 0")
    return seconds


def read_count(value: Any, _folder: Path) -> int:
    """How many."""
    if isinstance(value, bool) or not str(value).strip().isascii() or not str(value).strip().isdecimal():
        raise ValueError("a whole number above 0")
    if int(value) < 1:
        raise ValueError("a whole number above 0")
    return int(value)


def read_switch(value: Any, _folder: Path) -> bool:
    """True or false: as TOML has it, or as people write it into variables."""
    found = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(str(value).lower())
    if found is None:
        raise ValueError("true or false")
    return found


def _address(value: Any, folder: Path) -> str:
    match = _ADDRESS.fullmatch(_text(value, folder))
    if match is None or not 0 < int(match[2]) <= _LAST_PORT:
        raise ValueError("host and port, such as 127.0.0.1:7233 or acme.a2dd6.tmprl.cloud:7233")
    return match[0]


def _codec_keys(value: Any, folder: Path) -> tuple[bytes, ...]:
    wanted = "32 random bytes as base64 (openssl rand -base64 32), or several with commas between: the first writes"
    try:
        keys = tuple(b64decode(one.strip(), validate=True) for one in _text(value, folder).split(","))
    except BinasciiError:
        raise ValueError(wanted) from None
    if any(len(key) != _KEY for key in keys) or len(set(keys)) != len(keys):
        raise ValueError(wanted)
    return keys


def _url(value: Any, folder: Path) -> str:
    """Refuses what would send a token in clear text or to a place that is not a server."""
    text = _text(value, folder).rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("a URL such as https://cloud.uipath.com/organization/tenant")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a URL without user, query and fragment; credentials have variables of their own")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError("a URL that starts with https://, since a token would travel in clear text")
    return text


def _proxy(value: Any, folder: Path) -> str:
    text = _text(value, folder).rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("a URL such as http://proxy.acme.com:8080")
    return text


def _place_of_oidc(value: Any, folder: Path) -> str:
    text = _text(value, folder)
    kind, _, rest = text.partition(":")
    if text not in ("github", "gitlab", "azure") and not (kind in ("azure", "env", "file") and rest):
        raise ValueError("github, gitlab, azure, azure:SERVICE-CONNECTION, env:VARIABLE or file:PATH")
    return f"file:{folder / Path(rest).expanduser()}" if kind == "file" else text


def _segment(value: Any, folder: Path) -> str:
    text = _text(value, folder)
    if "/" in text or not text.isprintable():
        raise ValueError("a name, without slashes")
    return text


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: what it is, where it may come from, how it is read and what it is otherwise."""

    help: str
    variables: tuple[str, ...]
    read: Callable[[Any, Path], Any] = _text
    default: Any = None
    default_shown: str = ""
    secret: bool = False

    @property
    def only_outside(self) -> bool:
        """Whether it must not stand in a file that is in git."""
        return self.secret and self.read is not _proxy


SETTINGS: dict[str, Option] = {
    "context": Option(
        "Which table `[context.NAME]` of the configuration file holds, with all that it says.",
        ("FLOWRUN_CONTEXT",),
        _segment,
        default_shown="`default_context` of that file",
    ),
    "state_dir": Option(
        "Where the journal, plans and reports are kept.",
        ("FLOWRUN_STATE_DIR",),
        _path,
        default_shown="`.flowrun` in the project",
    ),
    "url": Option(
        "The Orchestrator: with organization and tenant for the cloud or a suite, the host alone for a standalone one.",
        ("UIPATH_URL",),
        _url,
        default_shown="none: the embedded Orchestrator",
    ),
    "organization": Option(
        "The organization, where the URL is that of the cloud or a suite alone.",
        ("UIPATH_ORGANIZATION_NAME", "UIPATH_ORGANIZATION", "UIPATH_CLI_ORGANIZATION_NAME", "UIPATH_ORGANIZATION_ID"),
        _segment,
    ),
    "tenant": Option(
        "The tenant, where the URL names none; a standalone Orchestrator gets it in a header.",
        ("UIPATH_TENANT_NAME", "UIPATH_TENANT", "UIPATH_CLI_TENANT_NAME"),
        _segment,
    ),
    "folder": Option(
        "The folder of steps that name none: its path, key or id.",
        ("UIPATH_FOLDER_PATH", "UIPATH_FOLDER_KEY"),
    ),
    "access_token": Option(
        "A personal access token, or any other bearer token.",
        ("UNATTENDED_USER_ACCESS_TOKEN", "UIPATH_ACCESS_TOKEN", "UIPATH_CLI_AUTH_TOKEN"),
        _token,
        secret=True,
    ),
    "access_token_file": Option("The file that holds it.", ("FLOWRUN_ACCESS_TOKEN_FILE",), _path),
    "client_id": Option("The id of an external application.", ("UIPATH_CLIENT_ID",), _token),
    "client_secret": Option("The secret of an external application.", ("UIPATH_CLIENT_SECRET",), _secret, secret=True),
    "client_secret_file": Option("The file that holds it.", ("FLOWRUN_CLIENT_SECRET_FILE",), _path),
    "scope": Option(
        "The scopes that an application asks for.",
        ("UIPATH_SCOPE",),
        default="OR.Jobs OR.Execution.Read OR.Folders.Read OR.Robots.Read",
    ),
    "oidc": Option(
        "Whose token stands in for the secret: `github`, `gitlab`, `azure`, `azure:SERVICE-CONNECTION`, "
        "`env:VARIABLE` or `file:PATH`.",
        ("FLOWRUN_OIDC",),
        _place_of_oidc,
        default_shown="that of the CI job, where it has one",
    ),
    "oidc_token": Option("That token itself, such as GitLab's.", ("FLOWRUN_OIDC_TOKEN",), _token, secret=True),
    "oidc_audience": Option("The audience that it is asked for with, on GitHub.", ("FLOWRUN_OIDC_AUDIENCE",)),
    "username": Option("A user of an older standalone Orchestrator.", ("UIPATH_USERNAME",), _secret),
    "password": Option("The password of that user.", ("UIPATH_PASSWORD",), _secret, secret=True),
    "password_file": Option("The file that holds it.", ("FLOWRUN_PASSWORD_FILE",), _path),
    "uip_profile": Option(
        "The profile of `uip login` whose token is used: `~/.uipath/profiles/NAME/.auth`.",
        ("FLOWRUN_UIP_PROFILE",),
        _segment,
    ),
    "keyring": Option(
        "The name under which the keyring of this machine keeps token, client id, secret or password, and `secrets`.",
        ("FLOWRUN_KEYRING",),
    ),
    "ca_file": Option(
        "Certificates of an authority of your own, as PEM, instead of the well-known ones and the system's.",
        ("FLOWRUN_CA_FILE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
        _path,
    ),
    "proxy": Option(
        "The proxy on the way to the Orchestrator; `NO_PROXY` names hosts that need none.",
        ("FLOWRUN_PROXY", "HTTPS_PROXY", "https_proxy"),
        _proxy,
        secret=True,
    ),
    "env": Option("The environment of a workflow: a file of its folder `environments`.", ("FLOWRUN_ENV",), _segment),
    "env_file": Option("The file of an environment that lies elsewhere.", ("FLOWRUN_ENV_FILE",), _path),
    "secrets_file": Option("The values of a workflow's `secrets`, one a line.", ("FLOWRUN_SECRETS_FILE",), _path),
    "catalog": Option(
        "The catalog of the embedded Orchestrator.",
        ("FLOWRUN_CATALOG",),
        _path,
        default_shown="`emulator.yaml` beside the workflow",
    ),
    "quiescence": Option(
        "How long a start without an answer is looked up before it may be sent again.",
        ("FLOWRUN_QUIESCENCE",),
        read_seconds,
        90.0,
    ),
    "poll_interval": Option(
        "The shortest time between two looks at a Job.",
        ("FLOWRUN_POLL_INTERVAL",),
        read_seconds_above_zero,
        1.0,
    ),
    "poll_interval_most": Option(
        "The longest time between two looks, for Jobs that have run for long.",
        ("FLOWRUN_POLL_INTERVAL_MOST",),
        read_seconds_above_zero,
        15.0,
    ),
    "list_calls_per_minute": Option(
        "How many lists of Jobs one process asks for. The cloud allows 100 to all programs of a tenant together.",
        ("FLOWRUN_LIST_CALLS_PER_MINUTE",),
        read_count,
        20,
    ),
    "max_connections": Option(
        "Connections to the Orchestrator at one time.",
        ("FLOWRUN_MAX_CONNECTIONS",),
        read_count,
        20,
    ),
    "request_timeout": Option(
        "The deadline of one request, from connecting to the last byte.",
        ("FLOWRUN_REQUEST_TIMEOUT",),
        read_seconds_above_zero,
        30.0,
    ),
    "patience": Option(
        "How long a read is repeated before it counts as failed.",
        ("FLOWRUN_PATIENCE",),
        read_seconds,
        60.0,
    ),
    "temporal": Option(
        "The server of Temporal that keeps and drives runs, as host and port.",
        ("FLOWRUN_TEMPORAL",),
        _address,
        default_shown="none: runs are kept and driven on this machine",
    ),
    "temporal_namespace": Option("The namespace there.", ("FLOWRUN_TEMPORAL_NAMESPACE",), _segment, default="default"),
    "temporal_task_queue": Option(
        "Where runs wait for a worker: one name for each Orchestrator.",
        ("FLOWRUN_TEMPORAL_TASK_QUEUE",),
        _segment,
        default_shown="`flowrun-` and the name of the context",
    ),
    "temporal_store": Option(
        "The folder of values above 256 KiB, which all who use the namespace share.",
        ("FLOWRUN_TEMPORAL_STORE",),
        _path,
        default_shown="`temporal` in the `state_dir`",
    ),
    "temporal_tls": Option(
        "Whether the connection is encrypted.",
        ("FLOWRUN_TEMPORAL_TLS",),
        read_switch,
        default_shown="true where a certificate or an API key is set",
    ),
    "temporal_tls_ca": Option(
        "The authority that the server's certificate is checked against, as PEM, instead of the system's.",
        ("FLOWRUN_TEMPORAL_TLS_CA",),
        _path,
    ),
    "temporal_tls_cert": Option(
        "The certificate by which the server knows us, as PEM.", ("FLOWRUN_TEMPORAL_TLS_CERT",), _path
    ),
    "temporal_tls_key": Option("The private key to it, as PEM.", ("FLOWRUN_TEMPORAL_TLS_KEY",), _path),
    "temporal_tls_server_name": Option(
        "Whom the server's certificate must name, where that is not the host of its address.",
        ("FLOWRUN_TEMPORAL_TLS_SERVER_NAME",),
        _segment,
    ),
    "temporal_api_key": Option(
        "The key by which the server knows us, as Temporal Cloud gives it out.",
        ("FLOWRUN_TEMPORAL_API_KEY",),
        _token,
        secret=True,
    ),
    "temporal_api_key_file": Option("The file that holds it.", ("FLOWRUN_TEMPORAL_API_KEY_FILE",), _path),
    "temporal_codec_key": Option(
        "What encrypts all that Temporal keeps of runs: 32 bytes as base64; several with commas, of which the first "
        "writes and all read.",
        ("FLOWRUN_TEMPORAL_CODEC_KEY",),
        _codec_keys,
        secret=True,
    ),
    "temporal_codec_key_file": Option("The file that holds it.", ("FLOWRUN_TEMPORAL_CODEC_KEY_FILE",), _path),
}
"""Every setting by the name that it has as a flag and in the configuration file."""
