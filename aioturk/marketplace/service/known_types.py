"""
Finding qualification types: whose they are, who may read and change them, and when one is gone.

The operations on them are in `qualification_types`; HITs that require them, workers who ask for them and requesters who
grant them find them here.
"""

from __future__ import annotations

from aioturk.marketplace import refusals
from aioturk.marketplace.service import retention
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.store.records import QualificationType
from aioturk.marketplace.store.system_types import FOREIGN

__all__ = ["ACTIVE", "foreign", "gone_at", "is_gone", "mark_used", "of_caller", "readable", "unused_since"]

ACTIVE = "Active"


def foreign(environment: str) -> frozenset[str]:
    """Return the ids of the service's types that are unknown in an environment: those of the other one."""
    return FOREIGN[environment]


def gone_at(context: Context, kind: QualificationType) -> int | None:
    """
    Return when a type was or will be gone: because it was deleted, or because nobody has used it any more.

    HITs use what they require until they are disposed of; this is asked only when it matters.
    """
    patience = context.rules.unused_after
    if kind.deleted_at is not None:
        return kind.deleted_at
    if kind.account_seq is None or patience is None:
        return None
    gone = kind.used_at + patience * 1000
    if context.now < gone:
        return gone
    until = context.store.qualification_types.required_until(kind.seq, context.now)
    return gone if until is None else max(gone, until + patience * 1000)


def is_gone(context: Context, kind: QualificationType) -> bool:
    """Say whether a type is no longer there."""
    if kind.account_seq is None:
        return kind.id in foreign(context.environment)
    gone = gone_at(context, kind)
    return gone is not None and gone <= context.now


def unused_since(context: Context) -> int:
    """Return the time since which a type must have been used in order to be there still."""
    since = retention.since(context)
    return -1 if since is None else since


def mark_used(context: Context, kind: QualificationType) -> None:
    """Write down that somebody uses a type, if that is news."""
    if kind.account_seq is not None and retention.is_news(context, kind.used_at):
        context.store.qualification_types.change(kind.seq, used_at=context.now)


def readable(context: RequesterContext, type_id: str) -> QualificationType:
    """
    Find a type that the caller may read: an own one, one of the service, or another requester's while it is active.

    Raises:
        QualificationTypeDoesNotExist: There is no such type.
    """
    return _readable(context, type_id, context.store.qualification_types.find(type_id, context.environment))


def of_caller(context: RequesterContext, type_id: str, *, to_change: bool = False) -> QualificationType:
    """
    Find one of the caller's own types.

    Args:
        context: Who asks.
        type_id: Which one.
        to_change: Whether it is going to be changed.

    Raises:
        QualificationTypeDoesNotExist: There is no such type.
        PermissionDenied: It is not the caller's.
    """
    types = context.store.qualification_types
    found = (types.to_change if to_change else types.find)(type_id, context.environment)
    kind = _readable(context, type_id, found)
    if kind.account_seq != context.account.seq:
        raise refusals.permission_denied()
    return kind


def _readable(context: RequesterContext, type_id: str, found: QualificationType | None) -> QualificationType:
    if found is None or is_gone(context, found):
        raise refusals.qualification_type_does_not_exist(type_id)
    if found.account_seq != context.account.seq and found.status != ACTIVE:
        raise refusals.qualification_type_does_not_exist(type_id)
    return found
