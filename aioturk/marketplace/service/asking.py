"""
What workers do about qualifications: asking for one, and taking the test if it has one.

Depending on its type a qualification is granted at once, granted with the score of a test, or waits for its requester's
decision (`qualifications`). Every attempt is kept, as it decides when there may be another one.

The rules: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QualificationTypeDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aioturk.marketplace import identifiers, refusals
from aioturk.marketplace.lifecycle import BEGUN, GRANTED, LAPSED, REQUEST_MOVES
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.form_answers import answers_to, write_form_answers
from aioturk.marketplace.service.known_types import ACTIVE, is_gone, mark_used
from aioturk.marketplace.service.people import known
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.service.qualifications import grant
from aioturk.marketplace.store.records import QualificationRequest, QualificationType
from aioturk.questions.answer_key import check_answer_key
from aioturk.questions.form import check_test

__all__ = ["Asked", "BegunTest", "TestAnswers", "ask", "begin_test", "begun_test", "lapse", "submit_test"]

TestAnswers = Mapping[str, str | Sequence[str]]
"""A text, or the identifiers of selections, one or several, by the question's identifier."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What became of asking for a qualification.

    Attributes:
        status: ``"granted"``, or ``"pending"``: the requester is going to decide.
        value: What it was granted with.
        request_id: The id of the request.
    """

    status: Literal["granted", "pending"]
    value: int | None
    request_id: str


@dataclass(frozen=True, slots=True)
class BegunTest:
    """
    A test that a worker takes.

    Attributes:
        request_id: What the answers are submitted for.
        test: The test, as the XML of a question form.
        deadline: Until when: aware, UTC.
    """

    request_id: str
    test: str
    deadline: datetime


def ask(context: Context, worker_id: str, type_id: str, answers: TestAnswers | None) -> Asked:
    """
    Ask for a qualification; if it has a test, take it in one go.

    Args:
        context: When, and where.
        worker_id: Who.
        type_id: For what.
        answers: The answers to its test; None if it has none.

    Raises:
        QualificationTypeDoesNotExist: There is no such type.
        InvalidQualificationTypeState: It is inactive, or one of the service's own.
        InvalidQualificationRequestState: The worker has asked, and waits for the decision.
        QualificationAlreadyExists: Everybody gets it who asks, and the worker has it.
        QualificationTypeDoesNotAllowRetake: The worker has asked before.
        QualificationTypeRetryDelayNotElapsed: The worker has asked before, and has to wait.
        MissingParameter: It has a test, and there are no answers.
        InvalidParameterValue: It has no test, or the answers are not to its test.
    """
    kind, worker_seq, request = _approach(context, worker_id, type_id)
    if kind.test_duration is not None:
        if answers is None:
            raise refusals.test_needs_answers(type_id)
        return _submit(context, kind, request or _begin(context, kind, worker_seq, worker_id), answers)
    if answers is not None:
        raise refusals.no_test(type_id)
    act = "grant" if kind.auto_granted else "submit"
    request_id = _open(context, kind, worker_seq, worker_id, act)
    if not kind.auto_granted:
        return Asked("pending", None, request_id)
    value = kind.auto_granted_value
    assert value is not None
    grant(context, kind, worker_seq, worker_id, value)
    return Asked("granted", value, request_id)


def begin_test(context: Context, worker_id: str, type_id: str) -> BegunTest:
    """
    Begin a test, or go on with the one that was begun; its time runs from the beginning.

    Raises:
        InvalidParameterValue: There is no test: it is enough to ask.
        RequestError: As from `ask`.
    """
    kind, worker_seq, request = _approach(context, worker_id, type_id)
    if kind.test_duration is None:
        raise refusals.no_test(type_id)
    if request is None:
        request = _begin(context, kind, worker_seq, worker_id)
    return _test_of(request)


def submit_test(context: Context, worker_id: str, request_id: str, answers: TestAnswers) -> Asked:
    """
    Submit the answers to a test that was begun.

    Raises:
        QualificationRequestDoesNotExist: The worker has not begun it.
        InvalidQualificationRequestState: It was submitted before, its time is over, or its type was deleted.
        InvalidParameterValue: The answers are not to this test.
    """
    request = _begun(context, worker_id, request_id)
    kind = context.store.qualification_types.to_use(request.type_id, context.environment)
    if kind is None or is_gone(context, kind):
        raise refusals.test_is_over(request_id, "the qualification was deleted")
    return _submit(context, kind, request, answers)


def begun_test(context: Context, worker_id: str, request_id: str) -> BegunTest:
    """
    Show a test that a worker has begun.

    Raises:
        QualificationRequestDoesNotExist: The worker has not begun it.
        InvalidQualificationRequestState: It was submitted before, or its time is over.
    """
    return _test_of(_begun(context, worker_id, request_id))


def _begun(context: Context, worker_id: str, request_id: str) -> QualificationRequest:
    request = context.store.qualification_requests.to_change(request_id)
    worker_seq = context.store.workers.find(worker_id, context.environment)
    if request is None or request.worker_seq != worker_seq:
        raise refusals.not_begun(request_id)
    if request.status != BEGUN:
        raise refusals.test_is_over(request_id, _why_over(request))
    return request


def _test_of(request: QualificationRequest) -> BegunTest:
    assert request.test is not None
    assert request.due_at is not None
    return BegunTest(request.id, request.test, moment(request.due_at))


def _why_over(request: QualificationRequest) -> str:
    if request.submitted_at is not None:
        return "you have submitted it already"
    return "its time is over" if request.status == LAPSED else "the qualification was deleted"


def lapse(context: Context, seq: int) -> None:
    """End a test whose time is over. It counts as an attempt (unverified)."""
    request = context.store.qualification_requests.to_change_by_seq(seq)
    status = REQUEST_MOVES["lapse"].get(request.status)
    if status is None:
        context.store.qualification_requests.change(seq, due_at=None)
        return
    context.store.qualification_requests.change(seq, status=status, asker=None, decided_at=context.now, due_at=None)
    context.note("QualificationTestLapsed", request.id, worker=request.worker_id)


def _approach(
    context: Context, worker_id: str, type_id: str
) -> tuple[QualificationType, int, QualificationRequest | None]:
    """Return a type that can be asked for, the worker, and the test that the worker has begun, if it is so."""
    types, requests = context.store.qualification_types, context.store.qualification_requests
    found = types.find(type_id, context.environment)
    if found is None:
        raise refusals.no_such_qualification(type_id)
    worker_seq = known(context, worker_id)
    requests.one_at_a_time(worker_seq)
    request = requests.open_to_change(found.seq, worker_seq)
    # Marked before it is shared: two who share a row and then change it wait for each other, again and again.
    if not is_gone(context, found):
        mark_used(context, found)
    # Locked after the request, and read again, as it may have changed meanwhile.
    kind = types.to_use(type_id, context.environment)
    if kind is None or is_gone(context, kind):
        raise refusals.no_such_qualification(type_id)
    if request is not None and request.status == BEGUN:
        return kind, worker_seq, request
    if kind.account_seq is None:
        raise refusals.not_requestable(type_id, "it is one of the service's own")
    if kind.status != ACTIVE:
        raise refusals.not_requestable(type_id, "it is inactive")
    if request is not None:
        raise refusals.already_asked(type_id, request.id)
    return kind, worker_seq, None


def _require_another_attempt(context: Context, kind: QualificationType, worker_seq: int) -> None:
    if kind.auto_granted:
        held = context.store.qualifications.find(kind.seq, worker_seq)
        if held is not None and held.status == GRANTED:
            raise refusals.already_qualified(kind.id)
    before = context.store.qualification_requests.last_asked(kind.seq, worker_seq)
    if before is None:
        return
    if kind.retry_delay is None:
        raise refusals.no_second_attempt(kind.id)
    again = before + kind.retry_delay * 1000
    if context.now < again:
        raise refusals.retry_later(kind.id, f"{moment(again):%Y-%m-%d %H:%M:%S} UTC")


def _open(context: Context, kind: QualificationType, worker_seq: int, worker_id: str, act: str) -> str:
    """Keep that a worker asks for a type; return the request's id."""
    _require_another_attempt(context, kind, worker_seq)
    status = REQUEST_MOVES[act][None]
    begun = kind.test_duration if status == BEGUN else None
    request_id = identifiers.entity_id()
    context.store.qualification_requests.add(
        {
            "id": request_id,
            "type_seq": kind.seq,
            "worker_seq": worker_seq,
            "asker": None if status == GRANTED else worker_seq,
            "status": status,
            "asked_at": context.now,
            "submitted_at": None if status == BEGUN else context.now,
            "decided_at": context.now if status == GRANTED else None,
            "test": None if begun is None else context.store.qualification_types.documents(kind.seq).test,
            "due_at": None if begun is None else context.now + begun * 1000,
        }
    )
    context.note("QualificationRequested", request_id, type=kind.id, worker=worker_id)
    return request_id


def _begin(context: Context, kind: QualificationType, worker_seq: int, worker_id: str) -> QualificationRequest:
    _open(context, kind, worker_seq, worker_id, "begin")
    request = context.store.qualification_requests.open_to_change(kind.seq, worker_seq)
    assert request is not None
    return request


def _submit(context: Context, kind: QualificationType, request: QualificationRequest, answers: TestAnswers) -> Asked:
    assert request.test is not None
    given = answers_to(check_test(request.test), answers)
    changes: dict[str, object] = {"submitted_at": context.now, "answer": write_form_answers(given), "due_at": None}
    test, answer_key = context.store.qualification_types.documents(kind.seq)
    # A key is for its own test: if that was changed meanwhile, somebody has to look at the answers.
    if answer_key is None or test != request.test:
        status = REQUEST_MOVES["submit"][BEGUN]
        context.store.qualification_requests.change(request.seq, status=status, **changes)
        context.note("QualificationTestSubmitted", request.id, worker=request.worker_id)
        return Asked("pending", None, request.id)
    status = REQUEST_MOVES["grant"][BEGUN]
    context.store.qualification_requests.change(
        request.seq, status=status, asker=None, decided_at=context.now, **changes
    )
    value = check_answer_key(answer_key).value(given)
    grant(context, kind, request.worker_seq, request.worker_id, value)
    return Asked("granted", value, request.id)
