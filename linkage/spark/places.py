"""Where files are: local paths and addresses such as s3://bucket/key, by fsspec and, under its own names, by Spark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.request import url2pathname

import fsspec

from hashing.schema import EncodedFileError
from linkage.errors import RunError

_SPARKS_NAMES = {"s3": "s3a", "abfs": "abfss", "gcs": "gs"}  # the same store, as Hadoop calls it
_OF_ONE_PROCESS = frozenset({"memory", "local-memory"})


def scheme_of(place: str) -> str:
    """``s3`` of s3://bucket/key, and ``file`` of a path."""
    return place.split("://", 1)[0] if "://" in place else "file"


def is_local(place: str) -> bool:
    """Whether it is a path of this machine."""
    return scheme_of(place) == "file"


def local_path(place: str) -> Path:
    """The path of a local place."""
    return Path(url2pathname(place.removeprefix("file://")) if "://" in place else place).absolute()


def name_of(place: str) -> str:
    """The last part, for people."""
    return place.rstrip("/").rsplit("/", 1)[-1]


def for_spark(place: str) -> str:
    """The address that Spark knows the place by."""
    if is_local(place):
        return local_path(place).as_uri()
    scheme, rest = place.split("://", 1)
    return f"{_SPARKS_NAMES.get(scheme, scheme)}://{rest.rstrip('/')}"


def check_can_be_shared(place: str) -> None:
    """Whether the processes of a Spark can reach a place at all.

    Raises:
        RunError: it is in the memory of one process.
    """
    if scheme_of(place) in _OF_ONE_PROCESS:
        raise RunError(
            f"{place}: Spark works in several processes, which do not see each other's memory",
            hint="Give a folder, or an address such as s3://bucket/run.",
        )


@contextmanager
def opened(place: str) -> Iterator[BinaryIO]:
    """A file to read.

    Raises:
        EncodedFileError: it cannot be opened.
    """
    try:
        stream = fsspec.open(place if not is_local(place) else str(local_path(place)), "rb").open()
    except (OSError, ImportError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EncodedFileError(
            f"{name_of(place)}: the file cannot be opened ({reason})",
            hint="Check the name. An object store needs its fsspec package (s3fs, gcsfs, adlfs) on all machines.",
        ) from error
    with stream:
        yield stream


def store_of(place: str) -> tuple[Any, str]:
    """The file system of a place, and the path in it.

    Raises:
        RunError: there is no such kind of store here.
    """
    try:
        system, path = fsspec.core.url_to_fs(str(local_path(place)) if is_local(place) else place)
    except (ImportError, ValueError) as error:
        raise RunError(f"{place}: {error}", hint="Install the fsspec package of that store.") from error
    return system, path
