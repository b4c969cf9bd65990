"""Temporal: the server that keeps runs instead of this machine's journal, and how we are let in there.

Only the setting `temporal` chooses it. `TEMPORAL_ADDRESS` of Temporal's own command line does not: a shell that has it
for other work must not move anybody's runs. Where both name the same server, the other variables of that command line
fill what nothing of ours says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowrun.errors import UsageError
from flowrun.settings.options import LOOPBACK, SETTINGS
from flowrun.settings.places import HIDDEN, Found, Variables, read
from flowrun.settings.secrets import secret

_ADDRESS = "TEMPORAL_ADDRESS"
_THEIRS = {
    "temporal_namespace": "TEMPORAL_NAMESPACE",
    "temporal_api_key": "TEMPORAL_API_KEY",
    "temporal_tls": "TEMPORAL_TLS",
    "temporal_tls_ca": "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    "temporal_tls_cert": "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "temporal_tls_key": "TEMPORAL_TLS_CLIENT_KEY_PATH",
    "temporal_tls_server_name": "TEMPORAL_TLS_SERVER_NAME",
}
"""Our settings, and what Temporal's own command line calls them."""

NAMES = tuple(name for name in SETTINGS if name.startswith("temporal"))
"""All settings about it."""

_OF_TLS = ("temporal_tls_ca", "temporal_tls_cert", "temporal_tls_key", "temporal_tls_server_name")


@dataclass(frozen=True, slots=True)
class Tls:
    """How the connection is made safe. Without `ca` the authorities of the system are trusted.

    `certificate` and `key` say who we are, where the server asks; `server_name` is whom its certificate must name,
    where that is not the host of the address.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class Temporal:
    """A server, whole. `task_queue`: where its runs wait for a worker; `store`: the folder of what is too large for it.

    `codec_keys`: 32 bytes each; the first writes, all read. Without one payloads are readable to whoever reads
    Temporal's store.
    """

    address: str
    namespace: str
    task_queue: str
    store: Path
    tls: Tls | None = None
    api_key: str | None = field(default=None, repr=False)
    codec_keys: tuple[bytes, ...] = field(default=(), repr=False)


def theirs(found: Mapping[str, Found], known: Variables, cwd: Path) -> Mapping[str, Found]:
    """What Temporal's own variables add, where they are about the server that was chosen. Raises UsageError."""
    address = found["temporal"].value
    if address is None or known.get(_ADDRESS) != address:
        return {}
    said = {}
    for name, variable in _THEIRS.items():
        value = known.get(variable)
        if value and found[name].source == "default":
            folder = cwd if variable in known.environ or known.file is None else known.file.parent
            said[name] = read(SETTINGS[name], value, known.source(variable), folder, known.place(variable))
    return said


def shown(found: Mapping[str, Found], temporal: Temporal | None) -> Mapping[str, Found]:
    """What a person is shown: where Temporal was chosen all, with what the defaults come to; else that it was not."""
    if temporal is None:
        return {name: one for name, one in found.items() if name == "temporal" or name not in NAMES}
    made = {"temporal_task_queue": temporal.task_queue, "temporal_store": temporal.store}
    defaults = {name: Found(value, f"{value}", "default") for name, value in made.items() if found[name].value is None}
    return {**found, **defaults}


def temporal_of(found: Mapping[str, Found], context: str, state_dir: Path) -> Temporal | None:
    """Whole, or None where Temporal was not chosen. Raises UsageError for half of it."""
    address = found["temporal"].value
    if address is None:
        return None
    api_key, codec = secret("temporal_api_key", found), secret("temporal_codec_key", found)
    return Temporal(
        address=address,
        namespace=found["temporal_namespace"].value,
        task_queue=found["temporal_task_queue"].value or f"flowrun-{context}",
        store=found["temporal_store"].value or state_dir / "temporal",
        tls=_tls(found, api_key),
        api_key=api_key.value,
        codec_keys=codec.value or (),
    )


def _tls(found: Mapping[str, Found], api_key: Found) -> Tls | None:
    """On where it is asked for, and where anything asks for it: a certificate, an API key."""
    asked, certificate, key = found["temporal_tls"], found["temporal_tls_cert"], found["temporal_tls_key"]
    if (certificate.value is None) != (key.value is None):
        lone, other = (certificate, "temporal_tls_key") if key.value is None else (key, "temporal_tls_cert")
        raise UsageError(f"{lone.source} is set, but {other} is not", hint="A client certificate takes both.")
    wanting = next((found[name] for name in _OF_TLS if found[name].value is not None), None)
    if asked.value is False:
        if wanting is not None:
            hint = "Keep one of the two."
            raise UsageError(f"{asked.source} is false, and {wanting.source} is {wanting.shown}", hint=hint)
        if api_key.value is not None and not _is_loopback(found["temporal"].value):
            hint = "Take temporal_tls = false away: the key would travel in clear text."
            raise UsageError(f"{asked.source} is false, and {api_key.source} is {HIDDEN}", hint=hint)
        return None
    if not asked.value and wanting is None and api_key.value is None:
        return None
    return Tls(found["temporal_tls_ca"].value, certificate.value, key.value, found["temporal_tls_server_name"].value)


def _is_loopback(address: str) -> bool:
    return address.rpartition(":")[0].strip("[]") in LOOPBACK
