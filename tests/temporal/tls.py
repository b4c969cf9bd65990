"""TLS before a server that has none: certificates of our own, and a proxy that ends TLS and hands the rest on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)
_NOW = datetime.now(UTC)  # noqa: TID251 - certificates are looked at by a library with a clock of its own


@dataclass(frozen=True)
class Authority:
    """One that signs certificates, all below one folder, as PEM."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def path(self) -> Path:
        return self.folder / "ca.pem"

    def sign(self, name: str, *, address: str | None = "127.0.0.1", days: int = 1) -> tuple[Path, Path]:
        """A certificate of this name, and for this address; its file, and that of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.DNSName(name)]
        if address is not None:
            names.append(x509.IPAddress(ip_address(address)))
        builder = _builder(name, self.certificate.subject, key, days).add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
        made = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        _write(made[0], builder.sign(self.key, hashes.SHA256()))
        _write_key(made[1], key)
        return made


def authority(folder: Path, name: str = "Tests") -> Authority:
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _builder(name, subject, key, 1).add_extension(x509.BasicConstraints(ca=True, path_length=None), True)  # noqa: FBT003 - critical
    made = Authority(folder, key, builder.sign(key, hashes.SHA256()))
    _write(made.path, made.certificate)
    return made


@dataclass
class Proxy:
    """What it answers at, and what clients have sent, in clear text."""

    address: str
    sent: bytearray = field(default_factory=bytearray)


@asynccontextmanager
async def proxy(
    address: str, certificate: tuple[Path, Path], *, clients_of: Authority | None = None
) -> AsyncIterator[Proxy]:
    """TLS before `address`. `clients_of`: only those with a certificate of this authority are let in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.set_alpn_protocols(["h2"])
    if clients_of is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients_of.path)
    made = Proxy("")
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = address.split(":")
        behind_reader, behind_writer = await asyncio.open_connection(host, int(port))
        writers.extend((writer, behind_writer))
        for pair in ((reader, behind_writer, made.sent), (behind_reader, writer, None)):
            tasks.add(asyncio.create_task(_pump(*pair)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    made.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await dropped(writers)


async def dropped(writers: Sequence[asyncio.StreamWriter]) -> None:
    """Close these connections at once, whatever still is to be sent."""
    for writer in writers:
        writer.transport.abort()
    for _ in range(3):  # for what the loop has to do after each: TLS, then the socket below it
        await asyncio.sleep(0)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray | None) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            if kept is not None:
                kept += data
            writer.write(data)
            await writer.drain()
    writer.close()


def _builder(name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - 3 * _DAY)
        .not_valid_after(_NOW + days * _DAY)
    )


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    plain = serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
