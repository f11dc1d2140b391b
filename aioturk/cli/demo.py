"""``aioturk demo``: the study of :mod:`aioturk.demo.study` with a progress bar and a table."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from aioturk.demo import study
from aioturk.errors import ConfigurationError

__all__ = ["run"]


def run(*, rows: int, workers: int, faults: bool, output: Path) -> None:
    """Run the study, print the table and write the results."""
    if not output.parent.is_dir():
        raise ConfigurationError(f"--output is {output}, and there is no folder {output.parent}.")
    console = Console()
    with Progress(
        TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        report = asyncio.run(study.run(rows=rows, workers=workers, faults=faults, progress=progress))
    console.print(_table(report))
    study.write_results(report, output)
    console.print(f"Results are in {output}.")


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
        ("bonus went to", report.best_worker),
        ("right by majority", f"{right} of {len(report.readings)} ({report.accuracy:.1%})"),
    ):
        table.add_row(name, value)
    return table
