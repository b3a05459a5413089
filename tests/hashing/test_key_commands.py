"""The commands about keys, as a person types them."""

import stat

import pytest
from private_things import CHEAP

from hashing import keystore
from hashing.cli import main
from hashing.keys import open_secret

PHRASE = "seven green umbrellas"


@pytest.fixture
def typed(monkeypatch):
    """What the person will type at the terminal; locking is made cheap."""
    answers: list[str] = []
    monkeypatch.setattr("hashing.terminal.getpass", lambda _prompt: answers.pop(0))
    monkeypatch.setitem(keystore.lock.__kwdefaults__, "cost", CHEAP)
    return answers


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A founder with the secret, a clinic without it, and a folder that stands for the post."""
    monkeypatch.chdir(tmp_path)
    ran("key", "new", "--out", "founder.key")
    ran("key", "new", "--out", "clinic.key")
    ran("secret", "new", "--out", "secret")
    ran("join", "new", "--agency", "clinic", "--key", "clinic.key", "--out", "post", "--kind", "health")
    return tmp_path


def ran(*arguments: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert not stopped.value.code


def refused(capsys, *arguments: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 1
    what, hint = capsys.readouterr().err.splitlines()
    assert hint.strip()
    return what


def told(capsys, *arguments: str) -> str:
    capsys.readouterr()
    ran(*arguments)
    return capsys.readouterr().out.strip()


SEAL = ("join", "seal", "post/clinic.join.json", "--secret", "secret", "--key", "founder.key")
OPEN = ("join", "open", "post/clinic.sealed.json", "--key", "clinic.key", "--out", "clinic.secret")


def test_an_agency_joins(office, capsys):
    words = told(capsys, "join", "words", "post/clinic.join.json")
    sealing = told(capsys, *SEAL, "--words", words)
    senders = told(capsys, "key", "words", "founder.key")
    assert senders in sealing
    opening = told(capsys, *OPEN, "--from", senders, "--epoch", "1")
    assert "The sender has sealed it for: clinic." in opening
    assert (office / "clinic.secret").read_bytes() == (office / "secret").read_bytes()
    assert stat.S_IMODE((office / "clinic.secret").stat().st_mode) == 0o600
    assert not (office / "clinic.key.join").exists(), "the key is used up"
    assert "no such join key file" in refused(capsys, *OPEN, "--from", senders)


def test_the_words_are_asked_for_and_never_shown_beforehand(office, capsys, monkeypatch):
    words = told(capsys, "join", "words", "post/clinic.join.json")
    shown = []
    monkeypatch.setattr("hashing.terminal.typer.prompt", lambda text, **_: shown.append(text) or words)
    ran(*SEAL)
    assert shown == ["Telephone clinic and type the eight words that they read out"]


def test_wrong_words_seal_nothing(office, capsys):
    assert "word 1 differs" in refused(
        capsys, *SEAL, "--words", "zuzuz " + told(capsys, "join", "words", "post/clinic.join.json").split(" ", 1)[1]
    )
    assert [path.name for path in (office / "post").iterdir()] == ["clinic.join.json"]
    assert not (office / "secret.roster.json").exists()


def test_wrong_words_open_nothing(office, capsys):
    words = told(capsys, "join", "words", "post/clinic.join.json")
    ran(*SEAL, "--words", words)
    assert "the words are not those of the sender" in refused(capsys, *OPEN, "--from", words)
    assert not (office / "clinic.secret").exists()
    assert (office / "clinic.key.join").exists()


def test_the_roster_remembers_what_was_answered(office, capsys):
    words = told(capsys, "join", "words", "post/clinic.join.json")
    ran(*SEAL, "--words", words, "--roster", "who.json")
    assert "has been answered before" in refused(capsys, *SEAL, "--words", words, "--roster", "who.json")
    (office / "who.json").write_text("minutes")
    assert "who.json: this is not a roster" in refused(capsys, *SEAL, "--words", words, "--roster", "who.json")


def test_a_pending_request_is_not_overwritten(office, capsys):
    before = (office / "clinic.key.join").read_bytes()
    again = ("join", "new", "--agency", "clinic", "--key", "clinic.key", "--out", "post")
    assert "clinic.key.join: there is a file already" in refused(capsys, *again)
    assert (office / "clinic.key.join").read_bytes() == before


def test_a_request_that_cannot_be_written_leaves_no_key_behind(office, capsys):
    (office / "clinic.key.join").unlink()
    (office / "full").write_text("a file where the folder should be")
    again = ("join", "new", "--agency", "clinic", "--key", "clinic.key", "--out", "full")
    assert "clinic.join.json: the file cannot be written" in refused(capsys, *again)
    assert not (office / "clinic.key.join").exists()


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "cannot be read"), (b"x" * 300_000, "no file of the joining")]
)
def test_a_missing_or_huge_request_is_refused(office, capsys, content, sentence):
    (office / "post" / "clinic.join.json").unlink()
    if content:
        (office / "post" / "clinic.join.json").write_bytes(content)
    assert sentence in refused(capsys, *SEAL, "--words", "any")


def test_a_secret_is_locked_used_and_unlocked(office, capsys, typed):
    before = (office / "secret").read_bytes()
    typed += [PHRASE, PHRASE]
    ran("secret", "lock", "secret")
    assert (office / "secret").read_text().startswith("headcount-locked-1 argon2id m=32 ")
    assert stat.S_IMODE((office / "secret").stat().st_mode) == 0o600
    assert "secret: the file is locked already" in refused(capsys, "secret", "lock", "secret")
    typed += [PHRASE]
    ran("secret", "next", "--secret", "secret", "--out", "second")
    assert open_secret(office / "second").epoch == 2
    typed += ["another passphrase"]
    assert "the passphrase does not open the file" in refused(capsys, "secret", "unlock", "secret")
    typed += [PHRASE]
    ran("secret", "unlock", "secret")
    assert (office / "secret").read_bytes() == before
    assert "secret: the file is not locked" in refused(capsys, "secret", "unlock", "secret")


def test_a_key_is_locked_used_and_unlocked(office, capsys, typed):
    words, before = told(capsys, "key", "words", "clinic.key"), (office / "clinic.key").read_bytes()
    typed += [PHRASE] * 4
    ran("key", "lock", "clinic.key")
    assert told(capsys, "key", "words", "clinic.key") == words
    ran("key", "unlock", "clinic.key")
    assert (office / "clinic.key").read_bytes() == before
    assert typed == []


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (["too short"], "fewer than 12 characters"),
        ([PHRASE, PHRASE + "!"], "the two passphrases differ"),
    ],
)
def test_a_passphrase_that_was_not_meant_locks_nothing(office, capsys, typed, answers, sentence):
    before = (office / "secret").read_bytes()
    typed += answers
    assert sentence in refused(capsys, "secret", "lock", "secret")
    assert (office / "secret").read_bytes() == before


def test_only_a_secret_is_locked_as_a_secret(office, capsys, typed):
    assert "this is not a secret file" in refused(capsys, "secret", "lock", "clinic.key")
    (office / "clients.csv").write_text("Name,DOB\n")
    for kind in ("secret", "key"):
        said = refused(capsys, kind, "lock", "clients.csv")
        assert f"clients.csv: this is not a {kind} file" in said
        assert "chmod" not in said
    assert "this is not a key file" in refused(capsys, "key", "lock", "secret")
    assert "this is not a key file" in refused(capsys, "key", "words", "clinic.key.pub")


def test_a_secret_can_be_written_locked_at_once(office, capsys, typed):
    typed += [PHRASE, PHRASE]
    ran("secret", "new", "--out", "other", "--locked")
    assert (office / "other").read_text().startswith("headcount-locked-1 ")


def test_without_a_terminal_no_passphrase_is_asked_for(office, capsys, monkeypatch):
    def no_terminal(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("hashing.terminal.getpass", no_terminal)
    assert "there is no terminal to ask at" in refused(capsys, "secret", "lock", "secret")


def test_no_command_shows_a_secret(office, capsys):
    output = told(capsys, "secret", "next", "--secret", "secret", "--out", "second")
    for path in (office / "secret", office / "second", office / "clinic.key.join"):
        for private in path.read_text().split()[1:]:
            assert private not in output


def shared(office, capsys) -> list[str]:
    ran("secret", "split", "secret", "--shares", "3", "--needed", "2", "--out", "shares")
    capsys.readouterr()
    return [f"shares/secret.share-{number}-of-3.json" for number in (1, 2, 3)]


def test_a_secret_is_split_and_combined(office, capsys):
    telling = told(capsys, "secret", "split", "secret", "--shares", "3", "--needed", "2", "--out", "shares")
    names = [f"secret.share-{number}-of-3.json" for number in (1, 2, 3)]
    assert sorted(path.name for path in (office / "shares").iterdir()) == names
    assert "Any 2 of them give the secret of epoch 1" in telling
    for path in (office / "shares").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ran("secret", "combine", f"shares/{names[2]}", f"shares/{names[0]}", "--out", "back")
    assert (office / "back").read_bytes() == (office / "secret").read_bytes()
    assert stat.S_IMODE((office / "back").stat().st_mode) == 0o600


def test_a_locked_secret_is_split_and_can_be_locked_again(office, capsys, typed):
    typed += [PHRASE] * 5
    ran("secret", "lock", "secret")
    one, two, _ = shared(office, capsys)
    ran("secret", "combine", one, two, "--out", "back", "--locked")
    assert (office / "back").read_text().startswith("headcount-locked-1 ")
    assert typed == []


def test_shares_that_open_nothing_write_nothing(office, capsys):
    one, two, _ = shared(office, capsys)
    ran("secret", "new", "--out", "other")
    ran("secret", "split", "other", "--shares", "3", "--needed", "2", "--out", "others")
    combine = ("secret", "combine", "--out", "back")
    assert f"2 shares are needed, and 1 was given: {one}" in refused(capsys, *combine, one)
    assert f"{one}: the file was given twice" in refused(capsys, *combine, one, one)
    stranger = "others/other.share-2-of-3.json"
    assert f"{stranger}: of another splitting than {one}" in refused(capsys, *combine, one, stranger)
    assert "gone.json: the file cannot be read" in refused(capsys, *combine, one, "gone.json")
    assert "secret: this is not a share of a secret" in refused(capsys, *combine, one, "secret")
    (office / two).write_bytes((office / two).read_bytes().replace(b'"number":2', b'"number":3'))
    assert "share-2-of-3.json: the share is damaged" in refused(capsys, *combine, one, two)
    assert not (office / "back").exists()


def test_splitting_again_overwrites_no_share_and_leaves_no_half_of_a_set(office, capsys):
    shares = shared(office, capsys)
    before = [(office / share).read_bytes() for share in shares]
    again = ("secret", "split", "secret", "--shares", "3", "--needed", "2", "--out", "shares")
    assert "secret.share-1-of-3.json: there is a file already" in refused(capsys, *again)
    assert [(office / share).read_bytes() for share in shares] == before
    (office / shares[0]).unlink()
    assert "secret.share-2-of-3.json: there is a file already" in refused(capsys, *again)
    assert not (office / shares[0]).exists()


def test_shares_need_a_folder_and_a_secret_that_is_not_there_yet(office, capsys):
    split = ("secret", "split", "secret", "--shares", "3", "--needed", "2", "--out")
    assert "clinic.key: the folder cannot be written" in refused(capsys, *split, "clinic.key")
    one, two, _ = shared(office, capsys)
    assert "secret: there is a file already" in refused(capsys, "secret", "combine", one, two, "--out", "secret")
