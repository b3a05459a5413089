"""An exported log is checked offline: whatever is done to it is found, and the entry is named."""

import re
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from audit.bundle import Bundle
from audit.checkpoint import parse_signed_checkpoint
from audit.errors import TAMPERED, SigningKeyError, VerificationError
from audit.events import MAX_ENTRY_BYTES, Receipt, decode_entry, encode_entry
from audit.log import AuditLog
from audit.merkle import EMPTY_ROOT, Tree, leaf_hash
from audit.replayed import _leaves_of
from audit.signing import fingerprint
from audit.verify import read_entries, verify_bundle, verify_opened

ENTRIES = 30
SIGNED = (0, 10, 20, 21, 30)  # sizes of the checkpoints
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def exported(tmp_path_factory, signer, event):
    """A log of 30 entries, exported; and every receipt and checkpoint that it gave."""
    folder = tmp_path_factory.mktemp("exported")
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def clock():
        nonlocal now
        now += timedelta(seconds=2)
        return now

    with AuditLog.open(folder / "log", signer, clock=clock) as log:
        checkpoints, receipts = [log.checkpoint()], []
        for number in range(ENTRIES):
            receipts.append(log.append(event(number)))
            if number + 1 in SIGNED:
                checkpoints.append(log.checkpoint())
        return log.export(folder / "out"), receipts, checkpoints


@pytest.fixture
def bundle(exported, tmp_path):
    return shutil.copytree(exported[0], tmp_path / "bundle")


def lines_of(bundle, name="entries.jsonl"):
    return (bundle / name).read_bytes().splitlines(keepends=True)


def put_lines(bundle, lines, name="entries.jsonl"):
    (bundle / name).write_bytes(b"".join(lines))


def relist(bundle):
    """Make the list of leaves fit the altered entries, as a careful forger would."""
    leaves = [leaf_hash(line.removesuffix(b"\n")).hex().encode() + b"\n" for line in lines_of(bundle)]
    put_lines(bundle, leaves, "leaves")


def renumbered(lines):
    """The entries with their numbers made dense again, in canonical form."""
    entries = [decode_entry(line.removesuffix(b"\n")) for line in lines]
    return [encode_entry(entry._replace(seq=number)) + b"\n" for number, entry in enumerate(entries)]


def time_of(line):
    found = re.search(rb'"time":"([^"]*)"', line)
    return datetime.fromisoformat(found[1].decode()) if found else datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def resign(bundle, signer, *, sizes, time=None):
    """Sign the bundle's entries as they are with *signer*, at *time* or when each was the last."""
    tree, notes = Tree(), []
    lines = lines_of(bundle)
    for size in range(len(lines) + 1):
        if size in sizes:
            at = time or time_of(lines[size - 1] if size else b"")
            notes.append(f"{signer.sign(size=size, root=tree.root(), time=at)}\n".encode())
        if size < len(lines):
            tree.append(leaf_hash(lines[size].removesuffix(b"\n")))
    put_lines(bundle, notes, "checkpoints")


def test_an_untouched_bundle_verifies(exported, signer):
    bundle, receipts, checkpoints = exported
    found = verify_bundle(bundle, vkeys=signer.vkeys, receipts=receipts, checkpoints=checkpoints)
    assert (found.origin, found.entries, found.checkpoints, found.receipts) == (signer.name, 30, 5, 30)
    assert (found.first, found.last) == (receipts[0].time, receipts[-1].time)
    assert found.signed_at >= found.last.replace(microsecond=0)
    assert found.signers == tuple(key.title for key in signer.keys)
    assert found.keys_given
    assert found.root == parse_signed_checkpoint(checkpoints[-1]).checkpoint.root.hex()


def test_without_a_key_the_result_says_that_the_keys_came_with_the_bundle(exported):
    found = verify_bundle(exported[0])
    assert not found.keys_given
    assert re.fullmatch(r"([0-9a-f]{4} ){7}[0-9a-f]{4}", found.fingerprint)


def test_an_empty_log_verifies(log, tmp_path):
    found = verify_bundle(log.export(tmp_path / "out"))
    assert (found.entries, found.first, found.last, found.root) == (0, None, None, EMPTY_ROOT.hex())


def test_entries_are_read_from_a_bundle(exported):
    entries = read_entries(exported[0])
    assert [entry.seq for entry in entries] == list(range(ENTRIES))
    assert entries[7].event.object == "count-7"


def test_a_bundle_of_an_earlier_headcount_still_verifies():
    found = verify_bundle(GOLDEN / "bundle", vkeys=(GOLDEN / "log.vkey").read_text())
    assert (found.entries, found.checkpoints) == (5, 3)
    assert found.root == "afdf42ee53d0691f4c61280996922b9e204a3dab82df5e5fe4d39d8be80dee69"
    assert found.fingerprint == "03c1 67dd f293 9191 2650 e085 ffb9 bb7c"


def test_altered_bytes_of_the_entries_are_found_and_the_entry_named(exported, bundle, signer):
    put_lines(bundle, [f"{exported[2][-1]}\n".encode()], "checkpoints")  # one is enough, and quick
    path = bundle / "entries.jsonl"
    original = path.read_bytes()
    for place in range(0, len(original), 13):
        number = original.count(b"\n", 0, place)
        data = bytearray(original)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        with pytest.raises(VerificationError, match=rf"^entry {number} was altered") as caught:
            verify_bundle(bundle, vkeys=signer.vkeys)
        assert caught.value.entry == number


def test_altered_bytes_of_the_leaf_list_are_found_and_the_line_named(bundle, signer):
    path = bundle / "leaves"
    original = path.read_bytes()
    for place in range(0, len(original), 19):
        data = bytearray(original)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        with pytest.raises(VerificationError, match=rf"as signed, but line {place // 65} of the file leaves"):
            verify_bundle(bundle, vkeys=signer.vkeys)


@pytest.mark.parametrize("change", [bytes.upper, lambda line: line[:-3] + b"\n", lambda line: b" " + line])
def test_a_leaf_in_an_unusual_spelling_is_found(bundle, change):
    lines = lines_of(bundle, "leaves")
    put_lines(bundle, [*lines[:7], change(lines[7]), *lines[8:]], "leaves")
    with pytest.raises(VerificationError, match="line 7 of the file leaves was altered"):
        verify_bundle(bundle)


def test_altered_bytes_of_the_checkpoints_are_found(bundle, signer):
    path = bundle / "checkpoints"
    original = path.read_bytes()
    for place in range(0, len(original), 41):
        data = bytearray(original)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        with pytest.raises(VerificationError, match=r"."):
            verify_bundle(bundle, vkeys=signer.vkeys)


@pytest.mark.parametrize("gone", [0, 13, 29])
def test_a_removed_entry_is_named(bundle, gone):
    lines = lines_of(bundle)
    put_lines(bundle, lines[:gone] + lines[gone + 1 :])
    with pytest.raises(
        VerificationError, match=rf"entry {gone} was altered or removed: 30 .* signed, 29 are here"
    ) as caught:
        verify_bundle(bundle)
    assert caught.value.entry == gone


@pytest.mark.parametrize("place", [0, 13, 30])
def test_an_entry_put_in_is_named(bundle, place):
    lines = lines_of(bundle)
    put_lines(bundle, [*lines[:place], lines[5].replace(b"count-5", b"count-x"), *lines[place:]])
    with pytest.raises(VerificationError, match=rf"entry {place} was altered or put in: 30 .* signed, 31 are here"):
        verify_bundle(bundle)


def test_swapped_entries_are_named(bundle):
    lines = lines_of(bundle)
    lines[4], lines[22] = lines[22], lines[4]
    put_lines(bundle, lines)
    with pytest.raises(VerificationError, match="entry 4 was altered") as caught:
        verify_bundle(bundle)
    assert caught.value.entry == 4


@pytest.mark.parametrize(
    ("left", "between"),
    [
        (0, "an entry between 0 and 9 was"),
        (9, "an entry between 0 and 9 was"),
        (20, "entry 20 was"),
        (29, "an entry between 21 and 29 was"),
    ],
)
def test_a_log_cut_short_is_found(bundle, left, between):
    put_lines(bundle, lines_of(bundle)[:left])
    with pytest.raises(VerificationError, match=f"entry {left} was altered or removed"):
        verify_bundle(bundle)
    relist(bundle)
    with pytest.raises(VerificationError, match=rf"^{between} altered"):
        verify_bundle(bundle)


def test_a_missing_last_line_break_is_found(bundle):
    path = bundle / "entries.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(VerificationError, match=r"^entry 29 is cut short: its line break is missing$") as caught:
        verify_bundle(bundle)
    assert (caught.value.entry, caught.value.hint) == (29, TAMPERED)


def test_a_forger_who_fits_the_leaf_list_leaves_the_place_between_two_checkpoints(bundle):
    lines = lines_of(bundle)
    lines[14] = lines[14].replace(b"allowed", b"refused")
    put_lines(bundle, lines)
    relist(bundle)
    with pytest.raises(VerificationError, match="an entry between 10 and 19 was altered, added or removed"):
        verify_bundle(bundle)


def test_a_malformed_entry_is_named_only_if_it_lies_where_the_log_was_altered(bundle):
    lines = lines_of(bundle)
    lines[20] = lines[20].replace(b":", b": ", 1)
    put_lines(bundle, lines)
    relist(bundle)
    with pytest.raises(VerificationError, match=r"entry 20 .* not in canonical form, and is not what was signed"):
        verify_bundle(bundle)
    lines[14] = lines[14].replace(b"allowed", b"refused")
    put_lines(bundle, lines)
    relist(bundle)
    with pytest.raises(VerificationError, match="an entry between 10 and 19 was altered"):
        verify_bundle(bundle)


def test_before_the_first_checkpoint_the_place_begins_at_entry_0(exported, bundle):
    put_lines(bundle, [f"{note}\n".encode() for note in exported[2][1:]], "checkpoints")
    lines = lines_of(bundle)
    lines[0] = lines[0].replace(b"allowed", b"refused")
    put_lines(bundle, lines)
    relist(bundle)
    with pytest.raises(VerificationError, match="an entry between 0 and 9 was altered"):
        verify_bundle(bundle)


def test_between_two_checkpoints_one_entry_apart_the_entry_is_named(bundle):
    lines = lines_of(bundle)
    lines[20] = lines[20].replace(b"allowed", b"refused")
    put_lines(bundle, lines)
    relist(bundle)
    with pytest.raises(VerificationError, match="entry 20 was altered or removed") as caught:
        verify_bundle(bundle)
    assert caught.value.entry == 20


def test_a_forger_who_forgets_the_numbers_is_named_to_the_entry(bundle):
    lines = lines_of(bundle)
    put_lines(bundle, lines[:14] + lines[15:])
    relist(bundle)
    with pytest.raises(VerificationError, match="entry 14 says to be entry 15, and is not what was signed"):
        verify_bundle(bundle)
    put_lines(bundle, renumbered(lines[:14] + lines[15:]))
    relist(bundle)
    with pytest.raises(VerificationError, match="an entry between 10 and 19 was altered, added or removed"):
        verify_bundle(bundle)


def test_an_entry_added_at_the_end_is_named(bundle):
    lines = lines_of(bundle)
    put_lines(bundle, renumbered([*lines, lines[-1]]))
    relist(bundle)
    with pytest.raises(VerificationError, match="entry 30 was added: only 30 entries were signed"):
        verify_bundle(bundle)


def test_a_log_signed_again_with_another_key_is_found_with_the_key_you_trust(bundle, signer, other_signer):
    lines = lines_of(bundle)
    lines[14] = lines[14].replace(b"allowed", b"refused")
    put_lines(bundle, lines)
    relist(bundle)
    resign(bundle, other_signer, sizes=SIGNED)
    (bundle / "log.vkey").write_text(other_signer.vkeys)
    with pytest.raises(VerificationError, match="the checkpoint of 0 entries is not signed by"):
        verify_bundle(bundle, vkeys=signer.vkeys)
    found = verify_bundle(bundle)
    assert (found.keys_given, found.fingerprint) == (False, fingerprint(other_signer.keys))


def test_a_log_rewritten_with_its_own_key_is_found_with_a_receipt(exported, bundle, signer):
    lines = lines_of(bundle)
    lines[14] = lines[14].replace(b"allowed", b"refused")
    put_lines(bundle, lines)
    relist(bundle)
    resign(bundle, signer, sizes=SIGNED)
    assert verify_bundle(bundle, vkeys=signer.vkeys).entries == 30
    with pytest.raises(VerificationError, match="entry 14 is not the one you have a receipt for") as caught:
        verify_bundle(bundle, vkeys=signer.vkeys, receipts=exported[1])
    assert caught.value.entry == 14
    with pytest.raises(VerificationError, match="no longer has the first 20 entries that you saw"):
        verify_bundle(bundle, vkeys=signer.vkeys, checkpoints=exported[2])


def test_a_log_rolled_back_with_its_own_key_is_found_with_what_you_kept(exported, bundle, signer):
    put_lines(bundle, lines_of(bundle)[:20])
    relist(bundle)
    resign(bundle, signer, sizes=SIGNED[:3])
    assert verify_bundle(bundle, vkeys=signer.vkeys).entries == 20
    for first_lost in (20, 25):
        with pytest.raises(VerificationError, match=f"entry {first_lost} is not the one you have a receipt for"):
            verify_bundle(bundle, vkeys=signer.vkeys, receipts=exported[1][first_lost:])
    with pytest.raises(VerificationError, match="you hold a checkpoint of 21 entries, and the log has 20") as caught:
        verify_bundle(bundle, vkeys=signer.vkeys, checkpoints=exported[2])
    assert caught.value.entry == 20


def test_a_kept_checkpoint_of_another_log_is_refused(exported, signer, other_signer):
    text = str(other_signer.sign(size=0, root=EMPTY_ROOT, time=datetime(2026, 11, 23, tzinfo=UTC)))
    with pytest.raises(VerificationError, match="is not signed by"):
        verify_bundle(exported[0], vkeys=signer.vkeys, checkpoints=[text])


@pytest.mark.parametrize("stripped", [0, 1])
def test_both_signatures_are_demanded_of_every_checkpoint(bundle, signer, stripped):
    lines = lines_of(bundle, "checkpoints")
    signatures = [place for place, line in enumerate(lines) if line.startswith("—".encode())]
    del lines[signatures[2 * 3 + stripped]]
    put_lines(bundle, lines, "checkpoints")
    with pytest.raises(VerificationError, match="the checkpoint of 21 entries is not signed by"):
        verify_bundle(bundle, vkeys=signer.vkeys)


def test_checkpoints_stand_in_the_order_of_their_signing(exported, bundle):
    notes = [f"{note}\n".encode() for note in exported[2]]
    for wrong in ([*notes[:2], notes[3], notes[2], notes[4]], [*notes, notes[-1]]):
        put_lines(bundle, wrong, "checkpoints")
        with pytest.raises(VerificationError, match=r"a checkpoint of (20|30) entries follows one of (21|30)"):
            verify_bundle(bundle)


@pytest.mark.parametrize("cut", [slice(None, -1), slice(None, -200), slice(0, 0)])
def test_a_cut_list_of_checkpoints_is_found(bundle, cut):
    path = bundle / "checkpoints"
    path.write_bytes(path.read_bytes()[cut])
    with pytest.raises(VerificationError, match="checkpoints is empty or cut short"):
        verify_bundle(bundle)


def test_a_checkpoint_that_is_not_text_is_found(bundle):
    (bundle / "checkpoints").write_bytes(b"\xff\n\n\xff\n\n")
    with pytest.raises(VerificationError, match="is not text"):
        verify_bundle(bundle)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda line: line.replace(b'"seq":14', b'"seq": 14'), "entry 14 .* not in canonical form, and was signed"),
        (lambda line: line.replace(b'"seq":14', b'"seq":15'), "entry 14 says to be entry 15, and was signed"),
        (lambda line: line.replace(b"T09:", b"T08:"), "entry 14 is older than the entry before it, and was signed"),
        (lambda line: line.replace(b"count-read", b"count-eaten"), "entry 14 .* Invalid enum value .*, and was signed"),
    ],
)
def test_an_entry_that_was_badly_logged_and_signed_is_named(bundle, signer, change, why):
    lines = lines_of(bundle)
    put_lines(bundle, [*lines[:14], change(lines[14]), *lines[15:]])
    relist(bundle)
    resign(bundle, signer, sizes=SIGNED)
    with pytest.raises(VerificationError, match=why) as caught:
        verify_bundle(bundle, vkeys=signer.vkeys)
    assert caught.value.entry == 14
    assert "Update Headcount" in caught.value.hint


def test_a_checkpoint_dated_before_its_entries_is_found(bundle, signer):
    resign(bundle, signer, sizes=[0, 30], time=datetime(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(VerificationError, match="the checkpoint of 30 entries is dated before what it covers"):
        verify_bundle(bundle)


def test_a_checkpoint_dated_a_second_before_its_last_entry_is_found(bundle, signer):
    last = time_of(lines_of(bundle)[-1])
    resign(bundle, signer, sizes=[30], time=last)
    assert verify_bundle(bundle, vkeys=signer.vkeys).signed_at == last
    resign(bundle, signer, sizes=[30], time=last - timedelta(seconds=1))
    with pytest.raises(VerificationError, match="the checkpoint of 30 entries is dated before what it covers"):
        verify_bundle(bundle)


def test_an_entry_dated_before_the_checkpoint_it_follows_is_found(bundle, signer):
    resign(bundle, signer, sizes=[20, 30], time=datetime(2026, 11, 23, tzinfo=UTC))
    with pytest.raises(VerificationError, match="entry 20 is dated before the checkpoint that it follows") as caught:
        verify_bundle(bundle)
    assert caught.value.entry == 20


def test_with_one_key_only_that_one_is_demanded(exported, signer):
    found = verify_bundle(exported[0], vkeys=f"{signer.keys[0]}\n")
    assert found.signers == (signer.keys[0].title,)
    assert found.signed_at is None


@pytest.mark.parametrize("name", ["entries.jsonl", "leaves", "checkpoints", "log.vkey"])
def test_a_missing_file_is_told(bundle, name):
    (bundle / name).unlink()
    with pytest.raises(VerificationError, match=f"no readable file {name}"):
        verify_bundle(bundle)


def test_a_spoiled_key_file_is_told(bundle):
    (bundle / "log.vkey").write_text("nonsense\n")
    with pytest.raises(SigningKeyError, match="not a verifier key"):
        verify_bundle(bundle)
    (bundle / "log.vkey").write_bytes(b"\xff")
    with pytest.raises(VerificationError, match=r"log\.vkey is not text"):
        verify_bundle(bundle)
    (bundle / "log.vkey").write_bytes(b"x" * 1024**2 + b"x")
    with pytest.raises(VerificationError, match=r"log\.vkey is far too large"):
        verify_bundle(bundle)


def test_an_endless_line_is_read_in_pieces(bundle):
    (bundle / "entries.jsonl").write_bytes(b"x" * 300_000)
    with pytest.raises(VerificationError, match="entry 0 was altered or removed"):
        verify_bundle(bundle)


def zipped(bundle, path, *, inside="", also=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(bundle.iterdir()):
            archive.write(file, f"{inside}{file.name}")
        for name, data in also:
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("inside", ["", "log of november/", "a/b/"])
def test_a_zip_of_a_bundle_verifies(exported, signer, tmp_path, inside):
    path = zipped(exported[0], tmp_path / "log.zip", inside=inside, also=[("__MACOSX/._entries.jsonl", b"x")])
    found = verify_bundle(path, vkeys=signer.vkeys, receipts=exported[1])
    assert found.entries == 30
    assert len(read_entries(path)) == 30


def test_an_altered_zip_is_named_to_the_entry_too(bundle, tmp_path):
    lines = lines_of(bundle)
    lines[3] = lines[3].replace(b"allowed", b"refused")
    put_lines(bundle, lines)
    with pytest.raises(VerificationError, match="entry 3 was altered"):
        verify_bundle(zipped(bundle, tmp_path / "log.zip"))


@pytest.mark.parametrize(
    ("also", "why"),
    [
        ([("elsewhere/entries.jsonl", b"")], "must have one file entries.jsonl"),
        ([("big", b"\0" * 50_000_000)], "big unpacks to far too much"),
        ([(f"file-{number}", b"") for number in range(120)], "more than 100 files"),
    ],
)
def test_a_zip_that_is_not_just_a_bundle_is_refused(bundle, tmp_path, also, why):
    with pytest.raises(VerificationError, match=why):
        verify_bundle(zipped(bundle, tmp_path / "log.zip", also=also))


def test_a_zip_with_two_files_of_one_name_is_refused(bundle, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(bundle, tmp_path / "log.zip", also=[("leaves", b"")])
    with pytest.raises(VerificationError, match="two files of one name"):
        verify_bundle(path)


def test_a_zip_without_one_of_the_files_is_refused(bundle, tmp_path):
    (bundle / "leaves").unlink()
    with pytest.raises(VerificationError, match="no file leaves"):
        verify_bundle(zipped(bundle, tmp_path / "log.zip"))


def test_a_damaged_or_locked_zip_is_refused(bundle, tmp_path):
    path = zipped(bundle, tmp_path / "log.zip")
    data = path.read_bytes()
    inner = data.index(b"entries.jsonl") + 200
    path.write_bytes(data[:inner] + bytes([data[inner] ^ 255]) + data[inner + 1 :])
    with pytest.raises(VerificationError, match="neither a folder nor an undamaged zip"):
        verify_bundle(path)
    place = data.index(b"PK\x01\x02") + 8  # the flags of the first file
    path.write_bytes(data[:place] + b"\x01" + data[place + 1 :])
    with pytest.raises(VerificationError, match="locked with a password"):
        verify_bundle(path)


def test_what_is_no_bundle_is_told(tmp_path):
    with pytest.raises(VerificationError, match="there is no bundle at"):
        verify_bundle(tmp_path / "nothing")
    (tmp_path / "file").write_text("no zip")
    with pytest.raises(VerificationError, match="neither a folder nor an undamaged zip"):
        verify_bundle(tmp_path / "file")


def test_a_receipt_for_a_later_entry_is_refused(exported, signer):
    late = Receipt(index=30, leaf="00" * 32, time=datetime(2026, 11, 23, tzinfo=UTC))
    with pytest.raises(VerificationError, match="entry 30 is not the one you have a receipt for"):
        verify_bundle(exported[0], vkeys=signer.vkeys, receipts=[late])


@pytest.mark.parametrize(
    "change",
    [lambda lines: lines[:-1], lambda lines: [*lines, lines[-1]], lambda lines: [lines[1], *lines[1:]]],
    ids=["fewer", "more", "others"],
)
def test_entries_that_change_between_two_looks_are_not_believed(exported, signer, change):
    """What is decoded is what was hashed, also if somebody writes to the bundle in between."""
    lines = lines_of(exported[0])
    looks = iter([lines, change(lines)])

    def opener(name):
        return BytesIO(b"".join(next(looks))) if name == "entries.jsonl" else (exported[0] / name).open("rb")

    with pytest.raises(VerificationError, match="the bundle was written to while it was checked") as caught:
        verify_opened(Bundle(opener), vkeys=signer.vkeys)
    assert caught.value.hint == "Check a copy that nothing writes to."


@pytest.mark.parametrize("size", [1, 7, 250, 5000])
def test_an_entry_may_lie_across_pieces_of_the_file(exported, signer, size):
    class Trickle(BytesIO):
        def read(self, _):
            return super().read(size)

    def opener(name):
        data = (exported[0] / name).read_bytes()
        return Trickle(data) if name == "entries.jsonl" else BytesIO(data)

    assert verify_opened(Bundle(opener), vkeys=signer.vkeys).entries == ENTRIES


def test_no_more_of_a_line_is_held_than_an_entry_may_have():
    most = b"x" * MAX_ENTRY_BYTES
    assert _leaves_of(most[1:], b"x") == (b"", most)
    assert _leaves_of(most, b"y") == (leaf_hash(most + b"y"), b"")
    assert _leaves_of(most, b"y\nz") == (leaf_hash(most + b"y"), b"z")
