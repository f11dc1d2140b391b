"""
A requester's whole job, from pictures to a result: publish, collect, approve, take the majority, pay a bonus.

Everything a requester does here goes through a public `Batch`, so a study that was killed anywhere is finished by
running it again with the same ledger and the same database. Only the workers are ours: scripted ones, wrong one time in
ten, with the three answers to each picture fixed, so that the totals are the same on every run, with faults or without,
killed or not.
"""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aioturk.annotations import annotation_of
from aioturk.batch import Batch, Vote, agreement, majority
from aioturk.batch.progress import Meter, ProgressOption
from aioturk.clock import SystemClock
from aioturk.demo.digits import Digit, load, task_page
from aioturk.errors import TurkError
from aioturk.models import HIT
from aioturk.questions import HTMLQuestion
from aioturk.tasks import Task

if TYPE_CHECKING:
    from aioturk.marketplace import Marketplace

__all__ = ["ASSIGNMENTS", "Reading", "Report", "run", "write_results"]

ASSIGNMENTS = 3
REWARD = Decimal("0.05")
BONUS = Decimal("1.00")
BALANCE = Decimal("1000.00")
SEED = 7
_BATCH = "digits"
_QUESTION = "digit"
_TIME = timedelta(minutes=5)
"""How long a worker has for a picture."""
_WRONG = 0.1


@dataclass
class _Read:
    """What a worker read."""

    digit: int


@dataclass(slots=True)
class Reading:
    """
    What workers made of one picture.

    Attributes:
        digit: The picture.
        hit_id: The HIT that asked for it.
        majority: The answer that more workers gave than any other; None when there is no such answer.
        answers: The digit that each worker read, by worker.
    """

    digit: Digit
    hit_id: str
    majority: str | None
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether the majority read the digit that was written."""
        return self.majority == str(self.digit.value)


@dataclass(frozen=True, slots=True)
class Report:
    """
    How the study went.

    Attributes:
        readings: One for each picture.
        assignments: How many submissions were approved and paid.
        calls: Operations performed, in this run.
        retries: Attempts beyond the first of each call.
        throttled: Attempts that the service throttled.
        seconds: How long the requester's calls took, the workers' time left out.
        cost: What the account was charged, fees included, in US dollars; earlier runs of the same study included.
        best_worker: Who got the bonus; None if no two workers agreed on anything.
    """

    readings: Sequence[Reading]
    assignments: int
    calls: int
    retries: int
    throttled: int
    seconds: float
    cost: Decimal
    best_worker: str | None

    @property
    def accuracy(self) -> float:
        """The part of the pictures that the majority read right, 0-1."""
        return sum(reading.is_right for reading in self.readings) / len(self.readings)


async def run(
    *,
    ledger: str | os.PathLike[str],
    submissions: Path,
    database: str | os.PathLike[str] | None = None,
    rows: int = 300,
    workers: int = 20,
    faults: bool = False,
    progress: ProgressOption = False,
) -> Report:
    """
    Run the study, or finish one that was broken off.

    Args:
        ledger: The batch's ledger.
        submissions: Where to write what workers submitted, as a CSV file of the requester site's form.
        database: The marketplace's database; None keeps it in memory.
        rows: How many pictures, 1-300.
        workers: How many scripted workers; at least as many as assignments of a HIT.
        faults: Whether the marketplace throttles, fails and loses replies at random.
        progress: How progress is shown, as `Batch` has it.
    """
    from aioturk.marketplace import Faults, Marketplace

    trouble = Faults(throttle=0.2, drop_reply=0.05, server_error=0.05, seed=SEED) if faults else None
    async with (
        Marketplace(database, balance=BALANCE, faults=trouble) as market,
        market.client(timeout=300) as mturk,
        Batch(
            mturk, read_digit(), name=_BATCH, ledger=ledger, budget=BALANCE, key="number", progress=progress
        ) as batch,
    ):
        # Whoever had a HIT in work when the study was killed is gone with it, and runs out of time.
        await market.advance(_TIME)
        started = perf_counter()
        await _publish(batch, rows)
        working = perf_counter()
        await _let_work(market, batch, workers, progress)
        resumed = perf_counter()
        await batch.approve_all("Thank you!")
        readings, best = await _evaluate(batch, submissions)
        status = await batch.status(refresh=False)
        balance = await mturk.get_account_balance()
        return Report(
            readings=readings,
            assignments=status.approved,
            calls=mturk.statistics.calls,
            retries=mturk.statistics.retries,
            throttled=mturk.statistics.throttled,
            seconds=(working - started) + (perf_counter() - resumed),
            cost=BALANCE - balance.available_balance - (balance.on_hold_balance or 0),
            best_worker=best,
        )


def read_digit() -> Task[_Read]:
    """Return the task: what workers are asked, and what they answer."""
    digits = load()

    def question(row: Mapping[str, Any]) -> HTMLQuestion:
        return HTMLQuestion(task_page(digits[row["number"]]), frame_height=450)

    return Task(
        title="Read a handwritten digit",
        description="Look at a small picture and say which digit it shows.",
        keywords=["image", "digit", "quick"],
        reward=REWARD,
        max_assignments=ASSIGNMENTS,
        assignment_duration=_TIME,
        lifetime=timedelta(days=30),
        auto_approval_delay=timedelta(days=3),
        question=question,
        answer=_Read,
    )


async def _publish(batch: Batch[_Read], rows: int) -> None:
    report = await batch.upload([{"number": digit.number} for digit in load(rows)])
    if not report.is_complete:
        problems = "; ".join(map(str, report.problems[:3]))
        raise TurkError(f"{report}: {problems}. Run the study again with the same ledger and database to go on.")


# The workers.


async def _let_work(market: Marketplace, batch: Batch[_Read], workers: int, progress: ProgressOption) -> None:
    """Have scripted workers do what is still to be done."""
    to_come = {digit.number: _answers(digit) for digit in load()}
    given = await batch.labels(_QUESTION)
    for label in given:
        to_come[int(label.task)].remove(label.label)
    hits = (await batch.status(refresh=False)).published
    with Meter("working", hits * ASSIGNMENTS, SystemClock(), progress) as meter:
        meter.step(len(given))

        def answer(hit: HIT) -> dict[str, str]:
            note = annotation_of(hit)
            assert note is not None
            assert note.row is not None
            meter.step()
            return {_QUESTION: to_come[int(note.row)].pop(0)}

        await market.work(answer, workers=workers, seed=SEED)


def _answers(digit: Digit) -> list[str]:
    """Return what workers answer to a picture, whoever they are."""
    return [str(_as_read(digit, turn)) for turn in range(1, ASSIGNMENTS + 1)]


def _as_read(digit: Digit, turn: int) -> int:
    """What the worker whose turn it is reads: the digit, or one time in ten another one."""
    chance = random.Random(f"{SEED} {digit.number} {turn}")
    if chance.random() >= _WRONG:
        return digit.value
    return chance.choice([value for value in range(10) if value != digit.value])


# The result.


async def _evaluate(batch: Batch[_Read], submissions: Path) -> tuple[list[Reading], str | None]:
    """Write down what came in, take the majority, and pay a bonus to whoever agreed with it most often."""
    await batch.export(submissions)
    labels = await batch.labels(_QUESTION)
    votes = majority(labels)
    best = max(agreement(labels, votes), key=lambda worker: worker.agreed, default=None)
    with submissions.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    if best is not None:
        theirs = next(line["AssignmentId"] for line in lines if line["WorkerId"] == best.worker)
        reason = "You agreed with the others more often than anybody."
        await batch.bonus_once(theirs, BONUS, reason, key="best reader", worker_id=best.worker)
    return _readings(lines, votes), None if best is None else best.worker


def _readings(lines: Sequence[Mapping[str, str]], votes: Sequence[Vote]) -> list[Reading]:
    """Gather the lines of a result file by their pictures."""
    digits = load()
    chosen = {vote.task: vote.label for vote in votes}
    readings: dict[int, Reading] = {}
    for line in lines:
        number = int(line["Input.number"])
        reading = readings.setdefault(number, Reading(digits[number], line["HITId"], chosen[str(number)]))
        reading.answers[line["WorkerId"]] = line[f"Answer.{_QUESTION}"]
    return [readings[number] for number in sorted(readings)]


def write_results(report: Report, path: Path) -> None:
    """Write one line for each picture: what it is, what workers read, and what the majority says."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "hit_id", "digit", "majority", "right", "answers"])
        for reading in report.readings:
            answers = "|".join(answer for _, answer in sorted(reading.answers.items()))
            right = "yes" if reading.is_right else "no"
            writer.writerow(
                [reading.digit.number, reading.hit_id, reading.digit.value, reading.majority or "", right, answers]
            )
