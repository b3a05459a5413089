"""The service under load: many agencies send their lists at once while others read its pages.

``python -m bench.load --agencies 40 --rows 25000`` starts the service itself, speaks to it as its members do, with
signed requests, and does it twice: while nothing else happens, and while a linkage runs. Throughput, latencies at the
median and the 99th percentile, and the service's memory to the screen; an answer that is not as it has to be ends it
with exit code 1.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench.served import Served, serving
from hashing.connection import Connection, NewMember, connect
from hashing.errors import HeadcountError
from hashing.member_key import new_member_key, open_member_key, public_path
from hashing.schema import FORMAT, AgencyKind

CODES = {"all": 1024}  # bits
EPOCH = {"profile": "load", "profile_digest": "ab" * 32, "key_check_value": "cd" * 16, "canaries": "ef" * 32}


@dataclass(slots=True)
class Heard:
    """Seconds that each answer took, by what was asked, and what was refused."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, name: str, question: object) -> None:
        """Time one question, which is a call without arguments."""
        began = time.perf_counter()
        try:
            assert callable(question)
            question()
        except HeadcountError as error:
            with self.lock:
                self.wrong.append(f"{name}: {error.what}")
            return
        with self.lock:
            self.seconds.setdefault(name, []).append(time.perf_counter() - began)
