"""
`Event`: something that happened to a HIT or an assignment, as a value.

How messages become events is next door, in :mod:`aioturk.notifications.reading`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aioturk.models import EventType

__all__ = ["Event"]

_SAMPLES: Final = frozenset({"3HIT00000000000000000000000000"})
"""HITs that test messages of aioturk's marketplace are about; Amazon does not say what its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """
    Something that happened to a HIT or an assignment.

    It may come more than once, in any order, and before the service's own lists show what it tells of: read again a
    little later when what you look for is not there yet.

    Attributes:
        type: What happened, an :class:`~aioturk.models.EventType` and a string; a word that aioturk does not know is
            one, too.
        time: When it happened, in UTC.
        hit_id: The HIT.
        hit_type_id: The type of the HIT.
        hit_group_id: The group of the HIT.
        assignment_id: The assignment, for events about one.
        worker_id: Whose assignment it is, where the message says so.
        document_id: The id of the message (``EventDocId``), by which repeats are told; several events may share one.
        customer_id: The requester.
        more: What else the message said of the event, as it came.
    """

    type: str
    time: datetime
    hit_id: str | None = None
    hit_type_id: str | None = None
    hit_group_id: str | None = None
    assignment_id: str | None = None
    worker_id: str | None = None
    document_id: str
    customer_id: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_test(self) -> bool:
        """
        Whether this is known to be a Ping, or a test message of aioturk's marketplace, so that nothing happened.

        A test message of Amazon's about any other event cannot be told from a true one; its HIT does not exist.
        """
        return self.type == EventType.PING or self.hit_id in _SAMPLES
