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
_CLAIM = update(notification).where(notification.c.seq == bindparam("the_seq"))
_SETTLE = update(notification).where(
    notification.c.seq == bindparam("the_seq"), notification.c.next_at == bindparam("claimed")
)
_WAITING = (
    select(notification.c.seq)
    .where(notification.c.next_at.is_not(None), notification.c.transport == bindparam("transport"))
    .limit(1)
)


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

    def claim(self, transport: str, now: int, until: int, count: int) -> list[Letter]:
        """
        Take messages that are to be sent now; nobody else takes them before the claim has ended.

        Args:
            transport: How they travel.
            now: The real time.
            until: When the claim ends.
            count: How many at most.
        """
        letters = []
        # Those that another process is just claiming are passed over, not waited for.
        for seq, destination, body, attempts in self._session.all(
            _TO_SEND, {"transport": transport, "now": now, "count": count}
        ):
            self._session.change(_CLAIM, {"the_seq": seq, "next_at": until})
            letters.append(Letter(seq, destination, body, attempts, until))
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

    def any_waiting(self, transport: str) -> bool:
        """Say whether any message is still to be sent, now or later."""
        return self._session.first(_WAITING, {"transport": transport}) is not None
