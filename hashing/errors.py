"""What can go wrong on the agency's computer.

Every error says *what* happened and gives a *hint* of what to do; it names files and row numbers, never
a client's value::

    HeadcountError (schema)
    ├── InputFileError      a client list cannot be read, or is not a client list
    ├── SecretError         the secret or a key is missing, damaged, locked, or readable by others
    ├── ShareRefused        shares of the secret are damaged, altered, too few, or do not belong together
    ├── BackupUnavailable   the library that makes shares of the secret is not installed
    ├── JoinRefused         a join request or a sealed secret is not what its sender made
    ├── ProfileError        a profile is unknown, malformed, or unsafe
    ├── OutputError         the encoded file cannot be written where it should be
    ├── AgencyRefused       the law does not let this agency send even encoded records
    ├── ClkhashSchemaError  a clkhash linkage schema is malformed, or of another version
    └── ConnectionFailed    the linkage service cannot be reached, or failed
        ├── NoAnswer         it cannot be reached: trying again may help
        ├── ServiceRefused   it refused what was sent; carries the problem's kind and status
        └── ApprovalAwaited  it waits for a second person to approve
"""

from hashing.schema import HeadcountError


class InputFileError(HeadcountError):
    """A file cannot be read, or is not a client list."""


class SecretError(HeadcountError):
    """The collaborative's secret, or a private key, is missing, damaged, locked, or not kept safely."""


class ShareRefused(HeadcountError):
    """Shares of the secret are damaged, altered, too few, or do not belong together."""


class BackupUnavailable(HeadcountError):
    """The library that makes shares of the secret is not installed."""


class JoinRefused(HeadcountError):
    """A join request or a sealed secret is altered, out of date, or meant for somebody else."""


class ProfileError(HeadcountError):
    """An encoding profile is unknown, malformed, or unsafe."""


class OutputError(HeadcountError):
    """The encoded file cannot be written where it should be."""


class AgencyRefused(HeadcountError):
    """The law does not let this agency send even encoded records."""


class ClkhashSchemaError(HeadcountError):
    """A clkhash linkage schema is malformed, of another version, or asks for what clkhash cannot do."""


class ConnectionFailed(HeadcountError):
    """The linkage service cannot be reached, or it failed."""


class NoAnswer(ConnectionFailed):
    """The linkage service cannot be reached."""


class ServiceRefused(ConnectionFailed):
    """The service refused: *kind* is the problem's type without its beginning, *status* that of HTTP."""

    def __init__(self, what: str, *, hint: str, kind: str = "", status: int = 0) -> None:
        super().__init__(what, hint=hint)
        self.kind = kind
        self.status = status


class ApprovalAwaited(ConnectionFailed):
    """Nothing was done yet: it waits for a second person."""
