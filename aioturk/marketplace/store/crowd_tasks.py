"""Tasks of the Crowd API in the store."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, insert, literal_column, null, or_, select, update
from sqlalchemy.sql.elements import CompilerElement

from aioturk.marketplace.store.records import CrowdTask
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import crowd_task, hit

__all__ = ["CrowdTasks", "Unfinished"]


class Unfinished(NamedTuple):
    """A task that somebody has to look at: nobody works out its answer, or its HIT is over."""

    seq: int
    function: str
    name: str
    input: str
    hit_seq: int | None


_COLUMNS = (
    crowd_task.c.seq,
    crowd_task.c.account_seq,
    crowd_task.c.function,
    crowd_task.c.name,
    crowd_task.c.input,
    crowd_task.c.state,
    crowd_task.c.result,
    crowd_task.c.problem,
    crowd_task.c.hit_seq,
    crowd_task.c.created_at,
    crowd_task.c.finished_at,
)
_BY_NAME = select(*_COLUMNS).where(
    crowd_task.c.account_seq == bindparam("account_seq"),
    crowd_task.c.function == bindparam("function"),
    crowd_task.c.name == bindparam("name"),
)
_BY_NAME_TO_CHANGE = _BY_NAME.with_for_update(of=crowd_task, key_share=True)
_TO_CHANGE = (
    select(*_COLUMNS).where(crowd_task.c.seq == bindparam("the_seq")).with_for_update(of=crowd_task, key_share=True)
)
# As they stand in the index of unfinished tasks, and no parameters: else that would not be used.
_IS_OPEN = crowd_task.c.state == literal_column("'processing'")
_UNCLAIMED = or_(crowd_task.c.claimed_until.is_(None), crowd_task.c.claimed_until <= bindparam("real_now"))
_UNFINISHED = (
    select(crowd_task.c.seq, crowd_task.c.function, crowd_task.c.name, crowd_task.c.input, crowd_task.c.hit_seq)
    .join_from(crowd_task, hit, crowd_task.c.hit_seq == hit.c.seq, isouter=True)
    .where(
        _IS_OPEN,
        crowd_task.c.seq > bindparam("after"),
        or_(
            and_(crowd_task.c.hit_seq.is_(None), _UNCLAIMED),
            hit.c.status.in_([bindparam("over_0"), bindparam("over_1"), bindparam("over_2")]),
        ),
    )
    .order_by(crowd_task.c.seq)
    .limit(bindparam("count"))
)
_INSERT = insert(crowd_task)
_UPDATE = update(crowd_task).where(crowd_task.c.seq == bindparam("the_seq"))
_CLAIM = update(crowd_task).where(crowd_task.c.seq == bindparam("the_seq"), _IS_OPEN, _UNCLAIMED)
_UNCLAIM_ALL = update(crowd_task).where(_IS_OPEN).values(claimed_until=null())
_DELETE = delete(crowd_task).where(crowd_task.c.seq == bindparam("the_seq"))


class CrowdTasks:
    """What is asked of tasks of the Crowd API."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def read(self, account_seq: int, function: str, name: str) -> CrowdTask | None:
        """Find a task of an account."""
        return self._named(_BY_NAME, account_seq, function, name)

    def to_change(self, account_seq: int, function: str, name: str) -> CrowdTask | None:
        """Find the same in order to change it: nobody else changes it meanwhile. Its HIT is locked after it."""
        return self._named(_BY_NAME_TO_CHANGE, account_seq, function, name)

    def to_change_by_seq(self, seq: int) -> CrowdTask | None:
        """Find a task in order to change it; None if it is no more."""
        row = self._session.first(_TO_CHANGE, {"the_seq": seq})
        return None if row is None else CrowdTask(*row)

    def _named(self, query: CompilerElement, account_seq: int, function: str, name: str) -> CrowdTask | None:
        row = self._session.first(query, {"account_seq": account_seq, "function": function, "name": name})
        return None if row is None else CrowdTask(*row)

    def add(self, new: CrowdTask) -> CrowdTask:
        """Keep a new task; return it with its running number."""
        values = new._asdict()
        del values["seq"]
        return new._replace(seq=self._session.add(_INSERT, values))

    def change(self, seq: int, **values: Any) -> None:
        """Change some columns of a task."""
        self._session.change(_UPDATE, {"the_seq": seq, **values})

    def delete(self, seq: int) -> None:
        """Forget a task."""
        self._session.execute(_DELETE, {"the_seq": seq})

    def unfinished(self, after: int, count: int, real_now: int, over: tuple[str, str, str]) -> list[Unfinished]:
        """
        List tasks that somebody has to look at, the oldest first.

        Args:
            after: The running number after which to begin.
            count: How many at most.
            real_now: The real time, by which claims end.
            over: The states of HITs that nobody works on any more.
        """
        values: dict[str, Any] = {"after": after, "count": count, "real_now": real_now}
        values |= {f"over_{place}": state for place, state in enumerate(over)}
        return [Unfinished(*row) for row in self._session.all(_UNFINISHED, values)]

    def claim(self, seq: int, real_now: int, until: int) -> bool:
        """Take it upon oneself to work out the answer to a task, unless somebody else has, or it is there."""
        return self._session.change(_CLAIM, {"the_seq": seq, "real_now": real_now, "claimed_until": until}) == 1

    def unclaim(self, seq: int | None) -> None:
        """Let others work out the answer to a task; None stands for all of them."""
        if seq is None:
            self._session.execute(_UNCLAIM_ALL, {})
        else:
            self.change(seq, claimed_until=None)
