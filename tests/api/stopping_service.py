"""A service that dawdles at one step of a job, the first time: for tests that kill it there.

Arguments: the data folder, the coordinator's public key file, the step. Every step begun is a line of DATA/steps.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api_town import quick_link

from api.jobs import Linkages
from api.linking import Linking
from api.serve import serve
from api.settings import Settings
from api.tasks import Tasks

DATA, COORDINATOR, CHOSEN = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
STEPS = DATA / "steps"


def dawdling(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
    def act(*arguments: Any) -> Any:
        begun = STEPS.read_text().split() if STEPS.exists() else []
        with STEPS.open("a") as stream:
            stream.write(f"{name}\n")
        if name == CHOSEN and name not in begun:
            time.sleep(60)
        return step(*arguments)

    return act


def _say_ready(address: str) -> None:
    sys.stdout.write(f"ready {address}\n")
    sys.stdout.flush()


for steps, names in ((Linkages, ("check", "attempt", "keep", "conclude")), (Tasks, ("act",))):
    for name in names:
        setattr(steps, name, dawdling(name, getattr(steps, name)))
serve(
    Settings(data=DATA, coordinator=COORDINATOR, port=0),
    ready=_say_ready,
    linking=Linking(link=quick_link),
)
