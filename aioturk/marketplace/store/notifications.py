"""Messages about events, in the store: the log, and the queue of those that are to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from aioturk.marketplace.store.records import Letter, Notice
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import notification

__all__ = ["Notifications"]

_INSERT = insert(notification)
_PAGE = (
    select(
        notification.c.seq,
        notification.c.at,
        notification.c.event,
        notification.c.transport,
        notification.c.destination,
        notification.c.body,
        notification.c.state,
        notification.c.attempts,
        notification.c.trouble,
    )
    .where(notification.c.seq > bindparam("after"))
    .order_by(notification.c.seq)
    .limit(bindparam("count"))
)
_TO_SEND = (
    select(notification.c.seq, notification.c.destination, notification.c.body, notification.c.attempts)
    .where(notification.c.next_at <= bindparam("now"), notification.c.transport == bindparam("transport"))
    .order_by(notification.c.next_at, notification.c.seq)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
)
_TO_SEND_THERE = _TO_SEND.where(notification.c.destination == bindparam("destination"))
_CLAIM = update(notification).where(notification.c.seq == bindparam("the_seq"))
_SETTLE = update(notification).where(
    notification.c.seq == bindparam("the_seq"), notification.c.next_at == bindparam("claimed")
)
_WAITING = (
    select(notification.c.seq)
    .where(notification.c.next_at.is_not(None), notification.c.transport == bindparam("transport"))
    .limit(1)
)
_WAITING_THERE = _WAITING.where(notification.c.destination == bindparam("destination"))
_DESTINATIONS = (
    select(notification.c.destination)
    .where(notification.c.next_at.is_not(None), notification.c.transport == bindparam("transport"))
    .distinct()
)
_THERE = update(notification).where(
    notification.c.transport == bindparam("the_transport"), notification.c.destination == bindparam("the_destination")
)
_GIVE_UP = _THERE.where(notification.c.next_at > 0, notification.c.next_at <= bindparam("before"))
_DATE = _THERE.where(notification.c.next_at == 0)


class Notifications:
    """What is asked of messages about events."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._posted = False

    def add(self, values: Mapping[str, Any]) -> None:
        """Keep a new message."""
        self._session.put(_INSERT, values)
        self._posted = True

    def posted(self) -> bool:
        """Say whether there were new messages since this was asked last."""
        posted, self._posted = self._posted, False
        return posted

    def page(self, after: int, count: int) -> list[Notice]:
        """List messages, the earliest first, from the one after a running number."""
        return [Notice(*row) for row in self._session.all(_PAGE, {"after": after, "count": count})]

    def claim(
        self, transport: str, now: int, until: int, count: int, *, destination: str | None = None
    ) -> list[Letter]:
        """
        Take messages that are to be sent now; nobody else takes them before the claim has ended.

        Args:
            transport: How they travel.
            now: The real time.
            until: When the claim ends.
            count: How many at most.
            destination: Where to, if not anywhere.
        """
        letters = []
        statement = _TO_SEND if destination is None else _TO_SEND_THERE
        # Those that another process is just claiming are passed over, not waited for.
        for seq, where, body, attempts in self._session.all(
            statement, {"transport": transport, "now": now, "count": count, "destination": destination}
        ):
            self._session.change(_CLAIM, {"the_seq": seq, "next_at": until})
            letters.append(Letter(seq, where, body, attempts, until))
        return letters

    def settle(
        self, letter: Letter, state: str, *, attempts: int, next_at: int | None = None, trouble: str | None = None
    ) -> None:
        """Keep what became of a message; nothing, when it was somebody else's meanwhile."""
        self._session.change(
            _SETTLE,
            {
                "the_seq": letter.seq,
                "claimed": letter.claimed,
                "state": state,
                "attempts": attempts,
                "next_at": next_at,
                "trouble": trouble,
            },
        )

    def any_waiting(self, transport: str, *, destination: str | None = None) -> bool:
        """Say whether any message is still to be sent, now or later; to one destination, if it is named."""
        statement = _WAITING if destination is None else _WAITING_THERE
        return self._session.first(statement, {"transport": transport, "destination": destination}) is not None

    def waiting_destinations(self, transport: str) -> list[str]:
        """List where messages are still to be sent."""
        return [destination for (destination,) in self._session.all(_DESTINATIONS, {"transport": transport})]

    def give_up(self, transport: str, destination: str, now: int, *, before: int, trouble: str) -> int:
        """
        Give up what nobody sends: messages whose time came long ago.

        Those that were due from their beginning, with no moment of their own, are due from now on.

        Args:
            transport: How they travel.
            destination: Where to.
            now: The real time.
            before: Since when they have to have been due.
            trouble: Why they are given up.

        Returns:
            How many were given up.
        """
        there = {"the_transport": transport, "the_destination": destination}
        failed = self._session.change(
            _GIVE_UP, {**there, "before": before, "state": "failed", "next_at": None, "trouble": trouble}
        )
        self._session.change(_DATE, {**there, "next_at": now})
        return failed
