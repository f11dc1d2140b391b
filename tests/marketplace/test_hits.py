"""HITs: finer points than those of the conformance tests."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aioturk.errors import InvalidRequest
from aioturk.marketplace import AMAZON, HOUSE, Marketplace, Rules
from aioturk.questions import HTMLQuestion

from .support import ANNA, HIT, QUESTION, SCHEMAS, Requester, StillClock, done, post

HOUR = timedelta(hours=1)

TYPE = {name: value for name, value in HIT.items() if name not in {"LifetimeInSeconds", "Question"}}


@pytest.mark.parametrize("lifetime", [0, -5])
async def test_lifetimes_of_nothing(turk: Requester, lifetime: int) -> None:
    """A HIT cannot be over before it begins."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "LifetimeInSeconds": lifetime})

    assert refusal.message.startswith(f"The value {lifetime} is invalid for LifetimeInSeconds. ")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Title", ""),
        ("RequesterAnnotation", "größer"),
        ("MaxAssignments", 0),
        ("MaxAssignments", 1_000_000_001),
        ("AutoApprovalDelayInSeconds", 2_592_001),
        ("AssignmentDurationInSeconds", 29),
        ("Reward", "99999999999999999999.99"),
    ],
)
async def test_members_out_of_bounds(turk: Requester, member: str, value: object) -> None:
    """Texts that are empty or not ASCII where they must not be, and numbers out of range, are refused by name."""
    refusal = await turk.refused("CreateHIT", **{**HIT, member: value})

    assert refusal.type == "ParameterValidationError"
    assert member in refusal.message
    assert (await turk("ListHITs"))["NumResults"] == 0


@pytest.mark.parametrize("reward", ["-1", "1e3", ".5", "$1", ""])
async def test_rewards_that_are_no_amounts(market: Marketplace, reward: str) -> None:
    """A reward that breaks the model's pattern is a ValidationException."""
    answer = await post(market, "CreateHIT", {**HIT, "Reward": reward})

    assert answer.json["__type"] == "ValidationException"


@pytest.mark.parametrize(("reward", "shown"), [("0", "0.00"), ("5.", "5.00"), ("5", "5.00")])
async def test_forms_of_rewards(turk: Requester, reward: str, shown: str) -> None:
    """Every form of an amount comes back with two decimals."""
    assert (await turk.hit(Reward=reward))["Reward"] == shown


async def test_an_empty_question_and_an_unknown_layout(market: Marketplace) -> None:
    """An empty question is too short; a layout that does not exist is not valid."""
    rest = {name: value for name, value in HIT.items() if name != "Question"}
    empty = await post(market, "CreateHIT", {**rest, "Question": ""})
    layout = await post(market, "CreateHIT", {**rest, "HITLayoutId": "3LAYOUT"})

    assert empty.json["Message"].startswith("Your request parameter Question  has a minimum length of 1. (")
    assert layout.json["Message"].startswith('The value "3LAYOUT" is not valid for the parameter HITLayoutId. (')


@pytest.mark.parametrize("text", ['"\\ud800"', '"<a>\\udfff</a>"'])
async def test_lone_surrogates_are_no_text(market: Marketplace, text: str) -> None:
    """What has no UTF-8 form is the caller's error."""
    body = json.dumps({**HIT, "Question": "%"}).replace('"%"', text).encode()
    answer = await post(market, "CreateHIT", body)

    assert answer.status == 400
    assert answer.json["__type"] in {"SerializationException", "ParameterValidationError"}


BOMB = f'<!DOCTYPE a [<!ENTITY b "c">]>{QUESTION}'


@pytest.mark.parametrize("question", [BOMB, QUESTION.replace("2006-07-14", "2001-01-01")])
async def test_document_types_and_unknown_namespaces(turk: Requester, question: str) -> None:
    """They are refused like XML that is broken."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "Question": question})

    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith("There was an error parsing the XML question or answer data in your request.  ")


@pytest.mark.parametrize("root", ["HTMLQuestion", "QuestionForm"])
async def test_the_other_kinds_of_questions(turk: Requester, root: str) -> None:
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


LOCALE = "00000000000000000071"
US = {"Country": "US"}


@pytest.mark.parametrize(
    "requirement",
    [
        _requires(Comparator="EqualTo"),
        _requires(Comparator="LessThan", IntegerValues=[1, 2]),
        _requires(QualificationTypeId=LOCALE, Comparator="EqualTo", IntegerValues=[1]),
        _requires(QualificationTypeId=LOCALE, Comparator="LessThan", LocaleValues=[US]),
        _requires(RequiredToPreview=False, ActionsGuarded="PreviewAndAccept"),
    ],
)
async def test_requirements_that_make_no_sense(turk: Requester, requirement: dict[str, Any]) -> None:
    """Values that do not go with the comparator or the type are ParameterValidationErrors."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "QualificationRequirements": [requirement]})

    assert refusal.type == "ParameterValidationError"


@pytest.mark.parametrize(
    ("sent", "preview", "guarded"),
    [
        ({}, False, "Accept"),
        ({"RequiredToPreview": False}, False, "Accept"),
        ({"ActionsGuarded": "PreviewAndAccept"}, True, "PreviewAndAccept"),
        ({"ActionsGuarded": "DiscoverPreviewAndAccept"}, True, "DiscoverPreviewAndAccept"),
    ],
)
async def test_both_words_for_what_is_guarded_come_back(
    turk: Requester, sent: dict[str, Any], preview: bool, guarded: str
) -> None:
    """RequiredToPreview and ActionsGuarded both come back, whichever was sent."""
    requirement = _requires(QualificationTypeId=LOCALE, Comparator="In", LocaleValues=[US, {**US, "Subdivision": "WA"}])
    hit = await turk.hit(QualificationRequirements=[{**requirement, **sent}])

    assert hit["QualificationRequirements"] == [
        {**requirement, "RequiredToPreview": preview, "ActionsGuarded": guarded}
    ]


async def test_a_default_is_what_it_stands_for(turk: Requester) -> None:
    """A delay that is left out and the same delay written out make one type."""
    first, second = await turk.hit(), await turk.hit(AutoApprovalDelayInSeconds=2_592_000)

    assert first["HITTypeId"] == second["HITTypeId"]


async def test_small_differences_make_other_types(turk: Requester) -> None:
    """A blank counts, and so does what a requirement guards."""
    hits = [
        await turk.hit(Keywords="a"),
        await turk.hit(Keywords="a "),
        await turk.hit(QualificationRequirements=[_requires()]),
        await turk.hit(QualificationRequirements=[_requires(ActionsGuarded="PreviewAndAccept")]),
    ]

    assert len({hit["HITTypeId"] for hit in hits}) == len(hits)


async def test_requirements_compare_as_a_set(turk: Requester) -> None:
    """The order of requirements and of their values does not count."""
    some = _requires(Comparator="In", IntegerValues=[1, 2])
    same = _requires(Comparator="In", IntegerValues=[2, 1])
    first = await turk.hit(QualificationRequirements=[_requires(), some])
    second = await turk.hit(QualificationRequirements=[same, _requires()])

    assert first["HITTypeId"] == second["HITTypeId"]


async def test_hits_of_a_type_have_its_properties(turk: Requester) -> None:
    """A HIT that is made with a type is like one that is made with the same properties, and in its group."""
    type_id = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    made = (await turk("CreateHITWithHITType", HITTypeId=type_id, LifetimeInSeconds=3600, Question=QUESTION))["HIT"]
    hit = await turk.hit()

    assert {**made, "HITId": hit["HITId"]} == hit


async def test_a_hit_of_an_unknown_type(turk: Requester) -> None:
    """CreateHITWithHITType with an unknown type is refused."""
    members = {"HITTypeId": "3NOSUCHTYPE", "LifetimeInSeconds": 60, "Question": QUESTION}
    assert (await turk.refused("CreateHITWithHITType", **members)).code == "HITTypeDoesNotExist"


async def test_both_ways_to_make_a_hit_share_their_tokens(turk: Requester) -> None:
    """A token that CreateHIT has used is used up for CreateHITWithHITType, too."""
    hit = await turk.hit(UniqueRequestToken="once")
    members = {"HITTypeId": hit["HITTypeId"], "LifetimeInSeconds": 60, "Question": QUESTION}
    refusal = await turk.refused("CreateHITWithHITType", **members, UniqueRequestToken="once")

    assert refusal.code == "HITAlreadyExists"
    assert hit["HITId"] in refusal.message


async def test_a_failed_call_does_not_use_a_token_up(turk: Requester) -> None:
    """Only success is remembered."""
    await turk.refused("CreateHIT", **{**HIT, "LifetimeInSeconds": 1}, UniqueRequestToken="once")

    assert await turk.hit(UniqueRequestToken="once")


@pytest.mark.parametrize("seconds", [59, 31_536_001])
async def test_extensions_just_out_of_range(turk: Requester, seconds: int) -> None:
    """The step is bounded on both sides; nothing changes."""
    hit = await turk.hit()
    refusal = await turk.refused(
        "UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=hit["Expiration"] + timedelta(seconds=seconds)
    )

    assert refusal.message.startswith(f"The value {seconds} is invalid for ExpirationIncrementInSeconds. ")
    assert await turk.get(hit["HITId"]) == hit


async def test_each_move_of_a_review_has_the_state_it_begins_with(market: Marketplace, turk: Requester) -> None:
    """What is in review cannot be put there again, and what is not cannot be taken back; the refusal says why."""
    hit_id = (await turk.hit())["HITId"]
    await done(market, hit_id, ANNA)
    back = await turk.refused("UpdateHITReviewStatus", HITId=hit_id, Revert=True)
    await turk("UpdateHITReviewStatus", HITId=hit_id)
    again = await turk.refused("UpdateHITReviewStatus", HITId=hit_id)

    assert "'Reviewable'.  This operation can be called with a status of: Reviewing (" in back.message
    assert "'Reviewing'.  This operation can be called with a status of: Reviewable (" in again.message


async def test_a_hit_in_review_stays_so(market: Marketplace, turk: Requester) -> None:
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


async def test_moving_a_hit_to_an_unknown_type(turk: Requester) -> None:
    """The type has a code of its own, and the HIT stays as it is."""
    hit = await turk.hit()
    refusal = await turk.refused("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId="3NOSUCHTYPE")

    assert refusal.code == "HITTypeDoesNotExist"
    assert await turk.get(hit["HITId"]) == hit


async def test_a_deleted_hit_cannot_be_changed(turk: Requester) -> None:
    """Whatever would change it is refused with its state."""
    hit_id = (await turk.hit())["HITId"]
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    await turk("DeleteHIT", HITId=hit_id)

    for operation, members in (
        ("UpdateExpirationForHIT", {"ExpireAt": 0}),
        ("UpdateHITReviewStatus", {}),
        ("CreateAdditionalAssignmentsForHIT", {"NumberOfAdditionalAssignments": 1}),
    ):
        refusal = await turk.refused(operation, HITId=hit_id, **members)
        assert refusal.code == "InvalidHITState"
        assert "'Disposed'" in refusal.message


async def test_a_deleted_hit_can_be_read(market: Marketplace, turk: Requester) -> None:
    """It is Disposed, and its assignments are there; this is unverified."""
    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    await turk("DeleteHIT", HITId=hit_id)

    assert (await turk.get(hit_id))["HITStatus"] == "Disposed"
    assert len(await turk.assignments(hit_id)) == 1
    assert (await turk("GetAssignment", AssignmentId=assignment_id))["HIT"]["HITStatus"] == "Disposed"


async def test_no_hit_of_an_unknown_type_is_reviewable(turk: Requester) -> None:
    """An unknown HITTypeId is no error: nothing is listed."""
    await turk("UpdateExpirationForHIT", HITId=(await turk.hit())["HITId"], ExpireAt=0)
    page = await turk("ListReviewableHITs", HITTypeId="3NOSUCHTYPE")

    assert (page["HITs"], page["NumResults"]) == ([], 0)
    assert "NextToken" not in page


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


async def test_the_least_extension_of_an_expired_hit_counts_from_now(market: Marketplace, turk: Requester) -> None:
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


async def test_a_hit_that_was_accepted_and_returned_cannot_be_moved(market: Marketplace, turk: Requester) -> None:
    """Once somebody has accepted it, the type stays, even if nobody has it any more."""
    hit_id = (await turk.hit())["HITId"]
    kind = (await turk("CreateHITType", **{**TYPE, "Title": "Other"}))["HITTypeId"]
    await market.worker(ANNA).return_assignment(await market.worker(ANNA).accept(hit_id))

    assert (await turk.refused("UpdateHITTypeOfHIT", HITId=hit_id, HITTypeId=kind)).code == "InvalidHITState"


async def test_an_empty_annotation_is_left_out(market: Marketplace) -> None:
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
        (_html("<HTMLContent><b>a</b></HTMLContent><FrameHeight>0</FrameHeight>"), ""),
        (_form(""), "QuestionForm is empty"),
        (_form("text"), "QuestionForm is empty"),
        (_form("<Overview/><Answer/>"), "QuestionForm holds Answer"),
        (_form('<Overview xmlns=""/>'), "QuestionForm holds Overview"),
        (_form("<Overview><Title>t</Title></Overview><Question/>"), "Question 1 is empty"),
    ],
)
async def test_questions_with_a_wrong_content(turk: Requester, question: str, details: str) -> None:
    """A question document has the children that its kind demands, with something in them."""
    refusal = await turk.refused("CreateHIT", **{**HIT, "Question": question})

    assert refusal.type == "ParameterValidationError"
    start, _, told = refusal.message.partition("Details: ")
    assert start.startswith("There was an error parsing the XML question or answer data in your request.  Please")
    assert details in told


async def test_formatted_content_has_an_error_of_its_own(turk: Requester) -> None:
    """Formatted content that uses what it may not is told apart from broken XML, and the text says where."""
    question = _form("<Overview><FormattedContent><![CDATA[<script/>]]></FormattedContent></Overview>")

    refusal = await turk.refused("CreateHIT", **{**HIT, "Question": question})

    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith("There was an error parsing the XHTML data in your request.")
    assert 'Details: Overview 1: FormattedContent 1 holds the tag "script"' in refusal.message


async def test_pages_over_http_are_accepted(turk: Requester) -> None:
    """Whether the service refused plain http is not known, so it is accepted."""
    question = _external("<ExternalURL>http://localhost:8080/a?b=c</ExternalURL><FrameHeight>600</FrameHeight>")

    assert (await turk.hit(Question=question))["Question"] == question


@pytest.mark.parametrize("content", ["<HTMLContent/>", "<HTMLContent> \n </HTMLContent>"])
async def test_an_empty_page_is_no_html(market: Marketplace, content: str) -> None:
    """What is wrong with a page, not with the XML around it, has a sentence and a code of its own."""
    answer = await post(market, "CreateHIT", {**HIT, "Question": _html(f"{content}<FrameHeight>0</FrameHeight>")})
    start = (
        "There was an error parsing the HTML5 data in your request.  Please make sure the data is well-formed and "
        "validates as HTML5. Details: Errors: <! [1,1] The page is empty. !> Invalid content: \n"
    )

    assert answer.status == 400
    assert answer.json["__type"] == "ParameterValidationError"
    assert answer.json["Parameter"] == "Question"
    assert answer.json["TurkErrorCode"] == "AWS.MechanicalTurk.InvalidParameterValue"
    assert answer.json["Message"].startswith(start)


async def test_pages_may_have_to_be_html5() -> None:
    """Where the rules are strict, a page's errors are told with their places; elsewhere it is taken as it is."""
    whole = "<!DOCTYPE html><html><head><title>t</title></head><body><crowd-input></crowd-input></body></html>"
    broken = "<p>one</b>\n<form><form>"
    async with Marketplace(rules=replace(AMAZON, strict_html=True)) as market:
        turk = Requester(market)
        await turk.hit(Question=HTMLQuestion(whole).to_xml())
        refusal = await turk.refused("CreateHIT", **{**HIT, "Question": HTMLQuestion(broken).to_xml()})
        with pytest.raises(InvalidRequest, match="HTML5"):
            await market.add_layout(broken)
    assert refusal.type == "ParameterValidationError"
    assert "<! [1,3] " in refusal.message
    assert "<! [2,12] " in refusal.message
    assert f"Invalid content: \n{broken}" in refusal.message
    async with Marketplace() as market:
        await Requester(market).hit(Question=HTMLQuestion(broken).to_xml())


EMOJI = "\U0001f600"
WITH_EMOJI = _html(f"<HTMLContent><![CDATA[<p>{EMOJI}]]></HTMLContent><FrameHeight>0</FrameHeight>")


@pytest.mark.parametrize("operation", ["CreateHIT", "CreateHITWithHITType"])
async def test_characters_above_u_ffff_are_refused_in_questions(
    market: Marketplace, turk: Requester, operation: str
) -> None:
    """Emoji and rare scripts are refused where they stand for themselves; as references, and in titles, they pass."""
    hit = await turk.hit(Title=EMOJI, Question=WITH_EMOJI.replace(EMOJI, "&#128512;\uffee"))
    members = HIT if operation == "CreateHIT" else {"HITTypeId": hit["HITTypeId"], "LifetimeInSeconds": 60}
    answer = await post(market, operation, {**members, "Question": WITH_EMOJI})

    assert answer.status == 400
    assert answer.json["__type"] == "ParameterValidationError"
    assert answer.json["Parameter"] == "Question"
    assert answer.json["Message"].startswith(f'The value "{WITH_EMOJI}" is not valid for the parameter Question. (')
    assert (await turk.get(hit["HITId"]))["Title"] == EMOJI
    assert (await turk("ListHITs"))["NumResults"] == 1


async def test_the_house_takes_every_character(database: str | None) -> None:
    """By the house's rules emoji are characters like all others."""
    async with Marketplace(database, rules=HOUSE, clock=StillClock()) as market:
        assert (await Requester(market).hit(Question=WITH_EMOJI))["Question"] == WITH_EMOJI


async def test_extensions_end_a_year_after_the_creation(market: Marketplace, turk: Requester) -> None:
    """However small the steps, a HIT expires 365 days after it was made at the latest (unverified)."""
    hit = await turk.hit()
    last = hit["CreationTime"] + timedelta(days=365)
    late = [
        await post(
            market,
            "UpdateExpirationForHIT",
            {"HITId": hit["HITId"], "ExpireAt": (last + timedelta(milliseconds=more)).timestamp()},
        )
        for more in (1, 1000)
    ]
    text = "The value 31536001 is invalid for LifetimeInSeconds. Valid values range from 30 to 31536000."

    assert {answer.json["__type"] for answer in late} == {"ParameterValidationError"}
    assert {answer.json["Parameter"] for answer in late} == {"LifetimeInSeconds"}
    assert {answer.json["TurkErrorCode"].rpartition(".")[2] for answer in late} == {"ParameterValueOutOfRange"}
    assert {answer.json["Message"].partition(" (")[0] for answer in late} == {text}
    assert await turk.get(hit["HITId"]) == hit
    await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=last)
    assert (await turk.get(hit["HITId"]))["Expiration"] == last


@pytest.mark.parametrize("rules", [HOUSE, replace(AMAZON, total_lifetime=3 * 365 * 24 * 3600)])
async def test_a_hit_may_live_longer_by_other_rules(database: str | None, rules: Rules) -> None:
    """In the house a HIT is extended for as long as its requester likes, step by step."""
    async with Marketplace(database, rules=rules, clock=StillClock()) as market:
        turk = Requester(market)
        hit = await turk.hit()
        for years in (1, 2):
            until = hit["Expiration"] + timedelta(days=years * 365 - 1)
            await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=until)
        assert (await turk.get(hit["HITId"]))["Expiration"] == until
