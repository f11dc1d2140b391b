"""`once`: carrying out a single unit, exactly once, while the program waits for it."""

from __future__ import annotations

from dataclasses import replace

from aioturk.batch.desk import LONGEST_WAIT, Desk
from aioturk.batch.holding import TakenForDead
from aioturk.batch.ledger import claims, units
from aioturk.batch.ledger.claims import Claim, Standing
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.reasons import nobody_knows, over_budget, somebody_elses
from aioturk.batch.units import Intent, Kind, State, Unit
from aioturk.batch.work import Work, attempt
from aioturk.errors import ConfigurationError

__all__ = ["once"]


async def once(desk: Desk, work: Work, intent: Intent) -> None:
    """
    Carry out a single unit, unless it has happened; whoever else has it in hand is waited for.

    Args:
        desk: Where.
        work: How.
        intent: What is to happen.

    Raises:
        TurkError: It has not happened, and nobody will do it unless it is asked for again; or, if the error is
            ambiguous, it may have happened, and the next call finds out.
    """
    seq = await desk.seq()
    async with desk.holder:
        await desk.tidy_up()
        for _ in range(LONGEST_WAIT):
            claim, lease = await _claim(desk, seq, intent)
            if claim.standing is Standing.ELSEWHERE:
                await desk.wait_for_others()
                continue
            unit = _ours(desk, work, intent, claim)
            if unit is None:
                return
            try:
                await _carry_out(desk, work, seq, unit, lease, is_asked=unit.token == intent.token)
            except TakenForDead:
                continue
            if claim.other and intent.kind is not Kind.PUBLISH:
                # What was left open is what has happened, and not what is asked for now.
                raise work.otherwise(unit)
            return
        raise somebody_elses(intent)


async def _claim(desk: Desk, seq: int, intent: Intent) -> tuple[Claim, str]:
    [claim], lease = await desk.take_in_hand(
        lambda lease, taken: claims.intend(
            seq,
            [intent],
            holder_id=lease,
            in_hand=desk.in_hand,
            taken=taken,
            now=desk.now(),
            budget=desk.budget,
        )
    )
    return claim, lease


def _ours(desk: Desk, work: Work, intent: Intent, claim: Claim) -> Unit | None:
    """Return the unit that is to be carried out now; None if it has happened."""
    if claim.standing is Standing.DONE:
        return None
    if claim.standing is Standing.TOO_DEAR or claim.unit is None:
        raise over_budget(desk.budget or 0, intent)
    if claim.standing is Standing.OTHERWISE:
        raise work.otherwise(claim.unit)
    if claim.standing is Standing.UNKNOWN:
        raise nobody_knows(claim.unit)
    return claim.unit


async def _carry_out(desk: Desk, work: Work, seq: int, unit: Unit, lease: str, *, is_asked: bool) -> None:
    try:
        outcome, error = await attempt(desk, work, unit, lease)
    except BaseException:
        # Broken off: it may have happened, and is free for whoever asks for it again.
        desk.let_go({unit.token}, lease, unsent=False)
        raise
    if error is not None and not error.ambiguous:
        if is_asked:
            # The caller is told that it has not happened, so nobody is to do it later.
            outcome = replace(outcome, state=State.REFUSED)
        elif outcome.state is State.OPEN:
            # Not the caller's own: it was decided on with an approval, and the worker is to get it.
            error.add_note(f"{unit.key!r} is due by an earlier decision: the next review carries it out.")
    await _write(desk, seq, outcome, lease)
    if error is not None:
        raise error


async def _write(desk: Desk, seq: int, outcome: Outcome, lease: str) -> None:
    try:
        await desk.perform(units.write_outcomes(seq, [(outcome, lease)], desk.now()))
    except ConfigurationError as trouble:
        if outcome.state is not State.REFUSED:
            trouble.ambiguous = True
            trouble.add_note(
                f"{outcome.unit.kind.value} {outcome.unit.key!r} was sent, and may have happened. It is open in the "
                "ledger: asking for it again finds out, and does not do it twice."
            )
        raise
    finally:
        desk.in_hand.put_down([outcome.unit.token])
