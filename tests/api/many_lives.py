"""A service that is started again and again, each time in a fork of this process, which has loaded everything already.

So a start costs what opening the folder costs. Arguments: the data folder, the coordinator's public key file, and where
PostgreSQL is, or nothing. Each line on standard input starts a life, in which openings and replaced files are kept for
so many days.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from api_town import UNLIMITED, quick_link

from api.linking import Linking, Progress
from api.serve import serve
from api.settings import Settings

DATA, COORDINATOR = (Path(argument) for argument in sys.argv[1:3])
DATABASE_URL = sys.argv[3]


def link_in_steps(files: Sequence[Path], out: Path, *, progress: Progress) -> object:
    """A linkage with time to be killed in."""
    (out.parent / "half-written").write_bytes(b"half")
    for step in range(4):
        progress("comparing", step / 4)
        time.sleep(0.02)
    (out.parent / "half-written").unlink()
    return quick_link(files, out, progress=progress)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def live(days: int) -> None:
    settings = Settings(
        data=DATA,
        coordinator=COORDINATOR,
        database_url=DATABASE_URL,
        port=0,
        checkpoint_seconds=1,
        approvals="one",
        **dict.fromkeys(UNLIMITED, 0),
    )
    for name in ("keep_openings_days", "keep_replaced_days"):
        object.__setattr__(settings, name, days)  # 0: what no operator may set
    serve(settings, ready=lambda address: say(f"ready {address}"), linking=Linking(link=link_in_steps))


for line in iter(sys.stdin.readline, ""):
    process = os.fork()
    if process == 0:
        live(int(line))
        os._exit(0)
    say(f"started {process}")
    say(f"ended {os.waitpid(process, 0)[1]}")
