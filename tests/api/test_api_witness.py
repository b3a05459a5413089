"""Witnesses and the service: they fetch its signed state without signing in, and it takes what they cosign."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from api_town import Town, a_town

from api.errors import StartError
from audit.checkpoint import parse_signed_checkpoint
from audit.cosignature import Quorum, WitnessSigner, parse_witnesses
from audit.errors import ServiceUnreachable, SigningKeyError
from audit.proof import parse_proof
from audit.relay import cosign_once
from audit.submission import MAX_BYTES
from audit.witness import Witness, found

NAME = "food-bank.example/witness"


@pytest.fixture
def watched(tmp_path: Path):
    """A service that knows one witness, and that witness."""
    signer = WitnessSigner.create(NAME)
    found(tmp_path / "witness", signer)
    with (
        a_town(tmp_path / "data", witnesses=tmp_path / "witness" / "witness.vkey") as town,
        Witness(tmp_path / "witness", clock=town.clock) as witness,
    ):
        witness.watch(town.parts.journal.vkeys)
        yield town, witness


def test_a_witness_cosigns_what_the_service_signed(watched: tuple[Town, Witness]) -> None:
    town, witness = watched
    assert town.client.get("/witness/checkpoint").status_code == 404
    town.parts.journal.checkpoint()
    signed = cosign_once(witness, log=witness.logs[0], service="", http=town.client)
    shown = town.client.get("/witness/checkpoint")
    assert (shown.status_code, shown.text) == (200, str(signed))
    assert town.client.get("/witness/checkpoint", params={"need": 2}).status_code == 404
    index = signed.checkpoint.size - 1
    proof = town.send("food_bank", "GET", f"/api/v1/log/proofs/{index}?witnesses=1")
    assert str(signed) in proof.text
    assert town.send("food_bank", "GET", f"/api/v1/log/proofs/{index}?witnesses=2").status_code == 404


def test_witnesses_that_come_one_after_the_other_cosign_the_same_state(tmp_path: Path) -> None:
    names = ("food-bank.example/witness", "clinic.example/witness", "shelter.example/witness")
    makers = [WitnessSigner.create(name) for name in names]
    (tmp_path / "all.vkey").write_text("".join(maker.vkeys for maker in makers))
    with ExitStack() as stack:
        town = stack.enter_context(a_town(tmp_path / "data", witnesses=tmp_path / "all.vkey"))
        seen = []
        for maker in makers:
            found(tmp_path / maker.name[:4], maker)
            witness = stack.enter_context(Witness(tmp_path / maker.name[:4], clock=town.clock))
            witness.watch(town.parts.journal.vkeys)
            town.send("food_bank", "GET", "/api/v1/runs/none")  # refused, and so logged
            town.parts.journal.checkpoint()
            seen.append(cosign_once(witness, log=witness.logs[0], service="", http=town.client).checkpoint.size)
        assert seen[0] < seen[1] < seen[2]
        shown = [town.client.get("/witness/checkpoint", params={"need": need}).text for need in (3, 2, 1)]
        assert [parse_signed_checkpoint(text).checkpoint.size for text in shown] == seen
        proof = town.send("food_bank", "GET", f"/api/v1/log/proofs/{seen[0] - 1}?witnesses=3")
        assert len(Quorum.of((tmp_path / "all.vkey").read_text()).check(parse_proof(proof.text).signed)) == 3


def test_a_witness_that_is_not_listed_is_told_so_in_the_services_words(
    watched: tuple[Town, Witness], tmp_path: Path
) -> None:
    town, _ = watched
    found(tmp_path / "new", WitnessSigner.create("new.example/witness"))
    with Witness(tmp_path / "new", clock=town.clock) as new:
        new.watch(town.parts.journal.vkeys)
        with pytest.raises(ServiceUnreachable, match="403: no witness that this log knows has cosigned") as caught:
            cosign_once(new, log=new.logs[0], service="", http=town.client)
    assert caught.value.hint.startswith("Give the operator your file witness.vkey")


def test_a_witness_ahead_of_the_log_is_told_its_size(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    size = parse_signed_checkpoint(town.parts.journal.checkpoint()).checkpoint.size
    answer = town.client.get("/witness/add-checkpoint", params={"old": size + 1})
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (409, "text/x.tlog.size", f"{size}\n")


def test_what_no_known_witness_cosigned_is_refused(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    answer = town.client.post("/witness/cosignatures", content=town.parts.journal.checkpoint().encode())
    assert (answer.status_code, answer.json()["detail"]) == (403, "no witness that this log knows has cosigned that")
    assert town.client.post("/witness/cosignatures", content=b"\xff").status_code == 403
    assert town.client.post("/witness/cosignatures", content=bytes(MAX_BYTES + 1)).status_code == 413


def test_a_service_without_witnesses_takes_none(shared_town: Town) -> None:
    text = shared_town.parts.journal.checkpoint()
    assert shared_town.client.post("/witness/cosignatures", content=text.encode()).status_code == 403
    assert shared_town.client.get("/witness/checkpoint").status_code == 404


def test_witnesses_keys_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    with (
        pytest.raises(StartError, match="the witnesses' keys in"),
        a_town(tmp_path / "data", witnesses=tmp_path / "no"),
    ):
        pass
    (tmp_path / "empty").write_text("")
    with pytest.raises(StartError, match="no verifier key"), a_town(tmp_path / "data", witnesses=tmp_path / "empty"):
        pass
    with pytest.raises(SigningKeyError, match="no verifier key"):
        parse_witnesses("")
