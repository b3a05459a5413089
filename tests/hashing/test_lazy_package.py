"""The service may load the shared types and nothing else of ``hashing``."""

import subprocess
import sys
from importlib import import_module

import pytest

import hashing


def loaded_by(statement: str) -> set[str]:
    """The modules of ``hashing`` that a statement loads, in an interpreter of its own."""
    code = f"import sys\n{statement}\nprint(*(name for name in sys.modules if name.split('.')[0] == 'hashing'))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import hashing.schema", "from hashing import AgencyKind, read_encoded"])
def test_the_shared_types_load_no_code_that_sees_names_or_the_secret(statement):
    assert loaded_by(statement) == {"hashing", "hashing.kinds", "hashing.schema"}


def test_the_package_itself_loads_nothing():
    assert loaded_by("import hashing") == {"hashing"}


def test_the_secrets_code_loads_no_code_that_sees_names():
    assert loaded_by("from hashing import LinkageSecret") == {
        "hashing",
        "hashing.errors",
        "hashing.keys",
        "hashing.keystore",
        "hashing.kinds",
        "hashing.private",
        "hashing.private_files",
        "hashing.schema",
    }


@pytest.mark.parametrize("name", hashing.__all__)
def test_every_public_name_leads_to_what_it_stands_for(name):
    found = getattr(hashing, name)
    assert found.__name__ == name
    assert getattr(import_module(found.__module__), name) is found


def test_an_unknown_name_is_told_as_python_tells_it():
    with pytest.raises(AttributeError, match="module 'hashing' has no attribute 'nothing'"):
        _ = hashing.nothing
