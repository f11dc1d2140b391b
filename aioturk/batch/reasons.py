"""Why a unit is not carried out, in words: the errors of the budget, of those at work elsewhere, and of oblivion."""

from __future__ import annotations

from aioturk.batch.units import Intent, Unit
from aioturk.errors import BudgetExceeded, TurkError

__all__ = ["nobody_knows", "over_budget", "refused_to_others", "somebody_elses", "still_open"]


def over_budget(budget: int, intent: Intent) -> BudgetExceeded:
    """Return the error of a unit that the budget does not cover."""
    return BudgetExceeded(
        f"The batch may cost {budget / 100:.2f} dollars at most, fees included, and with {intent.key!r}, which can "
        f"cost {intent.liability / 100:.2f}, it could come to more. Nothing was sent for it. To go on, give a larger "
        "budget; status() tells what is reserved."
    )


def nobody_knows(unit: Unit) -> TurkError:
    """Return the error of a unit that was left open for too long."""
    return _ambiguous(
        f"{unit.kind.value} {unit.key!r} was left open for more than 100 days, and nobody can tell any more whether it "
        "has happened. Nothing was sent now. Look for yourself, and do it by hand if it has not."
    )


def somebody_elses(intent: Intent) -> TurkError:
    """Return the error of a unit that others did not come to an end with."""
    return _ambiguous(
        f"Somebody else has {intent.kind.value} {intent.key!r} in hand, and did not come to an end with it. Nothing "
        "was sent here. Look for a program that hangs, end it, and ask again."
    )


def still_open(unit: Unit) -> TurkError:
    """Return the error of a unit that is open at the end of a run."""
    return _ambiguous(unit.error or "Somebody else has it in hand, and is not done with it.")


def refused_to_others(unit: Unit) -> TurkError:
    """Return the error of a unit that others had in hand when it was given, and that was refused to them."""
    return TurkError(f"It was refused to somebody else, who had it in hand: {unit.error}")


def _ambiguous(text: str) -> TurkError:
    error = TurkError(text)
    error.ambiguous = True
    return error
