"""
What workers see: HITs to choose from, one of them before it is accepted, what they hold, what they were told.

Only HITs that somebody could accept are listed, and nothing of requesters who block the worker. How long new HITs stay
hidden (`Context.lag`) counts for lists alone: who knows an id gets through. What workers do is in `work`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from aioturk._core.wire import Keywords
from aioturk._generated.shapes import QualificationRequirement
from aioturk.errors import InvalidRequest
from aioturk.marketplace import refusals
from aioturk.marketplace.lifecycle import ASSIGNABLE
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service import eligibility, people, requirements
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.eligibility import Action, Value
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.offers import GroupRow, OfferRow, TaskRow

__all__ = [
    "ORDERS",
    "Demand",
    "Group",
    "Listing",
    "Message",
    "Preview",
    "Task",
    "Wish",
    "find",
    "groups_of",
    "listing",
    "messages",
    "preview",
    "preview_from",
    "queue",
    "task",
]


@dataclass(frozen=True, slots=True)
class Demand:
    """
    A requirement, as a worker sees it.

    Attributes:
        requirement: What is required, and for what.
        name: What the qualification is called.
        value: The worker's own value, None without one.
        is_met: Whether the worker meets it.
    """

    requirement: QualificationRequirement
    name: str
    value: Value
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """
    What is shown of every HIT and every group.

    Attributes:
        group_id: The group.
        title: Its title.
        description: Its description.
        keywords: Its keywords.
        reward: What an assignment earns, in dollars.
        assignment_duration: How long there is for one.
        requester_id: Whose it is.
        requester_name: What they are called.
    """

    group_id: str
    title: str
    description: str
    keywords: tuple[str, ...]
    reward: Decimal
    assignment_duration: timedelta
    requester_id: str
    requester_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(_Shown):
    """
    HITs of one kind, as they are listed.

    Attributes:
        hit_type_id: The HIT type that they have in common.
        available: How many of them the worker could accept, requirements aside.
        updated: When the newest of them was created.
        expiration: When the newest of them is over.
        requirements: What they require.
        can_preview: Whether the worker meets what is required for looking.
        can_accept: Whether the worker meets what is required for accepting.
    """

    hit_type_id: str
    available: int
    updated: datetime
    expiration: datetime
    requirements: tuple[Demand, ...]
    can_preview: bool
    can_accept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview(_Shown):
    """
    A HIT before it is accepted.

    Attributes:
        hit_id: The HIT.
        question: The question document.
        expiration: When its time is over.
        requirements: What it requires.
        can_accept: Whether the worker meets what is required for accepting.
        previewed: When this was.
    """

    hit_id: str
    question: str
    expiration: datetime
    requirements: tuple[Demand, ...]
    can_accept: bool
    previewed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(_Shown):
    """
    A HIT in work.

    Attributes:
        assignment_id: The assignment.
        hit_id: The HIT.
        question: The question document.
        accepted: When it was accepted.
        deadline: Until when it has to be submitted.
    """

    assignment_id: str
    hit_id: str
    question: str
    accepted: datetime
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """
    What a requester told a worker.

    Attributes:
        at: When.
        requester_id: Who.
        requester_name: What they are called.
        kind: ``notice`` for what a requester wrote; other kinds go with what was done.
        subject: What it is about.
        text: What is said.
    """

    at: datetime
    requester_id: str
    requester_name: str
    kind: str
    subject: str
    text: str


# Finding work.


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What work somebody looks for.

    Attributes:
        query: Words, all of which are in the title, the description, the keywords or the requester's name.
        min_reward: The least reward, in dollars.
        qualified: Whether only what they can accept is shown.
        sort: One of `ORDERS`.
        limit: How many groups at most.
        requester_id: Whose work alone is looked for; None for everybody's.
        masters: Whether only what requires Masters is shown.
        offset: How many groups are left out at the beginning.
    """

    query: str | None = None
    min_reward: Decimal = Decimal(0)
    qualified: bool = False
    sort: str = "updated_desc"
    limit: int | None = None
    requester_id: str | None = None
    masters: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """
    Groups that were found.

    Attributes:
        groups: Those that were wished for.
        total: How many there are with those left out at the beginning, and beyond the limit.
    """

    groups: list[Group]
    total: int


class _Found(NamedTuple):
    """A group with something left for the worker, before it is put into words."""

    row: GroupRow
    available: int


_KEYS: Mapping[str, Callable[[_Found], int]] = {
    "updated": lambda found: found.row.newest_created_at,
    "reward": lambda found: found.row.reward,
    "available": lambda found: found.available,
}

ORDERS: Mapping[str, tuple[Callable[[_Found], int], bool]] = {
    f"{name}_{direction}": (key, direction == "desc") for name, key in _KEYS.items() for direction in ("asc", "desc")
}
"""The orders of lists, and for each the key and whether it runs backwards."""


def find(context: Context, worker_id: str, wish: Wish) -> list[Group]:
    """
    List groups that a worker may know of and that have something left for them.

    Raises:
        InvalidRequest: There is no such order.
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    return listing(context, worker_id, wish).groups


def listing(context: Context, worker_id: str, wish: Wish) -> Listing:
    """
    List the same, and count them.

    Raises:
        InvalidRequest: There is no such order.
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    if wish.sort not in ORDERS:
        raise InvalidRequest(f"{wish.sort!r} is none of {', '.join(ORDERS)}.", argument="sort")
    worker_seq = people.known(context, worker_id)
    until = context.now - context.lag
    rows = context.store.offers.groups(context.environment, worker_seq, until=until if context.lag else None)
    taken = context.store.offers.taken(worker_seq, until=until, again=context.rules.accept_again) if rows else {}
    has = _standing(context, worker_seq, rows)
    fits = _fits(wish, has)
    there = (_Found(row, row.open - taken.get(row.type_seq, 0)) for row in rows)
    found = [each for each in there if each.available > 0 and fits(each.row)]
    key, backwards = ORDERS[wish.sort]
    found.sort(key=key, reverse=backwards)
    # A page shows some of perhaps thousands: no more are put into words than are shown.
    end = None if wish.limit is None else wish.offset + wish.limit
    return Listing([_group(*each, has) for each in found[wish.offset : end]], len(found))


def _standing(context: Context, worker_seq: int, rows: Iterable[GroupRow]) -> eligibility.Standing:
    """Find out what a worker has of everything that groups require; most require what others do, or nothing."""
    texts = {row.requirements for row in rows}
    needed = {requirement for text in texts for requirement in requirements.read(text)}
    return eligibility.standing(context, worker_seq, needed)


def groups_of(context: Context, worker_id: str, tasks: Iterable[Task]) -> dict[str, Group]:
    """
    Tell of the groups of what a worker has in work, by their ids, as the list does.

    They are told of even if nothing in them is left, for the worker or for anybody: then the times are those of the
    newest HIT that there was.
    """
    worker_seq = people.known(context, worker_id)
    group_ids = dict.fromkeys(task.group_id for task in tasks)
    found = [context.store.offers.whole_group(context.environment, group_id) for group_id in group_ids]
    rows = [row for row in found if row is not None]
    taken = context.store.offers.taken(worker_seq, until=context.now, again=context.rules.accept_again) if rows else {}
    has = _standing(context, worker_seq, rows)
    return {row.group_id: _group(row, row.open - taken.get(row.type_seq, 0), has) for row in rows}


def _fits(wish: Wish, has: eligibility.Standing) -> Callable[[GroupRow], bool]:
    """Return what says whether a group is to be listed, for somebody who has this."""
    words = (wish.query or "").casefold().split()

    def fits(row: GroupRow) -> bool:
        if wish.requester_id not in (None, row.requester_id):
            return False
        if wish.min_reward and dollars(row.reward) < wish.min_reward:
            return False
        needed = requirements.read(row.requirements)
        if eligibility.unmet(needed, has.values, Action.DISCOVER):
            return False
        if wish.qualified and eligibility.unmet(needed, has.values, Action.ACCEPT):
            return False
        if wish.masters and not requirements.wants_masters(needed):
            return False
        return not words or _has_all(row, words)

    return fits


def _has_all(row: GroupRow, words: Iterable[str]) -> bool:
    # No word has a line's end in it, so that none is found half in one text and half in the next.
    keywords = (row.keywords or "").replace(",", "\n")
    text = "\n".join((row.title, row.description, row.requester_name, keywords)).casefold()
    return all(word in text for word in words)


def _group(row: GroupRow, available: int, has: eligibility.Standing) -> Group:
    needed = requirements.read(row.requirements)
    return Group(
        **_shown(row),
        hit_type_id=row.type_id,
        available=available,
        updated=moment(row.newest_created_at),
        expiration=moment(row.newest_expires_at),
        requirements=_demands(needed, has),
        can_preview=not eligibility.unmet(needed, has.values, Action.PREVIEW),
        can_accept=not eligibility.unmet(needed, has.values, Action.ACCEPT),
    )


def _shown(row: GroupRow | OfferRow) -> dict[str, Any]:
    return {
        "group_id": row.group_id,
        "title": row.title,
        "description": row.description,
        "keywords": tuple(Keywords.parse(row.keywords or "")),
        "reward": dollars(row.reward),
        "assignment_duration": timedelta(seconds=row.assignment_duration),
        "requester_id": row.requester_id,
        "requester_name": row.requester_name,
    }


def _demands(needed: Sequence[QualificationRequirement], has: eligibility.Standing) -> tuple[Demand, ...]:
    return tuple(
        Demand(
            requirement,
            has.names.get(requirement.qualification_type_id, requirement.qualification_type_id),
            has.values.get(requirement.qualification_type_id),
            eligibility.is_met(requirement, has.values),
        )
        for requirement in needed
    )


# One HIT.


def preview(context: Context, worker_id: str, hit_id: str) -> Preview:
    """
    Show a HIT that somebody could accept.

    Raises:
        HITDoesNotExist: There is no such HIT in this environment.
        PermissionDenied: The requester has blocked the worker.
        NoHITsAvailableInGroup: Nobody can accept it now.
        DoesNotMeetRequirements: The worker lacks a qualification that is required for looking.
    """
    row = context.store.offers.offer(context.environment, hit_id)
    if row is None:
        raise refusals.no_such_hit(hit_id)
    worker_seq = people.known(context, worker_id)
    if context.store.blocks.has(row.account_seq, worker_seq):
        raise refusals.blocked(hit_id)
    if row.status != ASSIGNABLE:
        raise refusals.nothing_to_accept(hit_id, row.status, is_over=row.expires_at <= context.now)
    return _preview(context, worker_seq, row)


def preview_from(context: Context, worker_id: str, group_id: str) -> Preview:
    """
    Show the oldest HIT of a group that is left for the worker, requirements for accepting it aside.

    Raises:
        HITTypeDoesNotExist: There is no such group.
        PermissionDenied: The requester has blocked the worker.
        NoHITsAvailableInGroup: None of its HITs is left for the worker.
        DoesNotMeetRequirements: The worker lacks a qualification that is required for looking.
    """
    group = context.store.offers.group(context.environment, group_id)
    if group is None:
        raise refusals.no_such_group(group_id)
    worker_seq = people.known(context, worker_id)
    if context.store.blocks.has(group.account_seq, worker_seq):
        raise refusals.blocked(group_id)
    found = context.store.offers.open(
        context.environment,
        worker_seq,
        0,
        1,
        until=context.now - context.lag,
        again=context.rules.accept_again,
        type_seq=group.type_seq,
    )
    if not found:
        raise refusals.nothing_in_group(group_id)
    return _preview(context, worker_seq, context.store.offers.offer_by_seq(found[0].seq))


def _preview(context: Context, worker_seq: int, row: OfferRow) -> Preview:
    needed = requirements.read(row.requirements)
    has = eligibility.require(context, worker_seq, row.hit_id, needed, Action.PREVIEW)
    return Preview(
        **_shown(row),
        hit_id=row.hit_id,
        question=row.question or "",
        expiration=moment(row.expires_at),
        requirements=_demands(needed, has),
        can_accept=not eligibility.unmet(needed, has.values, Action.ACCEPT),
        previewed=moment(context.now),
    )


# Their own.


def queue(context: Context, worker_id: str) -> list[Task]:
    """List what a worker has in work, the earliest first."""
    worker_seq = people.known(context, worker_id)
    return [_task(row) for row in context.store.offers.tasks(worker_seq)]


def task(context: Context, worker_id: str, assignment_id: str) -> Task:
    """
    Show something that a worker has in work.

    Raises:
        AssignmentDoesNotExist: The worker does not hold it.
    """
    row = context.store.offers.task(people.known(context, worker_id), assignment_id)
    if row is None:
        raise refusals.not_in_work(assignment_id)
    return _task(row)


def _task(row: TaskRow) -> Task:
    return Task(
        **_shown(row.offer),
        assignment_id=row.assignment_id,
        hit_id=row.offer.hit_id,
        question=row.offer.question or "",
        accepted=moment(row.accepted_at),
        deadline=moment(row.deadline),
    )


def messages(context: Context, worker_id: str) -> list[Message]:
    """List what a worker was told, the earliest first."""
    worker_seq = people.known(context, worker_id)
    return [Message(moment(at), *rest) for at, *rest in context.store.messages.to(worker_seq)]
