"""An exported log as the static files of c2sp.org/tlog-tiles, for tools that read logs in that layout."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from audit.bundle import ENTRIES, open_bundle, write_bundle
from audit.disk import Disk
from audit.merkle import Tree
from audit.replayed import replay_bundle

WIDTH = 256
_LEVELS_A_TILE = 8  # 2**8 hashes side by side


@dataclass(frozen=True, slots=True)
class Tile:
    """The tile *index* of a *level*: *width* hashes, 256 if it is full."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Where it is served, below the log's prefix."""
        return f"tile/{self.level}/{self._place}"

    @property
    def entries_path(self) -> str:
        """Where the entries under a tile of level 0 are served, below the log's prefix."""
        return f"tile/entries/{self._place}"

    @property
    def _place(self) -> str:
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        return "/".join(groups) + (f".p/{self.width}" if self.width < WIDTH else "")


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of *size* entries, level by level."""
    level, hashes = 0, size
    while hashes:
        yield from (Tile(level, index, WIDTH) for index in range(hashes // WIDTH))
        if hashes % WIDTH:
            yield Tile(level, hashes // WIDTH, hashes % WIDTH)
        level, hashes = level + 1, hashes // WIDTH


def tile_bytes(tree: Tree, tile: Tile) -> bytes:
    """The hashes of a tile, one after the other."""
    first = tile.index * WIDTH
    height = tile.level * _LEVELS_A_TILE
    return b"".join(tree.node(height, first + place) for place in range(tile.width))


def write_tiles(bundle: Path, out: Path, *, vkeys: str | None, disk: Disk) -> int:
    """Check a bundle and write it as tiles into the new folder *out*; return how many entries it has.

    Raises:
        VerificationError: the bundle is not what was signed.
        SigningKeyError: the keys cannot be read.
        ExportRefused: *out* is there already, or the disk refused.
    """
    log = replay_bundle(bundle, vkeys)
    tiles = tuple(tiles_of(len(log.tree)))
    with open_bundle(bundle) as opened:
        lines = opened.lines(ENTRIES)
        files = {"checkpoint": iter((str(log.signed[-1]).encode(),))}
        files |= {tile.path: iter((tile_bytes(log.tree, tile),)) for tile in tiles}
        # In the order of the entries: each takes its own lines from the one reader.
        files |= {tile.entries_path: _entries(lines, tile.width) for tile in tiles if not tile.level}
        write_bundle(out, files, disk=disk)
    return len(log.tree)


def _entries(lines: Iterator[bytes], count: int) -> Iterator[bytes]:
    for line in islice(lines, count):
        entry = line.removesuffix(b"\n")
        yield struct.pack(">H", len(entry)) + entry
