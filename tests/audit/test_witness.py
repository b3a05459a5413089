"""A witness cosigns one history of a log and no other, whatever it is sent and wherever it is stopped."""

import base64
import os
import random
import stat
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from test_audit_faults import FailingDisk
from test_cosignatures import witness_named
from witnessing import NOON, Fork

from audit.checkpoint import parse_signed_checkpoint
from audit.cosignature import cosigned_by, parse_witnesses
from audit.errors import (
    CommandMisused,
    GrowthNotProven,
    LogInUse,
    LogNotSigned,
    LogUnknown,
    OldSizeDiffers,
    RequestMalformed,
    SigningKeyError,
    SplitView,
    VerificationError,
    WitnessFolderError,
    WitnessRefused,
)
from audit.submission import MAX_PROOF_LINES, parse_cosignatures, parse_submission
from audit.witness import Witness, found

# The example of c2sp.org/tlog-witness, and of its answer.
C2SP_REQUEST = (
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— example.com/behind-the-sofa "
    "opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n"
)
C2SP_ANSWER = (
    "— witness.example/w1 "
    "CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n"
    "— witness.example/w1 "
    "I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==\n"
    "— witness.example/w2 "
    "AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n"
)
SPLIT_VIEWS = int(os.environ.get("HEADCOUNT_SPLIT_VIEWS", "60"))
WITNESS = witness_named("agency-a.example/witness")


@pytest.fixture
def folder(tmp_path, signer):
    """A witness's folder that watches the log and has cosigned nothing."""
    found(tmp_path / "witness", WITNESS)
    with Witness(tmp_path / "witness", clock=lambda: NOON) as witness:
        witness.watch(signer.vkeys)
    return tmp_path / "witness"


@pytest.fixture
def witness(folder):
    with Witness(folder, clock=lambda: NOON) as opened:
        yield opened


@pytest.fixture(scope="module")
def log(signer):
    return Fork(signer, [f"entry {number}".encode() for number in range(5)])


def check_cosigned(answer: str, log: Fork, witness: Witness) -> None:
    signed = log.checkpoint().with_signatures(parse_cosignatures(answer.encode()))
    assert [one.name for one in cosigned_by(signed, parse_witnesses(witness.vkeys))] == [witness.name]


def test_a_request_of_the_specification_is_read_and_written_again():
    submission = parse_submission(C2SP_REQUEST.encode())
    assert (submission.old_size, len(submission.proof), submission.signed.checkpoint.size) == (20852014, 4, 20852163)
    assert str(submission) == C2SP_REQUEST


def test_an_answer_of_the_specification_is_read():
    lines = parse_cosignatures(C2SP_ANSWER.encode())
    assert [line.name[-2:] for line in lines] == ["w1", "w1", "w2"]
    assert "".join(line.line() + "\n" for line in lines) == C2SP_ANSWER


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "cut short"),
        (C2SP_ANSWER[:-1].encode(), "cut short"),
        (b"\xff\n", "not text"),
        (b"hello\n", "cannot be read"),
    ],
)
def test_an_answer_that_is_none_is_told(answer, why):
    with pytest.raises(VerificationError, match=why):
        parse_cosignatures(answer)


def test_a_log_is_cosigned_as_it_grows(witness, log):
    old = 0
    for grown in (log, log, log.grown(b"six"), log.grown(b"six", b"seven", b"eight")):
        check_cosigned(witness.add_checkpoint(grown.request(old)), grown, witness)
        old = grown.size
        assert witness.cosigned_size(log.signer.name) == old


def test_an_empty_log_is_cosigned_if_it_is_empty(witness, signer):
    empty = Fork(signer)
    check_cosigned(witness.add_checkpoint(empty.request(0)), empty, witness)
    check_cosigned(witness.add_checkpoint(empty.grown(b"one").request(0)), empty.grown(b"one"), witness)


def test_an_empty_log_has_one_root(witness, signer):
    forged = signer.sign(size=0, root=bytes(32), time=NOON)
    with pytest.raises(SplitView, match="two different histories of 0 entries"):
        witness.add_checkpoint(f"old 0\n\n{forged}".encode())


def test_what_was_cosigned_is_remembered(folder, log):
    with Witness(folder, clock=lambda: NOON) as witness:
        witness.add_checkpoint(log.request(0))
    with Witness(folder, clock=lambda: NOON) as witness:
        assert (witness.logs, witness.cosigned_size(log.signer.name)) == ((log.signer.name,), 5)


def refused(witness: Witness, request: bytes, kind: type[WitnessRefused], match: str) -> WitnessRefused:
    with pytest.raises(kind, match=match) as caught:
        witness.add_checkpoint(request)
    assert type(caught.value) is kind
    return caught.value


def test_a_request_from_another_size_is_told_the_size(witness, log):
    witness.add_checkpoint(log.request(0))
    for old in (0, 3, 6):
        request = log.grown(b"six").request(old)
        assert refused(witness, request, OldSizeDiffers, f"last cosigned size is 5, not {old}").size == 5


def test_a_shrunken_log_is_told_the_size(witness, log):
    witness.add_checkpoint(log.grown(b"six").request(0))
    assert refused(witness, log.request(0), OldSizeDiffers, "last cosigned size is 6").size == 6
    refused(witness, log.request(0).replace(b"old 0", b"old 6"), RequestMalformed, "old size is beyond the new one")


def test_another_history_of_the_same_size_is_refused_and_kept_as_evidence(witness, folder, log):
    witness.add_checkpoint(log.request(0))
    forked = Fork(log.signer, [*log.entries[:4], b"another"])
    refused(witness, forked.request(5), SplitView, "two different histories of 5 entries")
    (evidence,) = folder.glob("*.evidence")
    kept = evidence.read_text()
    assert parse_signed_checkpoint(kept).checkpoint == forked.checkpoint().checkpoint
    refused(witness, Fork(log.signer, [b"a third"] * 5).request(5), SplitView, "two different histories")
    assert evidence.read_text() == kept


def test_growth_from_another_history_is_refused(witness, log):
    witness.add_checkpoint(log.request(0))
    forked = Fork(log.signer, [*log.entries[:4], b"another", b"six"])
    refused(witness, forked.request(5), GrowthNotProven, "leads to another old root")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda proof: proof[:-1], "too short|another"),
        (lambda proof: [*proof, bytes(32)], "too long"),
        (lambda proof: proof[::-1], "another"),
        (lambda proof: [], "too short"),
    ],
)
def test_a_proof_that_does_not_hold_is_refused(witness, log, change, why):
    witness.add_checkpoint(log.request(0))
    request = log.grown(b"six", b"seven").request(5).decode()
    head, rest = request.split("\n\n", 1)
    steps = change([base64.b64decode(line) for line in head.split("\n")[1:]])
    lines = "".join(f"{base64.b64encode(step).decode()}\n" for step in steps)
    refused(witness, f"old 5\n{lines}\n{rest}".encode(), GrowthNotProven, why)


def test_the_first_proof_is_empty(witness, log):
    request = log.request(0).replace(b"old 0\n", b"old 0\n" + base64.b64encode(bytes(32)) + b"\n")
    refused(witness, request, GrowthNotProven, "too long")


def test_an_unknown_log_is_refused(witness, other_signer):
    stranger = type(other_signer)("othertown.example", ed25519_seed=bytes(32), ml_dsa_seed=bytes(32))
    refused(witness, Fork(stranger, [b"x"]).request(0), LogUnknown, "does not watch a log of that name")
    with pytest.raises(LogUnknown, match="does not watch"):
        witness.cosigned_size("othertown.example")


def test_a_checkpoint_by_other_keys_is_refused(witness, log, other_signer):
    refused(witness, Fork(other_signer, log.entries).request(0), LogNotSigned, "is not signed by")
    text = log.request(0).decode().splitlines(keepends=True)
    refused(witness, "".join(text[:-1]).encode(), LogNotSigned, "ML-DSA-44")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda request: request.replace("old 0", "old 00"), "an old size"),
        (lambda request: request.replace("old 0", "old -1"), "an old size"),
        (lambda request: request.replace("old 0", "old 1" + "0" * 18), "an old size"),
        (lambda request: request.replace("old 0", "old"), "an old size"),
        (lambda request: request.replace("old 0", "old 6"), "beyond the new one"),
        (lambda request: request.replace("\n\n", "\n"), "an old size|not a signed note"),
        (lambda request: request.replace("old 0\n", "old 0\nAAAA\n"), "not a SHA-256 hash"),
        (lambda request: request.replace("old 0\n", "old 0\n*\n"), "not base64"),
        (
            lambda request: request.replace("old 0\n", "old 0\n" + (f"{'A' * 43}=\n") * (MAX_PROOF_LINES + 1)),
            "at most 63",
        ),
        (lambda request: request.replace("\n5\n", "\n5\n5\n"), "SHA-256|three lines|base64"),
        (lambda request: "", "an old size"),
    ],
)
def test_only_the_exact_form_of_a_request_is_read(witness, log, change, why):
    refused(witness, change(log.request(0).decode()).encode(), RequestMalformed, why)


def test_a_request_that_is_not_text_is_refused(witness):
    refused(witness, b"old 0\n\n\xff", RequestMalformed, "not text")


def test_sixty_three_lines_of_proof_are_read(log):
    lines = f"{base64.b64encode(bytes(32)).decode()}\n" * MAX_PROOF_LINES
    submission = parse_submission(log.request(0).decode().replace("old 0\n", f"old 0\n{lines}").encode())
    assert len(submission.proof) == 63


def test_no_two_histories_are_ever_both_cosigned(tmp_path, signer):
    """A log shows two witnesses two histories, in every order and in steps: no witness, and no quorum, has both."""
    chance = random.Random(20261122)
    for number in range(SPLIT_VIEWS):
        shared = [f"shared {n}".encode() for n in range(chance.randrange(6))]
        views = [Fork(signer, [*shared, f"view {side}".encode()]) for side in range(2)]
        cosigned: list[set[int]] = [set(), set()]
        with two_witnesses(tmp_path / str(number), signer) as witnesses:
            for _ in range(10):
                side, who = chance.randrange(2), chance.randrange(2)
                views[side] = views[side].grown(*[chance.randbytes(4) for _ in range(chance.randrange(3))])
                if has_cosigned(witnesses[who], views[side]):
                    cosigned[side].add(who)
        assert not cosigned[0] & cosigned[1]
        assert cosigned[0] | cosigned[1]


@contextmanager
def two_witnesses(home: Path, signer):
    with ExitStack() as stack:
        witnesses = []
        for number in range(2):
            found(home / str(number), witness_named(f"witness-{number}", number))
            witnesses.append(stack.enter_context(Witness(home / str(number), clock=lambda: NOON)))
            witnesses[-1].watch(signer.vkeys)
        yield witnesses


def has_cosigned(witness: Witness, view: Fork) -> bool:
    """Whether the witness cosigned what it was shown, by the best proof that the log has for this view."""
    old = witness.cosigned_size(view.signer.name)
    if old > view.size:
        return False
    try:
        check_cosigned(witness.add_checkpoint(view.request(old)), view, witness)
    except WitnessRefused:
        return False
    return True


@pytest.mark.parametrize("failing", range(5))
def test_nothing_is_cosigned_that_was_not_kept(folder, log, failing):
    with Witness(folder, clock=lambda: NOON) as witness:
        witness.add_checkpoint(log.request(0))
    disk = FailingDisk(lambda place, name: place == failing)
    with Witness(folder, clock=lambda: NOON, disk=disk) as witness:
        with pytest.raises(WitnessFolderError, match=r"cosigned cannot be written: [^N]") as caught:
            witness.add_checkpoint(log.grown(b"six").request(5))
        assert caught.value.hint == "Nothing was cosigned. Free or mend the disk."
        assert witness.cosigned_size(log.signer.name) in (5, 6)
    with Witness(folder, clock=lambda: NOON) as witness:
        old = witness.cosigned_size(log.signer.name)
        check_cosigned(witness.add_checkpoint(log.grown(b"six").request(old)), log.grown(b"six"), witness)


def test_what_is_cosigned_was_on_the_disk_first(folder, log, monkeypatch):
    kept = []
    made = WITNESS.__class__.cosign

    def cosign(self, signed, *, time):
        kept.append([parse_signed_checkpoint(path.read_text()).checkpoint for path in folder.glob("*.cosigned")])
        return made(self, signed, time=time)

    monkeypatch.setattr(WITNESS.__class__, "cosign", cosign)
    with Witness(folder, clock=lambda: NOON) as witness:
        witness.add_checkpoint(log.request(0))
    assert kept == [[log.checkpoint().checkpoint]]


def test_a_killed_witness_has_kept_what_it_cosigned(folder, log, tmp_path):
    """Killed between the disk and the answer: the state is there, and no older one is taken after it."""
    (tmp_path / "request").write_bytes(log.request(0))
    script = f"""
import os, signal
from datetime import UTC, datetime
from pathlib import Path
from audit import witness
from audit.cosignature import WitnessSigner
WitnessSigner.cosign = lambda *words, **more: os.kill(os.getpid(), signal.SIGKILL)
with witness.Witness(Path({str(folder)!r}), clock=lambda: datetime.now(UTC)) as opened:
    opened.add_checkpoint(Path({str(tmp_path / "request")!r}).read_bytes())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == -9
    with Witness(folder, clock=lambda: NOON) as witness:
        assert witness.cosigned_size(log.signer.name) == 5
        forked = Fork(log.signer, [b"another"] * 5)
        refused(witness, forked.request(5), SplitView, "two different histories")


def test_of_requests_at_the_same_time_one_history_wins(witness, log):
    views = [log.grown(bytes([number])) for number in range(8)]
    answers: list[str] = []

    def ask(view: Fork) -> None:
        try:
            answers.append(witness.add_checkpoint(view.request(0)))
        except WitnessRefused:
            return

    threads = [threading.Thread(target=ask, args=(view,)) for view in views]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 1


def test_one_process_at_a_time(folder):
    with Witness(folder, clock=lambda: NOON), pytest.raises(LogInUse, match="another process"):
        Witness(folder, clock=lambda: NOON)
    with Witness(folder, clock=lambda: NOON):
        pass


def test_a_log_is_watched_with_the_keys_that_it_had_first(witness, signer, other_signer):
    assert witness.watch(signer.vkeys) == signer.name
    with pytest.raises(WitnessFolderError, match="with other keys"):
        witness.watch(other_signer.vkeys)


def test_a_witness_that_forgot_does_not_cosign(folder, log):
    with Witness(folder, clock=lambda: NOON) as witness:
        witness.add_checkpoint(log.request(0))
        (last,) = folder.glob("*.cosigned")
        last.write_text("not a checkpoint")
        with pytest.raises(WitnessFolderError, match="cosigned last is damaged"):
            witness.add_checkpoint(log.request(5))
        last.unlink()
        with pytest.raises(WitnessFolderError, match="cannot be read"):
            witness.add_checkpoint(log.request(0))


def test_a_witness_that_lost_a_logs_keys_still_knows_what_it_cosigned(folder, log, signer):
    with Witness(folder, clock=lambda: NOON) as witness:
        witness.add_checkpoint(log.request(0))
        for path in folder.glob("*.vkey"):
            path.unlink()
        witness.watch(signer.vkeys)
        assert witness.cosigned_size(signer.name) == 5


def test_a_folder_without_a_witness_is_told(tmp_path):
    for place in (tmp_path, tmp_path / "no-folder"):
        with pytest.raises(WitnessFolderError, match="there is no witness in") as caught:
            Witness(place, clock=lambda: NOON)
        assert caught.value.hint.startswith("Make one with --name")
    (tmp_path / "witness.key").write_text("damaged")
    with pytest.raises(SigningKeyError, match=r"the witness's signing key in .* is damaged") as damaged:
        Witness(tmp_path, clock=lambda: NOON)
    assert damaged.value.hint.startswith("Do not cosign with it. Make a new witness under another name")


def test_a_witness_that_cosigned_nothing_says_so_in_a_file_that_is_not_empty(folder, log):
    (last,) = folder.glob("*.cosigned")
    assert last.read_text() == "nothing cosigned yet\n"
    with Witness(folder, clock=lambda: NOON) as witness:
        assert witness.cosigned_size(log.signer.name) == 0


@pytest.mark.parametrize("before", [True, False])
def test_an_emptied_memory_is_no_empty_memory(folder, log, before):
    with Witness(folder, clock=lambda: NOON) as witness:
        if before:
            witness.add_checkpoint(log.request(0))
        (last,) = folder.glob("*.cosigned")
        last.write_text("")
        with pytest.raises(WitnessFolderError, match="cosigned last is empty"):
            witness.add_checkpoint(Fork(log.signer, [b"another"]).request(0))
        witness.watch(log.signer.vkeys)
        assert last.read_text() == ""


def test_a_log_is_not_watched_by_a_witness_of_its_own_name(tmp_path, signer):
    found(tmp_path / "same", witness_named(signer.name))
    with (
        Witness(tmp_path / "same", clock=lambda: NOON) as witness,
        pytest.raises(CommandMisused, match="is the log itself, which cannot be its own witness"),
    ):
        witness.watch(signer.vkeys)


def test_a_witness_is_never_made_twice(folder):
    with pytest.raises(SigningKeyError, match="is there already"):
        found(folder, WITNESS)
    assert (folder / "witness.vkey").read_text() == WITNESS.vkeys


def test_a_folder_that_cannot_be_is_told(tmp_path, folder, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(WitnessFolderError, match="cannot be written"):
        found(tmp_path / "file" / "below", WITNESS)
    (folder / "lock").unlink()
    (folder / "lock").mkdir()
    with pytest.raises(WitnessFolderError, match="cannot be written") as caught:
        Witness(folder, clock=lambda: NOON)
    assert caught.value.hint == "Choose another folder."


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps folders by other rights")
def test_a_folder_is_its_owners_alone(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
