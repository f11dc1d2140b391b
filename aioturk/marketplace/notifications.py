"""
The log of notifications: every message about an event that this market has written, and what became of it.

When messages are written is decided in :mod:`aioturk.marketplace.service.notifications`; they are sent by
:mod:`aioturk.marketplace.delivery`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, TypeAlias, cast

from aioturk._core.codec import read_document
from aioturk.marketplace.delivery import Courier
from aioturk.marketplace.house import House
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.records import Notice

__all__ = ["Notification", "NotificationLog", "NotificationState"]

NotificationState: TypeAlias = Literal["waiting", "delivered", "failed", "logged"]
"""``logged`` is a message that was never to be sent, because no endpoint was configured for its transport."""

_PAGE = 500


@dataclass(frozen=True)
class Notification:
    """
    A message about an event.

    Attributes:
        at: When it was written, by the market's clock.
        event: The event's type, such as ``"AssignmentSubmitted"``.
        transport: ``"SQS"``, ``"SNS"``, ``"Email"`` or ``"Webhook"``.
        destination: The queue's URL, the topic's ARN, the address, or the webhook's URL.
        body: The message, word for word.
        state: ``"waiting"`` to be sent (again), ``"delivered"``, ``"failed"`` for good, or ``"logged"``.
        attempts: How often it was tried to send it.
        trouble: What went wrong the last time; None when nothing did.
    """

    at: datetime
    event: str
    transport: str
    destination: str
    body: str
    state: NotificationState
    attempts: int
    trouble: str | None

    @cached_property
    def document(self) -> dict[str, Any]:
        """The message, read."""
        return read_document(self.body.encode())

    @property
    def hit_id(self) -> str:
        """The HIT that the event is about."""
        return str(self._about["HITId"])

    @property
    def hit_type_id(self) -> str:
        """The type of that HIT."""
        return str(self._about["HITTypeId"])

    @property
    def hit_group_id(self) -> str | None:
        """The group of that HIT; None in messages that an older aioturk wrote."""
        return self._about.get("HITGroupId")

    @property
    def assignment_id(self) -> str | None:
        """The assignment that the event is about, if it is about one."""
        return self._about.get("AssignmentId")

    @property
    def worker_id(self) -> str | None:
        """Who has that assignment, or had it; None in messages that an older aioturk wrote."""
        return self._about.get("WorkerId")

    @property
    def _about(self) -> dict[str, Any]:
        # We write one event a message.
        return cast("dict[str, Any]", self.document["Events"][0])


class NotificationLog:
    """
    Every message about an event, the earliest first.

    ::

        messages = await market.notifications                  # all of them, in a list
        async for message in market.notifications: ...         # one by one, without holding them all
        await market.notifications.delivered()                 # wait until none is left to be sent

    Args:
        house: The market.
        courier: What sends messages, if anything does.
    """

    __slots__ = ("_courier", "_house")

    def __init__(self, house: House, courier: Courier | None) -> None:
        self._house = house
        self._courier = courier

    def __await__(self) -> Generator[Any, None, list[Notification]]:
        return self._all().__await__()

    async def _all(self) -> list[Notification]:
        return [message async for message in self]

    async def __aiter__(self) -> AsyncGenerator[Notification, None]:
        after = 0
        while page := await self._page(after):
            for notice in page:
                yield _shown(notice)
            after = page[-1].seq

    async def _page(self, after: int) -> list[Notice]:
        return await self._house.act(lambda context: context.store.notifications.page(after, _PAGE))

    async def delivered(self) -> None:
        """
        Wait until no message is left to be sent, be it delivered or given up.

        A message that finds nobody is given up only after most of a day: say how long you will wait, with
        :func:`asyncio.timeout`. Without any endpoints to send messages to, nothing is waited for; nor are messages for
        a webhook that this marketplace does not know.
        """
        if self._courier is not None:
            await self._courier.idle()


def _shown(notice: Notice) -> Notification:
    return Notification(
        at=moment(notice.at),
        event=notice.event,
        transport=notice.transport,
        destination=notice.destination,
        body=notice.body,
        state=cast("NotificationState", notice.state),
        attempts=notice.attempts,
        trouble=notice.trouble,
    )
