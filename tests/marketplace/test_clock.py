"""The market's clock, and the order of what happens by itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aioturk.errors import InvalidRequest
from aioturk.marketplace import AMAZON, HOUSE, Marketplace

from .support import ANNA, BERT, Requester, StillClock, done


async def test_the_clock_is_real_by_default() -> None:
    """Without anything else the market's time is the computer's."""
    async with Marketplace() as market:
        assert abs(market.now() - datetime.now(UTC)) < timedelta(minutes=1)


async def test_advance_turns_the_clock(market: Marketplace) -> None:
    """The clock moves by exactly what is said."""
    before = market.now()
    await market.advance(timedelta(days=3, milliseconds=7))

    assert market.now() - before == timedelta(days=3, milliseconds=7)


async def test_the_clock_cannot_be_turned_back(market: Marketplace) -> None:
    """A negative time is refused."""
    with pytest.raises(InvalidRequest, match="ahead"):
        await market.advance(timedelta(seconds=-1))


async def test_the_market_never_goes_back_in_time() -> None:
    """When the computer's clock is set back, the market's stands still."""
    clock = StillClock()
    async with Marketplace(clock=clock) as market:
        before = market.now()
        clock.now -= 3600
        assert market.now() == before


async def test_signatures_are_judged_by_real_time(market: Marketplace, turk: Requester) -> None:
    """A caller whose clock is right is welcome, however far the market's was turned."""
    await market.advance(timedelta(days=10_000))

    assert await turk("GetAccountBalance")


async def test_things_happen_when_the_clock_gets_there_by_itself() -> None:
    """Real time does what `advance` does."""
    clock = StillClock()
    async with Marketplace(clock=clock) as market:
        turk = Requester(market)
        hit_id = (await turk.hit())["HITId"]
        clock.now += 3600
        assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"


async def test_a_change_starts_the_120_days_again(market: Marketplace, turk: Requester) -> None:
    """An extension, for one."""
    hit_id = (await turk.hit())["HITId"]
    await market.advance(timedelta(days=100))
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=market.now() + timedelta(hours=1))
    await market.advance(timedelta(days=119))
    assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"


async def test_the_house_keeps_everything() -> None:
    """Under the house's rules nothing is disposed of unasked."""
    async with Marketplace(rules=HOUSE, clock=StillClock()) as market:
        turk = Requester(market)
        hit_id = (await turk.hit())["HITId"]
        await market.advance(timedelta(days=5000))
        assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"


async def test_events_happen_in_order_and_each_at_its_time(market: Marketplace, turk: Requester) -> None:
    """One turn of the clock over abandonment, expiry, approval and disposal leaves what many small turns would."""
    members = {"MaxAssignments": 3, "AssignmentDurationInSeconds": 3000, "AutoApprovalDelayInSeconds": 86_400}
    hits = [(await turk.hit(**members))["HITId"] for _ in range(2)]
    for hit_id in hits:
        await done(market, hit_id, ANNA)
        await market.worker(BERT).accept(hit_id)
    start = market.now()
    await market.advance(timedelta(days=119))
    after = {hit_id: (await turk.get(hit_id), await turk.assignments(hit_id)) for hit_id in hits}

    for hit, assignments in after.values():
        assert hit["HITStatus"] == "Reviewable"
        assert [assignment["AssignmentStatus"] for assignment in assignments] == ["Approved"]
        assert assignments[0]["ApprovalTime"] == start + timedelta(days=1)
    movements = await market.ledger()
    times = [movement.at for movement in movements]
    assert times == sorted(times), "everything was written down in the order of its own time"
    await market.advance(timedelta(days=2))
    assert {(await turk.get(hit_id))["HITStatus"] for hit_id in hits} == {"Disposed"}


async def test_rules_may_change_between_two_runs(tmp_path: Path) -> None:
    """What was due under Amazon's rules does not happen under the house's."""
    path = tmp_path / "market.db"
    clock = StillClock()
    async with Marketplace(path, clock=clock) as market:
        hit_id = (await Requester(market).hit())["HITId"]
        await market.advance(timedelta(hours=2))
    clock.now += 200 * 86_400
    async with Marketplace(path, rules="house", clock=clock) as market:
        turk = Requester(market)
        assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"
    with closing(sqlite3.connect(path)) as connection:
        expiries = connection.execute("SELECT count(*) FROM audit WHERE what = 'HITExpired'").fetchone()
    assert expiries == (1,)


async def test_without_automatic_approval_work_waits() -> None:
    """An owner may switch automatic approval off."""
    async with Marketplace(rules=replace(HOUSE, auto_approval=False), clock=StillClock()) as market:
        turk = Requester(market)
        hit_id = (await turk.hit(AutoApprovalDelayInSeconds=0))["HITId"]
        await done(market, hit_id, ANNA)
        await market.advance(timedelta(days=400))
        assert (await turk.assignments(hit_id))[0]["AssignmentStatus"] == "Submitted"


def _events(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT what, subject FROM audit WHERE actor = 'clock' ORDER BY seq").fetchall()


async def test_an_abandonment_at_the_moment_of_expiry_hides_no_event(tmp_path: Path) -> None:
    """A deadline at the very expiry of the HIT: it was abandoned, the HIT expired and became Reviewable."""
    path = tmp_path / "market.db"
    async with Marketplace(path, clock=StillClock()) as market:
        hit_id = (await Requester(market).hit(AssignmentDurationInSeconds=3600))["HITId"]
        assignment_id = await market.worker(ANNA).accept(hit_id)
        await market.advance(timedelta(hours=1))
        assert await Requester(market).counts(hit_id) == ("Reviewable", 1, 0, 0)

    assert _events(path) == [("AssignmentAbandoned", assignment_id), ("HITExpired", hit_id), ("HITReviewable", hit_id)]


async def test_an_approval_at_the_moment_of_expiry_hides_no_event(tmp_path: Path) -> None:
    """An automatic approval at the very expiry of the HIT: the HIT expires nevertheless, and is Reviewable after it."""
    path = tmp_path / "market.db"
    async with Marketplace(path, clock=StillClock(), balance=10) as market:
        turk = Requester(market)
        hit_id = (await turk.hit(MaxAssignments=2, AutoApprovalDelayInSeconds=3600))["HITId"]
        (assignment_id,) = await done(market, hit_id, ANNA)
        await market.advance(timedelta(hours=1))
        assert await turk.counts(hit_id) == ("Reviewable", 1, 0, 1)
        assert "OnHoldBalance" not in await turk("GetAccountBalance")

    assert _events(path) == [("AssignmentApproved", assignment_id), ("HITExpired", hit_id), ("HITReviewable", hit_id)]


async def test_events_of_all_kinds_happen_in_the_order_of_their_times(tmp_path: Path) -> None:
    """The earlier comes first, whether it is a HIT's or an assignment's, and whichever was made first."""
    path = tmp_path / "market.db"
    async with Marketplace(path, clock=StillClock()) as market:
        turk = Requester(market)
        long, short, middle = [
            (await turk.hit(LifetimeInSeconds=seconds, AssignmentDurationInSeconds=seconds + 50))["HITId"]
            for seconds in (900, 300, 600)
        ]
        held = {hit_id: await market.worker(ANNA).accept(hit_id) for hit_id in (middle, long, short)}
        await market.advance(timedelta(hours=1))

    wanted = []
    for hit_id in (short, middle, long):
        wanted += [("HITExpired", hit_id), ("AssignmentAbandoned", held[hit_id]), ("HITReviewable", hit_id)]
    assert _events(path) == wanted


async def test_a_late_decision_does_not_dispose_of_the_hit_at_once(tmp_path: Path) -> None:
    """Work may wait longer than HITs are kept: the time to disposal then begins with the decision."""
    path = tmp_path / "market.db"
    rules = replace(AMAZON, auto_approval=False)
    async with Marketplace(path, rules=rules, clock=StillClock()) as market:
        turk = Requester(market)
        hit_id = (await turk.hit())["HITId"]
        (assignment_id,) = await done(market, hit_id, ANNA)
        start = int(market.now().timestamp() * 1000)
        await market.advance(timedelta(days=200))
        await turk("ApproveAssignment", AssignmentId=assignment_id)
        await market.advance(timedelta(days=119))
        assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"
        await market.advance(timedelta(days=1))
        assert (await turk.get(hit_id))["HITStatus"] == "Disposed"
    with closing(sqlite3.connect(path)) as connection:
        (at,) = connection.execute("SELECT at FROM audit WHERE what = 'HITDisposed'").fetchone()
    assert at - start == 320 * 86_400_000


@pytest.mark.parametrize("operation", ["ApproveAssignment", "RejectAssignment"])
async def test_a_decision_starts_the_120_days_again(market: Marketplace, turk: Requester, operation: str) -> None:
    """Work of day 0 that is decided on day 29 keeps its HIT until day 149, and no day longer."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await market.advance(timedelta(days=29))
    await turk(operation, AssignmentId=assignment_id, RequesterFeedback="-")
    await market.advance(timedelta(days=120) - timedelta(milliseconds=1))
    assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"
    await market.advance(timedelta(milliseconds=1))
    assert (await turk.get(hit_id))["HITStatus"] == "Disposed"


async def test_a_decision_after_all_is_one(market: Marketplace, turk: Requester) -> None:
    """Approving what was rejected starts the 120 days again, too, and so does an approval by time."""
    first, second = [(await turk.hit(AutoApprovalDelayInSeconds=10 * 86_400))["HITId"] for _ in range(2)]
    ((assignment_id,), _) = [await done(market, hit_id, ANNA) for hit_id in (first, second)]
    await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="-")
    await market.advance(timedelta(days=20))
    await turk("ApproveAssignment", AssignmentId=assignment_id, OverrideRejection=True)
    states = []
    for days in (110, 10):
        await market.advance(timedelta(days=days) - timedelta(milliseconds=1))
        states += [(await turk.get(hit_id))["HITStatus"] for hit_id in (first, second)]
        await market.advance(timedelta(milliseconds=1))
        states += [(await turk.get(hit_id))["HITStatus"] for hit_id in (first, second)]

    assert states == ["Reviewable"] * 3 + ["Disposed", "Reviewable", "Disposed"] + ["Disposed"] * 2
