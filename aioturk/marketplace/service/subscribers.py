"""Who is told of events beside those whom a HIT type's settings name; see `notifications` for what they are told."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PING", "Subscriber"]

PING = "Ping"
"""The kind of test messages that are about nothing."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """
    A program that events are posted to, as far as acts have to know it.

    Attributes:
        url: Where.
        requester: The name of the requester whose events it gets; None for everybody's.
        events: The kinds of events that it gets; None for all.
        topic: The topic whose messages it gets; None when it gets all events by itself.
    """

    url: str
    requester: str | None = None
    events: frozenset[str] | None = None
    topic: str | None = None

    def wants(self, event: str) -> bool:
        """Say whether it wants to know of a kind of events."""
        return self.events is None or event in self.events or event == PING
