"""
People at work on the worker site: ``python -m benchmarks.site [--quick] [--stay]``.

What they do is in `benchmarks.people`; a page counts from the click to the last byte after all redirects. The
marketplace is in processes of its own, one for SQLite and two for PostgreSQL; the people are all in this one.

First come as many people as the site promises to bear. Then, unless ``--stay`` is given, always twice as many, until a
promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from sqlalchemy import func, select

from aioturk import Client, HTMLQuestion, Requirement
from aioturk._databases import database_url
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service import inviting
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.store.copies import reading
from aioturk.marketplace.store.inspection import problems
from aioturk.marketplace.store.tables import assignment, hit
from aioturk.questions import FreeTextAnswer, Question, QuestionForm, SelectionAnswer
from benchmarks.people import PASSWORD, THINKS, Person, Seen, address

__all__ = ["main"]

_MEDIAN, _MOST = 50.0, 200.0
"""Milliseconds that are promised: for the median page, and for all but one in a hundred."""

_GROUPS, _ASSIGNMENTS = 40, 3
"""How many kinds of HITs there are, and how many people can do each HIT."""
_ARRIVES = 0.15
"""Seconds between people who come: each has a password to be checked, which takes two cores a while by design."""
_SETTLES = 10.0
"""Seconds from when the last one came to when pages begin to count."""

_FORM = QuestionForm(
    [
        "Read the review, and answer two questions on it.",
        Question("mood", "How is it meant?", SelectionAnswer({"good": "Well", "bad": "Badly", "none": "Neither"})),
        Question("why", "What shows it?", FreeTextAnswer()),
    ]
)
_PAGE = HTMLQuestion(
    "<!DOCTYPE html><html><head><title>A picture</title>"
    '<script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script></head><body>'
    '<form name="mturk_form" method="post" action="https://www.mturk.com/mturk/externalSubmit">'
    '<input type="hidden" name="assignmentId" value="">'
    + "".join(
        f"<p>What is in part {part} of the picture? It may be a person, an animal, or a thing.</p>"
        for part in range(20)
    )
    + '<p><input name="seen"><input type="submit"></p></form></body></html>'
)

_SERVE = """
import asyncio, sys, time
from aioturk.marketplace import Marketplace

async def main():
    async with Marketplace(sys.argv[1], accounts=True) as market:
        print(market.site_url, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        begun = time.process_time()
        await asyncio.to_thread(sys.stdin.readline)
        print(time.process_time() - begun, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


class Serving:
    """A process that serves a market."""

    def __init__(self, database: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self.url = self._output.readline().strip()
        assert self.url, "the marketplace did not start"

    def count(self) -> None:
        """Begin, or end, to count the processor's time."""
        self._input.write("\n")
        self._input.flush()

    def counted(self) -> float:
        """Return the processor's seconds in between."""
        return float(self._output.readline())

    def stop(self) -> None:
        """End it."""
        self._input.close()
        self._process.wait()
        self._output.close()


@contextmanager
def served(database: str, processes: int) -> Iterator[list[Serving]]:
    """Serve a market in so many processes."""
    with ExitStack() as stack:
        servings = []
        for _ in range(processes):
            servings.append(Serving(database))
            stack.callback(servings[-1].stop)
        yield servings


# What there is to do, and for whom.


async def fill(database: str, *, people: int, seconds: float) -> None:
    """Make HITs, more than so many people can do, and an account for each of them."""
    hashed = PasswordHasher().hash(PASSWORD)
    each = int(people * (seconds / THINKS[0]) / _ASSIGNMENTS / _GROUPS) + 1
    async with Marketplace(database, accounts=True) as market, market.client() as mturk:
        waiting = iter([group for group in range(_GROUPS) for _ in range(each)])

        async def some() -> None:
            for group in waiting:
                await _create(mturk, group)

        await asyncio.gather(*(some() for _ in range(8)))
        for number in range(people):
            token = urlsplit(await market.invite(address(number))).path.rpartition("/")[2]

            def accept(context: Context, token: str = token) -> object:
                return inviting.accept_invitation(context, token, hashed)

            await market._house.act(accept)


async def _create(mturk: Client, group: int) -> None:
    await mturk.create_hit(
        title=f"Work of kind {group}",
        description="Look at what there is, and say what you see.",
        keywords="look, say, see",
        reward="0.25",
        max_assignments=_ASSIGNMENTS,
        assignment_duration=timedelta(minutes=20),
        lifetime=timedelta(days=7),
        question=_FORM if group % 2 else _PAGE,
        qualification_requirements=[Requirement.percent_approved() >= 50] if group % 4 < 2 else None,
    )


# Measuring.


@dataclass(frozen=True)
class Outcome:
    """What came of a number of people on a store."""

    store: str
    people: int
    seen: Seen
    cpu: float
    visitors_cpu: float
    load: float
    over: int
    lost: int
    problems: list[str]

    @property
    def verdicts(self) -> list[tuple[str, str, str, bool]]:
        """What was promised: its name, the target, what was measured, and whether it is met."""
        pages = sorted(self.seen.pages)
        median, most = _at(pages, 50), _at(pages, 99)
        wrong = len(self.seen.errors) + self.lost + len(self.problems)
        return [
            ("errors", "= 0", f"{wrong}", wrong == 0),
            ("median page, ms", f"< {_MEDIAN:g}", f"{median:.1f}", median < _MEDIAN),
            ("99 of 100 pages, ms", f"< {_MOST:g}", f"{most:.1f}", most < _MOST),
            ("given to too many", "= 0", f"{self.over}", self.over == 0),
        ]

    @property
    def is_met(self) -> bool:
        """Whether all of it is."""
        return all(met for *_, met in self.verdicts)

    def __str__(self) -> str:
        pages, seconds = self.seen.pages, self.seen.until - self.seen.since
        before = {"before: sign in": self.seen.signing_in, "before: all pages": self.seen.early}
        kinds = {**before, **dict(sorted(self.seen.seconds.items())), "all pages": pages}
        lines = [
            "",
            f"{self.people} people on {self.store}: {len(pages) / seconds:.0f} pages a second for {seconds:.0f} s, "
            f"{1000 * self.cpu / max(len(pages), 1):.2f} ms of the processor each; load {self.load:.1f}; "
            f"the people took {100 * self.visitors_cpu / seconds:.0f} % of a core; "
            f"{self.seen.submitted} answers, {self.seen.late} times too late",
            f"  {'ms':<22}{'pages':>8}{'median':>9}{'95 %':>9}{'99 %':>9}{'longest':>9}",
        ]
        for kind, found in kinds.items():
            ordered = sorted(found)
            if ordered:
                shown = "".join(f"{_at(ordered, share):>9.1f}" for share in (50, 95, 99, 100))
                lines.append(f"  {kind:<22}{len(ordered):>8}{shown}")
        lines += [
            f"  {name:<22}{found:>8}   {target:<8}{'met' if met else 'MISSED'}"
            for name, target, found, met in self.verdicts
        ]
        return "\n".join([*lines, *(f"  ! {error}" for error in [*self.seen.errors, *self.problems][:5])])


def _at(ordered: list[float], share: int) -> float:
    """The milliseconds within which this share of the pages came, in percent."""
    return 1000 * ordered[max(-(-len(ordered) * share // 100) - 1, 0)] if ordered else float("inf")


async def visit(servings: list[Serving], *, people: int, seconds: float) -> tuple[Seen, float]:
    """Have so many people at work; return what they saw, and what they took of the processor themselves."""
    seen = Seen()

    everybody = [Person(number, servings[number % len(servings)].url, seen) for number in range(people)]

    async def work(number: int, person: Person) -> None:
        async with person:
            await person.work(after=number * _ARRIVES)

    async def watch() -> float:
        for person in everybody:
            await person.has_signed_in.wait()
        await asyncio.sleep(_SETTLES)
        seen.since, seen.until = time.perf_counter(), time.perf_counter() + seconds
        for serving in servings:
            serving.count()
        begun = time.process_time()
        await asyncio.sleep(seconds)
        for serving in servings:
            serving.count()
        return time.process_time() - begun

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch())
        for number, person in enumerate(everybody):
            group.create_task(work(number, person))
    return seen, watching.result()


def given_too_often(database: str) -> int:
    """How many assignments were given beyond what their HITs have."""
    holders = select(assignment.c.hit_seq, func.count().label("holders")).where(assignment.c.holder.is_not(None))
    each = holders.group_by(assignment.c.hit_seq).subquery()
    statement = select(each.c.holders - hit.c.max_assignments).join_from(hit, each, each.c.hit_seq == hit.c.seq)
    with reading(database_url(database)) as connection:
        return sum(max(found, 0) for (found,) in connection.execute(statement))


def answers_in(database: str) -> int:
    """How many answers are in the database."""
    with reading(database_url(database)) as connection:
        return connection.execute(select(func.count()).where(assignment.c.submitted_at.is_not(None))).scalar_one()


def measure(store: str, database: str, *, people: int, processes: int, seconds: float) -> Outcome:
    """Have so many people at work on a new database."""
    # People who have signed in are at work while the others come, and that may take longer than it should.
    asyncio.run(fill(database, people=people, seconds=2 * people * _ARRIVES + _SETTLES + seconds))
    with served(database, processes) as servings:
        seen, visitors_cpu = asyncio.run(visit(servings, people=people, seconds=seconds))
        cpu = sum(serving.counted() for serving in servings)
    lost = abs(seen.submitted - answers_in(database))
    load = os.getloadavg()[0]
    return Outcome(store, people, seen, cpu, visitors_cpu, load, given_too_often(database), lost, problems(database))


def measure_and_double(measured: Callable[[int], Outcome], people: int, *, once: bool) -> None:
    """Measure with so many people, and then always with twice as many until a promise is broken."""
    while True:
        outcome = measured(people)
        print(outcome, flush=True)
        if once or not outcome.is_met:
            return
        people *= 2


def main() -> None:
    """Measure both stores, and print what was found against what was promised."""
    from tests import postgres

    asked = _arguments()
    seconds = 10.0 if asked.quick else 60.0
    once = asked.quick or asked.stay
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory(prefix="aioturk-bench-") as folder:

        def on_sqlite(people: int) -> Outcome:
            database = str(Path(folder) / f"{people}.db")
            return measure("SQLite", database, people=people, processes=1, seconds=seconds)

        if asked.store in (None, "sqlite"):
            measure_and_double(on_sqlite, asked.people or 50, once=once)
        if asked.store in (None, "postgresql"):
            with postgres.serve(Path(folder) / "postgres", durable=True) as server:

                def on_postgres(people: int) -> Outcome:
                    database = server.fresh()
                    return measure("PostgreSQL", database, people=people, processes=asked.processes, seconds=seconds)

                measure_and_double(on_postgres, asked.people or 200, once=once)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Have people at work on the worker site.")
    parser.add_argument("store", nargs="?", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument("--quick", action="store_true", help="a look: ten seconds, and nothing is doubled")
    parser.add_argument("--stay", action="store_true", help="with as many people as are promised, and no more")
    parser.add_argument("--people", type=int, help="how many to begin with")
    parser.add_argument("--processes", type=int, default=2, help="how many serve PostgreSQL's market")
    return parser.parse_args()


if __name__ == "__main__":
    main()
