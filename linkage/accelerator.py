"""Machine code for what is done to every pair and every line (linkage/native), where it was built; numpy does the same
where it was not.

The two give the same bytes. Numpy's is the rule: it is what tests hold the other to.
"""

from __future__ import annotations

import sys
from types import ModuleType

MOST = 64  # codes, or features, that machine code has room for


def _built() -> ModuleType | None:
    try:
        from linkage import _native
    except ImportError:  # there was no compiler
        return None
    return _native if sys.byteorder == "little" else None


native = _built()
