"""What runs on the agency's computer. The only code that sees names and the secret.

The public calls are listed in ``__all__`` and loaded on first use: importing ``hashing.schema`` on the
service must not load the code that handles names. Type checkers read them below; docs/reference/client-library.md
tells what they are for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hashing.client import EncodedExport as EncodedExport
    from hashing.client import Sender as Sender
    from hashing.client import check_can_encode as check_can_encode
    from hashing.client import encode_export as encode_export
    from hashing.export import AgencyExport as AgencyExport
    from hashing.export import read_export as read_export
    from hashing.files import Written as Written
    from hashing.files import write_encoded as write_encoded
    from hashing.keys import LinkageSecret as LinkageSecret
    from hashing.keys import new_secret as new_secret
    from hashing.keys import open_secret as open_secret
    from hashing.keys import write_secret as write_secret
    from hashing.profile import Profile as Profile
    from hashing.profile import load_profile as load_profile
    from hashing.schema import AgencyKind as AgencyKind
    from hashing.schema import EncodedFile as EncodedFile
    from hashing.schema import EncodedRow as EncodedRow
    from hashing.schema import HeadcountError as HeadcountError
    from hashing.schema import Header as Header
    from hashing.schema import read_encoded as read_encoded
    from hashing.wording import describe_encoded as describe_encoded

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
    "Written": "hashing.files",
    "read_encoded": "hashing.schema",
    "EncodedFile": "hashing.schema",
    "EncodedRow": "hashing.schema",
    "Header": "hashing.schema",
    "describe_encoded": "hashing.wording",
    "AgencyKind": "hashing.schema",
    "HeadcountError": "hashing.schema",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- PEP 562: hands on whatever the name stands for
    if name not in _HOME:
        raise AttributeError(f"module 'hashing' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
