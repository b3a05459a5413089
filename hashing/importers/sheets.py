"""The common shape of everything that is imported: a named grid of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sheet:
    """One grid of text cells, as the file has them; *name* is what an error message calls it.

    ``rows[0]`` is line 1 of the file. Cells hold no leading or trailing blanks; missing cells are "".
    The cells never appear in a repr, so that a traceback cannot show them.
    """

    name: str
    rows: Sequence[list[str]] = field(repr=False)
