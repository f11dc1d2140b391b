"""
Moving money: holds, charges, bonuses, each as lines of the ledger.

A line takes cents from one purse and puts them into another:

=============  ==========================================================
``outside``    where deposits come from
``available``  what the requester can spend
``held``       what is kept back for assignments that may yet be approved
``worker``     what workers have earned and are owed
``fees``       what the house has earned
=============  ==========================================================

The same lines are written with and without accounting; without it, money just never runs out.
"""

from __future__ import annotations

from aioturk.errors import InvalidRequest
from aioturk.marketplace import refusals
from aioturk.marketplace.lifecycle import DISPOSED, is_expired, left
from aioturk.marketplace.money import reward_fee
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service import requirements
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.store.records import Hit, HitType, Movement

__all__ = [
    "assignment_fee",
    "charge_for_assignment",
    "commit_to_extensions",
    "deposit",
    "liability",
    "pay_bonus",
    "pay_out",
    "require_countable",
    "with_funds_held",
    "with_more_assignments",
]

OUTSIDE = "outside"
AVAILABLE = "available"
HELD = "held"
WORKER = "worker"
FEES = "fees"

_MOST_FOR_HIT = 10**16
_MOST_HELD = 10**18
"""
Cents. Databases count to 9 * 10**18; beyond it SQLite would go on with numbers that are not exact.
"""


def liability(hit: Hit, now: int) -> int:
    """Return what a HIT may still cost: everything that is at work, undecided, or on offer."""
    if hit.status == DISPOSED:
        return 0
    on_offer = 0 if is_expired(hit, now) else left(hit)
    return (on_offer + hit.in_work + hit.submitted) * (hit.type.reward + hit.fee)


def assignment_fee(kind: HitType, max_assignments: int, rules: Rules) -> int:
    """Return the fee on one approved assignment of a HIT: that on the reward, and what premium qualifications cost."""
    fee = reward_fee(kind.reward, max_assignments, bool(kind.masters), rules)
    return fee + requirements.premium(requirements.read(kind.requirements), rules)


def with_more_assignments(hit: Hit, more: int, rules: Rules) -> Hit:
    """Return a HIT for so many workers more, with the fee that it then has."""
    total = hit.max_assignments + more
    # Beyond the step all of its assignments cost the higher fee, those that were offered before included.
    return hit._replace(max_assignments=total, fee=assignment_fee(hit.type, total, rules))


def require_countable(hit: Hit, parameter: str, value: object) -> None:
    """
    Refuse a HIT that could cost more than can be counted.

    Raises:
        InvalidParameterValue: It could; the parameter is the one that makes it so.
    """
    if hit.max_assignments * (hit.type.reward + hit.fee) > _MOST_FOR_HIT:
        raise refusals.invalid(parameter, value)


def with_funds_held(context: Context, hit: Hit) -> Hit:
    """
    Hold back what the HIT may still cost, no more and no less; return it with the sum that is held.

    Raises:
        InsufficientFunds: More has to be held, and the account does not have it.
    """
    wanted = liability(hit, context.now)
    more = wanted - hit.held
    if more > 0:
        available, held = context.store.money.balance_to_change(hit.account_seq)
        if (context.accounting and available < more) or held + more > _MOST_HELD:
            raise refusals.insufficient_funds()
        context.store.money.move([_line(context, hit, "hold", HELD, AVAILABLE, more)])
        _commit(context, more)
    elif more < 0:
        context.store.money.move([_line(context, hit, "release", AVAILABLE, HELD, -more)])
    return hit._replace(held=wanted)


def commit_to_extensions(context: Context, hit: Hit, most: int) -> None:
    """
    Count against the key's cap what a new HIT's review policies may add to it, as they will ask nobody.

    Args:
        context: Who makes the HIT.
        hit: The HIT.
        most: How many assignments they may let it have.

    Raises:
        InsufficientFunds: The key may not commit so much.
    """
    if most > hit.max_assignments:
        grown = with_more_assignments(hit, most - hit.max_assignments, context.rules)
        _commit(context, liability(grown, context.now) - liability(hit, context.now))


def charge_for_assignment(context: Context, hit: Hit, assignment_seq: int, worker_seq: int, *, held: bool) -> Hit:
    """
    Pay for an approved assignment; return the HIT with what is held for it now.

    Args:
        context: Who approves, and when.
        hit: The HIT.
        assignment_seq: The assignment.
        worker_seq: Who earns it.
        held: Whether the money is held for it; it no longer is once the work was rejected.

    Raises:
        InsufficientFunds: The money is not held, and the account does not have it.
    """
    reward, fee = hit.type.reward, hit.fee
    purse = HELD
    if held:
        hit = hit._replace(held=hit.held - reward - fee)
    else:
        _require(context, hit.account_seq, reward + fee)
        purse = AVAILABLE
    lines = [
        _line(context, hit, "reward", WORKER, purse, reward, assignment_seq, worker_seq),
        _line(context, hit, "fee", FEES, purse, fee, assignment_seq),
    ]
    _move(context, lines)
    if not held:
        _commit(context, reward + fee)
    return hit


def pay_bonus(context: Context, hit: Hit, assignment_seq: int, worker_seq: int, amount: int, fee: int) -> None:
    """
    Pay a bonus and its fee.

    Raises:
        InsufficientFunds: The account does not have it.
    """
    _require(context, hit.account_seq, amount + fee)
    lines = [
        _line(context, hit, "bonus", WORKER, AVAILABLE, amount, assignment_seq, worker_seq),
        _line(context, hit, "bonus fee", FEES, AVAILABLE, fee, assignment_seq),
    ]
    _move(context, lines)
    _commit(context, amount + fee)


def deposit(context: Context, account_seq: int, amount: int) -> None:
    """
    Put money into an account.

    Raises:
        InvalidRequest: There would be more than can be counted.
    """
    available, held = context.store.money.balance_to_change(account_seq)
    if available + held + amount > _MOST_HELD:
        raise InvalidRequest("makes the account hold more than can be counted.", argument="amount")
    line = Movement(context.now, account_seq, "deposit", AVAILABLE, OUTSIDE, amount, None, None, None)
    context.store.money.move([line])


def pay_out(context: Context, worker_seq: int, amount: int) -> None:
    """Write down that a worker was paid, which happens elsewhere."""
    context.store.money.move([Movement(context.now, None, "payout", OUTSIDE, WORKER, amount, None, None, worker_seq)])


def _commit(context: Context, amount: int) -> None:
    """
    Count money against the cap of the key that the request was signed with.

    What was committed stays committed, even if the work is never done: a cap is how much can go wrong at most.
    """
    key = context.key
    if key is None or key.spending_cap is None:
        return
    if not context.store.requesters.spend(key.access_key, amount):
        raise refusals.cap_reached(key.spending_cap, key.spent, amount)


def _require(context: Context, account_seq: int, amount: int) -> None:
    if context.accounting and context.store.money.balance_to_change(account_seq)[0] < amount:
        raise refusals.insufficient_funds()


def _move(context: Context, lines: list[Movement]) -> None:
    lines = [line for line in lines if line.cents]
    if lines:
        context.store.money.move(lines)


def _line(
    context: Context,
    hit: Hit,
    reason: str,
    debit: str,
    credit: str,
    cents: int,
    assignment_seq: int | None = None,
    worker_seq: int | None = None,
) -> Movement:
    return Movement(context.now, hit.account_seq, reason, debit, credit, cents, hit.seq, assignment_seq, worker_seq)
