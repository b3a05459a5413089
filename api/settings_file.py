"""The one settings file, TOML: the same names as the variables, in small letters and without HEADCOUNT_."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from api.errors import StartError


def read_settings_file(path: Path, kinds: Mapping[str, str]) -> dict[str, object]:
    """The settings in the file at *path*; *kinds* says for every name whether it is an int, a str or a Path.

    Paths are relative to the file's own folder. No value is repeated in an error: one of them holds a password.

    Raises:
        StartError: the file cannot be read, or has a name that is no setting, or a value of another kind.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"the settings file {path} cannot be read", hint="Check its name and owner.") from error
    except tomllib.TOMLDecodeError:
        raise StartError(
            f"the settings file {path} is not TOML", hint='Write one NAME = VALUE a line, texts in "quotes".'
        ) from None
    return {name: _checked(path, name, value, kinds) for name, value in found.items()}


def _checked(path: Path, name: str, value: object, kinds: Mapping[str, str]) -> object:
    if name not in kinds:
        near = get_close_matches(name, kinds, n=1)
        hint = f"Did you mean {near[0]}?" if near else "The settings are listed in docs/how-to/operate.md."
        raise StartError(f"{path}: {name!r} is no setting", hint=hint)
    if kinds[name] == "int":
        if type(value) is not int:
            raise StartError(f"{path}: {name} is not a whole number", hint="Write digits only, without quotes.")
        return value
    if not isinstance(value, str):
        raise StartError(f"{path}: {name} is not a text", hint='Write it in "quotes".')
    return path.parent / value if kinds[name].startswith("Path") else value
