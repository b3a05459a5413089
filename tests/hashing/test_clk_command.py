"""``headcount clk``: what it writes, warns of and refuses."""

import json
import os
import pickle
from base64 import b64decode

import pytest

from hashing.cli import main
from hashing.clk_keys import ClkSecret, open_clk_secret
from hashing.errors import SecretError
from tests.hashing.clkhash_schemas import PLAIN, changed, named

ROWS = "id,name\n1,Ana\n2,José\n"


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "list.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "schema.json").write_text(json.dumps(PLAIN))
    write_secret(tmp_path, b"shared secret\n")
    return tmp_path


def write_secret(desk, content):
    (desk / "secret.txt").write_bytes(content)
    (desk / "secret.txt").chmod(0o600)


def run(desk, *more, out="clks.json"):
    arguments = ["clk", desk / "list.csv", "--schema", desk / "schema.json"]
    arguments += ["--secret-file", desk / "secret.txt", "--out", desk / out, *more]
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


def test_the_file_is_in_the_shape_of_clkhash_and_in_the_order_of_the_rows(desk, capsys):
    assert run(desk) == 0
    written = json.loads((desk / "clks.json").read_text())
    assert [b64decode(clk) for clk in written.pop("clks")] == [named("Ana"), named("José")]
    assert written == {}
    said = capsys.readouterr()
    assert said.out.startswith("Wrote 2 CLKs to ")
    assert "can find people in it, without the secret" in said.out
    assert said.err == ""


def test_what_clkhash_ignores_is_warned_of_before_the_rows_are_read(desk, capsys):
    (desk / "schema.json").write_text(json.dumps(changed(("clkConfig.xorFolds", 1))))
    assert run(desk) == 0
    assert capsys.readouterr().err.startswith("warning: schema.json: $.clkConfig.xorFolds: clkhash ignores this key")


@pytest.mark.parametrize("content", [b"shared secret", b"shared secret\r\n", b"\xef\xbb\xbfshared secret\n"])
def test_the_secret_is_the_text_without_what_an_editor_adds(desk, content):
    write_secret(desk, content)
    assert run(desk) == 0
    assert b64decode(json.loads((desk / "clks.json").read_text())["clks"][0]) == named("Ana")


@pytest.mark.parametrize("name", ["  secret ", "secret\r"])
def test_all_else_in_the_secret_file_belongs_to_the_secret(desk, name):
    write_secret(desk, name.encode())
    assert open_clk_secret(desk / "secret.txt") == ClkSecret(name.encode())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the secret is empty"),
        (b"\n", "the secret is empty"),
        (b"\xff\xfe\x00", "secret.txt: this is not a secret file"),
        (b"headcount-secret-1 epoch=1 AAAA 00000000\n", "this is a secret of Headcount's own linkage"),
    ],
)
def test_a_file_that_holds_no_secret_of_an_exchange_is_refused(desk, content, sentence):
    write_secret(desk, content)
    with pytest.raises(SecretError, match=sentence):
        open_clk_secret(desk / "secret.txt")


def test_a_missing_secret_file_is_refused(tmp_path):
    with pytest.raises(SecretError, match=r"gone\.txt: there is no such secret file"):
        open_clk_secret(tmp_path / "gone.txt")


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_secret_that_others_can_read_is_refused(desk):
    (desk / "secret.txt").chmod(0o644)
    with pytest.raises(SecretError, match="other users of this computer can read the secret"):
        open_clk_secret(desk / "secret.txt")


def test_the_secret_cannot_be_shown_or_pickled():
    assert repr(ClkSecret(b"hush")) == "<ClkSecret>"
    with pytest.raises(TypeError, match="a secret cannot be pickled"):
        pickle.dumps(ClkSecret(b"hush"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"id,given\n1,Ana\n", "list.csv: the first row is not the schema's features in their order"),
        (b"1,Ana\n2,Bo\n", "list.csv: the first row is not the schema's features in their order"),
        (b"", "list.csv: the first row is not the schema's features in their order"),
        (b"id,name\n1,Jos\xe9\n", "list.csv: this is not CSV in UTF-8"),
        (b"id,name\n1,Ana\n\n2,Bo\n", "list.csv: row 3 has 0 cells, the schema 2 features"),
    ],
)
def test_a_list_that_clkhash_would_not_take_is_refused_and_nothing_is_written(desk, capsys, content, sentence):
    (desk / "list.csv").write_bytes(content)
    assert run(desk) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"headcount: {sentence}.\n")
    assert "Ana" not in said
    assert sorted(path.name for path in desk.iterdir()) == ["list.csv", "schema.json", "secret.txt"]


def test_a_missing_list_is_refused(desk, capsys):
    (desk / "list.csv").unlink()
    assert run(desk) == 1
    assert "list.csv: there is no such file" in capsys.readouterr().err


def test_a_byte_order_mark_and_line_breaks_of_windows_change_nothing(desk):
    assert run(desk) == 0
    (desk / "list.csv").write_bytes(b"\xef\xbb\xbf" + ROWS.replace("\n", "\r\n").encode())
    assert run(desk, out="again.json") == 0
    assert (desk / "again.json").read_bytes() == (desk / "clks.json").read_bytes()


def test_no_file_is_overwritten(desk, capsys):
    assert run(desk, out="list.csv") == 1
    assert "list.csv: there is a file already" in capsys.readouterr().err
    assert (desk / "list.csv").read_text(encoding="utf-8") == ROWS


def test_a_folder_that_is_not_there_is_refused(desk, capsys):
    assert run(desk, out="gone/clks.json") == 1
    assert "clks.json: the file cannot be written" in capsys.readouterr().err


def test_a_victim_service_provider_is_refused(desk, capsys):
    assert run(desk, "--kind", "victim-service-provider") == 1
    assert "by law it may not send client records" in capsys.readouterr().err
    assert not (desk / "clks.json").exists()
