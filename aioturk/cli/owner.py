"""``aioturk marketplace`` for owners: copies, a look through, requesters, keys."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from aioturk._core.endpoints import LocalMarketplace, local_marketplace_path
from aioturk._core.keys import Credentials
from aioturk.cli.reading import read_text
from aioturk.errors import ConfigurationError
from aioturk.marketplace.back_office import in_store
from aioturk.marketplace.house import BALANCE, ENVIRONMENTS
from aioturk.marketplace.market import cents_of
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service import Context, layouts, owner
from aioturk.marketplace.store import Store
from aioturk.marketplace.store.copies import back_up, restore
from aioturk.marketplace.store.inspection import problems

__all__ = [
    "add_key",
    "add_layout",
    "add_requester",
    "backup",
    "check",
    "check_environment",
    "named_database",
    "restore_backup",
    "revoke_key",
]


def named_database(named: str | None) -> str:
    """Return the database that is meant: the one that is named, else the one that is served on this computer."""
    if named is not None:
        return named
    file = local_marketplace_path(os.environ)
    served = LocalMarketplace.from_json(file.read_bytes()).database if file.exists() else None
    if served is None:
        raise ConfigurationError(
            "No marketplace with a database is served on this computer: name the database with --database."
        )
    return served


def backup(file: Path, database: str | None) -> None:
    """Copy a store into a file."""
    size = back_up(named_database(database), file)
    typer.echo(f"{file}: {size:,} bytes")


def restore_backup(file: Path, database: str) -> None:
    """Make a store of a backup."""
    restore(file, database)
    typer.echo(f"{Store(database).title} is what the marketplace was when {file} was made.")


def check(database: str | None) -> None:
    """Look a store through; the exit status is 1 when something is wrong."""
    found = problems(named_database(database))
    for problem in found:
        typer.echo(problem)
    if found:
        raise typer.Exit(1)
    typer.echo("All is well: the database is whole, and its books agree.")


def add_layout(file: Path, database: str | None, *, requester: str, height: int, environment: str) -> None:
    """Make a layout of a page."""
    check_environment(environment)
    html = read_text(file)
    typer.echo(
        in_store(
            named_database(database),
            lambda context: layouts.add_layout(context, requester, html, name=file.stem, frame_height=height),
            environment=environment,
        )
    )


def add_requester(name: str, database: str | None, balance: str | None) -> None:
    """Let a requester in."""
    start = cents_of(balance)
    _show(
        in_store(
            named_database(database),
            lambda context: owner.add_requester(context, name, None, _start(context, start), ENVIRONMENTS),
        )
    )


def _start(context: Context, wanted: int | None) -> int | None:
    """What a new account starts with: what is wanted, or what all of this store do."""
    kept = context.store.settings.get(BALANCE)
    return wanted if wanted is not None or not kept else int(kept)


def add_money(amount: str, database: str | None, *, requester: str, environment: str) -> None:
    """Put dollars into an account, and print how many can be spent from it now."""
    check_environment(environment)
    cents = cents_of(amount) or 0

    def deposited(context: Context) -> int:
        owner.add_money(context, requester, environment, cents)
        available, _ = context.store.money.balance(owner.account_of(context, requester, environment).seq)
        return available

    available = in_store(named_database(database), deposited, environment=environment)
    typer.echo(f"{requester} can spend {dollars(available)} dollars in {environment} now.")


def check_environment(environment: str) -> None:
    """
    Refuse what is no environment of a marketplace.

    Raises:
        ConfigurationError: It is none.
    """
    if environment not in ENVIRONMENTS:
        raise ConfigurationError(f"--environment is {environment!r}: it is {' or '.join(ENVIRONMENTS)}.")


def add_key(requester: str, database: str | None, *, read_only: bool, spending_cap: str | None) -> None:
    """Give a requester another key."""
    limits = owner.Limits(read_only, cents_of(spending_cap))
    _show(in_store(named_database(database), lambda context: owner.add_key(context, requester, None, limits)))


def revoke_key(access_key: str, database: str | None) -> None:
    """Take a key back."""
    in_store(named_database(database), lambda context: owner.revoke_key(context, access_key))
    typer.echo(f"{access_key} is no longer good for anything.")


def _show(keys: Credentials) -> None:
    typer.echo(f"access key  {keys.access_key}")
    typer.echo(f"secret key  {keys.secret_key}")
