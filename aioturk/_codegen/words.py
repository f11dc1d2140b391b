"""
Our own sentences about the service: what the generated docstrings are made of.

Texts only, by the service's names, in the order of the requester's work: HITs, assignments, review
policies, qualifications, workers, account and notifications. Python names, bounds and presence are in `names`; the
retry class, the link to the manual and what is common to every call are added by `render`.

Nothing here is quoted from the service's documentation: facts are taken, sentences are written. In the
texts, what stands between double backquotes is Python as the user types it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "ARGUMENTS",
    "ARGUMENTS_OF",
    "ENUMS",
    "ENUM_VALUES",
    "FIELDS",
    "FIELDS_OF",
    "OPERATIONS",
    "STRUCTURES",
    "OperationWords",
]


@dataclass(frozen=True, slots=True)
class OperationWords:
    """
    What the docstring of one operation says.

    Attributes:
        summary: What it does, in one imperative sentence of at most 95 characters.
        notes: Further paragraphs: effects, money, the states in which it works, pitfalls.
        returns: What comes back; empty when nothing does.
        raises: Names of error classes, each with the cause, for the errors that are particular to the operation.
    """

    summary: str
    notes: tuple[str, ...] = ()
    returns: str = ""
    raises: tuple[tuple[str, str], ...] = ()


_NO_HIT = ("HITDoesNotExist", "The id is unknown in this environment.")
_NO_HIT_TYPE = ("HITTypeDoesNotExist", "The HIT type is unknown, or vanished after 120 days without use.")
_NO_ASSIGNMENT = ("AssignmentDoesNotExist", "The id is unknown, or the assignment was returned or abandoned.")
_NO_QUALIFICATION_TYPE = ("QualificationTypeDoesNotExist", "The id is unknown in this environment.")
_NO_REQUIRED_TYPE = ("QualificationTypeDoesNotExist", "A requirement names an unknown qualification type.")
_REQUIRED_TYPE_UNUSABLE = (
    "InvalidQualificationTypeState",
    "A requirement names a qualification type that is inactive or deleted.",
)
_BAD_QUESTION = ("XMLParseError", "The question is not a valid document of its kind.")
_BAD_TEST = ("XMLParseError", "The test or the answer key is not a valid document of its kind.")
_BAD_FORMATTED_CONTENT = ("XHTMLParseError", "Formatted content uses markup that is not permitted there.")
_BAD_HTML_OR_LAYOUT = (
    "ParameterValidationError",
    "The HTML of the question is not valid, or a placeholder of the layout was given no value.",
)
_HIT_NOT_COVERED = (
    "InsufficientFunds",
    "The balance does not cover reward and fee for every assignment; no HIT was made.",
)
_HIT_MADE_BEFORE = (
    "HITAlreadyExists",
    "The token you gave made a HIT within the last 24 hours; ``hit_id`` of the error names it.",
)
_TOKEN_USED_BEFORE = ("DuplicateCall", "The token you gave was used within the last 24 hours; nothing was done again.")
_NO_QUALIFICATION_REQUEST = ("QualificationRequestDoesNotExist", "The id is unknown, or the request is gone.")
_QUALIFICATION_REQUEST_DECIDED = ("InvalidQualificationRequestState", "The request has been decided already.")
_UNKNOWN_WORKER = ("InvalidParameterValue", "The worker is unknown in this environment.")
_BAD_DESTINATION = ("InvalidTransportEndpoint", "The service cannot send to the destination.")

_HELD_FOR_HIT = (
    "The reward and the fee for every assignment are held at once, and charged as work is approved. Amazon's fee is "
    "20 % of the reward, another 20 % for HITs with ten assignments or more, and another 5 % when Masters are required."
)
_YOUNG_HIT = (
    "For its first seconds a new HIT may refuse to be extended, enlarged or moved to another type, and lists may not "
    "show it yet; ``get_hit`` finds it at once."
)
_NEVER_TO_TEN = "A HIT made with fewer than ten assignments can never grow to ten or more."
_LAGGING_LIST = "The list follows changes with a delay of seconds; ``get_hit`` shows them at once."


OPERATIONS: Mapping[str, OperationWords] = {
    # HITs
    "CreateHIT": OperationWords(
        summary="Publish a HIT: a question to workers, with its reward and the number of answers wanted.",
        notes=(
            _HELD_FOR_HIT,
            "HITs that agree in ``title``, ``description``, ``keywords``, ``reward``, ``assignment_duration``, "
            "``auto_approval_delay`` and ``qualification_requirements`` share a HIT type, and workers see them as one "
            "group.",
            _NEVER_TO_TEN,
            _YOUNG_HIT,
        ),
        returns=(
            "The new HIT, ``Assignable``, with its ``hit_id`` and the ``hit_type_id`` that was found or made for it."
        ),
        raises=(
            _HIT_MADE_BEFORE,
            _HIT_NOT_COVERED,
            _BAD_QUESTION,
            _BAD_FORMATTED_CONTENT,
            _BAD_HTML_OR_LAYOUT,
            _NO_REQUIRED_TYPE,
            _REQUIRED_TYPE_UNUSABLE,
        ),
    ),
    "CreateHITType": OperationWords(
        summary="Register the properties that a group of HITs shares, or find the type that has them.",
        notes=(
            "This costs nothing and shows nothing to workers. Equal properties always give the same type.",
            "For many HITs of one kind, make the type once and call ``create_hit_with_hit_type`` for each HIT.",
            "A HIT type can be neither read, listed, changed nor deleted; Amazon forgets an unused one after 120 days.",
        ),
        returns="The id of the HIT type.",
        raises=(_NO_REQUIRED_TYPE, _REQUIRED_TYPE_UNUSABLE),
    ),
    "CreateHITWithHITType": OperationWords(
        summary="Publish a HIT that takes title, reward and the other shared properties from a HIT type.",
        notes=(_HELD_FOR_HIT, _NEVER_TO_TEN, _YOUNG_HIT),
        returns="The new HIT, ``Assignable``, with the properties of its type filled in.",
        raises=(
            _NO_HIT_TYPE,
            _HIT_MADE_BEFORE,
            _HIT_NOT_COVERED,
            _BAD_QUESTION,
            _BAD_FORMATTED_CONTENT,
            _BAD_HTML_OR_LAYOUT,
            _REQUIRED_TYPE_UNUSABLE,
        ),
    ),
    "CreateAdditionalAssignmentsForHIT": OperationWords(
        summary="Let more workers do a HIT.",
        notes=(
            "The reward and the fee for the added assignments are held at once.",
            "A HIT that has not expired becomes ``Assignable`` again. An expired one stays expired: extend it with "
            "``update_expiration_for_hit`` as well.",
            _NEVER_TO_TEN,
        ),
        raises=(
            _NO_HIT,
            _TOKEN_USED_BEFORE,
            ("InsufficientFunds", "The balance does not cover the added assignments; none were added."),
            ("InvalidMaximumAssignmentsIncrease", "The HIT has fewer than ten assignments and would get ten or more."),
            ("HITTooOldForExtension", "The HIT was made before 22 July 2015."),
            ("InvalidHITState", "The HIT has been disposed of, or is only seconds old."),
        ),
    ),
    "GetHIT": OperationWords(
        summary="Read one HIT.",
        notes=("It works in every state and shows a change at once, while the lists of HITs lag by seconds.",),
        returns="The HIT with its question, its state and its counters.",
        raises=(_NO_HIT,),
    ),
    "ListHITs": OperationWords(
        summary="List your HITs in every state but ``Disposed``.",
        notes=(_LAGGING_LIST,),
        returns="The HITs, complete with their questions. The service promises no order.",
    ),
    "ListReviewableHITs": OperationWords(
        summary="List the ids of the HITs whose work is done or whose time is over.",
        notes=(
            "One call lists one state: for both, ask for ``Reviewable`` and for ``Reviewing``.",
            _LAGGING_LIST,
        ),
        returns="Values that hold nothing but ``hit_id``, because the service sends no more. It promises no order.",
    ),
    "ListHITsForQualificationType": OperationWords(
        summary="List your HITs that require a qualification type, in every state but ``Disposed``.",
        notes=(_LAGGING_LIST,),
        returns="The HITs whose requirements name the type. The service promises no order.",
    ),
    "UpdateExpirationForHIT": OperationWords(
        summary="Extend a HIT to a later time, or end it now.",
        notes=(
            "A time that is past takes the HIT off the market at once. Workers who have accepted it keep their "
            "assignments and may submit them until their own deadlines.",
            "A future time extends the HIT. It must lie 60 seconds to 365 days after the present expiration, or after "
            "now when the HIT has expired: a HIT cannot be shortened to a future time. An expired HIT with "
            "assignments left becomes ``Assignable`` again.",
            "To end a HIT, give a clearly past time: if your clock runs ahead, your now is the service's future.",
        ),
        raises=(
            _NO_HIT,
            (
                "ParameterValidationError",
                "The extension is shorter than 60 seconds, negative, or longer than 365 days.",
            ),
            ("DuplicateCall", "The HIT was extended to this very time before."),
            ("InvalidHITState", "The HIT has been disposed of, or is only seconds old and can only be ended."),
        ),
    ),
    "UpdateHITReviewStatus": OperationWords(
        summary="Mark a reviewable HIT as being reviewed, or take the mark back.",
        notes=(
            "The mark is for your own bookkeeping: ``hit_status`` goes from ``Reviewable`` to ``Reviewing`` or back, "
            "and nothing else happens.",
            "In spite of the operation's name, ``hit_review_status`` stays as it is; no operation changes that one.",
        ),
        raises=(
            _NO_HIT,
            ("InvalidHITState", "The HIT is not ``Reviewable``, or not ``Reviewing`` when ``revert`` is true."),
        ),
    ),
    "UpdateHITTypeOfHIT": OperationWords(
        summary="Move a HIT to another HIT type.",
        notes=(
            "The HIT takes title, description, keywords, reward, assignment duration, auto-approval delay, "
            "requirements and group of the new type, and follows that type's notification settings. Its expiration, "
            "number of assignments, question and annotation stay.",
            "It works only while nobody has accepted or submitted an assignment of the HIT.",
        ),
        raises=(
            _NO_HIT,
            _NO_HIT_TYPE,
            ("InvalidHITState", "An assignment has been accepted or submitted, or the HIT is only seconds old."),
        ),
    ),
    "DeleteHIT": OperationWords(
        summary="Dispose of a HIT for good.",
        notes=(
            "It works when the HIT is ``Reviewable`` or ``Reviewing`` and no submitted assignment awaits a decision. "
            "A running HIT is first ended with ``update_expiration_for_hit``.",
            "Fetch the results before: the HIT leaves every list, its uploaded files are gone, and its rejections can "
            "no longer be turned into approvals.",
            "Amazon disposes of a HIT by itself after 120 days.",
        ),
        raises=(
            _NO_HIT,
            ("InvalidHITState", "The HIT is still open, has work that awaits a decision, or is disposed of already."),
        ),
    ),
    # Assignments
    "ListAssignmentsForHIT": OperationWords(
        summary="List the work that has been submitted for a HIT.",
        notes=(
            "It works in every state of the HIT, so results can be read as they come in. Assignments that are in "
            "work, returned or abandoned are never listed.",
        ),
        returns="The assignments with their answers. The service promises no order.",
        raises=(_NO_HIT,),
    ),
    "GetAssignment": OperationWords(
        summary="Read one submitted assignment, together with its HIT.",
        returns="``assignment``, with the worker's answers, and ``hit``, the HIT it belongs to.",
        raises=(_NO_ASSIGNMENT, ("InvalidAssignmentState", "The worker is still at work on it.")),
    ),
    "ApproveAssignment": OperationWords(
        summary="Approve submitted work and pay its reward.",
        notes=(
            "The worker is paid the reward and you are charged reward and fee. An approval cannot be taken back.",
            "Work that nobody decides on is approved by the service at its ``auto_approval_time``.",
            "With ``override_rejection`` a rejection becomes an approval, up to 30 days after the work was submitted "
            "and while its HIT is not disposed of.",
        ),
        raises=(
            _NO_ASSIGNMENT,
            ("InvalidAssignmentState", "The work has been approved or rejected already, or is not submitted yet."),
            ("InsufficientFunds", "The balance does not cover reward and fee; the assignment stays as it was."),
        ),
    ),
    "RejectAssignment": OperationWords(
        summary="Reject submitted work, so that its reward is not paid.",
        notes=(
            "Nothing is charged, and what was held for the assignment is released. The place of the rejected work is "
            "not offered again: ``create_additional_assignments_for_hit`` makes a new one.",
            "``approve_assignment`` with ``override_rejection`` turns a rejection into an approval, up to 30 days "
            "after the work was submitted. Approved work can never be rejected.",
        ),
        raises=(
            _NO_ASSIGNMENT,
            ("InvalidAssignmentState", "The work has been approved or rejected already, or is not submitted yet."),
        ),
    ),
    "SendBonus": OperationWords(
        summary="Pay a worker a bonus for an assignment.",
        notes=(
            "You are charged the bonus and its fee (20 % at Amazon) at once. A bonus cannot be taken back.",
            "The work must have been submitted, and need not have been decided on. One assignment may earn several "
            "bonuses. Amazon may refuse a bonus for work that is older than about six months.",
        ),
        raises=(
            ("AssignmentDoesNotExist", "The id is unknown, or the work has not been submitted."),
            _UNKNOWN_WORKER,
            _TOKEN_USED_BEFORE,
            ("InsufficientFunds", "The balance does not cover bonus and fee; nothing was paid."),
        ),
    ),
    "ListBonusPayments": OperationWords(
        summary="List the bonuses paid for a HIT or for one assignment.",
        notes=("Give ``hit_id`` or ``assignment_id``.",),
        returns="The payments, with worker, amount, reason and time. The service promises no order.",
        raises=(_NO_HIT, _NO_ASSIGNMENT),
    ),
    "GetFileUploadURL": OperationWords(
        summary="Get an address from which a file that a worker uploaded can be fetched.",
        notes=(
            "It belongs to the file upload answer of question forms, which Amazon withdrew on 12 December 2017: there "
            "has been nothing to fetch since.",
        ),
        returns="The address, which is valid for 60 seconds.",
        raises=(
            _NO_ASSIGNMENT,
            ("ParameterValidationError", "The assignment has no uploaded file for the question."),
        ),
    ),
    # Review policies
    "ListReviewPolicyResultsForHIT": OperationWords(
        summary="List what the review policies of a HIT found and did.",
        notes=("The policies come back by name only, without the parameters that the HIT was made with.",),
        returns="Result and action details in the order in which they come; a page keeps them in their two reports.",
        raises=(_NO_HIT,),
    ),
    # Qualifications
    "CreateQualificationType": OperationWords(
        summary="Create a qualification type: something that workers can have, and HITs can require.",
        notes=(
            "How workers get it: with ``auto_granted``, as soon as they ask; with ``test`` and ``answer_key``, by the "
            "score of the test; otherwise when ``accept_qualification_request`` grants the request that they leave, "
            "with the answers to the test if there is one. ``associate_qualification_with_worker`` needs no request.",
            "Name and keywords can never be changed. The name of a deleted type is free again after up to 48 hours.",
            "A new type appears in ``list_qualification_types`` after some seconds.",
        ),
        returns="The new qualification type, with its id.",
        raises=(
            ("QualificationTypeAlreadyExists", "You have a type of that name, or one that is still being deleted."),
            _BAD_TEST,
            _BAD_FORMATTED_CONTENT,
        ),
    ),
    "GetQualificationType": OperationWords(
        summary="Read one qualification type, your own or one of the system's.",
        returns="The qualification type.",
        raises=(_NO_QUALIFICATION_TYPE,),
    ),
    "ListQualificationTypes": OperationWords(
        summary="Search the qualification types, your own and other requesters'.",
        notes=("The list follows changes with a delay of seconds.",),
        returns="The qualification types that fit. The service promises no order.",
    ),
    "UpdateQualificationType": OperationWords(
        summary="Change a qualification type; what you leave out stays, except an answer key.",
        notes=(
            "A test changes as a whole: give ``test`` and ``test_duration`` together, and ``answer_key`` too if there "
            "is to be one, because a new test without it drops the old key.",
            "A test cannot be removed, and neither can a retry delay. A type with a test cannot become "
            "``auto_granted``, and one that is ``auto_granted`` cannot get a test.",
        ),
        returns="The qualification type as it is now.",
        raises=(
            _NO_QUALIFICATION_TYPE,
            ("InvalidParameterValue", "A test for a type that is ``auto_granted``, or the other way round."),
            _BAD_TEST,
            _BAD_FORMATTED_CONTENT,
        ),
    ),
    "DeleteQualificationType": OperationWords(
        summary="Delete a qualification type and the HIT types that require it.",
        notes=(
            "Waiting requests are rejected, and no new HIT can require the type. Workers keep the qualification, and "
            "HITs that require it run on; the deletion is complete when the last of them is gone.",
            "The name is free again after up to 48 hours.",
        ),
        raises=(_NO_QUALIFICATION_TYPE,),
    ),
    "AssociateQualificationWithWorker": OperationWords(
        summary="Grant a worker a qualification, or change the value of one that is held.",
        notes=(
            "A revoked qualification is granted again. The grant time becomes now.",
            "A request that the worker left goes on waiting; accepting it later replaces the value.",
        ),
        raises=(_NO_QUALIFICATION_TYPE, _UNKNOWN_WORKER),
    ),
    "DisassociateQualificationFromWorker": OperationWords(
        summary="Revoke a worker's qualification.",
        raises=(
            ("QualificationDoesNotExist", "The worker never had the qualification, or its type is unknown."),
            ("InvalidQualificationState", "The qualification has been revoked already."),
        ),
    ),
    "GetQualificationScore": OperationWords(
        summary="Read a worker's value for one of your qualification types.",
        returns="The qualification, with its value and the time it was granted.",
        raises=(
            ("QualificationDoesNotExist", "The worker does not have the qualification, or its type is unknown."),
            ("InvalidQualificationState", "The qualification has been revoked."),
        ),
    ),
    "ListWorkersWithQualificationType": OperationWords(
        summary="List the workers who have, or had, one of your qualification types.",
        returns="One qualification for each worker. The service promises no order.",
    ),
    "ListQualificationRequests": OperationWords(
        summary="List the requests of workers that wait for your decision.",
        returns="The waiting requests, with the answers to the test if there is one. The service promises no order.",
    ),
    "AcceptQualificationRequest": OperationWords(
        summary="Grant the qualification that a worker asked for.",
        notes=("A value that the worker has already is replaced. The request leaves the list.",),
        raises=(_NO_QUALIFICATION_REQUEST, _QUALIFICATION_REQUEST_DECIDED),
    ),
    "RejectQualificationRequest": OperationWords(
        summary="Decline to grant the qualification that a worker asked for.",
        notes=("A qualification that the worker has already is kept. The request leaves the list.",),
        raises=(_NO_QUALIFICATION_REQUEST, _QUALIFICATION_REQUEST_DECIDED),
    ),
    # Workers
    "CreateWorkerBlock": OperationWords(
        summary="Block a worker from all your HITs.",
        notes=(
            "The worker can no longer find, preview or accept them; submitted work is not touched. A block lasts "
            "until ``delete_worker_block``. You may have 100,000 blocks.",
        ),
        raises=(_UNKNOWN_WORKER,),
    ),
    "DeleteWorkerBlock": OperationWords(
        summary="Let a blocked worker see and accept your HITs again.",
        notes=("It succeeds for workers who are not blocked, too.",),
        raises=(("InvalidParameterValue", "The id is not a worker's."),),
    ),
    "ListWorkerBlocks": OperationWords(
        summary="List the workers whom you have blocked.",
        returns="The blocks, with worker and reason. The service promises no order.",
    ),
    "NotifyWorkers": OperationWords(
        summary="Send an e-mail to up to 100 workers who have worked for you.",
        notes=(
            "Look at the result: a worker who could not be reached is reported there, not raised. That includes "
            "everybody whose work you have never approved or rejected.",
        ),
        returns="One failure for each worker who was not notified; empty when all were.",
    ),
    # Account and notifications
    "GetAccountBalance": OperationWords(
        summary="Read how much money the account can spend.",
        notes=("Amazon's sandbox always has 10,000 US dollars.",),
        returns="``available_balance`` can be spent, ``on_hold_balance`` is held back; both in US dollars.",
    ),
    "UpdateNotificationSettings": OperationWords(
        summary="Say which events of a HIT type are reported, and where to.",
        notes=(
            "Give ``notification``, ``active``, or both. A HIT type has one notification; a new one takes its place, "
            "and ``active`` alone switches the one that is there.",
            "To hear of ``HITCreated``, set this on a HIT type before its first HIT.",
        ),
        raises=(_NO_HIT_TYPE, _BAD_DESTINATION),
    ),
    "SendTestEventNotification": OperationWords(
        summary="Send one test message to a destination, to see whether it arrives.",
        notes=("The event is sent at once, even if the notification does not list it.",),
        raises=(_BAD_DESTINATION,),
    ),
}
"""The words of every operation, by the service's name."""


_XML_SIZE = "at most 65,535 bytes in UTF-8"

ARGUMENTS: Mapping[str, str] = {
    # HITs
    "HITId": "The HIT's id.",
    "Title": "What the task is, for workers who look for one: 1 to 128 characters.",
    "Description": "What is to be done, in more words: 1 to 2,000 characters.",
    "Keywords": (
        "Words by which workers find the HIT: strings, or one comma-separated string; at most 1,000 characters in all."
    ),
    "Reward": (
        "What one approved assignment earns, in US dollars: a ``Decimal``, ``int``, ``str``, or a ``float`` exact to "
        "the cent. Zero is allowed."
    ),
    "MaxAssignments": "How many workers may do the HIT, each of them once: 1 to 1,000,000,000; 1 unless given.",
    "NumberOfAdditionalAssignments": "How many assignments to add: 1 to 1,000,000,000.",
    "LifetimeInSeconds": (
        "How long workers may accept the HIT, from now on: 30 seconds to 365 days, as a timedelta or in whole seconds."
    ),
    "AssignmentDurationInSeconds": (
        "How much time a worker has, from accepting to submitting: 30 seconds to 365 days, as a timedelta or in "
        "whole seconds."
    ),
    "AutoApprovalDelayInSeconds": (
        "How long after its submission undecided work is approved, and paid, by itself: up to 30 days, as a timedelta "
        "or in whole seconds; 30 days unless given. Zero approves everything at once."
    ),
    "QualificationRequirements": (
        "What a worker must have to see or do the HIT: up to ten requirements, all of which count."
    ),
    "Question": (
        "What the worker sees: a question value such as ``ExternalQuestion``, ``HTMLQuestion``, ``QuestionForm`` or "
        "``HITLayout``, or a ``str``, which "
        f"is sent as it is; {_XML_SIZE}. Give either this or ``hit_layout_id``."
    ),
    "HITLayoutId": (
        "The layout, from a project on the requester site, that makes the question. Give either this or ``question``."
    ),
    "HITLayoutParameters": (
        "A value for each placeholder of the layout. Values go into its HTML as they are, so escape what must be "
        f"escaped; the finished page has {_XML_SIZE}."
    ),
    "RequesterAnnotation": "A note that only you can see, such as a row number: at most 255 ASCII characters.",
    "UniqueRequestToken": (
        "1 to 64 characters that keep the service from executing this call twice: it remembers the token for 24 hours "
        "and refuses a second call with it. Every attempt of the call carries the same one. Left out, aioturk makes "
        "one; pass your own to be able to repeat the call after a crash or a cancellation."
    ),
    "AssignmentReviewPolicy": "A policy that scores each submission against known answers; fixed once the HIT is made.",
    "HITReviewPolicy": "A policy that compares the workers' answers when all are in; fixed once the HIT is made.",
    "ExpireAt": "When the HIT is to expire: an aware datetime. A past time ends the HIT now.",
    "Revert": "True takes the mark back, from ``Reviewing`` to ``Reviewable``; false unless given.",
    # Assignments
    "AssignmentId": "The assignment's id.",
    "AssignmentStatuses": "Which states to list: ``Submitted``, ``Approved``, ``Rejected``; all three unless given.",
    "RequesterFeedback": "A message to the worker: at most 1,024 characters.",
    "OverrideRejection": "True also approves work that has been rejected; false unless given.",
    "BonusAmount": (
        "The bonus in US dollars, above zero: a ``Decimal``, ``int``, ``str``, or a ``float`` exact to the cent."
    ),
    "QuestionIdentifier": "The identifier of the question for which the file was uploaded.",
    # Review policies
    "PolicyLevels": "Which policies to report on: ``Assignment``, ``HIT``; both unless given.",
    "RetrieveActions": "Whether to list the actions that were taken; true unless given.",
    "RetrieveResults": "Whether to list the results that were found; true unless given.",
    # Qualifications
    "QualificationTypeId": "The qualification type's id.",
    "QualificationRequestId": "The request's id, from ``list_qualification_requests``.",
    "Name": "The name that workers see, unlike that of any other type of yours: 1 to 200 characters.",
    "QualificationTypeStatus": (
        "``Active``, or ``Inactive``: workers cannot ask for the type, and new HITs cannot require it."
    ),
    "Test": (
        f"The test that workers take to get the qualification: a question form, {_XML_SIZE}. Other kinds of question "
        "cannot be a test, and ``auto_granted`` types have none."
    ),
    "AnswerKey": (
        f"How the test is scored: an answer key document, {_XML_SIZE}. Without one, you decide on each request."
    ),
    "TestDurationInSeconds": (
        "How much time a worker has for the test: 1 second to 365 days, as a timedelta or in whole seconds. "
        "Needed with ``test``."
    ),
    "RetryDelayInSeconds": (
        "How long a worker waits before asking again, as a timedelta or in whole seconds. "
        "Without it a worker may ask only once."
    ),
    "AutoGranted": "True grants the qualification to every worker who asks, without a test; false unless given.",
    "AutoGrantedValue": "The value that such a grant gives; 1 unless given.",
    "IntegerValue": "The value that the worker gets; 1 unless given.",
    "SendNotification": "Whether the worker is told by e-mail; true unless given.",
    "Query": "Words to look for in names, descriptions and keywords, in either case; everything unless given.",
    "MustBeRequestable": "True lists only types that workers can ask for, which leaves out the system's own.",
    "MustBeOwnedByCaller": "True lists only your own types; false, unless given, lists those of other requesters too.",
    # Workers
    "WorkerId": "The worker's id.",
    "WorkerIds": "The ids of the workers: 1 to 100.",
    "Subject": "The subject of the e-mail: 1 to 200 characters.",
    "MessageText": "The text of the e-mail: 1 to 4,096 characters.",
    # Account and notifications
    "Active": "True switches the notification on, false off.",
    "TestEventType": "The event of the test message; ``Ping`` is there for nothing else.",
    # Lists
    "MaxResults": "How many items a page has at most: 1 to 100; 100 unless given.",
    "NextToken": "Where to start: the ``next_token`` of an earlier page; at the beginning unless given.",
}
"""What is said of an argument, by the service's name, wherever `ARGUMENTS_OF` does not know better."""


ARGUMENTS_OF: Mapping[tuple[str, str], str] = {
    # HITs
    ("CreateHITWithHITType", "HITTypeId"): "The type that gives the HIT its title, reward and other shared properties.",
    ("CreateHITType", "Keywords"): (
        "Words by which workers find the HITs: strings, or one comma-separated string; at most 1,000 characters in all."
    ),
    ("CreateHITType", "QualificationRequirements"): (
        "What a worker must have to see or do the HITs: up to ten requirements, all of which count."
    ),
    ("ListReviewableHITs", "HITTypeId"): "Only HITs of this type; of every type unless given.",
    ("ListReviewableHITs", "Status"): "``Reviewable`` or ``Reviewing``; ``Reviewable`` unless given.",
    ("UpdateHITTypeOfHIT", "HITTypeId"): "The type to move the HIT to.",
    # Assignments
    ("RejectAssignment", "RequesterFeedback"): "Why, for the worker to read: 1 to 1,024 characters.",
    ("SendBonus", "WorkerId"): "The worker who did the assignment.",
    ("SendBonus", "AssignmentId"): "The submitted assignment that the bonus is for.",
    ("SendBonus", "Reason"): "What the bonus is for; the worker is shown this text, which must not be empty.",
    ("ListBonusPayments", "HITId"): "List the bonuses for all assignments of this HIT.",
    ("ListBonusPayments", "AssignmentId"): "List the bonuses for this assignment.",
    # Review policies
    ("ListReviewPolicyResultsForHIT", "MaxResults"): "How many details a page has at most: 1 to 100; 100 unless given.",
    # Qualifications
    ("CreateQualificationType", "Description"): "What the qualification stands for: 1 to 2,000 characters.",
    ("CreateQualificationType", "Keywords"): (
        "Words by which workers find the type: strings, or one comma-separated string; at most 1,000 characters in all."
    ),
    ("UpdateQualificationType", "Description"): "What the qualification stands for: 1 to 2,000 characters.",
    ("UpdateQualificationType", "Test"): f"A new test in place of the old one: a question form, {_XML_SIZE}.",
    ("UpdateQualificationType", "AnswerKey"): (
        f"How the new test is scored: an answer key document, {_XML_SIZE}. A new test without one drops the old key."
    ),
    ("UpdateQualificationType", "RetryDelayInSeconds"): (
        "How long a worker waits before asking again, as a timedelta or in whole seconds; it cannot be removed."
    ),
    ("UpdateQualificationType", "AutoGranted"): (
        "True grants the qualification to every worker who asks, without a test."
    ),
    ("UpdateQualificationType", "AutoGrantedValue"): "The value that such a grant gives.",
    ("DisassociateQualificationFromWorker", "Reason"): "Why it is revoked; the worker is shown this text.",
    ("ListWorkersWithQualificationType", "Status"): "``Granted`` or ``Revoked``; ``Granted`` unless given.",
    ("ListQualificationRequests", "QualificationTypeId"): (
        "Only requests for this type; for all your types unless given."
    ),
    ("RejectQualificationRequest", "Reason"): "Why it is declined; the worker is shown this text.",
    # Workers
    ("CreateWorkerBlock", "Reason"): "Why, for your own records; the worker is not shown this text.",
    ("DeleteWorkerBlock", "Reason"): "Why the block is lifted, for your own records.",
    # Account and notifications
    ("UpdateNotificationSettings", "HITTypeId"): "The HIT type whose events are reported.",
    ("UpdateNotificationSettings", "Notification"): (
        "Where the messages go, and which events cause them; without it the one that is there stays."
    ),
    ("SendTestEventNotification", "Notification"): "Where the test message goes.",
}
"""What is said of an argument of one operation, in place of the general words."""


STRUCTURES: Mapping[str, str] = {
    # HITs
    "HIT": "A task for workers, as the service knows it.",
    "ReviewableHIT": "The id of a HIT that can be reviewed; the service sends nothing else about it.",
    "HITLayoutParameter": "The value of one placeholder of a HIT layout.",
    "ListHITsResponse": "One page of HITs.",
    "ListReviewableHITsResponse": "One page of the ids of HITs that can be reviewed.",
    "ListHITsForQualificationTypeResponse": "One page of HITs that require a qualification type.",
    # Assignments
    "Assignment": "One worker's submitted work on a HIT.",
    "BonusPayment": "A bonus that was paid to a worker.",
    "GetAssignmentResponse": "An assignment and its HIT.",
    "ListAssignmentsForHITResponse": "One page of submitted assignments of a HIT.",
    "ListBonusPaymentsResponse": "One page of bonus payments.",
    # Review policies
    "ReviewPolicy": "Rules by which the service reviews work by itself.",
    "PolicyParameter": "One parameter of a review policy, with plain values or with a map of them.",
    "ParameterMapEntry": "One entry of a parameter that is a map, such as the known answers to one question.",
    "ReviewReport": "What a review policy found and did.",
    "ReviewResultDetail": "One thing that a review policy found.",
    "ReviewActionDetail": "One thing that a review policy did, or tried to do.",
    "ListReviewPolicyResultsForHITResponse": "One page of what the review policies of a HIT found and did.",
    # Qualifications
    "QualificationType": "Something that workers can have and HITs can require.",
    "Qualification": "A worker's qualification of one type.",
    "QualificationRequest": "A worker's wish to be granted a qualification; it waits for a decision.",
    "QualificationRequirement": "What a worker must have to discover, preview or accept a HIT.",
    "Locale": "A country, or a state of the United States.",
    "ListQualificationTypesResponse": "One page of qualification types.",
    "ListQualificationRequestsResponse": "One page of requests that wait for a decision.",
    "ListWorkersWithQualificationTypeResponse": "One page of workers' qualifications of one type.",
    # Workers
    "WorkerBlock": "A worker who is blocked from all your HITs.",
    "NotifyWorkersFailureStatus": "Why one worker was not notified.",
    "ListWorkerBlocksResponse": "One page of blocked workers.",
    "NotifyWorkersResponse": "The workers who were not notified.",
    # Account and notifications
    "NotificationSpecification": "Where messages about events go, and which events cause them.",
    "GetAccountBalanceResponse": "The money of the account.",
}
"""One sentence on every structure that users meet; `ReviewableHIT` is ours, see `names`."""


FIELDS: Mapping[str, str] = {
    # HITs
    "HIT": "The HIT.",
    "HITs": "The HITs of this page.",
    "HITId": "The HIT's id.",
    "HITTypeId": "The id of the HIT's type.",
    "HITGroupId": "The id of the group in which workers see the HIT; for links to the worker site.",
    "HITLayoutId": "The id of the layout that made the question, if one did.",
    "CreationTime": "When it was made: aware, UTC.",
    "Title": "What the task is, in a few words.",
    "Description": "What is to be done, in more words.",
    "Question": "The question document, as XML.",
    "Keywords": "Words by which workers find it.",
    "HITStatus": "Where the HIT is in its life.",
    "MaxAssignments": "How many workers may do the HIT.",
    "Reward": "What one approved assignment earns, in US dollars.",
    "AutoApprovalDelayInSeconds": "How long after its submission undecided work is approved by itself.",
    "Expiration": "When workers can no longer accept the HIT: aware, UTC.",
    "AssignmentDurationInSeconds": "How much time a worker has from accepting to submitting.",
    "RequesterAnnotation": "Your own note, which workers do not see.",
    "QualificationRequirements": "What a worker must have to see or do the HIT.",
    "HITReviewStatus": "What Amazon's own look at the content came to; not the state of your review.",
    "NumberOfAssignmentsPending": "How many workers have accepted the HIT and not submitted yet.",
    "NumberOfAssignmentsAvailable": "How many assignments are left to accept.",
    "NumberOfAssignmentsCompleted": (
        "How many assignments have been approved or rejected; submitted work that awaits a decision is in no counter."
    ),
    # Assignments
    "Assignment": "The assignment.",
    "Assignments": "The assignments of this page.",
    "AssignmentId": "The assignment's id.",
    "AssignmentStatus": "Whether the work awaits a decision, or what was decided.",
    "AutoApprovalTime": "When the work is, or was to be, approved by itself: aware, UTC.",
    "AcceptTime": "When the worker accepted the HIT: aware, UTC.",
    "SubmitTime": "When the worker submitted it: aware, UTC.",
    "ApprovalTime": "When the work was approved, if it was: aware, UTC.",
    "RejectionTime": "When the work was rejected, if it was: aware, UTC.",
    "Deadline": "By when the worker had to submit: aware, UTC.",
    "Answer": "The worker's answers, as the XML of a ``QuestionFormAnswers`` document.",
    "RequesterFeedback": "What you told the worker with the decision, if anything.",
    "BonusPayments": "The payments of this page.",
    "BonusAmount": "The bonus in US dollars, without the fee.",
    "FileUploadURL": "The address of the file, valid for 60 seconds.",
    # Review policies
    "PolicyName": "The policy: ``ScoreMyKnownAnswers/2011-09-01`` or ``SimplePlurality/2011-09-01``.",
    "Parameters": "How the policy is set.",
    "AssignmentReviewPolicy": "The policy that reviews each submission, by name only.",
    "HITReviewPolicy": "The policy that compares the workers' answers, by name only.",
    "AssignmentReviewReport": "What the policy for single submissions found and did.",
    "HITReviewReport": "What the policy for the whole HIT found and did.",
    "ReviewResults": "What was found.",
    "ReviewActions": "What was done.",
    "MapEntries": "The entries, for a parameter that is a map.",
    "ActionId": "The id that ties results and actions of one review together.",
    "ActionName": "What was done: review, approve, reject or extend.",
    "TargetId": "The id of the HIT or assignment that it was done to.",
    "TargetType": "What ``target_id`` is: ``Assignment`` or ``HIT``.",
    "CompleteTime": "When the action ended, if it has: aware, UTC.",
    "Result": "What came of the action, in the service's words.",
    "ErrorCode": "The service's code for the reason, if the action failed.",
    "SubjectId": "The id of the HIT or assignment that the result is about.",
    "SubjectType": "What ``subject_id`` is: ``Assignment`` or ``HIT``.",
    "QuestionId": "The identifier of the question, if the result is about a single one.",
    # Qualifications
    "QualificationType": "The qualification type.",
    "QualificationTypes": "The qualification types of this page.",
    "QualificationTypeId": "The qualification type's id.",
    "QualificationTypeStatus": "Whether workers can ask for the type and new HITs can require it.",
    "Test": "The test that workers take, as the XML of a question form.",
    "TestDurationInSeconds": "How much time a worker has for the test.",
    "AnswerKey": "How the test is scored, as the XML of an answer key.",
    "RetryDelayInSeconds": "How long a worker waits before asking again; without it, a worker may ask only once.",
    "IsRequestable": "Whether workers can ask for it; the system's own types cannot be asked for.",
    "AutoGranted": "Whether every worker who asks gets it, without a test.",
    "AutoGrantedValue": "The value that such a grant gives.",
    "Qualification": "The qualification.",
    "Qualifications": "The qualifications of this page.",
    "GrantTime": "When it was granted: aware, UTC.",
    "IntegerValue": "The value, for types that count or score.",
    "LocaleValue": "The place, for the type that tells where a worker is.",
    "QualificationRequestId": "The request's id; it can be longer than other ids.",
    "QualificationRequests": "The requests of this page.",
    "Comparator": "How the worker's value is compared.",
    "IntegerValues": (
        "What to compare with: one integer, up to 15 for ``In`` and ``NotIn``, none for ``Exists`` and "
        "``DoesNotExist``."
    ),
    "LocaleValues": (
        "What to compare with, for the type that tells where a worker is: one place, or up to 30 for ``In`` and "
        "``NotIn``."
    ),
    "RequiredToPreview": "The older way to say ``actions_guarded``; true means ``PreviewAndAccept``. Never give both.",
    "ActionsGuarded": "What a worker who fails the requirement cannot do; ``Accept`` unless given.",
    "Country": "The country, as two letters of ISO 3166, such as ``US``.",
    "Subdivision": "The state, as two letters, for the United States only; without it, all of the country.",
    # Workers
    "WorkerId": "The worker's id.",
    "WorkerBlocks": "The blocks of this page.",
    "NotifyWorkersFailureStatuses": "One failure for each worker who was not notified.",
    "NotifyWorkersFailureCode": "Whether another try may help.",
    "NotifyWorkersFailureMessage": "The cause, in the service's words.",
    # Account and notifications
    "AvailableBalance": (
        "What can be spent, in US dollars: the prepaid money, or what is left of the AWS Billing allowance."
    ),
    "OnHoldBalance": "What is held back, in US dollars, if anything is.",
    "Destination": "The queue's URL for ``SQS``, the topic's ARN for ``SNS``, or an e-mail address for ``Email``.",
    "Transport": "How the messages travel.",
    "Version": "The version of the message format: ``2014-08-15``, or ``2006-05-05`` in old programs.",
    "EventTypes": "Which events cause a message; ``Ping`` cannot be one of them.",
    # Lists
    "NextToken": (
        "Where the next page starts; absent after the last page. A page with items may well be followed by an empty "
        "one."
    ),
    "NumResults": "How many items this page has, not how many there are in all.",
}
"""What is said of a member of a structure, by the service's name, wherever `FIELDS_OF` does not know better."""


FIELDS_OF: Mapping[tuple[str, str], str] = {
    ("CreateHITTypeResponse", "HITTypeId"): "The HIT type's id.",
    ("GetAssignmentResponse", "HIT"): "The HIT that the assignment belongs to.",
    ("HITLayoutParameter", "Name"): "The placeholder's name, in the layout's own case.",
    ("HITLayoutParameter", "Value"): "What takes its place; it goes into the layout's HTML as it is.",
    ("BonusPayment", "AssignmentId"): "The id of the assignment that the bonus was paid for.",
    ("BonusPayment", "Reason"): "What the bonus was for, as the worker was told.",
    ("BonusPayment", "GrantTime"): "When it was paid: aware, UTC.",
    ("PolicyParameter", "Key"): "The parameter's name.",
    ("PolicyParameter", "Values"): "The parameter's values; numbers are strings, too.",
    ("ParameterMapEntry", "Key"): "The entry's key, such as the identifier of a question.",
    ("ParameterMapEntry", "Values"): "The entry's values, such as the right answers.",
    ("ReviewActionDetail", "Status"): "How far the action has come.",
    ("ReviewResultDetail", "Key"): "What was measured, such as ``KnownAnswerScore``.",
    ("ReviewResultDetail", "Value"): "What was found, as a string.",
    ("QualificationType", "Name"): "The name that workers see.",
    ("QualificationType", "Description"): "What the qualification stands for.",
    ("Qualification", "Status"): "Whether the worker has it, or had it.",
    ("QualificationRequest", "SubmitTime"): "When the worker asked, or handed in the test: aware, UTC.",
    ("QualificationRequest", "Test"): "The test that the worker took, as the XML of a question form.",
    ("QualificationRequest", "Answer"): (
        "The worker's answers to the test, as the XML of a ``QuestionFormAnswers`` document."
    ),
    ("QualificationRequirement", "QualificationTypeId"): (
        "The id of the type that is required, the system's own included."
    ),
    ("WorkerBlock", "Reason"): "Your reason for the block, which the worker is not shown.",
}
"""What is said of a member of one structure, in place of the general words."""


ENUMS: Mapping[str, str] = {
    "HITStatus": "Where a HIT is in its life.",
    "HITReviewStatus": "What Amazon's own look at the content of a HIT came to.",
    "ReviewableHITStatus": "The two states that reviewable HITs are listed by.",
    "AssignmentStatus": "Whether submitted work awaits a decision, or what was decided.",
    "ReviewPolicyLevel": "What a review policy looks at.",
    "ReviewActionStatus": "How far an action of a review policy has come.",
    "QualificationTypeStatus": "Whether a qualification type is in use.",
    "QualificationStatus": "Whether a worker has a qualification.",
    "Comparator": "How a worker's qualification is compared with what a HIT requires.",
    "HITAccessActions": "What a worker who fails a requirement cannot do.",
    "NotifyWorkersFailureCode": "Whether notifying the worker again may help.",
    "NotificationTransport": "How messages about events travel.",
    "EventType": "What has happened to a HIT or an assignment.",
}
"""One sentence on every enumeration."""


ENUM_VALUES: Mapping[tuple[str, str], str] = {
    ("HITStatus", "Assignable"): "Workers can accept it.",
    ("HITStatus", "Unassignable"): "It cannot be accepted now, and workers who accepted it are still at work.",
    ("HITStatus", "Reviewable"): (
        "Nobody is at work on it, and it cannot be accepted, because all is submitted or its time is over."
    ),
    ("HITStatus", "Reviewing"): "Reviewable, and marked by you as being reviewed.",
    ("HITStatus", "Disposed"): "Deleted.",
    ("HITReviewStatus", "NotReviewed"): "Nobody has looked; every HIT begins so.",
    ("HITReviewStatus", "MarkedForReview"): "Somebody is to look.",
    ("HITReviewStatus", "ReviewedAppropriate"): "The content was found to be in order.",
    ("HITReviewStatus", "ReviewedInappropriate"): "The content was found not to be in order.",
    ("ReviewableHITStatus", "Reviewable"): "Nobody is at work on it, and it cannot be accepted.",
    ("ReviewableHITStatus", "Reviewing"): "Marked by you as being reviewed.",
    ("AssignmentStatus", "Submitted"): "It awaits a decision.",
    ("AssignmentStatus", "Approved"): "It was approved, by you, by a policy or by time, and paid.",
    ("AssignmentStatus", "Rejected"): "It was rejected and not paid.",
    ("ReviewPolicyLevel", "Assignment"): "Each submission by itself.",
    ("ReviewPolicyLevel", "HIT"): "All submissions of a HIT together.",
    ("ReviewActionStatus", "Intended"): "It is going to be done.",
    ("ReviewActionStatus", "Succeeded"): "It was done, or there was no need to.",
    ("ReviewActionStatus", "Failed"): "It could not be done.",
    ("ReviewActionStatus", "Cancelled"): "It was given up.",
    ("QualificationTypeStatus", "Active"): "Workers can ask for it, and HITs can require it.",
    ("QualificationTypeStatus", "Inactive"): "Nobody can ask for it, and new HITs cannot require it.",
    ("QualificationStatus", "Granted"): "The worker has it.",
    ("QualificationStatus", "Revoked"): "The worker had it.",
    ("Comparator", "LessThan"): "The worker's value is less than the integer.",
    ("Comparator", "LessThanOrEqualTo"): "The worker's value is the integer or less.",
    ("Comparator", "GreaterThan"): "The worker's value is greater than the integer.",
    ("Comparator", "GreaterThanOrEqualTo"): "The worker's value is the integer or more.",
    ("Comparator", "EqualTo"): "The worker's value is the integer, or the place.",
    ("Comparator", "NotEqualTo"): "The worker has the qualification, and with another value.",
    ("Comparator", "Exists"): "The worker has the qualification, whatever its value.",
    ("Comparator", "DoesNotExist"): "The worker does not have the qualification.",
    ("Comparator", "In"): "The worker's value is one of those given.",
    ("Comparator", "NotIn"): "The worker has the qualification, and its value is none of those given.",
    ("HITAccessActions", "Accept"): "Accept the HIT.",
    ("HITAccessActions", "PreviewAndAccept"): "Look into the HIT, or accept it.",
    ("HITAccessActions", "DiscoverPreviewAndAccept"): "Find the HIT at all, look into it, or accept it.",
    ("NotifyWorkersFailureCode", "SoftFailure"): "Another try may help.",
    ("NotifyWorkersFailureCode", "HardFailure"): (
        "Another try does not help; the worker has never worked for you, for example."
    ),
    ("NotificationTransport", "Email"): "By e-mail; Amazon's manual no longer names it.",
    ("NotificationTransport", "SQS"): "Through a queue of the Simple Queue Service.",
    ("NotificationTransport", "SNS"): "Through a topic of the Simple Notification Service.",
    ("EventType", "AssignmentAccepted"): "A worker accepted a HIT.",
    ("EventType", "AssignmentAbandoned"): "A worker let the deadline pass.",
    ("EventType", "AssignmentReturned"): "A worker gave an accepted HIT back.",
    ("EventType", "AssignmentSubmitted"): (
        "A worker submitted work; it can be readable a moment later than this is heard."
    ),
    ("EventType", "AssignmentRejected"): "Work was rejected.",
    ("EventType", "AssignmentApproved"): "Work was approved, by you, by a policy or by time.",
    ("EventType", "HITCreated"): "A HIT was made.",
    ("EventType", "HITExpired"): "A HIT's time ended before all its assignments were submitted.",
    ("EventType", "HITReviewable"): "A HIT became ``Reviewable``.",
    ("EventType", "HITExtended"): "A HIT was given more assignments or more time.",
    ("EventType", "HITDisposed"): "A HIT was deleted.",
    ("EventType", "Ping"): "Nothing happened; this is only for tests of a destination.",
}
"""One sentence on every value of every enumeration."""
