"""
`Work`: how units of one kind are carried out, and `attempt`, which carries out one that is in hand.

There is a work for rows, in `aioturk.batch.uploading`, for decisions, in `aioturk.batch.deciding`, for bonuses, in
`aioturk.batch.paying`, and for extensions, in `aioturk.batch.extending`. Which units are in hand is seen to by
`aioturk.batch.run` and `aioturk.batch.once`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple, Protocol

from aioturk.batch.desk import Desk
from aioturk.batch.holding import TakenForDead
from aioturk.batch.ledger import units
from aioturk.batch.ledger.opening import LedgerFailed
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.units import Kind, State, Unit
from aioturk.errors import AssignmentDoesNotExist, Fate, InvalidAssignmentState, InvalidRequest, RequestError, TurkError
from aioturk.settlement import token_was_used
from aioturk.tasks.publishing import ACCOUNT_LEVEL

__all__ = ["Attempted", "Work", "attempt", "found_again"]

_OF_THE_STATE: Final = (AssignmentDoesNotExist, InvalidAssignmentState)
"""Refusals after which a work that reads states has read the state."""


class Work(Protocol):
    """
    How units of one kind are carried out.

    A kind needs `send` and `look`; what else there is has something to do for some kinds only.
    """

    kind: Kind
    """Which units."""
    title: str
    """What to call it while it goes on: ``"publishing"``."""
    reads_state: bool
    """
    Whether the state is read when a unit is refused because of its state: that says of all attempts that they had no
    effect, where any other refusal says it of the present one alone.
    """

    async def begin(self) -> None:
        """Prepare: settle by one look at the service what was left open long ago, where that can be done."""
        return

    async def send(self, unit: Unit) -> Outcome:
        """
        Carry a unit out.

        Raises:
            TurkError: It has not happened, or, if that is ambiguous, may have.
        """
        ...

    async def look(self, unit: Unit) -> Outcome | None:
        """
        Ask the service about a unit whose token it may have forgotten.

        Returns:
            What became of it; that it stays open, where this is no time to find out; or None if it certainly has not
            happened.

        Raises:
            TurkError: It cannot be found out now.
        """
        ...

    async def settle(self, unit: Unit) -> Outcome | None:
        """
        Say what became of a unit that was left open, sending nothing; None if nothing is known to have become of it.

        Raises:
            TurkError: It cannot be found out now.
        """
        if unit.attempts <= 1:
            return None  # it was never sent
        found = await self.look(unit)
        return found if found is not None and found.state is State.DONE else None

    def otherwise(self, unit: Unit) -> TurkError:
        """Say of a unit that has happened that something else was asked for."""
        return TurkError(
            f"{unit.kind.value} {unit.key!r} has happened, but not as it was asked for now. Nothing was sent now."
        )

    def unfit(self) -> int:
        """Return how many, since this was last asked, could not even become units."""
        return 0

    def forget(self, token: str) -> None:
        """Be told that a unit needs nothing any more."""
        return


class Attempted(NamedTuple):
    """
    What came of carrying a unit out.

    Attributes:
        outcome: What is written down.
        error: Why it has not happened, or, if that is ambiguous, may not have: now or in an earlier attempt.
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
            if not await desk.perform(units.start_anew(unit.seq, lease, now)):
                raise TakenForDead("others have taken over what was in hand, while the service was asked about it")
            unit = replace(unit, first_attempt=now, attempts=1)
        return Attempted(await work.send(unit), None)
    except TurkError as error:
        return Attempted(_judged(work, unit, error), error)


async def found_again(work: Work, unit: Unit, refused: RequestError) -> Outcome:
    """
    Return what became of a unit whose token was used before, by looking at the service.

    Args:
        work: How.
        unit: The unit.
        refused: What the service has answered to the token.

    Raises:
        RequestError: The refusal itself. It says something else; or, then it is ambiguous, nothing is to be seen of
            what the token was used for.
    """
    if not token_was_used(refused, unit.token):
        raise refused
    refused.ambiguous = True
    try:
        found = await work.look(unit)
    except TurkError as failure:
        raise refused from failure
    if found is None:
        raise refused
    return found


def _judged(work: Work, unit: Unit, error: TurkError) -> Outcome:
    """Say what a failure means for its unit, and let the error say so, too."""
    if isinstance(error, LedgerFailed):
        error.ambiguous = True  # it may have failed when what has happened was to be written down
    counts = error.ambiguous
    # A refusal of now says nothing of an attempt that was made before, perhaps by another program.
    is_first = unit.attempts <= 1 or (work.reads_state and isinstance(error, _OF_THE_STATE))
    is_certain = isinstance(error, InvalidRequest) or error.fate is Fate.REFUSED
    if is_certain and is_first and not counts and not isinstance(error, ACCOUNT_LEVEL):
        return Outcome(unit, State.REFUSED, error=_text(error))
    error.ambiguous = counts or not is_first
    return Outcome(unit, State.OPEN, error=_text(error), counts=counts)


def _text(error: TurkError) -> str:
    return f"{type(error).__name__}: {error}"
