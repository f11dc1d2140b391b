# Written by `python -m aioturk._codegen`: change that, not this.
# Amazon Mechanical Turk 2017-01-17; facts with SHA-256 6a34117b486ea85f.

"""
The service's shapes and operations as data, for converting arguments and judging requests.
"""

from __future__ import annotations

from collections.abc import Mapping

from aioturk._core.repetition import RetryClass
from aioturk._core.schema import Kind, Limit, Member, Operation, Shape

__all__ = ["OPERATIONS", "SHAPES"]

SHAPES: Mapping[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape(
            "AcceptQualificationRequestRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationRequestId", "qualification_request_id", "String", required=True),
                Member("IntegerValue", "integer_value", "Integer"),
            ),
        ),
        Shape("AcceptQualificationRequestResponse", Kind.STRUCTURE),
        Shape(
            "ApproveAssignmentRequest",
            Kind.STRUCTURE,
            members=(
                Member("AssignmentId", "assignment_id", "EntityId", required=True),
                Member("RequesterFeedback", "requester_feedback", "String", limit=Limit(None, 1024, "characters")),
                Member("OverrideRejection", "override_rejection", "Boolean"),
            ),
        ),
        Shape("ApproveAssignmentResponse", Kind.STRUCTURE),
        Shape(
            "Assignment",
            Kind.STRUCTURE,
            members=(
                Member("AssignmentId", "assignment_id", "EntityId"),
                Member("WorkerId", "worker_id", "CustomerId"),
                Member("HITId", "hit_id", "EntityId"),
                Member("AssignmentStatus", "assignment_status", "AssignmentStatus"),
                Member("AutoApprovalTime", "auto_approval_time", "Timestamp"),
                Member("AcceptTime", "accept_time", "Timestamp"),
                Member("SubmitTime", "submit_time", "Timestamp"),
                Member("ApprovalTime", "approval_time", "Timestamp"),
                Member("RejectionTime", "rejection_time", "Timestamp"),
                Member("Deadline", "deadline", "Timestamp"),
                Member("Answer", "answer", "String"),
                Member("RequesterFeedback", "requester_feedback", "String"),
            ),
        ),
        Shape("AssignmentList", Kind.LIST, item="Assignment"),
        Shape("AssignmentStatus", Kind.STRING, values=("Submitted", "Approved", "Rejected")),
        Shape("AssignmentStatusList", Kind.LIST, item="AssignmentStatus"),
        Shape(
            "AssociateQualificationWithWorkerRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "EntityId", required=True),
                Member("WorkerId", "worker_id", "CustomerId", required=True),
                Member("IntegerValue", "integer_value", "Integer"),
                Member("SendNotification", "send_notification", "Boolean"),
            ),
        ),
        Shape("AssociateQualificationWithWorkerResponse", Kind.STRUCTURE),
        Shape(
            "BonusPayment",
            Kind.STRUCTURE,
            members=(
                Member("WorkerId", "worker_id", "CustomerId"),
                Member("BonusAmount", "bonus_amount", "CurrencyAmount"),
                Member("AssignmentId", "assignment_id", "EntityId"),
                Member("Reason", "reason", "String"),
                Member("GrantTime", "grant_time", "Timestamp"),
            ),
        ),
        Shape("BonusPaymentList", Kind.LIST, item="BonusPayment"),
        Shape("Boolean", Kind.BOOLEAN),
        Shape(
            "Comparator",
            Kind.STRING,
            values=(
                "LessThan",
                "LessThanOrEqualTo",
                "GreaterThan",
                "GreaterThanOrEqualTo",
                "EqualTo",
                "NotEqualTo",
                "Exists",
                "DoesNotExist",
                "In",
                "NotIn",
            ),
        ),
        Shape("CountryParameters", Kind.STRING, minimum=2, maximum=2),
        Shape(
            "CreateAdditionalAssignmentsForHITRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId", required=True),
                Member(
                    "NumberOfAdditionalAssignments",
                    "number_of_additional_assignments",
                    "Integer",
                    required=True,
                    limit=Limit(1, 1000000000, ""),
                ),
                Member("UniqueRequestToken", "unique_request_token", "IdempotencyToken"),
            ),
        ),
        Shape("CreateAdditionalAssignmentsForHITResponse", Kind.STRUCTURE),
        Shape(
            "CreateHITRequest",
            Kind.STRUCTURE,
            members=(
                Member("MaxAssignments", "max_assignments", "Integer", limit=Limit(1, 1000000000, "")),
                Member("AutoApprovalDelayInSeconds", "auto_approval_delay", "Long", limit=Limit(0, 2592000, "seconds")),
                Member("LifetimeInSeconds", "lifetime", "Long", required=True, limit=Limit(30, 31536000, "seconds")),
                Member(
                    "AssignmentDurationInSeconds",
                    "assignment_duration",
                    "Long",
                    required=True,
                    limit=Limit(30, 31536000, "seconds"),
                ),
                Member("Reward", "reward", "CurrencyAmount", required=True),
                Member("Title", "title", "String", required=True, limit=Limit(1, 128, "characters")),
                Member("Keywords", "keywords", "String", limit=Limit(None, 1000, "characters")),
                Member("Description", "description", "String", required=True, limit=Limit(1, 2000, "characters")),
                Member("Question", "question", "String", limit=Limit(1, 65535, "bytes")),
                Member("RequesterAnnotation", "requester_annotation", "String", limit=Limit(None, 255, "characters")),
                Member(
                    "QualificationRequirements",
                    "qualification_requirements",
                    "QualificationRequirementList",
                    limit=Limit(None, 10, "items"),
                ),
                Member("UniqueRequestToken", "unique_request_token", "IdempotencyToken"),
                Member("AssignmentReviewPolicy", "assignment_review_policy", "ReviewPolicy"),
                Member("HITReviewPolicy", "hit_review_policy", "ReviewPolicy"),
                Member("HITLayoutId", "hit_layout_id", "EntityId"),
                Member("HITLayoutParameters", "hit_layout_parameters", "HITLayoutParameterList"),
            ),
        ),
        Shape(
            "CreateHITResponse",
            Kind.STRUCTURE,
            members=(Member("HIT", "hit", "HIT"),),
        ),
        Shape(
            "CreateHITTypeRequest",
            Kind.STRUCTURE,
            members=(
                Member("AutoApprovalDelayInSeconds", "auto_approval_delay", "Long", limit=Limit(0, 2592000, "seconds")),
                Member(
                    "AssignmentDurationInSeconds",
                    "assignment_duration",
                    "Long",
                    required=True,
                    limit=Limit(30, 31536000, "seconds"),
                ),
                Member("Reward", "reward", "CurrencyAmount", required=True),
                Member("Title", "title", "String", required=True, limit=Limit(1, 128, "characters")),
                Member("Keywords", "keywords", "String", limit=Limit(None, 1000, "characters")),
                Member("Description", "description", "String", required=True, limit=Limit(1, 2000, "characters")),
                Member(
                    "QualificationRequirements",
                    "qualification_requirements",
                    "QualificationRequirementList",
                    limit=Limit(None, 10, "items"),
                ),
            ),
        ),
        Shape(
            "CreateHITTypeResponse",
            Kind.STRUCTURE,
            members=(Member("HITTypeId", "hit_type_id", "EntityId"),),
        ),
        Shape(
            "CreateHITWithHITTypeRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITTypeId", "hit_type_id", "EntityId", required=True),
                Member("MaxAssignments", "max_assignments", "Integer", limit=Limit(1, 1000000000, "")),
                Member("LifetimeInSeconds", "lifetime", "Long", required=True, limit=Limit(30, 31536000, "seconds")),
                Member("Question", "question", "String", limit=Limit(1, 65535, "bytes")),
                Member("RequesterAnnotation", "requester_annotation", "String", limit=Limit(None, 255, "characters")),
                Member("UniqueRequestToken", "unique_request_token", "IdempotencyToken"),
                Member("AssignmentReviewPolicy", "assignment_review_policy", "ReviewPolicy"),
                Member("HITReviewPolicy", "hit_review_policy", "ReviewPolicy"),
                Member("HITLayoutId", "hit_layout_id", "EntityId"),
                Member("HITLayoutParameters", "hit_layout_parameters", "HITLayoutParameterList"),
            ),
        ),
        Shape(
            "CreateHITWithHITTypeResponse",
            Kind.STRUCTURE,
            members=(Member("HIT", "hit", "HIT"),),
        ),
        Shape(
            "CreateQualificationTypeRequest",
            Kind.STRUCTURE,
            members=(
                Member("Name", "name", "String", required=True, limit=Limit(1, None, "characters")),
                Member("Keywords", "keywords", "String", limit=Limit(None, 1000, "characters")),
                Member("Description", "description", "String", required=True, limit=Limit(1, 2000, "characters")),
                Member(
                    "QualificationTypeStatus", "qualification_type_status", "QualificationTypeStatus", required=True
                ),
                Member("RetryDelayInSeconds", "retry_delay", "Long", limit=Limit(0, None, "seconds")),
                Member("Test", "test", "String", limit=Limit(1, 65535, "bytes")),
                Member("AnswerKey", "answer_key", "String", limit=Limit(1, 65535, "bytes")),
                Member("TestDurationInSeconds", "test_duration", "Long", limit=Limit(1, 31536000, "seconds")),
                Member("AutoGranted", "auto_granted", "Boolean"),
                Member("AutoGrantedValue", "auto_granted_value", "Integer"),
            ),
        ),
        Shape(
            "CreateQualificationTypeResponse",
            Kind.STRUCTURE,
            members=(Member("QualificationType", "qualification_type", "QualificationType"),),
        ),
        Shape(
            "CreateWorkerBlockRequest",
            Kind.STRUCTURE,
            members=(
                Member("WorkerId", "worker_id", "CustomerId", required=True),
                Member("Reason", "reason", "String", required=True),
            ),
        ),
        Shape("CreateWorkerBlockResponse", Kind.STRUCTURE),
        Shape("CurrencyAmount", Kind.STRING, pattern="^[0-9]+(\\.)?[0-9]{0,2}$"),
        Shape("CustomerId", Kind.STRING, minimum=1, maximum=64, pattern="^A[A-Z0-9]+$"),
        Shape("CustomerIdList", Kind.LIST, item="CustomerId"),
        Shape(
            "DeleteHITRequest",
            Kind.STRUCTURE,
            members=(Member("HITId", "hit_id", "EntityId", required=True),),
        ),
        Shape("DeleteHITResponse", Kind.STRUCTURE),
        Shape(
            "DeleteQualificationTypeRequest",
            Kind.STRUCTURE,
            members=(Member("QualificationTypeId", "qualification_type_id", "EntityId", required=True),),
        ),
        Shape("DeleteQualificationTypeResponse", Kind.STRUCTURE),
        Shape(
            "DeleteWorkerBlockRequest",
            Kind.STRUCTURE,
            members=(
                Member("WorkerId", "worker_id", "CustomerId", required=True),
                Member("Reason", "reason", "String"),
            ),
        ),
        Shape("DeleteWorkerBlockResponse", Kind.STRUCTURE),
        Shape(
            "DisassociateQualificationFromWorkerRequest",
            Kind.STRUCTURE,
            members=(
                Member("WorkerId", "worker_id", "CustomerId", required=True),
                Member("QualificationTypeId", "qualification_type_id", "EntityId", required=True),
                Member("Reason", "reason", "String"),
            ),
        ),
        Shape("DisassociateQualificationFromWorkerResponse", Kind.STRUCTURE),
        Shape("EntityId", Kind.STRING, minimum=1, maximum=64, pattern="^[A-Z0-9]+$"),
        Shape(
            "EventType",
            Kind.STRING,
            values=(
                "AssignmentAccepted",
                "AssignmentAbandoned",
                "AssignmentReturned",
                "AssignmentSubmitted",
                "AssignmentRejected",
                "AssignmentApproved",
                "HITCreated",
                "HITExpired",
                "HITReviewable",
                "HITExtended",
                "HITDisposed",
                "Ping",
            ),
        ),
        Shape("EventTypeList", Kind.LIST, item="EventType"),
        Shape("ExceptionMessage", Kind.STRING),
        Shape("GetAccountBalanceRequest", Kind.STRUCTURE),
        Shape(
            "GetAccountBalanceResponse",
            Kind.STRUCTURE,
            members=(
                Member("AvailableBalance", "available_balance", "CurrencyAmount"),
                Member("OnHoldBalance", "on_hold_balance", "CurrencyAmount"),
            ),
        ),
        Shape(
            "GetAssignmentRequest",
            Kind.STRUCTURE,
            members=(Member("AssignmentId", "assignment_id", "EntityId", required=True),),
        ),
        Shape(
            "GetAssignmentResponse",
            Kind.STRUCTURE,
            members=(
                Member("Assignment", "assignment", "Assignment"),
                Member("HIT", "hit", "HIT"),
            ),
        ),
        Shape(
            "GetFileUploadURLRequest",
            Kind.STRUCTURE,
            members=(
                Member("AssignmentId", "assignment_id", "EntityId", required=True),
                Member("QuestionIdentifier", "question_identifier", "String", required=True),
            ),
        ),
        Shape(
            "GetFileUploadURLResponse",
            Kind.STRUCTURE,
            members=(Member("FileUploadURL", "file_upload_url", "String"),),
        ),
        Shape(
            "GetHITRequest",
            Kind.STRUCTURE,
            members=(Member("HITId", "hit_id", "EntityId", required=True),),
        ),
        Shape(
            "GetHITResponse",
            Kind.STRUCTURE,
            members=(Member("HIT", "hit", "HIT"),),
        ),
        Shape(
            "GetQualificationScoreRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "EntityId", required=True),
                Member("WorkerId", "worker_id", "CustomerId", required=True),
            ),
        ),
        Shape(
            "GetQualificationScoreResponse",
            Kind.STRUCTURE,
            members=(Member("Qualification", "qualification", "Qualification"),),
        ),
        Shape(
            "GetQualificationTypeRequest",
            Kind.STRUCTURE,
            members=(Member("QualificationTypeId", "qualification_type_id", "EntityId", required=True),),
        ),
        Shape(
            "GetQualificationTypeResponse",
            Kind.STRUCTURE,
            members=(Member("QualificationType", "qualification_type", "QualificationType"),),
        ),
        Shape(
            "HIT",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId"),
                Member("HITTypeId", "hit_type_id", "EntityId"),
                Member("HITGroupId", "hit_group_id", "EntityId"),
                Member("HITLayoutId", "hit_layout_id", "EntityId"),
                Member("CreationTime", "creation_time", "Timestamp"),
                Member("Title", "title", "String"),
                Member("Description", "description", "String"),
                Member("Question", "question", "String"),
                Member("Keywords", "keywords", "String"),
                Member("HITStatus", "hit_status", "HITStatus"),
                Member("MaxAssignments", "max_assignments", "Integer"),
                Member("Reward", "reward", "CurrencyAmount"),
                Member("AutoApprovalDelayInSeconds", "auto_approval_delay", "Long"),
                Member("Expiration", "expiration", "Timestamp"),
                Member("AssignmentDurationInSeconds", "assignment_duration", "Long"),
                Member("RequesterAnnotation", "requester_annotation", "String"),
                Member(
                    "QualificationRequirements",
                    "qualification_requirements",
                    "QualificationRequirementList",
                    always=True,
                ),
                Member("HITReviewStatus", "hit_review_status", "HITReviewStatus"),
                Member("NumberOfAssignmentsPending", "number_of_assignments_pending", "Integer"),
                Member("NumberOfAssignmentsAvailable", "number_of_assignments_available", "Integer"),
                Member("NumberOfAssignmentsCompleted", "number_of_assignments_completed", "Integer"),
            ),
        ),
        Shape("HITAccessActions", Kind.STRING, values=("Accept", "PreviewAndAccept", "DiscoverPreviewAndAccept")),
        Shape(
            "HITLayoutParameter",
            Kind.STRUCTURE,
            members=(
                Member("Name", "name", "String", required=True),
                Member("Value", "value", "String", required=True),
            ),
        ),
        Shape("HITLayoutParameterList", Kind.LIST, item="HITLayoutParameter"),
        Shape("HITList", Kind.LIST, item="HIT"),
        Shape(
            "HITReviewStatus",
            Kind.STRING,
            values=("NotReviewed", "MarkedForReview", "ReviewedAppropriate", "ReviewedInappropriate"),
        ),
        Shape("HITStatus", Kind.STRING, values=("Assignable", "Unassignable", "Reviewable", "Reviewing", "Disposed")),
        Shape("IdempotencyToken", Kind.STRING, minimum=1, maximum=64),
        Shape("Integer", Kind.INTEGER),
        Shape("IntegerList", Kind.LIST, item="Integer"),
        Shape(
            "ListAssignmentsForHITRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId", required=True),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
                Member("AssignmentStatuses", "assignment_statuses", "AssignmentStatusList"),
            ),
        ),
        Shape(
            "ListAssignmentsForHITResponse",
            Kind.STRUCTURE,
            members=(
                Member("NextToken", "next_token", "PaginationToken"),
                Member("NumResults", "num_results", "Integer"),
                Member("Assignments", "assignments", "AssignmentList", always=True),
            ),
        ),
        Shape(
            "ListBonusPaymentsRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId"),
                Member("AssignmentId", "assignment_id", "EntityId"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListBonusPaymentsResponse",
            Kind.STRUCTURE,
            members=(
                Member("NumResults", "num_results", "Integer"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("BonusPayments", "bonus_payments", "BonusPaymentList", always=True),
            ),
        ),
        Shape(
            "ListHITsForQualificationTypeRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "EntityId", required=True),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListHITsForQualificationTypeResponse",
            Kind.STRUCTURE,
            members=(
                Member("NextToken", "next_token", "PaginationToken"),
                Member("NumResults", "num_results", "Integer"),
                Member("HITs", "hits", "HITList", always=True),
            ),
        ),
        Shape(
            "ListHITsRequest",
            Kind.STRUCTURE,
            members=(
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListHITsResponse",
            Kind.STRUCTURE,
            members=(
                Member("NextToken", "next_token", "PaginationToken"),
                Member("NumResults", "num_results", "Integer"),
                Member("HITs", "hits", "HITList", always=True),
            ),
        ),
        Shape(
            "ListQualificationRequestsRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "EntityId"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListQualificationRequestsResponse",
            Kind.STRUCTURE,
            members=(
                Member("NumResults", "num_results", "Integer"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("QualificationRequests", "qualification_requests", "QualificationRequestList", always=True),
            ),
        ),
        Shape(
            "ListQualificationTypesRequest",
            Kind.STRUCTURE,
            members=(
                Member("Query", "query", "String"),
                Member("MustBeRequestable", "must_be_requestable", "Boolean", required=True),
                Member("MustBeOwnedByCaller", "must_be_owned_by_caller", "Boolean"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListQualificationTypesResponse",
            Kind.STRUCTURE,
            members=(
                Member("NumResults", "num_results", "Integer"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("QualificationTypes", "qualification_types", "QualificationTypeList", always=True),
            ),
        ),
        Shape(
            "ListReviewPolicyResultsForHITRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId", required=True),
                Member("PolicyLevels", "policy_levels", "ReviewPolicyLevelList"),
                Member("RetrieveActions", "retrieve_actions", "Boolean"),
                Member("RetrieveResults", "retrieve_results", "Boolean"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListReviewPolicyResultsForHITResponse",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId"),
                Member("AssignmentReviewPolicy", "assignment_review_policy", "ReviewPolicy"),
                Member("HITReviewPolicy", "hit_review_policy", "ReviewPolicy"),
                Member("AssignmentReviewReport", "assignment_review_report", "ReviewReport"),
                Member("HITReviewReport", "hit_review_report", "ReviewReport"),
                Member("NextToken", "next_token", "PaginationToken"),
            ),
        ),
        Shape(
            "ListReviewableHITsRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITTypeId", "hit_type_id", "EntityId"),
                Member("Status", "status", "ReviewableHITStatus"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListReviewableHITsResponse",
            Kind.STRUCTURE,
            members=(
                Member("NextToken", "next_token", "PaginationToken"),
                Member("NumResults", "num_results", "Integer"),
                Member("HITs", "hits", "HITList", always=True),
            ),
        ),
        Shape(
            "ListWorkerBlocksRequest",
            Kind.STRUCTURE,
            members=(
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListWorkerBlocksResponse",
            Kind.STRUCTURE,
            members=(
                Member("NextToken", "next_token", "PaginationToken"),
                Member("NumResults", "num_results", "Integer"),
                Member("WorkerBlocks", "worker_blocks", "WorkerBlockList", always=True),
            ),
        ),
        Shape(
            "ListWorkersWithQualificationTypeRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "EntityId", required=True),
                Member("Status", "status", "QualificationStatus"),
                Member("NextToken", "next_token", "PaginationToken"),
                Member("MaxResults", "max_results", "ResultSize"),
            ),
        ),
        Shape(
            "ListWorkersWithQualificationTypeResponse",
            Kind.STRUCTURE,
            members=(
                Member("NextToken", "next_token", "PaginationToken"),
                Member("NumResults", "num_results", "Integer"),
                Member("Qualifications", "qualifications", "QualificationList", always=True),
            ),
        ),
        Shape(
            "Locale",
            Kind.STRUCTURE,
            members=(
                Member("Country", "country", "CountryParameters", required=True),
                Member("Subdivision", "subdivision", "CountryParameters"),
            ),
        ),
        Shape("LocaleList", Kind.LIST, item="Locale"),
        Shape("Long", Kind.INTEGER),
        Shape(
            "NotificationSpecification",
            Kind.STRUCTURE,
            members=(
                Member("Destination", "destination", "String", required=True),
                Member("Transport", "transport", "NotificationTransport", required=True),
                Member("Version", "version", "String", required=True),
                Member("EventTypes", "event_types", "EventTypeList", required=True),
            ),
        ),
        Shape("NotificationTransport", Kind.STRING, values=("Email", "SQS", "SNS")),
        Shape("NotifyWorkersFailureCode", Kind.STRING, values=("SoftFailure", "HardFailure")),
        Shape(
            "NotifyWorkersFailureStatus",
            Kind.STRUCTURE,
            members=(
                Member("NotifyWorkersFailureCode", "notify_workers_failure_code", "NotifyWorkersFailureCode"),
                Member("NotifyWorkersFailureMessage", "notify_workers_failure_message", "String"),
                Member("WorkerId", "worker_id", "CustomerId"),
            ),
        ),
        Shape("NotifyWorkersFailureStatusList", Kind.LIST, item="NotifyWorkersFailureStatus"),
        Shape(
            "NotifyWorkersRequest",
            Kind.STRUCTURE,
            members=(
                Member("Subject", "subject", "String", required=True, limit=Limit(1, 200, "characters")),
                Member("MessageText", "message_text", "String", required=True, limit=Limit(1, 4096, "characters")),
                Member("WorkerIds", "worker_ids", "CustomerIdList", required=True, limit=Limit(1, 100, "items")),
            ),
        ),
        Shape(
            "NotifyWorkersResponse",
            Kind.STRUCTURE,
            members=(
                Member(
                    "NotifyWorkersFailureStatuses",
                    "notify_workers_failure_statuses",
                    "NotifyWorkersFailureStatusList",
                    always=True,
                ),
            ),
        ),
        Shape("PaginationToken", Kind.STRING, minimum=1, maximum=255),
        Shape(
            "ParameterMapEntry",
            Kind.STRUCTURE,
            members=(
                Member("Key", "key", "String"),
                Member("Values", "values", "StringList"),
            ),
        ),
        Shape("ParameterMapEntryList", Kind.LIST, item="ParameterMapEntry"),
        Shape(
            "PolicyParameter",
            Kind.STRUCTURE,
            members=(
                Member("Key", "key", "String"),
                Member("Values", "values", "StringList"),
                Member("MapEntries", "map_entries", "ParameterMapEntryList"),
            ),
        ),
        Shape("PolicyParameterList", Kind.LIST, item="PolicyParameter"),
        Shape(
            "Qualification",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "EntityId"),
                Member("WorkerId", "worker_id", "CustomerId"),
                Member("GrantTime", "grant_time", "Timestamp"),
                Member("IntegerValue", "integer_value", "Integer"),
                Member("LocaleValue", "locale_value", "Locale"),
                Member("Status", "status", "QualificationStatus"),
            ),
        ),
        Shape("QualificationList", Kind.LIST, item="Qualification"),
        Shape(
            "QualificationRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationRequestId", "qualification_request_id", "String"),
                Member("QualificationTypeId", "qualification_type_id", "EntityId"),
                Member("WorkerId", "worker_id", "CustomerId"),
                Member("Test", "test", "String"),
                Member("Answer", "answer", "String"),
                Member("SubmitTime", "submit_time", "Timestamp"),
            ),
        ),
        Shape("QualificationRequestList", Kind.LIST, item="QualificationRequest"),
        Shape(
            "QualificationRequirement",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "String", required=True),
                Member("Comparator", "comparator", "Comparator", required=True),
                Member("IntegerValues", "integer_values", "IntegerList"),
                Member("LocaleValues", "locale_values", "LocaleList"),
                Member("RequiredToPreview", "required_to_preview", "Boolean"),
                Member("ActionsGuarded", "actions_guarded", "HITAccessActions"),
            ),
        ),
        Shape("QualificationRequirementList", Kind.LIST, item="QualificationRequirement"),
        Shape("QualificationStatus", Kind.STRING, values=("Granted", "Revoked")),
        Shape(
            "QualificationType",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "EntityId"),
                Member("CreationTime", "creation_time", "Timestamp"),
                Member("Name", "name", "String"),
                Member("Description", "description", "String"),
                Member("Keywords", "keywords", "String"),
                Member("QualificationTypeStatus", "qualification_type_status", "QualificationTypeStatus"),
                Member("Test", "test", "String"),
                Member("TestDurationInSeconds", "test_duration", "Long"),
                Member("AnswerKey", "answer_key", "String"),
                Member("RetryDelayInSeconds", "retry_delay", "Long"),
                Member("IsRequestable", "is_requestable", "Boolean"),
                Member("AutoGranted", "auto_granted", "Boolean"),
                Member("AutoGrantedValue", "auto_granted_value", "Integer"),
            ),
        ),
        Shape("QualificationTypeList", Kind.LIST, item="QualificationType"),
        Shape("QualificationTypeStatus", Kind.STRING, values=("Active", "Inactive")),
        Shape(
            "RejectAssignmentRequest",
            Kind.STRUCTURE,
            members=(
                Member("AssignmentId", "assignment_id", "EntityId", required=True),
                Member(
                    "RequesterFeedback",
                    "requester_feedback",
                    "String",
                    required=True,
                    limit=Limit(1, 1024, "characters"),
                ),
            ),
        ),
        Shape("RejectAssignmentResponse", Kind.STRUCTURE),
        Shape(
            "RejectQualificationRequestRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationRequestId", "qualification_request_id", "String", required=True),
                Member("Reason", "reason", "String"),
            ),
        ),
        Shape("RejectQualificationRequestResponse", Kind.STRUCTURE),
        Shape("ResultSize", Kind.INTEGER, minimum=1, maximum=100),
        Shape(
            "ReviewActionDetail",
            Kind.STRUCTURE,
            members=(
                Member("ActionId", "action_id", "EntityId"),
                Member("ActionName", "action_name", "String"),
                Member("TargetId", "target_id", "EntityId"),
                Member("TargetType", "target_type", "String"),
                Member("Status", "status", "ReviewActionStatus"),
                Member("CompleteTime", "complete_time", "Timestamp"),
                Member("Result", "result", "String"),
                Member("ErrorCode", "error_code", "String"),
            ),
        ),
        Shape("ReviewActionDetailList", Kind.LIST, item="ReviewActionDetail"),
        Shape("ReviewActionStatus", Kind.STRING, values=("Intended", "Succeeded", "Failed", "Cancelled")),
        Shape(
            "ReviewPolicy",
            Kind.STRUCTURE,
            members=(
                Member("PolicyName", "policy_name", "String", required=True),
                Member("Parameters", "parameters", "PolicyParameterList"),
            ),
        ),
        Shape("ReviewPolicyLevel", Kind.STRING, values=("Assignment", "HIT")),
        Shape("ReviewPolicyLevelList", Kind.LIST, item="ReviewPolicyLevel"),
        Shape(
            "ReviewReport",
            Kind.STRUCTURE,
            members=(
                Member("ReviewResults", "review_results", "ReviewResultDetailList"),
                Member("ReviewActions", "review_actions", "ReviewActionDetailList"),
            ),
        ),
        Shape(
            "ReviewResultDetail",
            Kind.STRUCTURE,
            members=(
                Member("ActionId", "action_id", "EntityId"),
                Member("SubjectId", "subject_id", "EntityId"),
                Member("SubjectType", "subject_type", "String"),
                Member("QuestionId", "question_id", "EntityId"),
                Member("Key", "key", "String"),
                Member("Value", "value", "String"),
            ),
        ),
        Shape("ReviewResultDetailList", Kind.LIST, item="ReviewResultDetail"),
        Shape("ReviewableHITStatus", Kind.STRING, values=("Reviewable", "Reviewing")),
        Shape(
            "SendBonusRequest",
            Kind.STRUCTURE,
            members=(
                Member("WorkerId", "worker_id", "CustomerId", required=True),
                Member("BonusAmount", "bonus_amount", "CurrencyAmount", required=True),
                Member("AssignmentId", "assignment_id", "EntityId", required=True),
                Member("Reason", "reason", "String", required=True),
                Member("UniqueRequestToken", "unique_request_token", "IdempotencyToken"),
            ),
        ),
        Shape("SendBonusResponse", Kind.STRUCTURE),
        Shape(
            "SendTestEventNotificationRequest",
            Kind.STRUCTURE,
            members=(
                Member("Notification", "notification", "NotificationSpecification", required=True),
                Member("TestEventType", "test_event_type", "EventType", required=True),
            ),
        ),
        Shape("SendTestEventNotificationResponse", Kind.STRUCTURE),
        Shape("String", Kind.STRING),
        Shape("StringList", Kind.LIST, item="String"),
        Shape("Timestamp", Kind.TIMESTAMP),
        Shape("TurkErrorCode", Kind.STRING),
        Shape(
            "UpdateExpirationForHITRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId", required=True),
                Member("ExpireAt", "expire_at", "Timestamp", required=True),
            ),
        ),
        Shape("UpdateExpirationForHITResponse", Kind.STRUCTURE),
        Shape(
            "UpdateHITReviewStatusRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId", required=True),
                Member("Revert", "revert", "Boolean"),
            ),
        ),
        Shape("UpdateHITReviewStatusResponse", Kind.STRUCTURE),
        Shape(
            "UpdateHITTypeOfHITRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITId", "hit_id", "EntityId", required=True),
                Member("HITTypeId", "hit_type_id", "EntityId", required=True),
            ),
        ),
        Shape("UpdateHITTypeOfHITResponse", Kind.STRUCTURE),
        Shape(
            "UpdateNotificationSettingsRequest",
            Kind.STRUCTURE,
            members=(
                Member("HITTypeId", "hit_type_id", "EntityId", required=True),
                Member("Notification", "notification", "NotificationSpecification"),
                Member("Active", "active", "Boolean"),
            ),
        ),
        Shape("UpdateNotificationSettingsResponse", Kind.STRUCTURE),
        Shape(
            "UpdateQualificationTypeRequest",
            Kind.STRUCTURE,
            members=(
                Member("QualificationTypeId", "qualification_type_id", "EntityId", required=True),
                Member("Description", "description", "String", limit=Limit(1, 2000, "characters")),
                Member("QualificationTypeStatus", "qualification_type_status", "QualificationTypeStatus"),
                Member("Test", "test", "String", limit=Limit(1, 65535, "bytes")),
                Member("AnswerKey", "answer_key", "String", limit=Limit(1, 65535, "bytes")),
                Member("TestDurationInSeconds", "test_duration", "Long", limit=Limit(1, 31536000, "seconds")),
                Member("RetryDelayInSeconds", "retry_delay", "Long", limit=Limit(0, None, "seconds")),
                Member("AutoGranted", "auto_granted", "Boolean"),
                Member("AutoGrantedValue", "auto_granted_value", "Integer"),
            ),
        ),
        Shape(
            "UpdateQualificationTypeResponse",
            Kind.STRUCTURE,
            members=(Member("QualificationType", "qualification_type", "QualificationType"),),
        ),
        Shape(
            "WorkerBlock",
            Kind.STRUCTURE,
            members=(
                Member("WorkerId", "worker_id", "CustomerId"),
                Member("Reason", "reason", "String"),
            ),
        ),
        Shape("WorkerBlockList", Kind.LIST, item="WorkerBlock"),
    )
}


def _operation(
    name: str,
    python: str,
    retry_class: RetryClass,
    *,
    result: str | None = None,
    has_output: bool = True,
    takes_token: bool = False,
) -> Operation:
    return Operation(
        name=name,
        python=python,
        request=SHAPES[name + "Request"],
        response=SHAPES[name + "Response"],
        retry_class=retry_class,
        result=result,
        has_output=has_output,
        takes_token=takes_token,
    )


ACCEPT_QUALIFICATION_REQUEST = _operation(
    "AcceptQualificationRequest", "accept_qualification_request", RetryClass.UNPROVABLE, has_output=False
)
APPROVE_ASSIGNMENT = _operation("ApproveAssignment", "approve_assignment", RetryClass.SETTLED, has_output=False)
ASSOCIATE_QUALIFICATION_WITH_WORKER = _operation(
    "AssociateQualificationWithWorker", "associate_qualification_with_worker", RetryClass.HARMLESS, has_output=False
)
CREATE_ADDITIONAL_ASSIGNMENTS_FOR_HIT = _operation(
    "CreateAdditionalAssignmentsForHIT",
    "create_additional_assignments_for_hit",
    RetryClass.TOKEN,
    has_output=False,
    takes_token=True,
)
CREATE_HIT = _operation("CreateHIT", "create_hit", RetryClass.TOKEN, result="hit", takes_token=True)
CREATE_HIT_TYPE = _operation("CreateHITType", "create_hit_type", RetryClass.HARMLESS, result="hit_type_id")
CREATE_HIT_WITH_HIT_TYPE = _operation(
    "CreateHITWithHITType", "create_hit_with_hit_type", RetryClass.TOKEN, result="hit", takes_token=True
)
CREATE_QUALIFICATION_TYPE = _operation(
    "CreateQualificationType", "create_qualification_type", RetryClass.SETTLED, result="qualification_type"
)
CREATE_WORKER_BLOCK = _operation("CreateWorkerBlock", "create_worker_block", RetryClass.HARMLESS, has_output=False)
DELETE_HIT = _operation("DeleteHIT", "delete_hit", RetryClass.SETTLED, has_output=False)
DELETE_QUALIFICATION_TYPE = _operation(
    "DeleteQualificationType", "delete_qualification_type", RetryClass.SETTLED, has_output=False
)
DELETE_WORKER_BLOCK = _operation("DeleteWorkerBlock", "delete_worker_block", RetryClass.HARMLESS, has_output=False)
DISASSOCIATE_QUALIFICATION_FROM_WORKER = _operation(
    "DisassociateQualificationFromWorker",
    "disassociate_qualification_from_worker",
    RetryClass.SETTLED,
    has_output=False,
)
GET_ACCOUNT_BALANCE = _operation("GetAccountBalance", "get_account_balance", RetryClass.READ)
GET_ASSIGNMENT = _operation("GetAssignment", "get_assignment", RetryClass.READ)
GET_FILE_UPLOAD_URL = _operation("GetFileUploadURL", "get_file_upload_url", RetryClass.READ, result="file_upload_url")
GET_HIT = _operation("GetHIT", "get_hit", RetryClass.READ, result="hit")
GET_QUALIFICATION_SCORE = _operation(
    "GetQualificationScore", "get_qualification_score", RetryClass.READ, result="qualification"
)
GET_QUALIFICATION_TYPE = _operation(
    "GetQualificationType", "get_qualification_type", RetryClass.READ, result="qualification_type"
)
LIST_ASSIGNMENTS_FOR_HIT = _operation("ListAssignmentsForHIT", "list_assignments_for_hit", RetryClass.READ)
LIST_BONUS_PAYMENTS = _operation("ListBonusPayments", "list_bonus_payments", RetryClass.READ)
LIST_HITS = _operation("ListHITs", "list_hits", RetryClass.READ)
LIST_HITS_FOR_QUALIFICATION_TYPE = _operation(
    "ListHITsForQualificationType", "list_hits_for_qualification_type", RetryClass.READ
)
LIST_QUALIFICATION_REQUESTS = _operation("ListQualificationRequests", "list_qualification_requests", RetryClass.READ)
LIST_QUALIFICATION_TYPES = _operation("ListQualificationTypes", "list_qualification_types", RetryClass.READ)
LIST_REVIEW_POLICY_RESULTS_FOR_HIT = _operation(
    "ListReviewPolicyResultsForHIT", "list_review_policy_results_for_hit", RetryClass.READ
)
LIST_REVIEWABLE_HITS = _operation("ListReviewableHITs", "list_reviewable_hits", RetryClass.READ)
LIST_WORKER_BLOCKS = _operation("ListWorkerBlocks", "list_worker_blocks", RetryClass.READ)
LIST_WORKERS_WITH_QUALIFICATION_TYPE = _operation(
    "ListWorkersWithQualificationType", "list_workers_with_qualification_type", RetryClass.READ
)
NOTIFY_WORKERS = _operation(
    "NotifyWorkers", "notify_workers", RetryClass.ONCE, result="notify_workers_failure_statuses"
)
REJECT_ASSIGNMENT = _operation("RejectAssignment", "reject_assignment", RetryClass.SETTLED, has_output=False)
REJECT_QUALIFICATION_REQUEST = _operation(
    "RejectQualificationRequest", "reject_qualification_request", RetryClass.UNPROVABLE, has_output=False
)
SEND_BONUS = _operation("SendBonus", "send_bonus", RetryClass.TOKEN, has_output=False, takes_token=True)
SEND_TEST_EVENT_NOTIFICATION = _operation(
    "SendTestEventNotification", "send_test_event_notification", RetryClass.ONCE, has_output=False
)
UPDATE_EXPIRATION_FOR_HIT = _operation(
    "UpdateExpirationForHIT", "update_expiration_for_hit", RetryClass.SETTLED, has_output=False
)
UPDATE_HIT_REVIEW_STATUS = _operation(
    "UpdateHITReviewStatus", "update_hit_review_status", RetryClass.SETTLED, has_output=False
)
UPDATE_HIT_TYPE_OF_HIT = _operation(
    "UpdateHITTypeOfHIT", "update_hit_type_of_hit", RetryClass.SETTLED, has_output=False
)
UPDATE_NOTIFICATION_SETTINGS = _operation(
    "UpdateNotificationSettings", "update_notification_settings", RetryClass.HARMLESS, has_output=False
)
UPDATE_QUALIFICATION_TYPE = _operation(
    "UpdateQualificationType", "update_qualification_type", RetryClass.HARMLESS, result="qualification_type"
)

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        ACCEPT_QUALIFICATION_REQUEST,
        APPROVE_ASSIGNMENT,
        ASSOCIATE_QUALIFICATION_WITH_WORKER,
        CREATE_ADDITIONAL_ASSIGNMENTS_FOR_HIT,
        CREATE_HIT,
        CREATE_HIT_TYPE,
        CREATE_HIT_WITH_HIT_TYPE,
        CREATE_QUALIFICATION_TYPE,
        CREATE_WORKER_BLOCK,
        DELETE_HIT,
        DELETE_QUALIFICATION_TYPE,
        DELETE_WORKER_BLOCK,
        DISASSOCIATE_QUALIFICATION_FROM_WORKER,
        GET_ACCOUNT_BALANCE,
        GET_ASSIGNMENT,
        GET_FILE_UPLOAD_URL,
        GET_HIT,
        GET_QUALIFICATION_SCORE,
        GET_QUALIFICATION_TYPE,
        LIST_ASSIGNMENTS_FOR_HIT,
        LIST_BONUS_PAYMENTS,
        LIST_HITS,
        LIST_HITS_FOR_QUALIFICATION_TYPE,
        LIST_QUALIFICATION_REQUESTS,
        LIST_QUALIFICATION_TYPES,
        LIST_REVIEW_POLICY_RESULTS_FOR_HIT,
        LIST_REVIEWABLE_HITS,
        LIST_WORKER_BLOCKS,
        LIST_WORKERS_WITH_QUALIFICATION_TYPE,
        NOTIFY_WORKERS,
        REJECT_ASSIGNMENT,
        REJECT_QUALIFICATION_REQUEST,
        SEND_BONUS,
        SEND_TEST_EVENT_NOTIFICATION,
        UPDATE_EXPIRATION_FOR_HIT,
        UPDATE_HIT_REVIEW_STATUS,
        UPDATE_HIT_TYPE_OF_HIT,
        UPDATE_NOTIFICATION_SETTINGS,
        UPDATE_QUALIFICATION_TYPE,
    )
}
