"""
`Collector`: reading from the service what workers have handed in, into the ledger.

The list of all HITs costs a call for each hundred, so one walk through it tells of every HIT how many submissions there
are; assignments are then read of those HITs only that have more than were read before. A batch with few open HITs in a
large account is asked about HIT by HIT.

Lists are an index, which lags by seconds, and counters are not always right after a HIT has ended. So a HIT counts as
over only when as many submissions were read as its counters tell, or nothing new for a while after its end.

A look takes time, and what is listed is older still. So what is seen of a HIT that was given more assignments or time
in between does not make it over: `Watched.generation` tells of that.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple

from aioturk.batch.desk import AHEAD, Desk
from aioturk.batch.documents import assignment_document, hit_document
from aioturk.batch.extending import settle_seen
from aioturk.batch.ledger import hits, submissions, units
from aioturk.batch.ledger.hits import AWAY, LOST, OPEN, OVER, Seen, Watched
from aioturk.batch.ledger.submissions import Submitted
from aioturk.batch.searching import adopt_hits
from aioturk.batch.units import Kind, token_in
from aioturk.errors import AssignmentDoesNotExist, HITDoesNotExist, InvalidAssignmentState
from aioturk.models import HIT, Assignment, HITStatus
from aioturk.tasks.ahead import ahead, each

__all__ = ["Collector"]

_PORTION: Final = 100
"""How many HITs are looked at together."""
_AT_ONCE: Final = 16
"""How many HITs are read at once."""
_QUIET: Final = 2
_QUIET_SECONDS: Final = 120.0
"""How often, and for how long, nothing new has to be read of an ended HIT whose counters tell of more than was read."""
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
        number = counted.get(OPEN, 0) + (counted.get(OVER, 0) if decisions else 0)
        # A row that was left open may have its HIT, and then somebody may be at work on it.
        maybe, _ = await self._desk.perform(units.left_open(seq, Kind.PUBLISH))
        if not number and not maybe:
            return 0
        if not maybe and number <= max(_FEW, self._pages or 0):
            new = await self._one_by_one(decisions=decisions)
        else:
            new = await self._through_the_list(decisions=decisions) + await self._missing(began)
        await settle_seen(self._desk)
        return new

    async def collect_work(self, known: Watched, assignment_id: str) -> bool:
        """
        Ask the service for one assignment.

        One call brings the HIT, too. Its other assignments are read only if it has ended and some are missing, so that
        a HIT with a thousand of them is not read a thousand times.

        Args:
            known: The HIT.
            assignment_id: Which of its assignments.

        Returns:
            Whether it was handed in, as far as readers can see.
        """
        try:
            found = await self._desk.patient.get_assignment(assignment_id)
        except (AssignmentDoesNotExist, InvalidAssignmentState):
            return False
        if found.assignment.hit_id != known.id:
            return False
        await self._desk.perform(submissions.put(await self._desk.seq(), [_submitted_as(found.assignment)]))
        if known.state in AWAY:
            return True
        hit = found.hit
        read = max(known.read, await self._desk.perform(submissions.how_many(known.id)))
        if hit.hit_status == HITStatus.DISPOSED or (_has_ended(hit) and read < _submitted(hit)):
            result = await self._read(hit, known)
        else:
            result = _Read(_seen(hit, known, OVER if _has_ended(hit) else OPEN, read), ())
        await self._write_down([result])
        return True

    async def collect_end(self, known: Watched) -> bool:
        """
        Ask the service for one HIT, which is said to have come to its end.

        Args:
            known: The HIT.

        Returns:
            Whether it has, and all of its submissions were read.
        """
        result = await self._read_anew(known)
        await self._write_down([result])
        return result.seen.state != OPEN

    async def _one_by_one(self, *, decisions: bool) -> int:
        seq = await self._desk.seq()
        new = 0
        states = (OPEN, OVER) if decisions else (OPEN,)
        after = ""
        while known := await self._desk.perform(hits.in_states(seq, states, after=after, most=_PORTION)):
            after = known[-1].id
            new += await self._ask_for(known, decisions=decisions)
        return new

    async def _missing(self, began: float) -> int:
        """Ask for open HITs that were not in the list: too new for it, or deleted."""
        seq = await self._desk.seq()
        new = 0
        after = ""
        while True:
            until = self._desk.now() + AHEAD
            known = await self._desk.perform(hits.unseen(seq, since=began, until=until, after=after, most=_PORTION))
            if not known:
                return new
            after = known[-1].id
            new += await self._ask_for(known)

    async def _ask_for(self, known: Sequence[Watched], *, decisions: bool = False) -> int:
        decided = await self._desk.perform(submissions.statuses([one.id for one in known])) if decisions else None

        async def read(one: Watched) -> _Read:
            return await self._read_anew(one, None if decided is None else decided.get(one.id, 0))

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
        strange = [hit for hit in listed.values() if hit.hit_id not in known]
        if strange:
            await adopt_hits(self._desk, strange)
            known = await self._desk.perform(hits.known_hits(list(listed)))
        decided = await self._desk.perform(submissions.statuses(list(known))) if decisions else {}
        interesting = []
        unchanged = []
        for one in known.values():
            hit = listed[one.id]
            if _has_news(hit, one, decided.get(one.id, 0) if decisions else None):
                interesting.append(one)
            else:
                unchanged.append(_seen(hit, one, one.state, one.read, one.quiet, one.quiet_since))

        async def read(one: Watched) -> _Read:
            # The list may be older than the last extension, but the HIT itself is not.
            return await (self._read_anew(one) if one.generation else self._read(listed[one.id], one))

        await self._desk.perform(hits.write_seen(unchanged, self._desk.now()))
        return await self._write_down([result async for result in _results(interesting, read)])

    async def _read_anew(self, known: Watched, decided: int | None = None) -> _Read:
        try:
            hit = await self._desk.patient.get_hit(known.id)
        except HITDoesNotExist:
            return _Read(Seen(known.id, LOST, known.read, 0, None, known.generation, None, None), ())
        if not _has_news(hit, known, decided):
            return _Read(_seen(hit, known, known.state, known.read, known.quiet, known.quiet_since), ())
        return await self._read(hit, known)

    async def _read(self, hit: HIT, known: Watched) -> _Read:
        found: list[Submitted] = []
        try:
            async with aclosing(aiter(self._desk.patient.list_assignments_for_hit(hit.hit_id))) as assignments:
                async for assignment in assignments:
                    found.append(_submitted_as(assignment))
        except HITDoesNotExist:
            return _Read(_seen(hit, known, LOST, known.read), tuple(found))
        read = max(len(found), known.read)
        if hit.hit_status == HITStatus.DISPOSED:
            return _Read(_seen(hit, known, LOST, read), tuple(found))
        if not _has_ended(hit):
            return _Read(_seen(hit, known, OPEN, read), tuple(found))
        if read >= _submitted(hit):
            return _Read(_seen(hit, known, OVER, read), tuple(found))
        return _Read(self._quiet(hit, known, read), tuple(found))

    def _quiet(self, hit: HIT, known: Watched, read: int) -> Seen:
        """Say of an ended HIT whether it is time to stop waiting for what its counters tell of."""
        now = self._desk.now()
        since = known.quiet_since
        if read > known.read or since is None or since > now:
            return _seen(hit, known, OPEN, read, 1, now)
        quiet = known.quiet + 1
        is_over = quiet >= _QUIET and now - since >= _QUIET_SECONDS
        return _seen(hit, known, OVER if is_over else OPEN, read, quiet, since)

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


def _submitted_as(assignment: Assignment) -> Submitted:
    return Submitted(
        assignment.assignment_id,
        assignment.hit_id,
        assignment.worker_id,
        assignment.assignment_status.value,
        assignment.submit_time.timestamp(),
        assignment_document(assignment),
    )


def _seen(hit: HIT, known: Watched, state: str, read: int, quiet: int = 0, quiet_since: float | None = None) -> Seen:
    document = hit_document(hit)
    return Seen(hit.hit_id, state, read, quiet, quiet_since, known.generation, hit.max_assignments, document)


def _has_news(hit: HIT, known: Watched, decided: int | None) -> bool:
    """Whether there is something to be read of a HIT; `decided` counts the decisions that were read, if they matter."""
    if _submitted(hit) > known.read or hit.hit_status == HITStatus.DISPOSED:
        return True
    # One that has ended is read once more, and one that came back is open again.
    if known.state == (OPEN if _has_ended(hit) else OVER):
        return True
    return decided is not None and (hit.number_of_assignments_completed or 0) != decided


def _submitted(hit: HIT) -> int:
    """How many assignments were handed in, decided ones included, as a HIT's counters tell."""
    available = hit.number_of_assignments_available or 0
    pending = hit.number_of_assignments_pending or 0
    return hit.max_assignments - available - pending


def _has_ended(hit: HIT) -> bool:
    """Whether nobody is at work on a HIT, and nobody can accept it now."""
    return hit.hit_status in (HITStatus.REVIEWABLE, HITStatus.REVIEWING, HITStatus.DISPOSED)
