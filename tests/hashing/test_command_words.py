"""A hint of the library names arguments, and the command turns them into the options that a person types."""

import re
from pathlib import Path

import pytest

import hashing
from hashing.command_words import as_typed
from hashing.counted import counted

PACKAGE = Path(hashing.__file__).parent
COMMANDS = {"cli.py", "clk_command.py", "command_words.py"}


@pytest.mark.parametrize(
    ("library", "command"),
    [
        ("Add replace=True to write them anew.", "Add --replace to write them anew."),
        ("month first was taken (if not: day_first=True)", "month first was taken (if not: --dates day-first)"),
        ('Say dates="day-first" or dates="month-first".', "Say --dates day-first or --dates month-first."),
        ("Check the folder.", "Check the folder."),
    ],
)
def test_an_argument_is_told_as_an_option(library, command):
    assert as_typed(library) == command


def test_no_message_of_the_library_speaks_of_options():
    modules = [path for path in PACKAGE.rglob("*.py") if path.name not in COMMANDS and "commands" not in path.name]
    said = [path for path in modules if re.search(r"""["' (]--[a-z]+""", path.read_text(encoding="utf-8"))]
    said = [path.name for path in said if path.parent.name != "demo"]
    assert said == ["member_key.py"]  # a key is made by the command alone


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 clients are"), (1, "1 client is"), (2, "2 clients are"), (1200, "1,200 clients are")]
)
def test_one_is_told_in_the_singular(count, said):
    assert counted(count, "client is", "clients are") == said
    assert counted(count, "row") == f"{count:,} row{'' if count == 1 else 's'}"
