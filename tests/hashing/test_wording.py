"""What the commands say: values of clients on the agency's own screen only, and never of an encoded file."""

import re

from client_lists import TODAY, write

from hashing.client import Sender, encode_export
from hashing.export import AgencyExport, read_export
from hashing.files import write_encoded
from hashing.keys import LinkageSecret
from hashing.profile import load_profile
from hashing.schema import read_encoded
from hashing.wording import SAMPLES, describe_encoded, describe_export

CLIENTS = """\
Client ID,First Name,Last Name,Nickname,Date of Birth,SSN,Phone,Address,Unit,Zip,Household ID,Diagnosis
C-17,Zoë,Núñez-García,Zo,1984-03-27,512-34-5678,360-555-0101,12 N Imaginary Rd,Apt 4,98382,HH-9,F32.9
C-18,Kwame,Imani,,1972-02-29,601-02-0304,564-555-0102,99 Nowhere Ave,,98362,HH-9,F20.0
C-19,Bo,Fict,,,,,,,,,
"""
VISITS = "Client ID,Visit Date,Program\nC-17,2026-05-01,Hot Meal Special\n"
CONSENTS = "Client ID,Consent,Expires,Share with\nC-17,Yes,2027-07-14,ymca\n"


def read(folder) -> AgencyExport:
    files = {"clients.csv": CLIENTS, "visits.csv": VISITS, "consents.csv": CONSENTS}
    return read_export([write(folder, name, text) for name, text in files.items()], today=TODAY)


def encoded(folder) -> str:
    """What is said of the encoded file."""
    export = read(folder)
    secret, profile = LinkageSecret(1, bytes(range(32))), load_profile("bloom")
    made = encode_export(export, secret=secret, profile=profile, sender=Sender("food_bank"))
    written = write_encoded(folder / "out", made.header, made.rows, made.client_ids)
    return "\n".join(describe_encoded(read_encoded(written.encoded)))


def test_what_is_said_of_an_encoded_file_holds_no_value_that_was_typed(tmp_path):
    said = encoded(tmp_path).lower()
    cells = {cell for line in (CLIENTS + VISITS).splitlines()[1:] for cell in line.split(",") if len(cell) > 3}
    words = {word for cell in cells for word in re.findall(r"\w{4,}", cell.lower())} - {"2026", "date", "client"}
    assert {word for word in words if re.search(rf"\b{word}\b", said)} == set()


def test_what_is_said_of_an_encoded_file_tells_all_that_the_service_sees(tmp_path):
    said = encoded(tmp_path)
    assert "from food_bank (nonprofit), 2 clients, services from 2026-05 to 2026-05" in said
    assert "1 client with too little information was left out" in said
    assert all(f"  {code.name:<16} {code.bits} bits" in said for code in load_profile("bloom").codes)
    for what in ("blocking tokens", "household", "services", "consent", "key check value"):
        assert what in said
    assert "a band of years such as 25_34, in 2 rows" in said
    assert "meals (in meals), in 1 row" in said


def test_what_is_said_of_a_list_tells_what_each_column_is_and_what_will_encode(tmp_path):
    said = "\n".join(describe_export(read(tmp_path)))
    assert "3 clients, 2 of them can be encoded." in said
    assert re.search(r"First Name .*first name", said)
    assert "clients.csv: client list, 3 rows" in said
    assert "visits.csv: service rows, 1 row" in said
    assert "told as meals (in meals) 1" in said


def test_no_value_of_a_column_that_is_not_read_is_shown(tmp_path):
    said = "\n".join(describe_export(read(tmp_path)))
    assert "F32.9" not in said
    assert "F20.0" not in said


def test_at_most_three_values_of_a_column_are_shown(tmp_path):
    rows = "\n".join(f"C-{n},Zoe{'abcdefghij'[n]},Made,1990-05-06" for n in range(9))
    path = write(tmp_path, "c.csv", f"Client ID,First,Last,DOB\n{rows}")
    said = "\n".join(describe_export(read_export([path], today=TODAY)))
    assert len(re.findall(r"Zoe[a-j]", said)) == SAMPLES


def test_columns_of_months_are_told_as_one(tmp_path):
    text = "Client ID,Name,DOB,Jan 2026,Feb 2026,Mar 2026\n1,Ana Made,1984-03-27,x,,x\n"
    said = "\n".join(describe_export(read_export([write(tmp_path, "c.csv", text)], today=TODAY)))
    assert re.search(r"Jan 2026 to Mar 2026 +services from 2026-01 to 2026-03, a column a month", said)


def test_months_are_told_from_the_earliest_to_the_latest_wherever_they_stand(tmp_path):
    text = "Client ID,Name,DOB,Mar 2026,Dec 2025,Jan 2026\n1,Ana Made,1984-03-27,x,,x\n"
    said = "\n".join(describe_export(read_export([write(tmp_path, "c.csv", text)], today=TODAY)))
    assert re.search(r"Dec 2025 to Mar 2026 +services from 2025-12 to 2026-03, a column a month", said)
    assert "not used" not in said


def test_no_value_of_a_client_on_hold_is_shown(tmp_path):
    text = "Client ID,Name,DOB,Do not match\n1,Ana Made,1984-03-27,\n2,Hidden Person,1961-07-14,yes\n"
    said = "\n".join(describe_export(read_export([write(tmp_path, "c.csv", text)], today=TODAY)))
    assert "1 client is on hold (by the column Do not match): nothing of them leaves this computer." in said
    assert "Hidden" not in said


def test_a_table_that_is_not_used_is_told_as_such(tmp_path):
    paths = [write(tmp_path, "c.csv", CLIENTS), write(tmp_path, "menu.csv", "Date,Service\n2026-01-02,Soup\n")]
    said = list(describe_export(read_export(paths, today=TODAY)))
    assert "menu.csv: not used" in said
    assert not any("Soup" in line for line in said)
