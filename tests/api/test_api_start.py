"""A service that starts again after a crash loads what it needs to answer, and no solver nor engine."""

import subprocess
import sys

HEAVY = ("duckdb", "numpy", "pandas", "pyarrow", "pyspark", "scipy", "splink", "webauthn")


def test_a_service_starts_without_what_only_linkages_counts_and_passkeys_need() -> None:
    asked = f"import sys, api.serve; print(*sorted({set(HEAVY)!r} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


def test_what_is_left_out_is_there_when_it_is_asked_for() -> None:
    asked = f"import sys, linkage.run, linkage.counts, webauthn; print(*sorted({set(HEAVY)!r} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert set(told.stdout.split()) >= {"duckdb", "numpy", "pyarrow", "scipy", "splink", "webauthn"}
