"""
The wire: the reference's lines 1-18, but for 8, the run of all 39 operations in `test_clients.py`.

Raw HTTP, signed by botocore, wherever boto3 would hide what crosses the wire.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aioturk.marketplace import Marketplace
from tests.marketplace.raw import exchange, message, status_of
from tests.marketplace.support import ANNA, BERT, CARA, HIT, PRODUCTION, TARGET, Answer, Requester, done, post

MODEL = botocore.session.get_session().get_service_model("mturk")
CONTENT_TYPE = "application/x-amz-json-1.1"
SANDBOX = "mturk-requester-sandbox.us-east-1.amazonaws.com"
TYPE = {name: value for name, value in HIT.items() if name not in {"LifetimeInSeconds", "Question"}}
NOTIFICATION = {
    "Destination": "https://sqs.us-east-1.amazonaws.com/123456789012/events",
    "Transport": "SQS",
    "Version": "2014-08-15",
    "EventTypes": ["HITReviewable"],
}


async def test_01_a_known_target(market: Marketplace) -> None:
    """A POST to / with the protocol's content type and a known target is answered 200, in the same content type."""
    answer = await post(market, "GetAccountBalance")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert "Date" in answer.headers


async def test_02_every_answer_has_a_request_id_of_its_own(market: Marketplace) -> None:
    """Good answers, and bad ones of every layer, carry an x-amzn-RequestId that no other answer has."""
    answers = [
        await post(market, "GetAccountBalance"),
        await post(market, "GetAccountBalance"),
        await post(market, "GetHIT", {"HITId": "3NOSUCHHIT"}),
        await post(market, "GetHIT", {"HITId": "abc"}),
        await post(market, "GetHIT", b"not JSON"),
        await post(market, "NoSuchOperation"),
        await post(market, "GetAccountBalance", signed=False),
        await post(market, "GetAccountBalance", secret_key="x" * 40),
        await post(market, "CreateHIT", b" " * (market.rules.body_limit + 1)),
    ]
    ids = {answer.headers["x-amzn-RequestId"] for answer in answers}

    assert len(ids) == len(answers)
    assert [answer.status for answer in answers] == [200] * 2 + [400] * 6 + [413]


async def test_03_known_and_unknown_targets(market: Marketplace) -> None:
    """All 39 operations, by botocore's list, are known; anything else is 400 UnknownOperationException."""
    assert len(MODEL.operation_names) == 39
    for operation in MODEL.operation_names:
        answer = await post(market, operation)
        assert answer.status in {200, 400}
        assert answer.json.get("__type") != "UnknownOperationException", operation

    for target in (TARGET + "NoSuch", TARGET, "GetHIT", "Other.GetHIT"):
        answer = await post(market, "", target=target)
        assert (answer.status, answer.json["__type"]) == (400, "UnknownOperationException")


@pytest.mark.parametrize("body", [b"not JSON", b'{"HITId": ', b"\xff\xfe"])
async def test_04_a_body_that_is_not_json(market: Marketplace, body: bytes) -> None:
    """It is answered 400 SerializationException."""
    answer = await post(market, "GetHIT", body)

    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")


def _signed(market: Marketplace, further: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers of a request for the balance, all of them signed, of which Host and X-Amz-Target are always there."""
    named = {"Host": market.url.removeprefix("http://"), "X-Amz-Target": TARGET + "GetAccountBalance", **further}
    request = AWSRequest("POST", market.url + "/", named, b"{}")
    SigV4Auth(Credentials(market.access_key, market.secret_key), "mturk-requester", "us-east-1").add_auth(request)
    return list(request.headers.items())


async def test_05_the_signed_headers_are_those_that_authorization_lists(market: Marketplace) -> None:
    """With the service's own scope a request is accepted, whichever headers it signs: those count, and no others."""

    async def status(headers: list[tuple[str, str]]) -> int:
        return status_of(await exchange(market, message(headers, b"{}")))

    few = _signed(market, {})
    many = _signed(market, {"Content-Type": CONTENT_TYPE, "X-Signed": "as it was"})
    assert "SignedHeaders=host;x-amz-date;x-amz-target," in dict(few)["Authorization"]
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-signed," in dict(many)["Authorization"]

    assert await status(few) == await status(many) == 200
    assert await status([*few, ("Content-Type", CONTENT_TYPE), ("X-Signed", "not at all")]) == 200
    assert await status([(name, "changed" if name == "X-Signed" else value) for name, value in many]) == 400
    assert await status([(name, value) for name, value in many if name != "X-Signed"]) == 400
    assert (await post(market, "GetAccountBalance", service="s3")).json["__type"] == "InvalidSignatureException"


async def test_06_the_pseudo_region(market: Marketplace) -> None:
    """The scope's region may be sandbox."""
    assert (await post(market, "GetAccountBalance", region="sandbox")).status == 200


async def test_07_wrong_keys(market: Marketplace) -> None:
    """A wrong secret and an unknown key each have their own answer."""
    wrong = await post(market, "GetAccountBalance", secret_key="x" * 40)
    unknown = await post(market, "GetAccountBalance", access_key="AKIANOBODY")

    assert (wrong.status, wrong.json["__type"]) == (400, "InvalidSignatureException")
    assert (unknown.status, unknown.json["__type"]) == (400, "UnrecognizedClientException")


async def test_09_operations_without_output(market: Marketplace, turk: Requester) -> None:
    """Each of the operations for which the model has no output answers {}, byte for byte."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]
    deleted = (await turk.hit())["HITId"]
    await turk("UpdateExpirationForHIT", HITId=deleted, ExpireAt=0)
    type_id = (await turk("CreateHITType", **{**TYPE, "Title": "Another"}))["HITTypeId"]
    moved = (await turk.hit())["HITId"]
    first, second = await done(market, hit_id, ANNA, BERT)
    qualification = await turk(
        "CreateQualificationType", Name="n", Description="d", QualificationTypeStatus="Active", RetryDelayInSeconds=0
    )
    of_type = {"QualificationTypeId": qualification["QualificationType"]["QualificationTypeId"]}

    async def asked(worker_id: str) -> dict[str, str]:
        await market.worker(worker_id).request_qualification(of_type["QualificationTypeId"])
        (request,) = (await turk("ListQualificationRequests"))["QualificationRequests"]
        return {"QualificationRequestId": request["QualificationRequestId"]}

    calls: dict[str, Any] = {
        "ApproveAssignment": {"AssignmentId": first},
        "RejectAssignment": {"AssignmentId": second, "RequesterFeedback": "no"},
        "SendBonus": {"AssignmentId": first, "WorkerId": ANNA, "BonusAmount": "1", "Reason": "r"},
        "CreateAdditionalAssignmentsForHIT": {"HITId": hit_id, "NumberOfAdditionalAssignments": 1},
        "UpdateExpirationForHIT": {"HITId": hit_id, "ExpireAt": 0},
        "UpdateHITReviewStatus": {"HITId": hit_id},
        "UpdateHITTypeOfHIT": {"HITId": moved, "HITTypeId": type_id},
        "DeleteHIT": {"HITId": deleted},
        "UpdateNotificationSettings": {"HITTypeId": type_id, "Notification": NOTIFICATION},
        "SendTestEventNotification": {"Notification": NOTIFICATION, "TestEventType": "Ping"},
        "AssociateQualificationWithWorker": {**of_type, "WorkerId": ANNA},
        "DisassociateQualificationFromWorker": {**of_type, "WorkerId": ANNA},
        "CreateWorkerBlock": {"WorkerId": CARA, "Reason": "r"},
        "DeleteWorkerBlock": {"WorkerId": CARA},
        "AcceptQualificationRequest": BERT,
        "RejectQualificationRequest": CARA,
        "DeleteQualificationType": of_type,
    }
    models = map(MODEL.operation_model, MODEL.operation_names)
    assert set(calls) == {model.name for model in models if not model.output_shape.members}
    for operation, members in calls.items():
        answer = await post(market, operation, await asked(members) if isinstance(members, str) else members)
        assert (answer.status, answer.body) == (200, b"{}"), operation


async def test_10_times(market: Marketplace, turk: Requester) -> None:
    """Times in answers are numbers; ExpireAt is accepted as zero, as an integer and as a decimal."""
    until = int(market.now().timestamp()) + 7200
    for expire_at, expiration in ((until, until), (until + 0.678, until + 0.678), (0, market.now().timestamp())):
        hit_id = (await turk.hit())["HITId"]
        answer = await post(market, "UpdateExpirationForHIT", {"HITId": hit_id, "ExpireAt": expire_at})
        hit = (await post(market, "GetHIT", {"HITId": hit_id})).json["HIT"]
        assert answer.status == 200
        assert hit["Expiration"] == pytest.approx(expiration, abs=0.0005)
        assert all(isinstance(hit[name], int | float) for name in ("CreationTime", "Expiration"))

    hit_id = (await turk.hit())["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="no")
    await turk("ApproveAssignment", AssignmentId=assignment_id, OverrideRejection=True)
    (assignment,) = (await post(market, "ListAssignmentsForHIT", {"HITId": hit_id})).json["Assignments"]
    times = {name: value for name, value in assignment.items() if name.endswith("Time") or name == "Deadline"}
    assert len(times) == 6
    assert all(isinstance(value, int | float) for value in times.values())


async def test_11_amounts(database: str | None) -> None:
    """Amounts in answers are strings with two decimals, however they were given."""
    async with Marketplace(database, balance="100") as market:
        hit = (await post(market, "CreateHIT", {**HIT, "Reward": "0.5"})).json["HIT"]
        (assignment_id,) = await done(market, hit["HITId"], ANNA)
        bonus = {"AssignmentId": assignment_id, "WorkerId": ANNA, "BonusAmount": "2", "Reason": "r"}
        await post(market, "SendBonus", bonus)
        (payment,) = (await post(market, "ListBonusPayments", {"HITId": hit["HITId"]})).json["BonusPayments"]
        balance = await post(market, "GetAccountBalance")

    assert hit["Reward"] == "0.50"
    assert payment["BonusAmount"] == "2.00"
    assert balance.json == {"AvailableBalance": "97.00", "OnHoldBalance": "0.60"}


async def test_12_what_is_empty_is_left_out(market: Marketplace) -> None:
    """HITs and assignments have no members without a value, but a list of requirements, which is then []."""
    hit = (await post(market, "CreateHIT", HIT)).json["HIT"]
    await done(market, hit["HITId"], ANNA)
    page = (await post(market, "ListAssignmentsForHIT", {"HITId": hit["HITId"]})).json

    assert hit["QualificationRequirements"] == []
    for structure, absent in (
        (hit, {"Keywords", "RequesterAnnotation", "HITLayoutId"}),
        (page["Assignments"][0], {"ApprovalTime", "RejectionTime", "RequesterFeedback"}),
    ):
        assert not absent & structure.keys()
        assert None not in structure.values()
        assert "" not in structure.values()


async def test_13_ids(market: Marketplace, turk: Requester) -> None:
    """Ids are a 3 and 29 capital letters or digits; those that are made for workers an A and 12 or 13."""
    hit = await turk.hit(MaxAssignments=3)
    await market.work(lambda _hit: {"age": "36"}, workers=3)
    assignments = await turk.assignments(hit["HITId"])
    made = await turk("CreateQualificationType", Name="n", Description="d", QualificationTypeStatus="Active")
    ids = [hit["HITId"], hit["HITTypeId"], hit["HITGroupId"], made["QualificationType"]["QualificationTypeId"]]

    assert len(assignments) == 3
    for entity in (*ids, *(assignment["AssignmentId"] for assignment in assignments)):
        assert re.fullmatch("3[A-Z0-9]{29}", entity)
    for assignment in assignments:
        assert re.fullmatch("A[A-Z0-9]{12,13}", assignment["WorkerId"])


async def test_14_errors(market: Marketplace) -> None:
    """An error is a body with __type, Message and TurkErrorCode, and no header that names it."""
    answer = await post(market, "GetHIT", {"HITId": "3NOSUCHHIT"})

    assert answer.status == 400
    assert set(answer.json) == {"__type", "Message", "TurkErrorCode"}
    assert answer.json["__type"] == "RequestError"
    assert answer.json["TurkErrorCode"] == "AWS.MechanicalTurk.HITDoesNotExist"
    assert "x-amzn-errortype" not in answer.headers


async def test_15_stamps(market: Marketplace) -> None:
    """Messages end with milliseconds, and in the sandbox with an s behind them."""

    async def text(host: str) -> str:
        return str((await post(market, "GetHIT", {"HITId": "3NOSUCHHIT"}, host=host)).json["Message"])

    assert re.fullmatch(r"Hit 3NOSUCHHIT does not exist\. \(\d{13} s\)", await text(SANDBOX))
    assert re.fullmatch(r"Hit 3NOSUCHHIT does not exist\. \(\d{13}\)", await text(PRODUCTION))


async def test_16_parameter_errors(market: Marketplace, turk: Requester) -> None:
    """A ParameterValidationError names the parameter in its body; boto3 sees its code."""
    answer = await post(market, "CreateHIT", {**HIT, "LifetimeInSeconds": 29})
    refusal = await turk.refused("CreateHIT", **{**HIT, "LifetimeInSeconds": 29})

    assert set(answer.json) == {"__type", "Message", "Parameter", "TurkErrorCode"}
    assert answer.json["Parameter"] == "LifetimeInSeconds"
    assert refusal.type == "ParameterValidationError"


def _violation(answer: Answer) -> str:
    """The text of a violated constraint of the model, which has neither code nor stamp."""
    assert answer.status == 400
    assert set(answer.json) == {"__type", "message"}
    assert answer.json["__type"] == "ValidationException"
    return str(answer.json["message"])


async def test_17_a_block_without_a_reason(market: Marketplace) -> None:
    """A required member that is missing is told as null; there is no TurkErrorCode."""
    answer = await post(market, "CreateWorkerBlock", {"WorkerId": ANNA})

    assert _violation(answer) == (
        "1 validation error detected: Value null at 'reason' failed to satisfy constraint: Member must not be null"
    )


async def test_18_the_models_constraints(market: Marketplace) -> None:
    """Too high a MaxResults, a lower-case HITId and an unknown member of an enumeration break the model."""
    too_many = await post(market, "ListHITs", {"MaxResults": 101})
    lower_case = await post(market, "GetHIT", {"HITId": "36818z1kv5cdq807j1uq45304aoa3z"})
    unknown = await post(market, "ListAssignmentsForHIT", {"HITId": "3A", "AssignmentStatuses": ["Lost"]})

    assert _violation(too_many).endswith("Member must have value less than or equal to 100")
    assert _violation(lower_case).endswith("Member must satisfy regular expression pattern: ^[A-Z0-9]+$")
    assert _violation(unknown).endswith("Member must satisfy enum value set: [Submitted, Approved, Rejected]")
