"""What an agency is told of its own client holds against the signed log, or is refused."""

import msgspec
import pytest
from told import AGREED, SAW_AT, SHOWN_TO, a_file, about, an_event, hash_of, log_consent, log_match, opened, sealed

from audit.commitment import Kind
from audit.errors import SigningKeyError, VerificationError
from audit.events import Act
from audit.openings import read_openings
from audit.why import ask_why

MATCH = sealed(SHOWN_TO, SAW_AT)
CONSENT = sealed(AGREED)


@pytest.fixture
def told(log):
    """The openings file of the YMCA, in a log that says more."""
    first = log_consent(log, CONSENT)
    second = log_match(log, MATCH)
    return a_file(opened(log, second, MATCH), opened(log, first, CONSENT))


def ask(log, data, *rows, whole=True):
    return ask_why(data, rows or ("ymcarowymcarow22",), vkeys=log.vkeys, log=log.entries() if whole else None)


def test_everything_about_the_row_is_told_in_the_order_of_the_log(log, told):
    answer = ask(log, told)
    assert [one.fact for one in answer.told] == [AGREED, SHOWN_TO]
    assert [one.entry.seq for one in answer.of(Kind.SHOWN_TO)] == [1]
    assert (answer.agency, answer.closed, answer.missing) == ("ymca", 0, ())


def test_another_row_has_nothing_to_tell(log, told):
    assert ask(log, told, "otherrow").told == ()


def test_several_rows_are_one_client(log, told):
    assert len(ask(log, told, "otherrow", "ymcarowymcarow22").told) == 2


def test_without_the_log_it_is_not_known_what_is_left_out(log, told):
    assert ask(log, told, whole=False).missing is None


def test_what_is_left_out_is_named(log, told):
    log_match(log, sealed(SHOWN_TO, SAW_AT))
    log_match(log, (), shown="none")
    assert ask(log, told).missing == (2,)


def test_a_consent_that_is_left_out_is_named(log):
    log_consent(log, CONSENT)
    assert ask(log, a_file()).missing == (0,)


def test_what_was_erased_is_counted(log):
    index = log_match(log, MATCH)
    answer = ask(log, a_file(opened(log, index, MATCH, openings=())))
    assert (answer.told, answer.closed) == ((), 1)


def test_each_sides_facts_are_counted_by_its_own_list(log):
    held = sealed(SHOWN_TO, SAW_AT, msgspec.structs.replace(SHOWN_TO, row="second"))
    index = log_match(log, held)
    clinics = a_file(opened(log, index, held, agency="clinic"), agency="clinic")
    assert ask_why(clinics, ["clinicrowclinic2"], vkeys=log.vkeys).closed == 0
    mine = opened(log, index, held)
    assert ask(log, a_file(msgspec.structs.replace(mine, openings=mine.openings[:1]))).closed == 1


# Lies.

OTHER_ROW = msgspec.structs.replace(MATCH[0], fact=msgspec.structs.replace(SHOWN_TO, row="otherrow"))
SHOWN = tuple(opening for opening in MATCH if opening.fact == SHOWN_TO)
LIES = {
    "another row": ({"openings": (OTHER_ROW,)}, "an opening does not fit the list of entry 0"),
    "one opening twice": ({"openings": SHOWN * 2}, "an opening does not fit the list of entry 0"),
    "another list": ({"commitments": ("ab" * 32,)}, "the list is not the one of entry 0"),
    "a commitment more": (
        {"commitments": (SHOWN[0].commitment.hex(), "ab" * 32)},
        "the list is not the one of entry 0",
    ),
    "a commitment less": ({"commitments": ()}, "the list is not the one of entry 0"),
    "the other side's list": (
        {"commitments": tuple(one.commitment.hex() for one in about("clinic", MATCH))},
        "the list is not the one of entry 0",
    ),
    "another's opening": ({"openings": MATCH}, "an opening does not fit the list of entry 0"),
}


@pytest.mark.parametrize(("changes", "why"), LIES.values(), ids=LIES)
def test_a_list_that_was_tampered_with_is_refused(log, changes, why):
    index = log_match(log, MATCH)
    with pytest.raises(VerificationError, match=f"^{why}$") as refused:
        ask(log, a_file(opened(log, index, MATCH, **changes)))
    assert refused.value.entry == 0


STORIES = {
    "shown to somebody else": msgspec.structs.replace(SHOWN_TO, other="police"),
    "seen by the agency itself": msgspec.structs.replace(SAW_AT, agency="ymca", other="clinic"),
    "a consent instead of a look": AGREED,
}


@pytest.mark.parametrize("fact", STORIES.values(), ids=STORIES)
def test_an_opening_says_what_its_entry_says(log, fact):
    openings = sealed(fact)
    index = log_match(log, openings)
    with pytest.raises(VerificationError, match="an opening tells another story than entry 0"):
        ask(log, a_file(opened(log, index, openings)))


def test_a_list_of_another_kind_of_entry_is_refused(log):
    event = an_event(Act.COUNT_READ, "clinic", details={"by": "agency"})
    index = log.append(event).index
    with pytest.raises(VerificationError, match="the list is not the one of entry 0"):
        ask(log, a_file(opened(log, index, MATCH)))


def test_an_entry_that_is_not_in_the_log_is_refused(log):
    index = log_match(log, MATCH)
    real = opened(log, index, MATCH)
    forged = msgspec.structs.replace(real, entry=real.entry.replace("care-coordination", "care-coordinatioN"))
    with pytest.raises(VerificationError, match="root"):
        ask(log, a_file(forged))


def test_another_logs_keys_are_not_enough(log, told, other_signer):
    with pytest.raises(VerificationError, match=r"\w"):
        ask_why(told, ["ymcarowymcarow22"], vkeys=other_signer.vkeys)
    with pytest.raises(SigningKeyError, match=r"\w"):
        ask_why(told, ["ymcarowymcarow22"], vkeys="no keys")


def test_an_entry_counts_once(log):
    one = opened(log, log_match(log, MATCH), MATCH)
    with pytest.raises(VerificationError, match="two lists for one entry"):
        ask(log, a_file(one, one))


def test_the_copy_of_the_log_has_to_be_of_the_same_log(log, told):
    changed = [entry._replace(time=entry.time.replace(year=2027)) for entry in log.entries()]
    with pytest.raises(VerificationError, match="entry 0 is another one in the copy of the log"):
        ask_why(told, ["ymcarowymcarow22"], vkeys=log.vkeys, log=changed)
    with pytest.raises(VerificationError, match="ends before entry 1"):
        ask_why(told, ["ymcarowymcarow22"], vkeys=log.vkeys, log=log.entries(0, 1))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff", b'{"format":"headcount-openings/1","agency":"a"}\n', b"[1]\n[2]\n"]
)
def test_what_is_no_file_of_openings_is_refused(data):
    with pytest.raises(VerificationError, match="not a file of openings"):
        read_openings(data)


def test_hashes_of_lists_do_not_hang_on_the_order_in_which_facts_came():
    assert hash_of(sealed(SHOWN_TO)) == hash_of(sealed(SHOWN_TO))
