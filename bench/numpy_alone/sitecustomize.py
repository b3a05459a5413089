"""On PYTHONPATH, Headcount runs as on a computer on which its machine code was not built."""

import sys

for _module in ("hashing._native", "linkage._native"):
    sys.modules[_module] = None  # type: ignore[assignment]  # an import of it fails
