"""What a document breaks of the model."""

from __future__ import annotations

from typing import Any

import pytest

from aioturk._core.schema import Kind, Rule, Violation, pattern_of, violations
from aioturk._generated.tables import OPERATIONS, SHAPES


def broken(operation: str, document: Any) -> list[Violation]:
    """What a request breaks."""
    return list(violations(SHAPES, OPERATIONS[operation].request, document))


WORKERS = {"Subject": "s", "MessageText": "m"}
HIT_TYPE = {"Title": "t", "Description": "d", "Reward": "0.1", "AssignmentDurationInSeconds": 30}


@pytest.mark.parametrize(
    ("operation", "document", "expected"),
    [
        ("GetHIT", {"HITId": "3"}, []),
        ("GetHIT", {"HITId": "3", "Unknown": [1]}, []),
        ("GetHIT", {}, [Violation(("HITId",), Rule.REQUIRED, None)]),
        ("GetHIT", {"HITId": None}, [Violation(("HITId",), Rule.REQUIRED, None)]),
        ("GetHIT", {"HITId": 3}, [Violation(("HITId",), Rule.TYPE, 3, "string")]),
        ("GetHIT", [], [Violation((), Rule.TYPE, [], "structure")]),
        ("GetHIT", None, [Violation((), Rule.TYPE, None, "structure")]),
        ("GetHIT", {"HITId": "abc"}, [Violation(("HITId",), Rule.PATTERN, "abc", "^[A-Z0-9]+$")]),
        ("GetHIT", {"HITId": "A\n"}, [Violation(("HITId",), Rule.PATTERN, "A\n", "^[A-Z0-9]+$")]),
        (
            "GetHIT",
            {"HITId": ""},
            [Violation(("HITId",), Rule.SHORT, "", 1), Violation(("HITId",), Rule.PATTERN, "", "^[A-Z0-9]+$")],
        ),
        ("GetHIT", {"HITId": "A" * 65}, [Violation(("HITId",), Rule.LONG, "A" * 65, 64)]),
        ("ListHITs", {"MaxResults": 0}, [Violation(("MaxResults",), Rule.SMALL, 0, 1)]),
        ("ListHITs", {"MaxResults": 101}, [Violation(("MaxResults",), Rule.LARGE, 101, 100)]),
        ("ListHITs", {"MaxResults": 10.0}, []),
        ("ListHITs", {"MaxResults": 10.5}, [Violation(("MaxResults",), Rule.TYPE, 10.5, "integer")]),
        ("ListHITs", {"MaxResults": "10"}, [Violation(("MaxResults",), Rule.TYPE, "10", "integer")]),
        ("ListHITs", {"MaxResults": True}, [Violation(("MaxResults",), Rule.TYPE, True, "integer")]),
        (
            "CreateHITType",
            {**HIT_TYPE, "Reward": "1.234"},
            [Violation(("Reward",), Rule.PATTERN, "1.234", "^[0-9]+(\\.)?[0-9]{0,2}$")],
        ),
        ("CreateHITType", {**HIT_TYPE, "Reward": 0.1}, [Violation(("Reward",), Rule.TYPE, 0.1, "string")]),
        (
            "CreateHITType",
            {**HIT_TYPE, "QualificationRequirements": [{"QualificationTypeId": "1", "Comparator": "In"}, {}]},
            [
                Violation(("QualificationRequirements", 2, "QualificationTypeId"), Rule.REQUIRED, None),
                Violation(("QualificationRequirements", 2, "Comparator"), Rule.REQUIRED, None),
            ],
        ),
        (
            "CreateHITType",
            {**HIT_TYPE, "QualificationRequirements": {}},
            [Violation(("QualificationRequirements",), Rule.TYPE, {}, "list")],
        ),
        (
            "ListAssignmentsForHIT",
            {"HITId": "3", "AssignmentStatuses": ["Submitted", "Done", None]},
            [
                Violation(("AssignmentStatuses", 2), Rule.VALUES, "Done", "Submitted, Approved, Rejected"),
                Violation(("AssignmentStatuses", 3), Rule.TYPE, None, "string"),
            ],
        ),
        ("UpdateExpirationForHIT", {"HITId": "3", "ExpireAt": 0}, []),
        ("UpdateExpirationForHIT", {"HITId": "3", "ExpireAt": 1893553445.678}, []),
        ("UpdateExpirationForHIT", {"HITId": "3", "ExpireAt": "2026-09-30T00:00:00Z"}, []),
        (
            "UpdateExpirationForHIT",
            {"HITId": "3", "ExpireAt": True},
            [Violation(("ExpireAt",), Rule.TYPE, True, "timestamp")],
        ),
        (
            "ApproveAssignment",
            {"AssignmentId": "3", "OverrideRejection": 1},
            [Violation(("OverrideRejection",), Rule.TYPE, 1, "boolean")],
        ),
        (
            "NotifyWorkers",
            {**WORKERS, "WorkerIds": ["A1", "B1"]},
            [Violation(("WorkerIds", 2), Rule.PATTERN, "B1", "^A[A-Z0-9]+$")],
        ),
    ],
)
def test_violations(operation: str, document: Any, expected: list[Violation]) -> None:
    """Every broken rule is found once, with the way to the value, its bound, and in the model's order."""
    assert broken(operation, document) == expected


def test_every_violation_has_its_words() -> None:
    """Each rule's words name the bound where there is one."""
    assert Rule.LONG.value.format(bound=64) == "Member must have length less than or equal to 64"
    assert Rule.VALUES.value.format(bound="A, B") == "Member must satisfy enum value set: [A, B]"


def test_all_shapes_hang_together() -> None:
    """Every shape that a shape names exists, and only lists have items, only structures members."""
    for shape in SHAPES.values():
        assert (shape.item is not None) is (shape.kind is Kind.LIST)
        if shape.item is not None:
            assert shape.item in SHAPES
        for member in shape.members:
            assert shape.kind is Kind.STRUCTURE
            assert member.shape in SHAPES
        if shape.pattern is not None:
            assert pattern_of(shape.pattern) is pattern_of(shape.pattern)


def test_results() -> None:
    """An operation names the single member of its answer, if there is just one."""
    for operation in OPERATIONS.values():
        names = [member.python for member in operation.response.members]
        assert operation.has_output is bool(names)
        assert operation.result == (names[0] if len(names) == 1 else None)
        assert operation.takes_token is any(m.wire == "UniqueRequestToken" for m in operation.request.members)
    assert [name for name, each in OPERATIONS.items() if each.takes_token] == [
        "CreateAdditionalAssignmentsForHIT",
        "CreateHIT",
        "CreateHITWithHITType",
        "SendBonus",
    ]
