"""How text goes wrong between a client's mouth and the spreadsheet: typing, hearing, reading, miscounting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bench.dice import Dice, Weighted

_KEYS = {
    "a": "sqz", "b": "vng", "c": "xvd", "d": "sfec", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "ko", "m": "n", "n": "mb", "o": "ipl", "p": "o", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "bcf", "w": "qes", "x": "zcs", "y": "tug", "z": "xas",
    "0": "9", "1": "2", "2": "13", "3": "24", "4": "35", "5": "46", "6": "57", "7": "68", "8": "79", "9": "80",
}  # fmt: skip
_SOUNDS = (
    ("ph", "f"), ("f", "ph"), ("ck", "k"), ("c", "k"), ("k", "c"), ("son", "sen"), ("sen", "son"), ("ei", "ie"),
    ("ie", "ei"), ("y", "i"), ("i", "y"), ("z", "s"), ("s", "z"), ("ll", "l"), ("nn", "n"), ("tt", "t"),
    ("ss", "s"), ("rr", "r"), ("l", "ll"), ("n", "nn"), ("t", "tt"), ("ou", "u"), ("ks", "x"), ("x", "ks"),
    ("th", "t"), ("t", "th"), ("gh", ""), ("ea", "ee"), ("ee", "ea"), ("v", "b"), ("b", "v"), ("h", ""),
    ("ez", "es"), ("es", "ez"), ("sky", "ski"), ("ski", "sky"), ("er", "or"), ("or", "er"), ("an", "en"),
    ("en", "an"), ("mc", "mac"), ("mac", "mc"), ("g", "j"), ("j", "g"), ("qu", "k"), ("wh", "w"), ("ey", "y"),
    ("y", "ey"), ("ie", "y"), ("au", "o"), ("dt", "t"), ("sch", "sh"), ("sh", "sch"), ("ng", "n"), ("a", "ah"),
    ("oo", "u"), ("ai", "ay"), ("ay", "ai"), ("ll", "y"), ("ñ", "n"), ("kh", "k"), ("ts", "tz"), ("w", "v"),
)  # fmt: skip
_SHAPES = (
    ("rn", "m"), ("m", "rn"), ("cl", "d"), ("l", "1"), ("o", "0"), ("i", "l"), ("l", "i"), ("vv", "w"), ("u", "v"),
    ("h", "b"), ("e", "c"), ("c", "e"), ("s", "5"), ("g", "q"), ("nn", "m"), ("ri", "n"), ("t", "f"), ("a", "o"),
)  # fmt: skip
_VOWELS = "aeiou"


def typo(word: str, dice: Dice) -> str:
    """*word* with one mistake, its capitals kept; a single letter comes back as it is."""
    for _ in range(8 if len(word) > 1 else 0):
        wrong = _cased(dice.draw(_TYPOS)(word.lower(), dice).strip(), word)
        if wrong != word and len(wrong) > 1:
            return wrong
    return word


def _cased(wrong: str, word: str) -> str:
    """*wrong* with the capitals of *word*: all, or those after a space, a hyphen or at the start."""
    if word.isupper():
        return wrong.upper()
    places = [0, *(i + 1 for i, c in enumerate(wrong) if c in " -'")]
    raised = set(places) if word[:1].isupper() else set()
    return "".join(c.upper() if i in raised else c for i, c in enumerate(wrong))


def _neighbour(word: str, dice: Dice) -> str:
    place = dice.below(len(word))
    return word[:place] + dice.pick(_KEYS.get(word[place], word[place])) + word[place + 1 :]


def _extra_neighbour(word: str, dice: Dice) -> str:
    place = dice.below(len(word))
    return word[: place + 1] + dice.pick(_KEYS.get(word[place], "e")) + word[place + 1 :]


def _transposed(word: str, dice: Dice) -> str:
    place = dice.below(max(1, len(word) - 1))
    return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]


def _doubled(word: str, dice: Dice) -> str:
    place = dice.below(len(word))
    return word[: place + 1] + word[place:]


def _dropped(word: str, dice: Dice) -> str:
    place = dice.below(len(word)) if len(word) < 4 else dice.between(1, len(word) - 1)
    return word[:place] + word[place + 1 :]


def _wrong_vowel(word: str, dice: Dice) -> str:
    places = [i for i, c in enumerate(word) if c in _VOWELS]
    if not places:
        return word
    place = dice.pick(places)
    return word[:place] + dice.pick(_VOWELS) + word[place + 1 :]


def _misheard(word: str, dice: Dice) -> str:
    return _replaced(word, _SOUNDS, dice)


def _misread(word: str, dice: Dice) -> str:
    return _replaced(word, _SHAPES, dice)


def _cut(word: str, dice: Dice) -> str:
    return word[: -dice.between(1, 2)] if len(word) > 5 else word


def _replaced(word: str, table: tuple[tuple[str, str], ...], dice: Dice) -> str:
    fitting = [(old, new) for old, new in table if old in word]
    if not fitting:
        return word
    old, new = dice.pick(fitting)
    return word.replace(old, new, 1)


Typo = Callable[[str, Dice], str]
_TYPOS: Weighted[Typo] = Weighted.of(
    (_neighbour, _dropped, _transposed, _doubled, _misheard, _wrong_vowel, _extra_neighbour, _misread, _cut),
    (0.18, 0.19, 0.16, 0.11, 0.16, 0.08, 0.06, 0.04, 0.02),
)


def wrong_digit(digits: str, dice: Dice) -> str:
    """*digits* with one of them mistyped, half of the time by the key beside it."""
    place = dice.below(len(digits))
    others = _KEYS[digits[place]] if dice.chance(0.5) else "0123456789".replace(digits[place], "")
    return digits[:place] + dice.pick(others) + digits[place + 1 :]


def transposed_digits(digits: str, dice: Dice) -> str:
    """*digits* with two neighbours swapped, if any two differ."""
    places = [i for i in range(len(digits) - 1) if digits[i] != digits[i + 1]]
    if not places:
        return digits
    place = dice.pick(places)
    return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]


def january_first(born: date, dice: Dice) -> date:
    """The first of January that stands for an unknown day; the year may be a guess as well."""
    return date(born.year + (dice.between(-1, 1) if dice.chance(0.2) else 0), 1, 1)


def day_and_month_swapped(born: date, dice: Dice) -> date:
    """Day and month the other way round where that is a date, otherwise the digits of the day."""
    if born.day <= 12 and born.day != born.month and dice.chance(0.8):
        return date(born.year, born.day, born.month)
    return _date_or(born, born.year, born.month, int(f"{born.day:02d}"[::-1]))


def wrong_day_or_month(born: date, dice: Dice) -> date:
    """One digit of the day or the month wrong."""
    for _ in range(12):
        month, day = born.month, born.day
        if dice.chance(0.3):
            month = int(wrong_digit(f"{month:02d}", dice))
        else:
            day = int(wrong_digit(f"{day:02d}", dice))
        wrong = _date_or(born, born.year, month, day)
        if wrong != born:
            return wrong
    return born


def wrong_year(born: date, dice: Dice) -> date:
    """The year off by one or ten, its last digits swapped, or of the other century."""
    last_two = f"{born.year:04d}"[3] + f"{born.year:04d}"[2]
    swapped = born.year // 100 * 100 + int(last_two)
    year = dice.draw(
        Weighted.of(
            (born.year - 1, born.year + 1, born.year - 10, born.year + 10, swapped), (0.3, 0.25, 0.15, 0.1, 0.2)
        )
    )
    return _date_or(born, year, born.month, born.day)


def _date_or(born: date, year: int, month: int, day: int) -> date:
    """That day, or *born* where no such day has been."""
    try:
        wrong = date(year, month, day)
    except ValueError:
        return born
    return wrong if 1900 <= year <= 2023 else born
