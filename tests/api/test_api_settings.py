"""Settings: from flags, then the environment, then the defaults; unsafe ones are refused with a reason."""

from dataclasses import fields
from pathlib import Path

import pytest

from api.errors import StartError
from api.linking import Linking, chosen_link
from api.settings import Settings

DATA = {"data": Path("/srv/headcount")}


def test_a_flag_goes_before_the_environment_and_that_before_the_default() -> None:
    environment = {"HEADCOUNT_PORT": "9000", "HEADCOUNT_NAME": "anytown.example/headcount", "PORT": "1"}
    settings = Settings.read(DATA | {"port": None}, environment)
    assert (settings.port, settings.name, settings.host) == (9000, "anytown.example/headcount", "127.0.0.1")
    assert Settings.read(DATA | {"port": 0}, environment).port == 0


def test_paths_in_the_environment_are_paths() -> None:
    environment = {"HEADCOUNT_DATA": "/data", "HEADCOUNT_COORDINATOR": "/keys/c.pub"}
    settings = Settings.read({}, environment)
    assert (settings.data, settings.coordinator) == (Path("/data"), Path("/keys/c.pub"))


def test_every_setting_is_explained() -> None:
    assert all(field.metadata["help"] for field in fields(Settings))


def test_every_setting_is_in_the_reference() -> None:
    reference = (Path(__file__).parents[2] / "docs/reference/api.md").read_text(encoding="utf-8")
    assert [item.name for item in fields(Settings) if f"`HEADCOUNT_{item.name.upper()}`" not in reference] == []


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"HEADCOUNT_PORT": "http"}, "HEADCOUNT_PORT is not a whole number"),
        ({"HEADCOUNT_HOST": "0.0.0.0"}, "without TLS"),
        ({"HEADCOUNT_HOST": "headcount.example.org"}, "without TLS"),
        ({"HEADCOUNT_PUBLIC_URL": "http://headcount.example.org"}, "does not start with https"),
        ({"HEADCOUNT_CHECKPOINT_SECONDS": "61"}, "1 to 60 seconds"),
        ({"HEADCOUNT_CHECKPOINT_SECONDS": "0"}, "1 to 60 seconds"),
    ],
)
def test_what_is_wrong_or_unsafe_is_refused(environment: dict[str, str], says: str) -> None:
    with pytest.raises(StartError, match=says):
        Settings.read(DATA, environment)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_computer_needs_no_tls(host: str) -> None:
    assert not Settings.read(DATA, {"HEADCOUNT_HOST": host}).secure


def test_behind_a_proxy_with_tls_it_may_listen_anywhere() -> None:
    environment = {"HEADCOUNT_HOST": "0.0.0.0", "HEADCOUNT_PUBLIC_URL": "https://headcount.example.org"}
    assert Settings.read(DATA, environment).secure


def test_a_service_without_a_folder_has_nowhere_to_live() -> None:
    with pytest.raises(StartError, match="no data folder"):
        Settings.read({"data": None}, {})


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("ENGINE", "abacus", "no such engine"),
        ("KEEP_REPLACED_DAYS", "0", "less than 1"),
        ("UPLOAD_QUOTA_BYTES", "0", "less than 1"),
    ],
)
def test_a_setting_of_jobs_and_files_that_makes_no_sense_is_refused(name: str, value: str, what: str) -> None:
    with pytest.raises(StartError, match=what) as refused:
        Settings.read({"data": Path("d")}, {f"HEADCOUNT_{name}": value})
    assert f"HEADCOUNT_{name}" in refused.value.hint


def test_the_engine_of_a_service_is_the_one_on_this_computer_unless_it_says_spark() -> None:
    assert chosen_link("duckdb", "local[*]") is Linking().link


def test_a_threshold_that_protects_nobody_is_refused(tmp_path):
    assert Settings(data=tmp_path, threshold=20).rule.threshold == 20
    with pytest.raises(StartError, match="a threshold of 4 is too low for what is published"):
        Settings(data=tmp_path, threshold=4)


def test_a_request_needs_a_moment_to_arrive(tmp_path):
    with pytest.raises(StartError, match="a request needs a second at least"):
        Settings(data=tmp_path, pause_seconds=0)


# The settings file.


def write(folder: Path, text: str) -> dict[str, object]:
    path = folder / "settings.toml"
    path.write_text(text)
    return {"settings": path, "data": None}


def test_a_flag_goes_before_a_variable_and_that_before_the_file(tmp_path: Path) -> None:
    flags = write(tmp_path, 'data = "data"\nname = "file"\nhost = "::1"\nport = 1\n')
    settings = Settings.read(flags | {"name": "flag"}, {"HEADCOUNT_HOST": "127.0.0.2", "HEADCOUNT_NAME": "variable"})
    assert (settings.name, settings.host, settings.port) == ("flag", "127.0.0.2", 1)
    assert settings.data == tmp_path / "data"


def test_the_settings_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    path = write(tmp_path, 'data = "/srv/data"')["settings"]
    assert Settings.read({}, {"HEADCOUNT_SETTINGS": str(path)}).data == Path("/srv/data")


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ('prt = "hunter2"', "'prt' is no setting", "Did you mean port"),
        ('settings = "hunter2"', "'settings' is no setting", ""),
        ('port = "hunter2"', "port is not a whole number", "without quotes"),
        ("port = true", "port is not a whole number", ""),
        ("name = 5", "name is not a text", "quotes"),
        ("database_url = hunter2", "is not TOML", "NAME = VALUE"),
    ],
)
def test_what_is_wrong_in_the_file_is_refused_without_its_value(
    tmp_path: Path, text: str, says: str, hint: str
) -> None:
    with pytest.raises(StartError, match=says) as refused:
        Settings.read(write(tmp_path, text), {})
    assert hint in refused.value.hint
    assert "hunter2" not in f"{refused.value} {refused.value.hint}"


def test_a_settings_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"settings\.toml cannot be read"):
        Settings.read({"settings": tmp_path / "settings.toml"}, {})


# TLS without a proxy.


def test_a_certificate_needs_its_key_and_the_address_it_is_for() -> None:
    with pytest.raises(StartError, match="one is given without the other"):
        Settings.read(DATA, {"HEADCOUNT_CERTIFICATE": "c.pem"})
    both = {"HEADCOUNT_CERTIFICATE": "c.pem", "HEADCOUNT_CERTIFICATE_KEY": "k.pem"}
    with pytest.raises(StartError, match="not the address that it is for"):
        Settings.read(DATA, both)
    assert Settings.read(DATA, both | {"HEADCOUNT_PUBLIC_URL": "https://a.example:8470"}).secure
