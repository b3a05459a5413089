"""Fingerprints that people read to each other over the telephone: eight words of five letters.

Each word is 16 bits as consonant, vowel, consonant, vowel, consonant (the proquint of Wilkerson, "A Proposal
for Proquints", arXiv:0901.4016), so there is no word list to agree on. Eight words are 128 bits of a SHA-256.
"""

from __future__ import annotations

import hashlib

from hashing.counted import counted
from hashing.errors import JoinRefused

WORDS = 8
_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"


def spell(content: bytes) -> str:
    """Bytes of even length as words, two bytes a word, parted by spaces."""
    numbers = (int.from_bytes(content[place : place + 2], "big") for place in range(0, len(content), 2))
    return " ".join(map(_word, numbers))


def fingerprint(purpose: str, content: bytes) -> str:
    """Eight words for *content*: the first 128 bits of SHA-256 over the purpose, a line feed and the content."""
    return spell(hashlib.sha256(f"headcount/words/v1|{purpose}\n".encode() + content).digest()[: 2 * WORDS])


def check_words(spoken: str, expected: str, *, whose: str) -> None:
    """Compare the words that somebody read out with those of what lies here.

    Raises:
        JoinRefused: not eight words, or not the same ones; says which, never what they should be.
    """
    said = spoken.lower().replace("-", " ").replace(",", " ").split()
    if len(said) != WORDS:
        raise JoinRefused(
            f"{counted(len(said), 'word was', 'words were')} given for {whose}; there are {WORDS}",
            hint="Telephone the other side and type all the words that they read out.",
        )
    wrong = [str(place) for place, pair in enumerate(zip(said, expected.split(), strict=True), 1) if pair[0] != pair[1]]
    if wrong:
        raise JoinRefused(
            f"the words are not those of {whose}: {_places(wrong)}",
            hint="Ask for the words again. If they still differ, the file is not what was sent: ask for a new one.",
        )


def _word(number: int) -> str:
    return (
        _CONSONANTS[number >> 12]
        + _VOWELS[number >> 10 & 3]
        + _CONSONANTS[number >> 6 & 15]
        + _VOWELS[number >> 4 & 3]
        + _CONSONANTS[number & 15]
    )


def _places(wrong: list[str]) -> str:
    if len(wrong) == 1:
        return f"word {wrong[0]} differs"
    return f"words {', '.join(wrong[:-1])} and {wrong[-1]} differ"
