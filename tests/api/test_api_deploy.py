"""What an operator copies: the unit, the container, the proxies, the settings file and the page about them."""

import re
import shutil
import subprocess
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "how-to" / "operate.md").read_text()


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_in_the_operators_page(name: str) -> None:
    assert f"`{name}`" in PAGE
    assert f"`HEADCOUNT_{name.upper()}`" in PAGE


def test_the_settings_file_that_is_copied_is_one() -> None:
    settings = Settings.read({"settings": DEPLOY / "settings.toml"}, {})
    assert settings.data == Path("/var/lib/headcount")
    assert settings.secure


def test_a_setting_that_is_commented_out_is_one_too() -> None:
    text = re.sub(r"(?m)^# (\w+ = )", r"\1", (DEPLOY / "settings.toml").read_text())
    assert {field.name for field in fields(Settings)} >= tomllib.loads(text).keys()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this computer")
def test_systemd_reads_the_unit_and_finds_it_well_closed(tmp_path: Path) -> None:
    unit = tmp_path / "headcount.service"
    text = (DEPLOY / "headcount.service").read_text()
    unit.write_text(text.replace("/opt/headcount/bin/headcount", "/bin/true"))
    read = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "headcount.service" not in read.stderr, read.stderr
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)]
    closed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert closed.returncode == 0, closed.stdout + closed.stderr


def test_the_container_runs_as_nobody_of_note_from_named_images() -> None:
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert images
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]+", image) and not image.endswith(":latest") for image in images)
    last = {line.split()[0]: line for line in lines if re.match("[A-Z]", line)}
    assert last["USER"] == "USER 8470:8470"
    assert last["ENTRYPOINT"].startswith("ENTRYPOINT [")
    assert not any(line.startswith("ADD ") for line in lines)
    installs = [line for line in lines if "pip install" in line]
    assert all("--no-deps" in line and "--no-cache-dir" in line for line in installs)


def test_the_proxies_pass_the_host_on_and_take_the_largest_file() -> None:
    nginx, caddy = ((DEPLOY / name).read_text() for name in ("nginx.conf", "Caddyfile"))
    assert "proxy_set_header Host $http_host;" in nginx
    assert "client_max_body_size 256m;" in nginx
    assert "max_size 256MiB" in caddy
    assert "header_up Host" not in caddy
    assert nginx.count("{") == nginx.count("}")
    assert caddy.count("{") == caddy.count("}")
