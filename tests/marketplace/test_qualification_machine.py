"""
Random requesters and workers against a model of qualifications: the marketplace and the model never disagree.

The sister of `test_machine`, for what is not done to HITs: types with and without tests, keys and delays, asking for
them, deciding, granting and revoking, while time passes. It has a model of its own, written from the service's manual
(https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/), which shares nothing with the marketplace.

The manual does not say which of several reasons for a refusal is the one that is told. So the model lists all that
there are, and the marketplace has to name one of them; without any it has to do what it was asked for. When unused
types are forgotten is tried elsewhere, and does not happen here.

``AIOTURK_MACHINE_EXAMPLES=2000 pytest tests/marketplace/test_qualification_machine.py`` tries so many other examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    initialize,
    invariant,
    multiple,
    rule,
)

from aioturk._generated import shapes
from aioturk.errors import ServiceError
from aioturk.marketplace import AMAZON
from aioturk.marketplace.service import RequesterContext
from aioturk.marketplace.service.asking import Asked

from .exams import KEY, exam, question
from .machines import ComparingMachine, Databases, Document, InMemory, run_machine
from .support import ANNA, BERT, CARA

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NAMES_ARE_BLOCKED_FOR = 48 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FRANCE, ITALY = question("france", "paris", "lyon"), question("italy", "rome", "milan", "zurich")
TESTS = (exam(FRANCE, ITALY), exam(ITALY, FRANCE))
"""Two tests that ask the same, so that the key is one for either."""

T = TypeVar("T")
Answers = dict[str, str | list[str]]
GOOD: Answers = {"france": "paris", "italy": ["rome", "milan"]}
POOR: Answers = {"france": "lyon", "italy": "zurich"}
NONSENSE: Answers = {"spain": "madrid"}
EXAM_PAPERS: dict[str, tuple[Answers | None, int]] = {
    "good": (GOOD, 15),
    "poor": (POOR, -1),
    "nonsense": (NONSENSE, 0),
    "none": (None, 0),
}
"""What workers hand in, and what the key says that it is worth."""

CREW = (ANNA, BERT, CARA)
WORKERS = st.sampled_from(CREW)
PAPERS = st.sampled_from(("good", "poor", "good", "none", "nonsense"))
VALUES = st.sampled_from((None, 0, 7, -3, 2**31 - 1))
NAMES = st.sampled_from(("Reads", "Writes", "Counts", "Draws"))
STATUSES = st.sampled_from(("Active",) * 5 + ("Inactive",))
DELAYS = st.sampled_from((60, None, 0, 3600, 200_000))
OFFSETS = st.sampled_from((0, -1, 1))
LATEST = st.integers(0, 5)
"""Attempts, the last one first."""
DECISIONS = st.sampled_from(("revoke", "reject", None))
WAITS = st.sampled_from((SECOND, 30 * SECOND, MINUTE, HOUR, DAY, 3 * DAY))

NO_KIND = "QualificationTypeDoesNotExist"
KIND_STATE = "InvalidQualificationTypeState"
NO_REQUEST = "QualificationRequestDoesNotExist"
REQUEST_STATE = "InvalidQualificationRequestState"
NOT_HELD = "QualificationDoesNotExist"
REVOKED = "InvalidQualificationState"


# The model.


class Refusal(Exception):
    """The service has to refuse, for one of these reasons."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = codes


def refuse(*reasons: str | None) -> None:
    """Refuse if there are any reasons."""
    codes = [reason for reason in reasons if reason]
    if codes:
        raise Refusal(*codes)


@dataclass(frozen=True)
class Wanted:
    """What a requester wants of a type."""

    name: str
    status: str = "Active"
    retry: int | None = None
    auto: int | None = None
    """What everybody gets who asks."""
    test: int | None = None
    """Which of the tests it has."""
    seconds: int = 600
    key: bool = False

    def document(self) -> Document:
        """The same on the wire."""
        members: Document = {
            "Name": self.name,
            "Description": "d",
            "QualificationTypeStatus": self.status,
            "RetryDelayInSeconds": self.retry,
        }
        if self.auto is not None:
            members |= {"AutoGranted": True, "AutoGrantedValue": self.auto}
        if self.test is not None:
            members |= {"Test": TESTS[self.test], "TestDurationInSeconds": self.seconds}
        if self.key:
            members["AnswerKey"] = KEY
        return members


@dataclass(eq=False)
class Held:
    """What a worker has, or had."""

    value: int
    granted_at: int
    is_revoked: bool = False


@dataclass(eq=False)
class Request:
    """An attempt of a worker to get a qualification."""

    kind: Kind
    worker: str
    asked_at: int
    status: str
    due_at: int | None = None
    submitted_at: int | None = None
    test: int | None = None
    answers: Answers | None = None
    id: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the worker is at the test, or waits."""
        return self.status in ("Begun", "Submitted")


@dataclass(eq=False)
class Kind:
    """A qualification type."""

    wanted: Wanted
    id: str = ""
    deleted_at: int | None = None
    requests: list[Request] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)

    def of(self, worker: str) -> list[Request]:
        """The attempts of a worker, the earliest first."""
        return [request for request in self.requests if request.worker == worker]

    def open_of(self, worker: str) -> Request | None:
        """The one that is not over."""
        return next((request for request in self.of(worker) if request.is_open), None)


class Model:
    """
    Who has which qualification, and who wants it.

    Args:
        now: The time, in milliseconds.
    """

    def __init__(self, now: int) -> None:
        self.now = now
        self.kinds: list[Kind] = []
        self.requests: list[Request] = []

    def advance(self, milliseconds: int) -> None:
        """Let time pass: tests that are not submitted in it are over."""
        self.now += milliseconds
        for request in self.requests:
            if request.status == "Begun" and request.due_at is not None and request.due_at <= self.now:
                request.status = "Lapsed"

    def boundaries(self) -> Iterator[int]:
        """Yield moments at which something becomes possible or impossible."""
        for kind in self.kinds:
            if kind.deleted_at is not None:
                yield kind.deleted_at + NAMES_ARE_BLOCKED_FOR
        for request in self.requests:
            if request.status == "Begun" and request.due_at is not None:
                yield request.due_at
            if request.kind.wanted.retry is not None:
                yield request.asked_at + request.kind.wanted.retry * SECOND

    # Types.

    def create(self, wanted: Wanted) -> Kind:
        """CreateQualificationType."""
        taken = any(kind.wanted.name == wanted.name and not self._name_is_free(kind) for kind in self.kinds)
        both = wanted.auto is not None and wanted.test is not None
        refuse(
            "QualificationTypeAlreadyExists" if taken else None,
            "InvalidParameterValue" if both else None,
            "MissingParameter" if wanted.key and wanted.test is None else None,
        )
        kind = Kind(wanted)
        self.kinds.append(kind)
        return kind

    def _name_is_free(self, kind: Kind) -> bool:
        return kind.deleted_at is not None and kind.deleted_at + NAMES_ARE_BLOCKED_FOR <= self.now

    def update(self, kind: Kind, status: str | None, retry: int | None, test: int | None, key: bool) -> None:
        """UpdateQualificationType; a test comes with its key, or without."""
        self.require(kind)
        refuse(
            "InvalidParameterValue" if test is not None and kind.wanted.auto is not None else None,
            "MissingParameter" if key and test is None else None,
        )
        changes: Document = {"status": status or kind.wanted.status}
        if retry is not None:
            changes["retry"] = retry
        if test is not None:
            changes |= {"test": test, "key": key}
        kind.wanted = replace(kind.wanted, **changes)

    def delete(self, kind: Kind) -> None:
        """DeleteQualificationType: whoever waits is refused, whoever has it keeps it."""
        if kind.deleted_at is not None:
            refuse(NO_KIND if self._name_is_free(kind) else None)
            return
        kind.deleted_at = self.now
        for request in kind.requests:
            if request.is_open:
                request.status = "Rejected"

    def require(self, kind: Kind) -> None:
        """Refuse what is done to a type that is no longer there."""
        refuse(NO_KIND if kind.deleted_at is not None else None)

    # Workers.

    def _obstacles(self, worker: str, kind: Kind) -> list[str]:
        """List why a worker cannot begin another attempt."""
        obstacles = []
        if kind.wanted.status != "Active":
            obstacles.append(KIND_STATE)
        if kind.open_of(worker) is not None:
            obstacles.append(REQUEST_STATE)
        held = kind.held.get(worker)
        if kind.wanted.auto is not None and held is not None and not held.is_revoked:
            obstacles.append("QualificationAlreadyExists")
        attempts = kind.of(worker)
        if attempts and kind.wanted.retry is None:
            obstacles.append("QualificationTypeDoesNotAllowRetake")
        elif attempts and self.now < attempts[-1].asked_at + (kind.wanted.retry or 0) * SECOND:
            obstacles.append("QualificationTypeRetryDelayNotElapsed")
        return obstacles

    def ask(self, worker: str, kind: Kind, paper: str) -> Request:
        """Ask, and answer the test, if there is one, at the same time."""
        self.require(kind)
        answers = EXAM_PAPERS[paper][0]
        begun = self._begun(worker, kind)
        obstacles = [] if begun else self._obstacles(worker, kind)
        if kind.wanted.test is None:
            refuse(*obstacles, "InvalidParameterValue" if answers is not None else None)
            request = self._keep(Request(kind, worker, self.now, "Submitted", submitted_at=self.now))
            if kind.wanted.auto is not None:
                request.status = "Granted"
                self._grant(kind, worker, kind.wanted.auto)
            return request
        refuse(
            *obstacles,
            "MissingParameter" if answers is None else None,
            "InvalidParameterValue" if answers == NONSENSE else None,
        )
        request = begun or self._begin(worker, kind)
        self._hand_in(request, paper)
        return request

    def begin(self, worker: str, kind: Kind) -> Request:
        """Begin a test, or go on with it."""
        self.require(kind)
        begun = self._begun(worker, kind)
        if begun is not None:
            return begun
        refuse(*self._obstacles(worker, kind), "InvalidParameterValue" if kind.wanted.test is None else None)
        return self._begin(worker, kind)

    def _begun(self, worker: str, kind: Kind) -> Request | None:
        request = kind.open_of(worker)
        return request if request is not None and request.status == "Begun" else None

    def _begin(self, worker: str, kind: Kind) -> Request:
        due_at = self.now + kind.wanted.seconds * SECOND
        return self._keep(Request(kind, worker, self.now, "Begun", due_at=due_at, test=kind.wanted.test))

    def _keep(self, request: Request) -> Request:
        self.requests.append(request)
        request.kind.requests.append(request)
        return request

    def submit(self, worker: str, request: Request, paper: str) -> Request:
        """Hand in the answers to a test that was begun."""
        refuse(NO_REQUEST if request.worker != worker else None)
        refuse(REQUEST_STATE if request.status != "Begun" else None)
        refuse("InvalidParameterValue" if paper == "nonsense" else None)
        self._hand_in(request, paper)
        return request

    def _hand_in(self, request: Request, paper: str) -> None:
        answers, score = EXAM_PAPERS[paper]
        request.status, request.submitted_at, request.answers = "Submitted", self.now, answers
        # A key is worth nothing for another test than its own.
        if request.kind.wanted.key and request.kind.wanted.test == request.test:
            request.status = "Granted"
            self._grant(request.kind, request.worker, score)

    # Requesters.

    def _grant(self, kind: Kind, worker: str, value: int) -> None:
        kind.held[worker] = Held(value, self.now)

    def _waiting(self, request: Request) -> None:
        if request.status == "Submitted":
            return
        # Whether requesters can tell attempts that never came before them from such that do not exist is not known.
        seen = request.submitted_at is not None
        reasons = {"Rejected": [REQUEST_STATE], "Granted": [REQUEST_STATE, NO_REQUEST]}.get(request.status, [])
        refuse(*reasons, NO_REQUEST if not seen else None)

    def accept(self, request: Request, value: int | None) -> None:
        """AcceptQualificationRequest."""
        self._waiting(request)
        request.status = "Granted"
        self._grant(request.kind, request.worker, 1 if value is None else value)

    def reject(self, request: Request) -> None:
        """RejectQualificationRequest."""
        self._waiting(request)
        request.status = "Rejected"

    def associate(self, kind: Kind, worker: str, value: int | None) -> None:
        """AssociateQualificationWithWorker."""
        self.require(kind)
        self._grant(kind, worker, 1 if value is None else value)

    def disassociate(self, kind: Kind, worker: str) -> None:
        """DisassociateQualificationFromWorker."""
        self.require(kind)
        self._require_held(kind, worker).is_revoked = True

    def _require_held(self, kind: Kind, worker: str) -> Held:
        held = kind.held.get(worker)
        if held is None:
            raise Refusal(NOT_HELD)
        refuse(REVOKED if held.is_revoked else None)
        return held

    # What can be read. Lists are compared as sets with times: of those of the same moment, any may be the first.

    def score(self, kind: Kind, worker: str) -> tuple[int, int] | Refusal:
        """GetQualificationScore: the value, and since when."""
        if kind.deleted_at is not None:
            return Refusal(NOT_HELD, NO_KIND)
        try:
            held = self._require_held(kind, worker)
        except Refusal as refusal:
            return refusal
        return held.value, held.granted_at

    def who_has(self, kind: Kind, *, revoked: bool) -> list[tuple[int, str, int | None]]:
        """ListWorkersWithQualificationType."""
        return sorted(
            (held.granted_at, worker, None if revoked else held.value)
            for worker, held in kind.held.items()
            if held.is_revoked == revoked
        )

    def who_waits(self, kind: Kind) -> list[tuple[int, str, str, bool, bool]]:
        """ListQualificationRequests: when it was submitted, which one, whose, and whether with test and answers."""
        return sorted(
            (request.submitted_at or 0, request.id, request.worker, request.test is not None, bool(request.answers))
            for request in kind.requests
            if request.status == "Submitted"
        )


# The marketplace beside it.


@dataclass
class Seen:
    """What can be read of a type at one moment."""

    status: str | None = None
    scores: dict[str, tuple[int, int] | str] = field(default_factory=dict)
    granted: list[tuple[int, str, int | None]] | str = ""
    revoked: list[tuple[int, str, int | None]] | str = ""
    waiting: list[tuple[int, str, str, bool, bool]] | str = ""


class QualificationMachine(ComparingMachine):
    """Does things to the marketplace and to the model."""

    refusal = Refusal

    kinds = Bundle("kinds")

    def __init__(self, databases: Databases) -> None:
        super().__init__(databases, replace(AMAZON, unused_after=None), balance=None)
        self.model = Model(self._house.now())

    def fits(self, refusal: Refusal, error: ServiceError) -> bool:
        """Say whether the reason is one of those that there are."""
        return _code(error) in refusal.codes

    # Types.

    @initialize(
        target=kinds,
        retry=DELAYS,
        other=DELAYS,
        keys=st.tuples(st.booleans(), st.booleans()),
        test=st.sampled_from((0, 1)),
        auto=st.booleans(),
        decision=DECISIONS,
        offset=OFFSETS,
    )
    def open_school(
        self,
        retry: int | None,
        other: int | None,
        keys: tuple[bool, bool],
        test: int,
        auto: bool,
        decision: str | None,
        offset: int,
    ) -> Any:
        """Have types of two kinds, with a test and without, for which some have asked; so there is something to do."""
        first = self.create("Reads", "Active", retry, None, 0, 60, keys[0])
        second: Any = self.create("Writes", "Active", other, 50 if auto else None, None, 60, False)
        self.ask_again(BERT, second, decision, offset)
        self._take_away(BERT, second, decision)
        self.ask(BERT, second, "none")
        self.be_surprised(ANNA, first, test, keys[1], "good")
        self.oversleep(BERT, first, offset)
        self.begin(CARA, first)
        self.reject(0)  # which nobody can before it is submitted
        return multiple(first, second)

    @rule(
        target=kinds,
        name=NAMES,
        status=STATUSES,
        retry=DELAYS,
        auto=st.sampled_from((None, None, 50)),
        test=st.sampled_from((None, 0, 1)),
        seconds=st.sampled_from((60, 7200)),
        key=st.booleans(),
    )
    def create(
        self, name: str, status: str, retry: int | None, auto: int | None, test: int | None, seconds: int, key: bool
    ) -> Any:
        """CreateQualificationType."""
        return self._create(Wanted(name, status, retry, auto, test, seconds, key))

    def _create(self, wanted: Wanted) -> Any:
        agreed = self._call(lambda: self.model.create(wanted), "CreateQualificationType", wanted.document())
        if agreed is None:
            return multiple()
        kind, answer = agreed
        kind.id = answer.qualification_type.qualification_type_id
        assert answer.qualification_type.creation_time == _moment(self.model.now)
        return kind

    @rule(
        kind=kinds,
        status=st.sampled_from((None, "Active", "Inactive")),
        retry=st.sampled_from((None, None, 0, 60)),
        test=st.sampled_from((None, None, 0, 1)),
        key=st.booleans(),
    )
    def update(self, kind: Kind, status: str | None, retry: int | None, test: int | None, key: bool) -> None:
        """UpdateQualificationType."""
        self._call(
            lambda: self.model.update(kind, status, retry, test, key),
            "UpdateQualificationType",
            {
                "QualificationTypeId": kind.id,
                "QualificationTypeStatus": status,
                "RetryDelayInSeconds": retry,
                "Test": None if test is None else TESTS[test],
                "TestDurationInSeconds": None if test is None else kind.wanted.seconds,
                "AnswerKey": KEY if key else None,
            },
        )

    @rule(kind=kinds)
    def delete(self, kind: Kind) -> None:
        """DeleteQualificationType."""
        self._call(lambda: self.model.delete(kind), "DeleteQualificationType", {"QualificationTypeId": kind.id})

    @rule(target=kinds, kind=kinds, offset=OFFSETS)
    def reuse_name(self, kind: Kind, offset: int) -> Any:
        """Delete a type, and make another of that name as soon as it is free, or just before."""
        self.delete(kind)
        assert kind.deleted_at is not None
        self.wait(max(0, kind.deleted_at + NAMES_ARE_BLOCKED_FOR + offset - self.model.now))
        return self._create(replace(kind.wanted, status="Active"))

    # Workers.

    @rule(worker=WORKERS, kind=kinds, paper=PAPERS)
    def ask(self, worker: str, kind: Kind, paper: str) -> None:
        """Ask for a qualification, with answers or without."""
        act = self._worker(worker).request_qualification(kind.id, EXAM_PAPERS[paper][0])
        agreed = self._agree(lambda: self.model.ask(worker, kind, paper), act)
        if agreed is not None:
            self._check_asked(*agreed)

    def _ask_well(self, worker: str, kind: Kind) -> None:
        self.ask(worker, kind, "none" if kind.wanted.test is None else "good")

    @rule(kind=kinds)
    def all_ask(self, kind: Kind) -> None:
        """Let everybody ask, with answers if they are needed."""
        for worker in CREW:
            self._ask_well(worker, kind)

    @rule(worker=WORKERS, kind=kinds, decision=DECISIONS, offset=OFFSETS)
    def ask_again(self, worker: str, kind: Kind, decision: str | None, offset: int) -> None:
        """Ask, do not get it or lose it, and ask again as soon as there may be another attempt, or just before."""
        self._ask_well(worker, kind)
        attempts = kind.of(worker)
        if attempts:
            self._take_away(worker, kind, decision)
            again = attempts[-1].asked_at + (kind.wanted.retry or 0) * SECOND
            self.wait(max(0, again + offset - self.model.now))
            self._ask_well(worker, kind)

    def _take_away(self, worker: str, kind: Kind, decision: str | None) -> None:
        if decision == "reject":
            self._reject(kind.of(worker)[-1])
        elif decision == "revoke":
            self.disassociate(kind, worker)

    @rule(worker=WORKERS, kind=kinds)
    def begin(self, worker: str, kind: Kind) -> None:
        """Begin a test."""
        self._begin(worker, kind)

    def _begin(self, worker: str, kind: Kind) -> Request | None:
        agreed = self._agree(lambda: self.model.begin(worker, kind), self._worker(worker).begin_test(kind.id))
        if agreed is None:
            return None
        request, begun = agreed
        assert request.test is not None
        assert request.due_at is not None
        assert (begun.test, begun.deadline) == (TESTS[request.test], _moment(request.due_at))
        assert request.id in ("", begun.request_id)
        request.id = begun.request_id
        return request

    @rule(which=LATEST, worker=st.none() | WORKERS, paper=st.sampled_from(("good", "poor", "nonsense")))
    def submit(self, which: int, worker: str | None, paper: str) -> None:
        """Submit a test, one's own unless somebody else is named."""
        request = self._attempt(which)
        if request is not None:
            self._submit(request, worker or request.worker, paper)

    def _submit(self, request: Request, worker: str, paper: str) -> None:
        answers = EXAM_PAPERS[paper][0]
        assert answers is not None
        act = self._worker(worker).submit_test(request.id, answers)
        agreed = self._agree(lambda: self.model.submit(worker, request, paper), act)
        if agreed is not None:
            self._check_asked(*agreed)

    @rule(worker=WORKERS, kind=kinds, offset=OFFSETS)
    def oversleep(self, worker: str, kind: Kind, offset: int) -> None:
        """Begin a test, and submit it when its time is over, or just before."""
        request = self._begin(worker, kind)
        if request is not None:
            assert request.due_at is not None
            self.wait(request.due_at + offset - self.model.now)
            self._submit(request, worker, "good")

    @rule(worker=WORKERS, kind=kinds, test=st.sampled_from((0, 1)), key=st.booleans(), paper=PAPERS)
    def be_surprised(self, worker: str, kind: Kind, test: int, key: bool, paper: str) -> None:
        """Begin a test, and submit it when the type has another one, or another key."""
        request = self._begin(worker, kind)
        if request is not None:
            self.update(kind, None, None, test, key)
            self._submit(request, worker, "poor" if paper == "none" else paper)

    def _attempt(self, which: int) -> Request | None:
        attempts = self.model.requests
        return attempts[-1 - which % len(attempts)] if attempts else None

    def _check_asked(self, request: Request, asked: Asked) -> None:
        assert request.id in ("", asked.request_id)
        request.id = asked.request_id
        granted = request.status == "Granted"
        value = request.kind.held[request.worker].value if granted else None
        assert (asked.status, asked.value) == ("granted" if granted else "pending", value)

    # Requesters.

    @rule(which=LATEST, value=VALUES)
    def accept(self, which: int, value: int | None) -> None:
        """AcceptQualificationRequest."""
        request = self._attempt(which)
        if request is not None:
            self._call(
                lambda: self.model.accept(request, value),
                "AcceptQualificationRequest",
                {"QualificationRequestId": request.id, "IntegerValue": value},
            )

    @rule(which=LATEST)
    def reject(self, which: int) -> None:
        """RejectQualificationRequest."""
        request = self._attempt(which)
        if request is not None:
            self._reject(request)

    def _reject(self, request: Request) -> None:
        self._call(
            lambda: self.model.reject(request),
            "RejectQualificationRequest",
            {"QualificationRequestId": request.id, "Reason": "No"},
        )

    @rule(kind=kinds, worker=WORKERS, value=VALUES)
    def associate(self, kind: Kind, worker: str, value: int | None) -> None:
        """AssociateQualificationWithWorker."""
        self._call(
            lambda: self.model.associate(kind, worker, value),
            "AssociateQualificationWithWorker",
            {"QualificationTypeId": kind.id, "WorkerId": worker, "IntegerValue": value},
        )

    @rule(kind=kinds, worker=WORKERS)
    def disassociate(self, kind: Kind, worker: str) -> None:
        """DisassociateQualificationFromWorker."""
        self._call(
            lambda: self.model.disassociate(kind, worker),
            "DisassociateQualificationFromWorker",
            {"QualificationTypeId": kind.id, "WorkerId": worker},
        )

    @rule(kind=kinds, worker=WORKERS, grants=st.booleans())
    def meddle_with_type(self, kind: Kind, worker: str, grants: bool) -> None:
        """Do something to another requester's type, which is not there for them while it is inactive."""
        is_seen = kind.deleted_at is None and kind.wanted.status == "Active"
        target = {"QualificationTypeId": kind.id}
        operation = "AssociateQualificationWithWorker" if grants else "DeleteQualificationType"
        self._call(
            lambda: refuse("PermissionDenied" if is_seen else NO_KIND),
            operation,
            {**target, "WorkerId": worker} if grants else target,
            key=self._others_key,
        )

    @rule(which=LATEST, accepts=st.booleans())
    def meddle_with_request(self, which: int, accepts: bool) -> None:
        """Decide about what another requester was asked for."""
        request = self._attempt(which)
        if request is not None:
            self._call(
                lambda: refuse(NO_REQUEST),
                "AcceptQualificationRequest" if accepts else "RejectQualificationRequest",
                {"QualificationRequestId": request.id},
                key=self._others_key,
            )

    # Time.

    @rule(milliseconds=WAITS)
    def wait(self, milliseconds: int) -> None:
        """Turn the clock."""
        self.model.advance(milliseconds)
        self._run(self._house.advance(timedelta(milliseconds=milliseconds)))

    @rule(which=st.integers(0, 3), offset=OFFSETS)
    def wait_for_moment(self, which: int, offset: int) -> None:
        """Turn the clock to a moment at which something becomes possible or impossible, or one beside it."""
        ahead = sorted({moment for moment in self.model.boundaries() if moment > self.model.now})
        if ahead:
            self.wait(ahead[min(which, len(ahead) - 1)] + offset - self.model.now)

    # Everything.

    @invariant()
    def agree_on_everything(self) -> None:
        """Scores, and who has and who wants what, are what the model says."""
        seen, of_all = self._run(self._act(self._everything))
        for kind, found in zip(self.model.kinds, seen, strict=True):
            for worker, score in found.scores.items():
                expected = self.model.score(kind, worker)
                assert score in expected.codes if isinstance(expected, Refusal) else score == expected, (kind, worker)
            if kind.deleted_at is not None:
                assert (found.granted, found.revoked, found.waiting) == (NO_KIND,) * 3
                continue
            assert found.status == kind.wanted.status
            assert found.granted == self.model.who_has(kind, revoked=False)
            assert found.revoked == self.model.who_has(kind, revoked=True)
            assert found.waiting == self.model.who_waits(kind)
        kept = [kind for kind in self.model.kinds if kind.deleted_at is None]
        assert of_all == sorted(waiting for kind in kept for waiting in self.model.who_waits(kind))

    def _everything(self, context: RequesterContext) -> tuple[list[Seen], list[Any]]:
        of_all = _waiting(self._ask(context, "ListQualificationRequests", {"MaxResults": 100}))
        return [self._seen(context, kind) for kind in self.model.kinds], of_all

    def _seen(self, context: RequesterContext, kind: Kind) -> Seen:
        def read(operation: str, shown: Callable[[Any], T], **members: Any) -> T | str:
            try:
                return shown(self._ask(context, operation, {"QualificationTypeId": kind.id, **members}))
            except ServiceError as error:
                return _code(error)

        def score(answer: shapes.GetQualificationScoreResponse) -> tuple[int, int]:
            held = answer.qualification
            assert (str(held.status), held.qualification_type_id) == ("Granted", kind.id)
            assert held.integer_value is not None
            return held.integer_value, _milliseconds(held.grant_time)

        listed = "ListWorkersWithQualificationType"
        return Seen(
            read("GetQualificationType", lambda answer: str(answer.qualification_type.qualification_type_status)),
            {worker: read("GetQualificationScore", score, WorkerId=worker) for worker in CREW},
            read(listed, _holders, MaxResults=100),
            read(listed, _holders, MaxResults=100, Status="Revoked"),
            read("ListQualificationRequests", _waiting, MaxResults=100),
        )


def _code(error: ServiceError) -> str:
    return (error.turk_error_code or error.code).rpartition(".")[2]


def _moment(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _holders(page: shapes.ListWorkersWithQualificationTypeResponse) -> list[tuple[int, str, int | None]]:
    times = [held.grant_time for held in page.qualifications]
    assert times == sorted(times)
    assert page.num_results == len(times)
    return sorted(
        (
            _milliseconds(held.grant_time),
            held.worker_id,
            held.integer_value if str(held.status) == "Granted" else None,
        )
        for held in page.qualifications
    )


def _waiting(page: shapes.ListQualificationRequestsResponse) -> list[tuple[int, str, str, bool, bool]]:
    times = [request.submit_time for request in page.qualification_requests]
    assert times == sorted(times)
    assert page.num_results == len(times)
    return sorted(
        (
            _milliseconds(request.submit_time),
            request.qualification_request_id,
            request.worker_id,
            bool(request.test),
            bool(request.answer),
        )
        for request in page.qualification_requests
    )


# The tests.


def test_the_marketplace_agrees_with_the_model_of_qualifications(databases: Databases) -> None:
    """Whatever is done in whatever order, the marketplace does and shows what the model says."""
    run_machine(QualificationMachine, databases, usual=60 if isinstance(databases, InMemory) else 15, steps=20)
