"""``aioturk demo``: the study of :mod:`aioturk.demo.study`, with bars on the way and a table at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from rich.console import Console
from rich.table import Table

from aioturk.demo import study
from aioturk.errors import ConfigurationError

__all__ = ["run"]


def run(*, rows: int, workers: int, faults: bool, output: Path, ledger: str | None, database: str | None) -> None:
    """Run the study, print the table and write the results."""
    if not output.parent.is_dir():
        raise ConfigurationError(f"--output is {output}, and there is no folder {output.parent}.")
    if ledger is not None and database is None:
        raise ConfigurationError(
            "--ledger needs --database: a marketplace in memory ends with this command, and nobody could go on with it."
        )
    console = Console()
    submissions = output.with_name(f"{output.stem}-submissions.csv")
    try:
        with _kept(ledger) as path:
            report = asyncio.run(
                study.run(
                    rows=rows,
                    workers=workers,
                    faults=faults,
                    ledger=path,
                    database=database,
                    submissions=submissions,
                    progress=True,
                )
            )
    except KeyboardInterrupt:
        if database is None:
            typer.echo("Nothing of it was kept. With --ledger and --database it is, and can be gone on with.", err=True)
        raise
    console.print(_table(report))
    study.write_results(report, output)
    console.print(f"Results are in {output}.", soft_wrap=True)
    console.print(f"What workers submitted is in {submissions}.", soft_wrap=True)


@contextmanager
def _kept(ledger: str | None) -> Iterator[str]:
    """Name the ledger: the one that is given, or one that goes with the command."""
    if ledger is not None:
        yield ledger
        return
    with TemporaryDirectory(prefix="aioturk-demo-") as folder:
        yield str(Path(folder) / "ledger.db")


def _table(report: study.Report) -> Table:
    table = Table(show_header=False, title="Handwritten digits, read by three workers each")
    table.add_column(style="bold")
    table.add_column(justify="right")
    right = sum(reading.is_right for reading in report.readings)
    for name, value in (
        ("HITs", f"{len(report.readings)}"),
        ("assignments approved", f"{report.assignments}"),
        ("calls", f"{report.calls}"),
        ("calls per second", f"{report.calls / report.seconds:.0f}"),
        ("throttles", f"{report.throttled}"),
        ("retries", f"{report.retries}"),
        ("cost, fees included", f"${report.cost}"),
        ("bonus went to", report.best_worker or "nobody"),
        ("right by majority", f"{right} of {len(report.readings)} ({report.accuracy:.1%})"),
    ):
        table.add_row(name, value)
    return table
