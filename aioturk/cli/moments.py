"""``aioturk marketplace moments``: when people did what, printed as a file."""

from __future__ import annotations

import typer

from aioturk.cli.owner import check_environment, named_database
from aioturk.errors import ConfigurationError
from aioturk.marketplace.back_office import in_store
from aioturk.marketplace.moments_files import FORMATS, beginning, lines
from aioturk.marketplace.service import Context, owner
from aioturk.marketplace.service import moments as service
from aioturk.marketplace.service.moments import Piece

__all__ = ["moments"]

_AT_ONCE = 5000


def moments(
    database: str | None, *, requester: str, hit: str | None, hit_type: str | None, form: str, environment: str
) -> None:
    """Print the moments of what was submitted to a requester."""
    check_environment(environment)
    if form not in FORMATS:
        raise ConfigurationError(f"--format is {form!r}: it is {' or '.join(FORMATS)}.")
    if hit is not None and hit_type is not None:
        raise ConfigurationError("Give --hit or --hit-type, not both.")
    served, after = named_database(database), 0

    def some(context: Context) -> list[Piece]:
        account = owner.account_of(context, requester, environment)
        return service.submitted(context, account.seq, after, hit_id=hit, hit_type_id=hit_type, limit=_AT_ONCE)

    # In acts of their own: while it is read, nobody else changes anything.
    pieces = in_store(served, some, environment=environment)
    typer.echo(beginning(form), nl=False)
    while pieces:
        typer.echo(lines(form, pieces), nl=False)
        after = pieces[-1].place
        pieces = in_store(served, some, environment=environment)
