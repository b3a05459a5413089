"""What can be set: one frozen table of settings; the only place in api that reads the environment."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from api.errors import StartError

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
    public_url: str = field(
        default="", metadata={"help": "the https:// address people use, where a proxy in front ends TLS"}
    )
    max_upload_bytes: int = field(
        default=256 * 1024 * 1024, metadata={"help": "the largest encoded file that is taken"}
    )
    checkpoint_seconds: int = field(
        default=60, metadata={"help": "how often the audit log is signed, at most 60 seconds apart"}
    )
    keep_openings_days: int = field(
        default=2192, metadata={"help": "how long it can be told which clients were shown to whom; then it is erased"}
    )  # six years, as 45 CFR 164.528 lets a patient ask back

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

    def __post_init__(self) -> None:
        for name in ("upload_quota_bytes", "upload_quota_sessions", "keep_replaced_days", "keep_results_days"):
            if getattr(self, name) < 1:
                variable = f"{PREFIX}{name.upper()}"
                raise StartError(f"{variable} is less than 1", hint=f"Set {variable} to 1 or more.")
        if self.engine not in {"duckdb", "spark"}:
            raise StartError("there is no such engine", hint="Set HEADCOUNT_ENGINE to duckdb or spark.")
        if self.keep_openings_days < 1:
            raise StartError(
                "openings are to be kept a day at least", hint="Set HEADCOUNT_KEEP_OPENINGS_DAYS to 1 or more."
            )
        if not 1 <= self.checkpoint_seconds <= 60:
            raise StartError(
                "the audit log is to be signed every 1 to 60 seconds",
                hint="Set HEADCOUNT_CHECKPOINT_SECONDS to a number from 1 to 60.",
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

    @property
    def secure(self) -> bool:
        """Whether people reach the service through TLS."""
        return bool(self.public_url)

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
