"""Every refusal in full: what does not hold, and what to do next."""

import base64
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from test_cosignatures import VKEYS, WITNESSES
from witnessing import NOON, Fork

from audit.checkpoint import parse_checkpoint
from audit.cosignature import MAX_WITNESSES, Quorum, cosigned_by, parse_witnesses
from audit.damage import Flaw, tree_as_signed
from audit.errors import TAMPERED, AuditError, VerificationError
from audit.events import Entry, Receipt, encode_entry
from audit.log import AuditLog
from audit.merkle import Tree, leaf_hash, verify_consistency, verify_leaf
from audit.note import Algorithm, VerifierKey
from audit.signing import verify_line
from audit.submission import parse_cosignatures, parse_submission
from audit.verify import verify_bundle
from audit.witness import Witness, found

KEEP = "Keep your own copy: it shows that the log was rewritten. Tell the other auditors."
LATER = "Ask for it again in an hour; if it stays, ask the witnesses why they do not cosign."
GET_KEYS = "Ask each witness for its file witness.vkey."
TELL = "Tell the other agencies and the auditors at once, and not through the service. Delete nothing."
SEND = "Send the request as c2sp.org/tlog-witness describes it."
LEAVES = [leaf_hash(bytes([number])) for number in range(5)]


def told(act) -> tuple[str, str, int | None]:
    with pytest.raises(AuditError, match=r".") as caught:
        act()
    return caught.value.what, caught.value.hint, getattr(caught.value, "entry", None)


def tree_of(leaves):
    return Tree.of(b"".join(leaves))


def states(signer, *sizes):
    tree = tree_of(LEAVES)
    return [signer.sign(size=size, root=tree.root(size), time=NOON).checkpoint for size in sizes]


@pytest.mark.parametrize(
    ("entries", "listed", "flaw", "said", "entry"),
    [
        (
            LEAVES,
            LEAVES[:4],
            None,
            "the entries are as signed, but line 4 of the file leaves was altered, added or removed",
            4,
        ),
        (LEAVES[:3] + LEAVES[4:] + LEAVES[3:4], LEAVES, None, "entry 3 was altered: it is not what was signed", 3),
        (LEAVES[:2], LEAVES, None, "entry 2 was altered or removed: 5 entries were signed, 2 are here", 2),
        ([*LEAVES, LEAVES[0]], LEAVES, None, "entry 5 was altered or put in: 5 entries were signed, 6 are here", 5),
        ([*LEAVES, LEAVES[0]], [], None, "entry 5 was added: only 5 entries were signed", 5),
        ([*LEAVES[:3], LEAVES[0], LEAVES[0]], [], Flaw(3, "is odd"), "entry 3 is odd, and is not what was signed", 3),
        ([*LEAVES[:3], LEAVES[0], LEAVES[0]], [], Flaw(4, "is odd"), "entry 4 is odd, and is not what was signed", 4),
        (
            [*LEAVES[:3], LEAVES[0], LEAVES[0]],
            [],
            Flaw(2, "is odd"),
            "an entry between 3 and 4 was altered, added or removed",
            None,
        ),
        ([*LEAVES[:2], LEAVES[0], *LEAVES[3:]], [], None, "entry 2 was altered or removed", 2),
        ([LEAVES[1], *LEAVES[1:]], [], None, "an entry between 0 and 1 was altered, added or removed", None),
        (
            LEAVES[:4],
            [],
            None,
            "an entry between 3 and 4 was altered, added or removed: 5 entries were signed, 4 are here",
            None,
        ),
    ],
)
def test_where_a_log_was_altered(signer, entries, listed, flaw, said, entry):
    signed = states(signer, 2, 3, 5)
    looked = lambda: tree_as_signed(b"".join(entries), b"".join(listed), signed, lambda: flaw)  # noqa: E731
    assert told(looked) == (said, TAMPERED, entry)


def test_a_log_that_is_as_signed_has_no_flaw_to_tell(signer):
    leaves = b"".join(LEAVES)
    tree = tree_as_signed(leaves, leaves, states(signer, 0, 2, 5), lambda: Flaw(1, "is odd"))
    assert (tree.leaves, tree.root()) == (leaves, tree_of(LEAVES).root())


@pytest.fixture
def standing(tmp_path, signer, event):
    """A log of which all is of one moment, with a checkpoint between the entries."""
    with AuditLog.open(tmp_path / "log", signer, clock=lambda: NOON) as log:
        log.append(event(0))
        log.checkpoint()
        log.append(event(1))
        yield log.export(tmp_path / "out")


def test_a_log_of_one_moment_verifies(standing, signer):
    found = verify_bundle(standing, vkeys=signer.vkeys)
    assert (found.entries, found.first, found.last, found.signed_at) == (2, NOON, NOON, NOON)


def test_a_log_before_1970_verifies(tmp_path, signer, event):
    long_ago = NOON - timedelta(days=365 * 60)
    tree = Tree()
    with AuditLog.open(tmp_path / "log", signer, clock=lambda: NOON) as log:
        bundle = log.export(tmp_path / "out")
    assert long_ago.timestamp() < 0
    line = encode_entry(Entry(0, event(0), long_ago))
    tree.append(leaf_hash(line))
    (bundle / "entries.jsonl").write_bytes(line + b"\n")
    (bundle / "leaves").write_text(tree.leaf(0).hex() + "\n")
    (bundle / "checkpoints").write_text(f"{signer.sign(size=1, root=tree.root(), time=NOON)}\n")
    assert verify_bundle(bundle, vkeys=signer.vkeys).first == long_ago


def test_what_you_kept_shows_a_rewritten_log(standing, signer):
    other = "0" * 64

    def receipt(index):
        return lambda: verify_bundle(standing, vkeys=signer.vkeys, receipts=[Receipt(index, other, NOON)])

    for index in (1, 2, 3):
        assert told(receipt(index)) == (f"entry {index} is not the one you have a receipt for", KEEP, index)
    longer = str(Fork(signer, [b"x"] * 3).checkpoint())
    assert told(lambda: verify_bundle(standing, vkeys=signer.vkeys, checkpoints=[longer])) == (
        "you hold a checkpoint of 3 entries, and the log has 2",
        KEEP,
        2,
    )
    for size in (1, 2):
        forked = str(Fork(signer, [b"x"] * size).checkpoint())
        assert told(lambda forked=forked: verify_bundle(standing, vkeys=signer.vkeys, checkpoints=[forked])) == (
            f"the log no longer has the first {size} entries that you saw",
            KEEP,
            None,
        )
    assert told(lambda: verify_bundle(standing, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 2))) == (
        "none of your 3 witnesses cosigned anything in this copy, and 2 are needed: "
        + ", ".join(f"{witness.name} nothing" for witness in WITNESSES),
        LATER,
        None,
    )


def test_times_that_cannot_be(standing, signer):
    for name, size, when, said, entry in (
        ("before", 2, NOON - timedelta(seconds=1), "the checkpoint of 2 entries is dated before what it covers", None),
        ("after", 1, NOON + timedelta(seconds=1), "entry 1 is dated before the checkpoint that it follows", 1),
    ):
        tree = Tree.of(bytes.fromhex((standing / "leaves").read_text().replace("\n", "")))
        notes = [signer.sign(size=size, root=tree.root(size), time=when)]
        notes += [signer.sign(size=2, root=tree.root(), time=when)] if size == 1 else []
        (standing / "checkpoints").write_text("".join(f"{note}\n" for note in notes))
        assert told(lambda: verify_bundle(standing, vkeys=signer.vkeys)) == (said, TAMPERED, entry), name


def test_witnesses_that_cannot_be_trusted(signer):
    assert told(lambda: parse_witnesses(signer.vkeys)) == (
        "the verifier key is of a log, not of a witness",
        GET_KEYS,
        None,
    )
    key = WITNESSES[0].keys[0]
    twice = f"{key}\n{VerifierKey('b', key.algorithm, key.public)}"
    assert told(lambda: parse_witnesses(twice)) == ("two witnesses have the same key", GET_KEYS, None)
    many = "\n".join(
        str(VerifierKey(f"w{n}", Algorithm.COSIGNATURE, bytes([n]) * 32)) for n in range(MAX_WITNESSES + 1)
    )
    assert told(lambda: parse_witnesses(many)) == (
        "there are more than 31 witnesses",
        "Choose those that you trust most.",
        None,
    )
    assert told(lambda: Quorum.of(VKEYS, 4)) == (
        "4 of 3 witnesses cannot be asked for",
        "Give the key file of each witness, and a number from 1 to how many they are.",
        None,
    )
    signed = Fork(signer, [b"x"]).checkpoint()
    assert told(lambda: Quorum.of(VKEYS, 2).check(signed)) == (
        "the checkpoint of 1 entries is cosigned by 0 of your 3 witnesses, and 2 are needed",
        LATER,
        None,
    )
    own = parse_witnesses(str(signer.keys[1]))
    assert told(lambda: cosigned_by(signed, own)) == (
        f"'{signer.name}' is the log itself, which cannot be its own witness",
        TAMPERED,
        None,
    )


def test_keys_of_a_witness_are_sorted_by_kind_whatever_their_order():
    first, second = WITNESSES[0].keys
    (witness,) = parse_witnesses(f"{second}\n{first}\n")
    assert witness.keys == (first, second)


@pytest.fixture
def witness(tmp_path, signer):
    found(tmp_path / "w", WITNESSES[0])
    with Witness(tmp_path / "w", clock=lambda: NOON) as opened:
        opened.watch(signer.vkeys)
        opened.add_checkpoint(Fork(signer, [b"a", b"b"]).request(0))
        yield opened


def test_why_a_witness_does_not_cosign(tmp_path, witness, signer, other_signer):
    stranger = type(signer)("b.example", ed25519_seed=bytes(32), ml_dsa_seed=bytes(32))
    view = Fork(signer, [b"a", b"b", b"c"])
    padded = view.request(2).replace(b"old 2\n", b"old 2\n" + base64.b64encode(bytes(32)) + b"\n")
    for request, what, hint in (
        (view.request(1), "the last cosigned size is 2, not 1", "Start from that size."),
        (Fork(signer, [b"c"] * 2).request(2), "the log has signed two different histories of 2 entries", TELL),
        (
            padded,
            "it is not shown that the log still holds the 2 entries that were cosigned (the proof is too long)",
            TELL,
        ),
        (
            Fork(stranger, [b"x"]).request(0),
            "this witness does not watch a log of that name",
            "Give it the log's file log.vkey.",
        ),
        (
            Fork(other_signer, [b"x"]).request(0),
            f"the checkpoint of 1 entries is not signed by {signer.keys[0].title}",
            TELL,
        ),
        (b"\xff", "the request is not text", SEND),
        (
            b"new 1\n\n",
            "the request cannot be read: an old size, at most 63 lines of proof, a blank line and a checkpoint "
            "were expected",
            SEND,
        ),
        (
            view.request(0).replace(b"old 0\n", b"old 0\nAAAA\n"),
            "the request cannot be read: a step of the proof is not a SHA-256 hash",
            SEND,
        ),
        (
            view.request(0).replace(b"old 0", b"old 4"),
            "the request cannot be read: the old size is beyond the new one",
            SEND,
        ),
        (
            b"old 0\n\nx",
            "the request cannot be read: this is not a signed note: a text, a blank line, and signature lines",
            SEND,
        ),
    ):
        assert told(lambda request=request: witness.add_checkpoint(request)) == (what, hint, None)
    assert told(lambda: witness.watch(other_signer.vkeys)) == (
        f"this witness watches {signer.name} with other keys",
        "Ask the operator by telephone which keys are right. If the log's keys really changed, tell the auditors.",
        None,
    )


RESTORE = "Do not cosign with it. Make a new witness under another name, and tell those who trusted this one."


def test_why_a_witness_does_not_start_or_goes_on(tmp_path, witness, signer):
    (last,) = (tmp_path / "w").glob("*.cosigned")
    last.write_text("x")
    damaged = ("the file of what was cosigned last is damaged", RESTORE, None)
    assert told(lambda: witness.cosigned_size(signer.name)) == damaged
    last.write_text("")
    assert told(lambda: witness.cosigned_size(signer.name)) == (damaged[0].replace("damaged", "empty"), RESTORE, None)
    last.unlink()
    assert told(lambda: witness.cosigned_size(signer.name)) == (f"{last} cannot be read", RESTORE, None)
    (tmp_path / "file").write_text("")
    below = tmp_path / "file" / "below"
    assert told(lambda: found(below, WITNESSES[0])) == (
        f"{below} cannot be written: Not a directory",
        "Choose another folder.",
        None,
    )


def test_a_files_name_does_not_tell_which_log_but_a_size_of_it_is_at_most_18_digits(tmp_path, witness, signer):
    name = sha256(signer.name.encode()).hexdigest()[:32]
    assert (tmp_path / "w" / f"{name}.cosigned").is_file()
    request = Fork(signer, [b"x"]).request(0)
    assert "old size is beyond" in told(lambda: parse_submission(request.replace(b"old 0", b"old " + b"9" * 18)))[0]
    assert "an old size" in told(lambda: parse_submission(request.replace(b"old 0", b"old " + b"9" * 19)))[0]


def test_answers_that_are_none():
    assert told(lambda: parse_cosignatures(b"\xff")) == ("the witness's answer is not text", TAMPERED, None)
    assert told(lambda: parse_cosignatures(b"x")) == ("the witness's answer is cut short", TAMPERED, None)
    assert told(lambda: parse_cosignatures(b"x\n")) == ("a signature line of the note cannot be read", TAMPERED, None)


@pytest.mark.parametrize(
    ("told_of", "said", "entry"),
    [
        ({"index": 2, "size": 2}, "entry 2 is outside a log of 2 entries", None),
        ({"index": 0, "size": 2, "proof": (b"x",)}, "a step of the proof is not a SHA-256 hash", None),
        ({"index": 0, "size": 2, "proof": ()}, "the proof is too short", None),
        ({"index": 0, "size": 1, "proof": (LEAVES[0],)}, "the proof is too long", None),
        ({"index": 1, "size": 2, "proof": (LEAVES[0],)}, "the inclusion proof of entry 1 leads to another root", 1),
    ],
)
def test_why_an_entry_is_not_proven(told_of, said, entry):
    usual = {"proof": (LEAVES[1],), "root": tree_of(LEAVES[:2]).root()}
    assert told(lambda: verify_leaf(LEAVES[0], **(usual | told_of))) == (said, TAMPERED, entry)


@pytest.mark.parametrize(
    ("told_of", "said"),
    [
        ({"old_size": 4, "new_size": 3}, "the log shrank from 4 to 3 entries"),
        ({"old_root": bytes(32)}, "the consistency proof leads to another old root"),
        ({"new_root": bytes(32)}, "the consistency proof leads to another new root"),
        ({"proof": (b"x",)}, "a step of the proof is not a SHA-256 hash"),
        ({"old_size": 0, "new_size": 0, "old_root": Tree().root(), "proof": ()},
         "the consistency proof leads to another new root"),
    ],
)  # fmt: skip
def test_why_growth_is_not_proven(told_of, said):
    tree = tree_of(LEAVES)
    usual = {
        "old_size": 3,
        "old_root": tree.root(3),
        "new_size": 5,
        "new_root": tree.root(5),
        "proof": tree.consistency_proof(old_size=3, new_size=5),
    }
    verify_consistency(**usual)
    assert told(lambda: verify_consistency(**(usual | told_of))) == (said, TAMPERED, None)


def test_a_flaw_that_was_signed_is_told_as_the_services(standing, signer):
    lines = (standing / "entries.jsonl").read_bytes().replace(b'"seq":1', b'"seq":2').splitlines(keepends=True)
    tree = tree_of([leaf_hash(line.removesuffix(b"\n")) for line in lines])
    (standing / "entries.jsonl").write_bytes(b"".join(lines))
    (standing / "leaves").write_text("".join(f"{tree.leaf(number).hex()}\n" for number in range(2)))
    (standing / "checkpoints").write_text(f"{signer.sign(size=2, root=tree.root(), time=NOON)}\n")
    assert told(lambda: verify_bundle(standing, vkeys=signer.vkeys)) == (
        "entry 1 says to be entry 2, and was signed like this",
        "Update Headcount and check again; if it stays, the service wrote its log wrongly.",
        1,
    )


def test_seeds_are_32_bytes_from_the_randomness_that_was_given(signer):
    asked = []

    def randomness(count):
        asked.append(count)
        return bytes([len(asked)]) * 32

    made = type(signer).create("a", randomness=randomness)
    assert asked == [32, 32]
    assert made.keys == type(signer)("a", ed25519_seed=b"\x01" * 32, ml_dsa_seed=b"\x02" * 32).keys


def test_keys_whose_base64_has_plus_signs_are_saved_and_loaded(tmp_path, signer):
    pluses = b"\xef\xbe" + base64.b64decode("+" * 40)  # behind the byte that tells the algorithm
    made = type(signer)("a", ed25519_seed=pluses, ml_dsa_seed=pluses)
    made.save(tmp_path / "key")
    assert all(line.count("+") > 10 for line in (tmp_path / "key").read_text().splitlines())
    assert type(signer).load(tmp_path / "key").keys == made.keys


def test_why_a_key_file_is_not_written_or_read(tmp_path, signer):
    path = tmp_path / "log.key"
    keeps = "Restore the key file from its backup; a log keeps its keys for life."
    assert told(lambda: type(signer).load(path)) == (f"the log's signing key in {path} cannot be read", keeps, None)
    path.write_text("x")
    assert told(lambda: type(signer).load(path)) == (f"the log's signing key in {path} is damaged", keeps, None)
    assert told(lambda: signer.save(path)) == (
        f"{path} is there already",
        "Choose another name; a key is never overwritten.",
        None,
    )
    below = path / "below"
    assert told(lambda: signer.save(below)) == (
        f"{below} cannot be written: Not a directory",
        "Choose another folder.",
        None,
    )


def test_a_checkpoint_that_is_not_text_is_told_in_full(standing, signer):
    path = standing / "checkpoints"
    path.write_bytes(path.read_bytes().replace(b"anytown", b"\xffnytown", 1))
    assert told(lambda: verify_bundle(standing, vkeys=signer.vkeys)) == ("a checkpoint is not text", TAMPERED, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n1\n", "a checkpoint has three lines: log, size and root"),
        ("a\n01\nx\n", "the size in the checkpoint is not a plain number"),
        ("a\n1\n*\n", "the root in the checkpoint is not base64"),
        ("a\n1\nAAAA\n", "the root in the checkpoint is not a SHA-256 hash"),
    ],
)
def test_why_a_text_is_no_checkpoint(text, said):
    assert told(lambda: parse_checkpoint(text)) == (said, TAMPERED, None)


def test_a_list_of_checkpoints_that_is_cut_short_is_told_in_full(standing, signer):
    (standing / "checkpoints").write_bytes(b"")
    said = ("the file checkpoints is empty or cut short", TAMPERED, None)
    assert told(lambda: verify_bundle(standing, vkeys=signer.vkeys)) == said


@pytest.mark.parametrize("maker", [WITNESSES[0], WITNESSES[1]])
def test_the_last_second_of_the_calendar_can_be_told_and_the_next_cannot(signer, maker):
    signed = Fork(signer, [b"x"]).checkpoint()
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    witnesses = parse_witnesses(maker.vkeys)
    assert cosigned_by(signed.with_signatures(maker.cosign(signed, time=last)), witnesses)[0].time == last
    for key, line in zip(maker.keys, maker.cosign(signed, time=last), strict=True):
        late = replace(line, value=struct.pack(">Q", int(last.timestamp()) + 1) + line.value[8:])
        with pytest.raises(VerificationError, match="does not fit the signature") as caught:
            verify_line(late, key, signed)
        assert str(caught.value.__cause__) == "signed after the year 9999"


def test_an_error_without_an_entry_names_none():
    assert VerificationError("x").entry is None
