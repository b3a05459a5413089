"""E-mail that says that there is something to look at, and nothing of what it is (docs/adr/0040-e-mail.md)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from api.errors import MailFailed, StartError
from api.settings import Settings, is_loopback

SECONDS = 30  # that a mail server has for each answer
_IMPLICIT_TLS = 465  # RFC 8314


class Tls(StrEnum):
    """How a mail server is spoken to."""

    NONE = "none"
    AFTER_HELLO = "after hello"  # STARTTLS, RFC 3207
    AT_ONCE = "at once"


def tls_for(host: str, port: int) -> Tls:
    """In the clear on this computer alone."""
    if port == _IMPLICIT_TLS:
        return Tls.AT_ONCE
    return Tls.NONE if is_loopback(host) else Tls.AFTER_HELLO


class News(StrEnum):
    """What there may be to look at."""

    LINKED = "linked"
    WAITS = "waits"


WORDS = {
    News.LINKED: "There may be new items for you.",
    News.WAITS: "Something waits for your approval.",
}


class Post(Protocol):
    """Where letters are handed in."""

    def __call__(self, letter: EmailMessage) -> None:
        """Deliver a letter.

        Raises:
            MailFailed: it was not taken.
        """


def letter(news: News, *, to: str, sender: str, address: str) -> EmailMessage:
    """The letter to *to* about *news*: no agency, no client, no number; *address* is where to sign in."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, WORDS[news]
    message["Date"], message["Message-ID"] = formatdate(usegmt=True), make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
    message.set_content(f"{WORDS[news]}\n\nSign in: {address}\n\nNobody needs to answer this letter.\n")
    return message


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)
    trusted: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def __call__(self, letter: EmailMessage) -> None:
        """As `Post`."""
        try:
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(letter)
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(
                f"the mail server took no letter ({type(error).__name__})",
                hint="Look at HEADCOUNT_MAIL_SERVER, HEADCOUNT_MAIL_USER and HEADCOUNT_MAIL_PASSWORD.",
            ) from error

    def _connect(self) -> smtplib.SMTP:
        if self.tls is Tls.AT_ONCE:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=self.trusted)
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if self.tls is Tls.AFTER_HELLO:
            try:
                server.starttls(context=self.trusted)
            except (OSError, smtplib.SMTPException):
                server.close()
                raise
        return server


def opened_post(settings: Settings) -> Post | None:
    """Where the service hands its letters in; None if nowhere.

    Raises:
        StartError: the password cannot be read.
    """
    if not settings.mail_server:
        return None
    host, _, port = settings.mail_server.rpartition(":")
    host = host.strip("[]")
    return Smtp(host, int(port), tls_for(host, int(port)), settings.mail_user, _password(settings.mail_password))


def _password(path: Path | None) -> str:
    try:
        return "" if path is None else path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartError("the mail server's password cannot be read", hint="Set HEADCOUNT_MAIL_PASSWORD.") from error
