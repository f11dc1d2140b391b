"""
The sentences with which requests are declined: exact where they are known, in one place where they are not.

Each function makes an exception, for the caller to raise. Its class decides type and code on the wire
(:mod:`aioturk.errors`); the gateway adds the time stamp (:mod:`aioturk._core.faults`). Texts marked
"unverified" were never seen by anybody who wrote them down.
"""

from __future__ import annotations

from collections.abc import Iterable

from aioturk import errors
from aioturk.marketplace.money import dollars
from aioturk.marketplace.rules import Range

__all__ = [
    "already_yours",
    "assignment_does_not_exist",
    "assignment_state",
    "both_given",
    "cap_reached",
    "duplicate_call",
    "hit_already_exists",
    "hit_does_not_exist",
    "hit_state",
    "hit_type_does_not_exist",
    "insufficient_funds",
    "invalid",
    "invalid_transport_endpoint",
    "missing",
    "nothing_to_accept",
    "out_of_range",
    "qualification_type_does_not_exist",
    "shown",
    "small_must_stay_small",
    "too_short",
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


# To workers; the service's own words for these were never published.


def already_yours(hit_id: str) -> errors.AssignmentAlreadyExists:
    """The worker has, or had, an assignment of this HIT."""
    return errors.AssignmentAlreadyExists(f"You have already accepted or submitted the HIT {hit_id}.")


def nothing_to_accept(hit_id: str, why: str) -> errors.NoHITsAvailableInGroup:
    """The HIT cannot be accepted by anybody now."""
    return errors.NoHITsAvailableInGroup(f"The HIT {hit_id} cannot be accepted: {why}.")
