"""What the next epoch's secret, and all that is made with it, has in common with the last: nothing."""

import dataclasses

import msgspec
import pytest
from private_things import secret

from hashing.canaries import CANARIES
from hashing.client import epoch_terms
from hashing.encode import Encoder
from hashing.errors import SecretError
from hashing.keys import LAST_EPOCH, LinkageSecret, new_secret, next_secret
from hashing.profile import load_profile

BLOOM = load_profile("bloom")
CLIENTS = [dataclasses.replace(client, household="H-1") for client in CANARIES]


def encode(of: LinkageSecret, *, agency: str = "clinic", profile=BLOOM):
    return Encoder(of, profile, agency).encode(CLIENTS)


def other_profile():
    return msgspec.structs.replace(BLOOM, description="another")


def test_the_next_secret_is_fresh_and_one_epoch_on():
    asked = []
    following = next_secret(secret(epoch=4), random_bytes=lambda length: asked.append(length) or b"r" * length)
    assert following == LinkageSecret(5, b"r" * 32)
    assert asked == [32], "all of it comes from the source of randomness, none from the old secret"


def test_after_the_last_epoch_there_is_no_next():
    with pytest.raises(SecretError, match="there is no epoch 1,000,000"):
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
