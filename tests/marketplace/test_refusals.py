"""What workers read when something is refused: sentences for them, not for requesters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from aioturk import errors
from aioturk.marketplace import AMAZON, Marketplace, Rules
from aioturk.marketplace.workers import Worker

from .exams import KEY, TEST, new_type
from .support import ANNA, BERT, Requester, StillClock, done, post

ADULT = [{"QualificationTypeId": "00000000000000000060", "Comparator": "EqualTo", "IntegerValues": [1]}]
ANSWERS = {"france": "paris"}


@dataclass
class Stage:
    """A market with Anna, who is refused something, and the ids that she reads of."""

    market: Marketplace
    turk: Requester
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def anna(self) -> Worker:
        """Who is refused."""
        return self.market.worker(ANNA)

    async def hit(self, **members: Any) -> str:
        """Create a HIT."""
        hit = await self.turk.hit(**members)
        self.ids |= {"hit": hit["HITId"], "group": hit["HITGroupId"]}
        return self.ids["hit"]

    async def kind(self, **members: Any) -> str:
        """Create a qualification type."""
        self.ids["type"] = await new_type(self.turk, **members)
        return self.ids["type"]

    async def accepted(self, **members: Any) -> str:
        """Let Anna accept a HIT; return the assignment."""
        self.ids["assignment"] = await self.anna.accept(await self.hit(**members))
        return self.ids["assignment"]

    async def begun(self, **members: Any) -> str:
        """Let Anna begin a test; return the request."""
        type_id = await self.kind(Test=TEST, TestDurationInSeconds=60, **members)
        self.ids["request"] = (await self.anna.begin_test(type_id)).request_id
        return self.ids["request"]


Scene = Callable[[Stage], Awaitable[object]]


async def accepts_nothing(stage: Stage) -> None:
    await stage.anna.accept("3NONE")


async def accepts_twice(stage: Stage) -> None:
    await stage.accepted()
    await stage.anna.accept(stage.ids["hit"])


async def accepts_what_is_taken(stage: Stage) -> None:
    await stage.market.worker(BERT).accept(await stage.hit())
    await stage.anna.accept(stage.ids["hit"])


async def accepts_what_is_done(stage: Stage) -> None:
    await done(stage.market, await stage.hit(), BERT)
    await stage.anna.accept(stage.ids["hit"])


async def accepts_what_is_over(stage: Stage) -> None:
    await stage.turk("UpdateExpirationForHIT", HITId=await stage.hit(), ExpireAt=0)
    await stage.anna.accept(stage.ids["hit"])


async def accepts_what_is_deleted(stage: Stage) -> None:
    await stage.turk("UpdateExpirationForHIT", HITId=await stage.hit(), ExpireAt=0)
    await stage.turk("DeleteHIT", HITId=stage.ids["hit"])
    await stage.anna.accept(stage.ids["hit"])


async def accepts_without_qualification(stage: Stage) -> None:
    await stage.anna.accept(await stage.hit(QualificationRequirements=ADULT))


async def accepts_from_a_blocker(stage: Stage) -> None:
    await stage.turk("CreateWorkerBlock", WorkerId=ANNA, Reason="Secret.")
    await stage.anna.accept(await stage.hit())


async def accepts_too_much(stage: Stage) -> None:
    await stage.accepted()
    await stage.anna.accept(await stage.hit())


async def accepts_as_a_stranger(stage: Stage) -> None:
    await stage.anna.accept(await stage.hit())


async def accepts_from_nothing(stage: Stage) -> None:
    await stage.anna.accept_from("3NONE")


async def accepts_from_an_empty_group(stage: Stage) -> None:
    await stage.market.worker(BERT).accept(await stage.hit())
    await stage.anna.accept_from(stage.ids["group"])


async def accepts_from_a_group_that_she_has_done(stage: Stage) -> None:
    await stage.accepted(MaxAssignments=2)
    await stage.anna.accept_from(stage.ids["group"])


async def accepts_from_a_blockers_group(stage: Stage) -> None:
    await stage.turk("CreateWorkerBlock", WorkerId=ANNA, Reason="Secret.")
    await stage.hit()
    await stage.anna.accept_from(stage.ids["group"])


async def looks_at_nothing(stage: Stage) -> None:
    await stage.anna.preview("3NONE")


async def looks_at_what_is_over(stage: Stage) -> None:
    await stage.turk("UpdateExpirationForHIT", HITId=await stage.hit(), ExpireAt=0)
    await stage.anna.preview(stage.ids["hit"])


async def looks_at_a_blockers(stage: Stage) -> None:
    await stage.turk("CreateWorkerBlock", WorkerId=ANNA, Reason="Secret.")
    await stage.anna.preview(await stage.hit())


async def looks_without_qualification(stage: Stage) -> None:
    guarded = [{**ADULT[0], "ActionsGuarded": "PreviewAndAccept"}]
    await stage.anna.preview(await stage.hit(QualificationRequirements=guarded))


async def looks_into_nothing(stage: Stage) -> None:
    await stage.anna.preview_from("3NONE")


async def looks_into_an_empty_group(stage: Stage) -> None:
    await stage.accepted()
    await stage.anna.preview_from(stage.ids["group"])


async def looks_at_her_work_of_old(stage: Stage) -> None:
    await stage.anna.return_assignment(await stage.accepted())
    await stage.anna.task(stage.ids["assignment"])


async def submits_what_is_not_hers(stage: Stage) -> None:
    stage.ids["assignment"] = await stage.market.worker(BERT).accept(await stage.hit())
    await stage.anna.submit(stage.ids["assignment"], {"age": "36"})


async def submits_too_late(stage: Stage) -> None:
    await stage.accepted()
    await stage.market.advance(timedelta(minutes=5))
    await stage.anna.submit(stage.ids["assignment"], {"age": "36"})


async def submits_twice(stage: Stage) -> None:
    await stage.anna.submit(await stage.accepted(), {"age": "36"})
    await stage.anna.submit(stage.ids["assignment"], {"age": "36"})


async def submits_nothing(stage: Stage) -> None:
    assignment_id = await stage.accepted()
    await stage.anna.submit(assignment_id, {"assignmentId": assignment_id})


async def returns_what_is_not_there(stage: Stage) -> None:
    stage.ids["assignment"] = "3NONE"
    await stage.anna.return_assignment("3NONE")


async def returns_what_is_submitted(stage: Stage) -> None:
    await stage.anna.submit(await stage.accepted(), {"age": "36"})
    await stage.anna.return_assignment(stage.ids["assignment"])


async def asks_for_nothing(stage: Stage) -> None:
    await stage.anna.request_qualification("3NONE")


async def asks_for_what_is_deleted(stage: Stage) -> None:
    await stage.turk("DeleteQualificationType", QualificationTypeId=await stage.kind())
    await stage.anna.request_qualification(stage.ids["type"])


async def asks_for_what_is_inactive(stage: Stage) -> None:
    await stage.anna.request_qualification(await stage.kind(QualificationTypeStatus="Inactive"))


async def asks_for_a_system_type(stage: Stage) -> None:
    await stage.anna.request_qualification("00000000000000000071")


async def asks_for_what_she_has(stage: Stage) -> None:
    type_id = await stage.kind(AutoGranted=True, RetryDelayInSeconds=0)
    await stage.anna.request_qualification(type_id)
    await stage.anna.request_qualification(type_id)


async def asks_while_it_waits(stage: Stage) -> None:
    stage.ids["request"] = (await stage.anna.request_qualification(await stage.kind())).request_id
    await stage.anna.request_qualification(stage.ids["type"])


async def asks_once_too_often(stage: Stage) -> None:
    asked = await stage.anna.request_qualification(await stage.kind())
    await stage.turk("RejectQualificationRequest", QualificationRequestId=asked.request_id)
    await stage.anna.request_qualification(stage.ids["type"])


async def asks_too_early(stage: Stage) -> None:
    asked = await stage.anna.request_qualification(await stage.kind(RetryDelayInSeconds=60))
    await stage.turk("RejectQualificationRequest", QualificationRequestId=asked.request_id)
    stage.ids["again"] = f"{stage.market.now() + timedelta(minutes=1):%Y-%m-%d %H:%M:%S}"
    await stage.anna.request_qualification(stage.ids["type"])


async def asks_without_the_test(stage: Stage) -> None:
    await stage.anna.request_qualification(await stage.kind(Test=TEST, TestDurationInSeconds=60))


async def answers_no_test(stage: Stage) -> None:
    await stage.anna.request_qualification(await stage.kind(), ANSWERS)


async def begins_no_test(stage: Stage) -> None:
    await stage.anna.begin_test(await stage.kind())


async def answers_what_was_not_asked(stage: Stage) -> None:
    await stage.anna.submit_test(await stage.begun(), {"spain": "madrid"})


async def selects_what_was_not_offered(stage: Stage) -> None:
    await stage.anna.submit_test(await stage.begun(), {"france": "rome"})


async def submits_no_test(stage: Stage) -> None:
    await stage.anna.submit_test("3NONE", ANSWERS)


async def submits_a_test_twice(stage: Stage) -> None:
    await stage.anna.submit_test(await stage.begun(AnswerKey=KEY), ANSWERS)
    await stage.anna.submit_test(stage.ids["request"], ANSWERS)


async def submits_a_test_too_late(stage: Stage) -> None:
    await stage.begun()
    await stage.market.advance(timedelta(minutes=1))
    await stage.anna.submit_test(stage.ids["request"], ANSWERS)


async def submits_a_deleted_test(stage: Stage) -> None:
    await stage.begun()
    await stage.turk("DeleteQualificationType", QualificationTypeId=stage.ids["type"])
    await stage.anna.submit_test(stage.ids["request"], ANSWERS)


ONE_AT_A_TIME = replace(AMAZON, queue=1)
NO_STRANGERS = replace(AMAZON, strict_workers=True)
NOT_IN_WORK = (
    "You do not have the assignment {assignment} in work; if you had, it was returned or its time is over. "
    "[AssignmentDoesNotExist]"
)
NOT_AVAILABLE = "The HIT {{hit}} is not available: {}. [NoHITsAvailableInGroupException]"
BLOCKED = "The requester of {{{}}} has blocked you. [PermissionDenied]"
LACKS = "You cannot {} {{hit}}, which requires Worker_Adult EqualTo 1. [DoesNotMeetRequirements]"
TEST_IS_OVER = "The test of the request {{request}} cannot be submitted: {}. [InvalidQualificationRequestState]"

REFUSALS: list[tuple[Scene, str, str]] = [
    (accepts_nothing, "accept", "There is no HIT 3NONE. [HITDoesNotExist]"),
    (
        accepts_twice,
        "accept",
        "You have already accepted or submitted the HIT {hit}. [AssignmentAlreadyExists]",
    ),
    (accepts_what_is_taken, "accept", NOT_AVAILABLE.format("others are at work on all of it")),
    (accepts_what_is_done, "accept", NOT_AVAILABLE.format("all of it is done")),
    (accepts_what_is_over, "accept", NOT_AVAILABLE.format("its time is over")),
    (accepts_what_is_deleted, "accept", NOT_AVAILABLE.format("it was deleted")),
    (accepts_without_qualification, "accept", LACKS.format("accept")),
    (accepts_from_a_blocker, "accept", BLOCKED.format("hit")),
    (accepts_from_nothing, "accept_from", "There is no group of HITs 3NONE. [HITTypeDoesNotExist]"),
    (
        accepts_from_an_empty_group,
        "accept_from",
        "The group {group} has no HITs that can be accepted. [NoHITsAvailableInGroupException]",
    ),
    (
        accepts_from_a_group_that_she_has_done,
        "accept_from",
        "You have done every HIT of the group {group} that is left. [NoMoreWorkableHITsInGroupException]",
    ),
    (accepts_from_a_blockers_group, "accept_from", BLOCKED.format("group")),
    (looks_at_nothing, "preview", "There is no HIT 3NONE. [HITDoesNotExist]"),
    (looks_at_what_is_over, "preview", NOT_AVAILABLE.format("its time is over")),
    (looks_at_a_blockers, "preview", BLOCKED.format("hit")),
    (looks_without_qualification, "preview", LACKS.format("preview")),
    (looks_into_nothing, "preview_from", "There is no group of HITs 3NONE. [HITTypeDoesNotExist]"),
    (
        looks_into_an_empty_group,
        "preview_from",
        "The group {group} has no HITs that can be accepted. [NoHITsAvailableInGroupException]",
    ),
    (looks_at_her_work_of_old, "task", NOT_IN_WORK),
    (submits_what_is_not_hers, "submit", NOT_IN_WORK),
    (submits_too_late, "submit", NOT_IN_WORK),
    (submits_twice, "submit", "You have submitted the assignment {assignment} already. [InvalidAssignmentState]"),
    (submits_nothing, "submit", "Nothing was filled in: a form needs at least one answer. [MissingParameter]"),
    (returns_what_is_not_there, "return_assignment", NOT_IN_WORK),
    (
        returns_what_is_submitted,
        "return_assignment",
        "You have submitted the assignment {assignment} already. [InvalidAssignmentState]",
    ),
    (
        asks_for_nothing,
        "request_qualification",
        "There is no qualification 3NONE. [QualificationTypeDoesNotExist]",
    ),
    (
        asks_for_what_is_deleted,
        "request_qualification",
        "There is no qualification {type}. [QualificationTypeDoesNotExist]",
    ),
    (
        asks_for_what_is_inactive,
        "request_qualification",
        "The qualification {type} cannot be asked for: it is inactive. [InvalidQualificationTypeState]",
    ),
    (
        asks_for_a_system_type,
        "request_qualification",
        "The qualification 00000000000000000071 cannot be asked for: it is one of the service's own. "
        "[InvalidQualificationTypeState]",
    ),
    (
        asks_for_what_she_has,
        "request_qualification",
        "You have the qualification {type} already. [QualificationAlreadyExists]",
    ),
    (
        asks_while_it_waits,
        "request_qualification",
        "You have asked for the qualification {type} before; your request {request} waits for a decision. "
        "[InvalidQualificationRequestState]",
    ),
    (
        asks_once_too_often,
        "request_qualification",
        "The qualification {type} can be asked for once only. [QualificationTypeDoesNotAllowRetake]",
    ),
    (
        asks_too_early,
        "request_qualification",
        "The qualification {type} can be asked for again from {again} UTC on. [QualificationTypeRetryDelayNotElapsed]",
    ),
    (
        asks_without_the_test,
        "request_qualification",
        "The qualification {type} has a test. Give its answers, or begin it, read it, and submit the answers. "
        "[MissingParameter]",
    ),
    (
        answers_no_test,
        "request_qualification",
        "The qualification {type} has no test: ask for it without answers. [InvalidParameterValue]",
    ),
    (
        begins_no_test,
        "begin_test",
        "The qualification {type} has no test: ask for it without answers. [InvalidParameterValue]",
    ),
    (
        answers_what_was_not_asked,
        "submit_test",
        "The form has no question 'spain'; there are: france, italy. [InvalidParameterValue]",
    ),
    (
        selects_what_was_not_offered,
        "submit_test",
        "The form has no selection 'rome' for the question 'france'; there are: paris, lyon. [InvalidParameterValue]",
    ),
    (
        submits_no_test,
        "submit_test",
        "There is no test 3NONE that you have begun. [QualificationRequestDoesNotExist]",
    ),
    (submits_a_test_twice, "submit_test", TEST_IS_OVER.format("you have submitted it already")),
    (submits_a_test_too_late, "submit_test", TEST_IS_OVER.format("its time is over")),
    (submits_a_deleted_test, "submit_test", TEST_IS_OVER.format("the qualification was deleted")),
]
"""What Anna does, what the method is called, and what she reads."""


@pytest.fixture
def rules() -> Rules:
    """The rules of the market, unless a test has others."""
    return AMAZON


@pytest.fixture
async def stage(rules: Rules) -> AsyncIterator[Stage]:
    """A market in memory: where it keeps things makes no difference to what it says."""
    async with Marketplace(rules=rules, clock=StillClock()) as market:
        yield Stage(market, Requester(market))


async def check(stage: Stage, scene: Scene, operation: str, text: str) -> None:
    """Play a scene, which ends with a refusal of exactly that text."""
    with pytest.raises(errors.ServiceError) as refusal:
        await scene(stage)
    sentence, _, _ = text.format(**stage.ids).rpartition(" [")
    assert str(refusal.value) == f"{operation} failed: {text.format(**stage.ids)}"
    assert refusal.value.message == sentence


@pytest.mark.parametrize(
    ("scene", "operation", "text"), [pytest.param(*refusal, id=refusal[0].__name__) for refusal in REFUSALS]
)
async def test_what_workers_read(stage: Stage, scene: Scene, operation: str, text: str) -> None:
    """A refusal names what the worker did and is a sentence for a worker: no states, no operations, no remedies."""
    await check(stage, scene, operation, text)


@pytest.mark.parametrize("rules", [ONE_AT_A_TIME])
async def test_what_busy_workers_read(stage: Stage) -> None:
    """Where one may have so much, whoever has as much is told."""
    text = "You have 1 HITs in work, which is as many as a worker may. [ExceedsMaxAssignmentsPerWorker]"
    await check(stage, accepts_too_much, "accept", text)


@pytest.mark.parametrize("rules", [NO_STRANGERS])
async def test_what_strangers_read(stage: Stage) -> None:
    """Where workers have to be made known, strangers are told by whom, and how."""
    text = (
        f"The worker {ANNA} is not known here, and this marketplace takes no strangers: its owner can make them known "
        f'with market.add_worker("{ANNA}"). [InvalidParameterValue]'
    )
    await check(stage, accepts_as_a_stranger, "accept", text)


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("GetHIT", {"HITId": "3NONE"}, "Hit 3NONE does not exist."),
        ("GetAssignment", {"AssignmentId": "3NONE"}, "Assignment 3NONE does not exist."),
        ("GetQualificationType", {"QualificationTypeId": "3NONE"}, "QualificationType 3NONE does not exist."),
        (
            "RejectQualificationRequest",
            {"QualificationRequestId": "3NONE"},
            "QualificationRequest 3NONE does not exist.",
        ),
    ],
)
async def test_requesters_read_the_services_words(
    stage: Stage, operation: str, body: dict[str, str], message: str
) -> None:
    """What the same refusals say to requesters is what the service said."""
    answer = await post(stage.market, operation, body)

    assert answer.json["Message"].rpartition(" (")[0] == message
