"""A relay between a client and a service that keeps every byte, each way by itself."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Heard:
    """Where a relay listens, and the files into which it wrote what was asked and what was answered."""

    address: str
    asked: Path
    answered: Path


@contextmanager
def listening_in(address: str, folder: Path) -> Iterator[Heard]:
    """Relay to the service at *address*; both files are whole when this ends."""
    folder.mkdir()
    heard = folder / "asked", folder / "answered"
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = []
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        heard[0].open("ab") as asked,
        heard[1].open("ab") as answered,
    ):

        def accept() -> None:
            with suppress(OSError):  # the relay was closed
                while True:
                    near, _ = server.accept()
                    far = socket.create_connection((urlsplit(address).hostname, urlsplit(address).port))
                    sockets.extend((near, far))
                    for ends in ((near, far, asked), (far, near, answered)):
                        threads.append(threading.Thread(target=_relay, args=ends, daemon=True))
                        threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield Heard(f"http://127.0.0.1:{server.getsockname()[1]}", *heard)
        server.shutdown(socket.SHUT_RDWR)
        accepting.join(10)
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive(), "a connection was left open"
        for one in sockets:
            one.close()


def _relay(source: socket.socket, target: socket.socket, kept: object) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            kept.write(data)
            kept.flush()
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
