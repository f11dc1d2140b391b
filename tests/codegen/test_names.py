"""Names, one by one, and the facts about presence and bounds that the model leaves out."""

from __future__ import annotations

import re

import pytest

from aioturk._codegen import names
from aioturk._codegen.names import python_name
from aioturk._generated.tables import OPERATIONS, SHAPES

OPERATION_NAMES = {
    "AcceptQualificationRequest": "accept_qualification_request",
    "ApproveAssignment": "approve_assignment",
    "AssociateQualificationWithWorker": "associate_qualification_with_worker",
    "CreateAdditionalAssignmentsForHIT": "create_additional_assignments_for_hit",
    "CreateHIT": "create_hit",
    "CreateHITType": "create_hit_type",
    "CreateHITWithHITType": "create_hit_with_hit_type",
    "CreateQualificationType": "create_qualification_type",
    "CreateWorkerBlock": "create_worker_block",
    "DeleteHIT": "delete_hit",
    "DeleteQualificationType": "delete_qualification_type",
    "DeleteWorkerBlock": "delete_worker_block",
    "DisassociateQualificationFromWorker": "disassociate_qualification_from_worker",
    "GetAccountBalance": "get_account_balance",
    "GetAssignment": "get_assignment",
    "GetFileUploadURL": "get_file_upload_url",
    "GetHIT": "get_hit",
    "GetQualificationScore": "get_qualification_score",
    "GetQualificationType": "get_qualification_type",
    "ListAssignmentsForHIT": "list_assignments_for_hit",
    "ListBonusPayments": "list_bonus_payments",
    "ListHITs": "list_hits",
    "ListHITsForQualificationType": "list_hits_for_qualification_type",
    "ListQualificationRequests": "list_qualification_requests",
    "ListQualificationTypes": "list_qualification_types",
    "ListReviewPolicyResultsForHIT": "list_review_policy_results_for_hit",
    "ListReviewableHITs": "list_reviewable_hits",
    "ListWorkerBlocks": "list_worker_blocks",
    "ListWorkersWithQualificationType": "list_workers_with_qualification_type",
    "NotifyWorkers": "notify_workers",
    "RejectAssignment": "reject_assignment",
    "RejectQualificationRequest": "reject_qualification_request",
    "SendBonus": "send_bonus",
    "SendTestEventNotification": "send_test_event_notification",
    "UpdateExpirationForHIT": "update_expiration_for_hit",
    "UpdateHITReviewStatus": "update_hit_review_status",
    "UpdateHITTypeOfHIT": "update_hit_type_of_hit",
    "UpdateNotificationSettings": "update_notification_settings",
    "UpdateQualificationType": "update_qualification_type",
}
MEMBER_NAMES = {
    "HITId": "hit_id",
    "HITTypeId": "hit_type_id",
    "HITGroupId": "hit_group_id",
    "HITLayoutId": "hit_layout_id",
    "HITLayoutParameters": "hit_layout_parameters",
    "HITReviewPolicy": "hit_review_policy",
    "HITReviewReport": "hit_review_report",
    "HITReviewStatus": "hit_review_status",
    "HITStatus": "hit_status",
    "HITs": "hits",
    "HIT": "hit",
    "FileUploadURL": "file_upload_url",
    "RequesterAnnotation": "requester_annotation",
    "NumResults": "num_results",
    "LifetimeInSeconds": "lifetime",
    "AssignmentDurationInSeconds": "assignment_duration",
    "AutoApprovalDelayInSeconds": "auto_approval_delay",
    "RetryDelayInSeconds": "retry_delay",
    "TestDurationInSeconds": "test_duration",
}


@pytest.mark.parametrize(("wire", "python"), [*OPERATION_NAMES.items(), *MEMBER_NAMES.items()])
def test_names(wire: str, python: str) -> None:
    """Acronyms read as words, and durations lose their unit."""
    assert python_name(wire) == python


def test_all_operations_are_in_the_list() -> None:
    """The list above has every operation."""
    assert {name: operation.python for name, operation in OPERATIONS.items()} == OPERATION_NAMES


def test_every_member_reads_well() -> None:
    """No name has a lone letter, a capital, or a doubled underscore, and no two members of a structure share one."""
    for shape in SHAPES.values():
        pythons = [member.python for member in shape.members]
        assert len(set(pythons)) == len(pythons)
        for member in shape.members:
            assert re.fullmatch("[a-z]{2,}(_[a-z]{2,})*", member.python), member.python
            assert member.python == python_name(member.wire)


def test_every_member_with_an_acronym_or_a_unit_is_in_the_list() -> None:
    """The names that need care are all tested above."""
    for shape in SHAPES.values():
        for member in shape.members:
            if re.search("HIT|URL|InSeconds|[A-Z]{3}", member.wire):
                assert member.wire in MEMBER_NAMES
            assert names.is_duration(member.wire) is member.wire.endswith("InSeconds")


# As the service's manual and its answers have it: members that are left out when they have no value.
SOMETIMES = {
    "HIT": {"HITLayoutId", "Question", "Keywords", "RequesterAnnotation"},
    "Assignment": {"ApprovalTime", "RejectionTime", "Deadline", "RequesterFeedback"},
    "QualificationType": {
        "Keywords",
        "Test",
        "TestDurationInSeconds",
        "AnswerKey",
        "RetryDelayInSeconds",
        "AutoGrantedValue",
    },
    "Qualification": {"IntegerValue", "LocaleValue"},
    "QualificationRequest": {"Test", "Answer"},
    "BonusPayment": {"Reason"},
    "WorkerBlock": set(),
    "NotifyWorkersFailureStatus": set(),
}


@pytest.mark.parametrize("structure", SOMETIMES)
def test_presence(structure: str) -> None:
    """Attributes are optional exactly where the service leaves members out; lists and keywords are empty instead."""
    from aioturk._generated import shapes

    kind = getattr(shapes, structure)
    wire = dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))
    needed = {wire[name] for name in kind.__struct_fields__[: len(wire)] if is_needed(kind, name)}
    lists = {member.wire for member in SHAPES[structure].members if member.always}
    assert set(wire.values()) - needed - lists == SOMETIMES[structure]


def is_needed(kind: type, name: str) -> bool:
    """Whether a structure cannot be made without a member."""
    import msgspec

    return next(each.required for each in msgspec.structs.fields(kind) if each.name == name)


def test_the_last_page_needs_no_token() -> None:
    """Every page can be made without a token, since the last one has none."""
    from aioturk._generated import shapes

    for name, operation in OPERATIONS.items():
        if any(member.wire == "NextToken" for member in operation.response.members):
            assert not is_needed(getattr(shapes, f"{name}Response"), "next_token"), name


def test_tables_name_what_exists() -> None:
    """No entry of the tables is about a structure or member that the model does not have."""
    for structure, members in names.OPTIONAL.items():
        assert set(members) <= {member.wire for member in SHAPES[structure].members}
    for structure, limits in names.LIMITS.items():
        assert set(limits) <= {member.wire for member in SHAPES[structure].members}
    for structure, member in {*names.LIST_ITEMS, *names.ALWAYS_PRESENT_LISTS}:
        assert member in {each.wire for each in SHAPES[structure].members}


def test_manual_pages() -> None:
    """The manual has a page for each operation and each structure."""
    root = "https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_"
    assert names.manual_page("CreateHIT") == f"{root}CreateHITOperation.html"
    assert names.manual_page("HIT", structure=True) == f"{root}HITDataStructureArticle.html"
