"""HITs: reference section 14, lines 21-42 and 47-65."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aioturk.marketplace import Marketplace

from .support import ANNA, BERT, CARA, DORA, EMIL, HIT, QUESTION, SCHEMAS, Requester, done, post

HOUR = timedelta(hours=1)

TYPE = {name: value for name, value in HIT.items() if name not in {"LifetimeInSeconds", "Question"}}


async def test_21_a_new_hit(turk: Requester) -> None:
    """A new HIT is Assignable, NotReviewed, and everything is available."""
    hit = await turk.hit(MaxAssignments=5)

    assert hit["HITReviewStatus"] == "NotReviewed"
    assert await turk.counts(hit["HITId"]) == ("Assignable", 5, 0, 0)
    assert await turk.get(hit["HITId"]) == hit


async def test_22_defaults(turk: Requester) -> None:
    """One assignment, and thirty days until automatic approval."""
    hit = await turk.hit()

    assert (hit["MaxAssignments"], hit["AutoApprovalDelayInSeconds"]) == (1, 2_592_000)


async def test_23_expiration(turk: Requester) -> None:
    """A HIT expires its lifetime after its creation."""
    hit = await turk.hit(LifetimeInSeconds=7200)

    assert hit["Expiration"] - hit["CreationTime"] == timedelta(hours=2)


@pytest.mark.parametrize("lifetime", [29, 31_536_001, 0, -5])
async def test_24_lifetime_out_of_range(turk: Requester, lifetime: int) -> None:
    """A lifetime out of range is refused with the range."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "LifetimeInSeconds": lifetime})

    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith(
        f"The value {lifetime} is invalid for LifetimeInSeconds. Valid values range from 30 to 31536000. ("
    )


@pytest.mark.parametrize("lifetime", [30, 31_536_000])
async def test_24_lifetime_at_its_bounds(turk: Requester, lifetime: int) -> None:
    """The bounds themselves are fine."""
    assert await turk.hit(LifetimeInSeconds=lifetime)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Title", "x" * 129),
        ("Title", ""),
        ("Description", "x" * 2001),
        ("Keywords", "x" * 1001),
        ("RequesterAnnotation", "x" * 256),
        ("RequesterAnnotation", "größer"),
        ("MaxAssignments", 0),
        ("MaxAssignments", 1_000_000_001),
        ("AutoApprovalDelayInSeconds", 2_592_001),
        ("AssignmentDurationInSeconds", 29),
        ("Reward", "99999999999999999999.99"),
    ],
)
async def test_25_members_out_of_bounds(turk: Requester, member: str, value: object) -> None:
    """Texts that are too long or empty, and numbers out of range, are ParameterValidationErrors."""
    refusal = await turk.refused("CreateHIT", **{**HIT, member: value})

    assert refusal.type == "ParameterValidationError"
    assert member in refusal.message
    assert (await turk("ListHITs"))["NumResults"] == 0


async def test_25_members_at_their_bounds(turk: Requester) -> None:
    """Texts of exactly the greatest length are fine."""
    hit = await turk.hit(Title="x" * 128, Description="x" * 2000, Keywords="x" * 1000, RequesterAnnotation="x" * 255)

    assert hit["Keywords"] == "x" * 1000
    assert hit["RequesterAnnotation"] == "x" * 255


@pytest.mark.parametrize("reward", ["1.234", "-1", "1e3", ".5", "$1", ""])
async def test_26_rewards_that_are_no_amounts(market: Marketplace, reward: str) -> None:
    """A reward that breaks the model's pattern is a ValidationException."""
    answer = await post(market, "CreateHIT", {**HIT, "Reward": reward})

    assert answer.json["__type"] == "ValidationException"


@pytest.mark.parametrize(("reward", "shown"), [("0.00", "0.00"), ("0", "0.00"), ("5.", "5.00"), ("5", "5.00")])
async def test_26_rewards(turk: Requester, reward: str, shown: str) -> None:
    """Zero is a reward, too; every form of an amount comes back with two decimals."""
    assert (await turk.hit(Reward=reward))["Reward"] == shown


async def test_27_either_question_or_layout(market: Marketplace) -> None:
    """Neither and both are ParameterValidationErrors."""
    neither = await post(market, "CreateHIT", {name: value for name, value in HIT.items() if name != "Question"})
    both = await post(market, "CreateHIT", {**HIT, "HITLayoutId": "3LAYOUT"})

    assert neither.json["__type"] == both.json["__type"] == "ParameterValidationError"
    assert neither.json["Message"].startswith(
        "Your request is missing required parameters. Required parameters include Question, HITLayoutId."
    )


def _sized(size: int) -> str:
    filling = size - len(QUESTION.encode())
    return QUESTION.replace("</ExternalURL>", "ü" * (filling // 2) + "x" * (filling % 2) + "</ExternalURL>")


async def test_28_the_size_of_a_question_is_counted_in_bytes(turk: Requester) -> None:
    """A question of 65,535 bytes is fine, one byte more is not."""
    assert len(_sized(65_535).encode()) == 65_535
    assert await turk.hit(Question=_sized(65_535))
    refusal = await turk.refused("CreateHIT", **{**HIT, "Question": _sized(65_536)})
    assert refusal.type == "ParameterValidationError"


async def test_27_an_empty_question_and_an_unknown_layout(market: Marketplace) -> None:
    """An empty question is too short; a layout that does not exist is not valid."""
    rest = {name: value for name, value in HIT.items() if name != "Question"}
    empty = await post(market, "CreateHIT", {**rest, "Question": ""})
    layout = await post(market, "CreateHIT", {**rest, "HITLayoutId": "3LAYOUT"})

    assert empty.json["Message"].startswith("Your request parameter Question  has a minimum length of 1. (")
    assert layout.json["Message"].startswith('The value "3LAYOUT" is not valid for the parameter HITLayoutId. (')


@pytest.mark.parametrize("text", ['"\\ud800"', '"<a>\\udfff</a>"'])
async def test_29_lone_surrogates_are_no_text(market: Marketplace, text: str) -> None:
    """What has no UTF-8 form is the caller's error."""
    body = json.dumps({**HIT, "Question": "%"}).replace('"%"', text).encode()
    answer = await post(market, "CreateHIT", body)

    assert answer.status == 400
    assert answer.json["__type"] in {"SerializationException", "ParameterValidationError"}


BOMB = f'<!DOCTYPE a [<!ENTITY b "c">]>{QUESTION}'


@pytest.mark.parametrize(
    "question",
    [
        "no XML",
        QUESTION[:-5],
        BOMB,
        "<Question/>",
        f'<AnswerKey xmlns="{SCHEMAS}/2005-10-01/AnswerKey.xsd"/>',
        QUESTION.replace("2006-07-14", "2001-01-01"),
    ],
)
async def test_29_30_questions_that_are_no_questions(turk: Requester, question: str) -> None:
    """Broken XML, document types, unknown roots and namespaces are refused with the service's sentence."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "Question": question})

    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith(
        "There was an error parsing the XML question or answer data in your request.  Please make sure the data is "
        "well-formed and validates against the appropriate schema. Details: "
    )


@pytest.mark.parametrize("root", ["HTMLQuestion", "QuestionForm"])
async def test_30_the_other_kinds_of_questions(turk: Requester, root: str) -> None:
    """HTML questions and question forms are accepted, too."""
    day = {"HTMLQuestion": "2011-11-11", "QuestionForm": "2017-11-06"}[root]
    content = {
        "HTMLQuestion": "<HTMLContent><![CDATA[<!DOCTYPE html><p>]]></HTMLContent><FrameHeight>0</FrameHeight>",
        "QuestionForm": "<Overview><Title>t</Title></Overview><Question><QuestionIdentifier>q</QuestionIdentifier>"
        "<QuestionContent><Text>t</Text></QuestionContent><AnswerSpecification><FreeTextAnswer/></AnswerSpecification>"
        "</Question>",
    }[root]
    question = f'<{root} xmlns="{SCHEMAS}/{day}/{root}.xsd">{content}</{root}>'

    assert (await turk.hit(Question=question))["Question"] == question


def _requires(**members: Any) -> dict[str, Any]:
    return {"QualificationTypeId": "00000000000000000040", "Comparator": "Exists", **members}


async def test_31_at_most_ten_requirements(turk: Requester) -> None:
    """Ten requirements are fine, eleven are not."""
    assert len((await turk.hit(QualificationRequirements=[_requires()] * 10))["QualificationRequirements"]) == 10
    refusal = await turk.refused("CreateHIT", **{**HIT, "QualificationRequirements": [_requires()] * 11})
    assert refusal.type == "ParameterValidationError"


async def test_32_unknown_qualification_types(turk: Requester) -> None:
    """A requirement that names an unknown type is refused."""
    requirement = _requires(QualificationTypeId="3NOSUCHTYPE")
    refusal = await turk.refused("CreateHIT", **{**HIT, "QualificationRequirements": [requirement]})

    assert refusal.code == "QualificationTypeDoesNotExist"


LOCALE = "00000000000000000071"
US = {"Country": "US"}


@pytest.mark.parametrize(
    "requirement",
    [
        _requires(IntegerValues=[1]),
        _requires(Comparator="EqualTo", LocaleValues=[US]),
        _requires(Comparator="In", IntegerValues=list(range(16))),
        _requires(Comparator="EqualTo"),
        _requires(Comparator="LessThan", IntegerValues=[1, 2]),
        _requires(QualificationTypeId=LOCALE, Comparator="In", LocaleValues=[US] * 31),
        _requires(QualificationTypeId=LOCALE, Comparator="EqualTo", IntegerValues=[1]),
        _requires(QualificationTypeId=LOCALE, Comparator="LessThan", LocaleValues=[US]),
        _requires(RequiredToPreview=False, ActionsGuarded="PreviewAndAccept"),
    ],
)
async def test_33_requirements_that_make_no_sense(turk: Requester, requirement: dict[str, Any]) -> None:
    """Values that do not go with the comparator or the type are ParameterValidationErrors."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "QualificationRequirements": [requirement]})

    assert refusal.type == "ParameterValidationError"


@pytest.mark.parametrize(
    ("sent", "preview", "guarded"),
    [
        ({}, False, "Accept"),
        ({"RequiredToPreview": True}, True, "PreviewAndAccept"),
        ({"RequiredToPreview": False}, False, "Accept"),
        ({"ActionsGuarded": "PreviewAndAccept"}, True, "PreviewAndAccept"),
        ({"ActionsGuarded": "DiscoverPreviewAndAccept"}, True, "DiscoverPreviewAndAccept"),
    ],
)
async def test_34_both_words_for_what_is_guarded_come_back(
    turk: Requester, sent: dict[str, Any], preview: bool, guarded: str
) -> None:
    """RequiredToPreview and ActionsGuarded both come back, whichever was sent."""
    requirement = _requires(QualificationTypeId=LOCALE, Comparator="In", LocaleValues=[US, {**US, "Subdivision": "WA"}])
    hit = await turk.hit(QualificationRequirements=[{**requirement, **sent}])

    assert hit["QualificationRequirements"] == [
        {**requirement, "RequiredToPreview": preview, "ActionsGuarded": guarded}
    ]


async def test_35_36_equal_properties_share_a_type(turk: Requester) -> None:
    """HITs with equal properties share type and group, whatever else differs."""
    first = await turk.hit()
    others = [
        await turk.hit(),
        await turk.hit(LifetimeInSeconds=60),
        await turk.hit(MaxAssignments=7),
        await turk.hit(Question=QUESTION.replace("task", "other")),
        await turk.hit(RequesterAnnotation="note"),
        await turk.hit(AutoApprovalDelayInSeconds=2_592_000),
    ]

    assert {hit["HITTypeId"] for hit in others} == {first["HITTypeId"]}
    assert {hit["HITGroupId"] for hit in others} == {first["HITGroupId"]}
    assert len({hit["HITId"] for hit in [first, *others]}) == 7


async def test_36_different_properties_make_different_types(turk: Requester) -> None:
    """Every property of a type counts."""
    hits = [
        await turk.hit(),
        await turk.hit(Reward="0.26"),
        await turk.hit(Title="Another"),
        await turk.hit(Description="Another"),
        await turk.hit(Keywords="a"),
        await turk.hit(Keywords="a "),
        await turk.hit(AssignmentDurationInSeconds=301),
        await turk.hit(AutoApprovalDelayInSeconds=1),
        await turk.hit(QualificationRequirements=[_requires()]),
        await turk.hit(QualificationRequirements=[_requires(ActionsGuarded="PreviewAndAccept")]),
    ]

    assert len({hit["HITTypeId"] for hit in hits}) == len(hits)
    assert len({hit["HITGroupId"] for hit in hits}) == len(hits)


async def test_36_requirements_compare_as_a_set(turk: Requester) -> None:
    """The order of requirements and of their values does not count."""
    some = _requires(Comparator="In", IntegerValues=[1, 2])
    same = _requires(Comparator="In", IntegerValues=[2, 1])
    first = await turk.hit(QualificationRequirements=[_requires(), some])
    second = await turk.hit(QualificationRequirements=[same, _requires()])

    assert first["HITTypeId"] == second["HITTypeId"]


async def test_37_create_hit_type(turk: Requester) -> None:
    """Equal types have one id, which CreateHIT finds, too; HITs made with the type have its properties."""
    first = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    second = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    hit = await turk.hit()
    made = await turk("CreateHITWithHITType", HITTypeId=first, LifetimeInSeconds=60, Question=QUESTION)

    assert first == second == hit["HITTypeId"] == made["HIT"]["HITTypeId"]
    assert made["HIT"]["Title"] == HIT["Title"]
    assert made["HIT"]["HITGroupId"] == hit["HITGroupId"]


async def test_37_an_unknown_type(turk: Requester) -> None:
    """CreateHITWithHITType with an unknown type is refused."""
    members = {"HITTypeId": "3NOSUCHTYPE", "LifetimeInSeconds": 60, "Question": QUESTION}
    assert (await turk.refused("CreateHITWithHITType", **members)).code == "HITTypeDoesNotExist"


async def test_38_rewards_compare_as_numbers(turk: Requester) -> None:
    """0.1 and 0.10 are one reward."""
    assert (await turk.hit(Reward="0.1"))["HITTypeId"] == (await turk.hit(Reward="0.10"))["HITTypeId"]


async def test_39_a_token_makes_one_hit(turk: Requester) -> None:
    """A repeat with the same token is refused, naming the first HIT; CreateHITWithHITType shares the space."""
    hit = await turk.hit(UniqueRequestToken="once")
    repeat = await turk.refused("CreateHIT", **HIT, UniqueRequestToken="once")
    members = {"HITTypeId": hit["HITTypeId"], "LifetimeInSeconds": 60, "Question": QUESTION}
    other = await turk.refused("CreateHITWithHITType", **members, UniqueRequestToken="once")

    assert (repeat.type, repeat.status, repeat.code) == ("RequestError", 400, "HITAlreadyExists")
    assert hit["HITId"] in repeat.message
    assert other.code == "HITAlreadyExists"
    assert len((await turk("ListHITs"))["HITs"]) == 1


async def test_39_a_failed_call_does_not_use_a_token_up(turk: Requester) -> None:
    """Only success is remembered."""
    await turk.refused("CreateHIT", **{**HIT, "LifetimeInSeconds": 1}, UniqueRequestToken="once")

    assert await turk.hit(UniqueRequestToken="once")


async def test_40_a_token_is_free_after_a_day(market: Marketplace, turk: Requester) -> None:
    """24 hours after its use a token makes another HIT."""
    first = await turk.hit(UniqueRequestToken="once")
    await market.advance(timedelta(hours=24) - timedelta(milliseconds=1))
    await turk.refused("CreateHIT", **HIT, UniqueRequestToken="once")
    await market.advance(timedelta(milliseconds=1))
    second = await turk.hit(UniqueRequestToken="once")

    assert first["HITId"] != second["HITId"]
    assert second["HITId"] in (await turk.refused("CreateHIT", **HIT, UniqueRequestToken="once")).message


async def test_47_the_documented_example(market: Marketplace, turk: Requester) -> None:
    """The table of the documentation, step by step."""
    hit_id = (await turk.hit(MaxAssignments=5))["HITId"]
    workers = [market.worker(name) for name in (ANNA, BERT, CARA, DORA, EMIL)]
    assert await turk.counts(hit_id) == ("Assignable", 5, 0, 0)

    held = [await worker.accept(hit_id) for worker in workers[:3]]
    assert await turk.counts(hit_id) == ("Assignable", 2, 3, 0)

    held += [await worker.accept(hit_id) for worker in workers[3:]]
    for place in (0, 1):
        await workers[place].submit(held[place], {"a": "b"})
    assert await turk.counts(hit_id) == ("Unassignable", 0, 3, 0)

    await workers[2].return_assignment(held[2])
    assert await turk.counts(hit_id) == ("Assignable", 1, 2, 0)

    held[2] = await workers[2].accept(hit_id)
    for place in (2, 3, 4):
        await workers[place].submit(held[place], {"a": "b"})
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 0)


async def test_48_expiry_with_nothing_at_work(market: Marketplace, turk: Requester) -> None:
    """A HIT that nobody works on becomes Reviewable when it expires; what is left stays counted as available."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]
    await market.advance(HOUR - timedelta(milliseconds=1))
    assert await turk.counts(hit_id) == ("Assignable", 3, 0, 0)
    await market.advance(timedelta(milliseconds=1))
    assert await turk.counts(hit_id) == ("Reviewable", 3, 0, 0)


async def test_48_expiry_with_work_open(market: Marketplace, turk: Requester) -> None:
    """It is Unassignable until the last worker ends, who may still submit."""
    hit_id = (await turk.hit(MaxAssignments=3, AssignmentDurationInSeconds=7200))["HITId"]
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit_id)
    await market.advance(HOUR)
    assert await turk.counts(hit_id) == ("Unassignable", 2, 1, 0)
    await worker.submit(assignment_id, {"a": "b"})
    assert await turk.counts(hit_id) == ("Reviewable", 2, 0, 0)


async def test_49_a_return_after_expiry(market: Marketplace, turk: Requester) -> None:
    """What is returned after expiry cannot be accepted any more."""
    hit_id = (await turk.hit(AssignmentDurationInSeconds=7200))["HITId"]
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit_id)
    await market.advance(HOUR)
    await worker.return_assignment(assignment_id)
    assert await turk.counts(hit_id) == ("Reviewable", 1, 0, 0)


async def test_50_forced_expiry(market: Marketplace, turk: Requester) -> None:
    """A time in the past ends a HIT at once; doing it again succeeds and changes nothing."""
    hit_id = (await turk.hit())["HITId"]
    await market.advance(timedelta(minutes=1))
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    hit = await turk.get(hit_id)
    await market.advance(timedelta(minutes=1))
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)

    assert hit["HITStatus"] == "Reviewable"
    assert hit["Expiration"] - hit["CreationTime"] == timedelta(minutes=1)
    assert await turk.get(hit_id) == hit


@pytest.mark.parametrize(("seconds", "shown"), [(11, 11), (59, 59), (-100, -100), (31_536_001, 31_536_001)])
async def test_51_52_extensions_out_of_range(turk: Requester, seconds: int, shown: int) -> None:
    """The step is bounded and cannot be backwards; nothing changes."""
    hit = await turk.hit()
    refusal = await turk.refused(
        "UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=hit["Expiration"] + timedelta(seconds=seconds)
    )

    assert refusal.message.startswith(
        f"The value {shown} is invalid for ExpirationIncrementInSeconds. Valid values range from 60 to 31536000. ("
    )
    assert await turk.get(hit["HITId"]) == hit


async def test_53_the_same_extension_twice(market: Marketplace, turk: Requester) -> None:
    """Each extension has a hidden token of HIT and time, looked at before the range."""
    hit = await turk.hit()
    until = hit["Expiration"] + timedelta(hours=1)
    await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=until)
    refusal = await turk.refused("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=until)

    assert (await turk.get(hit["HITId"]))["Expiration"] == until
    assert until.astimezone(UTC).replace(microsecond=0) == datetime(2030, 3, 17, 19, 46, 40, tzinfo=UTC)
    token = f"{hit['HITId']}Sun Mar 17 19:46:40 UTC 2030"
    assert refusal.code == "DuplicateCall"
    assert refusal.message.startswith(f'The idempotency token "{token}" has already been processed. (')


async def test_54_extending_an_expired_hit(market: Marketplace, turk: Requester) -> None:
    """An expired HIT with assignments left becomes Assignable again; the step counts from now."""
    hit = await turk.hit()
    await market.advance(2 * HOUR)
    assert (await turk.get(hit["HITId"]))["HITStatus"] == "Reviewable"
    until = market.now() + timedelta(seconds=60)
    await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=until)
    again = await turk.get(hit["HITId"])

    assert (again["HITStatus"], again["Expiration"]) == ("Assignable", until)


async def test_55_additional_assignments(market: Marketplace, turk: Requester) -> None:
    """A Reviewable HIT that has not expired becomes Assignable again."""
    hit_id = (await turk.hit())["HITId"]
    await done(market, hit_id, ANNA)
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 0)
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=2)

    assert await turk.counts(hit_id) == ("Assignable", 2, 0, 0)
    assert (await turk.get(hit_id))["MaxAssignments"] == 3


async def test_56_additional_assignments_of_an_expired_hit(market: Marketplace, turk: Requester) -> None:
    """They are counted, and the HIT stays Reviewable."""
    hit_id = (await turk.hit())["HITId"]
    await market.advance(2 * HOUR)
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=2)

    assert await turk.counts(hit_id) == ("Reviewable", 3, 0, 0)


@pytest.mark.parametrize(("first", "more", "fine"), [(9, 1, False), (5, 4, True), (10, 5, True), (1, 9, False)])
async def test_57_small_hits_stay_small(turk: Requester, first: int, more: int, fine: bool) -> None:
    """A HIT with fewer than ten assignments can never have ten."""
    hit_id = (await turk.hit(MaxAssignments=first))["HITId"]
    members = {"HITId": hit_id, "NumberOfAdditionalAssignments": more}
    if fine:
        await turk("CreateAdditionalAssignmentsForHIT", **members)
    else:
        refusal = await turk.refused("CreateAdditionalAssignmentsForHIT", **members)
        assert refusal.code == "InvalidMaximumAssignmentsIncrease"
    assert (await turk.get(hit_id))["MaxAssignments"] == first + more * fine


async def test_58_additional_assignments_with_a_used_token(turk: Requester) -> None:
    """The second call is refused and adds nothing."""
    hit_id = (await turk.hit())["HITId"]
    members = {"HITId": hit_id, "NumberOfAdditionalAssignments": 1, "UniqueRequestToken": "once"}
    await turk("CreateAdditionalAssignmentsForHIT", **members)
    refusal = await turk.refused("CreateAdditionalAssignmentsForHIT", **members)

    assert refusal.code == "DuplicateCall"
    assert refusal.message.startswith('The idempotency token "once" has already been processed.')
    assert (await turk.get(hit_id))["MaxAssignments"] == 2


async def test_59_review_status(market: Marketplace, turk: Requester) -> None:
    """UpdateHITReviewStatus moves between Reviewable and Reviewing only; HITReviewStatus never changes."""
    hit_id = (await turk.hit())["HITId"]
    refusal = await turk.refused("UpdateHITReviewStatus", HITId=hit_id)
    assert refusal.code == "InvalidHITState"
    assert "'Assignable'.  This operation can be called with a status of: Reviewable (" in refusal.message

    await done(market, hit_id, ANNA)
    await turk("UpdateHITReviewStatus", HITId=hit_id)
    assert (await turk.get(hit_id))["HITStatus"] == "Reviewing"
    assert (await turk.refused("UpdateHITReviewStatus", HITId=hit_id)).code == "InvalidHITState"
    await turk("UpdateHITReviewStatus", HITId=hit_id, Revert=True)
    hit = await turk.get(hit_id)
    assert (hit["HITStatus"], hit["HITReviewStatus"]) == ("Reviewable", "NotReviewed")


async def test_59_a_hit_in_review_stays_so(market: Marketplace, turk: Requester) -> None:
    """Time and decisions do not end a review; an extension does."""
    hit_id = (await turk.hit(MaxAssignments=2))["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    await turk("UpdateHITReviewStatus", HITId=hit_id)
    await market.advance(HOUR)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    assert (await turk.get(hit_id))["HITStatus"] == "Reviewing"
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=market.now() + HOUR)
    assert (await turk.get(hit_id))["HITStatus"] == "Assignable"


async def test_60_moving_a_hit_to_another_type(market: Marketplace, turk: Requester) -> None:
    """Everything that the type says follows; the rest stays. Once somebody has accepted it, it cannot be moved."""
    hit = await turk.hit(RequesterAnnotation="mine")
    kind = (await turk("CreateHITType", **{**TYPE, "Title": "Other", "Reward": "0.50"}))["HITTypeId"]
    await turk("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId=kind)
    moved = await turk.get(hit["HITId"])
    assert (moved["Title"], moved["Reward"], moved["HITTypeId"]) == ("Other", "0.50", kind)
    assert moved["HITGroupId"] != hit["HITGroupId"]
    assert (moved["RequesterAnnotation"], moved["Expiration"]) == ("mine", hit["Expiration"])

    await market.worker(ANNA).accept(hit["HITId"])
    refusal = await turk.refused("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId=hit["HITTypeId"])
    assert refusal.code == "InvalidHITState"
    unknown = await turk.refused("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId="3NOSUCHTYPE")
    assert unknown.code == "HITTypeDoesNotExist"


async def test_61_a_hit_on_the_market_cannot_be_deleted(market: Marketplace, turk: Requester) -> None:
    """The refusal names the state and the states that would do, with two blanks."""
    hit_id = (await turk.hit())["HITId"]
    assignable = await turk.refused("DeleteHIT", HITId=hit_id)
    await market.worker(ANNA).accept(hit_id)
    unassignable = await turk.refused("DeleteHIT", HITId=hit_id)

    for refusal, state in ((assignable, "Assignable"), (unassignable, "Unassignable")):
        assert refusal.code == "InvalidHITState"
        assert refusal.message.startswith(
            f"This HIT is currently in the state '{state}'.  "
            "This operation can be called with a status of: Reviewing, Reviewable ("
        )


@pytest.mark.parametrize("decision", ["ApproveAssignment", "RejectAssignment"])
async def test_62_a_hit_with_undecided_work_cannot_be_deleted(
    market: Marketplace, turk: Requester, decision: str
) -> None:
    """It can once every assignment is decided."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    refusal = await turk.refused("DeleteHIT", HITId=hit_id)
    assert refusal.message.startswith("This HIT is currently in the state 'Reviewable'.  ")
    await turk(decision, AssignmentId=assignment_id, RequesterFeedback="so")
    await turk("DeleteHIT", HITId=hit_id)
    assert (await turk.get(hit_id))["HITStatus"] == "Disposed"


async def test_63_deleting_twice_and_deleting_in_review(turk: Requester) -> None:
    """A HIT in review can be deleted; the second time it is Disposed already."""
    hit_id = (await turk.hit())["HITId"]
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    await turk("UpdateHITReviewStatus", HITId=hit_id)
    await turk("DeleteHIT", HITId=hit_id)
    refusal = await turk.refused("DeleteHIT", HITId=hit_id)

    assert refusal.message.startswith("This HIT is currently in the state 'Disposed'.  ")
    for operation, members in (
        ("UpdateExpirationForHIT", {"ExpireAt": 0}),
        ("UpdateHITReviewStatus", {}),
        ("CreateAdditionalAssignmentsForHIT", {"NumberOfAdditionalAssignments": 1}),
    ):
        assert (await turk.refused(operation, HITId=hit_id, **members)).code == "InvalidHITState"


async def test_64_a_deleted_hit_is_in_no_list(market: Marketplace, turk: Requester) -> None:
    """ListHITs and ListReviewableHITs leave it out; its assignments can still be read."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    assert (await turk("ListReviewableHITs"))["HITs"] == [{"HITId": hit_id}]
    await turk("DeleteHIT", HITId=hit_id)

    assert (await turk("ListHITs"))["HITs"] == []
    assert (await turk("ListReviewableHITs"))["HITs"] == []
    assert len(await turk.assignments(hit_id)) == 1
    assert (await turk("GetAssignment", AssignmentId=assignment_id))["HIT"]["HITStatus"] == "Disposed"


async def test_65_reviewable_hits_have_an_id_only(turk: Requester) -> None:
    """Items of ListReviewableHITs are ids; state and type filter, the oldest comes first."""
    first = await turk.hit()
    second = await turk.hit(Title="Another")
    third = await turk.hit()
    for hit in (third, second, first):
        await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=0)
    await turk("UpdateHITReviewStatus", HITId=third["HITId"])

    assert (await turk("ListReviewableHITs"))["HITs"] == [{"HITId": first["HITId"]}, {"HITId": second["HITId"]}]
    reviewing = await turk("ListReviewableHITs", Status="Reviewing")
    assert reviewing["HITs"] == [{"HITId": third["HITId"]}]
    of_type = await turk("ListReviewableHITs", HITTypeId=second["HITTypeId"])
    assert of_type["HITs"] == [{"HITId": second["HITId"]}]
    assert (await turk("ListReviewableHITs", HITTypeId="3NOSUCHTYPE"))["HITs"] == []


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetHIT", {}),
        ("DeleteHIT", {}),
        ("UpdateExpirationForHIT", {"ExpireAt": 0}),
        ("CreateAdditionalAssignmentsForHIT", {"NumberOfAdditionalAssignments": 1}),
        ("ListAssignmentsForHIT", {}),
        ("ListBonusPayments", {}),
        ("UpdateHITReviewStatus", {}),
        ("UpdateHITTypeOfHIT", {"HITTypeId": "3A"}),
    ],
)
async def test_unknown_hits(turk: Requester, operation: str, members: dict[str, Any]) -> None:
    """Whatever takes a HIT's id refuses one that does not exist."""
    refusal = await turk.refused(operation, HITId="3NOSUCHHIT", **members)

    assert refusal.code == "HITDoesNotExist"
    assert refusal.message.startswith("Hit 3NOSUCHHIT does not exist. (")


async def test_review_policies_are_no_part_of_the_type(turk: Requester) -> None:
    """Policies are kept, are not shown, and do not change the type (line 111)."""
    policy = {"PolicyName": "SimplePlurality/2011-09-01", "Parameters": [{"Key": "QuestionIds", "Values": ["age"]}]}
    plain = await turk.hit()
    reviewed = await turk.hit(HITReviewPolicy=policy)

    assert reviewed["HITTypeId"] == plain["HITTypeId"]
    assert set(reviewed) == set(plain)


async def test_54_the_least_extension_of_an_expired_hit_counts_from_now(market: Marketplace, turk: Requester) -> None:
    """Sixty seconds from now are enough, fifty-nine are not, however long ago it expired."""
    hit_id = (await turk.hit())["HITId"]
    await market.advance(2 * HOUR)
    refusal = await turk.refused(
        "UpdateExpirationForHIT", HITId=hit_id, ExpireAt=market.now() + timedelta(seconds=59, milliseconds=900)
    )
    assert refusal.message.startswith("The value 59 is invalid for ExpirationIncrementInSeconds.")

    until = market.now() + timedelta(seconds=60)
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=until)
    hit = await turk.get(hit_id)
    assert (hit["HITStatus"], hit["Expiration"]) == ("Assignable", until)


async def test_60_a_hit_that_was_accepted_and_returned_cannot_be_moved(market: Marketplace, turk: Requester) -> None:
    """Once somebody has accepted it, the type stays, even if nobody has it any more."""
    hit_id = (await turk.hit())["HITId"]
    kind = (await turk("CreateHITType", **{**TYPE, "Title": "Other"}))["HITTypeId"]
    await market.worker(ANNA).return_assignment(await market.worker(ANNA).accept(hit_id))

    assert (await turk.refused("UpdateHITTypeOfHIT", HITId=hit_id, HITTypeId=kind)).code == "InvalidHITState"


async def test_12_an_empty_annotation_is_left_out(market: Marketplace) -> None:
    """An empty annotation reads back as none."""
    answer = await post(market, "CreateHIT", {**HIT, "RequesterAnnotation": ""})

    assert answer.status == 200
    assert "RequesterAnnotation" not in answer.json["HIT"]


def _external(content: str) -> str:
    return f'<ExternalQuestion xmlns="{SCHEMAS}/2006-07-14/ExternalQuestion.xsd">{content}</ExternalQuestion>'


def _html(content: str) -> str:
    return f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd">{content}</HTMLQuestion>'


def _form(content: str) -> str:
    return f'<QuestionForm xmlns="{SCHEMAS}/2005-10-01/QuestionForm.xsd">{content}</QuestionForm>'


@pytest.mark.parametrize(
    ("question", "details"),
    [
        (_external(""), "ExternalQuestion holds nothing"),
        (_external("<ExternalURL>https://example.org</ExternalURL>"), "takes ExternalURL and FrameHeight"),
        (
            _external("<FrameHeight>0</FrameHeight><ExternalURL>https://example.org</ExternalURL>"),
            "in this order",
        ),
        (_external("<ExternalURL/><FrameHeight>0</FrameHeight>"), "absolute"),
        (_external("<ExternalURL>/task</ExternalURL><FrameHeight>0</FrameHeight>"), "absolute"),
        (_external("<ExternalURL>ftp://example.org</ExternalURL><FrameHeight>0</FrameHeight>"), "absolute"),
        (_external("<ExternalURL>https://[</ExternalURL><FrameHeight>0</FrameHeight>"), "absolute"),
        (_external("<ExternalURL>https://example.org</ExternalURL><FrameHeight>tall</FrameHeight>"), "FrameHeight"),
        (_html("<HTMLContent>a page</HTMLContent>"), "takes HTMLContent and FrameHeight"),
        (_html("<HTMLContent/><FrameHeight>0</FrameHeight>"), "HTMLContent is empty"),
        (_html("<HTMLContent> \n </HTMLContent><FrameHeight>0</FrameHeight>"), "HTMLContent is empty"),
        (_html("<HTMLContent><b>a</b></HTMLContent><FrameHeight>0</FrameHeight>"), ""),
        (_form(""), "QuestionForm is empty"),
        (_form("text"), "QuestionForm is empty"),
        (_form("<Overview/><Answer/>"), "QuestionForm holds Answer"),
        (_form('<Overview xmlns=""/>'), "QuestionForm holds Overview"),
        (_form("<Overview><Title>t</Title></Overview><Question/>"), "Question 1 is empty"),
    ],
)
async def test_29_questions_with_a_wrong_content(turk: Requester, question: str, details: str) -> None:
    """A question document has the children that its kind demands, with something in them."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "Question": question})

    assert refusal.type == "ParameterValidationError"
    start, _, told = refusal.message.partition("Details: ")
    assert start.startswith("There was an error parsing the XML question or answer data in your request.  Please")
    assert details in told


async def test_29_formatted_content_has_an_error_of_its_own(turk: Requester) -> None:
    """Formatted content that uses what it may not is told apart from broken XML, and the text says where."""
    question = _form("<Overview><FormattedContent><![CDATA[<script/>]]></FormattedContent></Overview>")

    refusal = await turk.refused("CreateHIT", **{**HIT, "Question": question})

    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith("There was an error parsing the XHTML data in your request.")
    assert 'Details: Overview 1: FormattedContent 1 holds the tag "script"' in refusal.message


async def test_30_pages_over_http_are_accepted(turk: Requester) -> None:
    """Whether the service refused plain http is not known, so it is accepted."""
    question = _external("<ExternalURL>http://localhost:8080/a?b=c</ExternalURL><FrameHeight>600</FrameHeight>")

    assert (await turk.hit(Question=question))["Question"] == question
