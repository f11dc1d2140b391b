"""
Whose bonus a payment is that the service lists. All of these are acts, as in `units`.

Bonuses that wait for their approvals are in `aioturk.batch.ledger.planned`, what a batch costs is in
`aioturk.batch.ledger.money`, and how the ledger's bonuses are compared with all of the service's in
`aioturk.batch.ledger.comparing`.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, select, update

from aioturk.batch.ledger.tables import hit, unit
from aioturk.batch.ledger.units import milliseconds
from aioturk.batch.units import Kind, State

__all__ = ["take_for_paid", "was_made_here", "what"]


def take_for_paid(seq: int, paid: int, trusted: tuple[float, float]) -> Callable[[Connection], bool | None]:
    """
    Take a bonus for paid, if the service lists more that are like it than can be others.

    That is decided and written down in one, so that no payment stands for two bonuses.

    Args:
        seq: The bonus's unit.
        paid: How many bonuses the service lists for the assignment, with the same worker, amount and reason.
        trusted: The moments between which a first attempt lies that may be under way.

    Returns:
        Whether it is paid; None if one of these payments is this bonus, or another that is just being paid.
    """
    earliest, latest = map(milliseconds, trusted)

    def act(connection: Connection) -> bool | None:
        target = select(unit.c.target).where(unit.c.seq == seq).scalar_subquery()
        bonuses = (
            select(unit.c.seq, unit.c.state, unit.c.content, unit.c.first_attempt)
            .where(unit.c.kind == Kind.BONUS.value, unit.c.target == target)
            .order_by(unit.c.token)
            .with_for_update()
        )
        found = {row.seq: row for row in connection.execute(bonuses)}
        ours = found.pop(seq)
        if ours.state == State.DONE.value:
            return True
        alike = [row for row in found.values() if what(row.content) == what(ours.content)]
        known = sum(row.state == State.DONE.value for row in alike)
        perhaps = sum(
            row.state == State.OPEN.value and row.first_attempt is not None and earliest <= row.first_attempt <= latest
            for row in alike
        )
        if paid <= known:
            return False
        if paid <= known + perhaps:
            return None
        connection.execute(update(unit).where(unit.c.seq == seq).values(state=State.DONE.value))
        return True

    return act


def was_made_here(hit_id: str) -> Callable[[Connection], bool]:
    """
    Say whether a HIT was published through this ledger.

    Of one that was found on the service, another ledger that is lost may have known more: bonuses, for example.
    """
    attempts = select(unit.c.attempts).join(hit, hit.c.unit_seq == unit.c.seq).where(hit.c.id == hit_id)
    return lambda connection: bool(connection.execute(attempts).scalar())


def what(content: str) -> tuple[str, str, list[str]]:
    """What a bonus is known by in the service's list, which may lay out texts anew."""
    told = msgspec.json.decode(content)
    return told["worker"], told["amount"], told["reason"].split()
