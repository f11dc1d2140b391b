"""What a refused repeat means: success seen twice, or somebody else's doing."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from aioturk import Client
from aioturk._core.messages import Request, Response
from aioturk.errors import (
    DuplicateCall,
    HITAlreadyExists,
    InvalidAssignmentState,
    QualificationTypeAlreadyExists,
    ServiceError,
    TurkError,
)
from aioturk.testing import CREDENTIALS, FaultyTransport, JumpingClock, StubTransport, Trouble, error_reply, reply

from .requests_table import ASSIGNMENT_ID, HIT_ID, HIT_TYPE_ID, QUALIFICATION_TYPE_ID, REQUESTS, WORKER_ID

NOW = 1_700_000_000.0
OTHER_ID = "3OTHER" + "0" * 24
REFUSED = error_reply("InvalidAssignmentState", "This operation can be called with a status of: Submitted (1)")


class Script:
    """A service that loses the first reply and refuses the repeat; reads are answered from a table."""

    def __init__(self, refusal: Response, reads: dict[str, Any]) -> None:
        self._refusal = refusal
        self._reads = reads
        self.read: list[str] = []

    def __call__(self, request: Request) -> Response:
        name = dict(request.headers)["X-Amz-Target"].rpartition(".")[2]
        if not name.startswith(("Get", "List")):
            return self._refusal
        self.read.append(name)
        found = self._reads[name]
        return found if isinstance(found, Response) else reply(found)


async def settle(name: str, refusal: Response, reads: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Call an operation whose first reply is lost and whose repeat is refused."""
    transport = FaultyTransport(StubTransport(Script(refusal, reads)), Trouble.RESET_BEFORE)
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=JumpingClock(NOW)) as mturk:
        return await mturk.call(name, {**REQUESTS[name], **given})


def assignment(status: str) -> dict[str, Any]:
    return {"Assignment": {"AssignmentId": ASSIGNMENT_ID, "AssignmentStatus": status}}


def hit(**members: Any) -> dict[str, Any]:
    return {"HIT": {"HITId": HIT_ID, **members}}


QUALIFICATION_TYPE = {**REQUESTS["CreateQualificationType"], "QualificationTypeId": QUALIFICATION_TYPE_ID}
GONE = error_reply("QualificationTypeDoesNotExist", "It does not exist.")

SETTLED: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("ApproveAssignment", {}, {"GetAssignment": assignment("Approved")}, True),
    ("ApproveAssignment", {}, {"GetAssignment": assignment("Rejected")}, False),
    ("ApproveAssignment", {}, {"GetAssignment": assignment("Submitted")}, False),
    ("RejectAssignment", {}, {"GetAssignment": assignment("Rejected")}, True),
    ("RejectAssignment", {}, {"GetAssignment": assignment("Approved")}, False),
    ("DeleteHIT", {}, {"GetHIT": hit(HITStatus="Disposed")}, True),
    ("DeleteHIT", {}, {"GetHIT": error_reply("HITDoesNotExist", "Hit does not exist.")}, True),
    ("DeleteHIT", {}, {"GetHIT": hit(HITStatus="Reviewable")}, False),
    ("UpdateExpirationForHIT", {"ExpireAt": NOW + 900}, {"GetHIT": hit(Expiration=NOW + 900.5)}, True),
    ("UpdateExpirationForHIT", {"ExpireAt": NOW + 900}, {"GetHIT": hit(Expiration=NOW + 901.5)}, False),
    ("UpdateExpirationForHIT", {"ExpireAt": 0}, {"GetHIT": hit(Expiration=NOW - 3)}, True),
    ("UpdateExpirationForHIT", {"ExpireAt": 0}, {"GetHIT": hit(Expiration=NOW + 3600)}, False),
    ("UpdateExpirationForHIT", {"ExpireAt": NOW + 900}, {"GetHIT": hit(Expiration="2023-11-14T22:28:20+00:00")}, True),
    ("UpdateExpirationForHIT", {"ExpireAt": NOW + 900}, {"GetHIT": hit()}, False),
    ("UpdateHITReviewStatus", {}, {"GetHIT": hit(HITStatus="Reviewing")}, True),
    ("UpdateHITReviewStatus", {}, {"GetHIT": hit(HITStatus="Reviewable")}, False),
    ("UpdateHITReviewStatus", {"Revert": True}, {"GetHIT": hit(HITStatus="Reviewable")}, True),
    ("UpdateHITReviewStatus", {"Revert": True}, {"GetHIT": hit(HITStatus="Reviewing")}, False),
    ("UpdateHITTypeOfHIT", {}, {"GetHIT": hit(HITTypeId=HIT_TYPE_ID)}, True),
    ("UpdateHITTypeOfHIT", {}, {"GetHIT": hit(HITTypeId=OTHER_ID)}, False),
    ("DeleteQualificationType", {}, {"GetQualificationType": GONE}, True),
    ("DeleteQualificationType", {}, {"GetQualificationType": {"QualificationType": QUALIFICATION_TYPE}}, False),
    (
        "DisassociateQualificationFromWorker",
        {},
        {"GetQualificationScore": error_reply("InvalidQualificationState", "... with a status of: Granted")},
        True,
    ),
    (
        "DisassociateQualificationFromWorker",
        {},
        {"GetQualificationScore": {"Qualification": {"Status": "Revoked"}}},
        True,
    ),
    (
        "DisassociateQualificationFromWorker",
        {},
        {"GetQualificationScore": {"Qualification": {"Status": "Granted"}}},
        False,
    ),
    (
        "DisassociateQualificationFromWorker",
        {},
        {"GetQualificationScore": error_reply("QualificationDoesNotExist", "You requested ...")},
        False,
    ),
]


@pytest.mark.parametrize(("name", "given", "reads", "success"), SETTLED)
async def test_the_state_decides(name: str, given: dict[str, Any], reads: dict[str, Any], success: bool) -> None:
    """What was asked for is success; anything else raises the service's refusal, as ambiguous."""
    if success:
        assert await settle(name, REFUSED, reads, **given) == {}
        return
    with pytest.raises(InvalidAssignmentState) as caught:
        await settle(name, REFUSED, reads, **given)
    assert caught.value.ambiguous


@pytest.mark.parametrize("name", sorted({name for name, *_ in SETTLED}))
async def test_a_state_that_cannot_be_read_leaves_the_refusal(name: str) -> None:
    """When the look fails, or answers nonsense, the refusal is raised from that failure."""
    for answer in (error_reply(message="No.", kind="AccessDeniedException"), reply({"HIT": None})):
        reads = dict.fromkeys(("GetAssignment", "GetHIT", "GetQualificationType", "GetQualificationScore"), answer)
        if name == "DeleteQualificationType" and answer.status == 200:
            continue  # any answer at all means that the type is still there
        with pytest.raises(InvalidAssignmentState) as caught:
            await settle(name, REFUSED, reads)
        assert caught.value.ambiguous
        assert isinstance(caught.value.__cause__, ServiceError)


class TestQualificationTypes:
    """A type made by the lost attempt is found by its name; an older one would be a wrong success."""

    refusal = error_reply("QualificationTypeAlreadyExists", "You have already created one of this name.")

    def page(self, *types: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"QualificationTypes": list(types), "NumResults": len(types), **more}

    async def test_found(self) -> None:
        """The same name, equal members, just made: it is the one, and it is the answer."""
        found = {**QUALIFICATION_TYPE, "CreationTime": NOW + 0.1}
        answer = await settle("CreateQualificationType", self.refusal, {"ListQualificationTypes": self.page(found)})
        assert answer == {"QualificationType": found}

    @pytest.mark.parametrize(
        "difference", [{"CreationTime": NOW - 61}, {"Description": "Other."}, {"CreationTime": "long ago"}]
    )
    async def test_not_ours(self, difference: dict[str, Any]) -> None:
        """An older type, or one with other members, is not what was asked for."""
        found = {**QUALIFICATION_TYPE, "CreationTime": NOW, **difference}
        with pytest.raises(QualificationTypeAlreadyExists) as caught:
            await settle("CreateQualificationType", self.refusal, {"ListQualificationTypes": self.page(found)})
        assert caught.value.ambiguous

    async def test_lists_lag(self) -> None:
        """New types appear in the list after seconds, so it is looked at several times, on every page."""
        found = {**QUALIFICATION_TYPE, "CreationTime": NOW}
        pages = [
            self.page({"Name": "Other"}, NextToken="2"),
            self.page(),
            self.page({"Name": "Other"}, NextToken="2"),
            self.page(found),
        ]
        transport = FaultyTransport(StubTransport(self.refusal, *map(reply, pages)), Trouble.RESET_BEFORE)
        clock = JumpingClock(NOW)
        mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock)
        made = await mturk.call("CreateQualificationType", REQUESTS["CreateQualificationType"])
        assert made == {"QualificationType": found}
        assert clock.slept[-1] == 1.0

    async def test_looking_keeps_to_the_deadline(self) -> None:
        """Looking again ends with the call's time."""
        looks = [reply(self.page()) for _ in range(9)]
        transport = FaultyTransport(StubTransport(self.refusal, *looks), Trouble.RESET_BEFORE)
        clock = JumpingClock(NOW)
        mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock, timeout=3.5)
        with pytest.raises(QualificationTypeAlreadyExists):
            await mturk.call("CreateQualificationType", REQUESTS["CreateQualificationType"])
        assert clock.monotonic() <= 3.5

    @pytest.mark.parametrize("reason", ["rate", "clock"])
    async def test_the_first_attempt_counts_from_when_it_was_sent(self, reason: str) -> None:
        """Neither waiting for a turn nor a wrong clock makes an older type look like ours."""
        found = {**QUALIFICATION_TYPE, "CreationTime": NOW + 300}
        clock = JumpingClock(NOW)
        look = reply(self.page(found))
        if reason == "rate":
            transport = FaultyTransport(StubTransport(reply(), self.refusal, *[look] * 4), None, Trouble.RESET_BEFORE)
            mturk = Client(
                "sandbox", credentials=CREDENTIALS, transport=transport, clock=clock, rate=1 / 600, timeout=10**5
            )
            await mturk.call("GetAccountBalance")
        else:
            skewed = error_reply(
                message="Signature expired", kind="InvalidSignatureException", date="Tue, 14 Nov 2023 23:13:20 GMT"
            )
            transport = FaultyTransport(StubTransport(skewed, self.refusal, *[look] * 4), None, Trouble.RESET_BEFORE)
            mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock)
        with pytest.raises(QualificationTypeAlreadyExists):
            await mturk.call("CreateQualificationType", REQUESTS["CreateQualificationType"])


class TestHITs:
    """The answer that it already exists, after our own earlier attempt is success, and the HIT is read back."""

    message = f'The HIT with ID "{HIT_ID}" already exists for the idempotency token "{{token}}". (1)'

    def transport(self, *reads: Response | TurkError) -> tuple[FaultyTransport, StubTransport]:
        def refuse(request: Request) -> Response:
            token = msgspec.json.decode(request.body)["UniqueRequestToken"]
            return error_reply("HitAlreadyExists", self.message.format(token=token))

        inner = StubTransport(refuse, *reads)
        return FaultyTransport(inner, Trouble.RESET_BEFORE), inner

    def client(self, transport: FaultyTransport) -> Client:
        return Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=JumpingClock(NOW))

    async def test_read_back(self) -> None:
        """The answer is the HIT that the lost reply would have told of."""
        transport, inner = self.transport(reply(hit(Title="t")))
        answer = await self.client(transport).call("CreateHIT", REQUESTS["CreateHIT"])
        assert answer == hit(Title="t")
        assert inner.calls[1] == ("GetHIT", {"HITId": HIT_ID})

    async def test_read_back_fails(self) -> None:
        """The error names the HIT, and is ambiguous (R5)."""
        transport, _ = self.transport(error_reply(message="No.", kind="AccessDeniedException"))
        with pytest.raises(HITAlreadyExists) as caught:
            await self.client(transport).call("CreateHIT", REQUESTS["CreateHIT"])
        assert caught.value.hit_id == HIT_ID
        assert caught.value.ambiguous
        assert caught.value.unique_request_token

    async def test_a_token_that_looks_like_an_id(self) -> None:
        """A caller's token of thirty capitals is not taken for the HIT's id (R5)."""
        token = "3" + "A" * 29
        transport, inner = self.transport(reply(hit(**found_hit())))
        self.message = 'Token "{token}" is taken. ' + f"See {HIT_ID}. (1)"
        await self.client(transport).call("CreateHIT", {**REQUESTS["CreateHIT"], "UniqueRequestToken": token})
        assert inner.calls[1] == ("GetHIT", {"HITId": HIT_ID})

    @pytest.mark.parametrize("name", ["CreateHIT", "CreateHITWithHITType"])
    async def test_a_callers_token_that_made_this_hit(self, name: str) -> None:
        """With the caller's token the HIT is compared with what was asked for; equal is success (R6)."""
        transport, _ = self.transport(reply(hit(**found_hit())))
        answer = await self.client(transport).call(name, {**REQUESTS[name], "UniqueRequestToken": "row-7"})
        assert answer["HIT"]["HITId"] == HIT_ID

    @pytest.mark.parametrize(
        "difference",
        [
            {"Reward": "0.26"},
            {"Reward": "much"},
            {"Title": "Another title"},
            {"Description": "Another description"},
            {"MaxAssignments": 2},
            {"RequesterAnnotation": "row 8"},
            {"Question": "<Other/>"},
        ],
    )
    async def test_a_callers_token_that_made_another_hit(self, difference: dict[str, Any]) -> None:
        """A token that was used for something else raises, whatever was lost before (R6)."""
        transport, _ = self.transport(reply(hit(**{**found_hit(), **difference})))
        with pytest.raises(HITAlreadyExists) as caught:
            await self.client(transport).call("CreateHIT", {**REQUESTS["CreateHIT"], "UniqueRequestToken": "row-7"})
        assert caught.value.hit_id == HIT_ID
        assert caught.value.ambiguous

    async def test_a_hit_without_its_question_proves_nothing(self) -> None:
        """A service that leaves the question out is believed for the rest."""
        found = {name: value for name, value in found_hit().items() if name != "Question"}
        transport, _ = self.transport(reply(hit(**found)))
        answer = await self.client(transport).call(
            "CreateHIT", {**REQUESTS["CreateHIT"], "UniqueRequestToken": "row-7"}
        )
        assert answer["HIT"]["HITId"] == HIT_ID

    @pytest.mark.parametrize(("layout", "success"), [("3LAYOUT", True), ("3OTHER", False)])
    async def test_a_layout_is_compared(self, layout: str, success: bool) -> None:
        """A HIT from another layout is another HIT."""
        asked = {name: value for name, value in REQUESTS["CreateHIT"].items() if name != "Question"}
        transport, _ = self.transport(reply(hit(**{**found_hit(), "HITLayoutId": layout})))
        calling = self.client(transport).call(
            "CreateHIT", {**asked, "HITLayoutId": "3LAYOUT", "UniqueRequestToken": "row-7"}
        )
        if success:
            await calling
            return
        with pytest.raises(HITAlreadyExists):
            await calling

    async def test_a_hit_of_another_shape(self) -> None:
        """When the HIT that is read back cannot be understood, its id is told, and no decoder's exception (R4, R5)."""
        transport, _ = self.transport(reply({"HIT": {"HITId": HIT_ID, "Reward": []}}))
        with pytest.raises(HITAlreadyExists) as caught:
            await self.client(transport).create_hit(
                title="t", description="d", reward="0.01", lifetime=60, assignment_duration=60, question="<q/>"
            )
        assert caught.value.hit_id == HIT_ID
        assert caught.value.ambiguous

    async def test_reading_back_keeps_to_the_deadline(self) -> None:
        """A look that is throttled for ever ends with the call, not later."""
        throttled = error_reply(message="Rate exceeded", kind="ThrottlingException")
        transport, inner = self.transport(*[throttled] * 500)
        clock = JumpingClock(NOW)
        mturk = Client("sandbox", credentials=CREDENTIALS, transport=transport, clock=clock, timeout=30)
        with pytest.raises(HITAlreadyExists) as caught:
            await mturk.call("CreateHIT", REQUESTS["CreateHIT"])
        assert caught.value.hit_id == HIT_ID
        assert clock.monotonic() <= 30
        assert len(inner.requests) > 2

    async def test_another_type(self) -> None:
        """For a HIT made from a type, the type is compared too."""
        transport, _ = self.transport(reply(hit(**{**found_hit(), "HITTypeId": OTHER_ID})))
        with pytest.raises(HITAlreadyExists):
            await self.client(transport).call(
                "CreateHITWithHITType", {**REQUESTS["CreateHITWithHITType"], "UniqueRequestToken": "row-7"}
            )

    async def test_no_id_in_the_text(self) -> None:
        """Without an id there is nothing to read back."""
        self.message = "It exists."
        transport, _ = self.transport()
        with pytest.raises(HITAlreadyExists) as caught:
            await self.client(transport).call("CreateHIT", REQUESTS["CreateHIT"])
        assert caught.value.hit_id is None
        assert caught.value.ambiguous


def found_hit() -> dict[str, Any]:
    asked = REQUESTS["CreateHIT"]
    return {
        "HITId": HIT_ID,
        "HITTypeId": HIT_TYPE_ID,
        "MaxAssignments": 1,
        **{name: asked[name] for name in ("Title", "Description", "Reward", "Question")},
    }


DUPLICATE = error_reply("DuplicateCall", 'The idempotency token "x" has already been processed. (1)')


class TestBonusesAndExtensions:
    """The service recognises the token; with a caller's token the bonus itself is looked for."""

    @pytest.mark.parametrize("name", ["SendBonus", "CreateAdditionalAssignmentsForHIT"])
    async def test_our_token(self, name: str) -> None:
        """Our own token can only have been used by our own attempt."""
        assert await settle(name, DUPLICATE, {}) == {}

    async def test_an_unknown_code_that_names_the_token(self) -> None:
        """The code is not documented, so the token in the text counts too."""
        refusal = error_reply("InvalidRequest", 'The idempotency token "row-7" has already been processed. (1)')
        reads = {"GetHIT": hit(MaxAssignments=5)}
        assert await settle("CreateAdditionalAssignmentsForHIT", refusal, reads, UniqueRequestToken="row-7") == {}

    @pytest.mark.parametrize(
        ("refusal", "token"),
        [
            (error_reply("InsufficientFunds", f"No funds for HIT {HIT_ID}. (1)"), HIT_ID),
            (error_reply("HITDoesNotExist", "Hit 3X7837 does not exist. (7)"), "7"),
            (error_reply("InvalidRequest", "Something about row-77. (1)"), "row-7"),
        ],
    )
    async def test_a_token_that_merely_occurs_in_the_text(self, refusal: Response, token: str) -> None:
        """A refusal for another reason is none about the token, even if its text holds the token's letters."""
        reads = {"GetHIT": hit(MaxAssignments=5)}
        with pytest.raises(ServiceError) as caught:
            await settle("CreateAdditionalAssignmentsForHIT", refusal, reads, UniqueRequestToken=token)
        assert caught.value.ambiguous

    @pytest.mark.parametrize(("found", "success"), [(3, True), (2, False), (None, False)])
    async def test_a_callers_token_that_extended_another_hit(self, found: int | None, success: bool) -> None:
        """A HIT that has no more assignments than were to be added was not extended by this call (R6)."""
        reads = {"GetHIT": hit(**({} if found is None else {"MaxAssignments": found}))}
        asked = {"NumberOfAdditionalAssignments": 2, "UniqueRequestToken": "row-7"}
        if success:
            assert await settle("CreateAdditionalAssignmentsForHIT", DUPLICATE, reads, **asked) == {}
            return
        with pytest.raises(DuplicateCall) as caught:
            await settle("CreateAdditionalAssignmentsForHIT", DUPLICATE, reads, **asked)
        assert caught.value.ambiguous

    @pytest.mark.parametrize("payments", ["none", [5], {"WorkerId": WORKER_ID}])
    async def test_nonsense_instead_of_payments(self, payments: Any) -> None:
        """A list that is none leaves the refusal, and no exception of Python's own."""
        with pytest.raises(DuplicateCall):
            await settle(
                "SendBonus", DUPLICATE, {"ListBonusPayments": {"BonusPayments": payments}}, UniqueRequestToken="b"
            )

    async def test_naive_times_are_utc(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A time without a zone is UTC wherever this computer is: what was paid hours ago is not taken for ours."""
        monkeypatch.setenv("TZ", "America/New_York")
        time.tzset()
        try:
            with pytest.raises(DuplicateCall):
                await self.pay(self.payment(GrantTime="2023-11-14T20:00:00"))  # two hours before NOW
            assert await self.pay(self.payment(GrantTime="2023-11-14T22:13:20")) == {}
        finally:
            monkeypatch.undo()
            time.tzset()

    async def test_another_refusal(self) -> None:
        """Lack of funds on the repeat says nothing about the first attempt: it raises, as ambiguous."""
        refusal = error_reply("InsufficientFunds", "No funds.")
        for name in ("SendBonus", "CreateAdditionalAssignmentsForHIT", "CreateHIT"):
            with pytest.raises(ServiceError) as caught:
                await settle(name, refusal, {})
            assert caught.value.ambiguous

    def payment(self, **difference: Any) -> dict[str, Any]:
        return {
            "WorkerId": WORKER_ID,
            "BonusAmount": "1.00",
            "AssignmentId": ASSIGNMENT_ID,
            "GrantTime": NOW,
            **difference,
        }

    async def pay(self, *payments: dict[str, Any]) -> dict[str, Any]:
        pages = {"BonusPayments": list(payments), "NumResults": len(payments)}
        return await settle("SendBonus", DUPLICATE, {"ListBonusPayments": pages}, UniqueRequestToken="bonus-7")

    async def test_a_callers_token_that_paid_this_bonus(self) -> None:
        """Same worker, same amount, paid since our first attempt: it is the one (R6)."""
        assert await self.pay(self.payment(WorkerId="AOTHER"), self.payment(BonusAmount="1")) == {}

    @pytest.mark.parametrize(
        "difference", [{"WorkerId": "A2OTHER"}, {"BonusAmount": "1.01"}, {"GrantTime": NOW - 61}, {"GrantTime": None}]
    )
    async def test_a_callers_token_that_paid_something_else(self, difference: dict[str, Any]) -> None:
        """Another worker, another sum, or long ago: the token was used for something else (R6)."""
        with pytest.raises(DuplicateCall) as caught:
            await self.pay(self.payment(**difference))
        assert caught.value.ambiguous
        assert caught.value.unique_request_token == "bonus-7"
