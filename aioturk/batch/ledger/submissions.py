"""Submitted assignments in the ledger, and which of them were delivered. All of these are acts, as in `units`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, tuple_, update

from aioturk.batch.ledger.holders import is_registered
from aioturk.batch.ledger.in_hand import Buried, InHand, Taking
from aioturk.batch.ledger.tables import hit, insert_into, submission, unit

__all__ = [
    "Delivery",
    "Owned",
    "Submitted",
    "claim_deliveries",
    "count_submissions",
    "decide",
    "delivered",
    "find_submission",
    "give_back",
    "how_many",
    "is_delivered",
    "owners",
    "put",
    "statuses",
    "submissions_in",
    "undelivered",
]


@dataclass(frozen=True, slots=True)
class Submitted:
    """
    An assignment that was read from the service.

    Attributes:
        id: Its id.
        hit_id: Its HIT.
        worker_id: Whose work it is.
        status: ``Submitted``, ``Approved`` or ``Rejected``.
        submitted_at: When it was handed in, in seconds since 1970.
        document: The assignment, in the service's JSON.
    """

    id: str
    hit_id: str
    worker_id: str
    status: str
    submitted_at: float
    document: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    An assignment with what is known of it.

    Attributes:
        id: Its id.
        submitted_at: When it was handed in, in milliseconds since 1970.
        document: The assignment, in the service's JSON.
        hit: Its HIT, in the service's JSON.
        key: What its row is called.
        row: The row's values, if they are known.
    """

    id: str
    submitted_at: int
    document: str
    hit: str | None
    key: str
    row: dict[str, Any] | None


class Owned(NamedTuple):
    """
    Whose work an assignment is.

    Attributes:
        worker_id: The worker.
        status: ``Submitted``, ``Approved`` or ``Rejected``.
    """

    worker_id: str
    status: str


def put(batch_seq: int, found: Sequence[Submitted]) -> Callable[[Connection], int]:
    """
    Write assignments down, or what has changed about them.

    Returns:
        How many were not known before.
    """
    ordered = sorted({each.id: each for each in found}.values(), key=lambda each: each.id)
    values = [
        {
            "id": each.id,
            "batch_seq": batch_seq,
            "hit_id": each.hit_id,
            "worker_id": each.worker_id,
            "status": each.status,
            "submitted_at": int(each.submitted_at * 1000),
            "document": each.document,
        }
        for each in ordered
    ]
    known = select(func.count()).where(submission.c.id.in_([each.id for each in ordered]))

    def act(connection: Connection) -> int:
        if not values:
            return 0
        before = connection.execute(known).scalar_one()
        statement = insert_into(submission, connection.dialect.name)
        # What is decided stays so, but for a rejection that is taken back; an older list must not undo that.
        newer = statement.excluded.status != "Submitted"
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[submission.c.id],
                set_={"status": statement.excluded.status, "document": statement.excluded.document},
                where=newer,
            ),
            values,
        )
        return len(values) - before

    return act


def claim_deliveries(
    batch_seq: int, *, holder_id: str, in_hand: InHand, taken: set[str], most: int
) -> Callable[[Connection], list[Delivery]]:
    """
    Take in hand assignments that were not delivered yet and that nobody has in hand, in the order they came in.

    Args:
        batch_seq: The batch.
        holder_id: Who we are.
        in_hand: What this program is at already.
        taken: Is filled with the ids that are taken in hand.
        most: How many at most.

    Raises:
        Buried: We were taken for dead.
    """
    chosen = (
        _deliveries()
        .where(
            submission.c.batch_seq == batch_seq,
            submission.c.delivered_at.is_(None),
            # What has our own name and is not in hand was taken by an act whose success we were never told of.
            or_(submission.c.holder_id.is_(None), submission.c.holder_id == holder_id),
        )
        .order_by(submission.c.submitted_at, submission.c.id)
        .limit(most + len(in_hand))
        .with_for_update(skip_locked=True, of=submission)
    )
    writing = update(submission).where(submission.c.id == bindparam("one")).values(holder_id=holder_id)

    taking = Taking(in_hand, taken)

    def act(connection: Connection) -> list[Delivery]:
        taking.begin()
        if not is_registered(connection, holder_id):
            raise Buried
        found = [_delivery(row) for row in connection.execute(chosen)]
        found = [each for each in found if each.id not in in_hand][:most]
        for each in found:
            taking.take(each.id)
        if found:
            connection.execute(writing, [{"one": each.id} for each in found])
        return found

    return act


def delivered(assignment_id: str, now: float) -> Callable[[Connection], None]:
    """Write down that the program is done with an assignment."""
    changed = (
        update(submission).where(submission.c.id == assignment_id).values(delivered_at=int(now * 1000), holder_id=None)
    )

    def act(connection: Connection) -> None:
        connection.execute(changed)

    return act


def give_back(ids: set[str], in_hand: InHand, holder_id: str) -> Callable[[Connection], None]:
    """Let go of assignments that were not delivered; their ids are read when this is done."""

    def act(connection: Connection) -> None:
        ours = update(submission).where(submission.c.id.in_(sorted(ids)), submission.c.holder_id == holder_id)
        connection.execute(ours.values(holder_id=None))
        in_hand.put_down(ids)

    return act


def is_delivered(batch_seq: int, assignment_id: str) -> Callable[[Connection], bool | None]:
    """Tell whether an assignment of a batch was delivered; None if it is not known."""
    chosen = select(submission.c.delivered_at).where(
        submission.c.id == assignment_id, submission.c.batch_seq == batch_seq
    )

    def act(connection: Connection) -> bool | None:
        row = connection.execute(chosen).first()
        return None if row is None else row.delivered_at is not None

    return act


def how_many(hit_id: str) -> Callable[[Connection], int]:
    """Count the assignments of a HIT."""
    number = select(func.count()).where(submission.c.hit_id == hit_id)
    return lambda connection: connection.execute(number).scalar_one()


def undelivered(batch_seq: int) -> Callable[[Connection], int]:
    """Count the assignments that were not delivered yet."""
    number = select(func.count()).where(submission.c.batch_seq == batch_seq, submission.c.delivered_at.is_(None))
    return lambda connection: connection.execute(number).scalar_one()


def submissions_in(
    batch_seq: int, status: str, *, after: tuple[int, str], most: int
) -> Callable[[Connection], list[Delivery]]:
    """List a batch's assignments in a state, in the order they came in, from behind one of them."""
    chosen = (
        _deliveries()
        .where(
            submission.c.batch_seq == batch_seq,
            submission.c.status == status,
            tuple_(submission.c.submitted_at, submission.c.id) > tuple_(*after),
        )
        .order_by(submission.c.submitted_at, submission.c.id)
        .limit(most)
    )
    return lambda connection: [_delivery(row) for row in connection.execute(chosen)]


def find_submission(batch_seq: int, assignment_id: str) -> Callable[[Connection], Delivery | None]:
    """Find an assignment of a batch."""
    chosen = _deliveries().where(submission.c.batch_seq == batch_seq, submission.c.id == assignment_id)

    def act(connection: Connection) -> Delivery | None:
        row = connection.execute(chosen).first()
        return None if row is None else _delivery(row)

    return act


def count_submissions(batch_seq: int) -> Callable[[Connection], dict[str, int]]:
    """Count a batch's assignments by their states."""
    numbers = (
        select(submission.c.status, func.count())
        .where(submission.c.batch_seq == batch_seq)
        .group_by(submission.c.status)
    )
    return lambda connection: {row[0]: row[1] for row in connection.execute(numbers)}


def statuses(hit_ids: Sequence[str]) -> Callable[[Connection], dict[str, int]]:
    """Count the assignments of HITs whose decisions were read from the service, by HIT."""
    # What was decided here has no time yet, and no feedback: those are the service's to tell.
    told = or_(submission.c.document.like('%"ApprovalTime"%'), submission.c.document.like('%"RejectionTime"%'))
    numbers = (
        select(submission.c.hit_id, func.count())
        .where(submission.c.hit_id.in_(hit_ids), submission.c.status != "Submitted", told)
        .group_by(submission.c.hit_id)
    )
    return lambda connection: {row[0]: row[1] for row in connection.execute(numbers)}


def decide(batch_seq: int, assignment_id: str, status: str) -> Callable[[Connection], None]:
    """
    Write down what was decided on an assignment, if it is known.

    Its times and feedback come with the next look at the service.
    """
    one = and_(submission.c.id == assignment_id, submission.c.batch_seq == batch_seq)

    def act(connection: Connection) -> None:
        text = connection.execute(select(submission.c.document).where(one).with_for_update()).scalar()
        if text is None:
            return
        document = msgspec.json.encode({**msgspec.json.decode(text), "AssignmentStatus": status}).decode()
        connection.execute(update(submission).where(one).values(status=status, document=document))

    return act


def owners(batch_seq: int, ids: Sequence[str]) -> Callable[[Connection], dict[str, Owned]]:
    """Tell whose work assignments of a batch are, and what was decided on them."""
    chosen = select(submission.c.id, submission.c.worker_id, submission.c.status).where(
        submission.c.batch_seq == batch_seq, submission.c.id.in_(ids)
    )
    return lambda connection: {row.id: Owned(row.worker_id, row.status) for row in connection.execute(chosen)}


def _deliveries() -> Select[Any]:
    return (
        select(
            submission.c.id,
            submission.c.submitted_at,
            submission.c.document,
            hit.c.document.label("hit"),
            unit.c.key,
            unit.c.content,
        )
        .join(hit, hit.c.id == submission.c.hit_id)
        .join(unit, unit.c.seq == hit.c.unit_seq)
    )


def _delivery(row: Any) -> Delivery:
    content = None if row.content is None else msgspec.json.decode(row.content)
    return Delivery(row.id, row.submitted_at, row.document, row.hit, row.key, content)
