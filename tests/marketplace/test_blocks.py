"""Blocking workers, and writing to them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from aioturk import errors
from aioturk.marketplace import AMAZON, Marketplace
from aioturk.marketplace.store.tables import audit

from .support import ANNA, BERT, CARA, DORA, PRODUCTION, Requester, done, post


async def test_a_block_shuts_every_door(market: Marketplace, turk: Requester) -> None:
    """A blocked worker neither finds, previews nor accepts; another requester's HITs stay open."""
    hit, anna = await turk.hit(), market.worker(ANNA)
    keys = await market.add_requester("other")
    other = Requester(access_key=keys.access_key, secret_key=keys.secret_key, url=market.url)
    theirs = await other.hit(Title="Theirs", MaxAssignments=2)
    await turk("CreateWorkerBlock", WorkerId=ANNA, Reason="Copied.")

    assert [group.title for group in await anna.find()] == ["Theirs"]
    for refused in (
        anna.preview(hit["HITId"]),
        anna.preview_from(hit["HITGroupId"]),
        anna.accept(hit["HITId"]),
        anna.accept_from(hit["HITGroupId"]),
    ):
        with pytest.raises(errors.PermissionDenied, match="has blocked you") as refusal:
            await refused
        assert "Copied." not in str(refusal.value)
    assert await anna.accept(theirs["HITId"])
    assert len(await market.worker(BERT).find()) == 2


async def test_what_was_accepted_before_a_block_goes_on(market: Marketplace, turk: Requester) -> None:
    """It can be submitted, approved and paid a bonus for."""
    hit_id = (await turk.hit())["HITId"]
    anna = market.worker(ANNA)
    assignment_id = await anna.accept(hit_id)
    await turk("CreateWorkerBlock", WorkerId=ANNA, Reason="-")
    await anna.submit(assignment_id, {"a": "b"})
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    await turk("SendBonus", WorkerId=ANNA, AssignmentId=assignment_id, BonusAmount="0.10", Reason="Sorry!")

    assert (await turk.counts(hit_id))[3] == 1


async def test_a_worker_is_told_of_a_block_without_its_reason(market: Marketplace, turk: Requester) -> None:
    """The message says whose HITs are closed; blocking again says nothing new."""
    for reason in ("Copied.", "Copied again."):
        await turk("CreateWorkerBlock", WorkerId=ANNA, Reason=reason)
    (told,) = await market.worker(ANNA).messages()

    assert (told.kind, told.requester_name) == ("block", "default")
    assert "Copied" not in told.text
    async with Marketplace(rules=replace(AMAZON, tell_blocked=False)) as silent:
        await Requester(silent)("CreateWorkerBlock", WorkerId=ANNA, Reason="-")
        assert await silent.worker(ANNA).messages() == []


async def test_blocks_are_listed_in_their_order(market: Marketplace, turk: Requester) -> None:
    """A second block of the same worker changes its reason, and not its place; pages end with an empty one."""
    for name, reason in ((ANNA, "a"), (BERT, "b"), (CARA, "c"), (ANNA, "d")):
        assert "WorkerBlocks" not in await turk("CreateWorkerBlock", WorkerId=name, Reason=reason)
    first = await turk("ListWorkerBlocks", MaxResults=2)
    second = await turk("ListWorkerBlocks", MaxResults=2, NextToken=first["NextToken"])
    last = await turk("ListWorkerBlocks", MaxResults=2, NextToken=second["NextToken"])

    assert first["WorkerBlocks"] == [{"WorkerId": ANNA, "Reason": "d"}, {"WorkerId": BERT, "Reason": "b"}]
    assert second["WorkerBlocks"] == [{"WorkerId": CARA, "Reason": "c"}]
    assert (first["NumResults"], second["NumResults"], last["NumResults"]) == (2, 1, 0)
    assert "NextToken" not in last
    await turk("DeleteWorkerBlock", WorkerId=BERT, Reason="Forgiven.")
    found = (await turk("ListWorkerBlocks"))["WorkerBlocks"]
    assert [block["WorkerId"] for block in found] == [ANNA, CARA]


async def test_blocks_belong_to_one_requester_in_one_environment(market: Marketplace, turk: Requester) -> None:
    """In production the list is empty, and a token of the sandbox is none."""
    await turk("CreateWorkerBlock", WorkerId=ANNA, Reason="-")
    token = (await turk("ListWorkerBlocks"))["NextToken"]
    there = await post(market, "ListWorkerBlocks", host=PRODUCTION)
    refused = await post(market, "ListWorkerBlocks", {"NextToken": token}, host=PRODUCTION)

    assert there.json == {"NumResults": 0, "WorkerBlocks": []}
    assert refused.json["Parameter"] == "NextToken"


async def test_no_more_than_so_many_blocks() -> None:
    """At the limit another worker is refused; changing a reason is not."""
    async with Marketplace(rules=replace(AMAZON, blocks=2)) as market:
        turk = Requester(market)
        for name in (ANNA, BERT, ANNA):
            await turk("CreateWorkerBlock", WorkerId=name, Reason="-")
        refusal = await turk.refused("CreateWorkerBlock", WorkerId=CARA, Reason="-")

        assert (refusal.type, refusal.status) == ("RequestError", 400)
        assert "2 workers" in refusal.message


async def test_blocking_one_worker_many_times_at_once(market: Marketplace, turk: Requester) -> None:
    """It leaves one block."""
    await asyncio.gather(*(turk("CreateWorkerBlock", WorkerId=ANNA, Reason="-") for _ in range(8)))

    assert (await turk("ListWorkerBlocks"))["NumResults"] == 1
    assert len(await market.worker(ANNA).messages()) == 1


@pytest.mark.parametrize("operation", ["CreateWorkerBlock", "DeleteWorkerBlock"])
async def test_ids_that_are_no_workers(market: Marketplace, operation: str) -> None:
    """The API's own model refuses what is no id; any other is a worker's."""
    answer = await post(market, operation, {"WorkerId": "b1", "Reason": "-"})

    assert (answer.status, answer.json["__type"]) == (400, "ValidationException")
    assert (await post(market, operation, {"WorkerId": "A1", "Reason": "-"})).status == 200


# Notices.


async def test_a_notice_reaches_who_has_worked(market: Marketplace, turk: Requester) -> None:
    """Work that was approved or rejected counts, whatever becomes of it; work that waits does not, nor a stranger's."""
    hit_id = (await turk.hit(MaxAssignments=4))["HITId"]
    anna, bert, _ = await done(market, hit_id, ANNA, BERT, CARA)
    await turk("ApproveAssignment", AssignmentId=anna)
    await turk("RejectAssignment", AssignmentId=bert, RequesterFeedback="no")
    answer = await turk("NotifyWorkers", Subject="More work", MessageText="Hello.", WorkerIds=[ANNA, BERT, CARA, DORA])

    assert [failure["WorkerId"] for failure in answer["NotifyWorkersFailureStatuses"]] == [CARA, DORA]
    for name in (ANNA, BERT):
        (told,) = [message for message in await market.worker(name).messages() if message.kind == "notice"]
        assert (told.subject, told.text, told.at) == ("More work", "Hello.", market.now())
        assert told.requester_name == "default"
    for name in (CARA, DORA):
        assert await market.worker(name).messages() == []


async def test_work_for_others_does_not_count(market: Marketplace, turk: Requester) -> None:
    """Who has worked for another requester is a stranger."""
    (assignment_id,) = await done(market, (await turk.hit())["HITId"], ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    keys = await market.add_requester("other")
    other = Requester(access_key=keys.access_key, secret_key=keys.secret_key, url=market.url)
    answer = await other("NotifyWorkers", Subject="s", MessageText="t", WorkerIds=[ANNA])

    assert len(answer["NotifyWorkersFailureStatuses"]) == 1
    assert (await turk("NotifyWorkers", Subject="s", MessageText="t", WorkerIds=[ANNA, ANNA]))[
        "NotifyWorkersFailureStatuses"
    ] == []
    assert len(await market.worker(ANNA).messages()) == 1


async def test_bounds_of_notices(market: Marketplace, turk: Requester) -> None:
    """Subject, text and number of workers have bounds; what breaks one reaches nobody."""
    (assignment_id,) = await done(market, (await turk.hit())["HITId"], ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    right = {"Subject": "x" * 200, "MessageText": "y" * 4096, "WorkerIds": [ANNA, *(f"A{n}" for n in range(99))]}
    assert (await post(market, "NotifyWorkers", right)).status == 200
    for wrong, parameter in (
        ({"Subject": "x" * 201}, "Subject"),
        ({"Subject": ""}, "Subject"),
        ({"MessageText": "y" * 4097}, "MessageText"),
        ({"MessageText": ""}, "MessageText"),
        ({"WorkerIds": []}, "WorkerIds"),
        ({"WorkerIds": [f"A{n}" for n in range(101)]}, "WorkerIds"),
    ):
        answer = await post(market, "NotifyWorkers", {**right, **wrong})
        assert (answer.status, answer.json["__type"]) == (400, "ParameterValidationError")
        assert answer.json["Parameter"] == parameter
    assert len(await market.worker(ANNA).messages()) == 1


async def test_another_reason_is_written_down(market: Marketplace, turk: Requester) -> None:
    """The audit log tells a block from a change of its reason, and keeps the reason of neither."""
    for reason in ("Copied.", "Copied again."):
        await turk("CreateWorkerBlock", WorkerId=ANNA, Reason=reason)

    found = select(audit.c.what, audit.c.subject, audit.c.detail).where(audit.c.what.like("Worker%"))
    lines = await market._house.act(lambda context: context.store.audit._session.all(found.order_by(audit.c.seq), {}))
    assert lines == [("WorkerBlocked", ANNA, None), ("WorkerBlockChanged", ANNA, None)]
