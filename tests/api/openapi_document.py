"""Prints the description of the API, as it is kept in docs/reference/openapi.json."""

import json
import sys
import tempfile
from pathlib import Path

from api_town import a_town


def written() -> str:
    """The description of a service of this version."""
    with tempfile.TemporaryDirectory() as folder, a_town(Path(folder) / "data", empty=True) as town:
        document = town.client.get("/openapi.json").json()
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written())
