"""What runs on the agency's computer. The only code that sees names and the secret.

The public calls are listed in ``__all__`` and loaded on first use: importing ``hashing.schema`` on the
service must not load the code that handles names.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "open_secret": "hashing.keys",
    "new_secret": "hashing.keys",
    "write_secret": "hashing.keys",
    "LinkageSecret": "hashing.keys",
    "load_profile": "hashing.profile",
    "Profile": "hashing.profile",
    "read_export": "hashing.export",
    "AgencyExport": "hashing.export",
    "encode_export": "hashing.client",
    "check_can_encode": "hashing.client",
    "EncodedExport": "hashing.client",
    "Sender": "hashing.client",
    "write_encoded": "hashing.files",
    "read_encoded": "hashing.schema",
    "AgencyKind": "hashing.schema",
    "HeadcountError": "hashing.schema",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- PEP 562: hands on whatever the name stands for
    if name not in _HOME:
        raise AttributeError(f"module 'hashing' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
