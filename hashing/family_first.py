"""Korean and Vietnamese names, whose family name stands first and whose parts land in different cells.

Every rule asks for a family name and a given name of the same custom, so that names of other customs stay as they
are. What was typed is kept beside the usual form.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from hashing.clients import Client
from hashing.given_names import given_names
from hashing.korean import family_names, given_syllables, part_hangul, usual_given
from hashing.name_words import SURNAMES_ALSO_VIETNAMESE, VIETNAMESE_SURNAMES
from hashing.normalise import name_parts

_BETWEEN = frozenset({"van", "thi"})  # between family and given name: Nguyen Van Minh, Nguyen Thi Mai


def part_family_first(words: list[str]) -> tuple[str, str, str] | None:
    """(first, middle, last) of a Korean or Vietnamese name in one cell, whichever end the family name stands at."""
    if len(words) == 1:
        parted = part_hangul(words[0])
        return (parted[1], "", parted[0]) if parted else None
    plain = [name_parts(word) for word in words]
    return _part_vietnamese(words, plain) or _part_korean(words, plain)


def _part_vietnamese(words: list[str], plain: list[tuple[str, ...]]) -> tuple[str, str, str] | None:
    if len(words) < 3:
        return None
    leads, ends = _looks_vietnamese(plain), _looks_vietnamese(plain[::-1])
    if leads == ends:
        return None
    middle = " ".join(words[1:-1])
    return (words[-1], middle, words[0]) if leads > ends else (words[0], middle, words[-1])


def _looks_vietnamese(plain: list[tuple[str, ...]]) -> int:
    """How surely a name that begins so begins with its family name: 2, 1 or 0."""
    family, beside = "".join(plain[0]), "".join(plain[1])
    if family in VIETNAMESE_SURNAMES:
        return 2
    return int(family in SURNAMES_ALSO_VIETNAMESE and beside in _BETWEEN)


def _part_korean(words: list[str], plain: list[tuple[str, ...]]) -> tuple[str, str, str] | None:
    leads, ends = _is_korean(plain[0], plain[1:]), _is_korean(plain[-1], plain[:-1])
    if leads == ends:
        return None
    return (" ".join(words[1:]), "", words[0]) if leads else (" ".join(words[:-1]), "", words[-1])


def _is_korean(family: tuple[str, ...], given: list[tuple[str, ...]]) -> bool:
    """Kim | Min Jun or Kim | Min-jun; a given name typed as one word may be another's surname: Kim Duran."""
    parts = tuple(chain.from_iterable(given))
    return "".join(family) in family_names() and len(parts) == 2 and usual_given(parts) is not None


def settled(client: Client) -> Client:
    """The client with a Korean or Vietnamese name parted and spelled in the usual way; all others unchanged."""
    if not client.last or not client.first:
        return client
    if (
        client.first[0] in VIETNAMESE_SURNAMES
        or client.last[-1] in VIETNAMESE_SURNAMES
        or client.last[-1] in SURNAMES_ALSO_VIETNAMESE
    ):
        client = _settled_vietnamese(client)
    if client.last[0] in family_names() or client.first[0] in family_names():
        return _settled_korean(client)
    return client


def _is_common(given: tuple[str, ...]) -> bool:
    return len(given) == 1 and given[0] in given_names()


def _settled_vietnamese(client: Client) -> Client:
    if client.first == ("thi",) and client.middle:
        client = replace(client, first=client.middle, middle=client.first)  # Thi | Hoa: nobody is called Thi alone
        if client.first == ("van",):  # whose given name is Van, and not what stands beside it
            return client
    first, last = client.first, client.last
    if first == ("van",) and client.middle and len(client.middle[0]) > 1:
        return replace(client, other_firsts=tuple(dict.fromkeys((*client.other_firsts, client.middle))))  # Van | Minh
    if len(first) == 1 and first[0] in VIETNAMESE_SURNAMES and len(last) > 1 and last[0] in _BETWEEN:
        first, last = last, first  # exchanged cells: Nguyen | Van Minh
    between = tuple(part for part in (*first, *last[:-1]) if part in _BETWEEN)
    given = tuple(part for part in first if part not in _BETWEEN)
    if not between or not given or any(part not in _BETWEEN for part in last[:-1]):
        return client
    return replace(client, first=given, middle=tuple(dict.fromkeys(between + client.middle)), last=last[-1:])


def _settled_korean(client: Client) -> Client:
    first, middle, last = client.first, client.middle, client.last
    if len(first) == 1 and first[0] in family_names() and len(last) == 2 and usual_given(last):
        first, last = last, first  # exchanged cells: Kim | Min Jun
    if len(first) == len(middle) == 1 and {*first, *middle} <= given_syllables().keys() and len(middle[0]) > 1:
        first, middle = first + middle, ()  # Min | Jun | Kim
    usual = usual_given(first)
    if len(last) != 1 or last[0] not in family_names() or usual is None or _is_common(first):
        return client
    family = (family_names()[last[0]],)
    others = (first,) if "".join(first) != "".join(usual) else ()
    formers = (last,) if last != family else ()
    return replace(
        client,
        first=usual,
        middle=middle,
        last=family,
        other_firsts=tuple(dict.fromkeys(client.other_firsts + others)),
        former_lasts=tuple(dict.fromkeys(client.former_lasts + formers)),
    )
