"""The witness behind HTTP answers with the statuses of c2sp.org/tlog-witness; and relays bring cosignatures home."""

import http.client
import threading

import httpx2
import pytest
from test_cosignatures import WITNESSES, witness_named
from witnessing import NOON, Fork, service_of

from audit.checkpoint import parse_signed_checkpoint
from audit.cosignature import cosigned_by, parse_witnesses
from audit.errors import GrowthNotProven, ServiceUnreachable, VerificationError
from audit.log import AuditLog
from audit.note import parse_vkeys
from audit.relay import cosign_once, feed
from audit.signing import LogSigner, verify_signatures
from audit.submission import MAX_BYTES, STEPS, parse_cosignatures
from audit.witness import Witness, found
from audit.witness_server import WitnessServer, answer

PROBLEM = "application/problem+json"
SERVICE = "https://service.example"


@pytest.fixture
def witness(tmp_path, signer):
    found(tmp_path / "witness", WITNESSES[0])
    with Witness(tmp_path / "witness", clock=lambda: NOON) as opened:
        opened.watch(signer.vkeys)
        yield opened


@pytest.fixture
def server(witness):
    with WitnessServer(("127.0.0.1", 0), witness) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def view(signer):
    return Fork(signer, [b"one", b"two", b"three"])


def post(server, body, path="/add-checkpoint"):
    with httpx2.Client(trust_env=False) as client:
        return client.post(server.url + path, content=body)


def test_a_good_request_is_200_with_signature_lines(server, view, witness):
    done = post(server, view.request(0))
    assert done.status_code == 200
    signed = view.checkpoint().with_signatures(parse_cosignatures(done.content))
    assert len(cosigned_by(signed, parse_witnesses(witness.vkeys))) == 1


def test_another_size_is_409_with_the_size_last_cosigned(server, view):
    post(server, view.request(0))
    done = post(server, view.grown(b"four").request(0))
    assert (done.status_code, done.headers["content-type"], done.content) == (409, "text/x.tlog.size", b"3\n")


def test_another_history_is_409_and_does_not_look_like_a_size(server, view, signer):
    post(server, view.request(0))
    done = post(server, Fork(signer, [b"other"] * 3).request(3))
    assert (done.status_code, done.headers["content-type"]) == (409, "text/plain; charset=utf-8")
    assert done.text == "the log has signed two different histories of 3 entries\n"


def test_the_other_refusals_have_their_status(server, view, signer, other_signer):
    post(server, view.request(0))
    stranger = LogSigner("othertown.example", ed25519_seed=bytes(32), ml_dsa_seed=bytes(32))
    forked = Fork(signer, [b"other"] * 4)
    statuses = {
        400: [b"", b"old 4\n" + view.request(0).partition(b"\n")[2], b"\xff"],
        403: [Fork(other_signer, view.entries).request(0)],
        404: [Fork(stranger, [b"x"]).request(0)],
        422: [forked.request(3), view.grown(b"four").request(3).replace(b"old 3\n", b"old 3\n" + b"A" * 43 + b"=\n")],
    }
    assert {status: {post(server, body).status_code for body in bodies} for status, bodies in statuses.items()} == {
        status: {status} for status in statuses
    }


def test_a_witness_that_cannot_keep_its_state_is_500_and_cosigns_nothing(witness, view, tmp_path):
    for path in (tmp_path / "witness").glob("*.cosigned"):
        path.unlink()
    status, _, body = answer(witness, view.request(0))
    assert (status, "cannot be read" in body, "—" in body) == (500, True, False)


def test_there_is_one_address_and_one_method(server, view):
    assert post(server, view.request(0), "/else").status_code == 404
    with httpx2.Client(trust_env=False) as client:
        assert client.get(server.url + "/add-checkpoint").status_code == 501


@pytest.mark.parametrize(
    ("length", "status"), [(None, 411), ("-1", 411), ("x", 411), ("²", 411), (str(MAX_BYTES + 1), 413)]
)
def test_a_body_of_no_or_of_too_much_length_is_not_read(server, length, status):
    connection = http.client.HTTPConnection(*server.server_address, timeout=10)
    connection.putrequest("POST", "/add-checkpoint")
    if length:
        connection.putheader("Content-Length", length.encode())
    connection.endheaders()
    done = connection.getresponse()
    assert (done.status, done.getheader("Connection")) == (status, "close")
    connection.close()


def test_a_connection_is_kept_open_between_requests(server, view):
    connection = http.client.HTTPConnection(*server.server_address, timeout=10)
    for old in (0, 3):
        connection.request("POST", "/add-checkpoint", view.request(old))
        done = connection.getresponse()
        assert (done.status, done.version, done.getheader("Connection")) == (200, 11, None)
        done.read()
    connection.close()


# -- bringing cosignatures home ----------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path, signer, clock, event):
    witnesses = parse_witnesses("".join(witness.vkeys for witness in WITNESSES))
    with AuditLog.open(tmp_path / "log", signer, clock=clock, witnesses=witnesses) as opened:
        for number in range(5):
            opened.append(event(number))
        opened.checkpoint()
        yield opened


@pytest.fixture
def http_to(log):
    with httpx2.Client(transport=httpx2.MockTransport(service_of(log))) as client:
        yield client


def test_a_witness_asks_cosigns_and_sends_back(witness, log, http_to, event):
    for size in (5, 6):
        signed = cosign_once(witness, log=log.witnessing.newest(1).checkpoint.origin if size > 5 else witness.logs[0],
                             service=SERVICE, http=http_to)  # fmt: skip
        assert signed.checkpoint.size == size == log.witnessing.newest(1).checkpoint.size
        log.append(event(size))
        log.checkpoint()


def test_a_log_that_shrank_is_told_as_proof(witness, log, http_to, signer):
    longer = Fork(signer, [b"x"] * 9)
    witness.add_checkpoint(longer.request(0))
    with pytest.raises(VerificationError, match="the log has 5 entries, and the witness cosigned 9"):
        cosign_once(witness, log=signer.name, service=SERVICE, http=http_to)


def test_a_log_with_another_history_is_not_cosigned_and_its_state_kept(witness, http_to, signer, log, tmp_path):
    witness.add_checkpoint(Fork(signer, [b"x"] * 4).request(0))
    with pytest.raises(GrowthNotProven, match="not shown that the log still holds the 4 entries") as caught:
        cosign_once(witness, log=signer.name, service=SERVICE, http=http_to)
    assert caught.value.hint.startswith("Tell the other agencies and the auditors")
    assert caught.value.exit_code == 1
    assert witness.cosigned_size(signer.name) == 4
    (evidence,) = (tmp_path / "witness").glob("*.evidence")
    assert evidence.read_text() == log.checkpoint()


def test_a_stranger_cannot_fill_the_place_of_the_evidence(witness, view, tmp_path):
    witness.add_checkpoint(view.request(0))
    refused = answer(witness, view.grown(b"four").request(3).replace(b"old 3\n", b"old 3\n" + b"A" * 43 + b"=\n"))
    assert (refused[0], list((tmp_path / "witness").glob("*.evidence"))) == (422, [])


def test_a_witness_that_the_log_does_not_know_is_told(tmp_path, signer, http_to):
    found(tmp_path / "stranger", witness_named("stranger.example", 9))
    with Witness(tmp_path / "stranger", clock=lambda: NOON) as stranger:
        stranger.watch(signer.vkeys)
        said = "answers with status 403: no witness that this log knows has cosigned that"
        with pytest.raises(ServiceUnreachable, match=said):
            cosign_once(stranger, log=signer.name, service=SERVICE, http=http_to)


def test_a_witness_that_is_fed_is_asked_for_what_others_cosigned(server, log, signer, event, witness):
    def both(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "127.0.0.1":
            return post(server, request.content, request.url.path)
        return service_of(log)(request)

    for size in (6, 7, 8):
        signed = parse_signed_checkpoint(log.checkpoint())
        log.witnessing.take(str(signed.with_signatures(WITNESSES[1].cosign(signed, time=NOON))))
        log.append(event(size))
    log.checkpoint()
    with httpx2.Client(transport=httpx2.MockTransport(both)) as client:
        assert feed(server.url, service=SERVICE, http=client).checkpoint.size == 8
    assert log.witnessing.newest(2).checkpoint.size == 7
    assert [len(log.witnessing._cosignatures._places[size]) for size in (5, 6, 7, 8)] == [2, 2, 2, 1]


def test_a_service_that_always_has_something_newer_is_left_after_some_steps(witness, signer):
    view = Fork(signer, [b"x"])
    sent = []

    def endless(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            sent.append(request)
            return httpx2.Response(204)
        old = int(request.url.params["old"])
        return httpx2.Response(200, content=view.grown(*[b"y"] * old).request(old))

    with httpx2.Client(transport=httpx2.MockTransport(endless)) as client:
        assert cosign_once(witness, log=signer.name, service=SERVICE, http=client).checkpoint.size == STEPS + 1
    assert len(sent) == STEPS + 1


def test_a_witness_that_listens_is_fed(server, log, signer, event):
    def both(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "127.0.0.1":
            return post(server, request.content, request.url.path)
        return service_of(log)(request)

    with httpx2.Client(transport=httpx2.MockTransport(both)) as client:
        for size in (5, 6):  # the second time, the witness first says where it is
            signed = feed(server.url, service=SERVICE, http=client)
            assert (signed.checkpoint.size, log.witnessing.newest(1).checkpoint.size) == (size, size)
            verify_signatures(signed, parse_vkeys(signer.vkeys))
            log.append(event(size))
            log.checkpoint()


def test_who_does_not_answer_is_told(witness, signer):
    def silent(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("no")

    with httpx2.Client(transport=httpx2.MockTransport(silent)) as client:
        with pytest.raises(ServiceUnreachable, match=r"https://service\.example does not answer"):
            cosign_once(witness, log=signer.name, service=SERVICE, http=client)
        with pytest.raises(ServiceUnreachable, match="does not answer"):
            feed("https://w.example", service=SERVICE, http=client)


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (httpx2.Response(500), "status 500$"),
        (httpx2.Response(200, text="<html>Sign in to this network"), "does not answer as a log does"),
        (httpx2.Response(503, text="away\n"), "status 503: away$"),
        (httpx2.Response(503, text="{", headers={"content-type": PROBLEM}), "status 503$"),
        (httpx2.Response(503, text="[]", headers={"content-type": PROBLEM}), "status 503$"),
        (httpx2.Response(503, json={"detail": "no disk"}, headers={"content-type": PROBLEM}), "status 503: no disk$"),
        (httpx2.Response(409, text="3\n"), "does not say which size"),
        (httpx2.Response(409, text="x\n", headers={"content-type": "text/x.tlog.size"}), "does not say which size"),
        (httpx2.Response(200, content=bytes(MAX_BYTES + 1)), "more than"),
    ],
)
def test_an_answer_that_was_not_agreed_on_is_told(witness, signer, response, why):
    transport = httpx2.MockTransport(lambda request: response)
    with httpx2.Client(transport=transport) as client, pytest.raises(ServiceUnreachable, match=why):
        cosign_once(witness, log=signer.name, service=SERVICE, http=client)


def test_a_witness_that_goes_silent_between_is_told(log):
    def broken(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/add-checkpoint":
            raise httpx2.ReadTimeout("no")
        return service_of(log)(request)

    silent = pytest.raises(ServiceUnreachable, match=r"https://w\.example/add-checkpoint does not answer")
    with httpx2.Client(transport=httpx2.MockTransport(broken)) as client, silent:
        feed("https://w.example", service=SERVICE, http=client)
