"""
`ask`: one question to people from the middle of a program.

The question is a :class:`~aioturk.Task` and a row of values for it. Here stands what may be asked for, which is looked
at before anything is sent; waiting for the answer is in `aioturk.crowd.inquiry`, counting votes in
`aioturk.crowd.votes`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aioturk._core.accepted import Money
from aioturk._core.money import amount_of
from aioturk.annotations import Annotation
from aioturk.clock import Clock, SystemClock
from aioturk.crowd.inquiry import BATCH, Asked, Inquiry
from aioturk.crowd.votes import how_many
from aioturk.crowd.waiting import seconds_of
from aioturk.errors import BudgetExceeded, InvalidRequest
from aioturk.pricing import FeeTable, cost
from aioturk.review_policies import extended_to
from aioturk.tasks.publishing import Asked as Digester
from aioturk.tasks.publishing import Row, annotated, publish_row
from aioturk.tasks.task import Task

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = ["Asked", "ask", "inquire"]

T = TypeVar("T")

_SHORTEST: Final = 30
"""The shortest time for which the service offers a HIT, in seconds."""


async def ask(
    mturk: Client,
    task: Task[T],
    row: Row | None = None,
    *,
    name: str,
    deadline: timedelta | float,
    budget: Money,
    agreement: int = 1,
    most: int | None = None,
    key: Callable[[T], object] | None = None,
    approve: bool = True,
    search: bool = True,
    fees: FeeTable | None = None,
    longest_wait: timedelta | float = 15.0,
    clock: Clock | None = None,
) -> T:
    """
    Ask people one question, and return the answer on which enough of them agree.

    ::

        label = await ask(
            mturk, label_image, {"image_url": url},
            name="cat-17", deadline=timedelta(minutes=30), budget="1.00", agreement=2, most=5,
        )

    At first as many people are asked as have to agree; one more, up to `most`, whenever they cannot agree any more.
    What is submitted is approved, whatever it says; answers that cannot be read do not count.

    Money: the most that it can cost, ``most`` rewards with their fees, is held against the budget before anything is
    sent. A HIT is published once for a name, and each further assignment once, so that a program that was killed goes
    on when it asks again, whenever that is, and pays nothing twice.

    When time is up, nobody can take the HIT any more. Who has it in work may still submit it; that work is left to its
    automatic approval, or to you. After a cancellation nothing more is added; the HIT stays until its deadline, and
    asking again goes on with it.

    Args:
        mturk: Where.
        task: What is asked; `max_assignments` and `lifetime` are set here instead.
        row: The values for the question's places.
        name: What this question is called. The same name is the same question: asked again, it costs nothing more, and
            has the same answer.
        deadline: How long it may take, from its publication on: seconds, or a timedelta; half a minute at least.
        budget: What it may cost at most, in US dollars, fees included.
        agreement: How many people have to give the same answer.
        most: How many people may be asked; unless given, as many as have to agree. Below ten when `agreement` is, where
            the fees have a step there, as Amazon's: the service does not let a HIT grow beyond nine.
        key: Makes of an answer what is compared; answers are the same when these are equal. Unless given, answers are
            compared themselves.
        approve: Whether what is submitted is approved. Otherwise it waits for your decision, or its automatic approval.
        search: Whether to look for an earlier HIT of the name among all your HITs, which takes a call for each hundred
            of them. Without it a repeat is known for 20 hours: enough for names that are never used again later.
        fees: The marketplace's fees; unless given, those that :meth:`Client.fees <aioturk.Client.fees>` tells.
        longest_wait: The longest wait between two looks, in seconds or as a timedelta.
        clock: What tells the time and waits; for tests.

    Raises:
        InvalidRequest: An argument breaks a rule. Nothing was sent.
        BudgetExceeded: It could cost more than the budget. Nothing was sent; or the HIT of an earlier run, which still
            is on the market, can cost more, or was given another price meanwhile: then nothing was added.
        PublishedOtherwise: Something else was asked under this name. Nothing was published.
        NoAgreement: There is no answer: it tells what was submitted, and what it costs.
    """
    asked = await inquire(
        mturk,
        task,
        row,
        name=name,
        deadline=deadline,
        budget=budget,
        agreement=agreement,
        most=most,
        key=key,
        approve=approve,
        search=search,
        fees=fees,
        longest_wait=longest_wait,
        clock=clock,
    )
    return asked.answer


async def inquire(
    mturk: Client,
    task: Task[T],
    row: Row | None = None,
    *,
    name: str,
    deadline: timedelta | float,
    budget: Money,
    agreement: int = 1,
    most: int | None = None,
    key: Callable[[T], object] | None = None,
    approve: bool = True,
    search: bool = True,
    fees: FeeTable | None = None,
    longest_wait: timedelta | float = 15.0,
    clock: Clock | None = None,
) -> Asked[T]:
    """
    Ask people one question as `ask` does, and return the answer with the votes, the HIT's id and the cost.

    Arguments and errors are those of `ask`.
    """
    seconds = seconds_of(deadline, "deadline")
    longest = seconds_of(longest_wait, "longest_wait")
    if seconds < _SHORTEST:
        raise InvalidRequest(
            f"is {seconds:g} seconds; the service offers a HIT for {_SHORTEST} at least.", argument="deadline"
        )
    least, most = how_many(agreement, most)
    _check_name(name)
    limit = amount_of(budget, "budget")
    few = replace(task, max_assignments=least, lifetime=timedelta(seconds=math.ceil(seconds)))
    question = few.fill(row)
    # How many people are asked is not what they are asked: the name stays good when another number is tried.
    annotation = annotated(Digester(replace(few, max_assignments=1)), question, BATCH, name)
    _check_policies(few)
    taken = await mturk.fees() if fees is None else fees
    _check_step(taken, least, most)
    _check_budget(task, most, limit, taken)
    inquiry = Inquiry(
        mturk,
        few,
        annotation,
        agreement=least,
        most=most,
        key=key or _itself,
        approve=approve,
        budget=limit,
        fees=taken,
        clock=clock or SystemClock(),
    )
    hit = await inquiry.earlier() if search else None
    found = hit is not None
    if hit is None:
        hit, found = await publish_row(few, mturk, question, annotation)
    return await inquiry.answer(hit, inquiry.take_up(hit, seconds) if found else seconds, longest)


def _itself(answer: T) -> object:
    return answer


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.strip():
        raise InvalidRequest(f"is {name!r}; give a text that tells this question from all others.", argument="name")
    try:
        Annotation(BATCH, name, "0" * 8)
    except InvalidRequest as refused:
        raise InvalidRequest(
            "cannot stand in a HIT's annotation: give a text without blanks at its ends, of 200 ASCII characters at "
            "most.",
            argument="name",
        ) from refused


def _check_step(fees: FeeTable, least: int, most: int) -> None:
    step = fees.step
    if step is not None and least < step <= most:
        raise InvalidRequest(
            f"is {most}, and by the fees of this marketplace a HIT that begins with fewer than {step} assignments can "
            f"never have {step} or more: give {step - 1}, or an agreement of {step}.",
            argument="most",
        )


def _check_budget(task: Task[Any], most: int, limit: Decimal, fees: FeeTable) -> None:
    worst = cost(task.reward, most, requirements=task.requirements, fees=fees)
    if worst.total > limit:
        raise BudgetExceeded(
            f"Asking {most} {'person' if most == 1 else 'people'} costs up to {worst}, and the budget is "
            f"${limit:,.2f}. Nothing was sent. Ask fewer, or give more."
        )


def _check_policies(task: Task[Any]) -> None:
    """Refuse policies that add people by themselves, for whom nobody has looked at the budget."""
    for argument in ("assignment_review_policy", "hit_review_policy"):
        if extended_to(getattr(task, argument)):
            raise InvalidRequest(
                "extends the HIT by itself, beyond what was held against the budget: leave that out, and say with "
                "`most` how many may be asked.",
                argument=argument,
            )
