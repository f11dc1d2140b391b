"""
Paying bonuses, each once: what a `Bonus` is, and the work `Paying`.

A bonus has a token, which is made of the assignment and of what the bonus is called. When the service may have
forgotten it, the payments of the assignment are listed, and those counted that are equal. Which bonuses are paid is
told by `aioturk.batch.reviewing`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

from aioturk._core.wire import dollars
from aioturk.annotations import belongs_to
from aioturk.batch.desk import Desk
from aioturk.batch.documents import read_assignment
from aioturk.batch.ledger import payments, submissions
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.texts import check_text, says_something
from aioturk.batch.units import Intent, Kind, State, Unit, token_of
from aioturk.batch.work import Work, found_again
from aioturk.errors import InvalidRequest, PaidOtherwise, RequestError, TurkError
from aioturk.pricing import FeeTable
from aioturk.pricing import bonus as cost_of_bonus

if TYPE_CHECKING:
    from aioturk._core.accepted import Money

__all__ = ["Bonus", "Paying", "payment", "payment_with_approval"]


@dataclass(frozen=True, slots=True)
class Bonus:
    """
    A bonus that is to be paid once.

    Attributes:
        assignment_id: The assignment that it is for, which has to be the batch's own.
        amount: How much, in US dollars; a fee comes on top.
        reason: What for, for the worker.
        worker_id: The worker, if it is to be made sure that the assignment is theirs.
        key: What the bonus is called, so that another one for the same assignment is another one: what has the same key
            is paid once. None means that bonuses of the same amount and reason are the same.
    """

    assignment_id: str
    amount: Money
    reason: str
    worker_id: str | None = None
    key: str | None = None


# Intents.


def payment(batch: str, bonus: Bonus, worker_id: str, fees: FeeTable) -> Intent:
    """
    Return the intent of a bonus.

    Without a key, one of the same amount and reason is the same, whether it came with an approval or by itself.

    Raises:
        InvalidRequest: The amount is no amount of money, or a text none, or nothing is said of the reason.
    """
    if bonus.key is None:
        by_itself = _payment(batch, bonus, worker_id, fees)
        return replace(by_itself, alike=_named(by_itself, batch, _WITH_APPROVAL))
    check_text(bonus.key, "key")
    return _named(_payment(batch, bonus, worker_id, fees), batch, f"= {bonus.key}")


def payment_with_approval(batch: str, bonus: Bonus, worker_id: str, fees: FeeTable) -> Intent:
    """
    Return the intent of the bonus that is decided on with an approval: there is one for each assignment.

    Raises:
        InvalidRequest: As above.
    """
    by_itself = _payment(batch, bonus, worker_id, fees)
    return replace(_named(by_itself, batch, _WITH_APPROVAL), alike=by_itself)


_WITH_APPROVAL = "with its approval"


def _named(payment: Intent, batch: str, called: str) -> Intent:
    """Return the same payment under another name."""
    key = f"{payment.target} {called}"
    return replace(payment, key=key, token=token_of(Kind.BONUS, batch, key))


def _payment(batch: str, bonus: Bonus, worker_id: str, fees: FeeTable) -> Intent:
    """Return the intent of a bonus that is called by its amount and reason."""
    cost = cost_of_bonus(bonus.amount, fees=fees)
    check_text(worker_id, "worker_id")
    check_text(bonus.reason, "reason")
    if not says_something(bonus.reason):
        raise InvalidRequest("is empty; say what the bonus is for. Nothing was paid.", argument="reason")
    amount = dollars(cost.worker_pay)
    key = f"{bonus.assignment_id} {amount} {bonus.reason}"
    content = {"worker": worker_id, "amount": amount, "reason": bonus.reason}
    asked = sha256(f"{worker_id}\0{amount}".encode()).hexdigest()[:8]
    token = token_of(Kind.BONUS, batch, key)
    return Intent(Kind.BONUS, key, token, asked, content, liability=cost.cents, target=bonus.assignment_id)


# How they are carried out.


class Paying(Work):
    """
    The work of paying bonuses.

    Args:
        desk: Where.
    """

    kind = Kind.BONUS
    title = "paying"
    reads_state = False

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def send(self, unit: Unit) -> Outcome:
        """Pay a bonus, to the worker of the assignment and to nobody else."""
        content = unit.content or {}
        fees = await self._desk.fees()  # before anything is sent: what fails after that may have been paid
        hit_id = await self._check_worker(unit)
        if not await self._desk.perform(payments.was_made_here(hit_id)):
            # Another ledger knew this HIT, and may have known this bonus.
            found = await self.look(unit)
            if found is not None:
                return found
        try:
            await self._desk.client_for(unit).send_bonus(
                worker_id=content["worker"],
                assignment_id=unit.target or "",
                bonus_amount=Decimal(content["amount"]),
                reason=content["reason"],
                unique_request_token=unit.token,
            )
        except RequestError as refused:
            # The token is this bonus and no other; whether it was paid is seen in the list, when that is up to date.
            return await found_again(self, unit, refused)
        return _paid(unit, fees)

    async def look(self, unit: Unit) -> Outcome | None:
        """
        List what was paid for an assignment; a bonus like this one that belongs to no other unit is this one.

        While another one like it may be on the way, nobody can tell whose it is.
        """
        content = unit.content or {}
        fees = await self._desk.fees()
        paid = 0
        async for payment in self._desk.patient.list_bonus_payments(assignment_id=unit.target or ""):
            same = (payment.worker_id, payment.bonus_amount) == (content["worker"], Decimal(content["amount"]))
            # A list that tells no reasons leaves open which bonus it was: then it was this one.
            if same and (payment.reason is None or payment.reason.split() == content["reason"].split()):
                paid += 1
        is_paid = await self._desk.perform(payments.take_for_paid(unit.seq, paid, self._desk.trusted()))
        if is_paid is None:
            unclear = TurkError(
                f"The bonus {unit.key!r} may have been paid: one like it was, and another one like it is on the way. "
                "Nothing was sent now; ask again when the other one is done."
            )
            unclear.ambiguous = True
            raise unclear
        return _paid(unit, fees) if is_paid else None

    async def _check_worker(self, unit: Unit) -> str:
        """Make sure that the assignment is the worker's, and that its HIT is of this batch; return the HIT's id."""
        content = unit.content or {}
        known = await self._desk.perform(submissions.find_submission(await self._desk.seq(), unit.target or ""))
        if known is not None:
            assignment = read_assignment(known.document)
        else:
            found = await self._desk.patient.get_assignment(unit.target or "")
            assignment = found.assignment
            if not belongs_to(found.hit.requester_annotation, self._desk.name):
                raise InvalidRequest(
                    f"is {unit.target}, which is of another batch or none. Nothing was paid.", argument="assignment_id"
                )
        if assignment.worker_id != content["worker"]:
            raise InvalidRequest(
                f"is {content['worker']}, but the assignment {unit.target} is the work of {assignment.worker_id}. "
                "Nothing was paid.",
                argument="worker_id",
            )
        return assignment.hit_id

    def otherwise(self, unit: Unit) -> TurkError:
        """Say that a bonus of this key is another one."""
        content = unit.content or {}
        return PaidOtherwise(
            f"The bonus {unit.key!r} of the batch {self._desk.name!r} is ${content.get('amount')} for "
            f"{content.get('worker')}: what has one key is paid once, and what was asked for now was not paid. Give "
            "another key if you mean another one."
        )


def _paid(unit: Unit, fees: FeeTable) -> Outcome:
    """Return what became of a bonus that is paid; it costs what it is, though a dearer one was asked for since."""
    cents = cost_of_bonus((unit.content or {})["amount"], fees=fees).cents
    return Outcome(unit, State.DONE, cents=None if cents == unit.liability else cents)
