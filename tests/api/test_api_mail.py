"""Letters: that there is something to look at, to whom it may concern, seldom, and nothing of what it is."""

import smtplib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_town import Town, a_file, a_row, a_town, copy_town, new_key, people, public_line, wait_until
from authenticator import invitation
from mail_server import MailServer, a_certificate, a_mail_server

from api.errors import MailFailed, StartError
from api.mail import News, Smtp, Tls, letter, opened_post, tls_for
from api.settings import Settings

LETTER = letter(News.LINKED, to="robin@clinic.example", sender="headcount@town.example", address="https://h/sign-in")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with a_mail_server() as server:
        yield server


@pytest.fixture
def town(server: MailServer, founded: Path, tmp_path: Path) -> Iterator[Town]:
    copy_town(founded, tmp_path / "data")
    with a_town(tmp_path / "data", approvals="two", **mail_of(server)) as town:
        yield town


def mail_of(server: MailServer) -> dict[str, Any]:
    return {
        "mail_server": f"127.0.0.1:{server.port}",
        "mail_from": "headcount@town.example",
        "public_url": "https://headcount.example",
    }


def settled(town: Town) -> None:
    wait_until(lambda: not town.parts.job_table.unfinished() and not town.parts.runs.unfinished())


def linked(town: Town) -> None:
    town.link()
    settled(town)


def test_navigators_are_told_after_a_linkage_once_a_week(town: Town, server: MailServer) -> None:
    told = invitation(town, "clinic", "navigator")["person"]
    invitation(town, "clinic", "uploader")
    town.upload("clinic", a_file("clinic", [a_row("Ada"), *people(*range(20))]))
    linked(town)
    wait_until(lambda: server.letters)
    town.upload("detox", a_file("detox", people(*range(9))))
    linked(town)
    settled(town)
    (only,) = server.letters
    assert (only["To"], only["Subject"]) == (told["email"], "There may be new items for you.")
    town.clock.advance(days=8)
    town.upload("detox", a_file("detox", people(*range(11))))
    linked(town)
    wait_until(lambda: len(server.letters) == 2)


def test_a_letter_says_nothing_of_what_there_is(town: Town, server: MailServer) -> None:
    invitation(town, "clinic", "navigator", name="Robin Quillfeather")
    town.upload("clinic", a_file("clinic", people(*range(20))))
    linked(town)
    wait_until(lambda: server.letters)
    text = server.letters[0].get_content().replace("\r\n", "\n").rstrip("\n")
    assert text == (
        "There may be new items for you.\n\nSign in: https://headcount.example/sign-in\n\n"
        "Nobody needs to answer this letter."
    )
    assert not {word for word in ("clinic", "Quillfeather", "20") if word in text}


def test_whoever_may_approve_is_told_of_a_proposal_and_who_proposed_is_not(town: Town, server: MailServer) -> None:
    approver = invitation(town, "auditor", "auditor")["person"]
    invitation(town, "coordinator", "coordinator")
    body = {"name": "Y", "role": "auditor", "public_key": public_line(new_key("other"))}
    assert town.send("coordinator", "PUT", "/api/v1/members/other", json=body).status_code == 202
    settled(town)
    wait_until(lambda: server.letters)
    assert [(one["To"], one["Subject"]) for one in server.letters] == [
        (approver["email"], "Something waits for your approval.")
    ]


def test_a_letter_is_in_the_log_before_it_is_sent_and_names_a_code_alone(town: Town, server: MailServer) -> None:
    told = invitation(town, "clinic", "navigator")["person"]
    town.upload("clinic", a_file("clinic", people(*range(20))))
    linked(town)
    wait_until(lambda: server.letters)
    event = town.last("notice-sent").event
    assert (event.actor, event.object, event.details) == ("service", f"person/{told['id']}", {"news": "linked"})
    assert told["email"] not in repr(town.log())


def test_whoever_was_shut_out_is_not_told(town: Town, server: MailServer) -> None:
    gone, here = (invitation(town, "clinic", "navigator")["person"] for _ in range(2))
    town.send("clinic", "DELETE", f"/api/v1/people/{gone['id']}")
    town.upload("clinic", a_file("clinic", people(*range(20))))
    linked(town)
    wait_until(lambda: server.letters)
    settled(town)
    assert [letter["To"] for letter in server.letters] == [here["email"]]


def test_a_letter_that_is_not_taken_fails_alone_and_is_tried_again_with_the_next_linkage(
    founded: Path, tmp_path: Path
) -> None:
    copy_town(founded, tmp_path / "data")
    with a_mail_server(refuses=True) as server, a_town(tmp_path / "data", **mail_of(server)) as town:
        invitation(town, "clinic", "navigator")
        for number in (1, 2):
            town.upload("clinic", a_file("clinic", people(*range(20 + number))))
            linked(town)
            wait_until(lambda number=number: len(failures(town)) == number)
        assert failures(town) == ["the mail server took no letter (SMTPRecipientsRefused)"] * 2
        assert {run.state for run in town.parts.runs.latest()} == {"finished"}


def failures(town: Town) -> list[str | None]:
    return [job.failure for job in town.parts.job_table.all() if job.ended is not None]


def test_without_a_mail_server_nothing_is_queued(founded: Path, tmp_path: Path) -> None:
    copy_town(founded, tmp_path / "data")
    with a_town(tmp_path / "data") as town:
        invitation(town, "clinic", "navigator")
        town.upload("clinic", a_file("clinic", people(*range(20))))
        linked(town)
        assert town.parts.job_table.all() == ()


@pytest.mark.parametrize("tls", [Tls.AFTER_HELLO, Tls.AT_ONCE])
def test_beyond_this_computer_letters_go_through_tls(tmp_path: Path, tls: Tls) -> None:
    served, trusting = a_certificate(tmp_path)
    with a_mail_server(tls, served) as server:
        Smtp("127.0.0.1", server.port, tls, user="h", password="p", trusted=trusting)(LETTER)
        assert server.letters[0]["Subject"] == LETTER["Subject"]
        assert ("STARTTLS" in server.words) == (tls is Tls.AFTER_HELLO)


@pytest.mark.parametrize("tls", [Tls.AFTER_HELLO, Tls.AT_ONCE])
def test_a_server_that_nobody_vouches_for_gets_no_letter(tmp_path: Path, tls: Tls) -> None:
    served, _ = a_certificate(tmp_path)
    with a_mail_server(tls, served) as server:
        with pytest.raises(MailFailed, match="took no letter"):
            Smtp("127.0.0.1", server.port, tls)(LETTER)
        assert server.letters == []


def test_a_server_without_tls_gets_no_letter_where_tls_is_wanted() -> None:
    with a_mail_server(Tls.NONE) as server:
        with pytest.raises(MailFailed, match=smtplib.SMTPNotSupportedError.__name__):
            Smtp("127.0.0.1", server.port, Tls.AFTER_HELLO)(LETTER)
        assert server.letters == []


@pytest.mark.parametrize(
    ("host", "port", "tls"),
    [
        ("mail.example.org", 587, Tls.AFTER_HELLO),
        ("mail.example.org", 465, Tls.AT_ONCE),
        ("127.0.0.1", 25, Tls.NONE),
        ("localhost", 465, Tls.AT_ONCE),
        ("10.0.0.1", 25, Tls.AFTER_HELLO),
    ],
)
def test_only_this_computer_is_spoken_to_in_the_clear(host: str, port: int, tls: Tls) -> None:
    assert tls_for(host, port) is tls


GOOD = {"mail_server": "mail.example.org:587", "mail_from": "h@example.org", "public_url": "https://h.example"}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"mail_server": "mail.example.org"}, "not HOST:PORT"),
        ({"mail_server": "mail.example.org:0"}, "not HOST:PORT"),
        ({"mail_server": ":25"}, "not HOST:PORT"),
        ({"mail_from": "somebody"}, "need a sender"),
        ({"public_url": ""}, "need a sender"),
    ],
)
def test_half_a_setting_is_refused(change: dict[str, str], what: str) -> None:
    with pytest.raises(StartError, match=what):
        Settings(data=Path("d"), **(GOOD | change))


def test_the_password_is_read_from_its_file_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("tell nobody\n", encoding="utf-8")
    post = opened_post(Settings(data=tmp_path, mail_user="h", mail_password=tmp_path / "password", **GOOD))
    assert isinstance(post, Smtp)
    assert (post.password, "tell nobody" in repr(post)) == ("tell nobody", False)
    with pytest.raises(StartError, match="password cannot be read"):
        opened_post(Settings(data=tmp_path, mail_password=tmp_path / "none", **GOOD))
