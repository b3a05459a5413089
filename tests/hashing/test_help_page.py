"""The help page is plain, whole, and there at once."""

import subprocess
import sys

import pytest

from hashing.cli import main

HEAVY = {"cryptography", "httpx2", "markdown_it", "numpy", "pydantic", "python_calamine", "rich", "pygments"}


def shown(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("group", "sentence"),
    [
        ([], "check Tell what is in a client list, what will encode and what will not."),
        ([], "link Link encoded files: who is the same person, within and across agencies, by the codes alone."),
        (["secret"], "next Make the secret of the next epoch: fresh, and unrelated to the old one."),
    ],
)
def test_every_command_is_told_in_a_whole_sentence(group, sentence, capsys):
    page = shown(capsys, *group)
    assert sentence in " ".join(page.split())
    assert "..." not in page.split("Commands:")[1]


def test_the_page_needs_no_characters_that_an_old_console_lacks(capsys):
    assert shown(capsys).isascii()


def test_the_page_loads_nothing_heavy():
    code = "import sys, hashing.cli\ntry: hashing.cli.main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert {"hashing", "typer"} <= loaded
    assert loaded & HEAVY == set()
