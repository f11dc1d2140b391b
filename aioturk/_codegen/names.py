"""
From the service's names to Python's, and the facts about presence that the model leaves out.

A general rule and short tables of exceptions; every acronym is tested one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = [
    "ALWAYS_PRESENT_LISTS",
    "BASES",
    "LIMITS",
    "LIST_ITEMS",
    "OPTIONAL",
    "is_duration",
    "manual_page",
    "python_name",
]

_ACRONYMS = (("HITs", "Hits"), ("HIT", "Hit"), ("URL", "Url"))
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECONDS = "InSeconds"


def python_name(wire: str) -> str:
    """
    Return the Python name of an operation or member.

    Snake case in which acronyms read as words; durations lose ``InSeconds``, because they are timedeltas.
    """
    name = wire.removesuffix(_SECONDS)
    for acronym, word in _ACRONYMS:
        name = name.replace(acronym, word)
    return _WORD_START.sub("_", name).lower()


def is_duration(wire: str) -> bool:
    """Whether a member counts seconds."""
    return wire.endswith(_SECONDS)


def manual_page(name: str, *, structure: bool = False) -> str:
    """Return the address of the manual's page about an operation or a data structure."""
    kind = "DataStructureArticle" if structure else "Operation"
    return f"https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_{name}{kind}.html"


OPTIONAL: Mapping[str, frozenset[str]] = {
    "HIT": frozenset({"HITLayoutId", "Question", "Keywords", "RequesterAnnotation"}),
    "Assignment": frozenset({"ApprovalTime", "RejectionTime", "Deadline", "RequesterFeedback"}),
    "QualificationType": frozenset(
        {"Keywords", "Test", "TestDurationInSeconds", "AnswerKey", "RetryDelayInSeconds", "AutoGrantedValue"}
    ),
    "Qualification": frozenset({"IntegerValue", "LocaleValue"}),
    "QualificationRequest": frozenset({"Test", "Answer"}),
    "BonusPayment": frozenset({"Reason"}),
    "WorkerBlock": frozenset(),
    "NotifyWorkersFailureStatus": frozenset(),
    "ReviewResultDetail": frozenset({"SubjectId", "SubjectType", "QuestionId", "Value"}),
    "ReviewActionDetail": frozenset({"TargetId", "TargetType", "CompleteTime", "Result", "ErrorCode"}),
    "GetAccountBalanceResponse": frozenset({"OnHoldBalance"}),
    "ListReviewPolicyResultsForHITResponse": frozenset(
        {"AssignmentReviewPolicy", "HITReviewPolicy", "AssignmentReviewReport", "HITReviewReport", "NextToken"}
    ),
}
"""
For each structure that only the service sends: the members that it leaves out when they have no value.

All others are always there (the manual's data structure pages, and answers as clients saw them), so their
attributes are not optional. Lists are never optional: left out means empty.
"""

ALWAYS_PRESENT_LISTS = frozenset({("HIT", "QualificationRequirements")})
"""Lists inside structures that are sent even when they are empty, besides those of an answer's top level."""

BASES: Mapping[str, str] = {"Assignment": "Answered", "QualificationRequest": "Answered"}
"""Structures that offer more than their members: the class of `aioturk.answers.answered` that they inherit."""

LIST_ITEMS: Mapping[tuple[str, str], str] = {("ListReviewableHITsResponse", "HITs"): "ReviewableHIT"}
"""Where the service sends less than the model says: reviewable HITs come as their ids alone."""

_TEXT = "characters"
_BYTES = "bytes"
_ITEMS = "items"
_TIME = "seconds"
_YEAR = 365 * 24 * 3600
_MONTH = 30 * 24 * 3600

_HIT_TYPE: Mapping[str, tuple[int | None, int | None, str]] = {
    "Title": (1, 128, _TEXT),
    "Description": (1, 2000, _TEXT),
    "Keywords": (None, 1000, _TEXT),
    "AssignmentDurationInSeconds": (30, _YEAR, _TIME),
    "AutoApprovalDelayInSeconds": (0, _MONTH, _TIME),
    "QualificationRequirements": (None, 10, _ITEMS),
}
_HIT: Mapping[str, tuple[int | None, int | None, str]] = {
    "LifetimeInSeconds": (30, _YEAR, _TIME),
    "MaxAssignments": (1, 10**9, ""),
    "Question": (1, 65535, _BYTES),
    "RequesterAnnotation": (None, 255, _TEXT),
}
_QUALIFICATION_TYPE: Mapping[str, tuple[int | None, int | None, str]] = {
    "Description": (1, 2000, _TEXT),
    "RetryDelayInSeconds": (0, None, _TIME),
    "Test": (1, 65535, _BYTES),
    "AnswerKey": (1, 65535, _BYTES),
    "TestDurationInSeconds": (1, _YEAR, _TIME),
}

LIMITS: Mapping[str, Mapping[str, tuple[int | None, int | None, str]]] = {
    "CreateHITRequest": {**_HIT_TYPE, **_HIT},
    "CreateHITTypeRequest": _HIT_TYPE,
    "CreateHITWithHITTypeRequest": _HIT,
    "CreateAdditionalAssignmentsForHITRequest": {"NumberOfAdditionalAssignments": (1, 10**9, "")},
    "ApproveAssignmentRequest": {"RequesterFeedback": (None, 1024, _TEXT)},
    "RejectAssignmentRequest": {"RequesterFeedback": (1, 1024, _TEXT)},
    "CreateQualificationTypeRequest": {
        **_QUALIFICATION_TYPE,
        "Name": (1, None, _TEXT),
        "Keywords": (None, 1000, _TEXT),
    },
    "UpdateQualificationTypeRequest": _QUALIFICATION_TYPE,
    "NotifyWorkersRequest": {
        "Subject": (1, 200, _TEXT),
        "MessageText": (1, 4096, _TEXT),
        "WorkerIds": (1, 100, _ITEMS),
    },
}
"""
Bounds that the manual gives and the model leaves out: least, most, and what is counted.

The client refuses what breaks them before anything is sent. Sources: the manual's operation pages and its
data structure page of the HIT.
"""
