"""On PYTHONPATH, Headcount runs as on a computer on which its machine code was not built."""

import sys

sys.modules["hashing._native"] = None  # type: ignore[assignment]  # an import of it fails
