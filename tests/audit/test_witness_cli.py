"""What the commands of a witness, and of whoever relies on one, say word for word."""

import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime

import httpx2
import msgspec
import pytest
import typer
from typer.testing import CliRunner
from witnessing import NOON, Fork, service_of

from audit import witness_cli
from audit.checkpoint import parse_signed_checkpoint
from audit.cli import register
from audit.cosignature import parse_witnesses
from audit.log import AuditLog
from audit.note import parse_vkeys
from audit.signing import LogSigner, fingerprint
from audit.witness import Witness
from audit.witness_server import WitnessServer

NAME = "agency-a.example/witness"
LOG = "anytown.example/headcount"


@pytest.fixture
def run():
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return lambda *words: CliRunner().invoke(app, ["audit", *map(str, words)])


@pytest.fixture
def place(tmp_path, signer):
    (tmp_path / "log.vkey").write_text(signer.vkeys)
    return tmp_path


def made(run, place):
    return run("witness", "--folder", place / "w", "--name", NAME, "--log", place / "log.vkey")


def test_a_witness_is_made_and_says_what_it_watches(run, place):
    done = made(run, place)
    printed = fingerprint(parse_vkeys((place / "log.vkey").read_text()))
    assert done.stdout == (
        f"Made the witness {NAME}. "
        f"Give {place / 'w' / 'witness.vkey'} to the operator, the agencies and the auditors.\n"
        f"The fingerprint of the keys of {LOG} is\n    {printed}\n"
        "Compare it over the telephone with the one that the operator reads to you; if it differs, do not use them.\n"
        f"Witness  {NAME}\n"
        f"Watches  {LOG}, cosigned up to 0 entries\n"
        f"Its keys {printed}\n"
    )
    assert run("witness", "--folder", place / "w").stdout == "\n".join(done.stdout.splitlines()[4:]) + "\n"
    again = made(run, place)
    assert again.stderr.startswith("Not cosigned: ")
    assert again.exit_code == 3


def test_the_fingerprint_is_the_one_that_a_copy_of_the_log_has(run, place, service):
    said = run("verify", service.export(place / "out")).stdout
    assert fingerprint(parse_vkeys((place / "log.vkey").read_text())) in said


def test_no_witness_is_made_under_the_logs_own_name(run, place):
    done = run("witness", "--folder", place / "w", "--name", LOG, "--log", place / "log.vkey")
    assert done.stderr.startswith(f"Not cosigned: {LOG} is the log itself, which cannot be its own witness.\n")
    assert (done.exit_code, (place / "w").exists()) == (2, False)


def test_a_private_key_is_not_taken_for_a_witness(run, place, service):
    done = run("verify", service.export(place / "out"), "--witness", place / "w" / "witness.key")
    assert done.stderr == (
        "Not verified: this is a private key, not a verifier key.\n"
        "What to do: Give the file beside it that ends with .vkey. Private keys are handed to nobody.\n"
    )


def test_a_folder_without_a_witness_is_told(run, place):
    done = run("witness", "--folder", place / "none", "--once", "https://service.example")
    assert done.stderr.startswith(f"Not cosigned: there is no witness in {place / 'none'}.\nWhat to do: Make one with")
    assert done.exit_code == 3


def test_a_witness_that_is_not_listed_yet_is_told_in_the_services_words(run, place, service):
    run("witness", "--folder", place / "new", "--name", "new.example/witness", "--log", place / "log.vkey")
    done = run("witness", "--folder", place / "new", "--once", "https://service.example")
    assert "no witness that this log knows has cosigned that" in done.stderr
    assert done.exit_code == 3


@pytest.mark.parametrize("listen", ["no-such-host.invalid:0", "127.0.0.1:{port}", "..:80"])
def test_where_it_cannot_listen_is_told(run, place, listen):
    made(run, place)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = listen.format(port=taken.getsockname()[1])
        done = run("witness", "--folder", place / "w", "--listen", address)
    assert done.stderr.startswith(f"Not cosigned: {address} cannot be listened on: ")
    assert done.exit_code == 3


@pytest.fixture
def service(run, place, signer, clock, event, monkeypatch):
    """A log of three entries that knows the witness just made, behind its addresses."""
    made(run, place)
    keys = parse_witnesses((place / "w" / "witness.vkey").read_text())
    with AuditLog.open(place / "log", signer, clock=clock, witnesses=keys) as log:
        receipts = [log.append(event(number)) for number in range(3)]
        (place / "receipts").write_bytes(b"\n".join(map(msgspec.json.encode, receipts)))
        log.checkpoint()
        transport = httpx2.MockTransport(service_of(log))
        monkeypatch.setattr(httpx2, "Client", lambda **more: real(transport=transport))
        yield log


real = httpx2.Client


def test_a_witness_asks_once_and_its_cosignature_is_in_what_auditors_get(run, place, service):
    done = run("witness", "--folder", place / "w", "--once", "https://service.example/", "--out", place / "kept")
    assert done.stdout == f"Cosigned 3 entries of {LOG}.\n"
    assert parse_signed_checkpoint((place / "kept").read_text()) == service.witnessing.newest(1)
    bundle = service.export(place / "out")
    keys = ("--key", place / "log.vkey", "--witness", place / "w" / "witness.vkey")
    said = run("verify", bundle, *keys, "--need", 1).stdout.splitlines()
    assert "Witnessed    3 entries" in said
    (line,) = [line for line in said if line.startswith("Cosigned by")]
    assert line.startswith(f"Cosigned by  {NAME}, 20")
    assert run("report", bundle, "--out", place / "report", *keys).exit_code == 0
    assert f"<dt>Cosigned by</dt><dd>{NAME}, 20" in (place / "report" / "report.html").read_text(encoding="utf-8")
    proof = place / "mine.tlog-proof"
    assert run("proof", bundle, "--entry", 1, "--out", proof, *keys).stdout == f"Wrote {proof}: entry 1 of 3.\n"
    checked = run("verify-proof", proof, "--receipts", place / "receipts", *keys)
    assert checked.stdout.startswith(f"Entry 1 is in the log.\nCosigned by  {NAME}, 20")
    assert checked.exit_code == 0


def test_entries_that_no_witness_has_seen_are_told(run, place, service, event):
    run("witness", "--folder", place / "w", "--once", "https://service.example")
    service.append(event(3))
    bundle = service.export(place / "out")
    keys = ("--key", place / "log.vkey", "--witness", place / "w" / "witness.vkey")
    said = run("verify", bundle, *keys).stdout
    assert "Witnessed    3 entries; the 1 after them are not yet\n" in said
    done = run("proof", bundle, "--entry", 3, "--out", place / "p", *keys)
    assert done.stderr.startswith("Not proven: entry 3 is not witnessed yet.\n")
    assert not (place / "p").exists()


def test_a_proof_without_your_receipt_is_not_checked(run, place, service):
    bundle = service.export(place / "out")
    run("proof", bundle, "--entry", 2, "--out", place / "p", "--key", place / "log.vkey")
    words = ("verify-proof", place / "p", "--receipts", place / "receipts", "--key", place / "log.vkey")
    (place / "receipts").write_text(f'1;leaf="{"ab" * 32}"\n')
    assert run(*words).stderr.startswith("Not verified: you have no receipt for entry 2.\n")
    (place / "receipts").write_bytes(b"")
    done = run(*words)
    assert done.stderr.startswith(f"Not verified: {place / 'receipts'} holds no receipts.\n")
    assert done.exit_code == 3


def test_a_bundle_is_written_as_tiles(run, place, service):
    bundle = service.export(place / "out")
    done = run("tiles", bundle, "--key", place / "log.vkey", "--out", place / "tiles")
    assert done.stdout == f"Wrote 3 entries to {place / 'tiles'}.\n"
    assert (place / "tiles" / "tile" / "entries" / "000.p" / "3").is_file()


def test_a_witness_that_listens_is_fed(run, place, service, monkeypatch):
    def both(request: httpx2.Request) -> httpx2.Response:
        if request.url.host != "127.0.0.1":
            return service_of(service)(request)
        with real(trust_env=False) as client:
            return client.post(str(request.url), content=request.content)

    monkeypatch.setattr(httpx2, "Client", lambda **more: real(transport=httpx2.MockTransport(both)))
    with (
        Witness(place / "w", clock=lambda: datetime.now(UTC)) as witness,
        WitnessServer(("127.0.0.1", 0), witness) as server,
    ):
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        done = run("feed", "https://service.example", server.url)
        server.shutdown()
        thread.join()
    assert done.stdout == f"Cosigned 3 entries of {LOG}.\n"


def test_a_witness_listens_until_interrupted(run, place, monkeypatch):
    made(run, place)

    def interrupted(self, poll_interval=0.5):
        raise KeyboardInterrupt

    monkeypatch.setattr(WitnessServer, "serve_forever", interrupted)
    said = run("witness", "--folder", place / "w", "--listen", "127.0.0.1:0").stdout
    assert said.startswith(f"The witness {NAME} answers at http://127.0.0.1:")
    assert said.endswith("Stop it with Ctrl+C.\nStopped.\n")


@pytest.mark.parametrize(
    ("words", "why", "code"),
    [
        (("--once", "http://service.example"), "is not protected on its way", 2),
        (("--once", "service.example"), "service.example is not an address", 2),
        (("--listen", "8471"), "is not an address to listen on", 2),
        (("--listen", "127.0.0.1:x"), "is not an address to listen on", 2),
        (("--listen", "127.0.0.1:65536"), "is not an address to listen on", 2),
        (("--once", "https://service.example", "--listen", "127.0.0.1:0"), "exclude each other", 2),
        (("--log", "no-such-file"), "cannot be read as text", 3),
        (("--name", "two words"), "cannot name a log or a witness", 2),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(run, place, words, why, code):
    made(run, place)
    done = run("witness", "--folder", place / "w", *words)
    assert done.stderr.startswith("Not cosigned: ")
    assert why in done.stderr
    assert "What to do: " in done.stderr
    assert done.exit_code == code


def test_with_several_logs_one_has_to_be_named(run, place):
    made(run, place)
    (place / "b.vkey").write_text(LogSigner("b.example", ed25519_seed=bytes(32), ml_dsa_seed=bytes(32)).vkeys)
    run("witness", "--folder", place / "w", "--log", place / "b.vkey")
    done = run("witness", "--folder", place / "w", "--once", "https://service.example")
    assert done.stderr.startswith("Not cosigned: which of 2 logs is meant is not said.\n")


def test_a_number_of_witnesses_without_witnesses_is_refused(run, place, service):
    bundle = service.export(place / "out")
    done = run("verify", bundle, "--need", 2)
    assert done.stderr.startswith("Not verified: no witness is given.\n")


def test_what_cannot_be_written_is_told(run, place, service):
    out = place / "no" / "folder"
    done = run("witness", "--folder", place / "w", "--once", "https://service.example", "--out", out)
    assert done.stderr.startswith(f"Not cosigned: {out} cannot be written: ")


def test_a_split_view_ends_with_one(run, place, service, signer):
    with Witness(place / "w", clock=lambda: NOON) as witness:
        witness.add_checkpoint(Fork(signer, [b"x"] * 3).request(0))
    done = run("witness", "--folder", place / "w", "--once", "https://service.example")
    assert done.stderr.startswith("Not cosigned: the log has signed two different histories of 3 entries.\n")
    assert done.exit_code == 1


def test_the_command_of_the_distribution_has_them():
    done = subprocess.run(
        [sys.executable, "-m", "hashing", "audit", "--help"], capture_output=True, text=True, check=True
    )
    for command in (witness_cli.witness, witness_cli.feed, witness_cli.proof, witness_cli.tiles):
        assert command.__name__ in done.stdout
