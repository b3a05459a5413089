"""The secret file, its refusals, and what the next epoch's secret has in common with the last: nothing."""

import dataclasses
import stat

import msgspec
import pytest
from private_things import RAW, secret

from hashing.canaries import CANARIES
from hashing.client import epoch_terms
from hashing.encode import Encoder
from hashing.errors import SecretError
from hashing.keys import LAST_EPOCH, LinkageSecret, new_secret, next_secret, open_secret, write_secret
from hashing.profile import load_profile

LINE = (
    b"headcount-secret-1 epoch=%d yMnKy8zNzs_Q0dLT1NXW19jZ2tvc3d7f4OHi4-Tl5uc c211b43f\n" % 1
)  # no file of the repository may look like one with a secret
BLOOM = load_profile("bloom")
CLIENTS = [dataclasses.replace(client, household="H-1") for client in CANARIES]


def encode(of: LinkageSecret, *, agency: str = "clinic", profile=BLOOM):
    return Encoder(of, profile, agency).encode(CLIENTS)


def other_profile():
    return msgspec.structs.replace(BLOOM, description="another")


def test_a_secret_file_is_one_line_that_its_owner_alone_can_read(tmp_path):
    write_secret(secret(), tmp_path / "secret")
    assert (tmp_path / "secret").read_bytes() == LINE
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert open_secret(tmp_path / "secret") == secret()


def test_derived_keys_stay_what_they_were():
    assert (
        secret().derive("code", profile_digest="d", name="n").hex()
        == "f02dff5012ce021fc3e8d7509ae872d2a810d1349eba73a1333ae4317b543c5b"
    )
    assert secret().check_value(profile_digest="d", encoder="e") == "41fadb1cdda5a9f0e382ce8dea7013bd"


def test_a_secret_file_is_never_overwritten(tmp_path):
    write_secret(secret(), tmp_path / "secret")
    with pytest.raises(SecretError, match="secret: there is a file already"):
        write_secret(secret(epoch=2), tmp_path / "secret")
    assert (tmp_path / "secret").read_bytes() == LINE


def test_a_folder_that_is_not_there_is_a_refusal(tmp_path):
    with pytest.raises(SecretError, match="secret: the file cannot be written"):
        write_secret(secret(), tmp_path / "nowhere" / "secret")
    with pytest.raises(SecretError, match="secret: there is no such secret file"):
        open_secret(tmp_path / "nowhere" / "secret")
    with pytest.raises(SecretError, match="the file cannot be read"):
        open_secret(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(tmp_path, mode):
    write_secret(secret(), tmp_path / "secret")
    (tmp_path / "secret").chmod(mode)
    with pytest.raises(SecretError, match="other users of this computer can read the secret"):
        open_secret(tmp_path / "secret")


@pytest.mark.parametrize("place", range(len(LINE) - 1))
def test_no_altered_character_of_a_secret_file_is_accepted(tmp_path, place):
    altered = bytearray(LINE)
    altered[place] ^= 1
    (tmp_path / "secret").write_bytes(altered)
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(SecretError, match=r"not a secret file|damaged"):
        open_secret(tmp_path / "secret")


@pytest.mark.parametrize("epoch", [0, -1, LAST_EPOCH + 1])
def test_epochs_are_counted_from_one(epoch):
    with pytest.raises(SecretError, match=f"there is no epoch {epoch}"):
        LinkageSecret(epoch, RAW)


def test_the_next_secret_is_fresh_and_one_epoch_on():
    asked = []
    following = next_secret(secret(epoch=4), random_bytes=lambda length: asked.append(length) or b"r" * length)
    assert following == LinkageSecret(5, b"r" * 32)
    assert asked == [32], "all of it comes from the source of randomness, none from the old secret"


def test_after_the_last_epoch_there_is_no_next():
    with pytest.raises(SecretError, match="there is no epoch"):
        next_secret(secret(epoch=LAST_EPOCH), random_bytes=bytes)


@pytest.mark.parametrize(
    "following",
    [new_secret(random_bytes=lambda length: b"r" * length, epoch=2), secret(epoch=2)],
    ids=["another secret", "only another epoch"],
)
def test_a_rotation_leaves_nothing_by_which_rows_of_two_epochs_could_be_joined(following):
    before, after = encode(secret()), encode(following)
    assert not {row.row for row in before} & {row.row for row in after}
    assert not {row.household for row in before} & {row.household for row in after}
    assert not {block for row in before for block in row.blocks} & {block for row in after for block in row.blocks}
    for old, new in zip(before, after, strict=True):
        assert all(code is None or code != new.codes[name] for name, code in old.codes.items())


def test_a_rotation_changes_what_the_service_compares():
    old, new = epoch_terms(secret(), BLOOM), epoch_terms(secret(epoch=2), BLOOM)
    assert (old.key_check_value, old.canaries) != (new.key_check_value, new.canaries)
    assert old.key_check_value != new.key_check_value
    assert old.canaries != new.canaries


def test_within_an_epoch_a_row_keeps_its_pseudonym_under_every_profile():
    one, other = encode(secret()), encode(secret(), profile=other_profile())
    assert [row.row for row in one] == [row.row for row in other]
    assert [row.household for row in one] == [row.household for row in other]
    assert [row.codes for row in one] != [row.codes for row in other]


def test_two_agencies_give_the_same_client_number_other_pseudonyms():
    assert not {row.row for row in encode(secret())} & {row.row for row in encode(secret(), agency="pantry")}
