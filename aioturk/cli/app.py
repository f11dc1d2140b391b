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
) -> None:
    """
    Run a whole study on real pictures, in a marketplace of its own.

    Handwritten digits are published, read by scripted workers, approved, evaluated. No account, no money.
    """
    from aioturk.cli import demo as command

    command.run(rows=rows, workers=workers, faults=faults, output=output)


@marketplace.command()
def serve(
    database: Annotated[Path | None, typer.Option(help="The file to keep everything in; memory without one.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 7700,
    host: Annotated[str, typer.Option(help="The address to listen on: this computer's own.")] = "127.0.0.1",
    rules: Annotated[str, typer.Option(help="'house' (yours: no fees, nothing disposed of) or 'amazon'.")] = "house",
) -> None:
    """
    Serve a marketplace on this computer, for Client("local") and every program that speaks the API.

    Prints its address and keys, and keeps them in a file that only you can read. Ctrl-C ends it.
    """
    from aioturk.cli import marketplace as command

    command.serve(database=database, port=port, host=host, rules=rules)
