"""
Which operations may be sent again after an attempt that may have taken effect: the table.

The facts about money are here, as data; :mod:`aioturk.retries` acts on them, the generated docstrings
quote them, and the documentation's table is made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["MEANING", "RETRY_CLASSES", "SUCCESS_WHEN", "RetryClass"]


class RetryClass(StrEnum):
    """What may be done after an attempt that may have taken effect."""

    READ = "read"
    TOKEN = "token"  # noqa: S105 - a class of operations, not a secret
    HARMLESS = "harmless"
    SETTLED = "settled"
    UNPROVABLE = "unprovable"
    ONCE = "once"


MEANING: Mapping[RetryClass, str] = {
    RetryClass.READ: "It is repeated: reading changes nothing.",
    RetryClass.TOKEN: (
        "It is repeated with the same request token, so that the service recognises it; "
        "the answer that it already exists, after an own earlier attempt, is success."
    ),
    RetryClass.HARMLESS: "It is repeated: doing it twice has the same result as doing it once.",
    RetryClass.SETTLED: (
        "It is repeated; when the repeat is refused, the state is read: what was asked for is success, "
        "anything else raises."
    ),
    RetryClass.UNPROVABLE: (
        "It is repeated; when the repeat is refused nothing can be read any more, so the refusal is raised "
        "as ambiguous."
    ),
    RetryClass.ONCE: "It is never repeated: the error is raised as ambiguous.",
}
"""What happens after an attempt that may have taken effect, in a sentence for each class."""

RETRY_CLASSES: Mapping[str, RetryClass] = {
    "GetAccountBalance": RetryClass.READ,
    "GetAssignment": RetryClass.READ,
    "GetFileUploadURL": RetryClass.READ,
    "GetHIT": RetryClass.READ,
    "GetQualificationScore": RetryClass.READ,
    "GetQualificationType": RetryClass.READ,
    "ListAssignmentsForHIT": RetryClass.READ,
    "ListBonusPayments": RetryClass.READ,
    "ListHITs": RetryClass.READ,
    "ListHITsForQualificationType": RetryClass.READ,
    "ListQualificationRequests": RetryClass.READ,
    "ListQualificationTypes": RetryClass.READ,
    "ListReviewPolicyResultsForHIT": RetryClass.READ,
    "ListReviewableHITs": RetryClass.READ,
    "ListWorkerBlocks": RetryClass.READ,
    "ListWorkersWithQualificationType": RetryClass.READ,
    "CreateAdditionalAssignmentsForHIT": RetryClass.TOKEN,
    "CreateHIT": RetryClass.TOKEN,
    "CreateHITWithHITType": RetryClass.TOKEN,
    "SendBonus": RetryClass.TOKEN,
    "AssociateQualificationWithWorker": RetryClass.HARMLESS,  # a second e-mail to the worker is possible
    "CreateHITType": RetryClass.HARMLESS,
    "CreateWorkerBlock": RetryClass.HARMLESS,
    "DeleteWorkerBlock": RetryClass.HARMLESS,
    "UpdateNotificationSettings": RetryClass.HARMLESS,
    "UpdateQualificationType": RetryClass.HARMLESS,
    "ApproveAssignment": RetryClass.SETTLED,
    "CreateQualificationType": RetryClass.SETTLED,
    "DeleteHIT": RetryClass.SETTLED,
    "DeleteQualificationType": RetryClass.SETTLED,
    "DisassociateQualificationFromWorker": RetryClass.SETTLED,
    "RejectAssignment": RetryClass.SETTLED,
    "UpdateExpirationForHIT": RetryClass.SETTLED,
    "UpdateHITReviewStatus": RetryClass.SETTLED,
    "UpdateHITTypeOfHIT": RetryClass.SETTLED,
    "AcceptQualificationRequest": RetryClass.UNPROVABLE,
    "RejectQualificationRequest": RetryClass.UNPROVABLE,
    "NotifyWorkers": RetryClass.ONCE,
    "SendTestEventNotification": RetryClass.ONCE,
}
"""The class of each of the 39 operations."""

SUCCESS_WHEN: Mapping[str, str] = {
    "ApproveAssignment": "the assignment is Approved",
    "CreateQualificationType": (
        "a type of that name exists, every given member is equal, and it was made no earlier than a minute before "
        "the first attempt"
    ),
    "DeleteHIT": "the HIT is Disposed, or no longer exists",
    "DeleteQualificationType": "the type no longer exists",
    "DisassociateQualificationFromWorker": "the qualification is revoked (never held is a refusal)",
    "RejectAssignment": "the assignment is Rejected (Approved is a refusal)",
    "UpdateExpirationForHIT": "the expiration is within a second of the one asked for; for a past time, not after now",
    "UpdateHITReviewStatus": "the HIT has the status asked for",
    "UpdateHITTypeOfHIT": "the HIT has the type asked for",
}
"""What counts as success when a settled operation's repeat is refused."""
