"""One linkage of the demo town for all tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.run import link


@pytest.fixture(scope="session")
def anytown_run(encoded_anytown: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of the demo town's eight encoded files; do not change it."""
    out = tmp_path_factory.mktemp("runs") / "anytown"
    link(sorted(encoded_anytown.glob("*.codes.jsonl")), out)
    return out
