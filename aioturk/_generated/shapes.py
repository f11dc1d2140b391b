# Written by `python -m aioturk._codegen`: change that, not this.
# Amazon Mechanical Turk 2017-01-17; facts with SHA-256 6a34117b486ea85f.

"""
The service's structures and enumerations, under Python names.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from msgspec import field

from aioturk._core.wire import Keywords, Moment, OpenEnum, Structure
from aioturk.answers.answered import Answered

__all__ = [
    "AcceptQualificationRequestRequest",
    "ApproveAssignmentRequest",
    "Assignment",
    "AssignmentStatus",
    "AssociateQualificationWithWorkerRequest",
    "BonusPayment",
    "Comparator",
    "CreateAdditionalAssignmentsForHITRequest",
    "CreateHITRequest",
    "CreateHITResponse",
    "CreateHITTypeRequest",
    "CreateHITTypeResponse",
    "CreateHITWithHITTypeRequest",
    "CreateHITWithHITTypeResponse",
    "CreateQualificationTypeRequest",
    "CreateQualificationTypeResponse",
    "CreateWorkerBlockRequest",
    "DeleteHITRequest",
    "DeleteQualificationTypeRequest",
    "DeleteWorkerBlockRequest",
    "DisassociateQualificationFromWorkerRequest",
    "EventType",
    "GetAccountBalanceRequest",
    "GetAccountBalanceResponse",
    "GetAssignmentRequest",
    "GetAssignmentResponse",
    "GetFileUploadURLRequest",
    "GetFileUploadURLResponse",
    "GetHITRequest",
    "GetHITResponse",
    "GetQualificationScoreRequest",
    "GetQualificationScoreResponse",
    "GetQualificationTypeRequest",
    "GetQualificationTypeResponse",
    "HIT",
    "HITAccessActions",
    "HITLayoutParameter",
    "HITReviewStatus",
    "HITStatus",
    "ListAssignmentsForHITRequest",
    "ListAssignmentsForHITResponse",
    "ListBonusPaymentsRequest",
    "ListBonusPaymentsResponse",
    "ListHITsForQualificationTypeRequest",
    "ListHITsForQualificationTypeResponse",
    "ListHITsRequest",
    "ListHITsResponse",
    "ListQualificationRequestsRequest",
    "ListQualificationRequestsResponse",
    "ListQualificationTypesRequest",
    "ListQualificationTypesResponse",
    "ListReviewPolicyResultsForHITRequest",
    "ListReviewPolicyResultsForHITResponse",
    "ListReviewableHITsRequest",
    "ListReviewableHITsResponse",
    "ListWorkerBlocksRequest",
    "ListWorkerBlocksResponse",
    "ListWorkersWithQualificationTypeRequest",
    "ListWorkersWithQualificationTypeResponse",
    "Locale",
    "NotificationSpecification",
    "NotificationTransport",
    "NotifyWorkersFailureCode",
    "NotifyWorkersFailureStatus",
    "NotifyWorkersRequest",
    "NotifyWorkersResponse",
    "ParameterMapEntry",
    "PolicyParameter",
    "Qualification",
    "QualificationRequest",
    "QualificationRequirement",
    "QualificationStatus",
    "QualificationType",
    "QualificationTypeStatus",
    "RejectAssignmentRequest",
    "RejectQualificationRequestRequest",
    "ReviewActionDetail",
    "ReviewActionStatus",
    "ReviewPolicy",
    "ReviewPolicyLevel",
    "ReviewReport",
    "ReviewResultDetail",
    "ReviewableHIT",
    "ReviewableHITStatus",
    "SendBonusRequest",
    "SendTestEventNotificationRequest",
    "UpdateExpirationForHITRequest",
    "UpdateHITReviewStatusRequest",
    "UpdateHITTypeOfHITRequest",
    "UpdateNotificationSettingsRequest",
    "UpdateQualificationTypeRequest",
    "UpdateQualificationTypeResponse",
    "WorkerBlock",
]


class AssignmentStatus(OpenEnum):
    """Whether submitted work awaits a decision, or what was decided."""

    SUBMITTED = "Submitted"
    """It awaits a decision."""
    APPROVED = "Approved"
    """It was approved, by you, by a policy or by time, and paid."""
    REJECTED = "Rejected"
    """It was rejected and not paid."""


class Comparator(OpenEnum):
    """How a worker's qualification is compared with what a HIT requires."""

    LESS_THAN = "LessThan"
    """The worker's value is less than the integer."""
    LESS_THAN_OR_EQUAL_TO = "LessThanOrEqualTo"
    """The worker's value is the integer or less."""
    GREATER_THAN = "GreaterThan"
    """The worker's value is greater than the integer."""
    GREATER_THAN_OR_EQUAL_TO = "GreaterThanOrEqualTo"
    """The worker's value is the integer or more."""
    EQUAL_TO = "EqualTo"
    """The worker's value is the integer, or the place."""
    NOT_EQUAL_TO = "NotEqualTo"
    """The worker has the qualification, and with another value."""
    EXISTS = "Exists"
    """The worker has the qualification, whatever its value."""
    DOES_NOT_EXIST = "DoesNotExist"
    """The worker does not have the qualification."""
    IN = "In"
    """The worker's value is one of those given."""
    NOT_IN = "NotIn"
    """The worker has the qualification, and its value is none of those given."""


class EventType(OpenEnum):
    """What has happened to a HIT or an assignment."""

    ASSIGNMENT_ACCEPTED = "AssignmentAccepted"
    """A worker accepted a HIT."""
    ASSIGNMENT_ABANDONED = "AssignmentAbandoned"
    """A worker let the deadline pass."""
    ASSIGNMENT_RETURNED = "AssignmentReturned"
    """A worker gave an accepted HIT back."""
    ASSIGNMENT_SUBMITTED = "AssignmentSubmitted"
    """A worker submitted work; it can be readable a moment later than this is heard."""
    ASSIGNMENT_REJECTED = "AssignmentRejected"
    """Work was rejected."""
    ASSIGNMENT_APPROVED = "AssignmentApproved"
    """Work was approved, by you, by a policy or by time."""
    HIT_CREATED = "HITCreated"
    """A HIT was made."""
    HIT_EXPIRED = "HITExpired"
    """A HIT's time ended before all its assignments were submitted."""
    HIT_REVIEWABLE = "HITReviewable"
    """A HIT became ``Reviewable``."""
    HIT_EXTENDED = "HITExtended"
    """A HIT was given more assignments or more time."""
    HIT_DISPOSED = "HITDisposed"
    """A HIT was deleted."""
    PING = "Ping"
    """Nothing happened; this is only for tests of a destination."""


class HITAccessActions(OpenEnum):
    """What a worker who fails a requirement cannot do."""

    ACCEPT = "Accept"
    """Accept the HIT."""
    PREVIEW_AND_ACCEPT = "PreviewAndAccept"
    """Look into the HIT, or accept it."""
    DISCOVER_PREVIEW_AND_ACCEPT = "DiscoverPreviewAndAccept"
    """Find the HIT at all, look into it, or accept it."""


class HITReviewStatus(OpenEnum):
    """What Amazon's own look at the content of a HIT came to."""

    NOT_REVIEWED = "NotReviewed"
    """Nobody has looked; every HIT begins so."""
    MARKED_FOR_REVIEW = "MarkedForReview"
    """Somebody is to look."""
    REVIEWED_APPROPRIATE = "ReviewedAppropriate"
    """The content was found to be in order."""
    REVIEWED_INAPPROPRIATE = "ReviewedInappropriate"
    """The content was found not to be in order."""


class HITStatus(OpenEnum):
    """Where a HIT is in its life."""

    ASSIGNABLE = "Assignable"
    """Workers can accept it."""
    UNASSIGNABLE = "Unassignable"
    """It cannot be accepted now, and workers who accepted it are still at work."""
    REVIEWABLE = "Reviewable"
    """Nobody is at work on it, and it cannot be accepted, because all is submitted or its time is over."""
    REVIEWING = "Reviewing"
    """Reviewable, and marked by you as being reviewed."""
    DISPOSED = "Disposed"
    """Deleted."""


class NotificationTransport(OpenEnum):
    """How messages about events travel."""

    EMAIL = "Email"
    """By e-mail; Amazon's manual no longer names it."""
    SQS = "SQS"
    """Through a queue of the Simple Queue Service."""
    SNS = "SNS"
    """Through a topic of the Simple Notification Service."""


class NotifyWorkersFailureCode(OpenEnum):
    """Whether notifying the worker again may help."""

    SOFT_FAILURE = "SoftFailure"
    """Another try may help."""
    HARD_FAILURE = "HardFailure"
    """Another try does not help; the worker has never worked for you, for example."""


class QualificationStatus(OpenEnum):
    """Whether a worker has a qualification."""

    GRANTED = "Granted"
    """The worker has it."""
    REVOKED = "Revoked"
    """The worker had it."""


class QualificationTypeStatus(OpenEnum):
    """Whether a qualification type is in use."""

    ACTIVE = "Active"
    """Workers can ask for it, and HITs can require it."""
    INACTIVE = "Inactive"
    """Nobody can ask for it, and new HITs cannot require it."""


class ReviewActionStatus(OpenEnum):
    """How far an action of a review policy has come."""

    INTENDED = "Intended"
    """It is going to be done."""
    SUCCEEDED = "Succeeded"
    """It was done, or there was no need to."""
    FAILED = "Failed"
    """It could not be done."""
    CANCELLED = "Cancelled"
    """It was given up."""


class ReviewPolicyLevel(OpenEnum):
    """What a review policy looks at."""

    ASSIGNMENT = "Assignment"
    """Each submission by itself."""
    HIT = "HIT"
    """All submissions of a HIT together."""


class ReviewableHITStatus(OpenEnum):
    """The two states that reviewable HITs are listed by."""

    REVIEWABLE = "Reviewable"
    """Nobody is at work on it, and it cannot be accepted."""
    REVIEWING = "Reviewing"
    """Marked by you as being reviewed."""


class AcceptQualificationRequestRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.accept_qualification_request` sends."""

    qualification_request_id: str = field(name="QualificationRequestId")
    integer_value: int | None = field(name="IntegerValue", default=None)


class ApproveAssignmentRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.approve_assignment` sends."""

    assignment_id: str = field(name="AssignmentId")
    requester_feedback: str | None = field(name="RequesterFeedback", default=None)
    override_rejection: bool | None = field(name="OverrideRejection", default=None)


class Assignment(Answered, kw_only=True, frozen=True):
    """
    One worker's submitted work on a HIT.

    Attributes:
        assignment_id: The assignment's id.
        worker_id: The worker's id.
        hit_id: The HIT's id.
        assignment_status: Whether the work awaits a decision, or what was decided.
        auto_approval_time: When the work is, or was to be, approved by itself: aware, UTC.
        accept_time: When the worker accepted the HIT: aware, UTC.
        submit_time: When the worker submitted it: aware, UTC.
        approval_time: When the work was approved, if it was: aware, UTC.
        rejection_time: When the work was rejected, if it was: aware, UTC.
        deadline: By when the worker had to submit: aware, UTC.
        answer: The worker's answers, as the XML of a ``QuestionFormAnswers`` document.
        requester_feedback: What you told the worker with the decision, if anything.
    """

    assignment_id: str = field(name="AssignmentId")
    worker_id: str = field(name="WorkerId")
    hit_id: str = field(name="HITId")
    assignment_status: AssignmentStatus = field(name="AssignmentStatus")
    auto_approval_time: Moment = field(name="AutoApprovalTime")
    accept_time: Moment = field(name="AcceptTime")
    submit_time: Moment = field(name="SubmitTime")
    approval_time: Moment | None = field(name="ApprovalTime", default=None)
    rejection_time: Moment | None = field(name="RejectionTime", default=None)
    deadline: Moment | None = field(name="Deadline", default=None)
    answer: str = field(name="Answer")
    requester_feedback: str | None = field(name="RequesterFeedback", default=None)


class AssociateQualificationWithWorkerRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.associate_qualification_with_worker` sends."""

    qualification_type_id: str = field(name="QualificationTypeId")
    worker_id: str = field(name="WorkerId")
    integer_value: int | None = field(name="IntegerValue", default=None)
    send_notification: bool | None = field(name="SendNotification", default=None)


class BonusPayment(Structure, kw_only=True, frozen=True):
    """
    A bonus that was paid to a worker.

    Attributes:
        worker_id: The worker's id.
        bonus_amount: The bonus in US dollars, without the fee.
        assignment_id: The id of the assignment that the bonus was paid for.
        reason: What the bonus was for, as the worker was told.
        grant_time: When it was paid: aware, UTC.
    """

    worker_id: str = field(name="WorkerId")
    bonus_amount: Decimal = field(name="BonusAmount")
    assignment_id: str = field(name="AssignmentId")
    reason: str | None = field(name="Reason", default=None)
    grant_time: Moment = field(name="GrantTime")


class CreateAdditionalAssignmentsForHITRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.create_additional_assignments_for_hit` sends."""

    hit_id: str = field(name="HITId")
    number_of_additional_assignments: int = field(name="NumberOfAdditionalAssignments")
    unique_request_token: str | None = field(name="UniqueRequestToken", default=None)


class Locale(Structure, kw_only=True, frozen=True):
    """
    A country, or a state of the United States.

    Attributes:
        country: The country, as two letters of ISO 3166, such as ``US``.
        subdivision: The state, as two letters, for the United States only; without it, all of the country.
    """

    country: str = field(name="Country")
    subdivision: str | None = field(name="Subdivision", default=None)


class QualificationRequirement(Structure, kw_only=True, frozen=True):
    """
    What a worker must have to discover, preview or accept a HIT.

    Attributes:
        qualification_type_id: The id of the type that is required, the system's own included.
        comparator: How the worker's value is compared.
        integer_values: What to compare with: one integer, up to 15 for ``In`` and ``NotIn``, none for ``Exists``
            and ``DoesNotExist``.
        locale_values: What to compare with, for the type that tells where a worker is: one place, or up to 30 for
            ``In`` and ``NotIn``.
        required_to_preview: The older way to say ``actions_guarded``; true means ``PreviewAndAccept``. Never give
            both.
        actions_guarded: What a worker who fails the requirement cannot do; ``Accept`` unless given.
    """

    qualification_type_id: str = field(name="QualificationTypeId")
    comparator: Comparator = field(name="Comparator")
    integer_values: tuple[int, ...] = field(name="IntegerValues", default=())
    locale_values: tuple[Locale, ...] = field(name="LocaleValues", default=())
    required_to_preview: bool | None = field(name="RequiredToPreview", default=None)
    actions_guarded: HITAccessActions | None = field(name="ActionsGuarded", default=None)


class ParameterMapEntry(Structure, kw_only=True, frozen=True):
    """
    One entry of a parameter that is a map, such as the known answers to one question.

    Attributes:
        key: The entry's key, such as the identifier of a question.
        values: The entry's values, such as the right answers.
    """

    key: str | None = field(name="Key", default=None)
    values: tuple[str, ...] = field(name="Values", default=())


class PolicyParameter(Structure, kw_only=True, frozen=True):
    """
    One parameter of a review policy, with plain values or with a map of them.

    Attributes:
        key: The parameter's name.
        values: The parameter's values; numbers are strings, too.
        map_entries: The entries, for a parameter that is a map.
    """

    key: str | None = field(name="Key", default=None)
    values: tuple[str, ...] = field(name="Values", default=())
    map_entries: tuple[ParameterMapEntry, ...] = field(name="MapEntries", default=())


class ReviewPolicy(Structure, kw_only=True, frozen=True):
    """
    Rules by which the service reviews work by itself.

    Attributes:
        policy_name: The policy: ``ScoreMyKnownAnswers/2011-09-01`` or ``SimplePlurality/2011-09-01``.
        parameters: How the policy is set.
    """

    policy_name: str = field(name="PolicyName")
    parameters: tuple[PolicyParameter, ...] = field(name="Parameters", default=())


class HITLayoutParameter(Structure, kw_only=True, frozen=True):
    """
    The value of one placeholder of a HIT layout.

    Attributes:
        name: The placeholder's name, in the layout's own case.
        value: What takes its place; it goes into the layout's HTML as it is.
    """

    name: str = field(name="Name")
    value: str = field(name="Value")


class CreateHITRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.create_hit` sends."""

    max_assignments: int | None = field(name="MaxAssignments", default=None)
    auto_approval_delay: timedelta | None = field(name="AutoApprovalDelayInSeconds", default=None)
    lifetime: timedelta = field(name="LifetimeInSeconds")
    assignment_duration: timedelta = field(name="AssignmentDurationInSeconds")
    reward: Decimal = field(name="Reward")
    title: str = field(name="Title")
    keywords: Keywords | None = field(name="Keywords", default=None)
    description: str = field(name="Description")
    question: str | None = field(name="Question", default=None)
    requester_annotation: str | None = field(name="RequesterAnnotation", default=None)
    qualification_requirements: tuple[QualificationRequirement, ...] = field(
        name="QualificationRequirements", default=()
    )
    unique_request_token: str | None = field(name="UniqueRequestToken", default=None)
    assignment_review_policy: ReviewPolicy | None = field(name="AssignmentReviewPolicy", default=None)
    hit_review_policy: ReviewPolicy | None = field(name="HITReviewPolicy", default=None)
    hit_layout_id: str | None = field(name="HITLayoutId", default=None)
    hit_layout_parameters: tuple[HITLayoutParameter, ...] = field(name="HITLayoutParameters", default=())


class HIT(Structure, kw_only=True, frozen=True):
    """
    A task for workers, as the service knows it.

    Attributes:
        hit_id: The HIT's id.
        hit_type_id: The id of the HIT's type.
        hit_group_id: The id of the group in which workers see the HIT; for links to the worker site.
        hit_layout_id: The id of the layout that made the question, if one did.
        creation_time: When it was made: aware, UTC.
        title: What the task is, in a few words.
        description: What is to be done, in more words.
        question: The question document, as XML.
        keywords: Words by which workers find it.
        hit_status: Where the HIT is in its life.
        max_assignments: How many workers may do the HIT.
        reward: What one approved assignment earns, in US dollars.
        auto_approval_delay: How long after its submission undecided work is approved by itself.
        expiration: When workers can no longer accept the HIT: aware, UTC.
        assignment_duration: How much time a worker has from accepting to submitting.
        requester_annotation: Your own note, which workers do not see.
        qualification_requirements: What a worker must have to see or do the HIT.
        hit_review_status: What Amazon's own look at the content came to; not the state of your review.
        number_of_assignments_pending: How many workers have accepted the HIT and not submitted yet.
        number_of_assignments_available: How many assignments are left to accept.
        number_of_assignments_completed: How many assignments have been approved or rejected; submitted work that
            awaits a decision is in no counter.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"qualification_requirements"})

    hit_id: str = field(name="HITId")
    hit_type_id: str = field(name="HITTypeId")
    hit_group_id: str = field(name="HITGroupId")
    hit_layout_id: str | None = field(name="HITLayoutId", default=None)
    creation_time: Moment = field(name="CreationTime")
    title: str = field(name="Title")
    description: str = field(name="Description")
    question: str | None = field(name="Question", default=None)
    keywords: Keywords = field(name="Keywords", default=Keywords())
    hit_status: HITStatus = field(name="HITStatus")
    max_assignments: int = field(name="MaxAssignments")
    reward: Decimal = field(name="Reward")
    auto_approval_delay: timedelta = field(name="AutoApprovalDelayInSeconds")
    expiration: Moment = field(name="Expiration")
    assignment_duration: timedelta = field(name="AssignmentDurationInSeconds")
    requester_annotation: str | None = field(name="RequesterAnnotation", default=None)
    qualification_requirements: tuple[QualificationRequirement, ...] = field(
        name="QualificationRequirements", default=()
    )
    hit_review_status: HITReviewStatus = field(name="HITReviewStatus")
    number_of_assignments_pending: int = field(name="NumberOfAssignmentsPending")
    number_of_assignments_available: int = field(name="NumberOfAssignmentsAvailable")
    number_of_assignments_completed: int = field(name="NumberOfAssignmentsCompleted")


class CreateHITResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of CreateHIT.

    Attributes:
        hit: The HIT.
    """

    hit: HIT = field(name="HIT")


class CreateHITTypeRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.create_hit_type` sends."""

    auto_approval_delay: timedelta | None = field(name="AutoApprovalDelayInSeconds", default=None)
    assignment_duration: timedelta = field(name="AssignmentDurationInSeconds")
    reward: Decimal = field(name="Reward")
    title: str = field(name="Title")
    keywords: Keywords | None = field(name="Keywords", default=None)
    description: str = field(name="Description")
    qualification_requirements: tuple[QualificationRequirement, ...] = field(
        name="QualificationRequirements", default=()
    )


class CreateHITTypeResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of CreateHITType.

    Attributes:
        hit_type_id: The HIT type's id.
    """

    hit_type_id: str = field(name="HITTypeId")


class CreateHITWithHITTypeRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.create_hit_with_hit_type` sends."""

    hit_type_id: str = field(name="HITTypeId")
    max_assignments: int | None = field(name="MaxAssignments", default=None)
    lifetime: timedelta = field(name="LifetimeInSeconds")
    question: str | None = field(name="Question", default=None)
    requester_annotation: str | None = field(name="RequesterAnnotation", default=None)
    unique_request_token: str | None = field(name="UniqueRequestToken", default=None)
    assignment_review_policy: ReviewPolicy | None = field(name="AssignmentReviewPolicy", default=None)
    hit_review_policy: ReviewPolicy | None = field(name="HITReviewPolicy", default=None)
    hit_layout_id: str | None = field(name="HITLayoutId", default=None)
    hit_layout_parameters: tuple[HITLayoutParameter, ...] = field(name="HITLayoutParameters", default=())


class CreateHITWithHITTypeResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of CreateHITWithHITType.

    Attributes:
        hit: The HIT.
    """

    hit: HIT = field(name="HIT")


class CreateQualificationTypeRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.create_qualification_type` sends."""

    name: str = field(name="Name")
    keywords: Keywords | None = field(name="Keywords", default=None)
    description: str = field(name="Description")
    qualification_type_status: QualificationTypeStatus = field(name="QualificationTypeStatus")
    retry_delay: timedelta | None = field(name="RetryDelayInSeconds", default=None)
    test: str | None = field(name="Test", default=None)
    answer_key: str | None = field(name="AnswerKey", default=None)
    test_duration: timedelta | None = field(name="TestDurationInSeconds", default=None)
    auto_granted: bool | None = field(name="AutoGranted", default=None)
    auto_granted_value: int | None = field(name="AutoGrantedValue", default=None)


class QualificationType(Structure, kw_only=True, frozen=True):
    """
    Something that workers can have and HITs can require.

    Attributes:
        qualification_type_id: The qualification type's id.
        creation_time: When it was made: aware, UTC.
        name: The name that workers see.
        description: What the qualification stands for.
        keywords: Words by which workers find it.
        qualification_type_status: Whether workers can ask for the type and new HITs can require it.
        test: The test that workers take, as the XML of a question form.
        test_duration: How much time a worker has for the test.
        answer_key: How the test is scored, as the XML of an answer key.
        retry_delay: How long a worker waits before asking again; without it, a worker may ask only once.
        is_requestable: Whether workers can ask for it; the system's own types cannot be asked for.
        auto_granted: Whether every worker who asks gets it, without a test.
        auto_granted_value: The value that such a grant gives.
    """

    qualification_type_id: str = field(name="QualificationTypeId")
    creation_time: Moment = field(name="CreationTime")
    name: str = field(name="Name")
    description: str = field(name="Description")
    keywords: Keywords = field(name="Keywords", default=Keywords())
    qualification_type_status: QualificationTypeStatus = field(name="QualificationTypeStatus")
    test: str | None = field(name="Test", default=None)
    test_duration: timedelta | None = field(name="TestDurationInSeconds", default=None)
    answer_key: str | None = field(name="AnswerKey", default=None)
    retry_delay: timedelta | None = field(name="RetryDelayInSeconds", default=None)
    is_requestable: bool = field(name="IsRequestable")
    auto_granted: bool = field(name="AutoGranted")
    auto_granted_value: int | None = field(name="AutoGrantedValue", default=None)


class CreateQualificationTypeResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of CreateQualificationType.

    Attributes:
        qualification_type: The qualification type.
    """

    qualification_type: QualificationType = field(name="QualificationType")


class CreateWorkerBlockRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.create_worker_block` sends."""

    worker_id: str = field(name="WorkerId")
    reason: str = field(name="Reason")


class DeleteHITRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.delete_hit` sends."""

    hit_id: str = field(name="HITId")


class DeleteQualificationTypeRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.delete_qualification_type` sends."""

    qualification_type_id: str = field(name="QualificationTypeId")


class DeleteWorkerBlockRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.delete_worker_block` sends."""

    worker_id: str = field(name="WorkerId")
    reason: str | None = field(name="Reason", default=None)


class DisassociateQualificationFromWorkerRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.disassociate_qualification_from_worker` sends."""

    worker_id: str = field(name="WorkerId")
    qualification_type_id: str = field(name="QualificationTypeId")
    reason: str | None = field(name="Reason", default=None)


class GetAccountBalanceRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.get_account_balance` sends."""


class GetAccountBalanceResponse(Structure, kw_only=True, frozen=True):
    """
    The money of the account.

    Attributes:
        available_balance: What can be spent, in US dollars: the prepaid money, or what is left of the AWS Billing
            allowance.
        on_hold_balance: What is held back, in US dollars, if anything is.
    """

    available_balance: Decimal = field(name="AvailableBalance")
    on_hold_balance: Decimal | None = field(name="OnHoldBalance", default=None)


class GetAssignmentRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.get_assignment` sends."""

    assignment_id: str = field(name="AssignmentId")


class GetAssignmentResponse(Structure, kw_only=True, frozen=True):
    """
    An assignment and its HIT.

    Attributes:
        assignment: The assignment.
        hit: The HIT that the assignment belongs to.
    """

    assignment: Assignment = field(name="Assignment")
    hit: HIT = field(name="HIT")


class GetFileUploadURLRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.get_file_upload_url` sends."""

    assignment_id: str = field(name="AssignmentId")
    question_identifier: str = field(name="QuestionIdentifier")


class GetFileUploadURLResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of GetFileUploadURL.

    Attributes:
        file_upload_url: The address of the file, valid for 60 seconds.
    """

    file_upload_url: str = field(name="FileUploadURL")


class GetHITRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.get_hit` sends."""

    hit_id: str = field(name="HITId")


class GetHITResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of GetHIT.

    Attributes:
        hit: The HIT.
    """

    hit: HIT = field(name="HIT")


class GetQualificationScoreRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.get_qualification_score` sends."""

    qualification_type_id: str = field(name="QualificationTypeId")
    worker_id: str = field(name="WorkerId")


class Qualification(Structure, kw_only=True, frozen=True):
    """
    A worker's qualification of one type.

    Attributes:
        qualification_type_id: The qualification type's id.
        worker_id: The worker's id.
        grant_time: When it was granted: aware, UTC.
        integer_value: The value, for types that count or score.
        locale_value: The place, for the type that tells where a worker is.
        status: Whether the worker has it, or had it.
    """

    qualification_type_id: str = field(name="QualificationTypeId")
    worker_id: str = field(name="WorkerId")
    grant_time: Moment = field(name="GrantTime")
    integer_value: int | None = field(name="IntegerValue", default=None)
    locale_value: Locale | None = field(name="LocaleValue", default=None)
    status: QualificationStatus = field(name="Status")


class GetQualificationScoreResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of GetQualificationScore.

    Attributes:
        qualification: The qualification.
    """

    qualification: Qualification = field(name="Qualification")


class GetQualificationTypeRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.get_qualification_type` sends."""

    qualification_type_id: str = field(name="QualificationTypeId")


class GetQualificationTypeResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of GetQualificationType.

    Attributes:
        qualification_type: The qualification type.
    """

    qualification_type: QualificationType = field(name="QualificationType")


class ListAssignmentsForHITRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_assignments_for_hit` sends."""

    hit_id: str = field(name="HITId")
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)
    assignment_statuses: tuple[AssignmentStatus, ...] = field(name="AssignmentStatuses", default=())


class ListAssignmentsForHITResponse(Structure, kw_only=True, frozen=True):
    """
    One page of submitted assignments of a HIT.

    Attributes:
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        num_results: How many items this page has, not how many there are in all.
        assignments: The assignments of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"assignments"})

    next_token: str | None = field(name="NextToken", default=None)
    num_results: int = field(name="NumResults", default=0)
    assignments: tuple[Assignment, ...] = field(name="Assignments", default=())

    @property
    def items(self) -> tuple[Assignment, ...]:
        """The items of the page."""
        return self.assignments


class ListBonusPaymentsRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_bonus_payments` sends."""

    hit_id: str | None = field(name="HITId", default=None)
    assignment_id: str | None = field(name="AssignmentId", default=None)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class ListBonusPaymentsResponse(Structure, kw_only=True, frozen=True):
    """
    One page of bonus payments.

    Attributes:
        num_results: How many items this page has, not how many there are in all.
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        bonus_payments: The payments of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"bonus_payments"})

    num_results: int = field(name="NumResults", default=0)
    next_token: str | None = field(name="NextToken", default=None)
    bonus_payments: tuple[BonusPayment, ...] = field(name="BonusPayments", default=())

    @property
    def items(self) -> tuple[BonusPayment, ...]:
        """The items of the page."""
        return self.bonus_payments


class ListHITsForQualificationTypeRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_hits_for_qualification_type` sends."""

    qualification_type_id: str = field(name="QualificationTypeId")
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class ListHITsForQualificationTypeResponse(Structure, kw_only=True, frozen=True):
    """
    One page of HITs that require a qualification type.

    Attributes:
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        num_results: How many items this page has, not how many there are in all.
        hits: The HITs of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"hits"})

    next_token: str | None = field(name="NextToken", default=None)
    num_results: int = field(name="NumResults", default=0)
    hits: tuple[HIT, ...] = field(name="HITs", default=())

    @property
    def items(self) -> tuple[HIT, ...]:
        """The items of the page."""
        return self.hits


class ListHITsRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_hits` sends."""

    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class ListHITsResponse(Structure, kw_only=True, frozen=True):
    """
    One page of HITs.

    Attributes:
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        num_results: How many items this page has, not how many there are in all.
        hits: The HITs of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"hits"})

    next_token: str | None = field(name="NextToken", default=None)
    num_results: int = field(name="NumResults", default=0)
    hits: tuple[HIT, ...] = field(name="HITs", default=())

    @property
    def items(self) -> tuple[HIT, ...]:
        """The items of the page."""
        return self.hits


class ListQualificationRequestsRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_qualification_requests` sends."""

    qualification_type_id: str | None = field(name="QualificationTypeId", default=None)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class QualificationRequest(Answered, kw_only=True, frozen=True):
    """
    A worker's wish to be granted a qualification; it waits for a decision.

    Attributes:
        qualification_request_id: The request's id; it can be longer than other ids.
        qualification_type_id: The qualification type's id.
        worker_id: The worker's id.
        test: The test that the worker took, as the XML of a question form.
        answer: The worker's answers to the test, as the XML of a ``QuestionFormAnswers`` document.
        submit_time: When the worker asked, or handed in the test: aware, UTC.
    """

    qualification_request_id: str = field(name="QualificationRequestId")
    qualification_type_id: str = field(name="QualificationTypeId")
    worker_id: str = field(name="WorkerId")
    test: str | None = field(name="Test", default=None)
    answer: str | None = field(name="Answer", default=None)
    submit_time: Moment = field(name="SubmitTime")


class ListQualificationRequestsResponse(Structure, kw_only=True, frozen=True):
    """
    One page of requests that wait for a decision.

    Attributes:
        num_results: How many items this page has, not how many there are in all.
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        qualification_requests: The requests of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"qualification_requests"})

    num_results: int = field(name="NumResults", default=0)
    next_token: str | None = field(name="NextToken", default=None)
    qualification_requests: tuple[QualificationRequest, ...] = field(name="QualificationRequests", default=())

    @property
    def items(self) -> tuple[QualificationRequest, ...]:
        """The items of the page."""
        return self.qualification_requests


class ListQualificationTypesRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_qualification_types` sends."""

    query: str | None = field(name="Query", default=None)
    must_be_requestable: bool = field(name="MustBeRequestable")
    must_be_owned_by_caller: bool | None = field(name="MustBeOwnedByCaller", default=None)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class ListQualificationTypesResponse(Structure, kw_only=True, frozen=True):
    """
    One page of qualification types.

    Attributes:
        num_results: How many items this page has, not how many there are in all.
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        qualification_types: The qualification types of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"qualification_types"})

    num_results: int = field(name="NumResults", default=0)
    next_token: str | None = field(name="NextToken", default=None)
    qualification_types: tuple[QualificationType, ...] = field(name="QualificationTypes", default=())

    @property
    def items(self) -> tuple[QualificationType, ...]:
        """The items of the page."""
        return self.qualification_types


class ListReviewPolicyResultsForHITRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_review_policy_results_for_hit` sends."""

    hit_id: str = field(name="HITId")
    policy_levels: tuple[ReviewPolicyLevel, ...] = field(name="PolicyLevels", default=())
    retrieve_actions: bool | None = field(name="RetrieveActions", default=None)
    retrieve_results: bool | None = field(name="RetrieveResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class ReviewResultDetail(Structure, kw_only=True, frozen=True):
    """
    One thing that a review policy found.

    Attributes:
        action_id: The id that ties results and actions of one review together.
        subject_id: The id of the HIT or assignment that the result is about.
        subject_type: What ``subject_id`` is: ``Assignment`` or ``HIT``.
        question_id: The identifier of the question, if the result is about a single one.
        key: What was measured, such as ``KnownAnswerScore``.
        value: What was found, as a string.
    """

    action_id: str = field(name="ActionId")
    subject_id: str | None = field(name="SubjectId", default=None)
    subject_type: str | None = field(name="SubjectType", default=None)
    question_id: str | None = field(name="QuestionId", default=None)
    key: str = field(name="Key")
    value: str | None = field(name="Value", default=None)


class ReviewActionDetail(Structure, kw_only=True, frozen=True):
    """
    One thing that a review policy did, or tried to do.

    Attributes:
        action_id: The id that ties results and actions of one review together.
        action_name: What was done: review, approve, reject or extend.
        target_id: The id of the HIT or assignment that it was done to.
        target_type: What ``target_id`` is: ``Assignment`` or ``HIT``.
        status: How far the action has come.
        complete_time: When the action ended, if it has: aware, UTC.
        result: What came of the action, in the service's words.
        error_code: The service's code for the reason, if the action failed.
    """

    action_id: str = field(name="ActionId")
    action_name: str = field(name="ActionName")
    target_id: str | None = field(name="TargetId", default=None)
    target_type: str | None = field(name="TargetType", default=None)
    status: ReviewActionStatus = field(name="Status")
    complete_time: Moment | None = field(name="CompleteTime", default=None)
    result: str | None = field(name="Result", default=None)
    error_code: str | None = field(name="ErrorCode", default=None)


class ReviewReport(Structure, kw_only=True, frozen=True):
    """
    What a review policy found and did.

    Attributes:
        review_results: What was found.
        review_actions: What was done.
    """

    review_results: tuple[ReviewResultDetail, ...] = field(name="ReviewResults", default=())
    review_actions: tuple[ReviewActionDetail, ...] = field(name="ReviewActions", default=())


class ListReviewPolicyResultsForHITResponse(Structure, kw_only=True, frozen=True):
    """
    One page of what the review policies of a HIT found and did.

    Attributes:
        hit_id: The HIT's id.
        assignment_review_policy: The policy that reviews each submission, by name only.
        hit_review_policy: The policy that compares the workers' answers, by name only.
        assignment_review_report: What the policy for single submissions found and did.
        hit_review_report: What the policy for the whole HIT found and did.
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
    """

    hit_id: str = field(name="HITId")
    assignment_review_policy: ReviewPolicy | None = field(name="AssignmentReviewPolicy", default=None)
    hit_review_policy: ReviewPolicy | None = field(name="HITReviewPolicy", default=None)
    assignment_review_report: ReviewReport | None = field(name="AssignmentReviewReport", default=None)
    hit_review_report: ReviewReport | None = field(name="HITReviewReport", default=None)
    next_token: str | None = field(name="NextToken", default=None)

    @property
    def items(self) -> tuple[ReviewResultDetail | ReviewActionDetail, ...]:
        """All result and action details of the page, in the order of the answer."""
        details: list[ReviewResultDetail | ReviewActionDetail] = []
        for report in (self.assignment_review_report, self.hit_review_report):
            if report is not None:
                details += report.review_results
                details += report.review_actions
        return tuple(details)


class ListReviewableHITsRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_reviewable_hits` sends."""

    hit_type_id: str | None = field(name="HITTypeId", default=None)
    status: ReviewableHITStatus | None = field(name="Status", default=None)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class ListReviewableHITsResponse(Structure, kw_only=True, frozen=True):
    """
    One page of the ids of HITs that can be reviewed.

    Attributes:
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        num_results: How many items this page has, not how many there are in all.
        hits: The HITs of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"hits"})

    next_token: str | None = field(name="NextToken", default=None)
    num_results: int = field(name="NumResults", default=0)
    hits: tuple[ReviewableHIT, ...] = field(name="HITs", default=())

    @property
    def items(self) -> tuple[ReviewableHIT, ...]:
        """The items of the page."""
        return self.hits


class ListWorkerBlocksRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_worker_blocks` sends."""

    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class WorkerBlock(Structure, kw_only=True, frozen=True):
    """
    A worker who is blocked from all your HITs.

    Attributes:
        worker_id: The worker's id.
        reason: Your reason for the block, which the worker is not shown.
    """

    worker_id: str = field(name="WorkerId")
    reason: str = field(name="Reason")


class ListWorkerBlocksResponse(Structure, kw_only=True, frozen=True):
    """
    One page of blocked workers.

    Attributes:
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        num_results: How many items this page has, not how many there are in all.
        worker_blocks: The blocks of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"worker_blocks"})

    next_token: str | None = field(name="NextToken", default=None)
    num_results: int = field(name="NumResults", default=0)
    worker_blocks: tuple[WorkerBlock, ...] = field(name="WorkerBlocks", default=())

    @property
    def items(self) -> tuple[WorkerBlock, ...]:
        """The items of the page."""
        return self.worker_blocks


class ListWorkersWithQualificationTypeRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.list_workers_with_qualification_type` sends."""

    qualification_type_id: str = field(name="QualificationTypeId")
    status: QualificationStatus | None = field(name="Status", default=None)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class ListWorkersWithQualificationTypeResponse(Structure, kw_only=True, frozen=True):
    """
    One page of workers' qualifications of one type.

    Attributes:
        next_token: Where the next page starts; absent after the last page. A page with items may well be followed
            by an empty one.
        num_results: How many items this page has, not how many there are in all.
        qualifications: The qualifications of this page.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"qualifications"})

    next_token: str | None = field(name="NextToken", default=None)
    num_results: int = field(name="NumResults", default=0)
    qualifications: tuple[Qualification, ...] = field(name="Qualifications", default=())

    @property
    def items(self) -> tuple[Qualification, ...]:
        """The items of the page."""
        return self.qualifications


class NotificationSpecification(Structure, kw_only=True, frozen=True):
    """
    Where messages about events go, and which events cause them.

    Attributes:
        destination: The queue's URL for ``SQS``, the topic's ARN for ``SNS``, or an e-mail address for ``Email``.
        transport: How the messages travel.
        version: The version of the message format: ``2014-08-15``, or ``2006-05-05`` in old programs.
        event_types: Which events cause a message; ``Ping`` cannot be one of them.
    """

    destination: str = field(name="Destination")
    transport: NotificationTransport = field(name="Transport")
    version: str = field(name="Version")
    event_types: tuple[EventType, ...] = field(name="EventTypes", default=())


class NotifyWorkersFailureStatus(Structure, kw_only=True, frozen=True):
    """
    Why one worker was not notified.

    Attributes:
        notify_workers_failure_code: Whether another try may help.
        notify_workers_failure_message: The cause, in the service's words.
        worker_id: The worker's id.
    """

    notify_workers_failure_code: NotifyWorkersFailureCode = field(name="NotifyWorkersFailureCode")
    notify_workers_failure_message: str = field(name="NotifyWorkersFailureMessage")
    worker_id: str = field(name="WorkerId")


class NotifyWorkersRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.notify_workers` sends."""

    subject: str = field(name="Subject")
    message_text: str = field(name="MessageText")
    worker_ids: tuple[str, ...] = field(name="WorkerIds", default=())


class NotifyWorkersResponse(Structure, kw_only=True, frozen=True):
    """
    The workers who were not notified.

    Attributes:
        notify_workers_failure_statuses: One failure for each worker who was not notified.
    """

    __always__: ClassVar[frozenset[str]] = frozenset({"notify_workers_failure_statuses"})

    notify_workers_failure_statuses: tuple[NotifyWorkersFailureStatus, ...] = field(
        name="NotifyWorkersFailureStatuses", default=()
    )


class RejectAssignmentRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.reject_assignment` sends."""

    assignment_id: str = field(name="AssignmentId")
    requester_feedback: str = field(name="RequesterFeedback")


class RejectQualificationRequestRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.reject_qualification_request` sends."""

    qualification_request_id: str = field(name="QualificationRequestId")
    reason: str | None = field(name="Reason", default=None)


class ReviewableHIT(Structure, kw_only=True, frozen=True):
    """
    A reviewable HIT as the service lists it: its id alone.

    Attributes:
        hit_id: The HIT's id; `get_hit` reads the rest.
    """

    hit_id: str = field(name="HITId")


class SendBonusRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.send_bonus` sends."""

    worker_id: str = field(name="WorkerId")
    bonus_amount: Decimal = field(name="BonusAmount")
    assignment_id: str = field(name="AssignmentId")
    reason: str = field(name="Reason")
    unique_request_token: str | None = field(name="UniqueRequestToken", default=None)


class SendTestEventNotificationRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.send_test_event_notification` sends."""

    notification: NotificationSpecification = field(name="Notification")
    test_event_type: EventType = field(name="TestEventType")


class UpdateExpirationForHITRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.update_expiration_for_hit` sends."""

    hit_id: str = field(name="HITId")
    expire_at: Moment = field(name="ExpireAt")


class UpdateHITReviewStatusRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.update_hit_review_status` sends."""

    hit_id: str = field(name="HITId")
    revert: bool | None = field(name="Revert", default=None)


class UpdateHITTypeOfHITRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.update_hit_type_of_hit` sends."""

    hit_id: str = field(name="HITId")
    hit_type_id: str = field(name="HITTypeId")


class UpdateNotificationSettingsRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.update_notification_settings` sends."""

    hit_type_id: str = field(name="HITTypeId")
    notification: NotificationSpecification | None = field(name="Notification", default=None)
    active: bool | None = field(name="Active", default=None)


class UpdateQualificationTypeRequest(Structure, kw_only=True, frozen=True):
    """What :meth:`~aioturk.Client.update_qualification_type` sends."""

    qualification_type_id: str = field(name="QualificationTypeId")
    description: str | None = field(name="Description", default=None)
    qualification_type_status: QualificationTypeStatus | None = field(name="QualificationTypeStatus", default=None)
    test: str | None = field(name="Test", default=None)
    answer_key: str | None = field(name="AnswerKey", default=None)
    test_duration: timedelta | None = field(name="TestDurationInSeconds", default=None)
    retry_delay: timedelta | None = field(name="RetryDelayInSeconds", default=None)
    auto_granted: bool | None = field(name="AutoGranted", default=None)
    auto_granted_value: int | None = field(name="AutoGrantedValue", default=None)


class UpdateQualificationTypeResponse(Structure, kw_only=True, frozen=True):
    """
    The answer of UpdateQualificationType.

    Attributes:
        qualification_type: The qualification type.
    """

    qualification_type: QualificationType = field(name="QualificationType")
