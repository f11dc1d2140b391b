"""
Making HITs and HIT types: the reference's lines 21-40.

Requirements (32, 33) are in `test_requirements.py`, layouts (41) in `test_layouts.py`, funds (42) in `test_money.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aioturk.marketplace import Marketplace
from tests.marketplace.support import HIT, QUESTION, SCHEMAS, Requester, post

TYPE = {name: value for name, value in HIT.items() if name not in {"LifetimeInSeconds", "Question"}}
NOT_PARSED = (
    "There was an error parsing the XML question or answer data in your request.  Please make sure the data is "
    "well-formed and validates against the appropriate schema. Details: "
)
REQUIREMENT = {"QualificationTypeId": "00000000000000000040", "Comparator": "Exists"}


async def test_21_a_new_hit_is_on_the_market(turk: Requester) -> None:
    """A new HIT is Assignable and NotReviewed; all its assignments are available, none pending, none completed."""
    hit = await turk.hit(MaxAssignments=5)

    for shown in (hit, await turk.get(hit["HITId"])):
        assert (shown["HITStatus"], shown["HITReviewStatus"]) == ("Assignable", "NotReviewed")
        assert shown["MaxAssignments"] == shown["NumberOfAssignmentsAvailable"] == 5
        assert shown["NumberOfAssignmentsPending"] == shown["NumberOfAssignmentsCompleted"] == 0


async def test_22_defaults(turk: Requester) -> None:
    """Left out, MaxAssignments is 1 and AutoApprovalDelayInSeconds thirty days."""
    hit = await turk.hit()

    assert hit["MaxAssignments"] == 1
    assert hit["AutoApprovalDelayInSeconds"] == 2_592_000


async def test_23_the_expiration_is_the_lifetime_after_the_creation(turk: Requester) -> None:
    """Expiration minus CreationTime is LifetimeInSeconds."""
    hit = await turk.hit(LifetimeInSeconds=7201)

    assert hit["Expiration"] - hit["CreationTime"] == timedelta(seconds=7201)


async def test_24_the_bounds_of_the_lifetime(turk: Requester) -> None:
    """A second less than thirty, or more than a year, is refused with the range; thirty seconds and a year are fine."""
    for seconds in (29, 31_536_001):
        refusal = await turk.refused("CreateHIT", **{**HIT, "LifetimeInSeconds": seconds})
        assert refusal.type == "ParameterValidationError"
        assert refusal.message.startswith(
            f"The value {seconds} is invalid for LifetimeInSeconds. Valid values range from 30 to 31536000. ("
        )
    assert (await turk("ListHITs"))["HITs"] == []

    for seconds in (30, 31_536_000):
        hit = await turk.hit(LifetimeInSeconds=seconds)
        assert hit["Expiration"] - hit["CreationTime"] == timedelta(seconds=seconds)


async def test_25_texts_that_are_too_long(market: Marketplace, turk: Requester) -> None:
    """Title, description, keywords and annotation of one character too many are refused by name; one less is fine."""
    most = {"Title": 128, "Description": 2000, "Keywords": 1000, "RequesterAnnotation": 255}
    for member, length in most.items():
        answer = await post(market, "CreateHIT", {**HIT, member: "x" * (length + 1)})
        assert answer.status == 400
        assert (answer.json["__type"], answer.json["Parameter"]) == ("ParameterValidationError", member)
    assert (await turk("ListHITs"))["HITs"] == []

    hit = await turk.hit(**{member: "x" * length for member, length in most.items()})
    assert {member: len(hit[member]) for member in most} == most


async def test_26_rewards(market: Marketplace, turk: Requester) -> None:
    """Three decimals break the model's pattern; nothing is a reward, too."""
    answer = await post(market, "CreateHIT", {**HIT, "Reward": "1.234"})

    assert (answer.status, answer.json["__type"]) == (400, "ValidationException")
    assert "Member must satisfy regular expression pattern: ^[0-9]+(\\.)?[0-9]{0,2}$" in answer.json["message"]
    assert (await turk.hit(Reward="0.00"))["Reward"] == "0.00"


async def test_27_either_a_question_or_a_layout(market: Marketplace) -> None:
    """Neither of the two, and both, are ParameterValidationErrors."""
    neither = await post(market, "CreateHIT", {name: value for name, value in HIT.items() if name != "Question"})
    both = await post(market, "CreateHIT", {**HIT, "HITLayoutId": "3LAYOUT"})

    assert neither.status == both.status == 400
    assert neither.json["__type"] == both.json["__type"] == "ParameterValidationError"
    assert neither.json["Message"].startswith(
        "Your request is missing required parameters. Required parameters include Question, HITLayoutId."
    )


def _sized(size: int) -> str:
    """A question of that many bytes, which are more than its characters."""
    filling = size - len(QUESTION.encode())
    return QUESTION.replace("</ExternalURL>", "ü" * (filling // 2) + "x" * (filling % 2) + "</ExternalURL>")


async def test_28_the_size_of_a_question(turk: Requester) -> None:
    """A question of 65,535 bytes is fine, one byte more is not."""
    assert len(_sized(65_535).encode()) == 65_535
    assert (await turk.hit(Question=_sized(65_535)))["Question"] == _sized(65_535)
    refusal = await turk.refused("CreateHIT", **{**HIT, "Question": _sized(65_536)})

    assert refusal.type == "ParameterValidationError"


@pytest.mark.parametrize("question", ["no XML", QUESTION[:-5], QUESTION.replace("</ExternalURL>", "")])
async def test_29_broken_xml(market: Marketplace, question: str) -> None:
    """A question that is not well-formed is an XMLParseError with the service's sentence."""
    answer = await post(market, "CreateHIT", {**HIT, "Question": question})

    assert answer.status == 400
    assert answer.json["__type"] == "ParameterValidationError"
    assert answer.json["TurkErrorCode"] == "AWS.MechanicalTurk.XMLParseError"
    assert answer.json["Message"].startswith(NOT_PARSED)


@pytest.mark.parametrize("question", ["<Question/>", f'<AnswerKey xmlns="{SCHEMAS}/2005-10-01/AnswerKey.xsd"/>'])
async def test_30_unknown_roots(market: Marketplace, question: str) -> None:
    """XML that is no question is an XMLParseError, too."""
    answer = await post(market, "CreateHIT", {**HIT, "Question": question})

    assert answer.status == 400
    assert answer.json["TurkErrorCode"] == "AWS.MechanicalTurk.XMLParseError"
    assert answer.json["Message"].startswith(NOT_PARSED)


async def test_31_at_most_ten_requirements(turk: Requester) -> None:
    """Eleven requirements are refused, ten are not."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "QualificationRequirements": [REQUIREMENT] * 11})
    hit = await turk.hit(QualificationRequirements=[REQUIREMENT] * 10)

    assert refusal.type == "ParameterValidationError"
    assert len(hit["QualificationRequirements"]) == 10


async def test_34_the_old_word_for_what_is_guarded(turk: Requester) -> None:
    """RequiredToPreview comes back together with the newer ActionsGuarded."""
    hit = await turk.hit(QualificationRequirements=[{**REQUIREMENT, "RequiredToPreview": True}])

    assert hit["QualificationRequirements"] == [
        {**REQUIREMENT, "RequiredToPreview": True, "ActionsGuarded": "PreviewAndAccept"}
    ]


async def test_35_equal_properties_share_type_and_group(turk: Requester) -> None:
    """Two HITs with equal properties have the same HITTypeId and HITGroupId, and are two."""
    first, second = await turk.hit(), await turk.hit()

    assert first["HITTypeId"] == second["HITTypeId"]
    assert first["HITGroupId"] == second["HITGroupId"]
    assert first["HITId"] != second["HITId"]


async def test_36_what_makes_another_type(turk: Requester) -> None:
    """Lifetime, MaxAssignments, Question and annotation do not count; all that describes the work does."""
    first = await turk.hit()
    same: dict[str, Any] = {
        "LifetimeInSeconds": 60,
        "MaxAssignments": 7,
        "Question": QUESTION.replace("task", "other"),
        "RequesterAnnotation": "note",
    }
    for name, value in same.items():
        hit = await turk.hit(**{name: value})
        assert (hit["HITTypeId"], hit["HITGroupId"]) == (first["HITTypeId"], first["HITGroupId"]), name

    other: dict[str, Any] = {
        "Reward": "0.26",
        "Title": "Another",
        "Description": "Another",
        "Keywords": "another",
        "AssignmentDurationInSeconds": 301,
        "AutoApprovalDelayInSeconds": 1,
        "QualificationRequirements": [REQUIREMENT],
    }
    hits = [first, *[await turk.hit(**{name: value}) for name, value in other.items()]]
    assert len({hit["HITTypeId"] for hit in hits}) == len(hits)
    assert len({hit["HITGroupId"] for hit in hits}) == len(hits)


async def test_37_equal_types_are_one(turk: Requester) -> None:
    """CreateHITType gives equal input one id, and CreateHIT with those values finds it."""
    members = {**TYPE, "Keywords": "age, image", "QualificationRequirements": [REQUIREMENT]}
    first = (await turk("CreateHITType", **members))["HITTypeId"]
    second = (await turk("CreateHITType", **members))["HITTypeId"]
    hit = await turk.hit(Keywords="age, image", QualificationRequirements=[REQUIREMENT])

    assert first == second == hit["HITTypeId"]


async def test_38_rewards_compare_as_numbers(turk: Requester) -> None:
    """0.1 and 0.10 are one reward."""
    assert (await turk.hit(Reward="0.1"))["HITTypeId"] == (await turk.hit(Reward="0.10"))["HITTypeId"]


async def test_39_a_token_makes_one_hit(turk: Requester) -> None:
    """The second call with a token is refused with the first one's HITId, and makes nothing."""
    hit = await turk.hit(UniqueRequestToken="once")
    refusal = await turk.refused("CreateHIT", **HIT, UniqueRequestToken="once")

    assert (refusal.status, refusal.type, refusal.code) == (400, "RequestError", "HITAlreadyExists")
    assert hit["HITId"] in refusal.message
    assert [listed["HITId"] for listed in (await turk("ListHITs"))["HITs"]] == [hit["HITId"]]


async def test_40_a_token_is_free_after_a_day(market: Marketplace, turk: Requester) -> None:
    """Up to 24 hours after its use a token is taken; from then on it makes another HIT."""
    first = await turk.hit(UniqueRequestToken="once")
    await market.advance(timedelta(hours=24) - timedelta(milliseconds=1))
    assert (await turk.refused("CreateHIT", **HIT, UniqueRequestToken="once")).code == "HITAlreadyExists"
    await market.advance(timedelta(milliseconds=1))
    second = await turk.hit(UniqueRequestToken="once")

    assert first["HITId"] != second["HITId"]
    assert second["HITId"] in (await turk.refused("CreateHIT", **HIT, UniqueRequestToken="once")).message
