"""Asks a person at the terminal, for what must stand on no command line and in no environment variable.

The keystore is imported where it is used, so that commands without a key start without the cryptography.
"""

from __future__ import annotations

import sys
import warnings
from getpass import GetPassWarning, getpass
from typing import TYPE_CHECKING

import typer

from hashing.errors import SecretError

if TYPE_CHECKING:
    from hashing.keystore import Passphrase

_ORDERS = "Would 02/11/1984 be the 2nd of November (day-first) or February 11 (month-first)?"


def ask_passphrase(name: str) -> Passphrase:
    """The passphrase of the locked file *name*; nothing is shown while it is typed.

    Raises:
        SecretError: there is no terminal to ask at.
    """
    from hashing.keystore import Passphrase

    return Passphrase(_ask(f"Passphrase of {name}: "))


def ask_new_passphrase(name: str) -> Passphrase:
    """A passphrase to lock *name* with, typed twice.

    Raises:
        SecretError: too short, not typed alike, or no terminal to ask at.
    """
    from hashing.keystore import Passphrase

    passphrase = Passphrase.new(_ask(f"New passphrase for {name}: "))
    if passphrase.text != Passphrase(_ask("The same again: ")).text:
        raise SecretError("the two passphrases differ", hint="Try again. Nothing was changed.")
    return passphrase


def ask_words(whose: str) -> str:
    """The eight words that the other side reads out over the telephone."""
    return str(typer.prompt(f"Telephone {whose} and type the eight words that they read out", err=True))


def is_terminal() -> bool:
    """Whether a person is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask_date_order(header: str) -> bool:
    """Whether the column of birth dates under *header* writes the day first. The example is nobody's birthday."""
    from hashing.mapping import DATES

    typer.echo(f"No date under {header!r} tells which number is the day.", err=True)
    while (order := str(typer.prompt(_ORDERS, err=True)).strip().lower()) not in DATES:
        typer.echo(f"Type {' or '.join(DATES)}.", err=True)
    return DATES[order]


def _ask(prompt: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)  # it would show on the screen what is typed
        try:
            return getpass(prompt)
        except (GetPassWarning, EOFError) as error:
            raise SecretError(
                "a passphrase is needed, and there is no terminal to ask at",
                hint="Run the command at a terminal, or unlock the file.",
            ) from error
