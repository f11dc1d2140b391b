"""The commands and their options, as `--help` shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aioturk._version import __version__
from aioturk.errors import TurkError

__all__ = ["app"]


class _Group(typer.core.TyperGroup):
    """Shows our errors, and those of files and ports, as a sentence instead of a traceback."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except (TurkError, OSError) as error:
            typer.echo(f"aioturk: {error}", err=True)
            raise typer.Exit(1) from error


app: typer.Typer = typer.Typer(
    cls=_Group,
    name="aioturk",
    help="The Mechanical Turk requester API for asyncio, and a marketplace that speaks it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
marketplace: typer.Typer = typer.Typer(help="A marketplace of your own.", no_args_is_help=True)
app.add_typer(marketplace, name="marketplace")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aioturk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """The Mechanical Turk requester API for asyncio, and a marketplace that speaks it."""


@app.command()
def demo(
    rows: Annotated[int, typer.Option(min=1, max=300, help="How many pictures to have read.")] = 300,
    workers: Annotated[int, typer.Option(min=3, help="How many scripted workers there are.")] = 20,
    faults: Annotated[
        bool, typer.Option("--faults", help="Have the marketplace throttle, fail and lose replies at random.")
    ] = False,
    output: Annotated[Path, typer.Option(help="Where to write the results.")] = Path("demo-results.csv"),
    ledger: Annotated[
        str | None, typer.Option(help="Where to keep what is done and what is not; needs --database.", metavar="FILE")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="Where to keep the marketplace; memory without it.", metavar="FILE")
    ] = None,
) -> None:
    """
    Run a whole study on real pictures, in a marketplace of its own.

    Handwritten digits are published, read by scripted workers, approved, evaluated. No account, no money. With --ledger
    and --database it may be killed anywhere, and finished by the same command.
    """
    from aioturk.cli import demo as command

    command.run(rows=rows, workers=workers, faults=faults, output=output, ledger=ledger, database=database)


@app.command()
def preview(
    file: Annotated[
        Path, typer.Argument(help="A question (.xml), a page or template (.html), or a Liquid template (.liquid).")
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="What a template is filled with: an object in JSON, or the first row of a table (.csv, .tsv, .jsonl)."
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Whether to open the browser.")] = True,
) -> None:
    """
    Show a question or template as a worker will see it, before anything is spent.

    What may go wrong with it is printed first, and the parsed answer once you have accepted and submitted it. Names in
    a template that there is no value for are shown as they are. It is shown anew when the file changes; Ctrl-C ends it.
    """
    from aioturk.cli import previewing as command

    command.preview(file, data=data, port=port, browser=browser)


_DATABASE = "A SQLite file, or the URL of a PostgreSQL database"
_Database = Annotated[str | None, typer.Option(help=f"{_DATABASE}; memory without one.")]
_Served = Annotated[str | None, typer.Option(help=f"{_DATABASE}; without one, what is served on this computer.")]
_AccessKey = Annotated[
    str | None,
    typer.Option(
        envvar="AIOTURK_ACCESS_KEY", help="The access key to accept; without one, what is there or a new one."
    ),
]
_SecretKey = Annotated[
    str | None,
    typer.Option(
        envvar="AIOTURK_SECRET_KEY",
        help="The secret that belongs to the access key. As an option, everybody on this computer can see it.",
    ),
]


@marketplace.command()
def serve(
    database: _Database = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 7700,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    rules: Annotated[
        str | None,
        typer.Option(help="'house' (yours: no fees, nothing disposed of), as in a new one, or 'amazon'."),
    ] = None,
    access_key: _AccessKey = None,
    secret_key: _SecretKey = None,
    balance: Annotated[str | None, typer.Option(help="Dollars in each account; without it they never run out.")] = None,
    sqs: Annotated[str | None, typer.Option(help="Where SQS is, to send notifications to.", metavar="URL")] = None,
    sns: Annotated[str | None, typer.Option(help="Where SNS is, to send notifications to.", metavar="URL")] = None,
    webhook: Annotated[
        list[str] | None,
        typer.Option(help="A program of yours that every event is posted to, signed; repeatable.", metavar="URL"),
    ] = None,
    webhook_secret_file: Annotated[
        Path | None,
        typer.Option(
            help="The file with what webhooks are signed with; made if it is not there. Without it, what is in "
            "AIOTURK_WEBHOOK_SECRET, else a secret that is kept beside the marketplace's address.",
            metavar="FILE",
        ),
    ] = None,
    webhook_format: Annotated[
        str, typer.Option(help="'standard' (as a queue gets it), or 'sns' (in SNS's envelope, for old programs).")
    ] = "standard",
    webhook_topic: Annotated[
        str | None,
        typer.Option(help="Post only what is sent to this SNS topic, whose subscribers webhooks are.", metavar="ARN"),
    ] = None,
    webhook_requester: Annotated[
        str, typer.Option(help="Whose events webhooks get: a requester's name, or 'all'.", metavar="NAME")
    ] = "default",
    layout: Annotated[list[Path] | None, typer.Option(help="A page to make a layout of; its id is printed.")] = None,
    accounts: Annotated[
        bool, typer.Option("--accounts", help="People come by invitation and sign in with a password (see `invite`).")
    ] = False,
    site_url: Annotated[
        str | None, typer.Option(help="Where people reach it: https://work.example.org.", metavar="URL")
    ] = None,
    tasks_url: Annotated[
        str | None, typer.Option(help="Another host name of this server, for what requesters wrote.", metavar="URL")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="A certificate to serve by TLS with; needs --key.")] = None,
    key: Annotated[Path | None, typer.Option(help="The certificate's key.")] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="The address, or network (10.0.0.0/8), of a proxy in front of it, which speaks TLS and is believed "
            "when it says whose request it passes on; repeatable.",
            metavar="IP",
        ),
    ] = None,
    environment: Annotated[
        str,
        typer.Option(
            help="What people see: 'sandbox', where all is that comes to this address, or 'production', for programs "
            "that say so and were brought here by `run`."
        ),
    ] = "sandbox",
) -> None:
    """
    Serve a marketplace, for Client("local") and every program that speaks the API, and for people who work in it.

    Prints its addresses and keys, and keeps them in a file that only you can read. Ctrl-C ends it. It is for this
    computer alone unless it has --accounts, --site-url, --tasks-url, and either --certificate and --key or a
    --trusted-proxy.
    """
    from aioturk.cli import marketplace as command

    command.serve(
        database=database,
        port=port,
        host=host,
        rules=rules,
        access_key=access_key,
        secret_key=secret_key,
        balance=balance,
        sqs=sqs,
        sns=sns,
        webhook=webhook or [],
        webhook_secret_file=webhook_secret_file,
        webhook_format=webhook_format,
        webhook_topic=webhook_topic,
        webhook_requester=webhook_requester,
        layouts=layout or [],
        accounts=accounts,
        site_url=site_url,
        tasks_url=tasks_url,
        certificate=certificate,
        key=key,
        trusted_proxies=trusted_proxy or [],
        environment=environment,
    )


@marketplace.command(context_settings={"allow_interspersed_args": False})
def run(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND", help="The command and its arguments.")],
    database: _Database = None,
    rules: Annotated[
        str | None, typer.Option(help="'amazon' (as the service had them), as in a new one, or 'house'.")
    ] = None,
    access_key: _AccessKey = None,
    secret_key: _SecretKey = None,
    credentials: Annotated[
        bool, typer.Option("--credentials/--no-credentials", help="Whether the command gets the keys, and no others.")
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not sum up the calls at the end.")] = False,
) -> None:
    """
    Run a program that was written for Amazon against a marketplace of its own, unchanged.

    Whatever Python programs, Node.js, and all that use HTTPS_PROXY send to Amazon's Mechanical Turk comes here instead,
    into a marketplace that ends with the program. It is a rail and no wall: what starts elsewhere (docker, ssh, sudo),
    or with an environment or a proxy of its own, is not held back. Write -- before the program: aioturk marketplace run
    -- pytest tests. The status is the program's.
    """
    from aioturk.cli import run as command_line

    raise typer.Exit(
        command_line.run(
            command,
            database=database,
            rules=rules,
            access_key=access_key,
            secret_key=secret_key,
            credentials=credentials,
            quiet=quiet,
        )
    )


@marketplace.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; there must be none yet.")], database: _Served = None
) -> None:
    """
    Copy a marketplace into a file, as it is at one moment, while it goes on.

    The file is a SQLite database, whatever the marketplace is kept in. It holds keys, and is for its owner alone.
    """
    from aioturk.cli import owner as command

    command.backup(file, database)


@marketplace.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    database: Annotated[str, typer.Option(help=f"{_DATABASE}, which must be new.")],
) -> None:
    """Make a marketplace of a backup."""
    from aioturk.cli import owner as command

    command.restore_backup(file, database)


@marketplace.command()
def check(database: _Served = None) -> None:
    """Look a marketplace through: whether its database is whole and its books agree. It may go on meanwhile."""
    from aioturk.cli import owner as command

    command.check(database)


@marketplace.command()
def moments(
    database: _Served = None,
    requester: Annotated[str, typer.Option(help="To whom it was submitted.")] = "default",
    hit: Annotated[str | None, typer.Option(help="Only what was submitted to this HIT.")] = None,
    hit_type: Annotated[str | None, typer.Option(help="Only what was submitted to HITs of this type.")] = None,
    form: Annotated[str, typer.Option("--format", help="'csv' or 'jsonl' (JSON Lines).")] = "csv",
    environment: Annotated[str, typer.Option(help="'sandbox' or 'production'.")] = "sandbox",
) -> None:
    """
    Print when people did what: of all that was submitted, when it was accepted, begun, submitted, approved or rejected.

    What only a browser knows (when something was first entered, for how many seconds somebody was at it) is empty where
    no browser told it.
    """
    from aioturk.cli import moments as command

    command.moments(database, requester=requester, hit=hit, hit_type=hit_type, form=form, environment=environment)


@marketplace.command()
def add_layout(
    file: Annotated[Path, typer.Argument(help="An HTML page with ${name} in it.")],
    database: _Served = None,
    requester: Annotated[str, typer.Option(help="Whose it is.")] = "default",
    height: Annotated[int, typer.Option(min=0, help="Of the frame it is shown in; 0 lets the site choose.")] = 0,
    environment: Annotated[str, typer.Option(help="'sandbox' or 'production'.")] = "sandbox",
) -> None:
    """Make a layout of a page, for HITs to be made of; print its id."""
    from aioturk.cli import owner as command

    command.add_layout(file, database, requester=requester, height=height, environment=environment)


@marketplace.command()
def add_requester(
    name: Annotated[str, typer.Argument(help="A name of your choice.")],
    database: _Served = None,
    balance: Annotated[str | None, typer.Option(help="Dollars in its accounts, if not as much as in others.")] = None,
) -> None:
    """Let another requester in, who sees nothing of what others have; print its keys."""
    from aioturk.cli import owner as command

    command.add_requester(name, database, balance)


@marketplace.command()
def add_money(
    amount: Annotated[str, typer.Argument(help="How many dollars.")],
    database: _Served = None,
    requester: Annotated[str, typer.Option(help="Whose account it is.")] = "default",
    environment: Annotated[str, typer.Option(help="'sandbox' or 'production'.")] = "sandbox",
) -> None:
    """Put dollars into an account, in a marketplace that was made with --balance; print what can be spent."""
    from aioturk.cli import owner as command

    command.add_money(amount, database, requester=requester, environment=environment)


@marketplace.command()
def add_key(
    database: _Served = None,
    requester: Annotated[str, typer.Option(help="Whose it is.")] = "default",
    read_only: Annotated[bool, typer.Option("--read-only", help="Good for getting and listing alone.")] = False,
    spending_cap: Annotated[str | None, typer.Option(help="Dollars that may be committed with it in all.")] = None,
) -> None:
    """Give a requester another key, perhaps one that is good for less; print it."""
    from aioturk.cli import owner as command

    command.add_key(requester, database, read_only=read_only, spending_cap=spending_cap)


@marketplace.command()
def revoke_key(access_key: Annotated[str, typer.Argument(help="The access key.")], database: _Served = None) -> None:
    """Take a key back: from now on nothing is done for whoever has it."""
    from aioturk.cli import owner as command

    command.revoke_key(access_key, database)


@marketplace.command()
def invite(
    people: Annotated[
        list[str],
        typer.Argument(
            help="E-mail addresses, or files of people in CSV: address, and if you like name, worker_id and groups."
        ),
    ],
    database: _Served = None,
    group: Annotated[
        list[str] | None, typer.Option(help="A qualification that all of them have from now on; made if need be.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where people reach the site; without it, where it was served last.")
    ] = None,
    environment: Annotated[
        str | None, typer.Option(help="'sandbox' or 'production'; without it, what the site showed last.")
    ] = None,
) -> None:
    """
    Invite people to work in a marketplace with accounts; print a link for each, in CSV.

    A link is for one person and lasts 14 days. Who is invited again gets a new one, to set a new password with.
    """
    from aioturk.cli import inviting as command

    command.invite(people, database, groups=group or [], url=url, environment=environment)


@marketplace.command()
def forget(
    person: Annotated[str, typer.Argument(help="Who: a worker's id, or an address of e-mail.")],
    database: _Served = None,
    environment: Annotated[
        str | None, typer.Option(help="'sandbox' or 'production'; without it, what the site showed last.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """
    Forget who somebody is: name, address, password and invitations. They are signed out, and cannot sign in again.

    The worker's id stays, and all that was done under it. Backups that were made before still know the person.
    """
    from aioturk.cli import inviting as command

    command.forget(person, database, environment=environment, asks=not yes)
