"""docs/reference/client-library.md tells every public name, and its example runs."""

import ast
import re
from pathlib import Path

import pytest

import hashing

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/reference/client-library.md").read_text("utf-8")
PACKAGE = Path(hashing.__file__).read_text("utf-8")


@pytest.mark.parametrize("name", hashing.__all__)
def test_every_public_name_is_told(name):
    assert re.search(rf"`{name}\b", DOCUMENT)


def test_every_name_that_the_example_uses_is_public():
    used = set(re.findall(r"\bhashing\.([A-Za-z_]+)", DOCUMENT.split("```")[1]))
    assert used
    assert used <= set(hashing.__all__)


def test_type_checkers_find_every_public_name_where_it_is_loaded_from():
    seen = {
        alias.asname: node.module
        for node in ast.walk(ast.parse(PACKAGE))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert seen == hashing._HOME


def test_the_example_runs_and_shows_no_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    hashing.write_secret(hashing.new_secret(random_bytes=lambda length: bytes(range(length))), Path("secret"))
    Path("clients.csv").write_text(
        "Client ID,First Name,Last Name,DOB,ZIP\nC-1,Xavierus,Unlikelyname,1984-03-27,98382\n", encoding="utf-8"
    )
    example = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example is not None
    exec(example[1], {})
    shown = capsys.readouterr().out
    assert "what the linkage service would see" in shown
    assert "Xavierus" not in shown
    assert sorted(path.name for path in Path("encoded").iterdir()) == [
        "food_bank.codes.jsonl",
        "food_bank.crosswalk.csv",
    ]
