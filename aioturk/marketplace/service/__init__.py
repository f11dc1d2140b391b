"""
The operations of the API, a module a subject, each a plain function within one transaction.

`MarketService` is put together from them. An operation that no module overrides is not offered, and answers
``UnknownOperationException``. What workers do is in `work`, what happens by itself in `agenda`; both lean on the same
functions.
"""

from __future__ import annotations

from aioturk.marketplace.service.account import AccountOperations
from aioturk.marketplace.service.assignments import AssignmentOperations
from aioturk.marketplace.service.bonuses import BonusOperations
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.service.hit_types import HitTypeOperations
from aioturk.marketplace.service.hits import HitOperations
from aioturk.marketplace.service.notifications import NotificationOperations
from aioturk.marketplace.service.qualification_types import QualificationTypeOperations
from aioturk.marketplace.service.qualifications import QualificationOperations
from aioturk.marketplace.service.reviews import ReviewOperations
from aioturk.marketplace.service.workers import WorkerOperations

__all__ = ["Context", "MarketService", "RequesterContext"]


class MarketService(
    AccountOperations,
    AssignmentOperations,
    BonusOperations,
    HitOperations,
    HitTypeOperations,
    NotificationOperations,
    QualificationOperations,
    QualificationTypeOperations,
    ReviewOperations,
    WorkerOperations,
):
    """Everything that is offered."""
