"""The command ``headcount clk``: a file, a linkage schema of clkhash and a secret -> the CLKs, in clkhash's JSON."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hashing.counted import counted
from hashing.schema import AgencyKind


def register(app: typer.Typer) -> None:
    """Add the command to ``headcount``."""
    app.command("clk")(clk)


def clk(
    file: Annotated[Path, typer.Argument(help="A CSV file whose columns are the schema's features, in order.")],
    schema: Annotated[Path, typer.Option(help="The linkage schema of clkhash, version 3 (JSON).")],
    secret_file: Annotated[Path, typer.Option(help="A file that holds the secret of this exchange.")],
    out: Annotated[Path, typer.Option(help="The JSON file to write; it must not exist yet.")],
    kind: Annotated[AgencyKind, typer.Option(help="What the law makes of your agency.")] = AgencyKind.NONPROFIT,
) -> None:
    """Make CLKs as clkhash does, for someone who links with old ones. Never for Headcount's own linkage."""
    from hashing.client import Sender, check_can_encode
    from hashing.clk import encode_clks
    from hashing.clk_keys import open_clk_secret
    from hashing.clkhash_schema import read_clkhash_schema
    from hashing.clkhash_traps import traps

    check_can_encode(Sender("your-agency", kind))
    linkage, secret = read_clkhash_schema(schema), open_clk_secret(secret_file)
    for trap in traps(linkage):
        typer.echo(f"warning: {schema.name}: {trap}.", err=True)
    rows = read_rows(file, [feature.identifier for feature in linkage.features])
    count = write_clks(encode_clks(rows, schema=linkage, secret=secret, source=file.name), out)
    typer.echo(
        f"Wrote {counted(count, 'CLK')} to {out}, in the order of the rows. No name is in the file, yet whoever has it"
    )
    typer.echo("and an overlapping list of names can find people in it, without the secret. Share it under a contract.")


def read_rows(path: Path, identifiers: list[str]) -> list[list[str]]:
    """The rows of a CSV file below its header, read as clkhash does: commas, cells as they stand, nothing trimmed.

    Raises:
        InputFileError: the file is missing, not UTF-8, not CSV, or its header is not *identifiers*.
    """
    from hashing.errors import InputFileError

    try:
        # Line breaks inside a cell become "\n", as in any file that Python opens as text.
        lines = io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=None)
        rows = list(csv.reader(lines))
    except FileNotFoundError as error:
        raise InputFileError(f"{path.name}: there is no such file", hint="Check the name and the folder.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputFileError(f"{path.name}: this is not CSV in UTF-8", hint="Save it as 'CSV UTF-8'.") from error
    if rows[:1] != [identifiers]:
        raise InputFileError(
            f"{path.name}: the first row is not the schema's features in their order",
            hint=f"It must read: {','.join(identifiers)}",
        )
    return rows[1:]


def write_clks(clks: Iterable[bytes], out: Path) -> int:
    """Write ``{"clks": [base64, ...]}`` for its owner only, whole or not at all, and tell how many there are.

    Raises:
        OutputError: there is a file already, or it cannot be written.
    """
    from hashing.errors import OutputError
    from hashing.private import Hidden
    from hashing.private_files import create_private

    encoded = [base64.b64encode(clk).decode() for clk in clks]
    try:
        create_private(out, Hidden(msgspec.json.encode({"clks": encoded}) + b"\n"))
    except FileExistsError as error:
        raise OutputError(
            f"{out.name}: there is a file already", hint="Choose another name, or move it away."
        ) from error
    except OSError as error:
        raise OutputError(
            f"{out.name}: the file cannot be written ({error.strerror})", hint="Check the folder and the disk."
        ) from error
    return len(encoded)
