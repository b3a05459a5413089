"""A mail server for tests: it takes letters by SMTP, in the clear or through TLS, and keeps them."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.mail import Tls


@dataclass
class MailServer:
    """What it is told, and what it answers."""

    tls: Tls
    context: ssl.SSLContext | None
    refuses: bool = False
    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            self.words.append(line.split()[0].upper())
            if line.upper() == "DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(message_from_bytes(content[:-5], policy=policy.default))
            writer.write(self._answer(line.upper()))
            await writer.drain()
            if line.upper() == "STARTTLS":
                await writer.start_tls(self.context)
            if line.upper() == "QUIT":
                break
        writer.close()

    def _answer(self, line: str) -> bytes:
        if line.startswith("EHLO"):
            return b"250-here\r\n250-AUTH PLAIN\r\n250 %s\r\n" % (
                b"STARTTLS" if self.tls is Tls.AFTER_HELLO else b"8BITMIME"
            )
        if line.startswith("RCPT") and self.refuses:
            return b"550 nobody of that name\r\n"
        other = b"235 fine\r\n" if line.startswith("AUTH") else b"250 fine\r\n"
        return {"STARTTLS": b"220 go on\r\n", "QUIT": b"221 bye\r\n"}.get(line, other)


@contextmanager
def a_mail_server(
    tls: Tls = Tls.NONE, context: ssl.SSLContext | None = None, *, refuses: bool = False
) -> Iterator[MailServer]:
    """A mail server on this computer, for as long as this lasts."""
    server, ready, loop = MailServer(tls, context, refuses), threading.Event(), asyncio.new_event_loop()
    end = asyncio.Event()

    async def run() -> None:
        at_once = context if tls is Tls.AT_ONCE else None
        listening = await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=at_once)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        async with listening:
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        assert ready.wait(20)
        yield server
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()


def a_certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The contexts of a server for 127.0.0.1 and of a client that trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    named = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(named, critical=False).sign(key, hashes.SHA256())
    pem, encoding = folder / "mail.pem", serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(encoding))
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(pem)
    return served, ssl.create_default_context(cafile=str(pem))
