"""
Finding qualification types: whose they are, who may read and change them, and when one is gone.

The operations on them are in `qualification_types`; HITs that require them, workers who ask for them and requesters who
grant them find them here.
"""

from __future__ import annotations

from aioturk.marketplace import refusals
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service import retention
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.store.records import QualificationType
from aioturk.marketplace.store.system_types import MASTERS, MASTERS_PRODUCTION, MASTERS_SANDBOX

__all__ = ["ACTIVE", "foreign_masters", "gone_at", "is_gone", "mark_used", "of_caller", "readable", "unused_since"]

ACTIVE = "Active"


def foreign_masters(environment: str) -> str:
    """Return the id of the Masters that are unknown in an environment: those of the other one."""
    return MASTERS_SANDBOX if environment == "production" else MASTERS_PRODUCTION


def gone_at(kind: QualificationType, rules: Rules) -> int | None:
    """Return when a type was or will be gone: because it was deleted, or because nobody has used it any more."""
    if kind.deleted_at is not None:
        return kind.deleted_at
    if kind.account_seq is None or rules.unused_after is None:
        return None
    return kind.used_at + rules.unused_after * 1000


def is_gone(context: Context, kind: QualificationType) -> bool:
    """Say whether a type is no longer there."""
    if kind.id in MASTERS and kind.id == foreign_masters(context.environment):
        return True
    gone = gone_at(kind, context.rules)
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
