"""What a batch may cost: reserving before anything is sent."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select, update

from aioturk.batch.ledger.tables import batch, unit

__all__ = ["Purse", "reserve", "reserve_more"]


class Purse:
    """
    What a batch may still cost, within one act; what is taken is written at its end.

    Args:
        connection: The act's connection.
        batch_seq: The batch.
        budget: The most cents that all units of the batch may cost together; None for any sum.
    """

    def __init__(self, connection: Connection, batch_seq: int, budget: int | None) -> None:
        self._connection = connection
        self._batch_seq = batch_seq
        self._budget = budget
        self._taken = 0
        self._reserved: int = 0
        if budget is not None:
            # With a limit, whoever reserves waits for the one before, so that no two think that the rest is theirs.
            reserved = select(batch.c.reserved).where(batch.c.seq == batch_seq).with_for_update()
            self._reserved = connection.execute(reserved).scalar_one()

    def take(self, cents: int) -> bool:
        """Take cents, if there are so many."""
        if self._budget is not None and cents > 0 and self._reserved + self._taken + cents > self._budget:
            return False
        self._taken += cents
        return True

    def put_back(self, cents: int) -> None:
        """Put cents back that were taken in vain."""
        self._taken -= cents

    def close(self) -> None:
        """Write down what was taken."""
        if self._taken:
            reserve(self._connection, self._batch_seq, self._taken)


def reserve(connection: Connection, batch_seq: int, cents: int) -> None:
    """Add to what a batch can cost, or, with less than nothing, take from it."""
    connection.execute(update(batch).where(batch.c.seq == batch_seq).values(reserved=batch.c.reserved + cents))


def reserve_more(batch_seq: int, seq: int, cents: int, budget: int | None) -> Callable[[Connection], bool]:
    """Raise what a unit can cost; False means that the budget does not cover it, and nothing was changed."""

    def act(connection: Connection) -> bool:
        now = connection.execute(select(unit.c.liability).where(unit.c.seq == seq).with_for_update()).scalar_one()
        purse = Purse(connection, batch_seq, budget)
        if not purse.take(max(0, cents - now)):
            return False
        connection.execute(update(unit).where(unit.c.seq == seq).values(liability=max(cents, now)))
        purse.close()
        return True

    return act
