"""
One and the same piece of business for every client: create, work, review, pay a bonus, delete.

A `Judge` is somebody else's client behind one way of calling it; the judges themselves are in `test_clients.py` and in
`tests/javascript`. Answers are compared in the API's own form: member names as on the wire, times as seconds since
1970. The run of all 39 operations is in `all39.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from aioturk.marketplace import Marketplace
from tests.marketplace.support import ANNA, BERT, CARA, HIT, done

__all__ = ["LONG_AGO", "Judge", "Refusal", "refused", "whole_business"]

LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)
"""What programs pass to expire a HIT at once."""


class Refusal(Exception):
    """
    What a client made of an error answer.

    Args:
        type: The type of the error (``__type``).
        message: Its text.
        status: The HTTP status.
        code: The marketplace's own code; None where the client does not tell it.
    """

    def __init__(self, type: str, message: str, status: int, code: str | None = None) -> None:  # noqa: A002
        super().__init__(f"{type} ({code}): {message}")
        self.type = type
        self.message = message
        self.status = status
        self.code = code


class Judge(Protocol):
    """Somebody else's client, unpatched."""

    async def call(self, operation: str, members: Mapping[str, Any]) -> dict[str, Any]:
        """
        Call an operation.

        Args:
            operation: The service's name for it.
            members: The request in wire names; times are datetimes.

        Raises:
            Refusal: The client raised its exception for an error answer.
        """
        ...

    async def pages(self, operation: str, members: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
        """Walk a list to its end with the paginator that the client brings along; return every page it gives."""
        ...


async def refused(judge: Judge, operation: str, members: Mapping[str, Any]) -> Refusal:
    """Call an operation that has to be refused."""
    try:
        answer = await judge.call(operation, members)
    except Refusal as refusal:
        return refusal
    raise AssertionError(f"{operation} was not refused: {answer}")


async def whole_business(judge: Judge, market: Marketplace) -> None:
    """Create HITs, let people work, review what they did, pay a bonus, delete."""
    hit_id = await _created(judge)
    anna, bert, cara = await done(market, hit_id, ANNA, BERT, CARA)
    await _found(judge, hit_id, [anna, bert, cara])
    await _reviewed(judge, hit_id, anna, bert, cara)
    await _rewarded(judge, hit_id, anna)
    await _deleted(judge, hit_id, anna)


async def _created(judge: Judge) -> str:
    assert (await judge.call("GetAccountBalance", {}))["AvailableBalance"] == "10000.00"
    asked = {**HIT, "MaxAssignments": 3, "Keywords": "age, Gesichter, 年齢", "UniqueRequestToken": "scenario-1"}
    hit = (await judge.call("CreateHIT", asked))["HIT"]
    assert {name: hit[name] for name in ("Title", "Reward", "MaxAssignments", "Keywords", "Question")} == {
        "Title": HIT["Title"],
        "Reward": "0.25",
        "MaxAssignments": 3,
        "Keywords": "age, Gesichter, 年齢",
        "Question": HIT["Question"],
    }
    assert hit["Expiration"] - hit["CreationTime"] == HIT["LifetimeInSeconds"]
    assert hit["QualificationRequirements"] == []
    assert "RequesterAnnotation" not in hit
    assert await judge.call("GetHIT", {"HITId": hit["HITId"]}) == {"HIT": hit}

    # What is wrong, for each of the three kinds of refusals; and the token, which is there to be found in the text.
    again = await refused(judge, "CreateHIT", asked)
    assert (again.type, again.status) == ("RequestError", 400)
    assert again.code in {"AWS.MechanicalTurk.HITAlreadyExists", None}
    assert hit["HITId"] in again.message
    nowhere = await refused(judge, "GetHIT", {"HITId": "3NOSUCHHIT"})
    assert nowhere.type == "RequestError"
    assert nowhere.code in {"AWS.MechanicalTurk.HITDoesNotExist", None}
    assert nowhere.message.startswith("Hit 3NOSUCHHIT does not exist. (")
    assert (await refused(judge, "CreateHIT", {**HIT, "Title": "x" * 129})).type == "ParameterValidationError"
    assert (await refused(judge, "ListHITs", {"MaxResults": 101})).type == "ValidationException"
    hit_id: str = hit["HITId"]
    return hit_id


async def _found(judge: Judge, hit_id: str, assignment_ids: list[str]) -> None:
    others = [(await judge.call("CreateHIT", HIT))["HIT"]["HITId"] for _ in range(4)]
    pages = await judge.pages("ListHITs", {}, 2)
    # The last page is empty: the service tells the end only so.
    assert [page["NumResults"] for page in pages] == [2, 2, 1, 0]
    assert sorted(hit["HITId"] for page in pages for hit in page["HITs"]) == sorted([hit_id, *others])

    pages = await judge.pages("ListAssignmentsForHIT", {"HITId": hit_id}, 2)
    assert [page["NumResults"] for page in pages] == [2, 1, 0]
    found = [assignment for page in pages for assignment in page["Assignments"]]
    assert [(assignment["AssignmentId"], assignment["WorkerId"]) for assignment in found] == list(
        zip(assignment_ids, [ANNA, BERT, CARA], strict=True)
    )
    assert all("<FreeText>36</FreeText>" in assignment["Answer"] for assignment in found)
    finished, end = await judge.pages("ListReviewableHITs", {}, 10)
    assert (finished["HITs"], finished["NumResults"]) == ([{"HITId": hit_id}], 1)
    assert end == {"HITs": [], "NumResults": 0}


async def _reviewed(judge: Judge, hit_id: str, anna: str, bert: str, cara: str) -> None:
    assert await judge.call("ApproveAssignment", {"AssignmentId": anna, "RequesterFeedback": "Thanks!"}) == {}
    assert await judge.call("RejectAssignment", {"AssignmentId": bert, "RequesterFeedback": "Empty."}) == {}
    twice = await refused(judge, "ApproveAssignment", {"AssignmentId": anna})
    assert twice.code in {"AWS.MechanicalTurk.InvalidAssignmentState", None}
    assert twice.message.startswith("This operation can be called with a status of: Submitted (")
    assert (await refused(judge, "ApproveAssignment", {"AssignmentId": bert})).type == "RequestError"
    assert await judge.call("ApproveAssignment", {"AssignmentId": bert, "OverrideRejection": True}) == {}

    page = await judge.call("ListAssignmentsForHIT", {"HITId": hit_id, "AssignmentStatuses": ["Submitted"]})
    assert [assignment["AssignmentId"] for assignment in page["Assignments"]] == [cara]
    read = await judge.call("GetAssignment", {"AssignmentId": anna})
    assert (read["Assignment"]["AssignmentStatus"], read["Assignment"]["RequesterFeedback"]) == ("Approved", "Thanks!")
    assert read["Assignment"]["ApprovalTime"] >= read["Assignment"]["SubmitTime"]
    assert (read["HIT"]["HITStatus"], read["HIT"]["NumberOfAssignmentsCompleted"]) == ("Reviewable", 2)


async def _rewarded(judge: Judge, hit_id: str, anna: str) -> None:
    bonus = {"WorkerId": ANNA, "AssignmentId": anna, "BonusAmount": "1.50", "Reason": "Quick and good."}
    assert await judge.call("SendBonus", {**bonus, "UniqueRequestToken": "scenario-2"}) == {}
    again = await refused(judge, "SendBonus", {**bonus, "UniqueRequestToken": "scenario-2"})
    assert again.type == "RequestError"
    assert again.message.startswith('The idempotency token "scenario-2" has already been processed.')
    stranger = await refused(judge, "SendBonus", {**bonus, "WorkerId": BERT})
    assert stranger.type == "ParameterValidationError"
    paid, end = await judge.pages("ListBonusPayments", {"HITId": hit_id}, 10)
    assert [
        (payment["WorkerId"], payment["BonusAmount"], payment["Reason"], payment["AssignmentId"])
        for payment in paid["BonusPayments"]
    ] == [(ANNA, "1.50", "Quick and good.", anna)]
    assert end == {"BonusPayments": [], "NumResults": 0}


async def _deleted(judge: Judge, hit_id: str, anna: str) -> None:
    unfinished = await refused(judge, "DeleteHIT", {"HITId": hit_id})
    assert unfinished.code in {"AWS.MechanicalTurk.InvalidHITState", None}
    assert unfinished.message.startswith("This HIT is currently in the state 'Reviewable'.  This operation can be")
    page = await judge.call("ListAssignmentsForHIT", {"HITId": hit_id, "AssignmentStatuses": ["Submitted"]})
    for assignment in page["Assignments"]:
        await judge.call("ApproveAssignment", {"AssignmentId": assignment["AssignmentId"]})
    await judge.call("DeleteHIT", {"HITId": hit_id})
    assert (await judge.call("GetHIT", {"HITId": hit_id}))["HIT"]["HITStatus"] == "Disposed"

    for hit in [hit for page in await judge.pages("ListHITs", {}, 3) for hit in page["HITs"]]:
        assert hit["HITStatus"] == "Assignable"
        assert (await refused(judge, "DeleteHIT", {"HITId": hit["HITId"]})).type == "RequestError"
        await judge.call("UpdateExpirationForHIT", {"HITId": hit["HITId"], "ExpireAt": LONG_AGO})
        await judge.call("DeleteHIT", {"HITId": hit["HITId"]})
    assert await judge.call("ListHITs", {}) == {"HITs": [], "NumResults": 0}
    # What was paid stays on the books.
    assert (await judge.call("ListBonusPayments", {"AssignmentId": anna}))["NumResults"] == 1
