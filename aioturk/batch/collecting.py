"""
`Collector`: reading from the service what workers have handed in, into the ledger.

The list of all HITs costs a call for each hundred, so one walk through it tells of every HIT how many submissions there
are; assignments are then read of those HITs only that have more than were read before. A batch with few open HITs in a
large account is asked about HIT by HIT.

Lists are an index, which lags by seconds, and counters are not always right after a HIT has ended. So a HIT counts as
over only when nothing new was read of it several times after its end.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple

from aioturk.batch.desk import Desk
from aioturk.batch.documents import assignment_document, hit_document
from aioturk.batch.ledger import hits, submissions
from aioturk.batch.ledger.hits import GONE, OPEN, OVER, Seen, Watched
from aioturk.batch.ledger.submissions import Submitted
from aioturk.batch.units import token_in
from aioturk.errors import HITDoesNotExist
from aioturk.models import HIT, HITStatus
from aioturk.tasks.ahead import ahead, each

__all__ = ["Collector"]

_PORTION: Final = 100
"""How many HITs are looked at together."""
_AT_ONCE: Final = 16
"""How many HITs are read at once."""
_QUIET: Final = 2
"""How often nothing new has to be read of an ended HIT whose counters tell of more, until it counts as over."""
_FEW: Final = 20
"""So many open HITs are asked for one by one, however small the account is."""


class _Read(NamedTuple):
    """What was read of a HIT."""

    seen: Seen
    assignments: tuple[Submitted, ...]


class Collector:
    """
    Reads submissions of a batch into its ledger.

    Args:
        desk: Where.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pages: int | None = None
        """How many pages the list of all HITs had."""

    async def collect(self, *, decisions: bool = False) -> int:
        """
        Ask the service once for everything that is new.

        Args:
            decisions: Read assignments also of HITs of which only the decisions on them may have changed, ended ones
                included.

        Returns:
            How many submissions were not known before.
        """
        seq = await self._desk.seq()
        began = self._desk.now()
        counted = await self._desk.perform(hits.count_hits(seq))
        if not counted.get(OPEN) and not (decisions and counted.get(OVER)):
            return 0
        number = counted.get(OPEN, 0) + (counted.get(OVER, 0) if decisions else 0)
        if number <= max(_FEW, self._pages or 0):
            return await self._one_by_one(decisions=decisions)
        new = await self._through_the_list(decisions=decisions)
        return new + await self._missing(began)

    async def _one_by_one(self, *, decisions: bool) -> int:
        seq = await self._desk.seq()
        new = 0
        states = (OPEN, OVER) if decisions else (OPEN,)
        after = ""
        while known := await self._desk.perform(hits.in_states(seq, states, after=after, most=_PORTION)):
            after = known[-1].id
            new += await self._ask_for(known)
        return new

    async def _missing(self, began: float) -> int:
        """Ask for open HITs that were not in the list: too new for it, or deleted."""
        seq = await self._desk.seq()
        new = 0
        after = ""
        while known := await self._desk.perform(hits.unseen(seq, since=began, after=after, most=_PORTION)):
            after = known[-1].id
            new += await self._ask_for(known)
        return new

    async def _ask_for(self, known: Sequence[Watched]) -> int:
        async def read(one: Watched) -> _Read:
            try:
                found = await self._desk.patient.get_hit(one.id)
            except HITDoesNotExist:
                return _Read(Seen(one.id, GONE, one.read, one.quiet, None, None), ())
            return await self._read(found, one)

        return await self._write_down([result async for result in _results(known, read)])

    async def _through_the_list(self, *, decisions: bool) -> int:
        new = pages = 0
        async with aclosing(self._desk.patient.list_hits().pages()) as walked:
            async for page in walked:
                pages += 1
                ours = {hit.hit_id: hit for hit in page.items if token_in(hit, self._desk.name) is not None}
                if ours:
                    new += await self._look_at(ours, decisions=decisions)
        self._pages = pages
        return new

    async def _look_at(self, listed: dict[str, HIT], *, decisions: bool) -> int:
        known = await self._desk.perform(hits.known_hits(list(listed)))
        decided = await self._desk.perform(submissions.statuses(list(known))) if decisions else {}
        interesting = []
        unchanged = []
        for one in known.values():
            hit = listed[one.id]
            more = _submitted(hit) > one.read
            ended = one.state == OPEN and _has_ended(hit)
            again = one.state != OPEN and not _has_ended(hit)
            other = decisions and hit.number_of_assignments_completed != decided.get(one.id, 0)
            if more or ended or again or other:
                interesting.append(one)
            else:
                unchanged.append(_seen(hit, one.state, one.read, one.quiet))

        async def read(one: Watched) -> _Read:
            return await self._read(listed[one.id], one)

        await self._desk.perform(hits.write_seen(unchanged, self._desk.now()))
        return await self._write_down([result async for result in _results(interesting, read)])

    async def _read(self, hit: HIT, known: Watched) -> _Read:
        found: list[Submitted] = []
        try:
            async with aclosing(aiter(self._desk.patient.list_assignments_for_hit(hit.hit_id))) as assignments:
                async for assignment in assignments:
                    found.append(
                        Submitted(
                            assignment.assignment_id,
                            hit.hit_id,
                            assignment.worker_id,
                            assignment.assignment_status.value,
                            assignment.submit_time.timestamp(),
                            assignment_document(assignment),
                        )
                    )
        except HITDoesNotExist:
            return _Read(_seen(hit, GONE, known.read, known.quiet), tuple(found))
        read = max(len(found), known.read)
        quiet = 0
        state = OPEN
        if hit.hit_status == HITStatus.DISPOSED:
            state = GONE
        elif _has_ended(hit):
            quiet = known.quiet + 1 if read == known.read else 0
            state = OVER if read >= _submitted(hit) or quiet >= _QUIET else OPEN
        return _Read(_seen(hit, state, read, quiet), tuple(found))

    async def _write_down(self, results: Sequence[_Read]) -> int:
        seq = await self._desk.seq()
        found = [assignment for result in results for assignment in result.assignments]
        # The submissions first: a HIT whose submissions are not all here must not count as over.
        new = await self._desk.perform(submissions.put(seq, found))
        await self._desk.perform(hits.write_seen([result.seen for result in results], self._desk.now()))
        return new


async def _results(
    known: Sequence[Watched], read: Callable[[Watched], Awaitable[_Read]]
) -> AsyncGenerator[_Read, None]:
    async with aclosing(ahead(each(known), read, most=_AT_ONCE)) as walked:
        async for _, result in walked:
            yield result


def _seen(hit: HIT, state: str, read: int, quiet: int) -> Seen:
    return Seen(hit.hit_id, state, read, quiet, hit.max_assignments, hit_document(hit))


def _submitted(hit: HIT) -> int:
    """How many assignments were handed in, decided ones included, as a HIT's counters tell."""
    available = hit.number_of_assignments_available or 0
    pending = hit.number_of_assignments_pending or 0
    return hit.max_assignments - available - pending


def _has_ended(hit: HIT) -> bool:
    """Whether nobody is at work on a HIT, and nobody can accept it now."""
    return hit.hit_status in (HITStatus.REVIEWABLE, HITStatus.REVIEWING, HITStatus.DISPOSED)
