"""The weighing of the base install reads locks, traces and wheels as they are."""

from __future__ import annotations

import pytest

from bench.client_install import (
    LOCK,
    PYTHONS,
    SYSTEMS,
    Package,
    locked_requirements,
    missing_wheels,
    size_table,
    slowest_imports,
)

SOME_LOCK = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:00
    # via headcount (pyproject.toml)
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:00
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:00
cffi==2.1.1 ; platform_python_implementation != 'PyPy' \\
    --hash=sha256:00
cryptography==48.0.1 ; platform_machine == 'x86_64' and sys_platform == 'darwin' \\
    --hash=sha256:00
cryptography==50.0.2 ; platform_machine != 'x86_64' or sys_platform != 'darwin' \\
    --hash=sha256:00
splink==5.0.0 \\
    --hash=sha256:00
"""
SOME_TRACE = """\
import time: self [us] | cumulative | imported package
import time:       250 |        250 |     rich.text
import time:       500 |        750 |   rich
import time:       100 |        100 | typer._click.core
"""


@pytest.mark.parametrize(("python", "numpy"), [("3.11", "2.4.6"), ("3.12", "2.5.5"), ("3.14", "2.5.5")])
def test_the_pins_of_a_lock_are_those_of_a_python(python, numpy):
    found = locked_requirements(SOME_LOCK, {"numpy", "cffi"}, python=python, system=SYSTEMS[0])
    assert found == [f"numpy=={numpy}", "cffi==2.1.1"]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_the_pins_of_a_lock_are_those_of_a_system(system):
    (found,) = locked_requirements(SOME_LOCK, {"cryptography"}, python="3.11", system=system)
    assert found == ("cryptography==48.0.1" if system.name == "macOS 10.15, Intel" else "cryptography==50.0.2")


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
@pytest.mark.parametrize("python", PYTHONS)
def test_our_own_lock_pins_each_base_dependency_once(python, system):
    names = {"anyascii", "cryptography", "httpx2", "jellyfish", "msgspec", "numpy", "python-calamine", "rich", "typer"}
    found = locked_requirements(LOCK.read_text("utf-8"), names, python=python, system=system)
    assert sorted(pin.split("==")[0] for pin in found) == sorted(names)


def test_imports_are_added_up_by_package():
    assert slowest_imports(SOME_TRACE) == [("rich", 0.00075), ("typer", 0.0001)]


def test_the_heaviest_package_comes_first_and_the_sum_last():
    packages = [Package("light", "1.0", 10_000, 20_000, True), Package("heavy", "2.0", 3_000_000, 9_000_000, False)]
    assert list(size_table(packages))[2:] == [
        "| heavy | 2.0 | 3.00 | 9.00 | no |",
        "| light | 1.0 | 0.01 | 0.02 | yes |",
        "| **all 2** | | **3.01** | **9.02** | |",
    ]


def test_a_pin_without_a_wheel_is_told_by_itself(monkeypatch, tmp_path):
    def wheels_but_for_cffi(pins, platforms, **_):
        return not any(pin.startswith("cffi") for pin in pins)

    monkeypatch.setattr("bench.client_install._has_wheels", wheels_but_for_cffi)
    asked = {"platforms": ["win_amd64"], "python": "3.11", "folder": tmp_path}
    assert missing_wheels(["numpy==2.4.6", "cffi==2.1.1"], **asked) == ["cffi==2.1.1"]
    assert missing_wheels(["numpy==2.4.6"], **asked) == []
