"""A killed writer loses nothing that it acknowledged.

HEADCOUNT_LOG_KILLS is how many times the writer of one log is killed: a few here, 200 in ``make nightly-audit``.
"""

import os
import random
import subprocess
import sys
import time

import msgspec
import pytest

from audit.log import AuditLog, Receipt
from audit.signing import LogSigner
from audit.verify import verify_bundle

KILLS = int(os.environ.get("HEADCOUNT_LOG_KILLS", "6"))
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import msgspec
from audit.events import Act, Event
from audit.log import AuditLog
from audit.signing import LogSigner

log = AuditLog.open(Path(sys.argv[1]), LogSigner.load(Path(sys.argv[2])), clock=lambda: datetime.now(UTC))
event = Event(actor="a", role="r", act=Act.COUNT_READ, object="o", purpose="p", outcome="allowed")
for number in range(100_000):
    receipt = log.append(event)
    sys.stdout.buffer.write(msgspec.json.encode(receipt) + b"\\n")
    sys.stdout.buffer.flush()
    if number % 7 == 0:
        log.checkpoint()
"""


def write_until_killed(folder, key, enough: int, pause: float) -> list[Receipt]:
    """Receipts of a writer that is killed *pause* seconds after so many of them came."""
    with subprocess.Popen([sys.executable, "-c", WRITER, folder, key], stdout=subprocess.PIPE) as writer:
        lines = [writer.stdout.readline() for _ in range(enough)]
        time.sleep(pause)
        writer.kill()
        lines += writer.stdout.readlines()
    return [msgspec.json.decode(line, type=Receipt) for line in lines if line.endswith(b"\n")]


@pytest.mark.slow
def test_no_acknowledged_entry_is_lost_when_the_writer_is_killed(tmp_path, clock):
    signer = LogSigner.create("anytown.example/headcount")
    signer.save(tmp_path / "key")
    chance, receipts = random.Random(9), []
    for _ in range(KILLS):
        receipts += write_until_killed(
            tmp_path / "log", tmp_path / "key", chance.randint(1, 120), chance.uniform(0, 0.01)
        )
        with AuditLog.open(tmp_path / "log", signer, clock=clock) as log:
            assert log.size >= len(receipts)
    with AuditLog.open(tmp_path / "log", signer, clock=clock) as log:
        found = verify_bundle(log.export(tmp_path / "out"), vkeys=signer.vkeys, receipts=receipts)
    assert found.receipts == len(receipts) >= KILLS
    assert [receipt.index for receipt in receipts] == sorted({receipt.index for receipt in receipts})
