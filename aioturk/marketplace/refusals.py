"""
The sentences with which requests are declined: exact where they are known, in one place where they are not.

Each function makes an exception, for the caller to raise. Its class decides type and code on the wire
(:mod:`aioturk.errors`); the gateway adds the time stamp (:mod:`aioturk._core.faults`). Texts marked
"unverified" were never seen by anybody who wrote them down.
"""

from __future__ import annotations

from collections.abc import Iterable

from aioturk import errors
from aioturk.marketplace.lifecycle import DISPOSED, UNASSIGNABLE
from aioturk.marketplace.money import dollars
from aioturk.marketplace.rules import Range

__all__ = [
    "already_asked",
    "already_qualified",
    "already_submitted",
    "already_yours",
    "assignment_does_not_exist",
    "assignment_state",
    "blocked",
    "both_given",
    "cap_reached",
    "duplicate_call",
    "empty_form",
    "hit_already_exists",
    "hit_does_not_exist",
    "hit_state",
    "hit_type_does_not_exist",
    "html_error",
    "insufficient_funds",
    "invalid",
    "invalid_transport_endpoint",
    "missing",
    "missing_layout_parameters",
    "no_second_attempt",
    "no_such_group",
    "no_such_hit",
    "no_such_qualification",
    "no_test",
    "not_begun",
    "not_in_the_form",
    "not_in_work",
    "not_requestable",
    "nothing_in_group",
    "nothing_left_for_you",
    "nothing_to_accept",
    "out_of_range",
    "permission_denied",
    "qualification_does_not_exist",
    "qualification_request_does_not_exist",
    "qualification_request_state",
    "qualification_state",
    "qualification_type_already_exists",
    "qualification_type_does_not_exist",
    "qualification_type_state",
    "requirements_not_met",
    "retry_later",
    "shown",
    "small_must_stay_small",
    "test_is_over",
    "test_needs_answers",
    "too_many",
    "too_many_blocks",
    "too_short",
    "unknown_worker",
    "xhtml_error",
    "xml_error",
]

_SHOWN = 500
"""How much of an offending value is repeated to its sender."""


def shown(value: object) -> str:
    """Return a value as it is repeated to its sender: not at any length."""
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def hit_does_not_exist(hit_id: str) -> errors.HITDoesNotExist:
    """No such HIT, or somebody else's."""
    return errors.HITDoesNotExist(f"Hit {hit_id} does not exist.")


def hit_type_does_not_exist(hit_type_id: str) -> errors.HITTypeDoesNotExist:
    """No such HIT type, or somebody else's. Code and text are unverified."""
    return errors.HITTypeDoesNotExist(f"HITType {hit_type_id} does not exist.")


def hit_already_exists(hit_id: str, token: str) -> errors.HITAlreadyExists:
    """The token made a HIT before. The text is unverified, but for the HIT's id in it."""
    return errors.HITAlreadyExists(f'The HIT with ID "{hit_id}" already exists for the idempotency token "{token}".')


def duplicate_call(token: str, request_id: str | None = None) -> errors.DuplicateCall:
    """The token did its work before. The id of the first request is said to be in the text; where is unverified."""
    text = f'The idempotency token "{token}" has already been processed.'
    return errors.DuplicateCall(f"{text} {request_id}" if request_id else text)


def hit_state(current: str, *allowed: str) -> errors.InvalidHITState:
    """The HIT is in another state; the two blanks are the service's."""
    return errors.InvalidHITState(
        f"This HIT is currently in the state '{current}'.  "
        f"This operation can be called with a status of: {', '.join(allowed)}"
    )


def small_must_stay_small() -> errors.InvalidMaximumAssignmentsIncrease:
    """The HIT would cross the step to the higher fee. The text is unverified."""
    return errors.InvalidMaximumAssignmentsIncrease(
        "The number of assignments of this HIT cannot be raised from below 10 to 10 or more."
    )


def assignment_does_not_exist(assignment_id: str) -> errors.AssignmentDoesNotExist:
    """No such assignment, or it was returned or abandoned."""
    return errors.AssignmentDoesNotExist(f"Assignment {assignment_id} does not exist.")


def assignment_state(*allowed: str) -> errors.InvalidAssignmentState:
    """The assignment is in another state; ``"null"`` is what the service says while a worker is at work."""
    return errors.InvalidAssignmentState(f"This operation can be called with a status of: {','.join(allowed)}")


def insufficient_funds() -> errors.InsufficientFunds:
    """The account cannot pay for it; the blank at the end is part of the text."""
    return errors.InsufficientFunds(
        "This Requester has insufficient funds in their account to complete this transaction. "
        "Please visit https://requester.mturk.com/prepayments/new to purchase Prepaid HITs. "
    )


def cap_reached(cap: int, spent: int, wanted: int) -> errors.InsufficientFunds:
    """The key may not commit so much. Our own: the service's keys had no caps."""
    return errors.InsufficientFunds(
        f"The key that signed this request may commit ${dollars(cap)} in all and has committed ${dollars(spent)}; "
        f"this request needs ${dollars(wanted)}."
    )


def qualification_type_does_not_exist(type_id: str) -> errors.QualificationTypeDoesNotExist:
    """No such qualification type. The text is unverified."""
    return errors.QualificationTypeDoesNotExist(f"QualificationType {type_id} does not exist.")


def qualification_type_already_exists() -> errors.QualificationTypeAlreadyExists:
    """The account has a type of this name, or had one not long ago."""
    return errors.QualificationTypeAlreadyExists(
        "You have already created a QualificationType with this name. A QualificationType's name must be unique among "
        "all of the QualificationTypes created by the same user."
    )


def qualification_type_state() -> errors.InvalidQualificationTypeState:
    """The type is inactive or deleted. The text is unverified."""
    return errors.InvalidQualificationTypeState("This operation can be called with a status of: Active")


def qualification_does_not_exist() -> errors.QualificationDoesNotExist:
    """The worker never had it, or there is no such type."""
    return errors.QualificationDoesNotExist("You requested a Qualification that does not exist.")


def qualification_state() -> errors.InvalidQualificationState:
    """The worker had it, and it was revoked."""
    return errors.InvalidQualificationState("This operation can be called with a status of: Granted")


def qualification_request_does_not_exist(request_id: str) -> errors.QualificationRequestDoesNotExist:
    """No such request, or somebody else's. The text is unverified."""
    return errors.QualificationRequestDoesNotExist(f"QualificationRequest {shown(request_id)} does not exist.")


def qualification_request_state() -> errors.InvalidQualificationRequestState:
    """The request was decided before. The text is unverified."""
    return errors.InvalidQualificationRequestState("This operation can be called with a status of: Submitted")


def permission_denied() -> errors.PermissionDenied:
    """It belongs to another requester, or to the service itself."""
    return errors.PermissionDenied("This user is not authorized to perform the requested operation.")


def invalid(parameter: str, value: object) -> errors.InvalidParameterValue:
    """The value is not one for this parameter."""
    return errors.InvalidParameterValue(
        f'The value "{shown(value)}" is not valid for the parameter {parameter}.', parameter=parameter
    )


def out_of_range(parameter: str, value: int, bounds: Range) -> errors.ParameterValueOutOfRange:
    """The number is out of its bounds."""
    return errors.ParameterValueOutOfRange(
        f"The value {value} is invalid for {parameter}. Valid values range from {bounds.least} to {bounds.most}.",
        parameter=parameter,
    )


def too_short(parameter: str, least: int) -> errors.InvalidParameterValue:
    """The text is empty, or too short; the two blanks are the service's."""
    return errors.InvalidParameterValue(
        f"Your request parameter {parameter}  has a minimum length of {least}.", parameter=parameter
    )


def invalid_transport_endpoint(transport: str, destination: str) -> errors.InvalidTransportEndpoint:
    """No messages can be sent to such a place. The text is unverified."""
    return errors.InvalidTransportEndpoint(
        f'The destination "{shown(destination)}" cannot be used with the transport {transport}.'
    )


def missing(parameter: str, names: Iterable[str]) -> errors.MissingParameter:
    """Something is needed that the model calls optional."""
    return errors.MissingParameter(
        f"Your request is missing required parameters. Required parameters include {', '.join(names)}.",
        parameter=parameter,
    )


def missing_layout_parameters(names: Iterable[str]) -> errors.MissingParameter:
    """The layout has placeholders for which no value was given."""
    return errors.MissingParameter(
        "Your request is missing required parameters. Required parameters include HITLayoutParameter. "
        f"You have not provided all required HITLayout parameters. Missing parameter names: {', '.join(names)}",
        parameter="HITLayoutParameter",
    )


def both_given(parameter: str, other: str) -> errors.InvalidParameterValue:
    """Two parameters exclude each other. The text is unverified."""
    return errors.InvalidParameterValue(
        f"The parameter {parameter} cannot be used together with the parameter {other}.", parameter=parameter
    )


def xml_error(parameter: str, details: str) -> errors.XMLParseError:
    """The document is no document of its kind; the two blanks are the service's."""
    return errors.XMLParseError(
        "There was an error parsing the XML question or answer data in your request.  Please make sure the data is "
        f"well-formed and validates against the appropriate schema. Details: {details}",
        parameter=parameter,
    )


def xhtml_error(parameter: str, details: str) -> errors.XHTMLParseError:
    """Formatted content in the document uses what it may not. The text is unverified."""
    return errors.XHTMLParseError(
        "There was an error parsing the XHTML data in your request.  Please make sure the data is "
        f"well-formed and validates against the appropriate schema. Details: {details}",
        parameter=parameter,
    )


def html_error(parameter: str, errors_found: str, page: str) -> errors.InvalidParameterValue:
    """The page in the document is no page; the two blanks are the service's. The code is unverified."""
    return errors.InvalidParameterValue(
        "There was an error parsing the HTML5 data in your request.  Please make sure the data is well-formed and "
        f"validates as HTML5. Details: Errors: {errors_found} Invalid content: \n{shown(page)}",
        parameter=parameter,
    )


def too_many_blocks(most: int) -> errors.RequestError:
    """The requester blocks as many workers as one can. Code and text are unverified."""
    return errors.RequestError(f"There was an error with this request. No more than {most} workers can be blocked.")


# To workers; the service's own words for these were never published. Those above are for requesters: they name states,
# parameters and operations, none of which workers know.


def no_such_hit(hit_id: str) -> errors.HITDoesNotExist:
    """There is no HIT of that id."""
    return errors.HITDoesNotExist(f"There is no HIT {shown(hit_id)}.")


def not_in_work(assignment_id: str) -> errors.AssignmentDoesNotExist:
    """The worker does not hold the assignment: never did, returned it, or let its time pass."""
    return errors.AssignmentDoesNotExist(
        f"You do not have the assignment {shown(assignment_id)} in work; if you had, it was returned or its time is "
        "over."
    )


def already_submitted(assignment_id: str) -> errors.InvalidAssignmentState:
    """The worker has done the assignment."""
    return errors.InvalidAssignmentState(f"You have submitted the assignment {assignment_id} already.")


def empty_form() -> errors.MissingParameter:
    """The worker submits nothing."""
    return errors.MissingParameter("Nothing was filled in: a form needs at least one answer.", parameter="Answer")


def no_such_qualification(type_id: str) -> errors.QualificationTypeDoesNotExist:
    """There is no qualification of that id."""
    return errors.QualificationTypeDoesNotExist(f"There is no qualification {shown(type_id)}.")


def not_begun(request_id: str) -> errors.QualificationRequestDoesNotExist:
    """The worker submits a test without having begun it."""
    return errors.QualificationRequestDoesNotExist(f"There is no test {shown(request_id)} that you have begun.")


def not_requestable(type_id: str, why: str) -> errors.InvalidQualificationTypeState:
    """Nobody can ask for the qualification now."""
    return errors.InvalidQualificationTypeState(f"The qualification {type_id} cannot be asked for: {why}.")


def already_qualified(type_id: str) -> errors.QualificationAlreadyExists:
    """The worker has what everybody gets who asks."""
    return errors.QualificationAlreadyExists(f"You have the qualification {type_id} already.")


def already_asked(type_id: str, request_id: str) -> errors.InvalidQualificationRequestState:
    """One request at a time: that of the worker waits for its decision."""
    return errors.InvalidQualificationRequestState(
        f"You have asked for the qualification {type_id} before; your request {request_id} waits for a decision."
    )


def no_second_attempt(type_id: str) -> errors.QualificationTypeDoesNotAllowRetake:
    """The worker has asked before, and that was all."""
    return errors.QualificationTypeDoesNotAllowRetake(f"The qualification {type_id} can be asked for once only.")


def retry_later(type_id: str, when: str) -> errors.QualificationTypeRetryDelayNotElapsed:
    """The worker has asked before, and has to wait."""
    return errors.QualificationTypeRetryDelayNotElapsed(
        f"The qualification {type_id} can be asked for again from {when} on."
    )


def test_needs_answers(type_id: str) -> errors.MissingParameter:
    """The qualification has a test, and the worker has not answered it."""
    return errors.MissingParameter(
        f"The qualification {type_id} has a test. Give its answers, or begin it, read it, and submit the answers.",
        parameter="Answer",
    )


def no_test(type_id: str) -> errors.InvalidParameterValue:
    """The worker answers, or begins, a test that is not there."""
    return errors.InvalidParameterValue(
        f"The qualification {type_id} has no test: ask for it without answers.", parameter="Answer"
    )


def test_is_over(request_id: str, why: str) -> errors.InvalidQualificationRequestState:
    """The test cannot be submitted, or not again."""
    return errors.InvalidQualificationRequestState(f"The test of the request {request_id} cannot be submitted: {why}.")


def not_in_the_form(what: str, there: Iterable[str]) -> errors.InvalidParameterValue:
    """An answer names something that the form does not have."""
    offered = shown(", ".join(there))
    return errors.InvalidParameterValue(
        f"The form has no {shown(what)}{offered and f'; there are: {offered}'}.", parameter="Answer"
    )


def already_yours(hit_id: str) -> errors.AssignmentAlreadyExists:
    """The worker has, or had, an assignment of this HIT."""
    return errors.AssignmentAlreadyExists(f"You have already accepted or submitted the HIT {hit_id}.")


def nothing_to_accept(hit_id: str, status: str, *, is_over: bool) -> errors.NoHITsAvailableInGroup:
    """Nobody can accept the HIT, or look at it, now."""
    if status == DISPOSED:
        why = "it was deleted"
    elif is_over:
        why = "its time is over"
    else:
        why = "others are at work on all of it" if status == UNASSIGNABLE else "all of it is done"
    return errors.NoHITsAvailableInGroup(f"The HIT {hit_id} is not available: {why}.")


def nothing_in_group(group_id: str) -> errors.NoHITsAvailableInGroup:
    """Nobody can accept any HIT of the group now."""
    return errors.NoHITsAvailableInGroup(f"The group {group_id} has no HITs that can be accepted.")


def nothing_left_for_you(group_id: str) -> errors.NoMoreWorkableHITsInGroup:
    """Others can accept HITs of the group, and the worker has or had them all."""
    return errors.NoMoreWorkableHITsInGroup(f"You have done every HIT of the group {group_id} that is left.")


def no_such_group(group_id: str) -> errors.HITTypeDoesNotExist:
    """There is neither a group nor a HIT type of that id."""
    return errors.HITTypeDoesNotExist(f"There is no group of HITs {shown(group_id)}.")


def requirements_not_met(subject: str, act: str, unmet: Iterable[str]) -> errors.DoesNotMeetRequirements:
    """The worker lacks qualifications that guard the act on a HIT or on a group's HITs."""
    return errors.DoesNotMeetRequirements(f"You cannot {act} {subject}, which requires {', '.join(unmet)}.")


def blocked(subject: str) -> errors.PermissionDenied:
    """The requester does not want the worker. The reason is not for the worker."""
    return errors.PermissionDenied(f"The requester of {subject} has blocked you.")


def too_many(what: str) -> errors.ExceedsMaxAssignmentsPerWorker:
    """The worker has accepted as much as one may for now."""
    return errors.ExceedsMaxAssignmentsPerWorker(f"You have {what}, which is as many as a worker may.")


def unknown_worker(worker_id: str) -> errors.InvalidParameterValue:
    """Nobody has made the worker known, where that is required."""
    return errors.InvalidParameterValue(
        f"The worker {worker_id} is not known here, and this marketplace takes no strangers: its owner can make them "
        f'known with market.add_worker("{worker_id}").',
        parameter="WorkerId",
    )
