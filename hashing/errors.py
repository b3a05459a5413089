"""What can go wrong on the agency's computer.

Every error says *what* happened and gives a *hint* of what to do; it names files and row numbers, never
a client's value::

    HeadcountError (schema)
    ├── InputFileError      a client list cannot be read, or is not a client list
    ├── SecretError         the secret is missing, damaged, or readable by others
    ├── ProfileError        a profile is unknown, malformed, or unsafe
    ├── OutputError         the encoded file cannot be written where it should be
    ├── AgencyRefused       the law does not let this agency send even encoded records
    ├── ClkhashSchemaError  a clkhash linkage schema is malformed, or of another version
    └── ConnectionFailed    the linkage service cannot be reached, or refused what was sent
"""

from hashing.schema import HeadcountError


class InputFileError(HeadcountError):
    """A file cannot be read, or is not a client list."""


class SecretError(HeadcountError):
    """The collaborative's secret is missing, damaged, or not kept safely."""


class ProfileError(HeadcountError):
    """An encoding profile is unknown, malformed, or unsafe."""


class OutputError(HeadcountError):
    """The encoded file cannot be written where it should be."""


class AgencyRefused(HeadcountError):
    """The law does not let this agency send even encoded records."""


class ClkhashSchemaError(HeadcountError):
    """A clkhash linkage schema is malformed, of another version, or asks for what clkhash cannot do."""


class ConnectionFailed(HeadcountError):
    """The linkage service cannot be reached, or it refused what was sent."""
