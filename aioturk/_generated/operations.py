# Written by `python -m aioturk._codegen`: change that, not this.
# Amazon Mechanical Turk 2017-01-17; facts with SHA-256 6a34117b486ea85f.

"""
The service's operations as typed methods, for the client to inherit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from aioturk._core.accepted import Document, Duration, Layout, Money, Text
from aioturk._core.schema import Operation
from aioturk._core.wire import Structure
from aioturk._generated import tables
from aioturk._generated.shapes import (
    Assignment,
    AssignmentStatus,
    BonusPayment,
    CreateHITResponse,
    CreateHITTypeResponse,
    CreateHITWithHITTypeResponse,
    CreateQualificationTypeResponse,
    EventType,
    GetAccountBalanceResponse,
    GetAssignmentResponse,
    GetFileUploadURLResponse,
    GetHITResponse,
    GetQualificationScoreResponse,
    GetQualificationTypeResponse,
    HIT,
    HITLayoutParameter,
    ListAssignmentsForHITResponse,
    ListBonusPaymentsResponse,
    ListHITsForQualificationTypeResponse,
    ListHITsResponse,
    ListQualificationRequestsResponse,
    ListQualificationTypesResponse,
    ListReviewPolicyResultsForHITResponse,
    ListReviewableHITsResponse,
    ListWorkerBlocksResponse,
    ListWorkersWithQualificationTypeResponse,
    NotificationSpecification,
    NotifyWorkersFailureStatus,
    NotifyWorkersResponse,
    Qualification,
    QualificationRequest,
    QualificationRequirement,
    QualificationStatus,
    QualificationType,
    QualificationTypeStatus,
    ReviewActionDetail,
    ReviewPolicy,
    ReviewPolicyLevel,
    ReviewResultDetail,
    ReviewableHIT,
    ReviewableHITStatus,
    UpdateQualificationTypeResponse,
    WorkerBlock,
)
from aioturk.paginate import Listing, Page

__all__ = ["Operations"]

S = TypeVar("S", bound=Structure)
I = TypeVar("I")
P = TypeVar("P", bound=Page[Any])


class Operations:
    """
    The 39 operations of the requester API.

    Members of a request are arguments under their Python names. The client supplies the three ways to perform one.
    """

    __slots__ = ()

    async def _do(self, operation: Operation, given: Mapping[str, Any]) -> None:
        """Perform an operation that answers nothing."""
        raise NotImplementedError

    async def _ask(self, operation: Operation, shape: type[S], given: Mapping[str, Any]) -> S:
        """Perform an operation and return its answer."""
        raise NotImplementedError

    def _list(self, operation: Operation, shape: type[P], given: Mapping[str, Any]) -> Listing[I, P]:
        """Return the listing that performs an operation page by page."""
        raise NotImplementedError

    async def accept_qualification_request(
        self,
        qualification_request_id: str,
        *,
        integer_value: int | None = None,
    ) -> None:
        """
        Grant the qualification that a worker asked for.

        A value that the worker has already is replaced. The request leaves the list.

        Retry class: unprovable. It is repeated; when the repeat is refused nothing can be read any more, so the
        refusal is raised as ambiguous.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_AcceptQualificationRequestOperation.html

        Args:
            qualification_request_id: The request's id, from ``list_qualification_requests``.
            integer_value: The value that the worker gets; 1 unless given.

        Raises:
            QualificationRequestDoesNotExist: The id is unknown, or the request is gone.
            InvalidQualificationRequestState: The request has been decided already.
        """
        await self._do(
            tables.ACCEPT_QUALIFICATION_REQUEST,
            {
                "QualificationRequestId": qualification_request_id,
                "IntegerValue": integer_value,
            },
        )

    async def approve_assignment(
        self,
        assignment_id: str,
        *,
        requester_feedback: str | None = None,
        override_rejection: bool | None = None,
    ) -> None:
        """
        Approve submitted work and pay its reward.

        The worker is paid the reward and you are charged reward and fee. An approval cannot be taken back.

        Work that nobody decides on is approved by the service at its ``auto_approval_time``.

        With ``override_rejection`` a rejection becomes an approval, up to 30 days after the work was submitted and
        while its HIT is not disposed of.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: the assignment is Approved.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ApproveAssignmentOperation.html

        Args:
            assignment_id: The assignment's id.
            requester_feedback: A message to the worker: at most 1,024 characters.
            override_rejection: True also approves work that has been rejected; false unless given.

        Raises:
            AssignmentDoesNotExist: The id is unknown, or the assignment was returned or abandoned.
            InvalidAssignmentState: The work has been approved or rejected already, or is not submitted yet.
            InsufficientFunds: The balance does not cover reward and fee; the assignment stays as it was.
        """
        await self._do(
            tables.APPROVE_ASSIGNMENT,
            {
                "AssignmentId": assignment_id,
                "RequesterFeedback": requester_feedback,
                "OverrideRejection": override_rejection,
            },
        )

    async def associate_qualification_with_worker(
        self,
        qualification_type_id: str,
        worker_id: str,
        *,
        integer_value: int | None = None,
        send_notification: bool | None = None,
    ) -> None:
        """
        Grant a worker a qualification, or change the value of one that is held.

        A revoked qualification is granted again. The grant time becomes now.

        A request that the worker left goes on waiting; accepting it later replaces the value.

        Retry class: harmless. It is repeated: doing it twice has the same result as doing it once.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_AssociateQualificationWithWorkerOperation.html

        Args:
            qualification_type_id: The qualification type's id.
            worker_id: The worker's id.
            integer_value: The value that the worker gets; 1 unless given.
            send_notification: Whether the worker is told by e-mail; true unless given.

        Raises:
            QualificationTypeDoesNotExist: The id is unknown in this environment.
            InvalidParameterValue: The worker is unknown in this environment.
        """
        await self._do(
            tables.ASSOCIATE_QUALIFICATION_WITH_WORKER,
            {
                "QualificationTypeId": qualification_type_id,
                "WorkerId": worker_id,
                "IntegerValue": integer_value,
                "SendNotification": send_notification,
            },
        )

    async def create_additional_assignments_for_hit(
        self,
        hit_id: str,
        *,
        number_of_additional_assignments: int,
        unique_request_token: str | None = None,
    ) -> None:
        """
        Let more workers do a HIT.

        The reward and the fee for the added assignments are held at once.

        A HIT that has not expired becomes ``Assignable`` again. An expired one stays expired: extend it with
        ``update_expiration_for_hit`` as well.

        A HIT made with fewer than ten assignments can never grow to ten or more.

        Retry class: token. It is repeated with the same request token, so that the service recognises it; the
        answer that it already exists, after an own earlier attempt, is success.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateAdditionalAssignmentsForHITOperation.html

        Args:
            hit_id: The HIT's id.
            number_of_additional_assignments: How many assignments to add: 1 to 1,000,000,000.
            unique_request_token: 1 to 64 characters that keep the service from executing this call twice: it
                remembers the token for 24 hours and refuses a second call with it. Every attempt of the call
                carries the same one. Left out, aioturk makes one; pass your own to be able to repeat the call after
                a crash or a cancellation.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
            DuplicateCall: The token you gave was used within the last 24 hours; nothing was done again.
            InsufficientFunds: The balance does not cover the added assignments; none were added.
            InvalidMaximumAssignmentsIncrease: The HIT has fewer than ten assignments and would get ten or more.
            HITTooOldForExtension: The HIT was made before 22 July 2015.
            InvalidHITState: The HIT has been disposed of, or is only seconds old.
        """
        await self._do(
            tables.CREATE_ADDITIONAL_ASSIGNMENTS_FOR_HIT,
            {
                "HITId": hit_id,
                "NumberOfAdditionalAssignments": number_of_additional_assignments,
                "UniqueRequestToken": unique_request_token,
            },
        )

    async def create_hit(
        self,
        *,
        title: str,
        description: str,
        reward: Money,
        lifetime: Duration,
        assignment_duration: Duration,
        max_assignments: int | None = None,
        question: str | Document | Layout | None = None,
        keywords: Text | None = None,
        auto_approval_delay: Duration | None = None,
        requester_annotation: str | None = None,
        qualification_requirements: Iterable[QualificationRequirement | Mapping[str, Any]] | None = None,
        assignment_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
        hit_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
        hit_layout_id: str | None = None,
        hit_layout_parameters: Iterable[HITLayoutParameter | Mapping[str, Any]] | None = None,
        unique_request_token: str | None = None,
    ) -> HIT:
        """
        Publish a HIT: a question to workers, with its reward and the number of answers wanted.

        The reward and the fee for every assignment are held at once, and charged as work is approved. Amazon's fee
        is 20 % of the reward, another 20 % for HITs with ten assignments or more, and another 5 % when Masters are
        required.

        HITs that agree in ``title``, ``description``, ``keywords``, ``reward``, ``assignment_duration``,
        ``auto_approval_delay`` and ``qualification_requirements`` share a HIT type, and workers see them as one
        group.

        A HIT made with fewer than ten assignments can never grow to ten or more.

        For its first seconds a new HIT may refuse to be extended, enlarged or moved to another type, and lists may
        not show it yet; ``get_hit`` finds it at once.

        Retry class: token. It is repeated with the same request token, so that the service recognises it; the
        answer that it already exists, after an own earlier attempt, is success.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateHITOperation.html

        Args:
            title: What the task is, for workers who look for one: 1 to 128 characters.
            description: What is to be done, in more words: 1 to 2,000 characters.
            reward: What one approved assignment earns, in US dollars: a ``Decimal``, ``int``, ``str``, or a
                ``float`` exact to the cent. Zero is allowed.
            lifetime: How long workers may accept the HIT, from now on: 30 seconds to 365 days, as a timedelta or in
                whole seconds.
            assignment_duration: How much time a worker has, from accepting to submitting: 30 seconds to 365 days,
                as a timedelta or in whole seconds.
            max_assignments: How many workers may do the HIT, each of them once: 1 to 1,000,000,000; 1 unless given.
            question: What the worker sees: a question value such as ``ExternalQuestion``, ``HTMLQuestion``,
                ``QuestionForm`` or ``HITLayout``, or a ``str``, which is sent as it is; at most 65,535 bytes in
                UTF-8. Give either this or ``hit_layout_id``.
            keywords: Words by which workers find the HIT: strings, or one comma-separated string; at most 1,000
                characters in all.
            auto_approval_delay: How long after its submission undecided work is approved, and paid, by itself: up
                to 30 days, as a timedelta or in whole seconds; 30 days unless given. Zero approves everything at
                once.
            requester_annotation: A note that only you can see, such as a row number: at most 255 ASCII characters.
            qualification_requirements: What a worker must have to see or do the HIT: up to ten requirements, all of
                which count.
            assignment_review_policy: A policy that scores each submission against known answers; fixed once the HIT
                is made.
            hit_review_policy: A policy that compares the workers' answers when all are in; fixed once the HIT is
                made.
            hit_layout_id: The layout, from a project on the requester site, that makes the question. Give either
                this or ``question``.
            hit_layout_parameters: A value for each placeholder of the layout. Values go into its HTML as they are,
                so escape what must be escaped; the finished page has at most 65,535 bytes in UTF-8.
            unique_request_token: 1 to 64 characters that keep the service from executing this call twice: it
                remembers the token for 24 hours and refuses a second call with it. Every attempt of the call
                carries the same one. Left out, aioturk makes one; pass your own to be able to repeat the call after
                a crash or a cancellation.

        Returns:
            The new HIT, ``Assignable``, with its ``hit_id`` and the ``hit_type_id`` that was found or made for
            it.

        Raises:
            HITAlreadyExists: The token you gave made a HIT within the last 24 hours; ``hit_id`` of the error names
                it.
            InsufficientFunds: The balance does not cover reward and fee for every assignment; no HIT was made.
            XMLParseError: The question is not a valid document of its kind.
            XHTMLParseError: Formatted content uses markup that is not permitted there.
            ParameterValidationError: The HTML of the question is not valid, or a placeholder of the layout was
                given no value.
            QualificationTypeDoesNotExist: A requirement names an unknown qualification type.
            InvalidQualificationTypeState: A requirement names a qualification type that is inactive or deleted.
        """
        answer = await self._ask(
            tables.CREATE_HIT,
            CreateHITResponse,
            {
                "MaxAssignments": max_assignments,
                "AutoApprovalDelayInSeconds": auto_approval_delay,
                "LifetimeInSeconds": lifetime,
                "AssignmentDurationInSeconds": assignment_duration,
                "Reward": reward,
                "Title": title,
                "Keywords": keywords,
                "Description": description,
                "Question": question,
                "RequesterAnnotation": requester_annotation,
                "QualificationRequirements": qualification_requirements,
                "UniqueRequestToken": unique_request_token,
                "AssignmentReviewPolicy": assignment_review_policy,
                "HITReviewPolicy": hit_review_policy,
                "HITLayoutId": hit_layout_id,
                "HITLayoutParameters": hit_layout_parameters,
            },
        )
        return answer.hit

    async def create_hit_type(
        self,
        *,
        title: str,
        description: str,
        reward: Money,
        assignment_duration: Duration,
        keywords: Text | None = None,
        auto_approval_delay: Duration | None = None,
        qualification_requirements: Iterable[QualificationRequirement | Mapping[str, Any]] | None = None,
    ) -> str:
        """
        Register the properties that a group of HITs shares, or find the type that has them.

        This costs nothing and shows nothing to workers. Equal properties always give the same type.

        For many HITs of one kind, make the type once and call ``create_hit_with_hit_type`` for each HIT.

        A HIT type can be neither read, listed, changed nor deleted; Amazon forgets an unused one after 120 days.

        Retry class: harmless. It is repeated: doing it twice has the same result as doing it once.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateHITTypeOperation.html

        Args:
            title: What the task is, for workers who look for one: 1 to 128 characters.
            description: What is to be done, in more words: 1 to 2,000 characters.
            reward: What one approved assignment earns, in US dollars: a ``Decimal``, ``int``, ``str``, or a
                ``float`` exact to the cent. Zero is allowed.
            assignment_duration: How much time a worker has, from accepting to submitting: 30 seconds to 365 days,
                as a timedelta or in whole seconds.
            keywords: Words by which workers find the HITs: strings, or one comma-separated string; at most 1,000
                characters in all.
            auto_approval_delay: How long after its submission undecided work is approved, and paid, by itself: up
                to 30 days, as a timedelta or in whole seconds; 30 days unless given. Zero approves everything at
                once.
            qualification_requirements: What a worker must have to see or do the HITs: up to ten requirements, all
                of which count.

        Returns:
            The id of the HIT type.

        Raises:
            QualificationTypeDoesNotExist: A requirement names an unknown qualification type.
            InvalidQualificationTypeState: A requirement names a qualification type that is inactive or deleted.
        """
        answer = await self._ask(
            tables.CREATE_HIT_TYPE,
            CreateHITTypeResponse,
            {
                "AutoApprovalDelayInSeconds": auto_approval_delay,
                "AssignmentDurationInSeconds": assignment_duration,
                "Reward": reward,
                "Title": title,
                "Keywords": keywords,
                "Description": description,
                "QualificationRequirements": qualification_requirements,
            },
        )
        return answer.hit_type_id

    async def create_hit_with_hit_type(
        self,
        hit_type_id: str,
        *,
        lifetime: Duration,
        max_assignments: int | None = None,
        question: str | Document | Layout | None = None,
        requester_annotation: str | None = None,
        assignment_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
        hit_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
        hit_layout_id: str | None = None,
        hit_layout_parameters: Iterable[HITLayoutParameter | Mapping[str, Any]] | None = None,
        unique_request_token: str | None = None,
    ) -> HIT:
        """
        Publish a HIT that takes title, reward and the other shared properties from a HIT type.

        The reward and the fee for every assignment are held at once, and charged as work is approved. Amazon's fee
        is 20 % of the reward, another 20 % for HITs with ten assignments or more, and another 5 % when Masters are
        required.

        A HIT made with fewer than ten assignments can never grow to ten or more.

        For its first seconds a new HIT may refuse to be extended, enlarged or moved to another type, and lists may
        not show it yet; ``get_hit`` finds it at once.

        Retry class: token. It is repeated with the same request token, so that the service recognises it; the
        answer that it already exists, after an own earlier attempt, is success.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateHITWithHITTypeOperation.html

        Args:
            hit_type_id: The type that gives the HIT its title, reward and other shared properties.
            lifetime: How long workers may accept the HIT, from now on: 30 seconds to 365 days, as a timedelta or in
                whole seconds.
            max_assignments: How many workers may do the HIT, each of them once: 1 to 1,000,000,000; 1 unless given.
            question: What the worker sees: a question value such as ``ExternalQuestion``, ``HTMLQuestion``,
                ``QuestionForm`` or ``HITLayout``, or a ``str``, which is sent as it is; at most 65,535 bytes in
                UTF-8. Give either this or ``hit_layout_id``.
            requester_annotation: A note that only you can see, such as a row number: at most 255 ASCII characters.
            assignment_review_policy: A policy that scores each submission against known answers; fixed once the HIT
                is made.
            hit_review_policy: A policy that compares the workers' answers when all are in; fixed once the HIT is
                made.
            hit_layout_id: The layout, from a project on the requester site, that makes the question. Give either
                this or ``question``.
            hit_layout_parameters: A value for each placeholder of the layout. Values go into its HTML as they are,
                so escape what must be escaped; the finished page has at most 65,535 bytes in UTF-8.
            unique_request_token: 1 to 64 characters that keep the service from executing this call twice: it
                remembers the token for 24 hours and refuses a second call with it. Every attempt of the call
                carries the same one. Left out, aioturk makes one; pass your own to be able to repeat the call after
                a crash or a cancellation.

        Returns:
            The new HIT, ``Assignable``, with the properties of its type filled in.

        Raises:
            HITTypeDoesNotExist: The HIT type is unknown, or vanished after 120 days without use.
            HITAlreadyExists: The token you gave made a HIT within the last 24 hours; ``hit_id`` of the error names
                it.
            InsufficientFunds: The balance does not cover reward and fee for every assignment; no HIT was made.
            XMLParseError: The question is not a valid document of its kind.
            XHTMLParseError: Formatted content uses markup that is not permitted there.
            ParameterValidationError: The HTML of the question is not valid, or a placeholder of the layout was
                given no value.
            InvalidQualificationTypeState: A requirement names a qualification type that is inactive or deleted.
        """
        answer = await self._ask(
            tables.CREATE_HIT_WITH_HIT_TYPE,
            CreateHITWithHITTypeResponse,
            {
                "HITTypeId": hit_type_id,
                "MaxAssignments": max_assignments,
                "LifetimeInSeconds": lifetime,
                "Question": question,
                "RequesterAnnotation": requester_annotation,
                "UniqueRequestToken": unique_request_token,
                "AssignmentReviewPolicy": assignment_review_policy,
                "HITReviewPolicy": hit_review_policy,
                "HITLayoutId": hit_layout_id,
                "HITLayoutParameters": hit_layout_parameters,
            },
        )
        return answer.hit

    async def create_qualification_type(
        self,
        *,
        description: str,
        name: str,
        qualification_type_status: QualificationTypeStatus | str,
        keywords: Text | None = None,
        retry_delay: Duration | None = None,
        test: str | Document | None = None,
        answer_key: str | Document | None = None,
        test_duration: Duration | None = None,
        auto_granted: bool | None = None,
        auto_granted_value: int | None = None,
    ) -> QualificationType:
        """
        Create a qualification type: something that workers can have, and HITs can require.

        How workers get it: with ``auto_granted``, as soon as they ask; with ``test`` and ``answer_key``, by the
        score of the test; otherwise when ``accept_qualification_request`` grants the request that they leave, with
        the answers to the test if there is one. ``associate_qualification_with_worker`` needs no request.

        Name and keywords can never be changed. The name of a deleted type is free again after up to 48 hours.

        A new type appears in ``list_qualification_types`` after some seconds.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: a type of that name exists, every given member is equal, and it
        was made no earlier than a minute before the first attempt.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateQualificationTypeOperation.html

        Args:
            description: What the qualification stands for: 1 to 2,000 characters.
            name: The name that workers see, unlike that of any other type of yours: 1 to 200 characters.
            qualification_type_status: ``Active``, or ``Inactive``: workers cannot ask for the type, and new HITs
                cannot require it.
            keywords: Words by which workers find the type: strings, or one comma-separated string; at most 1,000
                characters in all.
            retry_delay: How long a worker waits before asking again, as a timedelta or in whole seconds. Without it
                a worker may ask only once.
            test: The test that workers take to get the qualification: a question form, at most 65,535 bytes in
                UTF-8. Other kinds of question cannot be a test, and ``auto_granted`` types have none.
            answer_key: How the test is scored: an answer key document, at most 65,535 bytes in UTF-8. Without one,
                you decide on each request.
            test_duration: How much time a worker has for the test: 1 second to 365 days, as a timedelta or in whole
                seconds. Needed with ``test``.
            auto_granted: True grants the qualification to every worker who asks, without a test; false unless
                given.
            auto_granted_value: The value that such a grant gives; 1 unless given.

        Returns:
            The new qualification type, with its id.

        Raises:
            QualificationTypeAlreadyExists: You have a type of that name, or one that is still being deleted.
            XMLParseError: The test or the answer key is not a valid document of its kind.
            XHTMLParseError: Formatted content uses markup that is not permitted there.
        """
        answer = await self._ask(
            tables.CREATE_QUALIFICATION_TYPE,
            CreateQualificationTypeResponse,
            {
                "Name": name,
                "Keywords": keywords,
                "Description": description,
                "QualificationTypeStatus": qualification_type_status,
                "RetryDelayInSeconds": retry_delay,
                "Test": test,
                "AnswerKey": answer_key,
                "TestDurationInSeconds": test_duration,
                "AutoGranted": auto_granted,
                "AutoGrantedValue": auto_granted_value,
            },
        )
        return answer.qualification_type

    async def create_worker_block(
        self,
        worker_id: str,
        *,
        reason: str,
    ) -> None:
        """
        Block a worker from all your HITs.

        The worker can no longer find, preview or accept them; submitted work is not touched. A block lasts until
        ``delete_worker_block``. You may have 100,000 blocks.

        Retry class: harmless. It is repeated: doing it twice has the same result as doing it once.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateWorkerBlockOperation.html

        Args:
            worker_id: The worker's id.
            reason: Why, for your own records; the worker is not shown this text.

        Raises:
            InvalidParameterValue: The worker is unknown in this environment.
        """
        await self._do(
            tables.CREATE_WORKER_BLOCK,
            {
                "WorkerId": worker_id,
                "Reason": reason,
            },
        )

    async def delete_hit(
        self,
        hit_id: str,
    ) -> None:
        """
        Dispose of a HIT for good.

        It works when the HIT is ``Reviewable`` or ``Reviewing`` and no submitted assignment awaits a decision. A
        running HIT is first ended with ``update_expiration_for_hit``.

        Fetch the results before: the HIT leaves every list, its uploaded files are gone, and its rejections can no
        longer be turned into approvals.

        Amazon disposes of a HIT by itself after 120 days.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: the HIT is Disposed, or no longer exists.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_DeleteHITOperation.html

        Args:
            hit_id: The HIT's id.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
            InvalidHITState: The HIT is still open, has work that awaits a decision, or is disposed of already.
        """
        await self._do(
            tables.DELETE_HIT,
            {
                "HITId": hit_id,
            },
        )

    async def delete_qualification_type(
        self,
        qualification_type_id: str,
    ) -> None:
        """
        Delete a qualification type and the HIT types that require it.

        Waiting requests are rejected, and no new HIT can require the type. Workers keep the qualification, and HITs
        that require it run on; the deletion is complete when the last of them is gone.

        The name is free again after up to 48 hours.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: the type no longer exists.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_DeleteQualificationTypeOperation.html

        Args:
            qualification_type_id: The qualification type's id.

        Raises:
            QualificationTypeDoesNotExist: The id is unknown in this environment.
        """
        await self._do(
            tables.DELETE_QUALIFICATION_TYPE,
            {
                "QualificationTypeId": qualification_type_id,
            },
        )

    async def delete_worker_block(
        self,
        worker_id: str,
        *,
        reason: str | None = None,
    ) -> None:
        """
        Let a blocked worker see and accept your HITs again.

        It succeeds for workers who are not blocked, too.

        Retry class: harmless. It is repeated: doing it twice has the same result as doing it once.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_DeleteWorkerBlockOperation.html

        Args:
            worker_id: The worker's id.
            reason: Why the block is lifted, for your own records.

        Raises:
            InvalidParameterValue: The id is not a worker's.
        """
        await self._do(
            tables.DELETE_WORKER_BLOCK,
            {
                "WorkerId": worker_id,
                "Reason": reason,
            },
        )

    async def disassociate_qualification_from_worker(
        self,
        worker_id: str,
        qualification_type_id: str,
        *,
        reason: str | None = None,
    ) -> None:
        """
        Revoke a worker's qualification.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: the qualification is revoked (never held is a refusal).

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_DisassociateQualificationFromWorkerOperation.html

        Args:
            worker_id: The worker's id.
            qualification_type_id: The qualification type's id.
            reason: Why it is revoked; the worker is shown this text.

        Raises:
            QualificationDoesNotExist: The worker never had the qualification, or its type is unknown.
            InvalidQualificationState: The qualification has been revoked already.
        """
        await self._do(
            tables.DISASSOCIATE_QUALIFICATION_FROM_WORKER,
            {
                "WorkerId": worker_id,
                "QualificationTypeId": qualification_type_id,
                "Reason": reason,
            },
        )

    async def get_account_balance(
        self,
    ) -> GetAccountBalanceResponse:
        """
        Read how much money the account can spend.

        Amazon's sandbox always has 10,000 US dollars.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_GetAccountBalanceOperation.html

        Returns:
            ``available_balance`` can be spent, ``on_hold_balance`` is held back; both in US dollars.
        """
        answer = await self._ask(
            tables.GET_ACCOUNT_BALANCE,
            GetAccountBalanceResponse,
            {},
        )
        return answer

    async def get_assignment(
        self,
        assignment_id: str,
    ) -> GetAssignmentResponse:
        """
        Read one submitted assignment, together with its HIT.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_GetAssignmentOperation.html

        Args:
            assignment_id: The assignment's id.

        Returns:
            ``assignment``, with the worker's answers, and ``hit``, the HIT it belongs to.

        Raises:
            AssignmentDoesNotExist: The id is unknown, or the assignment was returned or abandoned.
            InvalidAssignmentState: The worker is still at work on it.
        """
        answer = await self._ask(
            tables.GET_ASSIGNMENT,
            GetAssignmentResponse,
            {
                "AssignmentId": assignment_id,
            },
        )
        return answer

    async def get_file_upload_url(
        self,
        assignment_id: str,
        *,
        question_identifier: str,
    ) -> str:
        """
        Get an address from which a file that a worker uploaded can be fetched.

        It belongs to the file upload answer of question forms, which Amazon withdrew on 12 December 2017: there has
        been nothing to fetch since.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_GetFileUploadURLOperation.html

        Args:
            assignment_id: The assignment's id.
            question_identifier: The identifier of the question for which the file was uploaded.

        Returns:
            The address, which is valid for 60 seconds.

        Raises:
            AssignmentDoesNotExist: The id is unknown, or the assignment was returned or abandoned.
            ParameterValidationError: The assignment has no uploaded file for the question.
        """
        answer = await self._ask(
            tables.GET_FILE_UPLOAD_URL,
            GetFileUploadURLResponse,
            {
                "AssignmentId": assignment_id,
                "QuestionIdentifier": question_identifier,
            },
        )
        return answer.file_upload_url

    async def get_hit(
        self,
        hit_id: str,
    ) -> HIT:
        """
        Read one HIT.

        It works in every state and shows a change at once, while the lists of HITs lag by seconds.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_GetHITOperation.html

        Args:
            hit_id: The HIT's id.

        Returns:
            The HIT with its question, its state and its counters.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
        """
        answer = await self._ask(
            tables.GET_HIT,
            GetHITResponse,
            {
                "HITId": hit_id,
            },
        )
        return answer.hit

    async def get_qualification_score(
        self,
        qualification_type_id: str,
        worker_id: str,
    ) -> Qualification:
        """
        Read a worker's value for one of your qualification types.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_GetQualificationScoreOperation.html

        Args:
            qualification_type_id: The qualification type's id.
            worker_id: The worker's id.

        Returns:
            The qualification, with its value and the time it was granted.

        Raises:
            QualificationDoesNotExist: The worker does not have the qualification, or its type is unknown.
            InvalidQualificationState: The qualification has been revoked.
        """
        answer = await self._ask(
            tables.GET_QUALIFICATION_SCORE,
            GetQualificationScoreResponse,
            {
                "QualificationTypeId": qualification_type_id,
                "WorkerId": worker_id,
            },
        )
        return answer.qualification

    async def get_qualification_type(
        self,
        qualification_type_id: str,
    ) -> QualificationType:
        """
        Read one qualification type, your own or one of the system's.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_GetQualificationTypeOperation.html

        Args:
            qualification_type_id: The qualification type's id.

        Returns:
            The qualification type.

        Raises:
            QualificationTypeDoesNotExist: The id is unknown in this environment.
        """
        answer = await self._ask(
            tables.GET_QUALIFICATION_TYPE,
            GetQualificationTypeResponse,
            {
                "QualificationTypeId": qualification_type_id,
            },
        )
        return answer.qualification_type

    def list_assignments_for_hit(
        self,
        hit_id: str,
        *,
        assignment_statuses: Iterable[AssignmentStatus | str] | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[Assignment, ListAssignmentsForHITResponse]:
        """
        List the work that has been submitted for a HIT.

        It works in every state of the HIT, so results can be read as they come in. Assignments that are in work,
        returned or abandoned are never listed.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListAssignmentsForHITOperation.html

        Args:
            hit_id: The HIT's id.
            assignment_statuses: Which states to list: ``Submitted``, ``Approved``, ``Rejected``; all three unless
                given.
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            The assignments with their answers. The service promises no order.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
        """
        return self._list(
            tables.LIST_ASSIGNMENTS_FOR_HIT,
            ListAssignmentsForHITResponse,
            {
                "HITId": hit_id,
                "NextToken": next_token,
                "MaxResults": max_results,
                "AssignmentStatuses": assignment_statuses,
            },
        )

    def list_bonus_payments(
        self,
        *,
        hit_id: str | None = None,
        assignment_id: str | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[BonusPayment, ListBonusPaymentsResponse]:
        """
        List the bonuses paid for a HIT or for one assignment.

        Give ``hit_id`` or ``assignment_id``.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListBonusPaymentsOperation.html

        Args:
            hit_id: List the bonuses for all assignments of this HIT.
            assignment_id: List the bonuses for this assignment.
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            The payments, with worker, amount, reason and time. The service promises no order.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
            AssignmentDoesNotExist: The id is unknown, or the assignment was returned or abandoned.
        """
        return self._list(
            tables.LIST_BONUS_PAYMENTS,
            ListBonusPaymentsResponse,
            {
                "HITId": hit_id,
                "AssignmentId": assignment_id,
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    def list_hits(
        self,
        *,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[HIT, ListHITsResponse]:
        """
        List your HITs in every state but ``Disposed``.

        The list follows changes with a delay of seconds; ``get_hit`` shows them at once.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListHITsOperation.html

        Args:
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            The HITs, complete with their questions. The service promises no order.
        """
        return self._list(
            tables.LIST_HITS,
            ListHITsResponse,
            {
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    def list_hits_for_qualification_type(
        self,
        qualification_type_id: str,
        *,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[HIT, ListHITsForQualificationTypeResponse]:
        """
        List your HITs that require a qualification type, in every state but ``Disposed``.

        The list follows changes with a delay of seconds; ``get_hit`` shows them at once.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListHITsForQualificationTypeOperation.html

        Args:
            qualification_type_id: The qualification type's id.
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            The HITs whose requirements name the type. The service promises no order.
        """
        return self._list(
            tables.LIST_HITS_FOR_QUALIFICATION_TYPE,
            ListHITsForQualificationTypeResponse,
            {
                "QualificationTypeId": qualification_type_id,
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    def list_qualification_requests(
        self,
        *,
        qualification_type_id: str | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[QualificationRequest, ListQualificationRequestsResponse]:
        """
        List the requests of workers that wait for your decision.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListQualificationRequestsOperation.html

        Args:
            qualification_type_id: Only requests for this type; for all your types unless given.
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            The waiting requests, with the answers to the test if there is one. The service promises no order.
        """
        return self._list(
            tables.LIST_QUALIFICATION_REQUESTS,
            ListQualificationRequestsResponse,
            {
                "QualificationTypeId": qualification_type_id,
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    def list_qualification_types(
        self,
        *,
        must_be_requestable: bool,
        query: str | None = None,
        must_be_owned_by_caller: bool | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[QualificationType, ListQualificationTypesResponse]:
        """
        Search the qualification types, your own and other requesters'.

        The list follows changes with a delay of seconds.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListQualificationTypesOperation.html

        Args:
            must_be_requestable: True lists only types that workers can ask for, which leaves out the system's own.
            query: Words to look for in names, descriptions and keywords, in either case; everything unless given.
            must_be_owned_by_caller: True lists only your own types; false, unless given, lists those of other
                requesters too.
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            The qualification types that fit. The service promises no order.
        """
        return self._list(
            tables.LIST_QUALIFICATION_TYPES,
            ListQualificationTypesResponse,
            {
                "Query": query,
                "MustBeRequestable": must_be_requestable,
                "MustBeOwnedByCaller": must_be_owned_by_caller,
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    def list_review_policy_results_for_hit(
        self,
        hit_id: str,
        *,
        policy_levels: Iterable[ReviewPolicyLevel | str] | None = None,
        retrieve_actions: bool | None = None,
        retrieve_results: bool | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[ReviewResultDetail | ReviewActionDetail, ListReviewPolicyResultsForHITResponse]:
        """
        List what the review policies of a HIT found and did.

        The policies come back by name only, without the parameters that the HIT was made with.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListReviewPolicyResultsForHITOperation.html

        Args:
            hit_id: The HIT's id.
            policy_levels: Which policies to report on: ``Assignment``, ``HIT``; both unless given.
            retrieve_actions: Whether to list the actions that were taken; true unless given.
            retrieve_results: Whether to list the results that were found; true unless given.
            max_results: How many details a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            Result and action details in the order in which they come; a page keeps them in their two reports.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
        """
        return self._list(
            tables.LIST_REVIEW_POLICY_RESULTS_FOR_HIT,
            ListReviewPolicyResultsForHITResponse,
            {
                "HITId": hit_id,
                "PolicyLevels": policy_levels,
                "RetrieveActions": retrieve_actions,
                "RetrieveResults": retrieve_results,
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    def list_reviewable_hits(
        self,
        *,
        hit_type_id: str | None = None,
        status: ReviewableHITStatus | str | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[ReviewableHIT, ListReviewableHITsResponse]:
        """
        List the ids of the HITs whose work is done or whose time is over.

        One call lists one state: for both, ask for ``Reviewable`` and for ``Reviewing``.

        The list follows changes with a delay of seconds; ``get_hit`` shows them at once.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListReviewableHITsOperation.html

        Args:
            hit_type_id: Only HITs of this type; of every type unless given.
            status: ``Reviewable`` or ``Reviewing``; ``Reviewable`` unless given.
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            Values that hold nothing but ``hit_id``, because the service sends no more. It promises no order.
        """
        return self._list(
            tables.LIST_REVIEWABLE_HITS,
            ListReviewableHITsResponse,
            {
                "HITTypeId": hit_type_id,
                "Status": status,
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    def list_worker_blocks(
        self,
        *,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[WorkerBlock, ListWorkerBlocksResponse]:
        """
        List the workers whom you have blocked.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListWorkerBlocksOperation.html

        Args:
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            The blocks, with worker and reason. The service promises no order.
        """
        return self._list(
            tables.LIST_WORKER_BLOCKS,
            ListWorkerBlocksResponse,
            {
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    def list_workers_with_qualification_type(
        self,
        qualification_type_id: str,
        *,
        status: QualificationStatus | str | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Listing[Qualification, ListWorkersWithQualificationTypeResponse]:
        """
        List the workers who have, or had, one of your qualification types.

        Retry class: read. It is repeated: reading changes nothing.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListWorkersWithQualificationTypeOperation.html

        Args:
            qualification_type_id: The qualification type's id.
            status: ``Granted`` or ``Revoked``; ``Granted`` unless given.
            max_results: How many items a page has at most: 1 to 100; 100 unless given.
            next_token: Where to start: the ``next_token`` of an earlier page; at the beginning unless given.

        Returns:
            One qualification for each worker. The service promises no order.
        """
        return self._list(
            tables.LIST_WORKERS_WITH_QUALIFICATION_TYPE,
            ListWorkersWithQualificationTypeResponse,
            {
                "QualificationTypeId": qualification_type_id,
                "Status": status,
                "NextToken": next_token,
                "MaxResults": max_results,
            },
        )

    async def notify_workers(
        self,
        *,
        subject: str,
        message_text: str,
        worker_ids: Iterable[str],
    ) -> tuple[NotifyWorkersFailureStatus, ...]:
        """
        Send an e-mail to up to 100 workers who have worked for you.

        Look at the result: a worker who could not be reached is reported there, not raised. That includes everybody
        whose work you have never approved or rejected.

        Retry class: once. It is never repeated: the error is raised as ambiguous.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_NotifyWorkersOperation.html

        Args:
            subject: The subject of the e-mail: 1 to 200 characters.
            message_text: The text of the e-mail: 1 to 4,096 characters.
            worker_ids: The ids of the workers: 1 to 100.

        Returns:
            One failure for each worker who was not notified; empty when all were.
        """
        answer = await self._ask(
            tables.NOTIFY_WORKERS,
            NotifyWorkersResponse,
            {
                "Subject": subject,
                "MessageText": message_text,
                "WorkerIds": worker_ids,
            },
        )
        return answer.notify_workers_failure_statuses

    async def reject_assignment(
        self,
        assignment_id: str,
        *,
        requester_feedback: str,
    ) -> None:
        """
        Reject submitted work, so that its reward is not paid.

        Nothing is charged, and what was held for the assignment is released. The place of the rejected work is not
        offered again: ``create_additional_assignments_for_hit`` makes a new one.

        ``approve_assignment`` with ``override_rejection`` turns a rejection into an approval, up to 30 days after
        the work was submitted. Approved work can never be rejected.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: the assignment is Rejected (Approved is a refusal).

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_RejectAssignmentOperation.html

        Args:
            assignment_id: The assignment's id.
            requester_feedback: Why, for the worker to read: 1 to 1,024 characters.

        Raises:
            AssignmentDoesNotExist: The id is unknown, or the assignment was returned or abandoned.
            InvalidAssignmentState: The work has been approved or rejected already, or is not submitted yet.
        """
        await self._do(
            tables.REJECT_ASSIGNMENT,
            {
                "AssignmentId": assignment_id,
                "RequesterFeedback": requester_feedback,
            },
        )

    async def reject_qualification_request(
        self,
        qualification_request_id: str,
        *,
        reason: str | None = None,
    ) -> None:
        """
        Decline to grant the qualification that a worker asked for.

        A qualification that the worker has already is kept. The request leaves the list.

        Retry class: unprovable. It is repeated; when the repeat is refused nothing can be read any more, so the
        refusal is raised as ambiguous.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_RejectQualificationRequestOperation.html

        Args:
            qualification_request_id: The request's id, from ``list_qualification_requests``.
            reason: Why it is declined; the worker is shown this text.

        Raises:
            QualificationRequestDoesNotExist: The id is unknown, or the request is gone.
            InvalidQualificationRequestState: The request has been decided already.
        """
        await self._do(
            tables.REJECT_QUALIFICATION_REQUEST,
            {
                "QualificationRequestId": qualification_request_id,
                "Reason": reason,
            },
        )

    async def send_bonus(
        self,
        worker_id: str,
        assignment_id: str,
        *,
        bonus_amount: Money,
        reason: str,
        unique_request_token: str | None = None,
    ) -> None:
        """
        Pay a worker a bonus for an assignment.

        You are charged the bonus and its fee (20 % at Amazon) at once. A bonus cannot be taken back.

        The work must have been submitted, and need not have been decided on. One assignment may earn several
        bonuses. Amazon may refuse a bonus for work that is older than about six months.

        Retry class: token. It is repeated with the same request token, so that the service recognises it; the
        answer that it already exists, after an own earlier attempt, is success.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_SendBonusOperation.html

        Args:
            worker_id: The worker who did the assignment.
            assignment_id: The submitted assignment that the bonus is for.
            bonus_amount: The bonus in US dollars, above zero: a ``Decimal``, ``int``, ``str``, or a ``float`` exact
                to the cent.
            reason: What the bonus is for; the worker is shown this text, which must not be empty.
            unique_request_token: 1 to 64 characters that keep the service from executing this call twice: it
                remembers the token for 24 hours and refuses a second call with it. Every attempt of the call
                carries the same one. Left out, aioturk makes one; pass your own to be able to repeat the call after
                a crash or a cancellation.

        Raises:
            AssignmentDoesNotExist: The id is unknown, or the work has not been submitted.
            InvalidParameterValue: The worker is unknown in this environment.
            DuplicateCall: The token you gave was used within the last 24 hours; nothing was done again.
            InsufficientFunds: The balance does not cover bonus and fee; nothing was paid.
        """
        await self._do(
            tables.SEND_BONUS,
            {
                "WorkerId": worker_id,
                "BonusAmount": bonus_amount,
                "AssignmentId": assignment_id,
                "Reason": reason,
                "UniqueRequestToken": unique_request_token,
            },
        )

    async def send_test_event_notification(
        self,
        *,
        notification: NotificationSpecification | Mapping[str, Any],
        test_event_type: EventType | str,
    ) -> None:
        """
        Send one test message to a destination, to see whether it arrives.

        The event is sent at once, even if the notification does not list it.

        Retry class: once. It is never repeated: the error is raised as ambiguous.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_SendTestEventNotificationOperation.html

        Args:
            notification: Where the test message goes.
            test_event_type: The event of the test message; ``Ping`` is there for nothing else.

        Raises:
            InvalidTransportEndpoint: The service cannot send to the destination.
        """
        await self._do(
            tables.SEND_TEST_EVENT_NOTIFICATION,
            {
                "Notification": notification,
                "TestEventType": test_event_type,
            },
        )

    async def update_expiration_for_hit(
        self,
        hit_id: str,
        *,
        expire_at: datetime | float,
    ) -> None:
        """
        Extend a HIT to a later time, or end it now.

        A time that is past takes the HIT off the market at once. Workers who have accepted it keep their
        assignments and may submit them until their own deadlines.

        A future time extends the HIT. It must lie 60 seconds to 365 days after the present expiration, or after now
        when the HIT has expired: a HIT cannot be shortened to a future time. An expired HIT with assignments left
        becomes ``Assignable`` again.

        To end a HIT, give a clearly past time: if your clock runs ahead, your now is the service's future.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: the expiration is within a second of the one asked for; for a
        past time, not after now.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_UpdateExpirationForHITOperation.html

        Args:
            hit_id: The HIT's id.
            expire_at: When the HIT is to expire: an aware datetime. A past time ends the HIT now.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
            ParameterValidationError: The extension is shorter than 60 seconds, negative, or longer than 365 days.
            DuplicateCall: The HIT was extended to this very time before.
            InvalidHITState: The HIT has been disposed of, or is only seconds old and can only be ended.
        """
        await self._do(
            tables.UPDATE_EXPIRATION_FOR_HIT,
            {
                "HITId": hit_id,
                "ExpireAt": expire_at,
            },
        )

    async def update_hit_review_status(
        self,
        hit_id: str,
        *,
        revert: bool | None = None,
    ) -> None:
        """
        Mark a reviewable HIT as being reviewed, or take the mark back.

        The mark is for your own bookkeeping: ``hit_status`` goes from ``Reviewable`` to ``Reviewing`` or back, and
        nothing else happens.

        In spite of the operation's name, ``hit_review_status`` stays as it is; no operation changes that one.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: the HIT has the status asked for.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_UpdateHITReviewStatusOperation.html

        Args:
            hit_id: The HIT's id.
            revert: True takes the mark back, from ``Reviewing`` to ``Reviewable``; false unless given.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
            InvalidHITState: The HIT is not ``Reviewable``, or not ``Reviewing`` when ``revert`` is true.
        """
        await self._do(
            tables.UPDATE_HIT_REVIEW_STATUS,
            {
                "HITId": hit_id,
                "Revert": revert,
            },
        )

    async def update_hit_type_of_hit(
        self,
        hit_id: str,
        hit_type_id: str,
    ) -> None:
        """
        Move a HIT to another HIT type.

        The HIT takes title, description, keywords, reward, assignment duration, auto-approval delay, requirements
        and group of the new type, and follows that type's notification settings. Its expiration, number of
        assignments, question and annotation stay.

        It works only while nobody has accepted or submitted an assignment of the HIT.

        Retry class: settled. It is repeated; when the repeat is refused, the state is read: what was asked for is
        success, anything else raises. Success is: the HIT has the type asked for.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_UpdateHITTypeOfHITOperation.html

        Args:
            hit_id: The HIT's id.
            hit_type_id: The type to move the HIT to.

        Raises:
            HITDoesNotExist: The id is unknown in this environment.
            HITTypeDoesNotExist: The HIT type is unknown, or vanished after 120 days without use.
            InvalidHITState: An assignment has been accepted or submitted, or the HIT is only seconds old.
        """
        await self._do(
            tables.UPDATE_HIT_TYPE_OF_HIT,
            {
                "HITId": hit_id,
                "HITTypeId": hit_type_id,
            },
        )

    async def update_notification_settings(
        self,
        hit_type_id: str,
        *,
        notification: NotificationSpecification | Mapping[str, Any] | None = None,
        active: bool | None = None,
    ) -> None:
        """
        Say which events of a HIT type are reported, and where to.

        Give ``notification``, ``active``, or both. A HIT type has one notification; a new one takes its place, and
        ``active`` alone switches the one that is there.

        To hear of ``HITCreated``, set this on a HIT type before its first HIT.

        Retry class: harmless. It is repeated: doing it twice has the same result as doing it once.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_UpdateNotificationSettingsOperation.html

        Args:
            hit_type_id: The HIT type whose events are reported.
            notification: Where the messages go, and which events cause them; without it the one that is there
                stays.
            active: True switches the notification on, false off.

        Raises:
            HITTypeDoesNotExist: The HIT type is unknown, or vanished after 120 days without use.
            InvalidTransportEndpoint: The service cannot send to the destination.
        """
        await self._do(
            tables.UPDATE_NOTIFICATION_SETTINGS,
            {
                "HITTypeId": hit_type_id,
                "Notification": notification,
                "Active": active,
            },
        )

    async def update_qualification_type(
        self,
        qualification_type_id: str,
        *,
        description: str | None = None,
        qualification_type_status: QualificationTypeStatus | str | None = None,
        test: str | Document | None = None,
        answer_key: str | Document | None = None,
        test_duration: Duration | None = None,
        retry_delay: Duration | None = None,
        auto_granted: bool | None = None,
        auto_granted_value: int | None = None,
    ) -> QualificationType:
        """
        Change a qualification type; what you leave out stays, except an answer key.

        A test changes as a whole: give ``test`` and ``test_duration`` together, and ``answer_key`` too if there is
        to be one, because a new test without it drops the old key.

        A test cannot be removed, and neither can a retry delay. A type with a test cannot become ``auto_granted``,
        and one that is ``auto_granted`` cannot get a test.

        Retry class: harmless. It is repeated: doing it twice has the same result as doing it once.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_UpdateQualificationTypeOperation.html

        Args:
            qualification_type_id: The qualification type's id.
            description: What the qualification stands for: 1 to 2,000 characters.
            qualification_type_status: ``Active``, or ``Inactive``: workers cannot ask for the type, and new HITs
                cannot require it.
            test: A new test in place of the old one: a question form, at most 65,535 bytes in UTF-8.
            answer_key: How the new test is scored: an answer key document, at most 65,535 bytes in UTF-8. A new
                test without one drops the old key.
            test_duration: How much time a worker has for the test: 1 second to 365 days, as a timedelta or in whole
                seconds. Needed with ``test``.
            retry_delay: How long a worker waits before asking again, as a timedelta or in whole seconds; it cannot
                be removed.
            auto_granted: True grants the qualification to every worker who asks, without a test.
            auto_granted_value: The value that such a grant gives.

        Returns:
            The qualification type as it is now.

        Raises:
            QualificationTypeDoesNotExist: The id is unknown in this environment.
            InvalidParameterValue: A test for a type that is ``auto_granted``, or the other way round.
            XMLParseError: The test or the answer key is not a valid document of its kind.
            XHTMLParseError: Formatted content uses markup that is not permitted there.
        """
        answer = await self._ask(
            tables.UPDATE_QUALIFICATION_TYPE,
            UpdateQualificationTypeResponse,
            {
                "QualificationTypeId": qualification_type_id,
                "Description": description,
                "QualificationTypeStatus": qualification_type_status,
                "Test": test,
                "AnswerKey": answer_key,
                "TestDurationInSeconds": test_duration,
                "RetryDelayInSeconds": retry_delay,
                "AutoGranted": auto_granted,
                "AutoGrantedValue": auto_granted_value,
            },
        )
        return answer.qualification_type
