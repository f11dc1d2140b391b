"""
What work costs: the workers' pay, and the fee on it. Pure arithmetic; nothing here asks the service.

The marketplace charges by the same arithmetic (:mod:`aioturk.marketplace.money`), so what `cost` says is what a
marketplace with accounting holds back. What may be spent at most, and stopping there, is the business of batches.

Amazon's fees: https://requester.mturk.com/pricing
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import msgspec

from aioturk._core import qualification_ids as ids
from aioturk._core.accepted import Money
from aioturk._core.money import amount_of
from aioturk._generated.shapes import QualificationRequirement
from aioturk.errors import InvalidRequest

__all__ = ["AMAZON", "HOUSE", "Cost", "FeeTable", "bonus", "cost"]

_CENT = Decimal("0.01")
_NOTHING = Decimal("0.00")

# Enough for the largest amount times the most assignments, whatever the precision of the caller's own context is.
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)

_MOST_SHARE = 100
_MOST_COUNT = 10**9

_LONGEST_TEXT: Final = 2000
"""Characters of a table as text: it goes into a header, of which servers and proxies take about 4,000 with the rest."""


def _check_share(given: object, name: str) -> None:
    if not isinstance(given, Decimal) or not given.is_finite() or not 0 <= given <= _MOST_SHARE:
        raise InvalidRequest(
            f'has to be a Decimal from 0 to {_MOST_SHARE}, such as Decimal("0.20") for 20 %.', argument=name
        )


def _check_count(given: object, argument: str, least: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= _MOST_COUNT:
        raise InvalidRequest(f"has to be a whole number from {least} to {_MOST_COUNT}.", argument=argument)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTable:
    """
    What a marketplace takes on top of the workers' pay.

    Make your own from one of the two that are here: ``dataclasses.replace(AMAZON, share=Decimal("0.10"))``.

    Attributes:
        share: The share of rewards and bonuses.
        large_share: The share of the reward that large HITs cost on top.
        large_from: From how many assignments on a HIT is large.
        masters_share: The share of the reward that requiring Masters costs on top.
        premium: The dollars that requiring a qualification type costs for each assignment, by its id; each type once.
        minimum: The least fee on an assignment or a bonus, in dollars.

    Raises:
        InvalidRequest: A number is out of bounds, or not a number.
    """

    share: Decimal
    large_share: Decimal
    large_from: int
    masters_share: Decimal
    premium: Mapping[str, Decimal] = field(hash=False)
    minimum: Decimal

    def __post_init__(self) -> None:
        for name in ("share", "large_share", "masters_share"):
            _check_share(getattr(self, name), name)
        _check_count(self.large_from, "large_from", 0)
        object.__setattr__(self, "minimum", amount_of(self.minimum, "minimum"))
        sums = {type_id: amount_of(dollars, f"premium[{type_id!r}]") for type_id, dollars in self.premium.items()}
        object.__setattr__(self, "premium", MappingProxyType(sums))

    def __reduce__(self) -> tuple[partial[FeeTable], tuple[()]]:
        # A mapping that is closed to changes cannot be pickled or copied: the copy is made anew, from an open one.
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return partial(type(self), **{**given, "premium": dict(self.premium)}), ()

    @property
    def step(self) -> int | None:
        """
        From how many assignments on a HIT costs a larger share; None if it never does.

        Where there is a step, a HIT that was made below it cannot grow to it.
        """
        return self.large_from if self.large_share else None

    def to_text(self) -> str:
        """
        Return the table as a text of ASCII characters, from which `from_text` makes it again.

        It is a JSON object with the attributes as members. Shares and dollars are strings, so that they stay exact.

        Raises:
            InvalidRequest: The text would be longer than 2,000 characters, more than fits into a header.
        """
        table = {
            "share": str(self.share),
            "large_share": str(self.large_share),
            "large_from": self.large_from,
            "masters_share": str(self.masters_share),
            "premium": {type_id: str(dollars) for type_id, dollars in self.premium.items()},
            "minimum": str(self.minimum),
        }
        text = json.dumps(table, separators=(",", ":"))
        if len(text) > _LONGEST_TEXT:
            raise InvalidRequest(
                f"A table of fees is {_LONGEST_TEXT:,} characters at most, and this is {len(text):,}.", sending=False
            )
        return text

    @classmethod
    def from_text(cls, text: str) -> FeeTable:
        """
        Return the table that a text of `to_text` stands for.

        Args:
            text: The text, from whomever it comes.

        Raises:
            InvalidRequest: It is no such text, or holds something that is not known here: a fee of another kind must
                not be overlooked.
        """
        if len(text) > _LONGEST_TEXT or not text.isascii():
            raise _no_table(text, "it is too long, or not ASCII")
        try:
            found = msgspec.json.decode(text, type=_Written)
            return cls(
                share=Decimal(found.share),
                large_share=Decimal(found.large_share),
                large_from=found.large_from,
                masters_share=Decimal(found.masters_share),
                premium={type_id: amount_of(dollars, "premium") for type_id, dollars in found.premium.items()},
                minimum=amount_of(found.minimum, "minimum"),
            )
        except (msgspec.DecodeError, InvalidOperation, InvalidRequest) as problem:
            raise _no_table(text, getattr(problem, "text", str(problem))) from problem

    def on_assignment(
        self, reward: Decimal, assignments: int, *, masters: bool = False, required: Iterable[str] = ()
    ) -> Decimal:
        """
        Return the fee on one approved assignment of a HIT.

        The shares are added and then rounded, half a cent up; whether Amazon rounded each by itself is not known.

        Args:
            reward: What the worker gets, in dollars.
            assignments: How many assignments the HIT has.
            masters: Whether it requires Masters.
            required: The ids of the qualification types that it requires.
        """
        share = self.share
        if assignments >= self.large_from:
            share = _EXACT.add(share, self.large_share)
        if masters:
            share = _EXACT.add(share, self.masters_share)
        fee = self._rounded(reward, share)
        for type_id in set(required):
            fee = _EXACT.add(fee, self.premium.get(type_id, _NOTHING))
        return fee

    def on_bonus(self, amount: Decimal) -> Decimal:
        """
        Return the fee on a bonus.

        Args:
            amount: What the worker gets, in dollars.
        """
        return self._rounded(amount, self.share)

    def _rounded(self, amount: Decimal, share: Decimal) -> Decimal:
        fee = _EXACT.multiply(amount, share).quantize(_CENT, context=_EXACT)
        return max(self.minimum, fee)


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    """A table as it stands in a text."""

    share: str
    large_share: str
    large_from: int
    masters_share: str
    premium: dict[str, str]
    minimum: str


def _no_table(text: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"is no table of fees: {text[:100]!a} ({why}).", argument="text", sending=False)


AMAZON = FeeTable(
    share=Decimal("0.20"),
    large_share=Decimal("0.20"),
    large_from=10,
    masters_share=Decimal("0.05"),
    premium={
        ids.BLOGGER_PRODUCTION: Decimal("0.25"),
        ids.BLOGGER_SANDBOX: Decimal("0.25"),
        ids.AGE_18_TO_25: Decimal("0.50"),
    },
    minimum=Decimal("0.01"),
)
"""
Amazon takes 20 % of reward or bonus, at least a cent; another 20 % of the reward where a HIT has ten assignments
or more; another 5 % for Masters. Of premium qualifications three prices are known; give others as `premium` to `cost`.
"""

HOUSE = FeeTable(
    share=Decimal(0), large_share=Decimal(0), large_from=10, masters_share=Decimal(0), premium={}, minimum=Decimal(0)
)
"""What a marketplace of your own takes unless you say otherwise, which is nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What something costs, in dollars, exact to the cent. Costs can be added, summed up, and taken several times.

    Without arguments it is no cost at all. Start sums with that, so that the sum of no costs is one too, and type
    checkers know it for one: ``sum(costs, Cost()).total``.

    Attributes:
        worker_pay: What workers get.
        fee: What the marketplace gets.
    """

    worker_pay: Decimal = _NOTHING
    fee: Decimal = _NOTHING

    @property
    def total(self) -> Decimal:
        """What the requester pays."""
        return _EXACT.add(self.worker_pay, self.fee)

    @property
    def cents(self) -> int:
        """The same in whole cents."""
        return int(_EXACT.multiply(self.total, Decimal(100)))

    def __add__(self, other: Cost) -> Cost:
        if not isinstance(other, Cost):
            return NotImplemented
        return Cost(_EXACT.add(self.worker_pay, other.worker_pay), _EXACT.add(self.fee, other.fee))

    def __radd__(self, other: int) -> Cost:
        return self if other == 0 else NotImplemented  # sum() starts with 0 unless it is told otherwise

    def __mul__(self, times: int) -> Cost:
        if not isinstance(times, int):
            return NotImplemented
        return Cost(_EXACT.multiply(self.worker_pay, Decimal(times)), _EXACT.multiply(self.fee, Decimal(times)))

    __rmul__ = __mul__

    def __str__(self) -> str:
        return f"${self.total:,.2f} (workers ${self.worker_pay:,.2f}, fee ${self.fee:,.2f})"


def cost(
    reward: Money,
    assignments: int = 1,
    *,
    requirements: Iterable[QualificationRequirement | Mapping[str, Any]] = (),
    masters: bool = False,
    premium: Money = 0,
    hits: int = 1,
    extended_to: int = 0,
    fees: FeeTable = AMAZON,
) -> Cost:
    """
    Return what HITs cost when all of their assignments are approved: the most they can, bonuses and extensions aside.

    ::

        pricing.cost("0.30", 10, requirements=[Requirement.masters().exists()]).total    # Decimal("4.40")

    Args:
        reward: What one approved assignment earns.
        assignments: How many assignments a HIT has.
        requirements: The qualification requirements of the HITs: Masters and premium qualifications cost more.
        masters: Whether Masters are required, for when there are no `requirements` at hand.
        premium: The dollars for each assignment that premium qualifications cost which `fees` does not know.
        hits: How many of these HITs there are.
        extended_to: How many assignments a HIT may come to have, if that is more. The fee on each stays the one on
            those that it was made with.
        fees: What the marketplace takes: `AMAZON`, `HOUSE`, or a table of your own. What a client's place takes is told
            by :meth:`aioturk.Client.fees`.

    Raises:
        InvalidRequest: A number is out of bounds, or no amount of money.
    """
    pay = amount_of(reward, "reward")
    _check_count(assignments, "assignments", 1)
    _check_count(hits, "hits", 0)
    _check_count(extended_to, "extended_to", 0)
    required = {_type_id(requirement) for requirement in requirements}
    masters = masters or not required.isdisjoint(_MASTERS)
    fee = fees.on_assignment(pay, assignments, masters=masters, required=required)
    return Cost(pay, _EXACT.add(fee, amount_of(premium, "premium"))) * (max(assignments, extended_to) * hits)


def bonus(amount: Money, *, fees: FeeTable = AMAZON) -> Cost:
    """
    Return what a bonus costs.

    Args:
        amount: What the worker gets, a cent or more.
        fees: What the marketplace takes.

    Raises:
        InvalidRequest: It is no amount of money, or nothing.
    """
    pay = amount_of(amount, "amount")
    if not pay:
        raise InvalidRequest("is zero; a bonus is at least a cent.", argument="amount")
    return Cost(pay, fees.on_bonus(pay))


_MASTERS = ids.MASTERS | {ids.ANY_MASTERS}


def _type_id(requirement: object) -> str:
    if isinstance(requirement, QualificationRequirement):
        return requirement.qualification_type_id
    if isinstance(requirement, Mapping) and isinstance(found := requirement.get("QualificationTypeId"), str):
        return found
    raise InvalidRequest(
        f"holds {type(requirement).__name__}; give Requirements, QualificationRequirements or mappings with the "
        "service's names.",
        argument="requirements",
    )
