"""What can be set: one frozen table of settings; the only place in api that reads the environment."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from api.errors import StartError
from linkage.rule import LEAST_PUBLIC, Rule, rule_for

PREFIX = "HEADCOUNT_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of the service; each is a flag of ``headcount serve`` or a HEADCOUNT_* variable."""

    data: Path = field(metadata={"help": "the folder that holds everything the service knows"})
    coordinator: Path | None = field(
        default=None, metadata={"help": "public key file of the first coordinator, for a new data folder"}
    )
    name: str = field(default="headcount", metadata={"help": "the name of this service's audit log"})
    host: str = field(default="127.0.0.1", metadata={"help": "the address to listen on"})
    port: int = field(default=8470, metadata={"help": "the port to listen on; 0 takes a free one"})
    metrics_port: int = field(
        default=0, metadata={"help": "the port on this computer at which Prometheus finds /metrics; 0: none"}
    )
    log_requests: int = field(
        default=0, metadata={"help": "1: a line for each request in the service's own log: route, status, milliseconds"}
    )
    public_url: str = field(
        default="", metadata={"help": "the https:// address people use, where a proxy in front ends TLS"}
    )
    max_upload_bytes: int = field(
        default=256 * 1024 * 1024, metadata={"help": "the largest encoded file that is taken"}
    )
    pause_seconds: int = field(
        default=20, metadata={"help": "how long a request may pause while it arrives; then its connection is closed"}
    )
    threshold: int = field(
        default=11, metadata={"help": "the least count of people that is shown; 11 is customary, 5 the least"}
    )
    checkpoint_seconds: int = field(
        default=60, metadata={"help": "how often the audit log is signed, at most 60 seconds apart"}
    )
    keep_openings_days: int = field(
        default=2192, metadata={"help": "how long it can be told which clients were shown to whom; then it is erased"}
    )  # six years, as 45 CFR 164.528 lets a patient ask back

    approvals: str = field(
        default="two",
        metadata={"help": "'two': a second person approves new members, epochs and the first release; or 'one'"},
    )
    rate_per_key: int = field(default=1200, metadata={"help": "requests a minute that one key may make; 0: any number"})
    rate_per_member: int = field(
        default=1800, metadata={"help": "requests a minute that one member may make with its keys and on the pages"}
    )
    rate_of_all: int = field(default=12000, metadata={"help": "requests a minute of all members together"})
    rate_of_refusals: int = field(
        default=120, metadata={"help": "refused requests a minute after which a member has to wait"}
    )
    rate_of_strangers: int = field(
        default=120, metadata={"help": "requests a minute from one address that nobody known had signed"}
    )
    witnesses: Path | None = field(
        default=None,
        metadata={"help": "file with the witness.vkey lines of every witness that may cosign the audit log"},
    )

    upload_quota_bytes: int = field(
        default=16 * 1024 * 1024 * 1024,
        metadata={"help": "how many bytes one agency may have on their way in pieces, all its files together"},
    )
    upload_quota_sessions: int = field(
        default=4, metadata={"help": "how many files one agency may have on their way in pieces"}
    )
    keep_replaced_days: int = field(
        default=30, metadata={"help": "how long a file is kept after the agency sent a newer one"}
    )
    keep_results_days: int = field(
        default=365, metadata={"help": "how long results of linkages are kept; the newest stay as long as their epoch"}
    )
    engine: str = field(default="duckdb", metadata={"help": "what links: duckdb, on this computer, or spark"})
    spark_master: str = field(default="local[*]", metadata={"help": "which Spark, with HEADCOUNT_ENGINE=spark"})
    mail_server: str = field(
        default="", metadata={"help": "HOST:PORT of the mail server that tells people that something awaits them"}
    )
    mail_from: str = field(default="", metadata={"help": "the address that those letters come from"})
    mail_user: str = field(default="", metadata={"help": "by what name to sign in at the mail server, if at all"})
    mail_password: Path | None = field(default=None, metadata={"help": "file with the password for it"})

    oidc_issuer: str = field(default="", metadata={"help": "issuer of the OpenID provider by which people sign in"})
    oidc_client_id: str = field(default="", metadata={"help": "what that provider calls this service"})
    oidc_secret: Path | None = field(default=None, metadata={"help": "file with the client secret, if there is one"})
    oidc_acr: str = field(default="", metadata={"help": "values of acr that stand for a second factor"})
    oidc_amr: str = field(default="mfa", metadata={"help": "values of amr that stand for a second factor"})

    def __post_init__(self) -> None:
        self._check_at_least_one(
            "upload_quota_bytes", "upload_quota_sessions", "keep_replaced_days", "keep_results_days"
        )
        self._check_numbers()
        self._check_words()
        self._check_provider()
        self._check_mail()

    def _check_at_least_one(self, *names: str) -> None:
        for name in names:
            if getattr(self, name) < 1:
                variable = f"{PREFIX}{name.upper()}"
                raise StartError(f"{variable} is less than 1", hint=f"Set {variable} to 1 or more.")

    def _check_numbers(self) -> None:
        if self.keep_openings_days < 1:
            raise StartError(
                "openings are to be kept a day at least", hint="Set HEADCOUNT_KEEP_OPENINGS_DAYS to 1 or more."
            )
        if self.threshold < LEAST_PUBLIC:
            raise StartError(
                f"a threshold of {self.threshold} is too low for what is published",
                hint=f"Set HEADCOUNT_THRESHOLD to {LEAST_PUBLIC} or more; 11 is customary.",
            )
        if self.pause_seconds < 1:
            raise StartError(
                "a request needs a second at least to arrive", hint="Set HEADCOUNT_PAUSE_SECONDS to 1 or more."
            )
        if not 0 <= self.metrics_port <= 65535:
            raise StartError("the metrics port is no port", hint="Set HEADCOUNT_METRICS_PORT to 1 to 65535, or 0.")
        if min(self.rates) < 0:
            raise StartError(
                "a limit of requests is below 0", hint="Set HEADCOUNT_RATE_* to requests a minute, or 0 for any number."
            )
        if not 1 <= self.checkpoint_seconds <= 60:
            raise StartError(
                "the audit log is to be signed every 1 to 60 seconds",
                hint="Set HEADCOUNT_CHECKPOINT_SECONDS to a number from 1 to 60.",
            )

    @property
    def rule(self) -> Rule:
        """The rule of disclosure control for every number that leaves.

        Raises:
            RuleError: the threshold is too low.
        """
        return rule_for(self.threshold)

    def _check_words(self) -> None:
        if self.engine not in {"duckdb", "spark"}:
            raise StartError("there is no such engine", hint="Set HEADCOUNT_ENGINE to duckdb or spark.")
        if self.approvals not in {"one", "two"}:
            raise StartError(
                "approvals are by one person or by two", hint="Set HEADCOUNT_APPROVALS to 'two', or to 'one'."
            )
        if self.public_url and urlsplit(self.public_url).scheme != "https":
            raise StartError(
                "the public address does not start with https://",
                hint="Set HEADCOUNT_PUBLIC_URL to the https:// address of the proxy, or leave it empty.",
            )
        if not self.public_url and not is_loopback(self.host):
            raise StartError(
                f"listening on {self.host} without TLS would send sign-in cookies in the clear",
                hint="Put a TLS proxy in front and set HEADCOUNT_PUBLIC_URL to its https:// address, "
                "or listen on 127.0.0.1.",
            )

    def _check_provider(self) -> None:
        if not self.oidc_issuer:
            return
        parts = urlsplit(self.oidc_issuer)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise StartError(
                "the OpenID provider's issuer does not start with https://",
                hint="Set HEADCOUNT_OIDC_ISSUER to the issuer exactly as the provider tells it.",
            )
        if not self.oidc_client_id or not (self.oidc_acr.strip() or self.oidc_amr.strip()):
            raise StartError(
                "an OpenID provider needs a client id and a value of acr or amr that stands for a second factor",
                hint="Set HEADCOUNT_OIDC_CLIENT_ID, and HEADCOUNT_OIDC_ACR or HEADCOUNT_OIDC_AMR.",
            )

    def _check_mail(self) -> None:
        if not self.mail_server:
            return
        host, _, port = self.mail_server.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise StartError(
                "the mail server is not HOST:PORT", hint="Set HEADCOUNT_MAIL_SERVER, such as mail.example.org:587."
            )
        if "@" not in self.mail_from or not self.public_url:
            raise StartError(
                "letters need a sender, and an address that they lead to",
                hint="Set HEADCOUNT_MAIL_FROM and HEADCOUNT_PUBLIC_URL.",
            )

    @property
    def sign_in_address(self) -> str:
        """Where people sign in."""
        return f"{self.public_url.rstrip('/')}/sign-in"

    @property
    def has_provider(self) -> bool:
        """Whether people may sign in by way of an OpenID provider."""
        return bool(self.oidc_issuer)

    @property
    def secure(self) -> bool:
        """Whether people reach the service through TLS."""
        return bool(self.public_url)

    @property
    def rates(self) -> tuple[int, ...]:
        """Every limit of requests a minute; 0 is none."""
        per_caller = (self.rate_per_key, self.rate_per_member, self.rate_of_all)
        return (*per_caller, self.rate_of_refusals, self.rate_of_strangers)

    @classmethod
    def read(cls, flags: Mapping[str, object], environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from *flags* (those that are not None), then HEADCOUNT_* variables, then the defaults.

        Raises:
            StartError: a value is not of its kind, or a combination is unsafe.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        for item in fields(cls):
            text = environment.get(PREFIX + item.name.upper())
            if text is not None and item.name not in given:
                given[item.name] = _parse(item.name, str(item.type), text)
        if "data" not in given:
            raise StartError("no data folder is given", hint="Give --data DIR, or set HEADCOUNT_DATA.")
        return cls(**given)  # type: ignore[arg-type]  # each value was parsed by its field's type


def is_loopback(host: str) -> bool:
    """Whether *host* (without port) is this computer itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _parse(name: str, kind: str, text: str) -> object:
    if kind == "int":
        try:
            return int(text)
        except ValueError as error:
            raise StartError(f"{PREFIX}{name.upper()} is not a whole number", hint="Write digits only.") from error
    return Path(text) if kind.startswith("Path") else text
