"""The help page as plain text, which every console and every screen reader can show, and which loads little."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

LONGEST = 200  # characters of a command's first sentence; wrapped, never cut


class CommandList(TyperGroup):
    """A group of commands whose help page gives each command's first sentence whole."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 -- Typer's own types are private
        """Write the list of commands."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, command.get_short_help_str(LONGEST)) for name, command in commands if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
