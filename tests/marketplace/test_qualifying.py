"""What workers see of qualifications, and that it tells what asking for them comes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk._generated.shapes import Locale
from aioturk.errors import (
    InvalidQualificationRequestState,
    InvalidQualificationTypeState,
    QualificationAlreadyExists,
    QualificationTypeDoesNotAllowRetake,
    QualificationTypeDoesNotExist,
    QualificationTypeRetryDelayNotElapsed,
)
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service.qualifying import (
    Offer,
    Stage,
    offers,
    qualification,
    qualifications_held,
    requests_pending,
)

from .acts import act
from .exams import KEY, TEST, TYPE, new_type
from .support import ANNA, BERT, Requester, StillClock, done

MINUTE = timedelta(minutes=1)
TESTED = {"Test": TEST, "TestDurationInSeconds": 600}
LOCALE, APPROVED = "00000000000000000071", "00000000000000000040"
MASTERS = {"sandbox": "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6", "production": "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"}


async def seen(market: Marketplace, type_id: str, worker_id: str = ANNA) -> Offer:
    """What a worker sees of a type."""
    return await act(market, qualification, worker_id, type_id)


async def test_what_a_page_shows(market: Marketplace, turk: Requester) -> None:
    """What it is, whose it is, whether it has a test and how long that is."""
    plain = await new_type(turk, Keywords="a, b")
    tested = await new_type(turk, Name="tested", **TESTED)
    automatic = await new_type(turk, Name="automatic", AutoGranted=True, AutoGrantedValue=5)
    found = await seen(market, plain)

    assert (found.type_id, found.name, found.description) == (plain, TYPE["Name"], TYPE["Description"])
    assert (found.keywords, found.requester_name) == (("a", "b"), "default")
    assert found.requester_id is not None
    assert (found.test_duration, found.is_automatic, found.is_requestable) == (None, False, True)
    assert (found.is_held, found.value, found.stage) == (False, None, Stage.ASK)
    assert (found.request_id, found.deadline, found.next_try, found.revoked, found.rejected) == (None,) * 5
    assert (await seen(market, tested)).test_duration == 10 * MINUTE
    assert (await seen(market, automatic)).is_automatic


async def test_what_the_service_says_of_everybody(market: Marketplace, turk: Requester) -> None:
    """It is shown with the value that requirements would see, and nobody can ask for it."""
    anna = market.worker(ANNA)
    (assignment_id,) = await done(market, (await turk.hit())["HITId"], ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    await anna.configure(locale="US-WA")
    place, approved, master = [await seen(market, each) for each in (LOCALE, APPROVED, MASTERS["sandbox"])]
    held = await act(market, qualifications_held, ANNA)

    assert (place.value, place.is_held, place.requester_id) == (Locale(country="US", subdivision="WA"), True, None)
    assert (approved.value, approved.is_requestable, approved.stage) == (1, False, Stage.NEVER)
    assert (master.is_held, master.stage) == (False, Stage.NEVER)
    assert {each.name: each.value for each in held} == {
        "Worker_NumberHITsApproved": 1,
        "Worker_PercentAssignmentsApproved": 100,
        "Worker_Locale": Locale(country="US", subdivision="WA"),
        "Worker_Adult": 0,
    }
    assert all(each.granted is None and each.requester_name is None for each in held)


async def test_what_is_not_there(market: Marketplace, turk: Requester) -> None:
    """Unknown types, deleted ones, production's: there is no such qualification."""
    deleted = await new_type(turk)
    await turk("DeleteQualificationType", QualificationTypeId=deleted)
    for unknown in ("3NOSUCH", "", "\0", "\udc00", deleted, MASTERS["production"]):
        with pytest.raises(QualificationTypeDoesNotExist):
            await seen(market, unknown)


async def test_what_a_worker_has(market: Marketplace, turk: Requester) -> None:
    """Granted last, shown first; Masters is among it; what was revoked or deleted is not, and it is told why."""
    first, second, third, gone = [await new_type(turk, Name=name) for name in ("first", "second", "third", "gone")]
    await market.worker(ANNA).configure(masters=True)
    for type_id in (first, second, third, gone):
        await market.advance(MINUTE)
        await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA, IntegerValue=7)
    await turk(
        "DisassociateQualificationFromWorker", QualificationTypeId=second, WorkerId=ANNA, Reason="You left the team."
    )
    await turk("DeleteQualificationType", QualificationTypeId=gone)
    held = await act(market, qualifications_held, ANNA)
    revoked = await seen(market, second)

    assert [each.name for each in held[:3]] == ["third", "first", "Masters"]
    assert (held[0].value, held[0].requester_name, held[0].granted) == (7, "default", market.now() - MINUTE)
    assert len(held) == 7
    assert (revoked.is_held, revoked.value, revoked.revoked) == (False, None, "You left the team.")
    assert (await seen(market, third)).value == 7
    assert len(await act(market, qualifications_held, BERT)) == 4


async def test_what_a_worker_waits_for(market: Marketplace, turk: Requester) -> None:
    """Requests that wait for a decision, and tests with their deadlines; both end."""
    plain, tested = await new_type(turk, Name="plain"), await new_type(turk, Name="tested", **TESTED)
    anna = market.worker(ANNA)
    asked = await anna.request_qualification(plain)
    await market.advance(MINUTE)
    begun = await anna.begin_test(tested)
    waiting, test = await act(market, requests_pending, ANNA)
    page = await seen(market, tested)

    assert (waiting.name, waiting.request_id, waiting.deadline) == ("plain", asked.request_id, None)
    assert waiting.asked == market.now() - MINUTE
    assert (test.name, test.request_id, test.deadline) == ("tested", begun.request_id, begun.deadline)
    assert (page.stage, page.request_id, page.deadline) == (Stage.TEST, begun.request_id, begun.deadline)
    assert (await seen(market, plain)).stage is Stage.WAIT
    assert (await seen(market, plain)).request_id == asked.request_id
    assert await act(market, requests_pending, BERT) == ()
    await turk("RejectQualificationRequest", QualificationRequestId=asked.request_id, Reason="Not yet.")
    await market.advance(10 * MINUTE)
    assert await act(market, requests_pending, ANNA) == ()
    rejected = await seen(market, plain)
    assert (rejected.rejected, rejected.request_id, rejected.stage) == ("Not yet.", None, Stage.NEVER)
    assert (await seen(market, tested)).stage is Stage.NEVER


async def test_another_try(market: Marketplace, turk: Requester) -> None:
    """It is told from when on there may be one."""
    type_id = await new_type(turk, RetryDelayInSeconds=3600)
    asked = await market.worker(ANNA).request_qualification(type_id)
    await turk("RejectQualificationRequest", QualificationRequestId=asked.request_id)
    start = market.now()
    found = await seen(market, type_id)
    assert (found.stage, found.next_try, found.rejected) == (Stage.LATER, start + 60 * MINUTE, "")
    await market.advance(60 * MINUTE)
    found = await seen(market, type_id)
    assert (found.stage, found.next_try) == (Stage.ASK, None)


async def test_what_there_is_to_ask_for(market: Marketplace, turk: Requester) -> None:
    """Active types by name, with a search over all that is said of them; none of the service's own."""
    keys = await market.add_requester("Beta Laboratory")
    other = Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)
    await new_type(other, Name="Zoology", Description="Animals", Keywords="owls")
    await new_type(turk, Name="Botany", Description="Plants")
    await new_type(turk, Name="old", QualificationTypeStatus="Inactive")
    deleted = await new_type(turk, Name="deleted")
    await turk("DeleteQualificationType", QualificationTypeId=deleted)
    for number in range(5):
        await new_type(turk, Name=f"a{number}", Description="many")

    async def names(query: str | None = None, **more: int) -> list[str]:
        return [each.name for each in await act(market, offers, query, **more)]

    assert await names() == ["Botany", "Zoology", "a0", "a1", "a2", "a3", "a4"]
    assert await names("beta OWLS") == ["Zoology"]
    assert await names("plants owls") == []
    assert await names("many", limit=2, skip=2) == ["a2", "a3"]
    assert await names(limit=2, skip=6) == ["a4"]
    assert await names(limit=0) == []
    assert (await act(market, offers, "owls"))[0].requester_name == "Beta Laboratory"


async def test_new_types_are_listed_later_where_lists_lag(market: Marketplace, turk: Requester) -> None:
    """As HITs are: until then they are found by their ids."""
    market._house.lag = 60_000
    type_id = await new_type(turk)
    assert await act(market, offers) == ()
    assert (await seen(market, type_id)).stage is Stage.ASK
    await market.advance(MINUTE)
    assert len(await act(market, offers)) == 1


REFUSALS: dict[type[Exception], Stage] = {
    InvalidQualificationRequestState: Stage.WAIT,
    InvalidQualificationTypeState: Stage.NEVER,
    QualificationTypeDoesNotAllowRetake: Stage.NEVER,
    QualificationTypeRetryDelayNotElapsed: Stage.LATER,
    QualificationAlreadyExists: Stage.HELD,
}
KINDS = st.sampled_from(
    [{}, TESTED, {**TESTED, "AnswerKey": KEY}, {"AutoGranted": True}],
)
STEPS = st.lists(
    st.sampled_from(["ask", "begin", "submit", "accept", "reject", "grant", "revoke", "wait", "inactive", "active"]),
    max_size=10,
)


async def asking(market: Marketplace, type_id: str, *, tested: bool) -> Stage:
    """What asking comes to."""
    worker = market.worker(ANNA)
    try:
        await (worker.begin_test(type_id) if tested else worker.request_qualification(type_id))
    except tuple(REFUSALS) as refusal:
        return REFUSALS[type(refusal)]
    return Stage.ASK


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=KINDS, delay=st.sampled_from([None, 0, 90]), steps=STEPS)
async def test_the_stage_is_what_asking_comes_to(kind: dict[str, Any], delay: int | None, steps: Sequence[str]) -> None:
    """Whatever has happened between a worker and a type before."""
    async with Marketplace(clock=StillClock()) as market:
        turk, anna = Requester(market), market.worker(ANNA)
        type_id = await new_type(turk, **kind, **({} if delay is None else {"RetryDelayInSeconds": delay}))
        for step in [*steps, "ask"]:
            before = await seen(market, type_id)
            pending = await act(market, requests_pending, ANNA)
            assert [each.request_id for each in pending] == ([] if before.request_id is None else [before.request_id])
            if step in ("ask", "begin"):
                stage = await asking(market, type_id, tested="Test" in kind)
                # Beginning a test again is going on with it.
                assert before.stage is stage or (before.stage, stage) == (Stage.TEST, Stage.ASK)
                assert (before.next_try is not None) == (stage is Stage.LATER)
            elif step == "submit" and before.stage is Stage.TEST:
                assert before.request_id is not None
                await anna.submit_test(before.request_id, {"france": "paris"})
            elif step in ("accept", "reject") and before.stage is Stage.WAIT:
                name = {"accept": "AcceptQualificationRequest", "reject": "RejectQualificationRequest"}[step]
                await turk(name, QualificationRequestId=before.request_id)
            elif step == "grant":
                await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA)
            elif step == "revoke" and before.is_held:
                await turk("DisassociateQualificationFromWorker", QualificationTypeId=type_id, WorkerId=ANNA)
            elif step == "wait":
                await market.advance(MINUTE)
            elif step in ("inactive", "active"):
                await turk(
                    "UpdateQualificationType",
                    QualificationTypeId=type_id,
                    QualificationTypeStatus=step.capitalize(),
                )
            held = {each.type_id: each.value for each in await act(market, qualifications_held, ANNA)}
            after = await seen(market, type_id)
            assert after.is_held == (type_id in held)
            assert after.value == held.get(type_id)
