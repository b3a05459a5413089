"""Normalised clients of every shape, for property tests."""

from hypothesis import strategies as st

from hashing.addresses import Address
from hashing.clients import Client
from hashing.dates import BirthDate

NAMES = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8), max_size=3).map(tuple)
BIRTHS = st.builds(BirthDate, st.integers(1900, 2026), st.integers(1, 12), st.integers(1, 28)) | st.builds(
    BirthDate, st.integers(1900, 2026)
)
DIGITS = st.text("0123456789", min_size=4, max_size=4)
CLIENTS = st.builds(
    Client,
    client_id=st.just("1"),
    line=st.just(2),
    first=NAMES,
    middle=NAMES,
    last=NAMES,
    suffix=st.sampled_from(["", "jr", "2"]),
    other_firsts=st.lists(NAMES.filter(bool), max_size=2).map(tuple),
    former_lasts=st.lists(NAMES.filter(bool), max_size=2).map(tuple),
    birth=st.none() | BIRTHS,
    ssn=st.just("") | DIGITS.map(lambda four: f"51234{four}"),
    ssn4=st.just("") | DIGITS,
    phones=st.lists(DIGITS.map(lambda four: f"360555{four}"), max_size=2).map(tuple),
    address=st.builds(
        Address, number=st.sampled_from(["", "12"]), street=st.sampled_from(["", "imaginary"]), unit=DIGITS
    ),
)
