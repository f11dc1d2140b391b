"""Uploads: each row gets one HIT, whatever happens to calls, clocks and programs; and what is said of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aioturk import HTMLTemplate, RetryPolicy
from aioturk._core.messages import Request, Response
from aioturk.annotations import annotation_of
from aioturk.batch import Batch, Progress
from aioturk.batch.run import Run
from aioturk.batch.units import Kind, token_in, token_of
from aioturk.batch.uploading import Publishing
from aioturk.client import Client
from aioturk.errors import (
    ConfigurationError,
    ConnectFailed,
    InsufficientFunds,
    InvalidRequest,
    PublishedOtherwise,
    TransportError,
    TurkError,
    UnexpectedResponse,
)
from aioturk.marketplace import Faults, Marketplace
from aioturk.testing import JumpingClock, Trouble, error_reply

from .batches import (
    CREATE,
    LOST,
    Line,
    Send,
    attempt,
    batch_of,
    before,
    hits_of,
    lost,
    only_first,
    operation_of,
    performed,
    rerouted,
    submissions_of,
    turn,
    until,
    worked,
)
from .tasks import NAME, PAGE, Guess, guess_age, rows, urls

TROUBLES = [each for each in Trouble if not each.name.startswith("CANCELLED")]
ONCE_EACH = Counter({row["url"]: 1 for row in rows(3)})

HASTY = RetryPolicy(first_wait=0.001, longest_wait=0.001)


def once_each(count: int) -> Counter[str]:
    """What is asked about when every row has one HIT."""
    return Counter({row["url"]: 1 for row in rows(count)})


# What comes of an upload.


async def test_every_row_gets_a_hit(mturk: Client, line: Line, ledger: str) -> None:
    """A row becomes a HIT; the second time, and for another program, it has one, and nothing is sent for it."""
    async with batch_of(mturk, ledger) as batch:
        first = await batch.upload(rows(30))
        assert (first.rows, first.published, first.found, first.problem_count) == (30, 30, 0, 0)
        assert first.is_complete
        line.clear()
        again = await batch.upload(rows(30))
    assert (again.rows, again.published, again.found) == (30, 0, 30)
    async with batch_of(mturk, ledger) as batch:
        more = await batch.upload(rows(31))
    assert (more.rows, more.published, more.found) == (31, 1, 30)
    assert line.counts[CREATE] == 1
    assert urls(await hits_of(mturk)) == once_each(31)


async def test_equal_rows_are_different_rows(mturk: Client, file: str) -> None:
    """Two rows with the same content are two HITs, also when the upload is repeated."""
    async with batch_of(mturk, file) as batch:
        for _ in range(2):
            report = await batch.upload([*rows(2), *rows(1)])
            assert report.is_complete
    assert urls(await hits_of(mturk)) == Counter({"https://example.org/0.jpg": 2, "https://example.org/1.jpg": 1})


async def test_files_and_generators_are_the_same_rows(mturk: Client, file: str, tmp_path: Path) -> None:
    """Rows have the same names wherever they come from: the second upload finds what the first has published."""
    table = tmp_path / "rows.csv"
    table.write_text("url\n" + "".join(f"{row['url']}\n" for row in rows(4)))

    async def coming() -> AsyncIterator[dict[str, str]]:
        for row in rows(4):
            yield row

    async with batch_of(mturk, file) as batch:
        assert (await batch.upload(table)).published == 4
        assert (await batch.upload(coming())).found == 4
        assert (await batch.upload(row for row in rows(4))).found == 4


async def test_a_bad_row_is_reported_and_the_others_go_on(mturk: Client, file: str) -> None:
    """What our checks refuse and what the service refuses is told with its row, and refused again until it is right."""
    bad: list[dict[str, Any]] = [*rows(2), {"uri": "a mistake"}, {"url": "\x00"}, *rows(4)[2:]]
    async with batch_of(mturk, file) as batch:
        report = await batch.upload(bad)
        assert (report.rows, report.published, report.refused, report.problem_count) == (6, 4, 2, 2)
        assert not report.is_complete
        assert sorted(problem.number or 0 for problem in report.problems) == [3, 4]
        assert "url" in str(report.problems[0])
        again = await batch.upload(rows(4))
        assert (again.found, again.is_complete) == (4, True)
    assert urls(await hits_of(mturk)) == once_each(4)


async def test_what_the_service_refuses_is_reported_and_may_be_put_right(
    mturk: Client, line: Line, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal of the service is the row's own; uploaded again with what it lacked, the row gets its HIT."""
    task = guess_age()
    async with batch_of(mturk, file, task=task) as batch:
        with monkeypatch.context() as patched:
            # A question that our checks let through, and the service does not.
            patched.setattr(type(task), "fill", lambda self, row=None: _wrong(row) if "1.jpg" in row["url"] else PLAIN)
            report = await batch.upload(rows(3), resend_unknown=False)
        assert (report.published, report.refused, report.problem_count) == (2, 1, 1)
        assert (await batch.status()).refused == 1
        reserved = (await batch.status()).reserved
        fixed = await batch.upload(rows(3))
        assert (fixed.published, fixed.found, fixed.refused) == (1, 2, 0)
        status = await batch.status()
    assert status.refused == 0
    assert status.reserved == reserved / 2 * 3


PLAIN = (
    '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/'
    'ExternalQuestion.xsd"><ExternalURL>https://example.org/task</ExternalURL><FrameHeight>0</FrameHeight>'
    "</ExternalQuestion>"
)


def _wrong(row: Any) -> str:
    return PLAIN.replace("ExternalURL>", "ExternalURI>")


async def test_a_row_that_asks_something_else_now_is_reported(mturk: Client, file: str) -> None:
    """A row that was changed under the same key keeps its HIT, and that it asks something else is said."""
    async with batch_of(mturk, file, key="id") as batch:
        await batch.upload([{"id": "a", "url": "first"}, {"id": "b", "url": "same"}])
        report = await batch.upload([{"id": "a", "url": "second"}, {"id": "b", "url": "same"}])
        plan = await batch.plan([{"id": "a", "url": "second"}, {"id": "b", "url": "same"}])
    assert (report.found, report.published, report.problem_count) == (2, 0, 1)
    [problem] = report.problems
    assert problem.key == "a"
    assert isinstance(problem.error, PublishedOtherwise)
    assert urls(await hits_of(mturk)) == Counter({"first": 1, "same": 1})
    assert (plan.published, plan.hits, plan.problem_count) == (1, 0, 1)


async def test_another_task_is_another_question(mturk: Client, file: str) -> None:
    """A batch that is uploaded again with another reward says of each row that its HIT asks something else."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
    async with batch_of(mturk, file, task=guess_age(reward="0.10")) as batch:
        report = await batch.upload(rows(2))
    assert (report.found, report.problem_count) == (2, 2)
    assert {str(hit.reward) for hit in await hits_of(mturk)} == {"0.05"}


async def test_what_is_on_the_service_is_adopted_by_a_new_ledger(mturk: Client, tmp_path: Path) -> None:
    """A lost ledger costs nothing: a new one finds the rows' HITs in one walk, and the rows fill in what they were."""
    async with batch_of(mturk, str(tmp_path / "lost.db")) as batch:
        await batch.upload(rows(5))
    async with batch_of(mturk, str(tmp_path / "new.db")) as batch:
        report = await batch.upload(rows(7))
        assert (report.published, report.found, report.problem_count) == (2, 5, 0)
        status = await batch.status()
        assert (status.published, status.open) == (7, 7)
        assert status.reserved == batch_cost(7)
    assert urls(await hits_of(mturk)) == once_each(7)
    stored = performed(str(tmp_path / "new.db"), "SELECT content FROM unit ORDER BY seq")
    assert sorted(row.content for row in stored) == sorted(f'{{"url":"{row["url"]}"}}' for row in rows(7))


def batch_cost(count: int) -> Any:
    """What so many HITs of the usual task can cost."""
    return guess_age().cost().total * count


async def test_a_part_of_a_batch_may_be_run_again(mturk: Client, file: str) -> None:
    """A part that a distributed engine runs twice at a time is published once, and needs a key."""
    async with batch_of(mturk, file) as batch:
        with pytest.raises(InvalidRequest, match="key"):
            await batch.upload_partition(rows(3))
    async with batch_of(mturk, file, key="url") as one, batch_of(mturk, file, key="url") as other:
        reports = await asyncio.gather(one.upload_partition(rows(40)), other.upload_partition(rows(40)))
    assert sum(report.published for report in reports) == 40
    assert [report.published + report.found for report in reports] == [40, 40]
    assert all(report.is_complete for report in reports)
    assert urls(await hits_of(mturk)) == once_each(40)


@pytest.mark.parametrize("part", [False, True])
async def test_what_others_have_in_hand_is_counted(
    market: Marketplace, mturk: Client, line: Line, clock: JumpingClock, ledger: str, part: bool
) -> None:
    """Each row of a report is in one of its numbers, those that another program came to an end with included."""
    gate = asyncio.Event()

    async def held(request: Request, send: Send) -> Response:
        if operation_of(request) == CREATE:
            await gate.wait()
            if b"/0.jpg" in request.body:
                return error_reply("ParameterValidationFailure", "No such picture.", kind="ParameterValidationError")
        return await send(request)

    async with market.client(retries=False) as second, batch_of(mturk, ledger, key="url") as one:
        async with batch_of(second, ledger, key="url", clock=clock) as other:
            with rerouted(line, held):
                first = asyncio.create_task(one.upload(rows(3)))
                await until(lambda: line.counts[CREATE] == 3)
                upload = other.upload_partition if part else other.upload
                waiting = asyncio.create_task(upload(rows(5)))
                await until(lambda: clock.slept)
                gate.set()
                assert ((await first).published, (await first).refused) == (2, 1)
            report = await waiting
    assert (report.rows, report.published, report.found, report.refused, report.open) == (5, 2, 2, 1, 0)
    assert not report.is_complete
    assert [problem.key for problem in report.problems] == ["https://example.org/0.jpg"]
    assert "No such picture." in str(report.problems[0])
    assert urls(await hits_of(mturk)) == once_each(5) - Counter(["https://example.org/0.jpg"])


async def test_a_part_leaves_what_others_have_left_open(mturk: Client, line: Line, file: str) -> None:
    """Rows of another part that were left open are not taken up, and the part is complete without them."""
    async with batch_of(mturk, file, key="url") as batch:
        line.disturb = before(CREATE)
        await attempt(batch, rows(3))
        line.clear()
        report = await batch.upload_partition(rows(5)[3:])
        assert (report.published, report.open, report.is_complete) == (2, 0, True)
        assert len(await hits_of(mturk)) == 2
        assert (await batch.upload(rows(5))).published == 3


# Names.


async def test_one_token_for_ever(market: Marketplace, line: Line, file: str) -> None:
    """Every attempt for a row carries one token, made of batch and key; so does every program that goes on."""
    line.disturb = lost(CREATE)
    async with market.client(retries=False, transport=line) as mturk:
        async with batch_of(mturk, file, key="url") as batch:
            report = await batch.upload(rows(2))
            assert (report.published, report.open) == (0, 2)
        line.disturb = only_first(CREATE, trouble=Trouble.FAULT_AFTER)
        async with batch_of(mturk, file, key="url") as batch:
            report = await batch.upload(rows(2))
            assert (report.published, report.open) == (2, 0)
        sent = Counter(document["UniqueRequestToken"] for document in line.documents(CREATE))
        assert set(sent) == {token_of(Kind.PUBLISH, NAME, row["url"]) for row in rows(2)}
        assert min(sent.values()) > 2
        assert all(len(token) <= 64 for token in sent)
        for hit in await hits_of(mturk):
            assert hit.requester_annotation is not None
            assert len(hit.requester_annotation) <= 255
            assert hit.requester_annotation.isascii()
            assert (token_in(hit, NAME) or ("",))[0] in sent
    assert urls(await hits_of_market(market)) == once_each(2)


async def hits_of_market(market: Marketplace) -> Any:
    """List the batch's HITs, with a client that nobody disturbs."""
    async with market.client() as mturk:
        return await hits_of(mturk)


async def test_the_longest_names_fit(mturk: Client, file: str) -> None:
    """Names and keys in characters that take nine each in an annotation are published, and found by a new ledger."""
    name, keys = "年" * 11, ["歳" * 300 + str(number) for number in range(2)]
    given = [{"id": key, "url": key[-1]} for key in keys]
    async with batch_of(mturk, file, name=name, key="id") as batch:
        assert (await batch.upload(given)).published == 2
    async with batch_of(mturk, f"{file}.2", name=name, key="id") as batch:
        assert (await batch.upload(given)).found == 2
    for hit in await hits_of(mturk, name):
        assert len(hit.requester_annotation or "") <= 255
        assert (hit.requester_annotation or "").isascii()


async def test_batches_do_not_mix(mturk: Client, file: str) -> None:
    """Two batches with the same rows in one ledger have their own HITs, and see only those."""
    async with batch_of(mturk, file) as one, batch_of(mturk, file, name="another") as other:
        await one.upload(rows(3))
        assert (await other.upload(rows(2))).published == 2
        assert (await one.status()).published == 3
        assert (await other.status()).published == 2


# Troubles.


@pytest.mark.parametrize(
    ("trouble", "patient"),
    [*((trouble, False) for trouble in TROUBLES), (Trouble.RESET_AFTER, True), (Trouble.THROTTLED, True)],
)
async def test_each_trouble_at_each_call(market: Marketplace, file: str, trouble: Trouble, patient: bool) -> None:
    """Whatever happens to whichever request, and whoever repeats it: afterwards every row has one HIT."""
    number = 0
    while True:
        line = Line()
        name = f"batch {number}"
        line.disturb = _at(number, trouble)
        async with market.client(retries=HASTY if patient else False, transport=line) as mturk:
            async with batch_of(mturk, file, name=name) as batch:
                await attempt(batch, rows(3))
                sent = len(line.calls)
                line.clear()
                assert (await batch.upload(rows(3))).is_complete
            assert urls(await hits_of(mturk, name)) == ONCE_EACH
        number += 1
        if number > sent:
            break
    assert number > 4


def _at(number: int, trouble: Trouble) -> Any:
    """Make a trouble for one request, counted from 0."""
    left = [number]

    def disturb(operation: str) -> Trouble | None:
        left[0] -= 1
        return trouble if left[0] == -1 else None

    return disturb


async def test_two_that_upload_at_once(market: Marketplace, ledger: str) -> None:
    """Two programs that upload the same rows on a bad day publish each row once between them."""
    market.faults = Faults(throttle=0.1, drop_reply=0.1, server_error=0.1, seed=3)
    async with market.client(retries=HASTY) as first, market.client(retries=HASTY) as second:
        async with batch_of(first, ledger) as one, batch_of(second, ledger) as other:
            reports = await asyncio.gather(one.upload(rows(60)), other.upload(rows(60)))
    market.faults = None
    assert [report.published + report.found for report in reports] == [60, 60]
    assert all(report.is_complete for report in reports)
    assert urls(await hits_of_market(market)) == once_each(60)


# Time.


async def left_open(mturk: Client, line: Line, ledger: str, clock: JumpingClock, disturb: Any, count: int = 3) -> None:
    """Upload rows of which nobody knows what became of them."""
    line.disturb = disturb
    async with batch_of(mturk, ledger, clock=clock) as batch:
        report = await batch.upload(rows(count))
        assert (report.published, report.open) == (0, count)
    line.clear()


async def test_a_token_is_trusted_for_twenty_hours(
    market: Marketplace, mturk: Client, line: Line, ledger: str, clock: JumpingClock
) -> None:
    """Within twenty hours what is open is sent again with its token, without looking: the service knows it again."""
    await left_open(mturk, line, ledger, clock, lost(CREATE))
    await turn(market, clock, hours=19.9)
    async with batch_of(mturk, ledger, clock=clock) as batch:
        report = await batch.upload(rows(3))
    assert (report.published, report.open) == (3, 0)
    assert (line.walks, line.counts[CREATE]) == (0, 3)
    assert urls(await hits_of(mturk)) == once_each(3)


async def test_an_older_row_is_looked_for(
    market: Marketplace, mturk: Client, line: Line, ledger: str, clock: JumpingClock
) -> None:
    """After that one walk through all HITs finds what was published, and nothing is sent for it."""
    await left_open(mturk, line, ledger, clock, lost(CREATE))
    await turn(market, clock, hours=25)
    async with batch_of(mturk, ledger, clock=clock) as batch:
        report = await batch.upload(rows(3))
    assert (report.published, report.found, report.open) == (0, 3, 0)
    assert (line.walks, line.counts[CREATE]) == (1, 0)
    assert urls(await hits_of(mturk)) == once_each(3)


async def test_an_older_row_that_never_arrived_is_published(
    market: Marketplace, mturk: Client, line: Line, ledger: str, clock: JumpingClock
) -> None:
    """What one walk through all HITs does not find is sent, once, with the token that it had."""
    await left_open(mturk, line, ledger, clock, before(CREATE))
    await turn(market, clock, hours=25)
    async with batch_of(mturk, ledger, clock=clock) as batch:
        report = await batch.upload(rows(3))
    assert (report.published, report.found, report.open) == (3, 0, 0)
    assert (line.walks, line.counts[CREATE]) == (1, 3)
    assert urls(await hits_of(mturk)) == once_each(3)


async def test_a_clock_that_was_set_back_is_not_trusted(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """A first attempt that lies in the future says nothing of how old a token is: it is looked for."""
    ahead = JumpingClock(time.time() + 7200)
    await left_open(mturk, line, file, ahead, lost(CREATE))
    async with batch_of(mturk, file, clock=JumpingClock(time.time())) as batch:
        report = await batch.upload(rows(3))
    assert (report.published, report.found, report.open) == (0, 3, 0)
    assert (line.walks, line.counts[CREATE]) == (1, 0)


@pytest.mark.parametrize("share", [0.3, 1.0])
async def test_a_day_passes_in_the_middle(
    market: Marketplace, line: Line, ledger: str, clock: JumpingClock, share: float
) -> None:
    """The clocks are turned by 25 hours while answers get lost, and no row is published twice."""
    calls = 0

    def disturb(operation: str) -> Trouble | None:
        nonlocal calls
        calls += operation == CREATE
        return LOST if operation == CREATE and (calls * share) % 1 < share and calls < 80 else None

    async def coming() -> AsyncIterator[dict[str, str]]:
        for number, row in enumerate(rows(60)):
            if number == 30:
                await until(lambda: line.counts[CREATE] >= 30)
                await turn(market, clock, hours=25)
            yield row

    line.disturb = disturb
    async with market.client(retries=False, transport=line) as mturk:
        async with batch_of(mturk, ledger, clock=clock) as batch:
            with suppress(TransportError):
                await batch.upload(coming())
            line.clear()
            assert (await batch.upload(rows(60))).is_complete
        assert urls(await hits_of(mturk)) == once_each(60)


async def test_a_day_passes_during_a_call(market: Marketplace, file: str, clock: JumpingClock) -> None:
    """A computer that sleeps for a day between an attempt and its repeat does not publish a second HIT."""
    line = Line()

    class Sleeping(Line):
        async def send(self, request: Any, **options: Any) -> Any:
            try:
                return await super().send(request, **options)
            except TransportError:
                await turn(market, clock, hours=25)
                raise

    line = Sleeping(only_first(CREATE, trouble=LOST))
    async with market.client(retries=HASTY, transport=line, clock=clock) as mturk:
        async with batch_of(mturk, file, clock=clock) as batch:
            assert (await batch.upload(rows(3))).is_complete
    assert urls(await hits_of_market(market)) == once_each(3)


async def test_after_a_hundred_days_nobody_knows(
    market: Marketplace, mturk: Client, line: Line, ledger: str, clock: JumpingClock
) -> None:
    """A row that was open for so long is reported as unknown, and sent only when that is asked for."""
    await left_open(mturk, line, ledger, clock, before(CREATE), 2)
    await turn(market, clock, hours=101 * 24)
    async with batch_of(mturk, ledger, clock=clock) as batch:
        report = await batch.upload(rows(3))
        assert (report.published, report.unknown, report.open) == (1, 2, 0)
        assert not report.is_complete
        assert line.counts[CREATE] == 1
        assert (await batch.status()).unknown == 2
        assert (await batch.upload(rows(3))).unknown == 2
        report = await batch.upload(rows(3), resend_unknown=True)
        assert (report.published, report.found, report.unknown) == (2, 1, 0)
    assert urls(await hits_of(mturk)) == once_each(3)


async def test_what_is_still_listed_after_a_hundred_days_is_not_sent_again(
    market: Marketplace, mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """A row whose HIT is on the service is found, however long it was open; even the explicit word sends it not."""
    await left_open(mturk, line, file, clock, lost(CREATE), 2)
    await turn(market, clock, hours=101 * 24)
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(2), resend_unknown=True)
    assert urls(await hits_of(mturk)) == once_each(2)


async def test_the_list_lags(market: Marketplace, mturk: Client, file: str, clock: JumpingClock) -> None:
    """A new ledger that looks while the newest HITs are not listed yet publishes none a second time."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(2))
    market.faults = Faults(lag=60)
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(4))
    async with batch_of(mturk, f"{file}.2", clock=clock) as batch:
        report = await batch.upload(rows(4))
        assert report.is_complete
    market.faults = None
    assert urls(await hits_of(mturk)) == once_each(4)


# What stops an upload.


async def test_without_funds_it_stops_and_goes_on_after_a_deposit(file: str) -> None:
    """No funds concern all rows: nothing more is sent, how to go on is said, and after a deposit it is finished."""
    cost = guess_age().cost().total
    async with Marketplace(balance=cost * 3) as market, market.client() as mturk:
        async with batch_of(mturk, file) as batch:
            with pytest.raises(InsufficientFunds) as stopped:
                await batch.upload(rows(100))
            assert len(await hits_of(mturk)) == 3
            assert mturk.statistics.calls < 60
            [note] = [note for note in stopped.value.__notes__ if "Run the same program again" in note]
            assert f"3 rows of {NAME} are published" in note
            assert file in note
            await market.add_money(cost * 97)
            report = await batch.upload(rows(100))
            assert (report.published, report.found, report.is_complete) == (97, 3, True)
        assert urls(await hits_of(mturk)) == once_each(100)
        assert (await mturk.get_account_balance()).available_balance == 0


async def test_a_service_that_is_not_reached_any_more_stops_it(mturk: Client, line: Line, file: str) -> None:
    """When call after call does not get through, the upload ends with how to go on, long before all rows were tried."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        line.clear()
        line.disturb = lambda operation: Trouble.REFUSED
        with pytest.raises(ConnectFailed) as stopped:
            await batch.upload(rows(500))
        assert line.counts[CREATE] < 60
        assert any("Run the same program again" in note for note in stopped.value.__notes__)
        line.clear()
        report = await batch.upload(rows(500))
        assert (report.published, report.found) == (499, 1)
    assert urls(await hits_of(mturk)) == once_each(500)


async def test_a_broken_line_while_looking_tells_how_to_go_on(mturk: Client, line: Line, file: str) -> None:
    """Also when the walk through the HITs at the beginning fails, it is said how to go on."""
    line.disturb = before("ListHITs")
    async with batch_of(mturk, file) as batch:
        with pytest.raises(TransportError) as stopped:
            await batch.upload(rows(3))
        assert any("Run the same program again" in note for note in getattr(stopped.value, "__notes__", []))


async def test_rows_that_break_off(mturk: Client, file: str) -> None:
    """An error of whoever makes the rows is theirs; what was begun is finished and written down."""

    def made() -> Any:
        yield from rows(5)
        raise LookupError("no more")

    async with batch_of(mturk, file) as batch:
        with pytest.raises(LookupError, match="no more"):
            await batch.upload(made())
        report = await batch.upload(rows(7))
        assert report.is_complete
    assert urls(await hits_of(mturk)) == once_each(7)


async def test_a_source_that_is_left_is_closed(mturk: Client, file: str) -> None:
    """An asynchronous generator of rows is closed when the upload stops early."""
    ended = False

    async def endless() -> AsyncGenerator[dict[str, str], None]:
        nonlocal ended
        try:
            number = 0
            while True:
                yield {"url": str(number)}
                number += 1
        finally:
            ended = True

    async with batch_of(mturk, file, budget=guess_age().cost().total * 10) as batch:
        with pytest.raises(Exception, match="may cost"):
            await batch.upload(endless())
    assert ended


# Ctrl-C.


async def test_interrupted_it_finishes_what_is_under_way(
    market: Marketplace, line: Line, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Ctrl-C sends nothing new; what is under way is written down, and the line tells how much there is."""
    caplog.set_level(logging.INFO, "aioturk.batch")
    async with market.client(transport=line) as mturk, batch_of(mturk, file) as batch:
        uploading = asyncio.create_task(batch.upload(rows(2000)))
        await until(lambda: line.counts[CREATE] >= 30)
        uploading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await uploading
        sent = line.counts[CREATE]
        assert sent < 1000
        hits = await hits_of(mturk)
        assert len(hits) == sent
        assert (await batch.status(refresh=False)).published == sent
        assert f"Stopped: {sent} rows of {NAME} are published" in caplog.text
        assert file in caplog.text
        report = await batch.upload(rows(200))
        assert report.is_complete
        assert set(urls(await hits_of(mturk))) >= set(once_each(200))


async def test_the_line_is_printed(market: Marketplace, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless progress is turned off, the line goes where people see it."""
    seen = asyncio.Event()

    def watch(progress: Progress) -> None:
        seen.set()

    async with market.client() as mturk, batch_of(mturk, file, progress=watch) as batch:
        uploading = asyncio.create_task(batch.upload(rows(5000)))
        await seen.wait()
        uploading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await uploading
    assert "Run the same program again to go on" in capsys.readouterr().err


async def test_interrupted_at_every_request(market: Marketplace, file: str) -> None:
    """Wherever Ctrl-C strikes: nothing stays in hand, and the same batch goes on and publishes each row once."""
    number = 0
    while True:
        name = f"batch {number}"
        line = Line()
        async with market.client(transport=line) as mturk, batch_of(mturk, file, name=name) as batch:
            uploading: asyncio.Task[Any] = asyncio.create_task(batch.upload(rows(4)))
            await until(partial(_sent, line, number, uploading))
            interrupted = not uploading.done()
            uploading.cancel()
            await asyncio.gather(uploading, return_exceptions=True)
            assert (await batch.upload(rows(4))).is_complete
            assert performed(file, "SELECT count(*) FROM holder")[0][0] == 0
            assert urls(await hits_of(mturk, name)) == once_each(4)
        if not interrupted:
            break
        number += 1
    assert number > 5


def _sent(line: Line, number: int, uploading: asyncio.Task[Any]) -> bool:
    """Whether so many requests were begun, or there will be no more."""
    return len(line.calls) > number or uploading.done()


# The ledger is the right one.


async def test_a_ledger_belongs_to_one_environment(mturk: Client, ledger: str) -> None:
    """A ledger that was used with one marketplace is refused with another, before anything is sent there."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(1))
    line = Line()
    async with Marketplace() as elsewhere, elsewhere.client(transport=line) as other:
        async with batch_of(other, ledger) as batch:
            for act in (batch.upload(rows(1)), batch.status(), batch.stop()):
                with pytest.raises(ConfigurationError, match="belongs to"):
                    await act
    assert set(line.counts) == {"GetAccountBalance"}


async def test_a_plan_needs_the_right_ledger(mturk: Client, file: str) -> None:
    """A plan from a ledger of another place would call rows published that are not."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
    async with Marketplace() as elsewhere, elsewhere.client() as other:
        await other.get_account_balance()
        async with batch_of(other, file) as batch:
            with pytest.raises(ConfigurationError, match="belongs to"):
                await batch.plan(rows(1))


async def test_memory_is_for_what_is_under_way(mturk: Client, file: str) -> None:
    """Rows are asked for as places become free: a source is never read far ahead of what was sent."""
    line = mturk._connection.transport
    assert isinstance(line, Line)
    furthest = 0

    def made() -> Any:
        nonlocal furthest
        for number, row in enumerate(rows(900)):
            furthest = max(furthest, number - line.counts[CREATE])
            yield row

    async with batch_of(mturk, file) as batch:
        assert (await batch.upload(made())).published == 900
    assert furthest < 500


@pytest.mark.parametrize("changed", [False, True])
async def test_memory_is_not_for_rows_of_others(
    market: Marketplace, mturk: Client, file: str, monkeypatch: pytest.MonkeyPatch, *, changed: bool
) -> None:
    """Neither rows that another uploader has in hand nor rows that are published otherwise are kept until the end."""
    kept = []
    winding_up = Run._wind_up

    async def wind_up(run: Run) -> None:
        await winding_up(run)
        assert isinstance(run._work, Publishing)
        kept.append(len(run._work._prepared) + len(run._other) + len(run._postponed))

    monkeypatch.setattr(Run, "_wind_up", wind_up)
    async with market.client() as second, batch_of(mturk, file) as batch, batch_of(second, file) as other:
        if changed:
            await batch.upload(rows(600))
            async with batch_of(mturk, file, task=guess_age(reward="0.06")) as dearer:
                assert (await dearer.upload(rows(600))).problem_count == 600
        else:
            await asyncio.gather(batch.upload(rows(600)), other.upload(rows(600)))
    assert kept == [0, 0]


async def test_progress_is_told(mturk: Client, file: str) -> None:
    """A function gets the counts, at the end those of all rows."""
    told: list[Progress] = []
    async with batch_of(mturk, file, progress=told.append) as batch:
        await batch.upload(rows(20))
    assert told[-1].ended
    assert (told[-1].what, told[-1].done) == ("publishing", 20)


async def test_what_a_program_is_told(mturk: Client, file: str) -> None:
    """A batch and its report say in words what they are, without secrets."""
    batch: Batch[Guess]
    async with batch_of(mturk, file) as batch:
        assert NAME in repr(batch)
        assert str(await batch.upload(rows(2))) == "2 rows, 2 published"
        assert str(await batch.upload(rows(2))) == "2 rows, 0 published, 2 published before"


async def test_what_plan_says_is_what_upload_does(mturk: Client, line: Line, file: str) -> None:
    """A plan sends nothing, knows what is published, and its numbers are those of the upload and the status."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        line.clear()
        plan = await batch.plan([*rows(6), {"uri": "wrong"}])
        assert not line.calls
        assert (plan.rows, plan.published, plan.hits, plan.assignments, plan.problem_count) == (7, 2, 4, 8, 1)
        reserved = (await batch.status()).reserved
        report = await batch.upload([*rows(6), {"uri": "wrong"}])
        assert (report.found, report.published, report.refused) == (2, 4, 1)
        assert (await batch.status()).reserved - reserved == plan.cost.total


async def test_hits_that_a_task_published_are_the_batchs(mturk: Client, file: str) -> None:
    """Rows that were published without a ledger, with the same names, are found by it."""
    task = guess_age()
    await task.publish(mturk, rows(1)[0], batch=NAME, key=rows(1)[0]["url"])
    async with batch_of(mturk, file, key="url") as batch:
        report = await batch.upload(rows(2))
    assert (report.found, report.published, report.problem_count) == (1, 1, 0)
    [first, *_] = [hit for hit in await hits_of(mturk) if annotation_of(hit) is not None]
    assert first.max_assignments == 2


async def test_a_service_that_is_not_understood_stops_the_upload(mturk: Client, line: Line, file: str) -> None:
    """When nothing but nonsense comes back, the rest of the rows is not sent after it."""
    inner = line._faulty._inner
    send = inner.send

    async def nonsense(request: Request, **options: Any) -> Response:
        response = await send(request, **options)
        is_create = dict(request.headers)["X-Amz-Target"].endswith(CREATE)
        return replace(response, body=b'{"HIT": 7}') if is_create else response

    inner.send = nonsense  # type: ignore[method-assign]
    async with batch_of(mturk, file) as batch:
        with pytest.raises(UnexpectedResponse):
            await batch.upload(rows(200))
        assert len(await hits_of(mturk)) < 100
        inner.send = send  # type: ignore[method-assign]
        report = await batch.upload(rows(200))
    assert report.is_complete
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(200)})


class Suspended(JumpingClock):
    """A clock whose monotonic side stands still while the computer sleeps, as Linux has it."""

    def __init__(self) -> None:
        super().__init__(time.time())
        self.asleep = 0.0

    def time(self) -> float:
        return super().time() + self.asleep


async def test_an_upload_that_was_cancelled_goes_on_in_the_same_program(
    mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """After a timeout, the same batch publishes the rest: nothing is thought to be in hand that is not."""
    running: asyncio.Task[Any]

    def cancel(operation: str) -> None:
        if operation == CREATE and line.counts[CREATE] == 3:
            running.cancel()

    async with batch_of(mturk, file, clock=clock) as batch:
        line.disturb = cancel
        running = asyncio.ensure_future(batch.upload(rows(60)))
        with suppress(asyncio.CancelledError):
            await running
        line.clear()
        in_hand = len(batch._desk.in_hand)
        report = await batch.upload(rows(60))
    assert in_hand == 0
    assert report.open == 0
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(60)})


async def test_a_row_that_may_have_been_published_is_not_refused_for_its_form(
    market: Marketplace, mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """
    Published, its answer lost, and then prepared anew with a page that does not fit it any more: the row may have its
    HIT, so it stays open, is found, and gets no second one.
    """
    async with batch_of(mturk, file, clock=clock) as batch:
        line.disturb = lost(CREATE)
        with suppress(TurkError):
            await batch.upload(rows(1))
    line.clear()
    # As after a kill: nobody looked yet, so the first look at the service was done, and the unit is open.
    performed(file, "UPDATE unit SET state = 'open', target = NULL, error = NULL, holder_id = NULL")
    performed(file, "DELETE FROM hit")
    changed = guess_age(question=HTMLTemplate(PAGE.replace("${url}", "${picture}")))
    async with batch_of(mturk, file, clock=clock, task=changed) as batch:
        await batch.upload([])
    assert performed(file, "SELECT state FROM unit") != [("refused",)]
    await worked(market)
    async with batch_of(mturk, file, clock=clock) as batch:
        delivered = await submissions_of(batch)
        await turn(market, clock, hours=25)
        await batch.upload(rows(1))
    assert len(await hits_of(mturk)) == 1
    assert len(delivered) == 2


async def test_a_refusal_after_a_restart_is_not_certain(
    market: Marketplace, mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """
    A bonus whose first attempt has paid it, and whose repeat by a later program is refused for a reason that says
    nothing of the first, is not taken for unpaid: a day later it is not paid again.
    """
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, _ = await submissions_of(batch)
        line.disturb = lost("SendBonus")
        with suppress(TurkError):
            await batch.bonus_once(one.assignment_id, "0.10", "Well done", key="first")
        line.clear()
        inner = line._faulty._inner
        send = inner.send

        async def under_review(request: Any, **options: Any) -> Any:
            if dict(request.headers)["X-Amz-Target"].endswith("SendBonus"):
                return error_reply("AccountUnderReview", "Your account is under review.")
            return await send(request, **options)

        inner.send = under_review  # type: ignore[method-assign]
        with suppress(TurkError):
            await batch.bonus_once(one.assignment_id, "0.10", "Well done", key="first")
        inner.send = send  # type: ignore[method-assign]
        await turn(market, clock, hours=25)
        await batch.bonus_once(one.assignment_id, "0.10", "Well done", key="first")
    paid = [bonus async for bonus in mturk.list_bonus_payments(assignment_id=one.assignment_id)]
    assert len(paid) == 1


async def test_a_laptop_that_sleeps_between_two_attempts_of_a_resumed_row(market: Marketplace, file: str) -> None:
    """
    A row whose HIT was made by an earlier program is not sent again when the computer sleeps for a day in the middle of
    the call that repeats it.
    """
    clock = Suspended()
    line = Line()
    async with market.client(transport=line, clock=clock, timeout=5) as mturk:
        async with batch_of(mturk.with_options(retries=False), file, clock=clock) as batch:
            line.disturb = lambda operation: (
                None
                if operation != CREATE
                else Trouble.RESET_AFTER
                if line.counts[CREATE] == 1
                else Trouble.RESET_BEFORE
            )
            await attempt(batch, rows(1))
        assert performed(file, "SELECT state FROM unit") == [("open",)]
        line.clear()

        def sleep(operation: str) -> Trouble | None:
            if operation == CREATE and line.counts[CREATE] == 1:
                clock.asleep += 25 * 3600
                return Trouble.THROTTLED
            return None

        line.disturb = sleep
        inner = line._faulty._inner
        send = inner.send

        async def later(request: Any, **options: Any) -> Any:
            if clock.asleep and not later.done:  # type: ignore[attr-defined]
                later.done = True  # type: ignore[attr-defined]
                await market.advance(timedelta(hours=25))
            return await send(request, **options)

        later.done = False  # type: ignore[attr-defined]
        inner.send = later  # type: ignore[method-assign]
        async with batch_of(mturk, file, clock=clock) as batch:
            await attempt(batch, rows(1))
        assert len(await hits_of(mturk)) == 1


async def test_two_ledgers_of_one_batch_do_not_publish_twice(
    market: Marketplace, mturk: Client, tmp_path: Path, clock: JumpingClock
) -> None:
    """Rows that were published through another ledger since this one looked last have their HITs."""
    first, second = str(tmp_path / "first.db"), str(tmp_path / "second.db")
    async with batch_of(mturk, first, clock=clock) as one, batch_of(mturk, second, clock=clock) as other:
        await other.upload(rows(1))
        await one.upload(rows(2))
        await turn(market, clock, hours=25)
        await other.upload(rows(2))
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(2)})
