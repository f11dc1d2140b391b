"""
Several programs at work on one ledger in every order that chance chooses, some of them killed, on a bad line.

``AIOTURK_INTERLEAVINGS=5000 pytest tests/batch/test_interleaving.py`` tries so many orders of each kind, and
``AIOTURK_INTERLEAVING=1234`` that one alone.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from aioturk.batch import Batch, BatchSubmission, Bonus, approve, reject
from aioturk.batch.deciding import Decision
from aioturk.batch.units import token_in
from aioturk.client import Client
from aioturk.errors import TurkError
from aioturk.models import HIT

from ..postgres import Postgres
from .batches import performed
from .interleaved import ASSIGNMENT, Program, World, explore
from .tasks import NAME, Guess, rows

ROWS = 4
READY = 2
"""Rows that are published, and have been answered, before the programs begin."""
TABLES = "unit, hit, submission, batch, holder, setting"


def seeds(usual: int) -> list[int]:
    """Return the seeds to try."""
    one = os.environ.get("AIOTURK_INTERLEAVING")
    if one is not None:
        return [int(one)]
    first = int(os.environ.get("AIOTURK_INTERLEAVING_FROM", "0"))
    return list(range(first, first + int(os.environ.get("AIOTURK_INTERLEAVINGS", usual))))


@dataclass
class Asked:
    """What programs have asked for, all of them together."""

    unnamed: set[tuple[str, str, str]] = field(default_factory=set)
    """Bonuses without a key, and with approvals: assignment, amount, reason."""
    named: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)
    """Bonuses by assignment and key: amount and reason."""
    most: int = 2
    """Assignments that each HIT may have in the end."""
    decided: dict[str, set[bool]] = field(default_factory=dict)
    delivered: Counter[str] = field(default_factory=Counter)


Job = Callable[[Batch[Guess]], Awaitable[None]]


class Jobs:
    """
    Makes jobs of programs, as chance has it.

    Args:
        chance: Chance.
        asked: Is told what is asked for.
        assignments: The assignments that are decided on and paid for.
        given: The rows that are uploaded.
        is_quiet: Whether all requests arrive in time.
    """

    def __init__(
        self,
        chance: random.Random,
        asked: Asked,
        assignments: list[str],
        given: list[dict[str, str]],
        *,
        is_quiet: bool,
    ) -> None:
        self._is_quiet = is_quiet
        self._chance = chance
        self._asked = asked
        self._assignments = assignments
        self._rows = given
        kinds: list[tuple[float, Callable[[], Job]]] = [
            (3, self.upload),
            (2, self.part),
            (3, self.review),
            (1, self.approve_all),
            (2, self.approve),
            (1, self.reject),
            (2, self.bonus),
            (2, self.named_bonus),
            (2, self.bonus_all),
            (2, self.extend),
            (1, self.prolong),
            (0.3, self.stop),
            (2, self.walk),
            (1.5, self.reconcile),
            (0.3, self.status),
        ]
        weights = [weight for weight, _ in kinds]
        self._usual = chance.choices([make for _, make in kinds], weights, k=chance.randrange(2, 7))

    def some(self, count: int) -> list[tuple[str, Job]]:
        """Make so many."""
        makers = self._chance.choices(self._usual, k=count)
        return [(make.__name__, make()) for make in makers]

    def upload(self) -> Job:
        given = self._rows[: self._chance.randrange(1, len(self._rows) + 1)]

        async def job(batch: Batch[Guess]) -> None:
            published(batch, (await batch.upload(given)), given)

        return job

    def part(self) -> Job:
        given = self._chance.sample(self._rows, self._chance.randrange(1, len(self._rows) + 1))

        async def job(batch: Batch[Guess]) -> None:
            published(batch, (await batch.upload_partition(given)), given)

        return job

    def named(self, *names: str) -> list[tuple[str, Job]]:
        """Make those of these names."""
        return [(name, getattr(self, name)()) for name in names]

    def _decision(self, styles: tuple[str, ...], one: str) -> Decision | None:
        style = styles[sum(one.encode()) % len(styles)]
        if style == "none" or one not in self._assignments:
            return None
        self._asked.decided.setdefault(one, set()).add(style != "reject")
        if style == "reject":
            return reject("Empty")
        if style == "plain":
            return approve()
        self._asked.unnamed.add((one, style, "Good"))
        return approve(bonus=style, reason="Good")

    def review(self) -> Job:
        styles = tuple(self._chance.choices(["0.10", "0.20", "plain", "reject", "none"], [4, 1, 2, 1, 1], k=3))

        def judge(submission: BatchSubmission[Guess]) -> Decision | None:
            return self._decision(styles, submission.assignment_id)

        async def job(batch: Batch[Guess]) -> None:
            await batch.review(judge)

        return job

    def approve_all(self) -> Job:
        async def job(batch: Batch[Guess]) -> None:
            await batch.approve_all()

        return job

    def approve(self) -> Job:
        one = self._chance.choice(self._assignments)

        async def job(batch: Batch[Guess]) -> None:
            await batch.approve(one)

        return job

    def reject(self) -> Job:
        one = self._chance.choice(self._assignments)

        async def job(batch: Batch[Guess]) -> None:
            await batch.reject(one, "Empty")

        return job

    def _bonus(self, *, named: bool = False) -> Bonus:
        one = self._chance.choice(self._assignments)
        amount = self._chance.choice(["0.10", "0.10", "0.20"])
        if not named:
            self._asked.unnamed.add((one, amount, "Good"))
            return Bonus(one, amount, "Good")
        key = self._chance.choice("kl")
        self._asked.named.setdefault((one, key), set()).add((amount, "Good"))
        return Bonus(one, amount, "Good", key=key)

    def bonus(self) -> Job:
        bonus = self._bonus()

        async def job(batch: Batch[Guess]) -> None:
            await batch.bonus(bonus.assignment_id, bonus.amount, bonus.reason)

        return job

    def named_bonus(self) -> Job:
        bonus = self._bonus(named=True)

        async def job(batch: Batch[Guess]) -> None:
            await batch.bonus_once(bonus.assignment_id, bonus.amount, bonus.reason, key=bonus.key or "")

        return job

    def bonus_all(self) -> Job:
        bonuses = [self._bonus(named=self._chance.random() < 0.4) for _ in range(self._chance.randrange(1, 6))]

        async def job(batch: Batch[Guess]) -> None:
            await batch.bonus_all(bonuses)

        return job

    def extend(self) -> Job:
        # One that is on the way may arrive after somebody else has asked for another number: then there are more.
        most = self._chance.choice([3, 3, 4]) if self._is_quiet else 3
        self._asked.most = max(self._asked.most, most)

        async def job(batch: Batch[Guess]) -> None:
            await batch.extend(max_assignments=most)

        return job

    def prolong(self) -> Job:
        async def job(batch: Batch[Guess]) -> None:
            await batch.extend(lifetime=timedelta(days=self._chance.randrange(1, 20)))

        return job

    def stop(self) -> Job:
        async def job(batch: Batch[Guess]) -> None:
            await batch.stop()

        return job

    def walk(self) -> Job:
        styles = tuple(self._chance.choices(["0.10", "plain", "none"], k=3))

        async def job(batch: Batch[Guess]) -> None:
            async with aclosing(batch.submissions(until="now")) as walked:
                async for submission in walked:
                    self._asked.delivered[submission.assignment_id] += 1
                    decision = self._decision(styles, submission.assignment_id)
                    if decision is not None:
                        await submission.approve()
                        if decision.bonus is not None:
                            await submission.bonus(decision.bonus, "Good")

        return job

    def reconcile(self) -> Job:
        async def job(batch: Batch[Guess]) -> None:
            found = await batch.reconcile()
            assert (found.twice, found.strangers) == ((), ()), str(found)

        return job

    def status(self) -> Job:
        async def job(batch: Batch[Guess]) -> None:
            await batch.status()

        return job


def published(batch: Batch[Guess], report: Any, given: list[dict[str, str]]) -> None:
    """What a report says is so."""
    assert report.rows == len(given)
    if report.is_complete:
        done = set(
            performed(
                os.fspath(batch._desk.ledger._url.render_as_string(hide_password=False)),
                "SELECT content FROM unit WHERE kind = 'publish' AND state = 'done'",
            )
        )
        urls = "".join(str(row[0]) for row in done)
        assert all(row["url"] in urls for row in given), str(report)


async def after(world: World, program: Program, jobs: Iterable[tuple[str, Job]], problems: list[str]) -> None:
    """Do jobs one after another; what concerns the service or the budget ends one of them."""
    chance = random.Random(world.chance.random())
    async with world.batch(program, retries=chance.random() < 0.3, key="url") as batch:
        for name, job in jobs:
            try:
                await job(batch)
            except TurkError as error:
                problems.append(f"{program.number} {name}: {type(error).__name__}: {error}")


class Story:
    """
    What happens with one seed.

    Args:
        world: Where.
    """

    rows = ROWS
    ready = READY

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked = Asked()
        self.problems: list[str] = []

    async def __call__(self) -> None:
        """Let it happen, and look at what came of it."""
        world = self.world
        await world.run((world.program(), self._begin))
        assignments = [row[0] for row in performed(world.ledger, "SELECT id FROM submission ORDER BY id")]
        # A few, so that programs get in each other's way.
        hot = world.chance.sample(assignments, world.chance.randrange(1, len(assignments) + 1))
        jobs = Jobs(world.chance, self.asked, hot, rows(self.rows), is_quiet=world.is_quiet)
        given = []
        for _ in range(world.chance.randrange(2, 6)):
            programs = []
            same = jobs.some(world.chance.randrange(1, 3)) if world.chance.random() < 0.4 else None
            for _ in range(world.chance.choice([2, 2, 3])):
                some = same or jobs.some(world.chance.randrange(1, 4))
                given.append(some)
                program = world.program(is_elsewhere=world.chance.random() < 0.3)
                programs.append((program, self._doing(program, some)))
                world.trace.append(f"{program.number} does {[name for name, _ in some]}")
            world.is_calm = False
            await world.run(*programs)
        await world.clear_away()
        last = world.program()
        await world.run((last, lambda: self._end(last, [job for each in given for job in each])))
        assert not world.broken, world.broken

    def _doing(self, program: Program, jobs: list[tuple[str, Job]]) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            await after(self.world, program, jobs, self.problems)

        return work

    async def _begin(self) -> None:
        world = self.world
        async with world.batch(world._programs[0], key="url") as batch:
            assert (await batch.upload(rows(self.ready))).is_complete
            await world.market.work(lambda hit: {"age": "36"}, workers=["AONE", "ATWO"], seed=1)
            await batch.status()

    async def _end(self, program: Program, jobs: list[tuple[str, Job]]) -> None:
        """Do everything once more, alone, and compare."""
        world = self.world
        async with world.batch(program, key="url") as batch:
            report = await self._calmly(batch.upload(rows(self.rows)))
            for name, job in jobs:
                try:
                    await job(batch)
                except TurkError as error:
                    if error.ambiguous:
                        raise AssertionError(f"{name}: {error}") from error
            await self._calmly(batch.review(lambda _: None))
            checked = await batch.reconcile()
            if world.budget is None:
                assert report is not None
                assert report.is_complete, str(report)
                assert checked.is_clean, str(checked)
            else:
                wrong = (checked.twice, checked.unpaid, checked.overpaid, checked.strangers)
                assert not any(wrong), str(checked)
            hits = [await batch._desk.mturk.get_hit(one) for one in world.hit_ids]
            self._compare_hits(hits)
            await self._compare_money(batch._desk.mturk, hits)
            assert not len(batch._desk.in_hand)
        for table in ("unit", "submission"):
            held = performed(world.ledger, f"SELECT * FROM {table} WHERE holder_id IS NOT NULL")
            assert held == [], held

    async def _calmly(self, doing: Awaitable[Any]) -> Any:
        if self.world.budget is None:
            return await doing
        with suppress(TurkError):
            return await doing
        return None

    def _compare_hits(self, hits: list[HIT]) -> None:
        """Each row has one HIT, and each HIT as many assignments as were asked for."""
        tokens = Counter(token for hit in hits if (token := token_in(hit, NAME)) is not None)
        assert all(number == 1 for number in tokens.values()), tokens
        if self.world.budget is None:
            assert len(tokens) == self.rows
        wrong = [(hit.hit_id, hit.max_assignments) for hit in hits if hit.max_assignments > self.asked.most]
        assert not wrong, wrong

    async def _compare_money(self, mturk: Client, hits: list[HIT]) -> None:
        ledger = self.world.ledger
        paid: Counter[tuple[str, str, str]] = Counter()
        status: dict[str, str] = {}
        for hit in hits:
            async for payment in mturk.list_bonus_payments(hit_id=hit.hit_id):
                paid[payment.assignment_id, str(payment.bonus_amount), str(payment.reason)] += 1
            async for assignment in mturk.list_assignments_for_hit(hit.hit_id):
                status[assignment.assignment_id] = assignment.assignment_status.value
        most = Counter(self.asked.unnamed)
        for (one, _), contents in self.asked.named.items():
            for amount, reason in contents:
                most[one, amount, reason] += 1
        assert all(number <= most[which] for which, number in paid.items()), paid - most
        # Of one key, one is paid.
        total = Counter(one for one, _, _ in self.asked.unnamed) + Counter(one for one, _ in self.asked.named)
        per_assignment: Counter[str] = Counter()
        for (one, _, _), number in paid.items():
            per_assignment[one] += number
        assert per_assignment <= total
        units = performed(ledger, "SELECT kind, state, target, liability, content FROM unit")
        ours = Counter(row.target for row in units if (row.kind, row.state) == ("bonus", "done"))
        assert ours == per_assignment, (ours, per_assignment)
        for row in units:
            if row.state == "done" and row.kind in ("approve", "reject"):
                assert status[row.target] == {"approve": "Approved", "reject": "Rejected"}[row.kind], row
        [reserved] = performed(ledger, "SELECT reserved FROM batch")
        counted = sum(row.liability for row in units if row.state != "refused")
        assert reserved[0] == counted, (reserved, counted)
        done = all(row.state in ("done", "refused") for row in units)
        assert counted == self.world.cents if done else counted >= self.world.cents, (counted, self.world.cents)
        if self.world.budget is None:
            assert done, [row for row in units if row.state not in ("done", "refused")]


_DUELS = (
    ("bonus", "bonus"),
    ("bonus", "review"),
    ("bonus", "bonus_all"),
    ("bonus_all", "bonus_all"),
    ("named_bonus", "named_bonus", "bonus_all"),
    ("review", "review"),
    ("review", "review", "bonus"),
    ("review", "approve"),
    ("review", "reject"),
    ("approve", "reject"),
    ("walk", "walk"),
    ("walk", "review"),
    ("upload", "part"),
    ("upload", "upload", "reconcile"),
    ("part", "part", "part"),
    ("review", "reconcile"),
    ("bonus", "reconcile"),
    ("upload", "extend"),
    ("extend", "extend"),
)


class Duels(Story):
    """Again and again two or three programs who do the same, or what gets in its way, with something of their own."""

    rounds = 8
    ready = 4
    rows = ready + rounds

    async def __call__(self) -> None:
        """Let it happen, and look at what came of it."""
        world = self.world
        await world.run((world.program(), self._begin))
        assignments = [row[0] for row in performed(world.ledger, "SELECT id FROM submission ORDER BY id")]
        done = []
        for number in range(self.rounds):
            row = rows(self.rows)[self.ready + number]
            jobs = Jobs(world.chance, self.asked, [assignments[number]], [row], is_quiet=world.is_quiet)
            given = jobs.named(*world.chance.choice(_DUELS))
            done.append(given)
            world.trace.append(f"{[name for name, _ in given]}")
            world.is_calm = False
            await world.run(*((program, self._doing(program, [one])) for one in given for program in [world.program()]))
        await world.clear_away()
        last = world.program()
        await world.run((last, lambda: self._end(last, [job for each in done for job in each])))
        assert not world.broken, world.broken


def told(world: World, story: Story, error: BaseException) -> str:
    """Say what happened."""
    last = "\n".join(world.trace[-int(os.environ.get("AIOTURK_TRACE", "60")) :])
    return f"{last}\n{chr(10).join(story.problems)}\n{type(error).__name__}: {error}"


def happens(seed: int, ledger: str, **options: Any) -> None:
    """Let a story happen."""
    world = World(seed, ledger, **options)
    story = Duels(world) if seed % 2 else Story(world)
    try:
        explore(world, story)
    except Exception as error:
        raise AssertionError(f"seed {seed}\n{told(world, story, error)}") from error


def emptied(ledger: str) -> None:
    """Empty a ledger on a server, if it has tables already."""
    with suppress(Exception):
        performed(ledger, f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE")


def options_of(seed: int) -> dict[str, Any]:
    """Return what a world of a seed is like."""
    chance = random.Random(seed)
    budget = chance.choice([None, None, (Duels if seed % 2 else Story).rows * 2 * ASSIGNMENT + chance.randrange(200)])
    return {
        "budget": budget,
        "troubles": chance.choice([0.0, 0.02, 0.1]),
        "kills": chance.choice([0, 0, 1, 2]),
        "breaks": chance.choice([0, 0, 1]),
    }


def test_in_a_file(tmp_path: Path) -> None:
    """Whatever happens to whom and when: nothing is done twice, nothing is lost, and nobody waits for ever."""
    for seed in seeds(6):
        ledger = tmp_path / f"{seed}.db"
        happens(seed, str(ledger), **options_of(seed))
        for left in tmp_path.glob(f"{seed}.db*"):
            left.unlink()


def test_on_a_server(postgres: Postgres) -> None:
    """The same where acts on the ledger overlap."""
    ledger = postgres.empty()
    for seed in seeds(4):
        emptied(ledger)
        happens(seed, ledger, **options_of(seed))
