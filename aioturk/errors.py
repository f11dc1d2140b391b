"""
Every exception that aioturk raises, and what each one knows about the money.

::

    TurkError                          anything below
    ├── ConfigurationError             the client was set up wrongly; nothing was sent
    ├── InvalidRequest (ValueError)    an argument was refused here; nothing was sent
    ├── CredentialsError               no usable keys
    ├── TransportError                 the network, or something on it, failed
    │   ├── ConnectFailed              no connection came about; nothing was sent
    │   ├── ConnectionLost             an open connection broke
    │   ├── AttemptTimedOut            an attempt got no answer in its time
    │   ├── UnreadableResponse         the answer is not the service's JSON
    │   └── DeadlineExceeded           the whole call ran out of time
    ├── ServiceError                   the service answered with an error
    │   ├── RequestError               ... one class per TurkErrorCode, see below
    │   ├── ParameterValidationError   ... a rule of the marketplace was broken
    │   ├── ValidationException        ... the request does not fit the API's model
    │   ├── CredentialsRefused         ... (also a CredentialsError)
    │   ├── AccessDenied               ... the keys are good, the permission is missing
    │   ├── Throttled                  ... too fast; not executed
    │   ├── ServiceFault               ... its own failure (5xx)
    │   ├── UnknownOperation           ... it does not offer that
    │   └── UnexpectedResponse         executed, but the answer does not have the agreed shape
    ├── AnswerError                    a worker's answer does not fit what was asked for
    ├── WebhookRefused                 a message that was posted here is not from whom it should be, or not of now
    ├── InvalidNotification            a message is not one about events
    │   ├── SubscriptionOffered        it asks whether a topic may send here; nothing was confirmed
    │   └── UntrustedNotification      anybody may have written it: signature, certificate, topic or age are wrong
    ├── BudgetExceeded                 the call would have passed the limit; nothing was sent
    ├── NotRetired                     a HIT cannot be deleted yet; it is ended, and kept
    ├── PublishedOtherwise             a row of a batch has a HIT already, with another question; nothing was sent
    └── PaidOtherwise                  a bonus of that key was paid already, as another one; nothing was sent

The Crowd API, and asking people, have a few more, drawn in :mod:`aioturk.crowd.errors`.

Two questions are answered by every error, whatever its class:

* :attr:`TurkError.fate`: what became of the *attempt* that raised it, the fact on which repeating is
  decided (see :mod:`aioturk.retries`);
* :attr:`TurkError.ambiguous`: whether any attempt of the *call* may have taken effect, although
  this error came out at the end. "Bonus paid, reply lost, repeat refused for lack of funds" is ambiguous.

This module imports nothing, so that everything may import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

__all__ = [
    "AccessDenied",
    "AccountNotLinked",
    "AnswerError",
    "AnswerProblem",
    "AssignmentAlreadyExists",
    "AssignmentDoesNotExist",
    "AttemptTimedOut",
    "BudgetExceeded",
    "ConfigurationError",
    "ConnectFailed",
    "ConnectionLost",
    "CredentialsError",
    "CredentialsRefused",
    "DeadlineExceeded",
    "DoesNotMeetRequirements",
    "DuplicateCall",
    "ExceedsMaxAssignmentsPerWorker",
    "Fate",
    "HITAlreadyExists",
    "HITAlreadyPassedReview",
    "HITDoesNotExist",
    "HITTooOldForExtension",
    "HITTypeDoesNotExist",
    "InsufficientFunds",
    "InvalidAssignmentState",
    "InvalidEnumeratedParameter",
    "InvalidHITState",
    "InvalidMaximumAssignmentsIncrease",
    "InvalidNotification",
    "InvalidParameterValue",
    "InvalidQualificationRequestState",
    "InvalidQualificationState",
    "InvalidQualificationTypeState",
    "InvalidRequest",
    "InvalidTransportEndpoint",
    "MissingParameter",
    "NoHITsAvailableInGroup",
    "NoMoreWorkableHITsInGroup",
    "NotRetired",
    "PaidOtherwise",
    "ParameterValidationError",
    "ParameterValueOutOfRange",
    "PermissionDenied",
    "PublishedOtherwise",
    "QualificationAlreadyExists",
    "QualificationDoesNotExist",
    "QualificationRequestDoesNotExist",
    "QualificationTypeAlreadyExists",
    "QualificationTypeDoesNotAllowRetake",
    "QualificationTypeDoesNotExist",
    "QualificationTypeRetryDelayNotElapsed",
    "RequestError",
    "ServiceError",
    "ServiceFault",
    "SubscriptionOffered",
    "Throttled",
    "TransportError",
    "TurkError",
    "UnexpectedResponse",
    "UnknownOperation",
    "UnreadableResponse",
    "UntrustedNotification",
    "ValidationException",
    "WebhookRefused",
    "XHTMLParseError",
    "XMLParseError",
]


class Fate(Enum):
    """What became of one attempt, as far as can be known from this side of the wire."""

    NOT_EXECUTED = "not executed"
    """It certainly had no effect, and the reason lies outside the request."""
    REFUSED = "refused"
    """The service looked at the request and declined it."""
    UNKNOWN = "unknown"
    """It may or may not have taken effect."""
    EXECUTED = "executed"
    """It took effect, but its answer is of no use."""


class TurkError(Exception):
    """
    The root of everything that aioturk raises.

    Args:
        text: What happened, in a sentence.
        operation: The operation's name in the service's words, for example ``"CreateHIT"``.

    Attributes:
        ambiguous: True when an attempt of this call may have taken effect, so that money may have been
            spent or a state changed although the call failed. False means: certainly not.
        unique_request_token: The token that every attempt of the call carried, if the operation takes one. Giving it
            to a repeat of the same call within 24 hours makes sure that nothing happens twice.
        attempts: How many attempts the call made.
        operation: The operation's name, when the error belongs to one.
    """

    fate: Fate = Fate.REFUSED
    transient: bool = False
    """Whether the same attempt, made again later, may well end differently."""

    ambiguous: bool = False
    unique_request_token: str | None = None
    attempts: int = 0

    def __init__(self, text: str = "", *, operation: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.operation = operation

    def _sentences(self) -> list[str]:
        """What happened and what to do, without the money, which `__str__` adds last."""
        return [self.text] if self.text else [type(self).__name__]

    def __str__(self) -> str:
        sentences = self._sentences()
        if self.ambiguous:
            if self.fate is Fate.EXECUTED:
                sentences.append("The request was executed: do not simply send it again.")
            else:
                sentences.append(
                    "An attempt may have taken effect, so money may have been spent or a state changed: "
                    "look before repeating."
                )
            if self.unique_request_token is not None:
                sentences.append(
                    f"A repeat with unique_request_token={self.unique_request_token!r} within 24 hours of the first "
                    "attempt cannot happen twice."
                )
        return " ".join(sentences)


def _not_sent(error: TurkError, attempts_before: int) -> str:
    """Say that an attempt was not sent, without denying the attempts before it."""
    return "This attempt was not sent." if error.ambiguous or attempts_before > 0 else "Nothing was sent."


class ConfigurationError(TurkError):
    """The client cannot work as it was set up. Nothing was sent."""


class InvalidRequest(TurkError, ValueError):
    """
    An argument breaks a rule that can be checked here. Nothing was sent.

    Args:
        text: The rule and the remedy.
        argument: The name of the offending argument, when there is a single one.
        operation: The operation's name, for example ``"CreateHIT"``.
        sending: Whether it was meant to be sent, now or later, so that the message says that it was not. What only
            reads, as `aioturk.questions.parse` does, was not going to send anything.
    """

    def __init__(
        self, text: str = "", *, argument: str | None = None, operation: str | None = None, sending: bool = True
    ) -> None:
        super().__init__(text, operation=operation)
        self.argument = argument
        self.sending = sending

    def _sentences(self) -> list[str]:
        where = " ".join(part for part in (self.operation, self.argument) if part)
        sentence = ": ".join(part for part in (where, self.text) if part)
        said = ([sentence] if sentence else []) + (["Nothing was sent."] if self.sending else [])
        return said or [type(self).__name__]


class CredentialsError(TurkError):
    """There are no keys to sign with, or they could not be fetched; nothing was sent. Never holds a secret."""

    fate = Fate.NOT_EXECUTED

    def _sentences(self) -> list[str]:
        return [*super()._sentences(), _not_sent(self, self.attempts)]


class TransportError(TurkError):
    """The network, or something between here and the service, failed."""

    fate = Fate.UNKNOWN
    transient = True


class ConnectFailed(TransportError):
    """No connection came about (refused, no such host, TLS, proxy, time): nothing was sent."""

    fate = Fate.NOT_EXECUTED

    def _sentences(self) -> list[str]:
        return [*super()._sentences(), _not_sent(self, self.attempts - 1)]


class ConnectionLost(TransportError):
    """A connection that had been open broke before the whole answer was here."""


class AttemptTimedOut(TransportError):
    """A connection was there, and no whole answer came within the time for one attempt."""


class UnreadableResponse(TransportError):
    """
    The answer is not what the service sends: a proxy's page, a redirect, a truncated or empty document.

    Args:
        text: What was wrong with it.
        operation: The operation's name.
        status: The HTTP status, 100-599.
        body: The first bytes of the answer, for a look.
        transient: Whether the answer looks like a passing trouble (any 200, 408, 5xx).
        request_id: The service's id for the request, when the answer had one.
    """

    def __init__(
        self,
        text: str = "",
        *,
        operation: str | None = None,
        status: int | None = None,
        body: bytes = b"",
        transient: bool = True,
        request_id: str | None = None,
    ) -> None:
        super().__init__(text, operation=operation)
        self.status = status
        self.body = body
        self.transient = transient
        self.request_id = request_id


class DeadlineExceeded(TransportError):
    """The call, with all its attempts and waits, did not end within its timeout."""

    fate = Fate.NOT_EXECUTED
    transient = False

    def _sentences(self) -> list[str]:
        return [*super()._sentences(), _not_sent(self, self.attempts)]


class ServiceError(TurkError):
    """
    The service answered, and the answer is an error.

    Args:
        message: The service's own text.
        code: The error type on the wire (``__type``), for example ``"RequestError"``.
        turk_error_code: The marketplace's code, for example ``"AWS.MechanicalTurk.HITDoesNotExist"``.
        parameter: The parameter that the service names, in the service's spelling.
        request_id: The service's id for this request (``x-amzn-RequestId``).
        status: The HTTP status.
        operation: The operation's name.
        retry_after: Seconds that the service asked to wait.
    """

    code: str = "RequestError"
    turk_error_code: str | None = None
    status: int = 400
    remedy: str = ""
    """What to do about it, in a sentence; empty where the service's text says it all."""
    remedies: Mapping[str, str] = {}
    """What to do about it after one operation, by its name, where that differs."""

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        turk_error_code: str | None = None,
        parameter: str | None = None,
        request_id: str | None = None,
        status: int | None = None,
        operation: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, operation=operation)
        self.message = message
        if operation is not None:
            self.remedy = self.remedies.get(operation, self.remedy)
        if code is not None:
            self.code = code
        if turk_error_code is not None:
            self.turk_error_code = turk_error_code
        if status is not None:
            self.status = status
        self.parameter = parameter
        self.request_id = request_id
        self.retry_after = retry_after

    def _sentences(self) -> list[str]:
        name = (self.turk_error_code or self.code).rpartition(".")[2]
        where = f", request {self.request_id}" if self.request_id else ""
        text = f"{self.operation or 'The service'} failed: {self.message.strip() or 'no message'} [{name}{where}]"
        # The usual remedies say what to do after a refusal; when an attempt may have taken effect, looking comes first.
        return [text, self.remedy] if self.remedy and not self.ambiguous else [text]


class RequestError(ServiceError):
    """The marketplace declined the request; the subclasses say for which reason."""


class ParameterValidationError(ServiceError):
    """A parameter breaks a rule of the marketplace; `parameter` names it in the service's spelling."""

    code = "ParameterValidationError"


class ValidationException(ServiceError):
    """The request does not fit the API's own model (missing, too long, wrong pattern)."""

    code = "ValidationException"


class CredentialsRefused(ServiceError, CredentialsError):
    """
    The service does not accept the signature or the keys; the request was not executed.

    `expired` tells temporary keys that ran out, `skewed` a clock that is too far from the service's.

    Attributes:
        server_time: The service's time when it refused, in seconds since 1970, as far as it told.
    """

    server_time: float | None = None

    code = "UnrecognizedClientException"
    fate = Fate.NOT_EXECUTED
    remedy = "Check the access key, the secret and the session token, and that they belong to this environment."

    @property
    def expired(self) -> bool:
        """Whether the keys were good once and ran out."""
        return self.code in {"ExpiredTokenException", "ExpiredToken"}

    @property
    def skewed(self) -> bool:
        """Whether the service objects to the time of the signature."""
        text = self.message.lower()
        by_code = self.code in {"RequestTimeTooSkewed", "RequestExpired"}
        return by_code or "signature expired" in text or "signature not yet current" in text


class AccessDenied(ServiceError):
    """The keys are good, but may not do this; the request was not executed."""

    code = "AccessDeniedException"
    fate = Fate.NOT_EXECUTED
    remedy = "The keys need the IAM action for this operation, for example mechanicalturk:CreateHIT."


class Throttled(ServiceError):
    """The service asks to go slower; the request was not executed."""

    code = "ThrottlingException"
    fate = Fate.NOT_EXECUTED
    transient = True


class ServiceFault(ServiceError):
    """The service failed by itself (HTTP 5xx); whether the request took effect is not known."""

    code = "ServiceFault"
    status = 500
    fate = Fate.UNKNOWN
    transient = True


class UnknownOperation(ServiceError):
    """The service does not offer the operation; nothing was executed."""

    code = "UnknownOperationException"


class UnexpectedResponse(ServiceError):
    """
    The request was executed, but its JSON answer does not have the agreed shape.

    Attributes:
        body: The raw answer, so that nothing is lost.
    """

    code = "UnexpectedResponse"
    fate = Fate.EXECUTED
    status = 200

    def __init__(self, message: str = "", *, body: bytes = b"", **facts: Any) -> None:
        super().__init__(message, **facts)
        self.body = body


class AnswerProblem(NamedTuple):
    """
    One thing that does not fit in a worker's answer.

    Attributes:
        question: The question's identifier, or the way to a part of its answer, ``boxes[2].left``; empty when it is
            the answer as a whole. Names that a worker's page sent stand in it as in Python, ``seen['a b']``, unless
            they are plain words; after a thousand characters it is cut.
        value: What the worker sent, as it came; None when that is nothing.
        expected: The type that was asked for.
        text: What is wrong, without the question: ``'forty' is not a whole number``.
    """

    question: str
    value: Any
    expected: Any
    text: str

    def __str__(self) -> str:
        question = self.question if len(self.question) <= _SHOWN_WAY else self.question[:_SHOWN_WAY] + "…"
        return f"{question}: {self.text}" if question else self.text


class AnswerError(TurkError):
    """
    A worker's answer does not fit what was asked for. The assignment itself is untouched.

    All problems of the answer are told at once, up to a hundred. A document that cannot be read at all is an error
    without problems.

    Args:
        text: What happened, in a sentence.
        problems: What does not fit.
        assignment_id: Whose answer it is.

    Attributes:
        problems: What does not fit, in the order of the fields.
        question: The question of the first problem; None when there are no problems.
        value: What the worker sent there, as it came; None when that is nothing.
        expected: The type that was asked for there.
        assignment_id: The assignment's id, where it is known.
    """

    def __init__(
        self,
        text: str = "",
        *,
        problems: Iterable[AnswerProblem] = (),
        assignment_id: str | None = None,
        operation: str | None = None,
    ) -> None:
        super().__init__(text, operation=operation)
        self.problems: tuple[AnswerProblem, ...] = tuple(problems)
        self.assignment_id = assignment_id

    @property
    def question(self) -> str | None:
        """The question of the first problem; None when there are no problems."""
        return self.problems[0].question if self.problems else None

    @property
    def value(self) -> Any:
        """What the worker sent there, as it came; None when that is nothing."""
        return self.problems[0].value if self.problems else None

    @property
    def expected(self) -> Any:
        """The type that was asked for there."""
        return self.problems[0].expected if self.problems else None

    def _sentences(self) -> list[str]:
        whose = f"Assignment {self.assignment_id}: " if self.assignment_id else ""
        shown = [str(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            shown.append(f"and {len(self.problems) - _SHOWN} more")
        text = " ".join(part for part in (self.text, "; ".join(shown) + "." if shown else "") if part)
        sentences = [whose + (text or type(self).__name__)]
        if shown:
            sentences.append("Nothing was approved or rejected: look at the answer, and decide.")
        return sentences


_SHOWN = 10
"""How many problems of an answer a message tells; the rest are in the list."""
_SHOWN_WAY = 200
"""How much of a problem's question a message tells."""


class WebhookRefused(TurkError):
    """
    A message that was posted here cannot be believed: its signature does not fit, or it is not of now.

    Nothing of it may be acted on. When it was a real one, its sender tries again.
    """

    def _sentences(self) -> list[str]:
        said = super()._sentences()
        return [f"The webhook's message was refused: {said[0]}"] if self.text else said


class InvalidNotification(TurkError):
    """
    A message cannot be read as one about events. Nothing was done about it, and nothing was deleted.

    The text says what is wrong with it, and repeats nothing of it but short names.
    """

    def _sentences(self) -> list[str]:
        return [f"The notification {self.text}"] if self.text else super()._sentences()


class SubscriptionOffered(InvalidNotification):
    """
    A topic asks whether it may send its messages here, or says that it stopped. Nothing was confirmed.

    Args:
        text: What it is, and what to do.
        topic_arn: The topic that the message names.
    """

    def __init__(self, text: str = "", *, topic_arn: str | None = None) -> None:
        super().__init__(text)
        self.topic_arn = topic_arn


class UntrustedNotification(InvalidNotification):
    """
    Nothing vouches for a message: its signature, its certificate, its topic or its age is not what it should be.

    Nothing of it may be acted on. When it was a real one, its sender tries again.
    """


class BudgetExceeded(TurkError):
    """The call could have cost more than the budget allows. Nothing was sent."""


class NotRetired(TurkError):
    """
    A HIT could not be retired yet, and has been kept. Nobody can accept it any more.

    It is always ``ambiguous``, because the HIT was ended and work may have been approved; calling again is harmless.

    Args:
        text: What stands in the way, and what to do about it.
        hit_id: The HIT's id.
        undecided: The ids of the submitted assignments that wait for a decision.
        in_work: How many workers still have the HIT in work.
        approved: How many assignments were approved by the call.
    """

    ambiguous = True

    def __init__(
        self, text: str = "", *, hit_id: str = "", undecided: tuple[str, ...] = (), in_work: int = 0, approved: int = 0
    ) -> None:
        super().__init__(text)
        self.hit_id = hit_id
        self.undecided = undecided
        self.in_work = in_work
        self.approved = approved

    def __str__(self) -> str:
        # The text knows what was done: "may have taken effect" would only cast doubt on it.
        return " ".join(self._sentences())


class PublishedOtherwise(TurkError):
    """
    A row of a batch was published before, and something else was asked. Nothing was published now.

    Args:
        text: Which row, and what to do.
        hit_id: The HIT that is there.
    """

    def __init__(self, text: str = "", *, hit_id: str = "") -> None:
        super().__init__(text)
        self.hit_id = hit_id


class PaidOtherwise(TurkError):
    """A bonus of the same key was paid before, to another worker or of another amount. Nothing was sent."""


# One class per TurkErrorCode, in the order of the service's objects. Names are the codes themselves.


class HITDoesNotExist(RequestError):
    """No HIT of this requester, in this environment, has the id."""

    turk_error_code: str | None = "AWS.MechanicalTurk.HITDoesNotExist"
    remedy = (
        "Sandbox, production and local HITs are separate worlds; HITs also vanish 120 days after their last change."
    )


class HITTypeDoesNotExist(RequestError):
    """No HIT type of this requester has the id."""

    turk_error_code: str | None = "AWS.MechanicalTurk.HITTypeDoesNotExist"
    remedy = "Unused HIT types vanish after 120 days; create it again with the same values."


class HITAlreadyExists(RequestError):
    """
    The request token made a HIT before.

    Attributes:
        hit_id: The id of that HIT, read from the service's message.
    """

    turk_error_code: str | None = "AWS.MechanicalTurk.HITAlreadyExists"
    hit_id: str | None = None
    remedy = "The earlier HIT stands; no second one was made. Use another token if a second one is meant."


class DuplicateCall(RequestError):
    """The request token (or the same extension) has been used before."""

    turk_error_code: str | None = "AWS.MechanicalTurk.DuplicateCall"
    remedy = "The earlier call stands and was not repeated. Use another token if a second one is meant."


class InvalidHITState(RequestError):
    """The HIT is not in a state in which this can be done."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InvalidHITState"
    remedy = "get_hit tells its state."
    remedies: Mapping[str, str] = {
        "CreateAdditionalAssignmentsForHIT": (
            "A deleted HIT cannot grow: create another one. A HIT that is only seconds old can, a little later."
        ),
        "DeleteHIT": (
            "A HIT can be deleted when it is Reviewable or Reviewing and no submitted assignment waits for approval or "
            "rejection."
        ),
        "UpdateExpirationForHIT": (
            "A deleted HIT cannot be offered again: create another one. A HIT that is only seconds old can be ended "
            "at once, and extended a little later."
        ),
        "UpdateHITReviewStatus": (
            "A Reviewable HIT can become Reviewing, and, with revert, a Reviewing one Reviewable again; no other can."
        ),
        "UpdateHITTypeOfHIT": (
            "The type of a HIT can be changed until somebody accepts it, or it is deleted: after that, create another "
            "HIT of the new type, and end this one. A HIT that is only seconds old can be changed a little later."
        ),
    }


class HITAlreadyPassedReview(RequestError):
    """The HIT has been reviewed already."""

    turk_error_code: str | None = "AWS.MechanicalTurk.HITAlreadyPassedReview"


class HITTooOldForExtension(RequestError):
    """The HIT is too old to be extended."""

    turk_error_code: str | None = "AWS.MechanicalTurk.HITTooOldForExtension"
    remedy = "Create a new HIT."


class InvalidMaximumAssignmentsIncrease(RequestError):
    """A HIT with fewer than ten assignments can never grow to ten or more."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease"
    remedy = "HITs with fewer than ten assignments stay below ten (the fee differs); create another HIT for the rest."


class AssignmentDoesNotExist(RequestError):
    """No assignment has the id, or it was returned or abandoned."""

    turk_error_code: str | None = "AWS.MechanicalTurk.AssignmentDoesNotExist"


class InvalidAssignmentState(RequestError):
    """The assignment is not in a state in which this can be done."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InvalidAssignmentState"
    remedy = "It may have been decided already, or still be in work: get_assignment tells its state."


class InsufficientFunds(RequestError):
    """The account cannot pay for this."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InsufficientFunds"
    remedy = (
        "Add funds (to a marketplace of aioturk, with `aioturk marketplace add-money`), then run it again: nothing was "
        "charged for the refused request."
    )


class QualificationDoesNotExist(RequestError):
    """The worker never had the qualification, or its type is unknown."""

    turk_error_code: str | None = "AWS.MechanicalTurk.QualificationDoesNotExist"
    remedies: Mapping[str, str] = {
        "GetQualificationScore": (
            "The worker never had it, or there is no such type, which get_qualification_type tells. Had it been taken "
            "away, this would be InvalidQualificationState."
        ),
    }


class InvalidQualificationState(RequestError):
    """The qualification has been revoked."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InvalidQualificationState"


class QualificationTypeDoesNotExist(RequestError):
    """No qualification type has the id."""

    turk_error_code: str | None = "AWS.MechanicalTurk.QualificationTypeDoesNotExist"
    remedy = "Sandbox, production and local types are separate worlds; list_qualification_types shows yours."


class QualificationTypeAlreadyExists(RequestError):
    """This requester has a qualification type of that name."""

    turk_error_code: str | None = "AWS.MechanicalTurk.QualificationTypeAlreadyExists"
    remedy = "Use the one that is there, which list_qualification_types finds, or take another name."


class InvalidQualificationTypeState(RequestError):
    """The qualification type is inactive or deleted."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InvalidQualificationTypeState"


class QualificationRequestDoesNotExist(RequestError):
    """No qualification request has the id."""

    turk_error_code: str | None = "AWS.MechanicalTurk.QualificationRequestDoesNotExist"


class InvalidQualificationRequestState(RequestError):
    """The qualification request has been decided already."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InvalidQualificationRequestState"


class PermissionDenied(RequestError):
    """The object belongs to another requester."""

    turk_error_code: str | None = "AWS.MechanicalTurk.PermissionDenied"


class AccountNotLinked(RequestError):
    """The AWS account is not linked to a requester account."""

    turk_error_code: str | None = "AWS.AccountNotLinked"


class InvalidTransportEndpoint(RequestError):
    """The notification destination cannot be used."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InvalidTransportEndpoint"


class InvalidParameterValue(ParameterValidationError):
    """A value is not valid for its parameter."""

    turk_error_code: str | None = "AWS.MechanicalTurk.InvalidParameterValue"
    remedies: Mapping[str, str] = {
        "SendBonus": (
            "A worker's id is refused if the assignment is not theirs, which get_assignment tells, or if their account "
            "was closed."
        ),
    }


class ParameterValueOutOfRange(ParameterValidationError):
    """A number is outside its range."""

    turk_error_code: str | None = "AWS.MechanicalTurk.ParameterValueOutOfRange"
    remedies: Mapping[str, str] = {
        "UpdateExpirationForHIT": (
            "A HIT can be ended at once (expire_hit), or go on for at least a minute longer than it would have, and "
            "for a year at most; it cannot be told to end a little sooner."
        ),
    }


class MissingParameter(ParameterValidationError):
    """A parameter that this request needs is missing."""

    turk_error_code: str | None = "AWS.MechanicalTurk.MissingParameter"


class InvalidEnumeratedParameter(ParameterValidationError):
    """A word is not one of the parameter's values."""

    turk_error_code: str | None = "AWS.InvalidEnumeratedParameter"


class XMLParseError(ParameterValidationError):
    """A question, test or answer key is not valid XML of its schema."""

    turk_error_code: str | None = "AWS.MechanicalTurk.XMLParseError"
    remedy = (
        "A str is sent as it stands, and has to be a whole XML document: HTMLQuestion makes one of a page, "
        "ExternalQuestion of an address, and QuestionForm of questions."
    )


class XHTMLParseError(ParameterValidationError):
    """Formatted content is not valid XHTML of the permitted subset."""

    turk_error_code: str | None = "AWS.MechanicalTurk.XHTMLParseError"


# The worker's side: what the marketplace answers to somebody who wants to work.


class AssignmentAlreadyExists(RequestError):
    """The worker holds, or has submitted, an assignment of this HIT."""

    turk_error_code: str | None = "AWS.MechanicalTurk.AssignmentAlreadyExists"


class DoesNotMeetRequirements(RequestError):
    """The worker does not meet the HIT's qualification requirements."""

    turk_error_code: str | None = "AWS.MechanicalTurk.DoesNotMeetRequirements"


class ExceedsMaxAssignmentsPerWorker(RequestError):
    """The worker holds as many assignments as one may."""

    turk_error_code: str | None = "AWS.MechanicalTurk.ExceedsMaxAssignmentsPerWorker"


class NoHITsAvailableInGroup(RequestError):
    """No HIT of the group is left to accept."""

    turk_error_code: str | None = "AWS.MechanicalTurk.NoHITsAvailableInGroupException"


class NoMoreWorkableHITsInGroup(RequestError):
    """The worker has done every HIT of the group that can be done."""

    turk_error_code: str | None = "AWS.MechanicalTurk.NoMoreWorkableHITsInGroupException"


class QualificationAlreadyExists(RequestError):
    """The worker has the qualification already."""

    turk_error_code: str | None = "AWS.MechanicalTurk.QualificationAlreadyExists"


class QualificationTypeRetryDelayNotElapsed(RequestError):
    """The worker has to wait before asking for the qualification again."""

    turk_error_code: str | None = "AWS.MechanicalTurk.QualificationTypeRetryDelayNotElapsed"


class QualificationTypeDoesNotAllowRetake(RequestError):
    """The qualification can be asked for once only."""

    turk_error_code: str | None = "AWS.MechanicalTurk.QualificationTypeDoesNotAllowRetake"
