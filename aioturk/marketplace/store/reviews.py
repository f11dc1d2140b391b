"""Review policies in the store: what HITs have of them, what they found and did."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import hit, review_detail

__all__ = ["ACTION", "RESULT", "ReviewDetail", "Reviews"]

ACTION = "action"
RESULT = "result"

_POLICIES = select(hit.c.assignment_policy, hit.c.hit_policy).where(hit.c.seq == bindparam("hit_seq"))
_SET_POLICIES = update(hit).where(hit.c.seq == bindparam("the_seq"))
_ADD = insert(review_detail)
_LISTED = (
    select(review_detail.c.seq, review_detail.c.level, review_detail.c.kind, review_detail.c.detail)
    .where(
        review_detail.c.hit_seq == bindparam("hit_seq"),
        review_detail.c.seq > bindparam("after"),
        review_detail.c.level.in_([bindparam("level_0"), bindparam("level_1")]),
        review_detail.c.kind.in_([bindparam("kind_0"), bindparam("kind_1")]),
    )
    .order_by(review_detail.c.seq)
    .limit(bindparam("count"))
)


class ReviewDetail(NamedTuple):
    """One result or action, as the API writes it."""

    seq: int
    level: str
    kind: str
    detail: str


class Reviews:
    """What is asked of review policies, their results and actions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def policies(self, hit_seq: int) -> tuple[str | None, str | None]:
        """Return what is kept of a HIT's policies: for its assignments, and for itself."""
        row = self._session.one(_POLICIES, {"hit_seq": hit_seq})
        return row[0], row[1]

    def set_policies(self, hit_seq: int, assignment_policy: str | None, hit_policy: str | None) -> None:
        """Keep a HIT's policies in another form."""
        values = {"the_seq": hit_seq, "assignment_policy": assignment_policy, "hit_policy": hit_policy}
        self._session.change(_SET_POLICIES, values)

    def add(self, hit_seq: int, level: str, kind: str, detail: str) -> None:
        """Keep a result or an action."""
        self._session.put(_ADD, {"hit_seq": hit_seq, "level": level, "kind": kind, "detail": detail})

    def listed(
        self, hit_seq: int, levels: Collection[str], kinds: Collection[str], after: int, count: int
    ) -> list[ReviewDetail]:
        """List results and actions of a HIT in the order in which they came, after a running number."""
        values = {
            "hit_seq": hit_seq,
            "after": after,
            "count": count,
            **_two("level", levels),
            **_two("kind", kinds),
        }
        return [ReviewDetail(*row) for row in self._session.all(_LISTED, values)]


def _two(name: str, chosen: Collection[str]) -> dict[str, Any]:
    """One or two different words as two, so that one statement serves both."""
    words = sorted(chosen)
    return {f"{name}_0": words[0], f"{name}_1": words[-1]}
