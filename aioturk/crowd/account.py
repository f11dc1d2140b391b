"""Whose tasks these are: the account's number, given or asked once."""

from __future__ import annotations

import asyncio

from aioturk._sts import account_of
from aioturk.calling import Neighbour
from aioturk.errors import InvalidRequest

__all__ = ["Account"]


class Account:
    """
    The number of an account. All views of a client share one.

    Args:
        number: The number, if it is known.

    Raises:
        InvalidRequest: It is not one.
    """

    def __init__(self, number: object = None) -> None:
        if number is not None and not (
            isinstance(number, str) and len(number) == 12 and number.isascii() and number.isdigit()
        ):
            raise InvalidRequest(
                f"is {number!r}; give the twelve digits of the AWS account as a string, or leave it out.",
                argument="account_id",
            )
        self._number = number
        self._asking: asyncio.Task[str] | None = None

    async def number(self, neighbour: Neighbour) -> str:
        """
        Return the number; the first to want it makes STS be asked, and all others wait for the same answer.

        Args:
            neighbour: Has the keys whose account it is.
        """
        if self._number is not None:
            return self._number
        asking = self._asking
        if asking is None or asking.done() or asking.get_loop() is not asyncio.get_running_loop():
            asking = self._asking = asyncio.create_task(self._ask(neighbour))
            asking.add_done_callback(_seen)
        # Whoever is cancelled does not take the answer from the others.
        return await asyncio.shield(asking)

    def stop_asking(self) -> None:
        """Forget about a question that is on its way."""
        if self._asking is not None and not self._asking.get_loop().is_closed():
            self._asking.cancel()

    async def _ask(self, neighbour: Neighbour) -> str:
        self._number = await account_of(neighbour, await neighbour.endpoint())
        return self._number


def _seen(asking: asyncio.Task[str]) -> None:
    """Look at what became of the question, which nobody may be waiting for any more: it is not logged as forgotten."""
    if not asking.cancelled():
        asking.exception()
