"""Decisions and bonuses: each once, for the right worker, whatever happens to calls, clocks and programs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aioturk import RetryPolicy
from aioturk.batch import Batch, BatchSubmission, Bonus, Decision, approve, reject
from aioturk.batch.ledger import payments
from aioturk.batch.units import Kind, State, token_of
from aioturk.client import Client
from aioturk.errors import (
    AssignmentDoesNotExist,
    InsufficientFunds,
    InvalidAssignmentState,
    InvalidRequest,
    PaidOtherwise,
    TransportError,
    TurkError,
)
from aioturk.marketplace import Marketplace
from aioturk.models import AssignmentStatus
from aioturk.pricing import bonus as cost_of_bonus
from aioturk.testing import JumpingClock, Trouble, error_reply

from .batches import (
    LOST,
    Line,
    batch_of,
    before,
    hits_of,
    instead,
    lost,
    only_first,
    performed,
    planned_bonus,
    rerouted,
    submitted,
    turn,
    until,
    worked,
)
from .tasks import NAME, Guess, guess_age, rows

HASTY = RetryPolicy(first_wait=0.001, longest_wait=0.001)
TROUBLES = [Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.FAULT_AFTER, Trouble.UNREADABLE, Trouble.THROTTLED]
APPROVED, REJECTED, SUBMITTED = AssignmentStatus.APPROVED, AssignmentStatus.REJECTED, AssignmentStatus.SUBMITTED


async def status_of(mturk: Client, assignment_id: str) -> AssignmentStatus:
    """Ask the service what was decided."""
    return (await mturk.get_assignment(assignment_id)).assignment.assignment_status


async def paid(mturk: Client, assignment_id: str) -> Counter[tuple[Decimal, str | None]]:
    """Ask the service what was paid on top."""
    found = Counter[tuple[Decimal, str | None]]()
    async for payment in mturk.list_bonus_payments(assignment_id=assignment_id):
        found[payment.bonus_amount, payment.reason] += 1
    return found


# One at a time.


async def test_approving_is_done_once(mturk: Client, market: Marketplace, line: Line, ledger: str) -> None:
    """The second approval through the batch sends nothing, also from another program; feedback reaches the worker."""
    async with batch_of(mturk, ledger) as batch:
        [one, *_] = await submitted(batch, market)
        await one.approve("Thanks!")
        line.clear()
        await one.approve()
        await batch.approve(one.assignment_id)
    async with batch_of(mturk, ledger) as batch:
        await batch.approve(one.assignment_id)
    assert line.counts["ApproveAssignment"] == 0
    found = (await mturk.get_assignment(one.assignment_id)).assignment
    assert (found.assignment_status, found.requester_feedback) == (APPROVED, "Thanks!")


async def test_what_others_approved_is_success(mturk: Client, market: Marketplace, file: str) -> None:
    """What was decided the same way elsewhere counts as done; the other way is an error, and stays as it is."""
    async with batch_of(mturk, file) as batch:
        one, two, three = await submitted(batch, market)
        await mturk.approve_assignment(one.assignment_id)
        await mturk.reject_assignment(two.assignment_id, requester_feedback="No.")
        await mturk.approve_assignment(three.assignment_id)
        await one.approve()
        await two.reject("No.")
        with pytest.raises(InvalidAssignmentState):
            await two.approve()
        with pytest.raises(InvalidAssignmentState):
            await three.reject("No.")
        status = await batch.status()
    assert (status.approved, status.rejected) == (2, 1)


async def test_a_rejection_can_be_undone_within_thirty_days(
    mturk: Client, market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """Approving after all needs the word for it, is done once, and is possible for thirty days."""
    async with batch_of(mturk, file, clock=clock) as batch:
        one, two, _ = await submitted(batch, market)
        await one.reject("No.")
        await two.reject("No.")
        with pytest.raises(InvalidAssignmentState):
            await one.approve()
        assert await status_of(mturk, one.assignment_id) is REJECTED
        await turn(market, clock, hours=29 * 24)
        await one.approve("After all", override_rejection=True)
        await one.approve("After all", override_rejection=True)
        assert await status_of(mturk, one.assignment_id) is APPROVED
        assert (await batch.status()).approved == 1
        await turn(market, clock, hours=2 * 24)
        with pytest.raises(TurkError):
            await two.approve(override_rejection=True)
        status = await batch.status()
        assert (status.approved, status.rejected) == (2, 1)  # the third was approved in time


async def test_a_rejection_that_was_undone_is_not_there_any_more(mturk: Client, market: Marketplace, file: str) -> None:
    """Rejecting again what was approved after all is no success: the worker was paid."""
    async with batch_of(mturk, file) as batch:
        [one, *_] = await submitted(batch, market)
        await one.reject("No.")
        await one.approve(override_rejection=True)
        with pytest.raises(TurkError):
            await one.reject("No.")
        assert await status_of(mturk, one.assignment_id) is APPROVED


async def test_a_rejection_says_why(mturk: Client, market: Marketplace, line: Line, file: str) -> None:
    """Without a reason nothing is sent."""
    async with batch_of(mturk, file) as batch:
        [one, *_] = await submitted(batch, market)
        line.clear()
        for nothing in ("", "  "):
            with pytest.raises(InvalidRequest, match="say why"):
                await one.reject(nothing)
        with pytest.raises(InvalidRequest, match="what the bonus is for"):
            await one.bonus("0.10", " ")
        with pytest.raises(InvalidRequest, match="zero"):
            await one.bonus("0", "Nothing")
    assert line.calls == []


async def test_assignments_of_others_are_refused(mturk: Client, market: Marketplace, file: str) -> None:
    """What is of another batch or of none is neither decided nor paid through this one; what does not exist raises."""
    async with batch_of(mturk, file, name="another") as other:
        [theirs, *_] = await submitted(other, market)
    async with batch_of(mturk, file) as batch:
        await submitted(batch, market)
        for act in (
            batch.approve(theirs.assignment_id),
            batch.reject(theirs.assignment_id, "No."),
            batch.bonus(theirs.assignment_id, "1.00", "Well done"),
            batch.bonus_once(theirs.assignment_id, "1.00", "Well done", key="a"),
        ):
            with pytest.raises(InvalidRequest, match="batch"):
                await act
        with pytest.raises(AssignmentDoesNotExist):
            await batch.approve("3NOTHING")
        tally = await batch.bonus_all([Bonus(theirs.assignment_id, "1.00", "Well done")])
        assert (tally.done, tally.refused, tally.problem_count) == (0, 1, 1)
    assert await status_of(mturk, theirs.assignment_id) is SUBMITTED
    assert await paid(mturk, theirs.assignment_id) == Counter()


async def test_work_that_was_not_read_yet(mturk: Client, market: Marketplace, file: str) -> None:
    """An assignment that the ledger does not know is asked for: it is approved and paid if it is of this batch."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [hit] = [hit async for hit in mturk.list_hits()]
        [one] = [one async for one in mturk.list_assignments_for_hit(hit.hit_id)]
        await batch.bonus(one.assignment_id, "0.10", "Fast", worker_id=one.worker_id)
        await batch.approve(one.assignment_id)
        status = await batch.status()
    assert status.approved == 1
    assert (await paid(mturk, one.assignment_id)).total() == 1


# Bonuses.


async def test_a_bonus_is_paid_once(mturk: Client, market: Marketplace, ledger: str) -> None:
    """One of the same amount and reason is the same; another amount, reason or key is another one."""
    async with batch_of(mturk, ledger) as batch:
        [one, *_] = await submitted(batch, market)
        for _ in range(2):
            await one.bonus("0.10", "Fast")
            await one.bonus(Decimal("0.1"), "Fast")
            await one.bonus("0.10", "Careful")
            await one.bonus("0.20", "Fast")
            await one.bonus("0.10", "Fast", key="second")
            await batch.bonus_once(one.assignment_id, "0.10", "Fast", key="second")
            await batch.bonus_once(one.assignment_id, "0.10", "Fast", key="third")
    async with batch_of(mturk, ledger) as batch:
        await batch.bonus_once(one.assignment_id, "0.10", "Fast", key="third")
        await batch.bonus(one.assignment_id, "0.10", "Fast")
    assert await paid(mturk, one.assignment_id) == Counter(
        {(Decimal("0.10"), "Fast"): 3, (Decimal("0.10"), "Careful"): 1, (Decimal("0.20"), "Fast"): 1}
    )


async def test_a_bonus_of_a_key_is_one(mturk: Client, market: Marketplace, file: str) -> None:
    """The same key with another amount is refused, and says what was paid."""
    async with batch_of(mturk, file) as batch:
        [one, *_] = await submitted(batch, market)
        await batch.bonus_once(one.assignment_id, "0.10", "Fast", key="a")
        with pytest.raises(PaidOtherwise, match=r"\$0\.10"):
            await batch.bonus_once(one.assignment_id, "0.30", "Fast", key="a")
    assert (await paid(mturk, one.assignment_id)).total() == 1


async def test_bonuses_go_to_the_worker_of_the_assignment(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """Another worker is refused before money moves, one by one and among many."""
    async with batch_of(mturk, file) as batch:
        one, two, _ = await submitted(batch, market)
        line.clear()
        with pytest.raises(InvalidRequest, match=f"work of {one.worker_id}"):
            await batch.bonus(one.assignment_id, "1.00", "Fast", worker_id="A1SOMEBODYELSE")
        tally = await batch.bonus_all(
            [
                Bonus(one.assignment_id, "1.00", "Fast", "A1SOMEBODYELSE"),
                Bonus("3NOTHING", "1.00", "Fast"),
                Bonus(two.assignment_id, "nothing", "Fast"),
                Bonus(two.assignment_id, "1.00", "Fast", two.worker_id),
            ]
        )
    assert (tally.done, tally.refused, tally.problem_count) == (1, 3, 3)
    assert line.counts["SendBonus"] == 1
    assert await paid(mturk, one.assignment_id) == Counter()


async def test_a_token_of_ones_own_is_refused(mturk: Client, market: Marketplace, file: str) -> None:
    """A batch makes its tokens itself; a key does what a token was to do."""
    async with batch_of(mturk, file) as batch:
        [one, *_] = await submitted(batch, market)
        with pytest.raises(InvalidRequest, match="key"):
            await one.bonus("0.10", "Fast", unique_request_token="mine")


async def test_a_bonus_has_one_token(mturk: Client, market: Marketplace, line: Line, file: str) -> None:
    """Every attempt carries the token that is made of batch, assignment and key."""
    async with batch_of(mturk, file) as batch:
        [one, *_] = await submitted(batch, market)
        line.disturb = lost("SendBonus")
        for _ in range(3):
            with pytest.raises(TransportError):
                await batch.bonus_once(one.assignment_id, "0.10", "Fast", key="a")
        line.disturb = lambda operation: None
        await batch.bonus_once(one.assignment_id, "0.10", "Fast", key="a")
    sent = Counter(document["UniqueRequestToken"] for document in line.documents("SendBonus"))
    assert sent == {token_of(Kind.BONUS, NAME, f"{one.assignment_id} = a"): 4}
    assert (await paid(mturk, one.assignment_id)).total() == 1


@pytest.mark.parametrize("hours", [1, 19.9, 25, 24 * 50])
@pytest.mark.parametrize("disturb", [lost, before], ids=["arrived", "never arrived"])
async def test_a_bonus_of_which_nothing_was_heard(
    mturk: Client,
    market: Marketplace,
    line: Line,
    file: str,
    clock: JumpingClock,
    hours: float,
    disturb: Callable[..., Any],
) -> None:
    """For twenty hours it is sent again with its token; later it is looked for. Either way it is paid once."""
    async with batch_of(mturk, file, clock=clock) as batch:
        [one, *_] = await submitted(batch, market)
        line.disturb = disturb("SendBonus")
        with pytest.raises(TransportError) as trouble:
            await one.bonus("0.10", "Fast")
        assert trouble.value.ambiguous
    line.clear()
    await turn(market, clock, hours=hours)
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.bonus(one.assignment_id, "0.10", "Fast")
    assert line.counts["SendBonus"] == (1 if hours < 20 or disturb is before else 0)
    assert await paid(mturk, one.assignment_id) == Counter({(Decimal("0.10"), "Fast"): 1})


@pytest.mark.parametrize("arrived", [0, 1, 2, 3])
async def test_equal_bonuses_are_counted(
    mturk: Client, market: Marketplace, line: Line, ledger: str, clock: JumpingClock, arrived: int
) -> None:
    """Of three bonuses that look the same, as many are paid after a day as have not arrived."""
    async with batch_of(mturk, ledger, clock=clock) as batch:
        [one, *_] = await submitted(batch, market)
        left = [LOST] * arrived + [Trouble.RESET_BEFORE] * (3 - arrived)
        line.disturb = lambda operation: left.pop(0) if operation == "SendBonus" else None
        for key in "abc":
            with pytest.raises(TransportError):
                await batch.bonus_once(one.assignment_id, "0.10", "Fast", key=key)
    line.clear()
    await turn(market, clock, hours=25)
    async with batch_of(mturk, ledger, clock=clock) as batch:
        tally = await batch.bonus_all(Bonus(one.assignment_id, "0.10", "Fast", key=key) for key in "abc")
        assert (tally.done, tally.found, tally.open) == (3, 0, 0)
    assert line.counts["SendBonus"] == 3 - arrived
    assert (await paid(mturk, one.assignment_id)).total() == 3


async def test_what_somebody_else_paid_is_not_taken_for_ours_within_the_day(
    mturk: Client, market: Marketplace, file: str
) -> None:
    """An equal bonus that a plain client paid is another one: ours is paid, too."""
    async with batch_of(mturk, file) as batch:
        [one, *_] = await submitted(batch, market)
        await mturk.send_bonus(
            worker_id=one.worker_id, assignment_id=one.assignment_id, bonus_amount="0.10", reason="Fast"
        )
        await one.bonus("0.10", "Fast")
    assert (await paid(mturk, one.assignment_id)).total() == 2


# Troubles.


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_each_trouble_at_each_call(market: Marketplace, file: str, trouble: Trouble) -> None:
    """Whatever happens to whichever request of a review: done again, all is decided and paid once."""
    number, sent = 0, 1
    task = guess_age(max_assignments=1)
    while number <= sent:
        line = Line()
        name = f"batch {number}"
        async with market.client(retries=False, transport=line) as mturk:
            async with batch_of(mturk, file, name=name, task=task) as batch:
                one, two = await submitted(batch, market, 2)
                line.clear()
                line.disturb = _at(number, trouble)
                for _ in range(2):
                    for act in (
                        partial(one.approve, "Good"),
                        partial(two.reject, "Bad"),
                        partial(one.bonus, "0.10", "Fast"),
                    ):
                        with suppress(TurkError):
                            await act()
                sent = len(line.calls)
                line.clear()
                assert (await batch.reconcile()).is_clean
            assert await status_of(mturk, one.assignment_id) is APPROVED
            assert await status_of(mturk, two.assignment_id) is REJECTED
            assert (await paid(mturk, one.assignment_id)).total() == 1
        number += 1


def _at(number: int, trouble: Trouble) -> Any:
    left = [number]

    def disturb(operation: str) -> Trouble | None:
        left[0] -= 1
        return trouble if left[0] == -1 else None

    return disturb


@pytest.mark.parametrize("operation", ["ApproveAssignment", "RejectAssignment"])
@pytest.mark.parametrize("hours", [0, 25])
async def test_a_decision_of_which_nothing_was_heard(
    mturk: Client, market: Marketplace, line: Line, file: str, clock: JumpingClock, operation: str, hours: int
) -> None:
    """It may have happened, says the error; asked for again, the assignment tells that it has."""
    async with batch_of(mturk, file, clock=clock) as batch:
        [one, *_] = await submitted(batch, market)

        async def decide() -> None:
            await (one.approve() if operation == "ApproveAssignment" else one.reject("No."))

        line.disturb = lost(operation)
        with pytest.raises(TransportError) as trouble:
            await decide()
        assert trouble.value.ambiguous
        line.clear()
        await turn(market, clock, hours=hours)
        await decide()
        status = await batch.status()
    assert status.approved + status.rejected == 1
    assert line.counts[operation] == (0 if hours else 1)


async def test_a_day_passes_in_the_middle_of_bonuses(
    mturk: Client, market: Marketplace, line: Line, ledger: str, clock: JumpingClock
) -> None:
    """With answers lost and the clocks turned by 25 hours between two portions, each bonus is paid once."""
    async with batch_of(mturk, ledger, clock=clock) as batch:
        found = await submitted(batch, market, 20, 2)
        calls = 0

        def disturb(operation: str) -> Trouble | None:
            nonlocal calls
            calls += operation == "SendBonus"
            return LOST if operation == "SendBonus" and calls % 3 == 0 else None

        async def coming() -> AsyncIterator[Bonus]:
            for _ in range(7):
                for one in found:
                    yield Bonus(one.assignment_id, "0.10", "Fast")
                    yield Bonus(one.assignment_id, "0.10", "Fast", key="again")
                await turn(market, clock, hours=25)

        line.disturb = disturb
        await batch.bonus_all(coming())
        line.clear()
        tally = await batch.bonus_all(Bonus(one.assignment_id, "0.10", "Fast") for one in found)
        assert tally.found == len(found)
        assert (await batch.reconcile()).is_clean
    for one in found:
        assert (await paid(mturk, one.assignment_id)).total() == 2


# Many.


@pytest.mark.parametrize(("hours", "waited"), [(0, 60), (1, 0)])
async def test_only_fresh_work_is_waited_for(
    mturk: Client, market: Marketplace, line: Line, file: str, clock: JumpingClock, hours: int, waited: int
) -> None:
    """A refusal to approve what was handed in just now is tried again for a minute; of older work it is believed."""
    refuse = instead(
        "ApproveAssignment", error_reply("AWS.MechanicalTurk.InvalidAssignmentState", "It cannot be approved.")
    )
    async with batch_of(mturk, file, clock=clock) as batch:
        [one] = await submitted(batch, market, 1)
        await turn(market, clock, hours=hours)
        clock.slept.clear()
        with rerouted(line, refuse), pytest.raises(InvalidAssignmentState):
            await one.approve()
    assert sum(clock.slept) == waited


async def test_approve_all(mturk: Client, market: Marketplace, ledger: str) -> None:
    """Everything that is undecided is approved, decided work stays, and a second time there is nothing to do."""
    async with batch_of(mturk, ledger) as batch:
        found = await submitted(batch, market, 15, 2)
        await found[0].reject("No.")
        tally = await batch.approve_all("Thanks!")
        assert (tally.done, tally.refused, tally.open) == (29, 0, 0)
        assert (await batch.approve_all()).done == 0
        status = await batch.status()
        assert (status.approved, status.rejected, status.submitted) == (29, 1, 0)
    decided = (await mturk.get_assignment(found[1].assignment_id)).assignment
    assert decided.requester_feedback == "Thanks!"


async def test_one_that_cannot_be_approved_does_not_stop_the_others(
    mturk: Client, market: Marketplace, file: str
) -> None:
    """What is rejected meanwhile behind the batch's back is reported, and the rest is approved."""
    async with batch_of(mturk, file) as batch:
        found = await submitted(batch, market, 4)

        async def judge(submission: BatchSubmission[Guess]) -> Decision:
            if submission.assignment_id == found[2].assignment_id:
                await mturk.reject_assignment(submission.assignment_id, requester_feedback="No.")
            return approve()

        tally = await batch.review(judge)
    assert (tally.done, tally.refused, tally.problem_count) == (3, 1, 1)
    assert tally.problems[0].key == found[2].assignment_id


async def test_review_with_a_function(mturk: Client, market: Marketplace, file: str) -> None:
    """It is shown what is undecided, decides or leaves it, and may take its time; bonuses come with approvals."""
    shown: list[BatchSubmission[Guess]] = []

    def judge(submission: BatchSubmission[Guess]) -> Decision | None:
        shown.append(submission)
        number = int(submission.key.removesuffix(".jpg").rpartition("/")[2])
        if number == 0:
            return approve("Good", bonus="0.10")
        if number == 1:
            return reject("Bad")
        if number == 2:
            return approve(bonus="0.20", reason="Fast")
        return None

    async def slowly(submission: BatchSubmission[Guess]) -> Decision | None:
        await asyncio.sleep(0)
        return approve()

    async with batch_of(mturk, file, key="url") as batch:
        await submitted(batch, market, 4)
        tally = await batch.review(judge)
        assert (tally.done, tally.refused) == (5, 0)
        assert len(shown) == 4
        assert all(one.answer == Guess(36) for one in shown)
        status = await batch.status()
        assert (status.approved, status.rejected, status.submitted) == (2, 1, 1)
        await batch.review(slowly)
        assert (await batch.status()).submitted == 0
    by_key = {one.key: one.assignment_id for one in shown}
    assert await paid(mturk, by_key["https://example.org/0.jpg"]) == Counter({(Decimal("0.10"), "Good"): 1})
    assert await paid(mturk, by_key["https://example.org/2.jpg"]) == Counter({(Decimal("0.20"), "Fast"): 1})
    with pytest.raises(InvalidRequest, match="what the bonus is for"):
        approve(bonus="0.10")


@pytest.mark.parametrize("how", ["fails", "no decision", "cancelled"])
async def test_what_was_decided_before_a_judge_failed(mturk: Client, market: Marketplace, file: str, how: str) -> None:
    """The decisions that a judge made before it failed, or was broken off, are carried out, and its error is raised."""
    judged = 0
    running: asyncio.Task[Any] | None = None

    async def judge(submission: BatchSubmission[Guess]) -> Any:
        nonlocal judged
        judged += 1
        if judged < 8:
            return approve("Good", bonus="0.10")
        if how == "no decision":
            return "yes"
        if how == "fails":
            raise RuntimeError("a typo")
        assert running is not None
        running.cancel()
        return await asyncio.sleep(3600)

    expected = {"fails": RuntimeError, "no decision": InvalidRequest, "cancelled": asyncio.CancelledError}
    async with batch_of(mturk, file) as batch:
        await submitted(batch, market, 10)
        running = asyncio.create_task(batch.review(judge))
        with pytest.raises(expected[how]):
            await running
        status = await batch.status()
        assert (status.approved, status.submitted) == (7, 3)
        assert performed(file, "SELECT count(*) FROM unit WHERE kind = 'bonus' AND state = 'done'") == [(7,)]


async def test_a_bad_decision_stops_no_others(mturk: Client, market: Marketplace, file: str) -> None:
    """A decision that cannot be made is the problem of its submission, which stays undecided."""
    bad: list[Callable[[], Decision]] = [
        lambda: reject(""),
        lambda: reject(" "),
        lambda: Decision(False),
        lambda: Decision(False, "No.", bonus="0.10"),
        lambda: approve("\ud800"),
        lambda: approve("Good", bonus="0.001"),
        lambda: approve("Good", bonus="lots"),
        lambda: approve(bonus="0.10"),
        lambda: approve("Good", bonus="0.10", reason=" "),
        lambda: approve("Good", bonus="0.10", reason="\0"),
    ]
    async with batch_of(mturk, file) as batch:
        given = await submitted(batch, market, len(bad) + 1)
        decisions = dict(zip([one.assignment_id for one in given], [*bad, approve], strict=True))
        tally = await batch.review(lambda submission: decisions[submission.assignment_id]())
        assert (tally.done, tally.refused, tally.problem_count) == (1, len(bad), len(bad))
        assert {problem.key for problem in tally.problems} == {one.assignment_id for one in given[:-1]}
        assert (await batch.status()).submitted == len(bad)


async def test_a_review_that_is_stopped_between_approving_and_paying(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """A bonus that was decided on is paid by the next review, though its assignment is approved by then."""
    async with batch_of(mturk, file) as batch:
        [one, *_] = await submitted(batch, market, 1)
        line.clear()

        async def interrupted() -> None:
            await batch.review(lambda submission: approve("Good", bonus="0.10"))

        reviewing = asyncio.create_task(interrupted())
        await until(lambda: line.counts["ApproveAssignment"] or line.counts["SendBonus"])
        reviewing.cancel()
        await asyncio.gather(reviewing, return_exceptions=True)
        for _ in range(2):
            await batch.review(lambda submission: approve("Good", bonus="0.10"))
    assert await status_of(mturk, one.assignment_id) is APPROVED
    assert (await paid(mturk, one.assignment_id)).total() == 1


async def test_review_with_a_file(mturk: Client, market: Marketplace, file: str, tmp_path: Path) -> None:
    """An exported file that was filled in decides; one of another batch, or with a mistake, decides nothing."""
    results = tmp_path / "results.csv"
    async with batch_of(mturk, file) as batch:
        found = await submitted(batch, market, 3)
        await batch.export(results)
        lines = results.read_text(encoding="utf-8-sig").splitlines()
        assert lines[0].endswith('"Approve","Reject"') or lines[0].endswith("Approve,Reject")
        filled = [lines[0], _marked(lines[1], "X", ""), _marked(lines[2], "", "Not an age."), lines[3]]
        results.write_text("\n".join(filled))
        async with batch_of(mturk, file, name="another") as other:
            with pytest.raises(InvalidRequest):
                await other.review(results)
        wrong = tmp_path / "wrong.csv"
        wrong.write_text("\n".join([lines[0], _marked(lines[1], "X", ""), _marked(lines[2], "X", "Both.")]))
        with pytest.raises(InvalidRequest, match="both"):
            await batch.review(wrong)
        status = await batch.status()
        assert status.submitted == 3
        tally = await batch.review(results)
        assert (tally.done, tally.refused) == (2, 0)
        again = await batch.review(results)
        assert (again.done, again.found) == (0, 2)
        status = await batch.status()
    assert (status.approved, status.rejected, status.submitted) == (1, 1, 1)
    assert {await status_of(mturk, one.assignment_id) for one in found} == {APPROVED, REJECTED, SUBMITTED}


def _marked(line: str, approved: str, rejected: str) -> str:
    """Fill in the last two cells of a line."""
    head, comma = line.rsplit(",", 2)[0], ","
    return f'{head}{comma}"{approved}"{comma}"{rejected}"'


async def test_bonuses_that_run_out_of_money_are_finished_after_a_deposit(file: str) -> None:
    """Without funds paying stops, with how to go on; after a deposit the rest is paid, and nothing twice."""
    work = guess_age(max_assignments=1)
    each = cost_of_bonus("0.50").total
    async with Marketplace(balance=work.cost().total * 10 + each * 4) as market, market.client() as mturk:
        async with batch_of(mturk, file, task=work) as batch:
            found = await submitted(batch, market, 10)
            bonuses = [Bonus(one.assignment_id, "0.50", "Fast") for one in found]
            with pytest.raises(InsufficientFunds) as stopped:
                await batch.bonus_all(bonuses)
            assert any("Run the same program again" in note for note in stopped.value.__notes__)
            await market.add_money(each * 6)
            tally = await batch.bonus_all(bonuses)
            assert tally.done + tally.found == 10
            assert tally.open == 0
            assert (await batch.status()).spent == each * 10
        assert (await mturk.get_account_balance()).available_balance == 0
        for one in found:
            assert (await paid(mturk, one.assignment_id)).total() == 1


async def test_two_that_pay_at_once(market: Marketplace, ledger: str) -> None:
    """Two programs that pay and approve the same pay once, whoever is first; nobody waits for ever."""
    async with market.client(retries=HASTY) as first, market.client(retries=HASTY) as second:
        async with batch_of(first, ledger) as one, batch_of(second, ledger) as other:
            found = await submitted(one, market, 10, 2)
            bonuses = [Bonus(each.assignment_id, "0.10", "Fast") for each in found]
            await asyncio.gather(
                one.bonus_all(bonuses), other.bonus_all(bonuses), one.approve_all(), other.approve_all()
            )
            await asyncio.gather(*(batch.bonus(found[0].assignment_id, "1.00", "Best") for batch in (one, other)))
            status = await one.status()
            assert (status.approved, status.submitted) == (20, 0)
            assert (await one.reconcile()).is_clean
        assert (await paid(first, found[0].assignment_id)).total() == 2
        for each in found[1:]:
            assert (await paid(first, each.assignment_id)).total() == 1


async def test_ctrl_c_in_the_middle_of_one_bonus(mturk: Client, market: Marketplace, line: Line, file: str) -> None:
    """Broken off between sending and hearing, a bonus is free to be asked for again, and is paid once."""
    async with batch_of(mturk, file) as batch:
        [one, *_] = await submitted(batch, market, 1)
        line.disturb = only_first("SendBonus", trouble=Trouble.CANCELLED_AFTER)
        with pytest.raises(asyncio.CancelledError):
            await one.bonus("0.10", "Fast")
        await one.bonus("0.10", "Fast")
    assert (await paid(mturk, one.assignment_id)).total() == 1


# Two reviewers of one batch.


@pytest.mark.parametrize("amount", ["0.10", "0.50"])
async def test_two_reviewers_pay_one_bonus(mturk: Client, market: Marketplace, ledger: str, amount: str) -> None:
    """Who decides later on what has a bonus by then pays no second one, and is told if it was another amount."""
    async with batch_of(mturk, ledger) as first, batch_of(mturk, ledger) as second:
        await first.upload(rows(1))
        await worked(market, 1)
        thinking = asyncio.Event()
        is_decided = asyncio.Event()

        async def slowly(submission: BatchSubmission[Guess]) -> Decision:
            thinking.set()
            await is_decided.wait()
            return approve(bonus=amount, reason="Very careful work")

        later = asyncio.create_task(second.review(slowly))
        await thinking.wait()
        tally = await first.review(lambda submission: approve(bonus="0.10", reason="Careful work"))
        is_decided.set()
        other = await later
        [hit] = await hits_of(mturk)
        assert [str(one.bonus_amount) async for one in mturk.list_bonus_payments(hit_id=hit.hit_id)] == ["0.10"]
        assert (tally.done, tally.problem_count, other.done, other.found) == (2, 0, 0, 2)
        assert [type(problem.error) for problem in other.problems] == ([] if amount == "0.10" else [PaidOtherwise])
        assert (await first.reconcile()).is_clean


async def test_the_approval_that_held_brings_its_bonus(mturk: Client, market: Marketplace, ledger: str) -> None:
    """What two approve at once with different bonuses gets the bonus of one of them, and the other is told."""
    both = asyncio.Barrier(2)

    async def review(batch: Batch[Guess], amount: str) -> Any:
        async def judge(submission: BatchSubmission[Guess]) -> Decision:
            await both.wait()
            return approve("Good", bonus=amount)

        return await batch.review(judge)

    async with batch_of(mturk, ledger) as first, batch_of(mturk, ledger) as second:
        [one] = await submitted(first, market, 1)
        tallies = await asyncio.gather(review(first, "1.00"), review(second, "0.50"))
        assert (await paid(mturk, one.assignment_id)).total() == 1
        assert [type(problem.error) for tally in tallies for problem in tally.problems] == [PaidOtherwise]


async def test_a_rejection_that_is_refused_takes_no_bonus_away(
    mturk: Client, market: Marketplace, line: Line, ledger: str
) -> None:
    """While one approves with a bonus, another rejects, and is refused: the bonus is paid."""
    async with market.client() as theirs, batch_of(mturk, ledger) as first, batch_of(theirs, ledger) as second:
        [one] = await submitted(first, market, 1)
        send = line._faulty.send
        thinking, is_approved = asyncio.Event(), asyncio.Event()

        async def slowly(submission: BatchSubmission[Guess]) -> Decision:
            thinking.set()
            await is_approved.wait()
            return reject("Bad")

        async def between(request: Any, **options: Any) -> Any:
            """Let the other one decide when the approval has arrived, and its answer is on the way."""
            answer = await send(request, **options)
            if dict(request.headers)["X-Amz-Target"].endswith("ApproveAssignment"):
                is_approved.set()
                await rejecting
            return answer

        rejecting = asyncio.create_task(second.review(slowly))
        await thinking.wait()
        line._faulty.send = between  # type: ignore[method-assign]
        tally = await first.review(lambda submission: approve(bonus="1.00", reason="Very good"))
        assert tally.done == 2
        assert [type(problem.error) for problem in (await rejecting).problems] == [InvalidAssignmentState]
        assert await status_of(mturk, one.assignment_id) is APPROVED
        assert await paid(mturk, one.assignment_id) == Counter({(Decimal("1.00"), "Very good"): 1})


async def test_a_bonus_of_a_decision_is_the_same_as_one_that_was_paid_alike(
    mturk: Client, market: Marketplace, file: str
) -> None:
    """The same amount and reason are the same bonus, whether it is decided on with an approval or paid by itself."""
    async with batch_of(mturk, file) as batch:
        one, two, three = await submitted(batch, market)
        await two.bonus("0.10", "Good")
        await batch.review(lambda submission: approve("Good", bonus="0.10"))
        await one.bonus("0.10", "Good")
        await batch.bonus_all(Bonus(each.assignment_id, "0.10", "Good") for each in (one, two, three))
        await three.bonus("0.10", "Good", key="another")
        await three.bonus("0.10", "Better")
        assert (await batch.reconcile()).is_clean
    assert [(await paid(mturk, each.assignment_id)).total() for each in (one, two, three)] == [1, 1, 3]


async def test_approving_anew_without_the_bonus(mturk: Client, market: Marketplace, ledger: str) -> None:
    """A bonus that was decided on by a program that died before it approved is given up by who approves without it."""
    async with batch_of(mturk, ledger) as batch:
        [one] = await submitted(batch, market, 1)
        before_it = (await batch.status()).reserved
        await planned_bonus(batch, one, "1.00")
        assert (await batch.status()).reserved == before_it + cost_of_bonus("1.00").total
        await batch.review(lambda submission: approve("Good"))
        assert (await batch.status()).reserved == before_it
        await batch.review(lambda submission: None)
        assert (await batch.reconcile()).is_clean
    assert (await paid(mturk, one.assignment_id)).total() == 0


async def test_a_bonus_that_is_planned_changes_until_the_approval_begins(
    mturk: Client, market: Marketplace, line: Line, ledger: str
) -> None:
    """After that, the approval that may have happened is with the bonus that was planned with it."""
    async with batch_of(mturk, ledger) as batch:
        [one] = await submitted(batch, market, 1)
        before_it = (await batch.status()).reserved
        for amount in ("1.00", "2.00"):
            await planned_bonus(batch, one, amount)
            assert (await batch.status()).reserved == before_it + cost_of_bonus(amount).total
        line.disturb = before("ApproveAssignment")
        with pytest.raises(TransportError):
            await one.approve()
        line.clear()
        await planned_bonus(batch, one, "3.00")
        await batch.review(lambda submission: None)
        assert (await batch.status()).reserved == before_it + cost_of_bonus("2.00").total
    assert await paid(mturk, one.assignment_id) == Counter({(Decimal("2.00"), "Good"): 1})


async def test_a_refusal_gives_up_what_was_planned_before_it(
    mturk: Client, market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """What was planned since belongs to a decision that nobody has carried out yet."""
    async with batch_of(mturk, file, clock=clock) as batch:
        one, two = await submitted(batch, market, 2)
        await planned_bonus(batch, one, "1.00")
        clock.advance(1)
        for each in (one, two):
            with pytest.raises(TurkError):
                await each.approve("x" * 5000)
        clock.advance(1)
        await planned_bonus(batch, two, "1.00")
        await batch.review(lambda submission: None)
        states = {
            row.target: row.state for row in performed(file, "SELECT target, state FROM unit WHERE kind = 'bonus'")
        }
    assert states == {one.assignment_id: State.REFUSED, two.assignment_id: State.PLANNED}


async def test_the_bonus_of_a_decision_is_paid_though_another_one_approved_without(
    mturk: Client, market: Marketplace, file: str
) -> None:
    """That the work is approved already is success, and so the bonus is paid that was decided on with it."""
    async with batch_of(mturk, file) as batch:
        [one] = await submitted(batch, market, 1)
        await planned_bonus(batch, one, "1.00")
        await batch.review(lambda submission: approve("Good"))
        tally = await batch._reviewer.decide([(one.assignment_id, approve("Good", bonus="1.00"))])
        assert (tally.done, tally.found) == (1, 1)
    assert (await paid(mturk, one.assignment_id)).total() == 1


async def test_a_bonus_that_is_due_is_not_written_off_by_who_cannot_pay_it(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """Without funds, who asks for the same bonus by itself is told so; it is paid by the next review all the same."""
    async with batch_of(mturk, file) as batch:
        [one] = await submitted(batch, market, 1)
        await planned_bonus(batch, one, "1.00")
        await one.approve("Good")
        refusal = error_reply("AWS.MechanicalTurk.InsufficientFunds", "This Requester has insufficient funds")
        with rerouted(line, instead("SendBonus", refusal)):
            with pytest.raises(InsufficientFunds) as refused:
                await one.bonus("1.00", "Good")
            assert "the next review" in "".join(refused.value.__notes__)
        await batch.review(lambda submission: None)
        assert (await batch.reconcile()).is_clean
    assert await paid(mturk, one.assignment_id) == Counter({(Decimal("1.00"), "Good"): 1})


# What was decided otherwise meanwhile.


async def test_a_file_does_not_reject_what_was_approved_after_all(
    mturk: Client, market: Marketplace, line: Line, file: str, tmp_path: Path
) -> None:
    """One at a time that is an error, and in a file a problem: neither is called done."""
    results = tmp_path / "results.csv"
    async with batch_of(mturk, file) as batch:
        one, two = await submitted(batch, market, 2)
        await one.reject("No.")
        await one.approve(override_rejection=True)
        line.clear()
        lines = ["AssignmentId,Approve,Reject", *(f"{each.assignment_id},,No." for each in (one, two))]
        results.write_text("\n".join(lines) + "\n")
        tally = await batch.review(results)
        assert (tally.done, tally.found, tally.refused) == (1, 0, 1)
        assert [problem.key for problem in tally.problems] == [one.assignment_id]
        assert isinstance(tally.problems[0].error, InvalidRequest)
        assert line.counts["RejectAssignment"] == 1
    assert await status_of(mturk, one.assignment_id) is APPROVED


async def bonuses(mturk: Client) -> list[Decimal]:
    """List what was paid for the one HIT there is."""
    [hit] = await hits_of(mturk)
    return [bonus.bonus_amount async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)]


async def test_a_planned_bonus_is_given_up_when_it_is_decided_otherwise(
    market: Marketplace, mturk: Client, ledger: str
) -> None:
    """When nothing was approved yet and the work is decided on anew, the newer decision counts, and what it costs."""
    async with batch_of(mturk, ledger) as batch:
        given = await submitted(batch, market, 1, 2)
        published = (await batch.status()).reserved
        ids = [one.assignment_id for one in given]
        for _ in range(2):
            for one, amount in zip(given, ("1.00", "2.00"), strict=True):
                assert await planned_bonus(batch, one, amount) == set()
        assert (await batch.status()).reserved == published + cost_of_bonus("3.00").total
        assert not (await batch.reconcile()).is_clean
        await batch.bonus_all([])  # nobody else takes planned bonuses up
        assert await bonuses(mturk) == []

        def judge(submission: Any) -> Decision:
            return approve("Good", bonus="0.50") if submission.assignment_id == ids[0] else reject("Bad")

        await batch.review(judge)
        status = await batch.status()
        assert (status.approved, status.rejected) == (1, 1)
        assert status.reserved == published + cost_of_bonus("0.50").total
        assert (await batch.reconcile()).is_clean
    assert await bonuses(mturk) == [Decimal("0.50")]


async def test_a_planned_bonus_of_what_was_approved_meanwhile(
    market: Marketplace, mturk: Client, file: str, clock: JumpingClock
) -> None:
    """A bonus that was planned, of work that time has approved, is paid by the next review, once."""
    async with batch_of(mturk, file) as batch:
        [one] = await submitted(batch, market, 1)
        await planned_bonus(batch, one, "1.00")
        await mturk.approve_assignment(one.assignment_id)
        for _ in range(2):
            await batch.review(lambda submission: None)
    assert await bonuses(mturk) == [Decimal("1.00")]


@pytest.mark.parametrize(
    ("paid", "fresh", "expected"), [(0, 1, False), (1, 1, None), (2, 1, True), (1, 0, True), (0, 0, False)]
)
async def test_whose_payment_it_is(
    market: Marketplace, mturk: Client, ledger: str, paid: int, fresh: int, expected: bool | None
) -> None:
    """While an equal bonus may be on the way, a single payment may be either's."""
    async with batch_of(mturk, ledger) as batch:
        [one] = await submitted(batch, market, 1)
        for key in ("stale", "other"):
            await batch.bonus_once(one.assignment_id, "0.10", "Fast", key=key)
        performed(ledger, "UPDATE unit SET state = 'open' WHERE kind = 'bonus'")
        old = "UPDATE unit SET first_attempt = 0 WHERE kind = 'bonus'"
        performed(ledger, old if not fresh else f"{old} AND key LIKE '%stale'")
        [[seq]] = performed(ledger, "SELECT seq FROM unit WHERE kind = 'bonus' AND key LIKE '%stale'")
        assert await batch._desk.perform(payments.take_for_paid(seq, paid, batch._desk.trusted())) is expected
        [[state]] = performed(ledger, "SELECT state FROM unit WHERE seq = :seq", seq=seq)
        assert state == ("done" if expected else "open")


async def test_a_bonus_left_open_is_not_paid_as_another_amount_without_a_word(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """A named bonus of a dollar, of which ten cents were left open, is not success when ten cents are paid."""
    async with batch_of(mturk, file) as batch:
        one, _ = await submitted(batch, market, 1, 2)
        line.disturb = before("SendBonus")
        with suppress(TurkError):
            await batch.bonus_once(one.assignment_id, "0.10", "Well done", key="first")
        line.clear()
        told = None
        try:
            await batch.bonus_once(one.assignment_id, "1.00", "Well done", key="first")
        except PaidOtherwise as error:
            told = error
        paid = [bonus.bonus_amount async for bonus in mturk.list_bonus_payments(assignment_id=one.assignment_id)]
        # Either what was asked for now, or what was left open, and then it is said.
        assert paid == [Decimal("1.00" if told is None else "0.10")]


async def test_a_review_that_was_broken_off_pays_its_bonuses(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """What is approved with a bonus gets the bonus, though the program ends between the two."""

    def judge(submission: object) -> Any:
        return approve("Good", bonus="0.10")

    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        running: asyncio.Task[Any]

        def cancel(operation: str) -> None:
            if operation == "ApproveAssignment":
                running.cancel()

        line.disturb = cancel
        running = asyncio.ensure_future(batch.review(judge))
        with suppress(asyncio.CancelledError):
            await running
    line.clear()
    async with batch_of(mturk, file) as batch:
        await batch.review(judge)
        status = await batch.status()
    [hit] = await hits_of(mturk)
    paid = [bonus async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)]
    assert (status.approved, len(paid)) == (2, 2)


async def test_no_bonus_for_what_could_not_be_approved(market: Marketplace, mturk: Client, file: str) -> None:
    """When an approval is refused, the bonus that was decided with it is not paid."""

    async def judge(submission: Any) -> Any:
        await mturk.reject_assignment(submission.assignment_id, requester_feedback="Somebody else decided.")
        return approve("Good", bonus="0.10")

    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        tally = await batch.review(judge)
    [hit] = await hits_of(mturk)
    assert tally.refused == 1
    assert [bonus async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)] == []


@pytest.mark.parametrize("decision", [True, "approve", {"approve": True}])
async def test_a_judge_that_returns_no_decision_is_refused(
    market: Marketplace, mturk: Client, file: str, decision: Any
) -> None:
    """What is no decision is wrong input, and said so."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        with pytest.raises(InvalidRequest):
            await batch.review(lambda submission: decision)


async def test_texts_that_no_ledger_can_hold(market: Marketplace, mturk: Client, ledger: str) -> None:
    """The character NUL, half characters and what is no text are refused everywhere, and one bad bonus alone."""
    bad: list[Any] = ["a\0b", "\ud800", 7, object()]
    async with batch_of(mturk, ledger) as batch:
        [one] = await submitted(batch, market, 1)
        for text in bad:
            for act in (
                batch.approve(text),
                batch.approve(one.assignment_id, text),
                batch.reject(text, "No."),
                batch.reject(one.assignment_id, text),
                batch.bonus(text, "0.10", "Fast"),
                batch.bonus(one.assignment_id, "0.10", text),
                batch.bonus(one.assignment_id, "0.10", "Fast", worker_id=text),
                batch.bonus_once(one.assignment_id, "0.10", "Fast", key=text),
            ):
                with pytest.raises(InvalidRequest) as refused:
                    await act
                assert refused.value.argument
            refused_one = await batch.review(lambda submission, text=text: Decision(True, text))  # type: ignore[misc]
            assert (refused_one.done, refused_one.refused) == (0, 1)
        given = [Bonus(text, "0.10", "Fast") for text in bad] + [Bonus(one.assignment_id, "0.10", "Fast")]
        tally = await batch.bonus_all(given)
        assert (tally.done, tally.refused) == (1, len(bad))
        for lifetime in (float("nan"), float("inf"), timedelta.max, 10**30):
            with pytest.raises(InvalidRequest):
                await batch.extend(lifetime=lifetime)  # type: ignore[arg-type]
        with pytest.raises(InvalidRequest):
            await batch.review(7)  # type: ignore[arg-type]


async def test_one_bad_bonus_does_not_stop_the_others(market: Marketplace, mturk: Client, file: str) -> None:
    """A bonus that cannot be paid is reported, and the others are paid."""
    async with batch_of(mturk, file) as batch:
        one, other = await submitted(batch, market, 1, 2)
        bad = Bonus("3NOSUCHASSIGNMENT00000000000000", "1.00", "Well done")
        good = [Bonus(each.assignment_id, "1.00", "Well done") for each in (one, other)]
        tally = None
        with suppress(TurkError):
            tally = await batch.bonus_all([good[0], bad, good[1]])
    assert tally is not None
    assert (tally.done, tally.refused) == (2, 1)


async def test_insufficient_funds_for_one_bonus_are_not_paid_by_the_next_call(file: str) -> None:
    """A bonus that certainly was not paid, and was said not to be, is not paid when others are."""
    async with Marketplace(balance="1.00") as market, market.client(retries=False) as mturk:
        async with batch_of(mturk, file) as batch:
            one, other = await submitted(batch, market, 1, 2)
            with pytest.raises(InsufficientFunds):
                await one.bonus("5.00", "For the best")
            await market.add_money("20.00")
            await batch.bonus_all([Bonus(other.assignment_id, "0.10", "Well done")])
        paid = [bonus.bonus_amount async for bonus in mturk.list_bonus_payments(hit_id=one.hit.hit_id)]
    assert paid == [Decimal("0.10")]
