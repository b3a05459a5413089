"""The log in the layout of c2sp.org/tlog-tiles: its paths, its hashes, its entries."""

import hashlib
import struct

import pytest

from audit.checkpoint import parse_signed_checkpoint
from audit.disk import Disk
from audit.errors import ExportRefused
from audit.log import AuditLog
from audit.merkle import Tree, leaf_hash
from audit.tiles import Tile, tile_bytes, tiles_of, write_tiles


def test_the_paths_are_those_of_the_specification():
    assert Tile(0, 1234067, 256).path == "tile/0/x001/x234/067"
    assert Tile(1, 0, 17).path == "tile/1/000.p/17"
    assert Tile(0, 999, 256).entries_path == "tile/entries/999"
    assert Tile(0, 1000, 3).entries_path == "tile/entries/x001/000.p/3"


def test_the_example_of_the_specification_has_its_tiles():
    tiles = list(tiles_of(70_000))
    assert [tile for tile in tiles if tile.level == 0] == [*(Tile(0, n, 256) for n in range(273)), Tile(0, 273, 112)]
    assert [tile for tile in tiles if tile.level > 0] == [Tile(1, 0, 256), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


def slow_root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + slow_root(leaves[:half]) + slow_root(leaves[half:])).digest()


def test_a_tile_holds_the_roots_of_the_full_tiles_below():
    tree = Tree()
    leaves = [leaf_hash(b"%d" % number) for number in range(700)]
    for leaf in leaves:
        tree.append(leaf)
    assert tile_bytes(tree, Tile(0, 2, 188)) == b"".join(leaves[512:])
    above = b"".join(slow_root(leaves[start : start + 256]) for start in (0, 256))
    assert tile_bytes(tree, Tile(1, 0, 2)) == above
    assert sum(len(tile_bytes(tree, tile)) for tile in tiles_of(700)) == 32 * 702


@pytest.fixture(scope="module")
def exported(tmp_path_factory, signer, event):
    from witnessing import NOON

    folder = tmp_path_factory.mktemp("tiles")
    with AuditLog.open(folder / "log", signer, clock=lambda: NOON) as log:
        for number in range(300):
            log.append(event(number))
        return log.export(folder / "out")


def test_a_bundle_is_written_as_tiles(exported, tmp_path, signer):
    assert write_tiles(exported, tmp_path / "tiles", vkeys=signer.vkeys, disk=Disk()) == 300
    written = {
        path.relative_to(tmp_path / "tiles").as_posix() for path in (tmp_path / "tiles").rglob("*") if path.is_file()
    }
    assert written == {"checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
                       "tile/entries/000", "tile/entries/001.p/44"}  # fmt: skip
    found = []
    for name in ("000", "001.p/44"):
        data = (tmp_path / "tiles" / "tile" / "entries" / name).read_bytes()
        while data:
            (length,) = struct.unpack(">H", data[:2])
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    assert b"".join(entry + b"\n" for entry in found) == (exported / "entries.jsonl").read_bytes()
    leaves = [(tmp_path / "tiles" / "tile" / "0" / name).read_bytes() for name in ("000", "001.p/44")]
    assert b"".join(leaves) == b"".join(map(leaf_hash, found))
    signed = parse_signed_checkpoint((tmp_path / "tiles" / "checkpoint").read_text())
    assert signed.checkpoint.root == slow_root([leaf_hash(entry) for entry in found])


def test_nothing_is_written_over(exported, tmp_path, signer):
    (tmp_path / "tiles").mkdir()
    with pytest.raises(ExportRefused, match="is there already"):
        write_tiles(exported, tmp_path / "tiles", vkeys=signer.vkeys, disk=Disk())
