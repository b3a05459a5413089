"""What the service does, in numbers for Prometheus: requests by route, linkages by state, the log's size and age.

No number is about people, and no label names anybody but an agency, by its id.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import TypeVar

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client import Counter as Count
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.parts import Parts
from api.proposals import PENDING
from api.storage.runs import State

_log = logging.getLogger("headcount.requests")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})
ELSEWHERE = "none"  # refused before a route was found, or there is none
Seconds = Callable[[], float]
Labels = TypeVar("Labels", bound=tuple[str, ...])


class Measures:
    """The numbers of one service; and, if the operator wants it, a line for each request in the service's own log."""

    def __init__(self, parts: Parts) -> None:
        self._told = bool(parts.settings.log_requests)
        self.registry = CollectorRegistry()
        self.registry.register(_State(parts))
        labels = ("method", "route", "status")
        self._requests = Count("headcount_requests", "Requests by route and status.", labels, registry=self.registry)
        self._seconds = Histogram(
            "headcount_request_seconds", "Seconds until a request was answered.", labels[:2], registry=self.registry
        )

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request that was answered with *status* after so many *seconds*."""
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", ELSEWHERE)
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
        if self._told:
            milliseconds = round(seconds * 1000)
            _log.info("%s %s: %d in %d ms", method, route, status, milliseconds)


class Measured:
    """Counts and times every request, whatever becomes of it."""

    def __init__(self, app: ASGIApp, *, measures: Measures, seconds: Seconds) -> None:
        self._app = app
        self._measures = measures
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = self._seconds(), 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        finally:
            self._measures.answered(scope, status, self._seconds() - began)


class _State(Collector):
    """What is true at the moment at which it is asked."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names are known only when it is asked."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The families of numbers, each with its values."""
        parts, now = self._parts, self._parts.clock()
        yield _gauge("headcount_info", "Which version runs.", {(version("headcount"),): 1}, "version")
        signed = (now - parts.journal.signed).total_seconds() if parts.journal.signed else -1
        yield _gauge("headcount_log_signed_seconds", "Seconds since the log was signed; -1: not yet.", {(): signed})
        yield _gauge("headcount_log_entries", "Entries of the audit log.", {(): parts.journal.size})
        failing = parts.readiness.failing()
        ready = {(name,): int(f"the {name}" not in failing) for name in ("log", "database", "disk")}
        yield _gauge("headcount_ready", "Whether it can be written.", ready, "part")
        runs = Counter((run.state.value,) for run in parts.runs.latest(None))
        yield _gauge("headcount_runs", "Linkages by state.", {(s.value,): runs[(s.value,)] for s in State}, "state")
        members = Counter((member.role.value,) for member in parts.members.all())
        yield _gauge("headcount_members", "Members by role.", members, "role")
        waiting = sum(one.state_at(now) in PENDING for one in parts.proposals.all())
        yield _gauge("headcount_proposals_pending", "What waits for a second person.", {(): waiting})
        yield _gauge("headcount_upload_age_seconds", "Since an agency's current file came.", self._ages(), "agency")

    def _ages(self) -> dict[tuple[str, ...], float]:
        epoch, now = self._parts.epochs.current(), self._parts.clock()
        current = () if epoch is None else self._parts.uploads.current(epoch.number)
        return {(upload.agency,): (now - upload.accepted).total_seconds() for upload in current}


def _gauge(name: str, told: str, values: Mapping[Labels, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, told, labels=labels)
    for found, value in values.items():
        family.add_metric(list(found), value)
    return family
