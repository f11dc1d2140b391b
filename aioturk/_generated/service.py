# Written by `python -m aioturk._codegen`: change that, not this.
# Amazon Mechanical Turk 2017-01-17; facts with SHA-256 6a34117b486ea85f.

"""
The service's operations as an interface: what a marketplace overrides, it offers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aioturk._core.schema import Operation
from aioturk._core.wire import Structure
from aioturk._generated import tables
from aioturk._generated.shapes import (
    AcceptQualificationRequestRequest,
    ApproveAssignmentRequest,
    AssociateQualificationWithWorkerRequest,
    CreateAdditionalAssignmentsForHITRequest,
    CreateHITRequest,
    CreateHITResponse,
    CreateHITTypeRequest,
    CreateHITTypeResponse,
    CreateHITWithHITTypeRequest,
    CreateHITWithHITTypeResponse,
    CreateQualificationTypeRequest,
    CreateQualificationTypeResponse,
    CreateWorkerBlockRequest,
    DeleteHITRequest,
    DeleteQualificationTypeRequest,
    DeleteWorkerBlockRequest,
    DisassociateQualificationFromWorkerRequest,
    GetAccountBalanceRequest,
    GetAccountBalanceResponse,
    GetAssignmentRequest,
    GetAssignmentResponse,
    GetFileUploadURLRequest,
    GetFileUploadURLResponse,
    GetHITRequest,
    GetHITResponse,
    GetQualificationScoreRequest,
    GetQualificationScoreResponse,
    GetQualificationTypeRequest,
    GetQualificationTypeResponse,
    ListAssignmentsForHITRequest,
    ListAssignmentsForHITResponse,
    ListBonusPaymentsRequest,
    ListBonusPaymentsResponse,
    ListHITsForQualificationTypeRequest,
    ListHITsForQualificationTypeResponse,
    ListHITsRequest,
    ListHITsResponse,
    ListQualificationRequestsRequest,
    ListQualificationRequestsResponse,
    ListQualificationTypesRequest,
    ListQualificationTypesResponse,
    ListReviewPolicyResultsForHITRequest,
    ListReviewPolicyResultsForHITResponse,
    ListReviewableHITsRequest,
    ListReviewableHITsResponse,
    ListWorkerBlocksRequest,
    ListWorkerBlocksResponse,
    ListWorkersWithQualificationTypeRequest,
    ListWorkersWithQualificationTypeResponse,
    NotifyWorkersRequest,
    NotifyWorkersResponse,
    RejectAssignmentRequest,
    RejectQualificationRequestRequest,
    SendBonusRequest,
    SendTestEventNotificationRequest,
    UpdateExpirationForHITRequest,
    UpdateHITReviewStatusRequest,
    UpdateHITTypeOfHITRequest,
    UpdateNotificationSettingsRequest,
    UpdateQualificationTypeRequest,
    UpdateQualificationTypeResponse,
)
from aioturk.errors import UnknownOperation

__all__ = ["ROUTES", "Route", "Service"]

C = TypeVar("C", contravariant=True)


class Service(Generic[C]):
    """
    The 39 operations as plain functions of a context and a request.

    They are not coroutines: an implementation does its work in one transaction, wherever its caller
    runs it.
    """

    def accept_qualification_request(self, context: C, request: AcceptQualificationRequestRequest, /) -> None:
        """Grant the qualification that a worker asked for."""
        raise UnknownOperation("AcceptQualificationRequest is not offered here.")

    def approve_assignment(self, context: C, request: ApproveAssignmentRequest, /) -> None:
        """Approve submitted work and pay its reward."""
        raise UnknownOperation("ApproveAssignment is not offered here.")

    def associate_qualification_with_worker(
        self, context: C, request: AssociateQualificationWithWorkerRequest, /
    ) -> None:
        """Grant a worker a qualification, or change the value of one that is held."""
        raise UnknownOperation("AssociateQualificationWithWorker is not offered here.")

    def create_additional_assignments_for_hit(
        self, context: C, request: CreateAdditionalAssignmentsForHITRequest, /
    ) -> None:
        """Let more workers do a HIT."""
        raise UnknownOperation("CreateAdditionalAssignmentsForHIT is not offered here.")

    def create_hit(self, context: C, request: CreateHITRequest, /) -> CreateHITResponse:
        """Publish a HIT: a question to workers, with its reward and the number of answers wanted."""
        raise UnknownOperation("CreateHIT is not offered here.")

    def create_hit_type(self, context: C, request: CreateHITTypeRequest, /) -> CreateHITTypeResponse:
        """Register the properties that a group of HITs shares, or find the type that has them."""
        raise UnknownOperation("CreateHITType is not offered here.")

    def create_hit_with_hit_type(
        self, context: C, request: CreateHITWithHITTypeRequest, /
    ) -> CreateHITWithHITTypeResponse:
        """Publish a HIT that takes title, reward and the other shared properties from a HIT type."""
        raise UnknownOperation("CreateHITWithHITType is not offered here.")

    def create_qualification_type(
        self, context: C, request: CreateQualificationTypeRequest, /
    ) -> CreateQualificationTypeResponse:
        """Create a qualification type: something that workers can have, and HITs can require."""
        raise UnknownOperation("CreateQualificationType is not offered here.")

    def create_worker_block(self, context: C, request: CreateWorkerBlockRequest, /) -> None:
        """Block a worker from all your HITs."""
        raise UnknownOperation("CreateWorkerBlock is not offered here.")

    def delete_hit(self, context: C, request: DeleteHITRequest, /) -> None:
        """Dispose of a HIT for good."""
        raise UnknownOperation("DeleteHIT is not offered here.")

    def delete_qualification_type(self, context: C, request: DeleteQualificationTypeRequest, /) -> None:
        """Delete a qualification type and the HIT types that require it."""
        raise UnknownOperation("DeleteQualificationType is not offered here.")

    def delete_worker_block(self, context: C, request: DeleteWorkerBlockRequest, /) -> None:
        """Let a blocked worker see and accept your HITs again."""
        raise UnknownOperation("DeleteWorkerBlock is not offered here.")

    def disassociate_qualification_from_worker(
        self, context: C, request: DisassociateQualificationFromWorkerRequest, /
    ) -> None:
        """Revoke a worker's qualification."""
        raise UnknownOperation("DisassociateQualificationFromWorker is not offered here.")

    def get_account_balance(self, context: C, request: GetAccountBalanceRequest, /) -> GetAccountBalanceResponse:
        """Read how much money the account can spend."""
        raise UnknownOperation("GetAccountBalance is not offered here.")

    def get_assignment(self, context: C, request: GetAssignmentRequest, /) -> GetAssignmentResponse:
        """Read one submitted assignment, together with its HIT."""
        raise UnknownOperation("GetAssignment is not offered here.")

    def get_file_upload_url(self, context: C, request: GetFileUploadURLRequest, /) -> GetFileUploadURLResponse:
        """Get an address from which a file that a worker uploaded can be fetched."""
        raise UnknownOperation("GetFileUploadURL is not offered here.")

    def get_hit(self, context: C, request: GetHITRequest, /) -> GetHITResponse:
        """Read one HIT."""
        raise UnknownOperation("GetHIT is not offered here.")

    def get_qualification_score(
        self, context: C, request: GetQualificationScoreRequest, /
    ) -> GetQualificationScoreResponse:
        """Read a worker's value for one of your qualification types."""
        raise UnknownOperation("GetQualificationScore is not offered here.")

    def get_qualification_type(
        self, context: C, request: GetQualificationTypeRequest, /
    ) -> GetQualificationTypeResponse:
        """Read one qualification type, your own or one of the system's."""
        raise UnknownOperation("GetQualificationType is not offered here.")

    def list_assignments_for_hit(
        self, context: C, request: ListAssignmentsForHITRequest, /
    ) -> ListAssignmentsForHITResponse:
        """List the work that has been submitted for a HIT."""
        raise UnknownOperation("ListAssignmentsForHIT is not offered here.")

    def list_bonus_payments(self, context: C, request: ListBonusPaymentsRequest, /) -> ListBonusPaymentsResponse:
        """List the bonuses paid for a HIT or for one assignment."""
        raise UnknownOperation("ListBonusPayments is not offered here.")

    def list_hits(self, context: C, request: ListHITsRequest, /) -> ListHITsResponse:
        """List your HITs in every state but ``Disposed``."""
        raise UnknownOperation("ListHITs is not offered here.")

    def list_hits_for_qualification_type(
        self, context: C, request: ListHITsForQualificationTypeRequest, /
    ) -> ListHITsForQualificationTypeResponse:
        """List your HITs that require a qualification type, in every state but ``Disposed``."""
        raise UnknownOperation("ListHITsForQualificationType is not offered here.")

    def list_qualification_requests(
        self, context: C, request: ListQualificationRequestsRequest, /
    ) -> ListQualificationRequestsResponse:
        """List the requests of workers that wait for your decision."""
        raise UnknownOperation("ListQualificationRequests is not offered here.")

    def list_qualification_types(
        self, context: C, request: ListQualificationTypesRequest, /
    ) -> ListQualificationTypesResponse:
        """Search the qualification types, your own and other requesters'."""
        raise UnknownOperation("ListQualificationTypes is not offered here.")

    def list_review_policy_results_for_hit(
        self, context: C, request: ListReviewPolicyResultsForHITRequest, /
    ) -> ListReviewPolicyResultsForHITResponse:
        """List what the review policies of a HIT found and did."""
        raise UnknownOperation("ListReviewPolicyResultsForHIT is not offered here.")

    def list_reviewable_hits(self, context: C, request: ListReviewableHITsRequest, /) -> ListReviewableHITsResponse:
        """List the ids of the HITs whose work is done or whose time is over."""
        raise UnknownOperation("ListReviewableHITs is not offered here.")

    def list_worker_blocks(self, context: C, request: ListWorkerBlocksRequest, /) -> ListWorkerBlocksResponse:
        """List the workers whom you have blocked."""
        raise UnknownOperation("ListWorkerBlocks is not offered here.")

    def list_workers_with_qualification_type(
        self, context: C, request: ListWorkersWithQualificationTypeRequest, /
    ) -> ListWorkersWithQualificationTypeResponse:
        """List the workers who have, or had, one of your qualification types."""
        raise UnknownOperation("ListWorkersWithQualificationType is not offered here.")

    def notify_workers(self, context: C, request: NotifyWorkersRequest, /) -> NotifyWorkersResponse:
        """Send an e-mail to up to 100 workers who have worked for you."""
        raise UnknownOperation("NotifyWorkers is not offered here.")

    def reject_assignment(self, context: C, request: RejectAssignmentRequest, /) -> None:
        """Reject submitted work, so that its reward is not paid."""
        raise UnknownOperation("RejectAssignment is not offered here.")

    def reject_qualification_request(self, context: C, request: RejectQualificationRequestRequest, /) -> None:
        """Decline to grant the qualification that a worker asked for."""
        raise UnknownOperation("RejectQualificationRequest is not offered here.")

    def send_bonus(self, context: C, request: SendBonusRequest, /) -> None:
        """Pay a worker a bonus for an assignment."""
        raise UnknownOperation("SendBonus is not offered here.")

    def send_test_event_notification(self, context: C, request: SendTestEventNotificationRequest, /) -> None:
        """Send one test message to a destination, to see whether it arrives."""
        raise UnknownOperation("SendTestEventNotification is not offered here.")

    def update_expiration_for_hit(self, context: C, request: UpdateExpirationForHITRequest, /) -> None:
        """Extend a HIT to a later time, or end it now."""
        raise UnknownOperation("UpdateExpirationForHIT is not offered here.")

    def update_hit_review_status(self, context: C, request: UpdateHITReviewStatusRequest, /) -> None:
        """Mark a reviewable HIT as being reviewed, or take the mark back."""
        raise UnknownOperation("UpdateHITReviewStatus is not offered here.")

    def update_hit_type_of_hit(self, context: C, request: UpdateHITTypeOfHITRequest, /) -> None:
        """Move a HIT to another HIT type."""
        raise UnknownOperation("UpdateHITTypeOfHIT is not offered here.")

    def update_notification_settings(self, context: C, request: UpdateNotificationSettingsRequest, /) -> None:
        """Say which events of a HIT type are reported, and where to."""
        raise UnknownOperation("UpdateNotificationSettings is not offered here.")

    def update_qualification_type(
        self, context: C, request: UpdateQualificationTypeRequest, /
    ) -> UpdateQualificationTypeResponse:
        """Change a qualification type; what you leave out stays, except an answer key."""
        raise UnknownOperation("UpdateQualificationType is not offered here.")


@dataclass(frozen=True, slots=True)
class Route:
    """How an operation's name leads to its method."""

    operation: Operation
    request: type[Structure]
    method: Callable[..., Any]


ROUTES: Mapping[str, Route] = {
    "AcceptQualificationRequest": Route(
        tables.ACCEPT_QUALIFICATION_REQUEST, AcceptQualificationRequestRequest, Service.accept_qualification_request
    ),
    "ApproveAssignment": Route(tables.APPROVE_ASSIGNMENT, ApproveAssignmentRequest, Service.approve_assignment),
    "AssociateQualificationWithWorker": Route(
        tables.ASSOCIATE_QUALIFICATION_WITH_WORKER,
        AssociateQualificationWithWorkerRequest,
        Service.associate_qualification_with_worker,
    ),
    "CreateAdditionalAssignmentsForHIT": Route(
        tables.CREATE_ADDITIONAL_ASSIGNMENTS_FOR_HIT,
        CreateAdditionalAssignmentsForHITRequest,
        Service.create_additional_assignments_for_hit,
    ),
    "CreateHIT": Route(tables.CREATE_HIT, CreateHITRequest, Service.create_hit),
    "CreateHITType": Route(tables.CREATE_HIT_TYPE, CreateHITTypeRequest, Service.create_hit_type),
    "CreateHITWithHITType": Route(
        tables.CREATE_HIT_WITH_HIT_TYPE, CreateHITWithHITTypeRequest, Service.create_hit_with_hit_type
    ),
    "CreateQualificationType": Route(
        tables.CREATE_QUALIFICATION_TYPE, CreateQualificationTypeRequest, Service.create_qualification_type
    ),
    "CreateWorkerBlock": Route(tables.CREATE_WORKER_BLOCK, CreateWorkerBlockRequest, Service.create_worker_block),
    "DeleteHIT": Route(tables.DELETE_HIT, DeleteHITRequest, Service.delete_hit),
    "DeleteQualificationType": Route(
        tables.DELETE_QUALIFICATION_TYPE, DeleteQualificationTypeRequest, Service.delete_qualification_type
    ),
    "DeleteWorkerBlock": Route(tables.DELETE_WORKER_BLOCK, DeleteWorkerBlockRequest, Service.delete_worker_block),
    "DisassociateQualificationFromWorker": Route(
        tables.DISASSOCIATE_QUALIFICATION_FROM_WORKER,
        DisassociateQualificationFromWorkerRequest,
        Service.disassociate_qualification_from_worker,
    ),
    "GetAccountBalance": Route(tables.GET_ACCOUNT_BALANCE, GetAccountBalanceRequest, Service.get_account_balance),
    "GetAssignment": Route(tables.GET_ASSIGNMENT, GetAssignmentRequest, Service.get_assignment),
    "GetFileUploadURL": Route(tables.GET_FILE_UPLOAD_URL, GetFileUploadURLRequest, Service.get_file_upload_url),
    "GetHIT": Route(tables.GET_HIT, GetHITRequest, Service.get_hit),
    "GetQualificationScore": Route(
        tables.GET_QUALIFICATION_SCORE, GetQualificationScoreRequest, Service.get_qualification_score
    ),
    "GetQualificationType": Route(
        tables.GET_QUALIFICATION_TYPE, GetQualificationTypeRequest, Service.get_qualification_type
    ),
    "ListAssignmentsForHIT": Route(
        tables.LIST_ASSIGNMENTS_FOR_HIT, ListAssignmentsForHITRequest, Service.list_assignments_for_hit
    ),
    "ListBonusPayments": Route(tables.LIST_BONUS_PAYMENTS, ListBonusPaymentsRequest, Service.list_bonus_payments),
    "ListHITs": Route(tables.LIST_HITS, ListHITsRequest, Service.list_hits),
    "ListHITsForQualificationType": Route(
        tables.LIST_HITS_FOR_QUALIFICATION_TYPE,
        ListHITsForQualificationTypeRequest,
        Service.list_hits_for_qualification_type,
    ),
    "ListQualificationRequests": Route(
        tables.LIST_QUALIFICATION_REQUESTS, ListQualificationRequestsRequest, Service.list_qualification_requests
    ),
    "ListQualificationTypes": Route(
        tables.LIST_QUALIFICATION_TYPES, ListQualificationTypesRequest, Service.list_qualification_types
    ),
    "ListReviewPolicyResultsForHIT": Route(
        tables.LIST_REVIEW_POLICY_RESULTS_FOR_HIT,
        ListReviewPolicyResultsForHITRequest,
        Service.list_review_policy_results_for_hit,
    ),
    "ListReviewableHITs": Route(tables.LIST_REVIEWABLE_HITS, ListReviewableHITsRequest, Service.list_reviewable_hits),
    "ListWorkerBlocks": Route(tables.LIST_WORKER_BLOCKS, ListWorkerBlocksRequest, Service.list_worker_blocks),
    "ListWorkersWithQualificationType": Route(
        tables.LIST_WORKERS_WITH_QUALIFICATION_TYPE,
        ListWorkersWithQualificationTypeRequest,
        Service.list_workers_with_qualification_type,
    ),
    "NotifyWorkers": Route(tables.NOTIFY_WORKERS, NotifyWorkersRequest, Service.notify_workers),
    "RejectAssignment": Route(tables.REJECT_ASSIGNMENT, RejectAssignmentRequest, Service.reject_assignment),
    "RejectQualificationRequest": Route(
        tables.REJECT_QUALIFICATION_REQUEST, RejectQualificationRequestRequest, Service.reject_qualification_request
    ),
    "SendBonus": Route(tables.SEND_BONUS, SendBonusRequest, Service.send_bonus),
    "SendTestEventNotification": Route(
        tables.SEND_TEST_EVENT_NOTIFICATION, SendTestEventNotificationRequest, Service.send_test_event_notification
    ),
    "UpdateExpirationForHIT": Route(
        tables.UPDATE_EXPIRATION_FOR_HIT, UpdateExpirationForHITRequest, Service.update_expiration_for_hit
    ),
    "UpdateHITReviewStatus": Route(
        tables.UPDATE_HIT_REVIEW_STATUS, UpdateHITReviewStatusRequest, Service.update_hit_review_status
    ),
    "UpdateHITTypeOfHIT": Route(
        tables.UPDATE_HIT_TYPE_OF_HIT, UpdateHITTypeOfHITRequest, Service.update_hit_type_of_hit
    ),
    "UpdateNotificationSettings": Route(
        tables.UPDATE_NOTIFICATION_SETTINGS, UpdateNotificationSettingsRequest, Service.update_notification_settings
    ),
    "UpdateQualificationType": Route(
        tables.UPDATE_QUALIFICATION_TYPE, UpdateQualificationTypeRequest, Service.update_qualification_type
    ),
}
