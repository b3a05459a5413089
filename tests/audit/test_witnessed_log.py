"""The log's side: it keeps cosignatures of witnesses it was told of, on its own checkpoints, and hands them on."""

from contextlib import ExitStack, contextmanager

import httpx2
import pytest
from test_audit_faults import FailingDisk
from test_cosignatures import VKEYS, WITNESSES, witness_named
from witnessing import NOON, Fork, service_of

from audit.checkpoint import parse_signed_checkpoint
from audit.cosignature import Quorum, cosigned_by, parse_witnesses
from audit.disk import Disk
from audit.errors import (
    CosignatureRefused,
    EntryNotFound,
    LogCannotBeWritten,
    LogRolledBack,
    OldSizeDiffers,
    VerificationError,
)
from audit.export import export_folder
from audit.log import AuditLog
from audit.proof import verify_proof
from audit.proving import prove_from_bundle
from audit.relay import cosign_once
from audit.submission import STEPS, parse_submission
from audit.tiles import write_tiles
from audit.verify import verify_bundle
from audit.witness import Witness, found

KNOWN = parse_witnesses(VKEYS)


@contextmanager
def opened(folder, signer, clock, **more):
    with AuditLog.open(folder, signer, clock=clock, witnesses=KNOWN, **more) as log:
        yield log


@pytest.fixture
def log(tmp_path, signer, clock, event):
    with opened(tmp_path / "log", signer, clock) as log:
        for number in range(4):
            log.append(event(number))
        log.checkpoint()
        yield log


def cosigned(text: str, *witnesses) -> str:
    signed = parse_signed_checkpoint(text)
    return str(signed.with_signatures([line for one in witnesses for line in one.cosign(signed, time=NOON)]))


def names_on(signed) -> list[str]:
    return [one.name for one in cosigned_by(signed, KNOWN)]


def test_what_a_witness_is_asked_is_the_signed_state_with_its_proof(log, signer):
    for old in range(5):
        asked = parse_submission(log.witnessing.submission(old).encode())
        assert (asked.old_size, asked.signed.checkpoint.size) == (old, 4)
        assert asked.proof == log._entries.tree.consistency_proof(old_size=old, new_size=4)
    with pytest.raises(OldSizeDiffers, match="has signed 4 entries, not 5") as caught:
        log.witnessing.submission(5)
    assert caught.value.size == 4


def test_cosignatures_are_kept_one_by_one_and_over_a_restart(tmp_path, log, signer, clock):
    text = log.checkpoint()
    with pytest.raises(EntryNotFound, match="cosigned by 1 witnesses yet"):
        log.witnessing.newest(1)
    log.witnessing.take(cosigned(text, WITNESSES[1]))
    log.witnessing.take(cosigned(text, WITNESSES[0], WITNESSES[1]))
    log.witnessing.take(cosigned(text, WITNESSES[0]))
    length = (tmp_path / "log" / "cosignatures").stat().st_size
    log.close()
    with opened(tmp_path / "log", signer, clock) as again:
        assert names_on(again.witnessing.newest(2)) == [WITNESSES[0].name, WITNESSES[1].name]
        again.witnessing.take(cosigned(text, WITNESSES[0]))
        assert (tmp_path / "log" / "cosignatures").stat().st_size == length
        with pytest.raises(EntryNotFound, match="cosigned by 3 witnesses yet"):
            again.witnessing.newest(3)


def test_the_newest_with_enough_cosignatures_is_found(log, event):
    first = log.checkpoint()
    log.witnessing.take(cosigned(first, *WITNESSES[:2]))
    log.append(event(9))
    log.witnessing.take(cosigned(log.checkpoint(), WITNESSES[2]))
    assert [log.witnessing.newest(need).checkpoint.size for need in (1, 2)] == [5, 4]
    assert str(log.witnessing.newest(2)).startswith(first)


def test_strangers_others_and_forgers_are_refused(log, signer, other_signer):
    text = log.checkpoint()
    with pytest.raises(CosignatureRefused, match="no witness that this log knows"):
        log.witnessing.take(cosigned(text, witness_named("stranger.example", 9)))
    with pytest.raises(CosignatureRefused, match="no witness that this log knows"):
        log.witnessing.take(text)
    with pytest.raises(CosignatureRefused, match="not signed by"):
        log.witnessing.take(cosigned(str(Fork(other_signer, [b"x"]).checkpoint()), WITNESSES[0]))
    with pytest.raises(CosignatureRefused, match="not a signed note"):
        log.witnessing.take("hello")
    bad = cosigned(text, WITNESSES[0])
    with pytest.raises(CosignatureRefused, match="does not fit the signature by agency-a"):
        log.witnessing.take(bad[:-7] + ("A" if bad[-7] != "A" else "B") + bad[-6:])


@pytest.mark.parametrize("size", [3, 4, 9])
def test_another_history_signed_with_the_logs_own_key_is_refused(log, signer, size):
    forged = str(Fork(signer, [b"x"] * size).checkpoint())
    with pytest.raises(CosignatureRefused, match=f"had another state at {size} entries"):
        log.witnessing.take(cosigned(forged, WITNESSES[0]))


def test_a_torn_cosignature_is_cut_off_and_a_damaged_file_told(tmp_path, log, signer, clock):
    log.witnessing.take(cosigned(log.checkpoint(), WITNESSES[0]))
    log.close()
    path = tmp_path / "log" / "cosignatures"
    whole = path.read_bytes()
    for torn in (whole[:40], b"\0" * 50 + b"\n\n\n"):
        path.write_bytes(whole + torn)
        with opened(tmp_path / "log", signer, clock) as again:
            assert names_on(again.witnessing.newest(1)) == [WITNESSES[0].name]
        assert path.read_bytes() == whole
    path.write_bytes(whole.replace(b"anytown", b"\xff", 1))
    with pytest.raises(LogRolledBack, match="cosignatures is damaged"), opened(tmp_path / "log", signer, clock):
        pass


def test_a_full_disk_is_told_and_the_cosignature_can_be_sent_again(tmp_path, signer, clock, event):
    disk = FailingDisk(lambda place, name: False)
    with opened(tmp_path / "log", signer, clock, disk=disk) as log:
        log.append(event())
        text = cosigned(log.checkpoint(), WITNESSES[0])
        never, disk.fails = disk.fails, lambda place, name: name == "sync"
        with pytest.raises(LogCannotBeWritten, match="cosignatures cannot be written"):
            log.witnessing.take(text)
        disk.fails = never
        log.witnessing.take(text)
        assert names_on(log.witnessing.newest(1)) == [WITNESSES[0].name]


# -- in what leaves the log --------------------------------------------------------------------------------------


def test_a_proof_can_be_asked_for_under_a_witnessed_checkpoint(log, event, signer):
    log.witnessing.take(cosigned(log.checkpoint(), *WITNESSES[:2]))
    receipt = log.append(event(4))
    later = log.append(event(5))
    with pytest.raises(EntryNotFound, match="entry 4 is not witnessed yet"):
        log.proof(4, need=1)
    with pytest.raises(EntryNotFound, match="cosigned by 3 witnesses yet"):
        log.proof(3, need=3)
    log.witnessing.take(cosigned(log.checkpoint(), *WITNESSES[:2]))
    text = log.proof(4, need=2)
    by = verify_proof(text, receipt=receipt, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 2))
    assert [one.name for one in by] == [WITNESSES[0].name, WITNESSES[1].name]
    assert verify_proof(text, receipt=receipt, vkeys=signer.vkeys) == ()
    with pytest.raises(VerificationError, match="2 of your 3 witnesses, and 3 are needed"):
        verify_proof(text, receipt=receipt, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS))
    with pytest.raises(VerificationError, match="the proof is for entry 4"):
        verify_proof(text, receipt=later, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 2))


@pytest.fixture
def exported(log, event, tmp_path):
    """Seven entries; the checkpoint of four is cosigned by two witnesses, that of six by one."""
    log.witnessing.take(cosigned(log.checkpoint(), *WITNESSES[:2]))
    log.append(event(4))
    log.append(event(5))
    log.witnessing.take(cosigned(log.checkpoint(), WITNESSES[2]))
    log.append(event(6))
    return log.export(tmp_path / "out")


def test_a_bundle_carries_cosignatures_and_says_how_far_they_go(exported, signer):
    found = verify_bundle(exported, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 2))
    assert (found.entries, found.checkpoints, found.witnessed.entries) == (7, 4, 4)
    assert [one.name for one in found.witnessed.by] == [one.name for one in WITNESSES]  # the third one even two more
    assert verify_bundle(exported, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 3)).witnessed.entries == 4
    assert verify_bundle(exported, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 1)).witnessed.entries == 6
    assert verify_bundle(exported, vkeys=signer.vkeys).witnessed is None


def test_who_cosigned_how_far_is_told_when_they_are_too_few(exported, signer):
    a, c, stranger = WITNESSES[0], WITNESSES[2], witness_named("stranger.example", 9)
    quorum = Quorum.of(a.vkeys + c.vkeys + stranger.vkeys, 3)
    with pytest.raises(VerificationError, match="cosigned anything") as caught:
        verify_bundle(exported, vkeys=signer.vkeys, quorum=quorum)
    assert caught.value.what == (
        "2 of your 3 witnesses cosigned anything in this copy, and 3 are needed: "
        f"{a.name} up to 4 entries, {c.name} up to 6 entries, stranger.example nothing"
    )


def test_the_furthest_of_a_witness_counts_and_not_its_latest_time(log, signer, event, tmp_path):
    first = log.checkpoint()
    log.append(event(4))
    log.witnessing.take(cosigned(log.checkpoint(), WITNESSES[0]))
    log.witnessing.take(cosigned(first, *WITNESSES[:2]))
    found = verify_bundle(log.export(tmp_path / "out"), vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 1)).witnessed
    assert (found.entries, [one.name for one in found.by]) == (5, [WITNESSES[0].name])


# -- witnesses that come one after the other ----------------------------------------------------------------------


def test_a_witness_is_asked_for_what_others_cosigned_state_by_state_and_then_for_the_newest(log, event):
    for number in range(4, 7):
        log.witnessing.take(cosigned(log.checkpoint(), WITNESSES[0]))
        log.append(event(number))
    log.checkpoint()
    asked = [parse_submission(log.witnessing.submission(old).encode()) for old in range(8)]
    assert [one.signed.checkpoint.size for one in asked] == [4, 4, 4, 4, 5, 6, 7, 7]
    assert [len(one.signed.note.signatures) for one in asked] == [2] * 8  # the log's own, of whoever cosigned it
    for old, one in enumerate(asked):
        size = one.signed.checkpoint.size
        assert one.proof == log._entries.tree.consistency_proof(old_size=old, new_size=size)


def test_of_many_states_the_newest_are_asked_for(log, event):
    for number in range(4, 4 + STEPS + 3):
        log.witnessing.take(cosigned(log.checkpoint(), WITNESSES[0]))
        log.append(event(number))
    newest = parse_signed_checkpoint(log.checkpoint()).checkpoint.size
    old, seen = 0, []
    while old < newest:
        old = parse_submission(log.witnessing.submission(old).encode()).signed.checkpoint.size
        seen.append(old)
    assert seen == list(range(7, 7 + STEPS + 1))


def test_a_state_beyond_the_log_is_not_asked_for(tmp_path, log, signer, clock, event):
    """The log's folder was put back and only its cosignatures stayed: the service answers with what it has."""
    log.append(event(4))
    log.witnessing.take(cosigned(log.checkpoint(), WITNESSES[0]))
    kept = (tmp_path / "log" / "cosignatures").read_bytes()
    with opened(tmp_path / "other", signer, clock) as shorter:
        shorter.append(event(0))
        shorter.checkpoint()
    (tmp_path / "other" / "cosignatures").write_bytes(kept)
    with opened(tmp_path / "other", signer, clock) as shorter:
        assert parse_submission(shorter.witnessing.submission(0).encode()).signed.checkpoint.size == 1


def test_three_witnesses_that_come_one_after_the_other_cosign_the_same_states(tmp_path, log, signer, event):
    """On two days, with an entry between any two visits: single proofs by two and by three of them are to be had."""
    receipts = {}
    with ExitStack() as stack:
        http = stack.enter_context(httpx2.Client(transport=httpx2.MockTransport(service_of(log))))
        witnesses = []
        for place, maker in enumerate(WITNESSES):
            found(tmp_path / f"{place}", maker)
            witnesses.append(stack.enter_context(Witness(tmp_path / f"{place}", clock=lambda: NOON)))
            witnesses[-1].watch(signer.vkeys)
        for number, witness in enumerate(witnesses * 2, 4):
            signed = cosign_once(witness, log=signer.name, service="https://service.example", http=http)
            assert signed.checkpoint.size == witness.cosigned_size(signer.name) == number
            receipts[number] = log.append(event(number))
            log.checkpoint()
    assert [log.witnessing.newest(need).checkpoint.size for need in (1, 2, 3)] == [9, 8, 7]
    for index, need in ((4, 2), (5, 3), (6, 3), (7, 2), (8, 1)):
        quorum = Quorum.of(VKEYS, need)
        text = log.proof(index, need=need)
        assert len(verify_proof(text, receipt=receipts[index], vkeys=signer.vkeys, quorum=quorum)) == need
    bundle = log.export(tmp_path / "out")
    for need, size in ((1, 9), (2, 8), (3, 7)):
        quorum = Quorum.of(VKEYS, need)
        assert verify_bundle(bundle, vkeys=signer.vkeys, quorum=quorum).witnessed.entries == size
        made = prove_from_bundle(bundle, 4, vkeys=signer.vkeys, quorum=quorum)
        verify_proof(str(made), receipt=receipts[4], vkeys=signer.vkeys, quorum=quorum)


def test_a_checkpoint_that_you_kept_counts_with_its_cosignatures(exported, signer, log):
    kept = cosigned(log.checkpoint(), *WITNESSES)
    found = verify_bundle(exported, vkeys=signer.vkeys, checkpoints=[kept], quorum=Quorum.of(VKEYS, 3))
    assert found.witnessed.entries == 7


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_spoiled_cosignature_is_found_on_whichever_checkpoint_it_stands(exported, signer, which):
    path = exported / "checkpoints"
    lines = path.read_text().split("\n")
    places = [place for place, line in enumerate(lines) if line.startswith("— agency-")]
    line = lines[places[2 * which]]
    lines[places[2 * which]] = line[:-9] + ("A" if line[-9] != "A" else "B") + line[-8:]
    path.write_text("\n".join(lines))
    with pytest.raises(VerificationError, match=f"does not fit the signature by agency-{'abc'[which]}"):
        verify_bundle(exported, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 1))
    verify_bundle(exported, vkeys=signer.vkeys)  # who knows no witness does not look


def test_no_proof_is_made_from_a_bundle_of_other_keys(exported, other_signer, tmp_path):
    with pytest.raises(VerificationError, match="is not signed by"):
        prove_from_bundle(exported, 3, vkeys=other_signer.vkeys)
    with pytest.raises(VerificationError, match="is not signed by"):
        write_tiles(exported, tmp_path / "tiles", vkeys=other_signer.vkeys, disk=Disk())


def test_a_proof_is_made_from_a_bundle(exported, signer, log):
    made = prove_from_bundle(exported, 3, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 2))
    assert made.signed.checkpoint.size == 4
    assert prove_from_bundle(exported, 6, vkeys=signer.vkeys).signed.checkpoint.size == 7
    with pytest.raises(EntryNotFound, match="entry 4 is not witnessed yet"):
        prove_from_bundle(exported, 4, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 2))
    with pytest.raises(EntryNotFound, match="entry 0 is not witnessed yet"):
        prove_from_bundle(exported, 0, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 3))
    for index in (-1, 7):
        with pytest.raises(EntryNotFound, match=f"has no entry {index}"):
            prove_from_bundle(exported, index, vkeys=signer.vkeys)


def test_a_copy_that_is_made_beside_the_service_has_the_cosignatures_too(log, signer, tmp_path):
    log.witnessing.take(cosigned(log.checkpoint(), *WITNESSES[:2]))
    (tmp_path / "log.vkey").write_text(signer.vkeys)
    copy = export_folder(tmp_path, tmp_path / "copy").bundle
    assert verify_bundle(copy, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 2)).witnessed.entries == 4
    log.export(tmp_path / "its own")
    assert (copy / "checkpoints").read_bytes() == (tmp_path / "its own" / "checkpoints").read_bytes()


def test_a_last_cosignature_that_was_never_wholly_written_is_left_out_of_the_copy(log, signer, tmp_path):
    log.witnessing.take(cosigned(log.checkpoint(), WITNESSES[0]))
    (tmp_path / "log.vkey").write_text(signer.vkeys)
    kept = tmp_path / "log" / "cosignatures"
    kept.write_bytes(kept.read_bytes() + b"half a no")
    copy = export_folder(tmp_path, tmp_path / "copy").bundle
    assert verify_bundle(copy, vkeys=signer.vkeys, quorum=Quorum.of(VKEYS, 1)).witnessed.entries == 4
    kept.write_bytes(b"\xff\n\n\n")
    with pytest.raises(VerificationError, match="file of cosignatures is damaged"):
        export_folder(tmp_path, tmp_path / "another copy")
