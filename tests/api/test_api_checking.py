"""`serve --check` tells all that is wrong and changes nothing; TLS without a proxy."""

import datetime
import ssl
from pathlib import Path

import httpx2
import pytest
import typer
from api_town import a_town, new_key, public_line
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from test_api_serve import SERVE, coordinator, running
from typer.testing import CliRunner, Result

from api.cli import register
from api.errors import StartError
from api.linking import Linking
from api.settings import Settings
from api.starting import open_parts

__all__ = ["coordinator"]


def check(*flags: str, **variables: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    environment = {f"HEADCOUNT_{name.upper()}": value for name, value in variables.items()}
    return CliRunner().invoke(app, ["serve", "--check", "--port", "0", *flags], env=environment)


def self_made(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "tls.pem", folder / "tls.key"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    certificate.write_bytes(made.public_bytes(pem))
    secret.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return certificate, secret


def test_a_service_that_would_start_is_told_so_and_nothing_is_written(tmp_path: Path, coordinator: Path) -> None:
    done = check("--data", str(tmp_path / "data"), "--coordinator", str(coordinator))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Nothing is wrong" in done.stdout
    assert not (tmp_path / "data").exists()


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    certificate, _ = self_made(tmp_path)
    done = check(
        "--data", str(tmp_path / "file" / "data"),
        "--coordinator", str(tmp_path / "nothing.pub"),
        public_url="https://localhost",
        certificate=str(certificate),
        certificate_key=str(certificate),
        witnesses=str(tmp_path / "nothing.vkey"),
        database_url="postgresql://u:hunter2@127.0.0.1:1/d",
    )  # fmt: skip
    assert done.exit_code == 1
    for said in (
        "is no folder that this user may write to",
        "nothing.pub cannot be read",
        "nothing.vkey cannot be read",
        "the TLS certificate and its key cannot be used",
        "the database cannot be opened",
    ):
        assert said in done.stderr
    assert "hunter2" not in done.output


def test_a_folder_that_has_a_service_needs_no_coordinator(tmp_path: Path) -> None:
    assert "is new and has no coordinator" in check("--data", str(tmp_path / "data")).stderr
    with a_town(tmp_path / "data", database_url="", empty=True):
        pass
    assert check("--data", str(tmp_path / "data")).exit_code == 0


@pytest.mark.parametrize("coordinator", [None, Path("nothing.pub")])
def test_a_start_that_nobody_could_coordinate_leaves_no_folder(tmp_path: Path, coordinator: Path | None) -> None:
    settings = Settings(data=tmp_path / "data", coordinator=coordinator)
    refused = pytest.raises(StartError, match=r"has no coordinator|nothing\.pub cannot be read")
    with refused, open_parts(settings, Linking(), lambda: datetime.datetime.now(datetime.UTC)):
        pass
    assert not (tmp_path / "data").exists()


def test_a_certificate_and_a_key_of_two_pairs_are_refused(tmp_path: Path) -> None:
    certificate, _ = self_made(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    _, key = self_made(other)
    (tmp_path / "c.pub").write_text(public_line(new_key("coordinator"), "c"))
    flags = ("--data", str(tmp_path / "data"), "--coordinator", str(tmp_path / "c.pub"))
    done = check(*flags, public_url="https://localhost", certificate=str(certificate), certificate_key=str(key))
    assert "cannot be used" in done.stderr


@pytest.mark.slow
def test_the_service_ends_tls_itself(tmp_path: Path, coordinator: Path) -> None:
    certificate, key = self_made(tmp_path)
    command = ("-c", SERVE, "serve", "--port", "0", "--data", str(tmp_path / "data"), "--coordinator", str(coordinator))
    environment = {
        "HEADCOUNT_PUBLIC_URL": "https://localhost",
        "HEADCOUNT_CERTIFICATE": str(certificate),
        "HEADCOUNT_CERTIFICATE_KEY": str(key),
    }
    with running(*command, environment=environment) as (_, address):
        port = address.rsplit(":", 1)[1]
        trusted = ssl.create_default_context(cafile=certificate)
        assert httpx2.get(f"https://localhost:{port}/readyz", verify=trusted).status_code == 200
        with pytest.raises(httpx2.HTTPError):
            httpx2.get(f"http://localhost:{port}/readyz")
