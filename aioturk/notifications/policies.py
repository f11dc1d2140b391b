"""
The policies that a queue or a topic needs, so that events may be sent to it.

They are Amazon's access policies, as values: put one on the queue or topic with the tool of your choice. Whom to send
to is said by `Client.notify_on`.

The manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_NotificationDataStructureArticle.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from aioturk.errors import InvalidRequest

__all__ = ["queue_policy", "topic_policy"]

_SERVICE: Final = "mturk-requester.amazonaws.com"
_TOPICS: Final = "sns.amazonaws.com"
_VERSION: Final = "2012-10-17"
_QUEUE: Final = re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:([A-Za-z0-9_.-]{1,80})", re.ASCII)
_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:([A-Za-z0-9_.-]{1,256})", re.ASCII)
_ACCOUNT: Final = re.compile(r"[0-9]{12}", re.ASCII)


def queue_policy(queue_arn: str, *, topic: str | None = None) -> dict[str, Any]:
    """
    Return the policy that lets the service write into a queue.

    `json.dumps` makes it the text of the queue's attribute ``Policy``.

    Args:
        queue_arn: The queue, as ``arn:aws:sqs:us-east-1:123456789012:events``.
        topic: The ARN of a topic that is to write into the queue instead of the service.

    Raises:
        InvalidRequest: An argument is no such name.
    """
    _check(_QUEUE, queue_arn, "queue_arn", "a queue's ARN, such as arn:aws:sqs:us-east-1:123456789012:events")
    conditions: dict[str, Any] = {"Bool": {"aws:SecureTransport": "true"}}
    if topic is not None:
        _check(_TOPIC, topic, "topic", "a topic's ARN, such as arn:aws:sns:us-east-1:123456789012:events")
        conditions = {"ArnEquals": {"aws:SourceArn": topic}}
    return _policy(_SERVICE if topic is None else _TOPICS, "sqs:SendMessage", queue_arn, conditions)


def topic_policy(topic_arn: str, account_id: str) -> dict[str, Any]:
    """
    Return the policy that lets the service publish to a topic, for one account's HITs alone.

    `json.dumps` makes it the text of the topic's attribute ``Policy``.

    Args:
        topic_arn: The topic, as ``arn:aws:sns:us-east-1:123456789012:events``.
        account_id: The twelve digits of the account whose HITs it is about. Without it, other requesters could have
            events sent to your topic.

    Raises:
        InvalidRequest: An argument is no such name.
    """
    _check(_TOPIC, topic_arn, "topic_arn", "a topic's ARN, such as arn:aws:sns:us-east-1:123456789012:events")
    if not _ACCOUNT.fullmatch(_text(account_id)):
        raise InvalidRequest("is not the twelve digits of an AWS account, as a string.", argument="account_id")
    conditions = {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceAccount": account_id}}
    return _policy(_SERVICE, "sns:Publish", topic_arn, conditions)


def _policy(service: str, action: str, resource: str, conditions: dict[str, Any]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        "Condition": conditions,
    }
    return {"Version": _VERSION, "Statement": [statement]}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _check(form: re.Pattern[str], arn: object, argument: str, expected: str) -> None:
    found = form.fullmatch(_text(arn))
    if found is None:
        raise InvalidRequest(f"is not {expected}.", argument=argument)
    if found[1].endswith(".fifo"):
        raise InvalidRequest("is one that keeps the order (.fifo): the service does not send there.", argument=argument)
