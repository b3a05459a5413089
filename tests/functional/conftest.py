"""The demo, played once for all tests that look at what it leaves behind."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOWN = ROOT / "demo" / "anytown"


@dataclass(frozen=True)
class Played:
    folder: Path
    output: str
    exit_code: int


@pytest.fixture(scope="session")
def played_demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo") / "play"
    done = subprocess.run(
        [sys.executable, "-m", "hashing", "demo", "--folder", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=300,
    )
    return Played(folder, done.stdout + done.stderr, done.returncode)
