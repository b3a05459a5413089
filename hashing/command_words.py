"""What the library says, as the command says it: where a hint names an argument, a person types an option."""

from __future__ import annotations

_TYPED = {
    "replace=True": "--replace",
    "day_first=True": "--dates day-first",
    'dates="day-first"': "--dates day-first",
    'dates="month-first"': "--dates month-first",
    'agency="..."': "--agency ID",
    "hold=FILE": "--hold FILE",
}


def as_typed(sentence: str) -> str:
    """A note or a hint of the library with options in place of arguments."""
    for argument, option in _TYPED.items():
        sentence = sentence.replace(argument, option)
    return sentence
