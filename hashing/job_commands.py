"""Commands about what a service does in the background."""

from __future__ import annotations

from typing import Annotated

import typer

from hashing.counted import counted
from hashing.second_person_commands import Key, Service, connected


def register(service: typer.Typer) -> None:
    """Add the commands to ``headcount service``."""
    service.command("jobs")(jobs)
    service.command("cancel")(cancel)
    service.command("purge")(purge)


def jobs(service: Service, key: Key) -> None:
    """The latest jobs of the service, the newest first, and how each ended."""
    with connected(service, key) as connection:
        found = connection.jobs.all()
    for job in found:
        typer.echo(f"{job.job}  {job.kind:8} {job.state:9} {job.started:%Y-%m-%d %H:%M} {job.failure or ''}".rstrip())


def cancel(
    job: Annotated[str, typer.Argument(help="The job, as 'jobs' shows it.")], service: Service, key: Key
) -> None:
    """Cancel a job: a linkage stops at its next step, any other if it has not begun."""
    with connected(service, key) as connection:
        connection.jobs.cancel(job)
    typer.echo(f"Cancelled {job}.")


def purge(service: Service, key: Key) -> None:
    """Remove now what is older than the service's settings let it be (coordinator, operator)."""
    with connected(service, key) as connection:
        answer = connection.jobs.purge()
    typer.echo(f"Removed {counted(answer.files, 'replaced file')} and results of {counted(answer.runs, 'linkage')}.")
    if answer.receipt is not None:
        typer.echo(f"  receipt: entry {answer.receipt.index} of the log, {answer.receipt.leaf}")
