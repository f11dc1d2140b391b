"""The family of errors: as drawn, complete, portable, and never without a sentence."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from aioturk import errors
from aioturk.errors import Fate, InvalidRequest, ServiceError, TurkError

CLASSES = [
    kind
    for name in errors.__all__
    if isinstance(kind := getattr(errors, name), type) and issubclass(kind, BaseException)
]

# The codes of the service, where they begin with the usual prefix.
CODES = [
    "HITDoesNotExist",
    "AssignmentDoesNotExist",
    "InvalidAssignmentState",
    "InvalidHITState",
    "InvalidQualificationState",
    "QualificationDoesNotExist",
    "QualificationTypeDoesNotExist",
    "QualificationTypeAlreadyExists",
    "InvalidQualificationTypeState",
    "QualificationRequestDoesNotExist",
    "InvalidQualificationRequestState",
    "HITAlreadyExists",
    "DuplicateCall",
    "InvalidMaximumAssignmentsIncrease",
    "HITTooOldForExtension",
    "InsufficientFunds",
    "InvalidParameterValue",
    "ParameterValueOutOfRange",
    "MissingParameter",
    "XMLParseError",
    "XHTMLParseError",
    "PermissionDenied",
    "InvalidTransportEndpoint",
    "HITAlreadyPassedReview",
    "HITTypeDoesNotExist",
    "QualificationAlreadyExists",
    "DoesNotMeetRequirements",
    "QualificationTypeRetryDelayNotElapsed",
    "QualificationTypeDoesNotAllowRetake",
    "AssignmentAlreadyExists",
    "ExceedsMaxAssignmentsPerWorker",
]
SPELLED_OUT = {
    "AWS.AccountNotLinked": "AccountNotLinked",
    "AWS.InvalidEnumeratedParameter": "InvalidEnumeratedParameter",
    "AWS.MechanicalTurk.NoMoreWorkableHITsInGroupException": "NoMoreWorkableHITsInGroup",
    "AWS.MechanicalTurk.NoHITsAvailableInGroupException": "NoHITsAvailableInGroup",
}


def drawn() -> dict[str, tuple[str, str]]:
    """The drawing at the top of `errors.py`: for each class its parent, and what is said about it."""
    tree: dict[str, tuple[str, str]] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ((?:│   |    )*(?:[├└]── )?)([A-Z]\w+)(.*)", line)
        if match is None:
            continue
        depth = len(match[1]) // 4
        path[depth:] = [match[2]]
        tree[match[2]] = (path[depth - 1] if depth else "", match[3].strip())
    return tree


def test_the_tree_is_as_drawn() -> None:
    """Every class of the drawing exists, below the parent it is drawn under, and with the relatives it names."""
    tree = drawn()
    assert len(tree) > 20
    for name, (parent, remark) in tree.items():
        bases = {base.__name__ for base in getattr(errors, name).__bases__}
        assert parent in bases or not parent
        for other in re.findall(r"\((?:also a )?([A-Z]\w+)\)", remark):
            assert other in bases


def test_nothing_is_missing_from_the_drawing() -> None:
    """Classes that are not drawn are those with a code of their own, which the drawing leaves out."""
    for kind in CLASSES:
        own_code = vars(kind).get("turk_error_code") is not None
        assert (kind.__name__ in drawn()) is not own_code, kind.__name__


def test_all_errors_are_exported_and_have_a_sentence() -> None:
    """Every exception of the module is in `__all__`, below `TurkError`, and documented."""
    defined = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
    assert {kind.__name__ for kind in defined} == set(errors.__all__)
    for kind in CLASSES:
        assert issubclass(kind, TurkError)
        assert (kind.__doc__ or "").strip()


@pytest.mark.parametrize("code", [*(f"AWS.MechanicalTurk.{code}" for code in CODES), *SPELLED_OUT])
def test_every_code_has_its_class(code: str) -> None:
    """One class for each code of the service, named like the code."""
    kind = getattr(errors, SPELLED_OUT.get(code, code.rpartition(".")[2]))
    assert issubclass(kind, ServiceError)
    assert kind.turk_error_code == code


def test_no_code_is_forgotten_here() -> None:
    """The list above is complete: there are no further classes with codes."""
    with_codes = {kind.__name__ for kind in CLASSES if getattr(kind, "turk_error_code", None)}
    assert with_codes == {*CODES, *SPELLED_OUT.values()}


def made(kind: type[TurkError]) -> TurkError:
    """An error of a class, with all its facts."""
    error = (
        kind("It went wrong.", code="Code", parameter="Test", request_id="8a9b", status=418, retry_after=7.0)
        if issubclass(kind, ServiceError)
        else kind("It went wrong.")
    )
    error.operation = "SendBonus"
    error.ambiguous = True
    error.unique_request_token = "token-1"
    error.attempts = 3
    return error


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_travel(kind: type[TurkError], through: object) -> None:
    """An error keeps class, text and every fact through copies and pickles, as process pools need."""
    assert callable(through)
    error = made(kind)
    back = through(error)
    assert type(back) is kind
    assert str(back) == str(error)
    assert vars(back) == vars(error)
    assert (back.ambiguous, back.unique_request_token, back.attempts) == (True, "token-1", 3)
    assert (back.fate, back.transient, back.args) == (error.fate, error.transient, error.args)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_errors_never_fall_silent(kind: type[TurkError]) -> None:
    """Even an error made without any text says something."""
    assert str(kind()).strip()
    assert str(kind("It went wrong.")).count("It went wrong.") == 1


def test_ambiguity_is_said() -> None:
    """An ambiguous error says that money may be gone, and how to repeat safely; an unambiguous one says neither."""
    error = errors.InsufficientFunds("No funds. (1)", operation="SendBonus", request_id="8a9b")
    assert "may have taken effect" not in str(error)
    assert "Add funds" in str(error)
    error.ambiguous = True
    error.unique_request_token = "token-1"
    assert "SendBonus failed: No funds. (1) [InsufficientFunds, request 8a9b]" in str(error)
    assert "An attempt may have taken effect" in str(error)
    assert "unique_request_token='token-1'" in str(error)
    executed = errors.UnexpectedResponse("odd", body=b"{}")
    executed.ambiguous = True
    assert "was executed: do not simply send it again" in str(executed)
    assert executed.fate is Fate.EXECUTED


def test_refused_arguments_are_value_errors() -> None:
    """InvalidRequest is a ValueError, names operation and argument, and says that nothing was sent."""
    error = InvalidRequest("is empty.", argument="title", operation="CreateHIT")
    assert isinstance(error, ValueError)
    assert str(error) == "CreateHIT title: is empty. Nothing was sent."


def test_what_only_reads_says_nothing_of_sending() -> None:
    """Where nothing was going to be sent, InvalidRequest does not speak of it; a copy says the same."""
    error = InvalidRequest("is no question.", argument="xml", sending=False)
    assert str(error) == "xml: is no question."
    assert str(copy.copy(error)) == str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(InvalidRequest(sending=False)) == "InvalidRequest"


@pytest.mark.parametrize(
    ("operation", "says", "says_not"),
    [
        ("DeleteHIT", "no submitted assignment waits for approval", "a little later"),
        ("UpdateHITTypeOfHIT", "until somebody accepts it", "waits for approval"),
        ("UpdateHITReviewStatus", "with revert, a Reviewing one Reviewable", "deleted"),
        ("UpdateExpirationForHIT", "cannot be offered again", "waits for approval"),
        ("CreateAdditionalAssignmentsForHIT", "cannot grow", "waits for approval"),
        ("SomethingNew", "get_hit tells its state", "deleted"),
        (None, "get_hit tells its state", "deleted"),
    ],
)
def test_remedies_of_one_operation(operation: str | None, says: str, says_not: str) -> None:
    """A HIT in the wrong state means something else for each operation, and so does the remedy; a copy keeps it."""
    error = errors.InvalidHITState("It is in another state.", operation=operation)
    for each in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert says in each.remedy
        assert each.remedy in str(each)
        assert says_not not in str(each)


@pytest.mark.parametrize(
    ("kind", "operation", "says"),
    [
        (errors.ParameterValueOutOfRange, "UpdateExpirationForHIT", "it cannot be told to end a little sooner"),
        (errors.ParameterValueOutOfRange, "CreateHIT", ""),
        (errors.InvalidParameterValue, "SendBonus", "if the assignment is not theirs"),
        (errors.InvalidParameterValue, "CreateHIT", ""),
        (errors.XMLParseError, "CreateHIT", "HTMLQuestion makes one of a page"),
        (errors.QualificationTypeDoesNotExist, "CreateHIT", "list_qualification_types shows yours"),
        (errors.QualificationDoesNotExist, "GetQualificationScore", "The worker never had it"),
        (errors.QualificationTypeAlreadyExists, "CreateQualificationType", "list_qualification_types finds"),
    ],
)
def test_remedies_where_the_service_says_little(kind: type[errors.ServiceError], operation: str, says: str) -> None:
    """What the service refuses in words that leave requesters guessing is explained; no other refusal is."""
    error = kind("No.", operation=operation)
    assert error.remedy if says else not error.remedy
    assert says in str(error)


def test_refused_keys_are_both() -> None:
    """CredentialsRefused is what the service said, and a trouble with credentials."""
    assert issubclass(errors.CredentialsRefused, errors.ServiceError)
    assert issubclass(errors.CredentialsRefused, errors.CredentialsError)
    assert issubclass(errors.UnreadableResponse, errors.TransportError)
