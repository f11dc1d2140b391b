"""
What a refusal means when it may be the echo of our own earlier attempt.

A reply was lost, the call was repeated, and the repeat was refused: "already exists", "wrong state". Often that is
success seen twice. Here the state is read, and only what was asked for counts as success; in any other case
the refusal is raised, as ambiguous. Which states count is told, operation by operation, in
:data:`aioturk._core.repetition.SUCCESS_WHEN`.

Reads go through `Service`, so that they are signed, paced and repeated like every other call, within the same deadline.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeAlias

from aioturk._core.schema import Operation
from aioturk._core.wire import moment_of
from aioturk.errors import (
    DuplicateCall,
    HITAlreadyExists,
    HITDoesNotExist,
    InvalidQualificationState,
    QualificationTypeDoesNotExist,
    RequestError,
    TurkError,
    UnexpectedResponse,
)

__all__ = ["Context", "Service", "settle", "token_was_used"]

Document: TypeAlias = dict[str, Any]


class Context(Protocol):
    """What settling needs to know of a call, and to do."""

    @property
    def operation(self) -> Operation:
        """What was called."""
        ...

    @property
    def document(self) -> Mapping[str, Any]:
        """The request, as wire values."""
        ...

    @property
    def token(self) -> str | None:
        """The request token of every attempt."""
        ...

    @property
    def token_is_ours(self) -> bool:
        """Whether aioturk made the token for this call alone."""
        ...

    @property
    def first_sent(self) -> float:
        """When the first attempt was made, in seconds since 1970."""
        ...


class Service(Protocol):
    """The service, as settling uses it."""

    async def read(self, operation: str, document: Document) -> Document:
        """Perform a read operation by its name and return the answer as wire values."""
        ...

    def now(self) -> float:
        """Return the service's time, in seconds since 1970."""
        ...

    async def wait(self, seconds: float) -> bool:
        """Wait; return False, and at once, when the call's deadline comes first."""
        ...


_LEEWAY = 60.0
"""Seconds by which the service's clock and ours may differ when two moments are compared."""


async def settle(call: Context, refusal: TurkError, service: Service) -> Document:
    """
    Return the answer that the call would have had, if what it asked for has happened.

    Args:
        call: The call whose repeat was refused after an attempt that may have taken effect.
        refusal: The refusal.
        service: Performs reads, within the call's deadline.

    Raises:
        TurkError: The refusal itself, when the state is not what was asked for, or cannot be read.
    """
    judge = _JUDGES[call.operation.name]
    try:
        answer = await judge(call, refusal, service)
    except TurkError as failure:
        if failure is refusal:
            raise
        raise refusal from failure
    if answer is None:
        raise refusal
    return answer


_Judge: TypeAlias = Callable[[Context, TurkError, Service], Awaitable[Document | None]]
_NOTHING: Document = {}


# Operations with a token: the token's owner is recognised by the service.


def token_was_used(refusal: TurkError, token: str | None) -> bool:
    """
    Say whether a refusal means that the token has been used.

    Args:
        refusal: The refusal.
        token: The call's token, if it had one.
    """
    if isinstance(refusal, HITAlreadyExists | DuplicateCall):
        return True
    # The code for bonuses and extensions is not documented, but the text is known to name the token. Errors that have
    # a class of their own mean something else, even if a token happens to stand in their text.
    if type(refusal) is not RequestError or token is None:
        return False
    return re.search(rf"(?<![\w-]){re.escape(token)}(?![\w-])", refusal.message) is not None


async def _hit_made(call: Context, refusal: TurkError, service: Service) -> Document | None:
    if not isinstance(refusal, HITAlreadyExists) or refusal.hit_id is None:
        return None
    hit = await _read(service, "GetHIT", {"HITId": refusal.hit_id}, "HIT")
    return {"HIT": hit} if call.token_is_ours or _is_the_hit(call.document, hit) else None


def _is_the_hit(asked: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a HIT is the one that was asked for (R6): a caller's token may have made another one before."""
    if found.get("MaxAssignments") != asked.get("MaxAssignments", 1):
        return False
    if "Reward" in asked and _money(found.get("Reward")) != _money(asked["Reward"]):
        return False
    texts = ("Title", "Description", "HITTypeId", "HITLayoutId")
    if any(name in asked and found.get(name) != asked[name] for name in texts):
        return False
    if (found.get("RequesterAnnotation") or "") != (asked.get("RequesterAnnotation") or ""):
        return False
    # The service is not known to leave the question out, but a HIT without it proves nothing either way.
    question = found.get("Question")
    return "Question" not in asked or question is None or question == asked["Question"]


async def _extended(call: Context, refusal: TurkError, service: Service) -> Document | None:
    if not token_was_used(refusal, call.token):
        return None
    if call.token_is_ours:
        return _NOTHING
    # The service does not tell which call added which assignments, but the HIT must have more than were added (R6).
    added = call.document["NumberOfAdditionalAssignments"]
    return _NOTHING if (await _hit(call, service)).get("MaxAssignments", 0) > added else None


async def _bonus_paid(call: Context, refusal: TurkError, service: Service) -> Document | None:
    if not token_was_used(refusal, call.token):
        return None
    if call.token_is_ours or await _finds_bonus(call, service):
        return _NOTHING
    return None


async def _finds_bonus(call: Context, service: Service) -> bool:
    """Whether a bonus like the one asked for was paid since our first attempt (R6)."""
    asked = call.document
    request: Document = {"AssignmentId": asked["AssignmentId"], "MaxResults": 100}
    async for bonus in _walk(service, "ListBonusPayments", request, "BonusPayments"):
        if (
            bonus.get("WorkerId") == asked["WorkerId"]
            and _money(bonus.get("BonusAmount")) == _money(asked["BonusAmount"])
            and (_seconds(bonus.get("GrantTime")) or 0.0) >= call.first_sent - _LEEWAY
        ):
            return True
    return False


# Operations that are settled by reading the state.


async def _approved(call: Context, refusal: TurkError, service: Service) -> Document | None:
    return await _decided(call, service, "Approved")


async def _rejected(call: Context, refusal: TurkError, service: Service) -> Document | None:
    return await _decided(call, service, "Rejected")


async def _decided(call: Context, service: Service, status: str) -> Document | None:
    request = {"AssignmentId": call.document["AssignmentId"]}
    assignment = await _read(service, "GetAssignment", request, "Assignment")
    return _NOTHING if assignment.get("AssignmentStatus") == status else None


async def _hit(call: Context, service: Service) -> Document:
    return await _read(service, "GetHIT", {"HITId": call.document["HITId"]}, "HIT")


async def _disposed(call: Context, refusal: TurkError, service: Service) -> Document | None:
    try:
        hit = await _hit(call, service)
    except HITDoesNotExist:
        return _NOTHING
    return _NOTHING if hit.get("HITStatus") == "Disposed" else None


async def _expires(call: Context, refusal: TurkError, service: Service) -> Document | None:
    asked = _seconds(call.document["ExpireAt"])
    expiration = _seconds((await _hit(call, service)).get("Expiration"))
    if asked is None or expiration is None:
        return None
    # A time in the past means "now", and the service writes down its own now.
    within = expiration <= service.now() if asked <= service.now() else abs(expiration - asked) <= 1
    return _NOTHING if within else None


async def _has_review_status(call: Context, refusal: TurkError, service: Service) -> Document | None:
    wanted = "Reviewable" if call.document.get("Revert") else "Reviewing"
    return _NOTHING if (await _hit(call, service)).get("HITStatus") == wanted else None


async def _has_type(call: Context, refusal: TurkError, service: Service) -> Document | None:
    return _NOTHING if (await _hit(call, service)).get("HITTypeId") == call.document["HITTypeId"] else None


async def _type_deleted(call: Context, refusal: TurkError, service: Service) -> Document | None:
    try:
        await service.read("GetQualificationType", {"QualificationTypeId": call.document["QualificationTypeId"]})
    except QualificationTypeDoesNotExist:
        return _NOTHING
    return None


async def _revoked(call: Context, refusal: TurkError, service: Service) -> Document | None:
    names = ("QualificationTypeId", "WorkerId")
    try:
        request = {name: call.document[name] for name in names}
        qualification = await _read(service, "GetQualificationScore", request, "Qualification")
    except InvalidQualificationState:
        return _NOTHING  # the service's way of saying "revoked"; never held is another error, and raises
    return _NOTHING if qualification.get("Status") == "Revoked" else None


async def _type_made(call: Context, refusal: TurkError, service: Service) -> Document | None:
    """Find the type by its name; only one made by this call will do, since an older one may have workers in it."""
    for pause in (*_INDEX_LAG, None):
        async for found in _owned_types(call.document["Name"], service):
            if _is_the_type(call, found):
                return {"QualificationType": found}
        if pause is None or not await service.wait(pause):
            break
    return None


_INDEX_LAG = (1.0, 2.0, 4.0)
"""Seconds to wait between looks into a list that shows new types only after a while."""


async def _owned_types(name: str, service: Service) -> AsyncIterator[Document]:
    request: Document = {"Query": name, "MustBeRequestable": False, "MustBeOwnedByCaller": True, "MaxResults": 100}
    async for found in _walk(service, "ListQualificationTypes", request, "QualificationTypes"):
        yield found


def _is_the_type(call: Context, found: Mapping[str, Any]) -> bool:
    created = _seconds(found.get("CreationTime"))
    if created is None or created < call.first_sent - _LEEWAY:
        return False
    return all(found.get(name) == value for name, value in call.document.items())


async def _read(service: Service, operation: str, request: Document, part: str) -> Document:
    """Read one object, of which so much is certain that it is one."""
    found = (await service.read(operation, request)).get(part)
    if not isinstance(found, dict):
        raise UnexpectedResponse(f"the answer holds no {part}.", operation=operation)
    return found


async def _walk(service: Service, operation: str, request: Document, part: str) -> AsyncIterator[Document]:
    """Walk all items of all pages."""
    while True:
        page = await service.read(operation, request)
        items = page.get(part) or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise UnexpectedResponse(f"the answer holds no list of {part}.", operation=operation)
        for item in items:
            yield item
        token = page.get("NextToken")
        if token is None or token == request.get("NextToken"):
            return
        request = {**request, "NextToken": token}


def _money(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _seconds(value: Any) -> float | None:
    """Read a wire time: a number, or an ISO text from a stand-in of the service."""
    if isinstance(value, int | float):
        return float(value)
    try:
        return moment_of(str(value)).timestamp()
    except ValueError:
        return None


_JUDGES: Mapping[str, _Judge] = {
    "CreateHIT": _hit_made,
    "CreateHITWithHITType": _hit_made,
    "CreateAdditionalAssignmentsForHIT": _extended,
    "SendBonus": _bonus_paid,
    "ApproveAssignment": _approved,
    "RejectAssignment": _rejected,
    "DeleteHIT": _disposed,
    "UpdateExpirationForHIT": _expires,
    "UpdateHITReviewStatus": _has_review_status,
    "UpdateHITTypeOfHIT": _has_type,
    "DeleteQualificationType": _type_deleted,
    "DisassociateQualificationFromWorker": _revoked,
    "CreateQualificationType": _type_made,
}
