"""
`Work`: how units of one kind are carried out, and `attempt`, which carries out one that is in hand.

There is a work for rows, in `aioturk.batch.uploading`, for decisions and bonuses, in `aioturk.batch.reviewing`, and for
extensions, in `aioturk.batch.extending`. Which units are in hand is seen to by `aioturk.batch.run` and
`aioturk.batch.once`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, Protocol

from aioturk.batch.desk import Desk
from aioturk.batch.ledger import units
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.units import Kind, State, Unit
from aioturk.errors import Fate, InvalidRequest, TurkError
from aioturk.tasks.publishing import ACCOUNT_LEVEL

__all__ = ["Attempted", "Work", "attempt"]


class Work(Protocol):
    """How units of one kind are carried out."""

    kind: Kind
    """Which units."""
    title: str
    """What to call it while it goes on: ``"publishing"``."""
    reads_state: bool
    """Whether a refusal certainly says of all attempts that they had no effect, because the state was read."""

    async def begin(self) -> None:
        """Prepare: settle by one look at the service what was left open long ago, where that can be done."""
        ...

    async def send(self, unit: Unit) -> Outcome:
        """
        Carry a unit out.

        Raises:
            TurkError: It has not happened, or, if that is ambiguous, may have.
        """
        ...

    async def look(self, unit: Unit) -> Outcome | None:
        """
        Ask the service about a unit whose token it may have forgotten; None means that it has not happened.

        Raises:
            TurkError: It cannot be found out now.
        """
        ...

    def otherwise(self, unit: Unit) -> TurkError:
        """Say of a unit that has happened that something else was asked for."""
        ...

    def forget(self, token: str) -> None:
        """Be told that a unit needs nothing any more."""
        ...


class Attempted(NamedTuple):
    """
    What came of carrying a unit out.

    Attributes:
        outcome: What is written down.
        error: Why it has not happened, or may not have.
    """

    outcome: Outcome
    error: TurkError | None


async def attempt(desk: Desk, work: Work, unit: Unit, lease: str) -> Attempted:
    """
    Carry out a unit that is in hand.

    Args:
        desk: Where.
        work: How.
        unit: The unit.
        lease: The name under which it is in hand.

    Raises:
        TakenForDead: It is not in our hands any more; nothing was sent.
    """
    await desk.holder.sure(lease)
    try:
        if not desk.trusts(unit):
            found = await work.look(unit)
            if found is not None:
                return Attempted(found, None)
            now = desk.now()
            await desk.perform(units.start_anew([unit.seq], now))
            unit = replace(unit, first_attempt=now, attempts=1)
        return Attempted(await work.send(unit), None)
    except TurkError as error:
        return Attempted(_judged(work, unit, error), error)


def _judged(work: Work, unit: Unit, error: TurkError) -> Outcome:
    """Say what a failure means for its unit."""
    certain = isinstance(error, InvalidRequest) or error.fate is Fate.REFUSED
    # A refusal of now says nothing of an attempt that another program has made before.
    if unit.attempts > 1 and not work.reads_state:
        certain = False
    final = certain and not error.ambiguous and not isinstance(error, ACCOUNT_LEVEL)
    return Outcome(unit, State.REFUSED if final else State.OPEN, error=f"{type(error).__name__}: {error}")
