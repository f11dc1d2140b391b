"""
A requester's whole job, from pictures to a result: publish, collect, approve, pay a bonus, take the majority.

Everything a requester does here goes through the public client. Only the workers are ours: scripted ones, wrong one
time in ten, with the errors fixed for each answer, so that the totals are the same on every run, with faults or
without.
"""

from __future__ import annotations

import asyncio
import csv
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from aioturk.answers import read_answers
from aioturk.client import Client
from aioturk.demo.digits import Digit, load, task_page
from aioturk.models import HIT, Assignment
from aioturk.questions import HTMLQuestion

if TYPE_CHECKING:
    from aioturk.marketplace import Marketplace

__all__ = ["ASSIGNMENTS", "Reading", "Report", "run", "write_results"]

ASSIGNMENTS = 3
REWARD = Decimal("0.05")
BONUS = Decimal("1.00")
BUDGET = Decimal("1000.00")
SEED = 7
_IN_FLIGHT = 50
_WRONG = 0.1

Progress = Callable[[str, int, int], None]
"""Is told the stage, how many of its steps are done, and how many there are."""


@dataclass(slots=True)
class Reading:
    """
    What workers made of one picture.

    Attributes:
        digit: The picture.
        hit_id: The HIT that asked for it.
        answers: The digit that each worker read, by worker.
    """

    digit: Digit
    hit_id: str
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def majority(self) -> str | None:
        """The answer that more workers gave than any other; None when there is no such answer."""
        ranking = Counter(self.answers.values()).most_common(2)
        if not ranking or (len(ranking) == 2 and ranking[0][1] == ranking[1][1]):
            return None
        return ranking[0][0]

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
        calls: Operations performed.
        retries: Attempts beyond the first of each call.
        throttled: Attempts that the service throttled.
        seconds: How long the requester's calls took, the workers' time left out.
        cost: What the account was charged, fees included, in US dollars.
        best_worker: Who got the bonus.
    """

    readings: Sequence[Reading]
    assignments: int
    calls: int
    retries: int
    throttled: int
    seconds: float
    cost: Decimal
    best_worker: str

    @property
    def accuracy(self) -> float:
        """The part of the pictures that the majority read right, 0-1."""
        return sum(reading.is_right for reading in self.readings) / len(self.readings)


async def run(
    *, rows: int = 300, workers: int = 20, faults: bool = False, progress: Progress = lambda stage, done, total: None
) -> Report:
    """
    Run the study in an in-memory marketplace.

    Args:
        rows: How many pictures, 1-300.
        workers: How many scripted workers; at least as many as assignments of a HIT.
        faults: Whether the marketplace throttles, fails and loses replies at random.
        progress: Is told how far it is.
    """
    from aioturk.marketplace import Faults, Marketplace

    trouble = Faults(throttle=0.2, drop_reply=0.05, server_error=0.05, seed=SEED) if faults else None
    digits = load(rows)
    async with Marketplace(balance=BUDGET, faults=trouble) as market, market.client(timeout=300) as mturk:
        started = perf_counter()
        readings = await _publish(mturk, digits, progress)
        working = perf_counter()
        await _let_work(market, digits, workers, progress)
        resumed = perf_counter()
        assignments = await _collect(mturk, readings, progress)
        best = _best_worker(readings)
        await _reward_best(mturk, best, assignments)
        balance = await mturk.get_account_balance()
        seconds = (working - started) + (perf_counter() - resumed)
        return Report(
            readings=readings,
            assignments=len(assignments),
            calls=mturk.statistics.calls,
            retries=mturk.statistics.retries,
            throttled=mturk.statistics.throttled,
            seconds=seconds,
            cost=BUDGET - balance.available_balance - (balance.on_hold_balance or 0),
            best_worker=best,
        )


async def _publish(mturk: Client, digits: Sequence[Digit], progress: Progress) -> list[Reading]:
    """Create a HIT for every picture, many at once."""
    turns = asyncio.Semaphore(_IN_FLIGHT)
    done = 0

    async def publish(digit: Digit) -> Reading:
        nonlocal done
        async with turns:
            hit = await mturk.create_hit(
                title="Read a handwritten digit",
                description="Look at a small picture and say which digit it shows.",
                keywords=["image", "digit", "quick"],
                reward=REWARD,
                max_assignments=ASSIGNMENTS,
                assignment_duration=timedelta(minutes=5),
                lifetime=timedelta(days=1),
                auto_approval_delay=timedelta(days=3),
                question=HTMLQuestion(task_page(digit), frame_height=450),
                requester_annotation=f"digit {digit.number}",
            )
        done += 1
        progress("publishing", done, len(digits))
        return Reading(digit, hit.hit_id)

    return list(await asyncio.gather(*map(publish, digits)))


async def _let_work(market: Marketplace, digits: Sequence[Digit], workers: int, progress: Progress) -> None:
    """Have scripted workers do all the HITs."""
    answered: Counter[int] = Counter()
    total = len(digits) * ASSIGNMENTS

    def answer(hit: HIT) -> dict[str, str]:
        number = int((hit.requester_annotation or "").removeprefix("digit "))
        answered[number] += 1
        progress("working", answered.total(), total)
        return {"digit": str(_as_read(digits[number], answered[number]))}

    await market.work(answer, workers=workers, seed=SEED)


def _as_read(digit: Digit, turn: int) -> int:
    """What the worker whose turn it is reads: the digit, or one time in ten another one."""
    chance = random.Random(f"{SEED} {digit.number} {turn}")
    if chance.random() >= _WRONG:
        return digit.value
    return chance.choice([value for value in range(10) if value != digit.value])


async def _collect(mturk: Client, readings: Sequence[Reading], progress: Progress) -> list[Assignment]:
    """Read and approve every submission of every HIT, many HITs at once."""
    turns = asyncio.Semaphore(_IN_FLIGHT)
    assignments: list[Assignment] = []
    total = len(readings) * ASSIGNMENTS

    async def collect(reading: Reading) -> None:
        async with turns:
            async for assignment in mturk.list_assignments_for_hit(reading.hit_id):
                reading.answers[assignment.worker_id] = str(read_answers(assignment.answer)["digit"])
                await mturk.approve_assignment(assignment.assignment_id, requester_feedback="Thank you!")
                assignments.append(assignment)
                progress("approving", len(assignments), total)

    await asyncio.gather(*map(collect, readings))
    return assignments


def _best_worker(readings: Sequence[Reading]) -> str:
    """Who agreed with the majority most often; the first by id among equals."""
    agreed: Counter[str] = Counter()
    for reading in readings:
        agreed.update(worker for worker, answer in reading.answers.items() if answer == reading.majority)
    return min(agreed, key=lambda worker: (-agreed[worker], worker))


async def _reward_best(mturk: Client, worker: str, assignments: Sequence[Assignment]) -> None:
    theirs = next(assignment for assignment in assignments if assignment.worker_id == worker)
    await mturk.send_bonus(
        worker, theirs.assignment_id, bonus_amount=BONUS, reason="You agreed with the others more often than anybody."
    )


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
