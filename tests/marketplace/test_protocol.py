"""The wire: reference section 14, lines 1-16, 18."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aioturk._generated.service import ROUTES
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service import MarketService

from .support import ANNA, HIT, PRODUCTION, Requester, done, post

OFFERED = {name for name, route in ROUTES.items() if getattr(MarketService, route.method.__name__) is not route.method}


async def test_01_a_known_target_is_answered_in_the_same_content_type(market: Marketplace) -> None:
    """A signed POST to / with a known target is answered 200, as application/x-amz-json-1.1."""
    answer = await post(market, "GetAccountBalance")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert "Date" in answer.headers


async def test_02_every_answer_has_a_request_id_of_its_own(market: Marketplace) -> None:
    """Good answers and bad ones carry different x-amzn-RequestIds."""
    answers = [
        await post(market, "GetAccountBalance"),
        await post(market, "GetAccountBalance"),
        await post(market, "GetHIT", {"HITId": "3NOSUCHHIT"}),
        await post(market, "GetHIT", b"not JSON"),
        await post(market, "NoSuchOperation"),
        await post(market, "GetAccountBalance", signed=False),
    ]
    ids = {answer.headers["x-amzn-RequestId"] for answer in answers}

    assert len(ids) == len(answers)


def test_03_this_room_offers_the_operations_of_its_issue() -> None:
    """The operations that are offered; the others come with their own issue."""
    assert {
        "ApproveAssignment",
        "CreateAdditionalAssignmentsForHIT",
        "CreateHIT",
        "CreateHITType",
        "CreateHITWithHITType",
        "DeleteHIT",
        "GetAccountBalance",
        "GetAssignment",
        "GetHIT",
        "ListAssignmentsForHIT",
        "ListBonusPayments",
        "ListHITs",
        "ListReviewableHITs",
        "RejectAssignment",
        "SendBonus",
        "UpdateExpirationForHIT",
        "UpdateHITReviewStatus",
        "UpdateHITTypeOfHIT",
    } == OFFERED


@pytest.mark.parametrize("target", ["MTurkRequesterServiceV20170117.NoSuch", "GetHIT", "Other.GetHIT", ""])
async def test_03_an_unknown_target_is_an_unknown_operation(market: Marketplace, target: str) -> None:
    """A target that the API does not have is answered 400 UnknownOperationException, even to strangers."""
    answer = await post(market, "", target=target or " ", signed=False)

    assert answer.status == 400
    assert answer.json["__type"] == "UnknownOperationException"


async def test_03_what_is_not_offered_yet_is_an_unknown_operation(market: Marketplace) -> None:
    """An operation without an implementation answers UnknownOperationException."""
    document = {"Subject": "s", "MessageText": "m", "WorkerIds": [ANNA]}
    answer = await post(market, "NotifyWorkers", document)

    assert "NotifyWorkers" not in OFFERED
    assert answer.status == 400
    assert answer.json["__type"] == "UnknownOperationException"


@pytest.mark.parametrize("body", [b"not JSON", b'{"HITId": ', b"\xff\xfe", b"[" * 100_000])
async def test_04_a_body_that_is_not_json_is_refused(market: Marketplace, body: bytes) -> None:
    """What is not JSON is answered 400 SerializationException, with a lower-case message."""
    answer = await post(market, "GetHIT", body)

    assert answer.status == 400
    assert answer.json["__type"] == "SerializationException"
    assert set(answer.json) == {"__type", "message"}


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        {"HITId": 7},
        {"HITId": ["x"]},
        {"HITId": {"a": 1}},
    ],
)
async def test_04_a_wrong_json_type_is_refused(market: Marketplace, document: object) -> None:
    """A member of the wrong JSON type is answered SerializationException, too."""
    answer = await post(market, "GetHIT", document)

    assert answer.json["__type"] == "SerializationException"


@pytest.mark.parametrize(
    "member", [{"MaxAssignments": 2**70}, {"LifetimeInSeconds": 2**62}, {"MaxAssignments": 1.5}, {"Reward": 0.25}]
)
async def test_04_numbers_that_cannot_be_kept_are_refused(market: Marketplace, member: dict[str, object]) -> None:
    """Numbers beyond what the API can carry are the caller's error, never ours."""
    answer = await post(market, "CreateHIT", {**HIT, **member})

    assert answer.status == 400
    assert answer.json["__type"] in {"SerializationException", "ParameterValidationError"}


@pytest.mark.parametrize("region", ["us-east-1", "sandbox", "eu-west-1"])
async def test_05_06_any_region_of_the_scope_is_accepted(market: Marketplace, region: str) -> None:
    """The scope may name any region; the service must be mturk-requester."""
    assert (await post(market, "GetAccountBalance", region=region)).status == 200
    other = await post(market, "GetAccountBalance", service="s3")
    assert other.json["__type"] == "InvalidSignatureException"


async def test_07_wrong_keys_are_refused(market: Marketplace) -> None:
    """A wrong secret, an unknown key and no signature at all each have their own answer."""
    wrong = await post(market, "GetAccountBalance", secret_key="x" * 40)
    unknown = await post(market, "GetAccountBalance", access_key="AKIANOBODY")
    unsigned = await post(market, "GetAccountBalance", signed=False)

    assert (wrong.status, wrong.json["__type"]) == (400, "InvalidSignatureException")
    assert (unknown.status, unknown.json["__type"]) == (400, "UnrecognizedClientException")
    assert (unsigned.status, unsigned.json["__type"]) == (400, "MissingAuthenticationTokenException")
    assert market.secret_key not in wrong.body.decode()


async def test_09_operations_without_output_answer_an_empty_object(market: Marketplace, turk: Requester) -> None:
    """UpdateExpirationForHIT answers {}."""
    hit = await turk.hit()
    answer = await post(market, "UpdateExpirationForHIT", {"HITId": hit["HITId"], "ExpireAt": 0})

    assert answer.body == b"{}"


@pytest.mark.parametrize("expire_at", [0, 1, 1.5, "1970-01-01T00:00:00Z"])
async def test_10_times_are_numbers(market: Marketplace, turk: Requester, expire_at: object) -> None:
    """Times in answers are numbers with milliseconds; in requests integers, decimals and ISO texts are accepted."""
    hit = await turk.hit()
    answer = await post(market, "UpdateExpirationForHIT", {"HITId": hit["HITId"], "ExpireAt": expire_at})
    read = await post(market, "GetHIT", {"HITId": hit["HITId"]})

    assert answer.status == 200
    assert read.json["HIT"]["CreationTime"] == 1_900_000_000.054
    assert b'"CreationTime":1900000000.054' in read.body


@pytest.mark.parametrize("expire_at", [253_402_300_800, -62_135_596_801, 1e300, "10000-01-01T00:00:00Z"])
async def test_10_times_beyond_the_calendar_are_refused(
    market: Marketplace, turk: Requester, expire_at: object
) -> None:
    """A time before the year 1 or after the year 9999 is the caller's error."""
    hit = await turk.hit()
    answer = await post(market, "UpdateExpirationForHIT", {"HITId": hit["HITId"], "ExpireAt": expire_at})

    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")
    assert await turk.get(hit["HITId"]) == hit


async def test_11_money_is_a_string_with_two_decimals(market: Marketplace) -> None:
    """Amounts in answers are strings with two decimals, however they were given."""
    created = await post(market, "CreateHIT", {**HIT, "Reward": "0.5"})
    balance = await post(market, "GetAccountBalance")

    assert created.json["HIT"]["Reward"] == "0.50"
    assert balance.json == {"AvailableBalance": "10000.00"}


async def test_12_what_is_empty_is_left_out(market: Marketplace) -> None:
    """A HIT has exactly the documented members; QualificationRequirements is [] when there are none."""
    hit = (await post(market, "CreateHIT", HIT)).json["HIT"]

    assert hit["QualificationRequirements"] == []
    assert set(hit) == {
        "HITId",
        "HITTypeId",
        "HITGroupId",
        "CreationTime",
        "Title",
        "Description",
        "Question",
        "HITStatus",
        "MaxAssignments",
        "Reward",
        "AutoApprovalDelayInSeconds",
        "Expiration",
        "AssignmentDurationInSeconds",
        "QualificationRequirements",
        "HITReviewStatus",
        "NumberOfAssignmentsPending",
        "NumberOfAssignmentsAvailable",
        "NumberOfAssignmentsCompleted",
    }


async def test_13_ids_have_the_services_form(market: Marketplace, turk: Requester) -> None:
    """Ids are a 3 and 29 capital letters or digits."""
    hit = await turk.hit()
    (assignment_id,) = await done(market, hit["HITId"], ANNA)

    for entity in (hit["HITId"], hit["HITTypeId"], hit["HITGroupId"], assignment_id):
        assert re.fullmatch("3[A-Z0-9]{29}", entity)


async def test_14_errors_have_the_services_form(market: Marketplace) -> None:
    """Errors carry __type, Message and TurkErrorCode in the body, and no header that names them."""
    answer = await post(market, "GetHIT", {"HITId": "3NOSUCHHIT"})

    assert answer.status == 400
    assert set(answer.json) == {"__type", "Message", "TurkErrorCode"}
    assert answer.json["__type"] == "RequestError"
    assert answer.json["TurkErrorCode"] == "AWS.MechanicalTurk.HITDoesNotExist"
    assert re.fullmatch(r"Hit 3NOSUCHHIT does not exist\. \(\d{13} s\)", answer.json["Message"])
    assert "x-amzn-errortype" not in answer.headers


async def test_15_production_and_sandbox_have_different_stamps(market: Marketplace) -> None:
    """A request signed for Amazon's production host gets production's stamp, any other the sandbox's."""
    production = await post(market, "GetHIT", {"HITId": "3NOSUCHHIT"}, host=PRODUCTION)
    sandbox = await post(
        market, "GetHIT", {"HITId": "3NOSUCHHIT"}, host="mturk-requester-sandbox.us-east-1.amazonaws.com"
    )

    assert re.search(r" \(\d{13}\)$", production.json["Message"])
    assert re.search(r" \(\d{13} s\)$", sandbox.json["Message"])


async def test_production_and_sandbox_never_see_each_other(market: Marketplace) -> None:
    """What was made in production is unknown in the sandbox, and is in none of its lists."""
    made = await post(market, "CreateHIT", HIT, host=PRODUCTION)
    hit_id = made.json["HIT"]["HITId"]

    assert (await post(market, "GetHIT", {"HITId": hit_id}, host=PRODUCTION)).status == 200
    assert (await post(market, "GetHIT", {"HITId": hit_id})).json["TurkErrorCode"].endswith("HITDoesNotExist")
    assert (await post(market, "ListHITs")).json["NumResults"] == 0
    with pytest.raises(Exception, match="does not exist"):
        await market.worker(ANNA).accept(hit_id)
    assert await market.worker(ANNA, environment="production").accept(hit_id)


async def test_the_host_must_be_the_one_that_was_signed(market: Marketplace) -> None:
    """A request that was signed for the sandbox cannot be moved to production by changing the Host header."""
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    headers["X-Amz-Target"] = "MTurkRequesterServiceV20170117.GetAccountBalance"
    request = AWSRequest("POST", market.url + "/", headers, b"{}")
    SigV4Auth(Credentials(market.access_key, market.secret_key), "mturk-requester", "us-east-1").add_auth(request)
    sent = {**dict(request.headers.items()), "Host": PRODUCTION}
    async with aiohttp.ClientSession() as session, session.post(market.url, data=b"{}", headers=sent) as answer:
        assert json.loads(await answer.read())["__type"] == "InvalidSignatureException"


async def test_the_target_must_be_signed(market: Marketplace, turk: Requester) -> None:
    """Whoever holds a signed request cannot make another operation of it by naming another target."""
    hit_id = (await turk.hit())["HITId"]
    answer = await post(market, "UpdateExpirationForHIT", {"HITId": hit_id, "ExpireAt": 0}, target_signed=False)

    assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
    assert (await turk.get(hit_id))["HITStatus"] == "Assignable"


async def test_16_parameter_errors_name_the_parameter(market: Marketplace, turk: Requester) -> None:
    """A ParameterValidationError has Parameter in its body, and boto3 sees its code."""
    answer = await post(market, "CreateHIT", {**HIT, "LifetimeInSeconds": 29})
    refusal = await turk.refused("CreateHIT", **{**HIT, "LifetimeInSeconds": 29})

    assert set(answer.json) == {"__type", "Message", "Parameter", "TurkErrorCode"}
    assert answer.json["Parameter"] == "LifetimeInSeconds"
    assert refusal.type == "ParameterValidationError"


@pytest.mark.parametrize(
    ("operation", "document", "constraint"),
    [
        ("GetHIT", {}, "Value null at 'hITId' failed to satisfy constraint: Member must not be null"),
        ("GetHIT", {"HITId": None}, "Value null at 'hITId' failed to satisfy constraint: Member must not be null"),
        (
            "ListHITs",
            {"MaxResults": 101},
            "Value '101' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 100",
        ),
        (
            "GetHIT",
            {"HITId": "abc"},
            "Value 'abc' at 'hITId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^[A-Z0-9]+$",
        ),
        (
            "ListAssignmentsForHIT",
            {"HITId": "3A", "AssignmentStatuses": ["Submitted", "Lost"]},
            "Value 'Lost' at 'assignmentStatuses.2.member' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Submitted, Approved, Rejected]",
        ),
        (
            "RejectAssignment",
            {"AssignmentId": "3A"},
            "Value null at 'requesterFeedback' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
async def test_17_18_the_models_constraints_come_first(
    market: Marketplace, operation: str, document: object, constraint: str
) -> None:
    """What breaks the model is a ValidationException in the front end's own form, without a TurkErrorCode."""
    answer = await post(market, operation, document)

    assert answer.status == 400
    assert answer.json == {"__type": "ValidationException", "message": f"1 validation error detected: {constraint}"}


async def test_several_broken_constraints_are_told_together(market: Marketplace) -> None:
    """The text counts them, and joins them with semicolons."""
    answer = await post(market, "RejectAssignment", {})

    assert answer.json["message"].startswith("2 validation errors detected: Value null at 'assignmentId'")
    assert "; Value null at 'requesterFeedback'" in answer.json["message"]


async def test_answers_to_broken_bodies_are_short(market: Marketplace) -> None:
    """However much is wrong, and however long it is, the first twenty violations are told, each value cut."""
    many = await post(market, "CreateHITType", {**HIT, "QualificationRequirements": [{}] * 100_000})
    long = await post(market, "GetHIT", {"HITId": "a" * 1_000_000})
    text = many.json["message"]

    assert many.json["__type"] == long.json["__type"] == "ValidationException"
    assert text.startswith("20 validation errors detected: Value null at 'qualificationRequirements.1.member.")
    assert text.count("failed to satisfy") == 20
    assert len(long.body) < 2000
    assert f"Value '{'a' * 500}...' at 'hITId'" in long.json["message"]


async def test_unknown_members_are_ignored(market: Marketplace) -> None:
    """A member that the model does not know changes nothing."""
    assert (await post(market, "CreateHIT", {**HIT, "Nonsense": [1, {"a": None}]})).status == 200


async def test_too_long_a_body_is_refused_before_it_is_read(market: Marketplace) -> None:
    """Bodies are bounded."""
    answer = await post(market, "CreateHIT", b" " * (market.rules.body_limit + 1))

    assert answer.status == 413
    assert answer.headers["x-amzn-RequestId"]
    assert answer.json["__type"] == "RequestEntityTooLargeException"


async def test_a_crash_is_a_fault_of_one_request(
    market: Marketplace, turk: Requester, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A crash answers 500 ServiceFault with a request id, leaves a traceback in the log, and the server goes on."""
    from aioturk.marketplace.service import hits

    with monkeypatch.context() as patch:
        patch.setattr(hits, "hit_shape", lambda _hit: 1 / 0)
        answer = await post(market, "CreateHIT", HIT)

    assert answer.status == 500
    assert answer.json["__type"] == "ServiceFault"
    assert "ZeroDivisionError" in caplog.text
    assert answer.headers["x-amzn-RequestId"] in caplog.text
    assert (await turk("ListHITs"))["NumResults"] == 0, "nothing of the crashed request may remain"
    await turk.hit()


async def test_other_paths_and_methods_are_no_doors(market: Marketplace) -> None:
    """GET / shows a page; other paths are not found."""
    async with aiohttp.ClientSession() as session:
        async with session.get(market.url + "/") as answer:
            assert answer.status == 200
        async with session.post(market.url + "/elsewhere") as answer:
            assert answer.status == 404
        async with session.put(market.url + "/") as answer:
            assert answer.status == 405


async def test_many_requests_at_once_are_each_answered(market: Marketplace) -> None:
    """Answers do not get mixed up under concurrency."""
    titles = [f"title {number}" for number in range(40)]
    answers = await asyncio.gather(*(post(market, "CreateHIT", {**HIT, "Title": title}) for title in titles))

    assert [answer.json["HIT"]["Title"] for answer in answers] == titles
