"""A service whose first linkage takes a minute: for tests that kill it in the middle.

Arguments: the data folder, the coordinator's public key file.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from api_town import quick_link

from api.linking import Linking, Progress
from api.serve import serve
from api.settings import Settings

DATA, COORDINATOR = (Path(argument) for argument in sys.argv[1:])


def link_slowly_once(files: Sequence[Path], out: Path, *, progress: Progress) -> object:
    """Leave half a result and dawdle the first time; link the second time."""
    marker = DATA / "first-attempt"
    if marker.exists():
        return quick_link(files, out, progress=progress)
    progress("comparing", 0.4)
    (out.parent / "half-written").write_bytes(b"half")
    marker.touch()
    time.sleep(60)
    return None


def _say_ready(address: str) -> None:
    sys.stdout.write(f"ready {address}\n")
    sys.stdout.flush()


settings = Settings(data=DATA, coordinator=COORDINATOR, port=0)
serve(settings, ready=_say_ready, linking=Linking(link=link_slowly_once))
