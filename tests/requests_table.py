"""A minimal valid request for each of the 39 operations, under the service's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["ASSIGNMENT_ID", "HIT_ID", "HIT_TYPE_ID", "QUALIFICATION_TYPE_ID", "REQUESTS", "WORKER_ID"]

HIT_ID = "3X7837UUADRXYCA1K7JAJLKC66DJ60"
HIT_TYPE_ID = "3V76OXST9SAE3THKN85FUPK7730050"
ASSIGNMENT_ID = "3018Q3ZVOIPG7TAIYT4NTY2DLY5ARM"
QUALIFICATION_TYPE_ID = "3E5ZD2ZBE1QC4W7YGAFUAFXZ0DNW6Q"
WORKER_ID = "A143XRCI1YXAFE"

_HIT_TYPE = {
    "Title": "Guess the age",
    "Description": "Look at a picture and guess the person's age.",
    "Reward": "0.25",
    "AssignmentDurationInSeconds": 300,
}
_HIT = {"LifetimeInSeconds": 3600, "Question": "<ExternalQuestion/>"}
_NOTIFICATION = {
    "Destination": "https://sqs.us-east-1.amazonaws.com/123456789012/mturk",
    "Transport": "SQS",
    "Version": "2014-08-15",
    "EventTypes": ["AssignmentSubmitted"],
}

REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "AcceptQualificationRequest": {"QualificationRequestId": "request-1"},
    "ApproveAssignment": {"AssignmentId": ASSIGNMENT_ID},
    "AssociateQualificationWithWorker": {"QualificationTypeId": QUALIFICATION_TYPE_ID, "WorkerId": WORKER_ID},
    "CreateAdditionalAssignmentsForHIT": {"HITId": HIT_ID, "NumberOfAdditionalAssignments": 2},
    "CreateHIT": {**_HIT_TYPE, **_HIT},
    "CreateHITType": _HIT_TYPE,
    "CreateHITWithHITType": {"HITTypeId": HIT_TYPE_ID, **_HIT},
    "CreateQualificationType": {"Name": "Ages", "Description": "Good at ages.", "QualificationTypeStatus": "Active"},
    "CreateWorkerBlock": {"WorkerId": WORKER_ID, "Reason": "Answers at random."},
    "DeleteHIT": {"HITId": HIT_ID},
    "DeleteQualificationType": {"QualificationTypeId": QUALIFICATION_TYPE_ID},
    "DeleteWorkerBlock": {"WorkerId": WORKER_ID},
    "DisassociateQualificationFromWorker": {"WorkerId": WORKER_ID, "QualificationTypeId": QUALIFICATION_TYPE_ID},
    "GetAccountBalance": {},
    "GetAssignment": {"AssignmentId": ASSIGNMENT_ID},
    "GetFileUploadURL": {"AssignmentId": ASSIGNMENT_ID, "QuestionIdentifier": "upload"},
    "GetHIT": {"HITId": HIT_ID},
    "GetQualificationScore": {"QualificationTypeId": QUALIFICATION_TYPE_ID, "WorkerId": WORKER_ID},
    "GetQualificationType": {"QualificationTypeId": QUALIFICATION_TYPE_ID},
    "ListAssignmentsForHIT": {"HITId": HIT_ID},
    "ListBonusPayments": {"HITId": HIT_ID},
    "ListHITs": {},
    "ListHITsForQualificationType": {"QualificationTypeId": QUALIFICATION_TYPE_ID},
    "ListQualificationRequests": {},
    "ListQualificationTypes": {"MustBeRequestable": True},
    "ListReviewPolicyResultsForHIT": {"HITId": HIT_ID},
    "ListReviewableHITs": {},
    "ListWorkerBlocks": {},
    "ListWorkersWithQualificationType": {"QualificationTypeId": QUALIFICATION_TYPE_ID},
    "NotifyWorkers": {"Subject": "Thanks", "MessageText": "There is more.", "WorkerIds": [WORKER_ID]},
    "RejectAssignment": {"AssignmentId": ASSIGNMENT_ID, "RequesterFeedback": "Empty."},
    "RejectQualificationRequest": {"QualificationRequestId": "request-1"},
    "SendBonus": {
        "WorkerId": WORKER_ID,
        "BonusAmount": "1.00",
        "AssignmentId": ASSIGNMENT_ID,
        "Reason": "Very careful work.",
    },
    "SendTestEventNotification": {"Notification": _NOTIFICATION, "TestEventType": "Ping"},
    "UpdateExpirationForHIT": {"HITId": HIT_ID, "ExpireAt": 0},
    "UpdateHITReviewStatus": {"HITId": HIT_ID},
    "UpdateHITTypeOfHIT": {"HITId": HIT_ID, "HITTypeId": HIT_TYPE_ID},
    "UpdateNotificationSettings": {"HITTypeId": HIT_TYPE_ID, "Active": True},
    "UpdateQualificationType": {"QualificationTypeId": QUALIFICATION_TYPE_ID, "Description": "Better at ages."},
}
