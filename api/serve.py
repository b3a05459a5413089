"""Running the service: one process, one data folder, stopped cleanly by a signal."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, start_http_server

from api.app import create_app
from api.certificate import check_certificate
from api.clock import system_clock
from api.errors import StartError
from api.linking import Linking, chosen_link
from api.parts import Parts
from api.patience import patient
from api.settings import Settings
from api.starting import open_parts
from hashing.schema import HeadcountError

METRICS_HOST = "127.0.0.1"
GRACE_SECONDS = 5  # for requests that are being answered when the service is told to stop


def serve(settings: Settings, *, ready: Callable[[str], None], linking: Linking | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C; *ready* is told the address once requests are answered.

    Raises:
        StartError: the address is taken, or the data folder cannot be served.
    """
    check_certificate(settings)
    if settings.processes > 1:
        from api.processes import serve_with_processes  # which imports this module

        serve_with_processes(settings, ready=ready, linking=linking or _linking(settings))
        return
    # As Ctrl-C: uvicorn stops at either signal, then hands it on, which is where we close the folder.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with open_parts(settings, linking or _linking(settings), system_clock) as parts, listen(settings) as listening:
        answer_requests(parts, listening, ready=lambda: ready(address_of(settings, listening)))
    if parts.jobs.busy:
        # Python would wait for the linkage's thread. It may be cut off: it is done again at the next start.
        os._exit(0)


def answer_requests(parts: Parts, listening: socket.socket, *, ready: Callable[[], None], number: int = 0) -> None:
    """Answer until SIGTERM or Ctrl-C, as process *number* of the service.

    Raises:
        StartError: the metrics port is taken.
    """
    app, port = create_app(parts), parts.settings.metrics_port
    try:
        with measuring(port + number if port else 0, app.state.measures.registry):
            _Server(app, parts.settings, ready).run(sockets=[listening])
    except KeyboardInterrupt:
        logging.getLogger("headcount").info("told to stop")


def _linking(settings: Settings) -> Linking:
    try:
        return Linking(link=chosen_link(settings.engine, settings.spark_master))
    except HeadcountError as error:
        raise StartError(error.what, hint=error.hint) from error


class _Server(uvicorn.Server):
    """Uvicorn that says when it is ready."""

    def __init__(self, app: FastAPI, settings: Settings, ready: Callable[[], None]) -> None:
        self._ready = ready
        super().__init__(
            uvicorn.Config(
                app,
                http=patient(settings.pause_seconds),
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,  # the audit log says who did what; nothing else needs to
                proxy_headers=False,  # nobody is believed to be who a header says
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                ssl_certfile=settings.certificate,
                ssl_keyfile=settings.certificate_key,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


@contextmanager
def measuring(port: int, registry: CollectorRegistry) -> Iterator[None]:
    """Answer Prometheus at *port* of this computer, for as long as this lasts; 0: not at all.

    It is a port of its own, because whatever comes through a proxy comes from this computer too.

    Raises:
        StartError: the port is taken.
    """
    if not port:
        yield
        return
    try:
        server, thread = start_http_server(port, addr=METRICS_HOST, registry=registry)
    except OSError as error:
        raise StartError(
            f"the metrics port {port} cannot be used: {error.strerror}",
            hint="Stop what uses it, or set HEADCOUNT_METRICS_PORT to another number.",
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listen(settings: Settings) -> socket.socket:
    """Take the port that the service is to listen on.

    Raises:
        StartError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise StartError(
            f"port {settings.port} on {settings.host} cannot be used: {error.strerror}",
            hint="Stop what uses it, or give --port another number; 0 takes a free one.",
        ) from error
    return listening


def address_of(settings: Settings, listening: socket.socket) -> str:
    """Where the service answers on this computer."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "https" if settings.certificate else "http"
    return f"{scheme}://{host}:{listening.getsockname()[1]}"
