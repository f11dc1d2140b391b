"""
A scripted run of all 39 operations, and what every answer on the wire is held against.

The run is cut into chapters, one a subject, so that a failure names its subject; each says which operations it is
about. The chapters know no client: they talk to a `World`, in which a `Judge` (`scenario.py`) calls the marketplace
through a `Recorder`. Every answer is then held against three things: botocore's data model (every member known, of the
right JSON type), `ALWAYS` (no member missing), and what the client made of it (nothing lost, nothing added).
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

import aiohttp
import botocore.loaders
import botocore.model
from aiohttp import web

from aioturk.marketplace import Marketplace
from tests.conformance.scenario import LONG_AGO, Judge, Refusal
from tests.marketplace.support import ANNA, BERT, CARA, DORA, HIT, QUESTION, SCHEMAS, done

__all__ = ["ALWAYS", "CHAPTERS", "SERVICE", "Recorder", "World", "wire_faults"]

SERVICE = botocore.model.ServiceModel(
    botocore.loaders.Loader().load_service_model("mturk", "service-2", "2017-01-17"), "mturk"
)

ALWAYS: Mapping[str, frozenset[str]] = {
    shape: frozenset(members.split())
    for shape, members in {
        # Structures.
        "HIT": "HITId HITTypeId HITGroupId CreationTime Title Description HITStatus MaxAssignments Reward "
        "AutoApprovalDelayInSeconds Expiration AssignmentDurationInSeconds QualificationRequirements HITReviewStatus "
        "NumberOfAssignmentsPending NumberOfAssignmentsAvailable NumberOfAssignmentsCompleted",
        "QualificationRequirement": "QualificationTypeId Comparator RequiredToPreview ActionsGuarded",
        "Locale": "Country",
        "Assignment": "AssignmentId WorkerId HITId AssignmentStatus AutoApprovalTime AcceptTime SubmitTime Deadline "
        "Answer",
        "BonusPayment": "WorkerId BonusAmount AssignmentId GrantTime",
        "QualificationType": "QualificationTypeId CreationTime Name Description QualificationTypeStatus IsRequestable "
        "AutoGranted",
        "Qualification": "QualificationTypeId WorkerId GrantTime Status",
        "QualificationRequest": "QualificationRequestId QualificationTypeId WorkerId SubmitTime",
        "WorkerBlock": "WorkerId Reason",
        "NotifyWorkersFailureStatus": "NotifyWorkersFailureCode NotifyWorkersFailureMessage WorkerId",
        "ReviewPolicy": "PolicyName",
        "ReviewReport": "",
        "ReviewResultDetail": "ActionId SubjectId SubjectType Key Value",
        "ReviewActionDetail": "ActionId ActionName TargetId TargetType Status",
        # Whole answers; those that are not here are always empty.
        "GetAccountBalanceResponse": "AvailableBalance",
        "CreateHITTypeResponse": "HITTypeId",
        "CreateHITResponse": "HIT",
        "CreateHITWithHITTypeResponse": "HIT",
        "GetHITResponse": "HIT",
        "GetAssignmentResponse": "Assignment HIT",
        "GetFileUploadURLResponse": "FileUploadURL",
        "CreateQualificationTypeResponse": "QualificationType",
        "GetQualificationTypeResponse": "QualificationType",
        "UpdateQualificationTypeResponse": "QualificationType",
        "GetQualificationScoreResponse": "Qualification",
        "NotifyWorkersResponse": "NotifyWorkersFailureStatuses",
        "ListAssignmentsForHITResponse": "NumResults Assignments",
        "ListBonusPaymentsResponse": "NumResults BonusPayments",
        "ListHITsResponse": "NumResults HITs",
        "ListHITsForQualificationTypeResponse": "NumResults HITs",
        "ListReviewableHITsResponse": "NumResults HITs",
        "ListReviewPolicyResultsForHITResponse": "HITId",
        "ListQualificationRequestsResponse": "NumResults QualificationRequests",
        "ListQualificationTypesResponse": "NumResults QualificationTypes",
        "ListWorkerBlocksResponse": "NumResults WorkerBlocks",
        "ListWorkersWithQualificationTypeResponse": "NumResults Qualifications",
    }.items()
}
"""The members that every such structure has; the model's other members are there when they have a value."""

_POLICY_PARAMETERS = {"ReviewPolicy": {"Parameters"}}
"""What the model would let an answer have, and the service never sends."""


# The wire.


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, as they crossed the wire."""

    operation: str
    status: int
    headers: Mapping[str, str]
    body: Any


class Recorder:
    """
    A relay in front of a marketplace that keeps what passes.

    It hands on the `Host` header as it is, because that is what was signed.
    """

    def __init__(self, market: Marketplace) -> None:
        self._market = market
        self.exchanges: list[Exchange] = []
        self.url = ""

    async def __aenter__(self) -> Recorder:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application()
        app.router.add_post("/", self._relay)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _relay(self, request: web.Request) -> web.Response:
        async with self._session.post(
            self._market.url + "/", data=await request.read(), headers=request.headers
        ) as answer:
            body = await answer.read()
            operation = request.headers["X-Amz-Target"].rpartition(".")[2]
            self.exchanges.append(Exchange(operation, answer.status, dict(answer.headers), json.loads(body)))
            names = ("Content-Type", "x-amzn-RequestId")
            return web.Response(status=answer.status, body=body, headers={name: answer.headers[name] for name in names})


# What an answer is held against.

_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "timestamp": (int, float),
    "list": (list,),
    "structure": (dict,),
}


def wire_faults(value: Any, shape: Any, path: str = "") -> Iterator[str]:
    """
    Say what is wrong with a value on the wire.

    Args:
        value: What came, parsed as JSON.
        shape: What botocore's data model expects there.
        path: Where in the answer.
    """
    kind: str = shape.type_name
    if not _is(value, kind):
        yield f"{path}: {value!r} is no {kind}"
    elif kind == "structure":
        yield from _structure_faults(value, shape, path)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from wire_faults(item, shape.member, f"{path}[{index}]")
    elif kind == "string":
        yield from _string_faults(value, shape, path)


def _is(value: object, kind: str) -> bool:
    # True and False are integers to Python, and are not to JSON.
    return isinstance(value, _JSON_TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")


def _structure_faults(value: dict[str, Any], shape: Any, path: str) -> Iterator[str]:
    bare = path.startswith("ListReviewableHITs.HITs[")
    always = {"HITId"} if bare else ALWAYS.get(shape.name, frozenset())
    never = set(shape.members) - always if bare else _POLICY_PARAMETERS.get(shape.name, set())
    for name in sorted(always - value.keys()):
        yield f"{path}.{name} is missing"
    for name, member in value.items():
        if name not in shape.members or name in never:
            yield f"{path}.{name} does not belong there"
        else:
            yield from wire_faults(member, shape.members[name], f"{path}.{name}")


def _string_faults(value: str, shape: Any, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
    pattern = r"\d+\.\d\d" if shape.name == "CurrencyAmount" else shape.metadata.get("pattern")
    if path.endswith(".QuestionId"):
        pattern = None  # the model takes it for an id of the service's; it is the requester's own word for a question
    if pattern and not re.fullmatch(pattern, value):
        yield f"{path}: {value!r} does not fit {pattern}"


def _error_faults(exchange: Exchange) -> Iterator[str]:
    body = exchange.body
    members = set(body)
    if exchange.status != 400:
        yield f"{exchange.operation}: status {exchange.status}"
    if "x-amzn-errortype" in {name.lower() for name in exchange.headers}:
        yield f"{exchange.operation}: the error is named in a header"
    expected = {
        "RequestError": {"__type", "Message", "TurkErrorCode"},
        "ParameterValidationError": {"__type", "Message", "TurkErrorCode", "Parameter"},
    }.get(body["__type"], {"__type", "message"})
    if members != expected:
        yield f"{exchange.operation}: an error {body['__type']} has {sorted(members)}"


def normal(value: Any, shape: Any) -> Any:
    """Return a value in the form in which clients are compared: times in whole milliseconds, otherwise as it is."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: normal(member, shape.members[name]) for name, member in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [normal(item, shape.member) for item in value]
    if shape.type_name == "timestamp":
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return round(1000 * (value.timestamp() if isinstance(value, datetime) else value)) / 1000
    return value


@dataclass
class World:
    """
    A client at a marketplace, all of whose answers are checked.

    It is a `Judge` itself, so that a scenario written for judges runs in it.
    """

    market: Marketplace
    judge: Judge
    recorder: Recorder
    called: set[str] = field(default_factory=set)

    async def call(self, operation: str, members: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Call an operation, and check what came, on the wire and out of the client."""
        shape: Any = SERVICE.operation_model(operation).output_shape
        try:
            answer = normal(await self.judge.call(operation, members or {}), shape)
        except Refusal as refusal:
            self._check_refusal(refusal, self._last(operation))
            raise
        exchange = self._last(operation)
        assert list(wire_faults(exchange.body, shape, operation)) == []
        assert answer == normal(exchange.body, shape)
        return dict(answer)

    async def pages(self, operation: str, members: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
        """Walk a list with the client's paginator, and check every page."""
        shape: Any = SERVICE.operation_model(operation).output_shape
        before = len(self.recorder.exchanges)
        pages = [normal(page, shape) for page in await self.judge.pages(operation, members, size)]
        exchanges = self.recorder.exchanges[before:]
        self.called.add(operation)
        assert [fault for exchange in exchanges for fault in wire_faults(exchange.body, shape, operation)] == []
        # The token of an answer is no part of a page for every paginator.
        assert [{**page, "NextToken": None} for page in pages] == [
            {**normal(exchange.body, shape), "NextToken": None} for exchange in exchanges
        ]
        for page in pages:
            page.pop("NextToken", None)
        return pages

    async def refused(self, operation: str, members: Mapping[str, Any]) -> str:
        """Call an operation that has to be refused; return the code of the refusal."""
        try:
            answer = await self.call(operation, members)
        except Refusal:
            body = self.recorder.exchanges[-1].body
            return str(body.get("TurkErrorCode", body["__type"])).rpartition(".")[2]
        raise AssertionError(f"{operation} was not refused: {answer}")

    async def hit(self, **members: Any) -> dict[str, Any]:
        """Create a HIT."""
        hit: dict[str, Any] = (await self.call("CreateHIT", {**HIT, **members}))["HIT"]
        return hit

    @staticmethod
    def _check_refusal(refusal: Refusal, exchange: Exchange) -> None:
        assert list(_error_faults(exchange)) == []
        sent = exchange.body
        assert (refusal.type, refusal.status) == (sent["__type"], exchange.status)
        assert refusal.message == sent.get("Message", sent.get("message"))
        assert refusal.code in {sent.get("TurkErrorCode"), None}

    def _last(self, operation: str) -> Exchange:
        exchange = self.recorder.exchanges[-1]
        assert exchange.operation == operation
        self.called.add(operation)
        return exchange


# The chapters.


async def account(world: World) -> None:
    """The balance of the sandbox."""
    assert await world.call("GetAccountBalance") == {"AvailableBalance": "10000.00"}


REQUIREMENTS: list[dict[str, Any]] = [
    {"QualificationTypeId": "000000000000000000L0", "Comparator": "GreaterThanOrEqualTo", "IntegerValues": [95]},
    {
        "QualificationTypeId": "00000000000000000071",
        "Comparator": "In",
        "LocaleValues": [{"Country": "US", "Subdivision": "WA"}, {"Country": "DE"}],
        "ActionsGuarded": "DiscoverPreviewAndAccept",
    },
]


async def hits(world: World) -> None:
    """HIT types, HITs, and everything that changes, lists and deletes them."""
    described = {name: HIT[name] for name in ("Title", "Description", "Reward", "AssignmentDurationInSeconds")}
    properties = {
        **described,
        "Keywords": "age, image",
        "AutoApprovalDelayInSeconds": 86400,
        "QualificationRequirements": REQUIREMENTS,
    }
    type_id = (await world.call("CreateHITType", properties))["HITTypeId"]
    assert await world.call("CreateHITType", properties) == {"HITTypeId": type_id}
    typed = {"HITTypeId": type_id, "LifetimeInSeconds": 3600, "Question": QUESTION, "MaxAssignments": 2}
    first = (await world.call("CreateHITWithHITType", {**typed, "UniqueRequestToken": "all-1"}))["HIT"]
    assert await world.refused("CreateHITWithHITType", {**typed, "UniqueRequestToken": "all-1"}) == "HITAlreadyExists"
    assert first["Keywords"] == "age, image"
    assert first["QualificationRequirements"] == [
        {**REQUIREMENTS[0], "ActionsGuarded": "Accept", "RequiredToPreview": False},
        {**REQUIREMENTS[1], "RequiredToPreview": True},
    ]
    second = await world.hit(RequesterAnnotation="row 2")
    assert second["RequesterAnnotation"] == "row 2"
    assert not {"Keywords", "HITLayoutId"} & second.keys()
    first_id, second_id = first["HITId"], second["HITId"]

    more = {"HITId": first_id, "NumberOfAdditionalAssignments": 3, "UniqueRequestToken": "all-2"}
    assert await world.call("CreateAdditionalAssignmentsForHIT", more) == {}
    assert await world.refused("CreateAdditionalAssignmentsForHIT", more) == "DuplicateCall"
    later = datetime.fromtimestamp(first["Expiration"], UTC) + timedelta(hours=1, milliseconds=250)
    assert await world.call("UpdateExpirationForHIT", {"HITId": first_id, "ExpireAt": later}) == {}
    assert await world.refused("UpdateExpirationForHIT", {"HITId": first_id, "ExpireAt": later}) == "DuplicateCall"
    assert await world.call("UpdateHITTypeOfHIT", {"HITId": second_id, "HITTypeId": type_id}) == {}
    changed = (await world.call("GetHIT", {"HITId": second_id}))["HIT"]
    assert changed["HITGroupId"] == first["HITGroupId"]
    assert changed["QualificationRequirements"] == first["QualificationRequirements"]
    grown = (await world.call("GetHIT", {"HITId": first_id}))["HIT"]
    assert (grown["MaxAssignments"], grown["NumberOfAssignmentsAvailable"]) == (5, 5)
    assert [page["NumResults"] for page in await world.pages("ListHITs", {}, 1)] == [1, 1, 0]

    assert await world.refused("DeleteHIT", {"HITId": second_id}) == "InvalidHITState"
    assert await world.call("UpdateExpirationForHIT", {"HITId": second_id, "ExpireAt": LONG_AGO}) == {}
    assert (await world.call("ListReviewableHITs", {"HITTypeId": type_id}))["HITs"] == [{"HITId": second_id}]
    assert await world.call("UpdateHITReviewStatus", {"HITId": second_id}) == {}
    assert (await world.call("ListReviewableHITs"))["HITs"] == []
    assert (await world.call("ListReviewableHITs", {"Status": "Reviewing"}))["HITs"] == [{"HITId": second_id}]
    assert await world.call("UpdateHITReviewStatus", {"HITId": second_id, "Revert": True}) == {}
    assert await world.call("DeleteHIT", {"HITId": second_id}) == {}
    assert (await world.call("ListHITs"))["NumResults"] == 1


async def layouts(world: World) -> None:
    """A HIT made from a layout shows the question with the parameters filled in."""
    layout_id = await world.market.add_layout(
        "<!DOCTYPE html><html><body><form><img src='${image_url}'><input name='age'></form></body></html>"
    )
    asked = {name: value for name, value in HIT.items() if name != "Question"} | {"HITLayoutId": layout_id}
    assert await world.refused("CreateHIT", asked) == "MissingParameter"
    parameters = [{"Name": "image_url", "Value": "https://example.org/a.png?b=1&c=2"}]
    hit = (await world.call("CreateHIT", {**asked, "HITLayoutParameters": parameters}))["HIT"]
    assert hit["HITLayoutId"] == layout_id
    assert "HTMLQuestion" in hit["Question"]
    assert "https://example.org/a.png" in hit["Question"]
    assert "${" not in hit["Question"]


async def work(world: World) -> None:
    """Assignments: listed, read, approved, rejected, approved after all; bonuses."""
    hit_id = (await world.hit(MaxAssignments=3))["HITId"]
    anna, bert, cara = await done(world.market, hit_id, ANNA, BERT, CARA)
    pages = await world.pages("ListAssignmentsForHIT", {"HITId": hit_id}, 2)
    assert [page["NumResults"] for page in pages] == [2, 1, 0]
    fresh = pages[0]["Assignments"][0]
    assert not {"ApprovalTime", "RejectionTime", "RequesterFeedback"} & fresh.keys()

    assert await world.call("ApproveAssignment", {"AssignmentId": anna, "RequesterFeedback": "Grüße, 年"}) == {}
    assert await world.call("ApproveAssignment", {"AssignmentId": cara}) == {}
    assert await world.call("RejectAssignment", {"AssignmentId": bert, "RequesterFeedback": "Empty."}) == {}
    rejected = (await world.call("GetAssignment", {"AssignmentId": bert}))["Assignment"]
    assert "RejectionTime" in rejected
    assert "ApprovalTime" not in rejected
    assert await world.refused("RejectAssignment", {"AssignmentId": anna, "RequesterFeedback": "No."}) == (
        "InvalidAssignmentState"
    )
    assert await world.call("ApproveAssignment", {"AssignmentId": bert, "OverrideRejection": True}) == {}
    approved = await world.call("ListAssignmentsForHIT", {"HITId": hit_id, "AssignmentStatuses": ["Approved"]})
    assert [assignment.get("RequesterFeedback") for assignment in approved["Assignments"]][::2] == ["Grüße, 年", None]

    bonus = {"WorkerId": ANNA, "AssignmentId": anna, "BonusAmount": "1.5", "Reason": "Quick."}
    assert await world.call("SendBonus", {**bonus, "UniqueRequestToken": "all-3"}) == {}
    assert await world.refused("SendBonus", {**bonus, "UniqueRequestToken": "all-3"}) == "DuplicateCall"
    assert await world.refused("SendBonus", {**bonus, "WorkerId": DORA}) == "InvalidParameterValue"
    payments = (await world.call("ListBonusPayments", {"AssignmentId": anna}))["BonusPayments"]
    assert [(payment["BonusAmount"], payment["Reason"]) for payment in payments] == [("1.50", "Quick.")]
    assert [page["NumResults"] for page in await world.pages("ListBonusPayments", {"HITId": hit_id}, 1)] == [1, 0]


async def uploads(world: World) -> None:
    """Files are no longer uploaded: there is nothing to fetch, for any question."""
    hit_id = (await world.hit())["HITId"]
    [anna] = await done(world.market, hit_id, ANNA)
    assert await world.refused("GetFileUploadURL", {"AssignmentId": anna, "QuestionIdentifier": "age"}) == (
        "InvalidParameterValue"
    )
    assert await world.refused("GetFileUploadURL", {"AssignmentId": "3NONE", "QuestionIdentifier": "age"}) == (
        "AssignmentDoesNotExist"
    )


async def review_policies(world: World) -> None:
    """Both policies at once; their results and actions, with and without."""
    known = [{"Key": "age", "Values": ["36"]}]
    hit_id = (
        await world.hit(
            MaxAssignments=2,
            AssignmentReviewPolicy={
                "PolicyName": "ScoreMyKnownAnswers/2011-09-01",
                "Parameters": [
                    {"Key": "AnswerKey", "MapEntries": known},
                    {"Key": "ApproveIfKnownAnswerScoreIsAtLeast", "Values": ["80"]},
                    {"Key": "ApproveReason", "Values": ["Well done."]},
                ],
            },
            HITReviewPolicy={
                "PolicyName": "SimplePlurality/2011-09-01",
                "Parameters": [
                    {"Key": "QuestionIds", "Values": ["age"]},
                    {"Key": "QuestionAgreementThreshold", "Values": ["100"]},
                    {"Key": "DisregardAssignmentIfRejected", "Values": ["T"]},
                ],
            },
        )
    )["HITId"]
    await done(world.market, hit_id, ANNA, BERT)
    asked = {"HITId": hit_id, "MaxResults": 100}
    both = await world.call("ListReviewPolicyResultsForHIT", asked)
    assert both["AssignmentReviewPolicy"] == {"PolicyName": "ScoreMyKnownAnswers/2011-09-01"}
    assert both["HITReviewPolicy"] == {"PolicyName": "SimplePlurality/2011-09-01"}
    scored = both["AssignmentReviewReport"]["ReviewResults"]
    assert {(result["Key"], result["Value"]) for result in scored} == {
        ("KnownAnswerCorrect", "1"),
        ("KnownAnswerScore", "100"),
    }
    agreed = both["HITReviewReport"]["ReviewResults"]
    assert ("HIT", hit_id, "HitAgreementScore", "100") in {
        tuple(result[name] for name in ("SubjectType", "SubjectId", "Key", "Value")) for result in agreed
    }
    assert {result["QuestionId"] for result in agreed if result["Key"] == "AgreedAnswer"} == {"age"}
    assert {action["Status"] for action in both["AssignmentReviewReport"]["ReviewActions"]} == {"Succeeded"}
    found = (await world.call("ListAssignmentsForHIT", {"HITId": hit_id}))["Assignments"]
    assert [(each["AssignmentStatus"], each["RequesterFeedback"]) for each in found] == [("Approved", "Well done.")] * 2
    only = await world.call(
        "ListReviewPolicyResultsForHIT", {**asked, "PolicyLevels": ["Assignment"], "RetrieveActions": False}
    )
    assert "HITReviewReport" not in only
    assert not only["AssignmentReviewReport"].get("ReviewActions")

    plain = (await world.hit())["HITId"]
    assert await world.call("ListReviewPolicyResultsForHIT", {"HITId": plain}) == {"HITId": plain}


TEST_FORM = (
    f'<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd"><Question>'
    "<QuestionIdentifier>capital</QuestionIdentifier><IsRequired>true</IsRequired>"
    "<QuestionContent><Text>What is the capital of France?</Text></QuestionContent>"
    "<AnswerSpecification><SelectionAnswer><StyleSuggestion>radiobutton</StyleSuggestion><Selections>"
    "<Selection><SelectionIdentifier>paris</SelectionIdentifier><Text>Paris</Text></Selection>"
    "<Selection><SelectionIdentifier>lyon</SelectionIdentifier><Text>Lyon</Text></Selection>"
    "</Selections></SelectionAnswer></AnswerSpecification></Question></QuestionForm>"
)
ANSWER_KEY = (
    f'<AnswerKey xmlns="{SCHEMAS}/2005-10-01/AnswerKey.xsd"><Question><QuestionIdentifier>capital</QuestionIdentifier>'
    "<AnswerOption><SelectionIdentifier>paris</SelectionIdentifier><AnswerScore>5</AnswerScore></AnswerOption>"
    "</Question></AnswerKey>"
)


async def qualification_types(world: World) -> None:
    """Types: made in every form, read, listed, changed, used by a HIT, deleted."""
    plain = {"Name": "Reads French", "Description": "Whether.", "QualificationTypeStatus": "Active"}
    made = (await world.call("CreateQualificationType", plain))["QualificationType"]
    assert set(made) == ALWAYS["QualificationType"]
    assert (made["IsRequestable"], made["AutoGranted"]) == (True, False)
    assert await world.refused("CreateQualificationType", plain) == "QualificationTypeAlreadyExists"
    type_id = made["QualificationTypeId"]
    granted = {**plain, "Name": "Granted by itself", "AutoGranted": True, "AutoGrantedValue": 7, "Keywords": "a, b"}
    granting = (await world.call("CreateQualificationType", granted))["QualificationType"]
    assert (granting["AutoGranted"], granting["AutoGrantedValue"], granting["Keywords"]) == (True, 7, "a, b")
    tested = {
        **plain,
        "Name": "Knows capitals",
        "Test": TEST_FORM,
        "AnswerKey": ANSWER_KEY,
        "TestDurationInSeconds": 600,
        "RetryDelayInSeconds": 60,
    }
    testing = (await world.call("CreateQualificationType", tested))["QualificationType"]
    assert {name: testing[name] for name in tested} == tested

    assert await world.call("GetQualificationType", {"QualificationTypeId": type_id}) == {"QualificationType": made}
    masters = await world.call("GetQualificationType", {"QualificationTypeId": "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"})
    assert masters["QualificationType"]["IsRequestable"] is False
    mine = {"MustBeRequestable": True, "MustBeOwnedByCaller": True}
    pages = await world.pages("ListQualificationTypes", mine, 2)
    assert [page["NumResults"] for page in pages] == [2, 1, 0]
    found = await world.call("ListQualificationTypes", {**mine, "Query": "french"})
    assert found["QualificationTypes"] == [made]
    updated = await world.call(
        "UpdateQualificationType", {"QualificationTypeId": type_id, "Description": "Really.", "RetryDelayInSeconds": 60}
    )
    assert updated["QualificationType"] == {**made, "Description": "Really.", "RetryDelayInSeconds": 60}

    using = await world.hit(QualificationRequirements=[{"QualificationTypeId": type_id, "Comparator": "Exists"}])
    assert using["QualificationRequirements"] == [
        {
            "QualificationTypeId": type_id,
            "Comparator": "Exists",
            "RequiredToPreview": False,
            "ActionsGuarded": "Accept",
        }
    ]
    asked = {"QualificationTypeId": type_id}
    listed = await world.call("ListHITsForQualificationType", asked)
    assert [hit["HITId"] for hit in listed["HITs"]] == [using["HITId"]]
    assert [page["NumResults"] for page in await world.pages("ListHITsForQualificationType", asked, 5)] == [1, 0]
    assert await world.call("DeleteQualificationType", asked) == {}
    assert await world.refused("GetQualificationType", asked) == "QualificationTypeDoesNotExist"


async def qualifications(world: World) -> None:
    """Granting and revoking; requests accepted, rejected, and graded by themselves."""
    common = {"Description": "Whether.", "QualificationTypeStatus": "Active"}
    made = await world.call("CreateQualificationType", {**common, "Name": "Reads French", "RetryDelayInSeconds": 0})
    type_id = made["QualificationType"]["QualificationTypeId"]
    of_type = {"QualificationTypeId": type_id}

    given = {**of_type, "WorkerId": ANNA}
    assert await world.refused("GetQualificationScore", given) == "QualificationDoesNotExist"
    associate = {**given, "IntegerValue": 80, "SendNotification": False}
    assert await world.call("AssociateQualificationWithWorker", associate) == {}
    score = (await world.call("GetQualificationScore", given))["Qualification"]
    assert (score["WorkerId"], score["IntegerValue"], score["Status"]) == (ANNA, 80, "Granted")
    holders = await world.pages("ListWorkersWithQualificationType", of_type, 10)
    assert [page["Qualifications"] for page in holders] == [[score], []]
    assert await world.call("DisassociateQualificationFromWorker", {**given, "Reason": "Too long ago."}) == {}
    assert await world.refused("GetQualificationScore", given) == "InvalidQualificationState"
    revoked = await world.call("ListWorkersWithQualificationType", {**of_type, "Status": "Revoked"})
    assert [each["Status"] for each in revoked["Qualifications"]] == ["Revoked"]

    await world.market.worker(BERT).request_qualification(type_id)
    await world.market.worker(CARA).request_qualification(type_id)
    pages = await world.pages("ListQualificationRequests", of_type, 1)
    assert [page["NumResults"] for page in pages] == [1, 1, 0]
    first, second = (page["QualificationRequests"][0] for page in pages[:2])
    assert (first["WorkerId"], second["WorkerId"]) == (BERT, CARA)
    assert not {"Test", "Answer"} & first.keys()
    accept = {"QualificationRequestId": first["QualificationRequestId"], "IntegerValue": 60}
    assert await world.call("AcceptQualificationRequest", accept) == {}
    reject = {"QualificationRequestId": second["QualificationRequestId"], "Reason": "Not yet."}
    assert await world.call("RejectQualificationRequest", reject) == {}
    assert await world.refused("AcceptQualificationRequest", accept) in {
        "InvalidQualificationRequestState",
        "QualificationRequestDoesNotExist",
    }
    assert await world.refused("RejectQualificationRequest", {"QualificationRequestId": "none"}) == (
        "QualificationRequestDoesNotExist"
    )
    assert (await world.call("ListQualificationRequests"))["NumResults"] == 0
    taken = await world.call("GetQualificationScore", {**of_type, "WorkerId": BERT})
    assert taken["Qualification"]["IntegerValue"] == 60

    test = {**common, "Name": "Knows capitals", "Test": TEST_FORM, "TestDurationInSeconds": 600}
    by_hand = (await world.call("CreateQualificationType", test))["QualificationType"]["QualificationTypeId"]
    await world.market.worker(DORA).request_qualification(by_hand, {"capital": "lyon"})
    [request] = (await world.call("ListQualificationRequests"))["QualificationRequests"]
    assert request["Test"] == TEST_FORM
    assert "lyon" in request["Answer"]


async def graded_tests(world: World) -> None:
    """A test with an answer key grants its score at once."""
    test = {
        "Name": "Knows capitals",
        "Description": "Whether.",
        "QualificationTypeStatus": "Active",
        "Test": TEST_FORM,
        "AnswerKey": ANSWER_KEY,
        "TestDurationInSeconds": 600,
    }
    made = (await world.call("CreateQualificationType", test))["QualificationType"]
    type_id = made["QualificationTypeId"]
    await world.market.worker(ANNA).request_qualification(type_id, {"capital": "paris"})
    assert (await world.call("ListQualificationRequests"))["QualificationRequests"] == []
    score = await world.call("GetQualificationScore", {"QualificationTypeId": type_id, "WorkerId": ANNA})
    assert score["Qualification"]["IntegerValue"] == 5


async def workers(world: World) -> None:
    """Blocks, and letters to workers, of whom those who never worked for the requester are reported."""
    for worker in (ANNA, BERT):
        assert await world.call("CreateWorkerBlock", {"WorkerId": worker, "Reason": f"{worker} and scripts."}) == {}
    pages = await world.pages("ListWorkerBlocks", {}, 1)
    assert [page["WorkerBlocks"] for page in pages] == [
        [{"WorkerId": ANNA, "Reason": f"{ANNA} and scripts."}],
        [{"WorkerId": BERT, "Reason": f"{BERT} and scripts."}],
        [],
    ]
    assert await world.call("DeleteWorkerBlock", {"WorkerId": ANNA, "Reason": "A mistake."}) == {}
    assert await world.call("DeleteWorkerBlock", {"WorkerId": ANNA}) == {}

    [cara] = await done(world.market, (await world.hit())["HITId"], CARA)
    await world.call("ApproveAssignment", {"AssignmentId": cara})
    letter = {"Subject": "More work", "MessageText": "There is more.", "WorkerIds": [CARA, DORA]}
    [failure] = (await world.call("NotifyWorkers", letter))["NotifyWorkersFailureStatuses"]
    assert (failure["WorkerId"], failure["NotifyWorkersFailureCode"]) == (DORA, "HardFailure")
    assert await world.call("NotifyWorkers", {**letter, "WorkerIds": [CARA]}) == {"NotifyWorkersFailureStatuses": []}


async def notifications(world: World) -> None:
    """Settings of a HIT type, and test events."""
    type_id = (await world.hit())["HITTypeId"]
    sqs = {
        "Destination": "https://sqs.us-east-1.amazonaws.com/123456789012/hits",
        "Transport": "SQS",
        "Version": "2014-08-15",
        "EventTypes": ["AssignmentSubmitted", "HITReviewable"],
    }
    of_type = {"HITTypeId": type_id}
    assert await world.refused("UpdateNotificationSettings", of_type)
    assert await world.call("UpdateNotificationSettings", {**of_type, "Notification": sqs, "Active": True}) == {}
    assert await world.call("UpdateNotificationSettings", {**of_type, "Active": False}) == {}
    assert await world.call("SendTestEventNotification", {"Notification": sqs, "TestEventType": "Ping"}) == {}
    sns = {**sqs, "Transport": "SNS", "Destination": "arn:aws:sns:us-east-1:123456789012:hits"}
    assert await world.call("SendTestEventNotification", {"Notification": sns, "TestEventType": "HITReviewable"}) == {}


Chapter = Callable[[World], Awaitable[None]]

CHAPTERS: Mapping[Chapter, frozenset[str]] = {
    chapter: frozenset(operations.split())
    for chapter, operations in {
        account: "GetAccountBalance",
        hits: "CreateHITType CreateHITWithHITType CreateHIT GetHIT ListHITs CreateAdditionalAssignmentsForHIT "
        "UpdateExpirationForHIT UpdateHITTypeOfHIT ListReviewableHITs UpdateHITReviewStatus DeleteHIT",
        layouts: "",
        work: "ListAssignmentsForHIT GetAssignment ApproveAssignment RejectAssignment SendBonus ListBonusPayments",
        uploads: "GetFileUploadURL",
        review_policies: "ListReviewPolicyResultsForHIT",
        qualification_types: "CreateQualificationType GetQualificationType ListQualificationTypes "
        "UpdateQualificationType ListHITsForQualificationType DeleteQualificationType",
        qualifications: "AssociateQualificationWithWorker GetQualificationScore ListWorkersWithQualificationType "
        "DisassociateQualificationFromWorker ListQualificationRequests AcceptQualificationRequest "
        "RejectQualificationRequest",
        graded_tests: "",
        workers: "CreateWorkerBlock ListWorkerBlocks DeleteWorkerBlock NotifyWorkers",
        notifications: "UpdateNotificationSettings SendTestEventNotification",
    }.items()
}
"""Every chapter, and the operations that it is about."""
