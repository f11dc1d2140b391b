"""`Extending`: giving the HITs of a batch more assignments, each once; `settle_seen`: seeing that they have them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from aioturk.batch.desk import PORTION, Desk
from aioturk.batch.ledger import extensions
from aioturk.batch.ledger.extensions import Extensible
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.units import Intent, Kind, State, Unit, intent_of, token_of
from aioturk.batch.work import Work, found_again
from aioturk.errors import RequestError, TurkError

__all__ = ["Extending", "settle_seen"]


class Extending(Work):
    """
    The work of adding assignments to HITs.

    What is asked for is not how many to add but how many there are to be, so that asking twice adds nothing more. The
    HIT itself tells how many it has, and so whether the extension has happened; how many there were is written down
    with the intent.

    Args:
        desk: Where.
        most: How many assignments every HIT is to have.
    """

    kind = Kind.EXTEND
    title = "extending"
    reads_state = False

    def __init__(self, desk: Desk, most: int) -> None:
        self._desk = desk
        self._most = most

    async def intents(self) -> AsyncGenerator[Sequence[Intent], None]:
        """
        Walk the batch's HITs that have fewer assignments, behind extensions of them that were left open.

        Such a one may be on its way still, and would be added to what is made of the number that there is now. Sent
        again, with its own token, it happens once and for all.
        """
        seq = await self._desk.seq()
        after = 0
        while left := await self._desk.perform(extensions.left_open(seq, after=after, portion=PORTION)):
            after = left[-1].seq
            smaller = [intent_of(one) for one in left if (one.content or {})["after"] < self._most]
            if smaller:
                yield smaller
        after = 0
        while found := await self._desk.perform(extensions.smaller_than(seq, self._most, after=after, portion=PORTION)):
            after = found[-1].seq
            yield [self._intent(hit) for hit in found]

    def _intent(self, hit: Extensible) -> Intent:
        key = f"{hit.id} to {self._most}"
        # The reward of the HIT counts, which need not be that of the task as it is now.
        more = self._most - hit.most
        content = {"before": hit.most, "after": self._most}
        token = token_of(self.kind, self._desk.name, key)
        return Intent(self.kind, key, token, "", content, liability=more * hit.cents, target=hit.id)

    async def begin(self) -> None:
        """Settle extensions whose HITs were seen since, with as many assignments as there are to be."""
        await settle_seen(self._desk)

    async def send(self, unit: Unit) -> Outcome:
        """Add the assignments that are missing now, whoever has added some since the intent was written down."""
        content = unit.content or {}
        hit_id = unit.target or ""
        before = (await self._desk.patient.get_hit(hit_id)).max_assignments
        if before >= content["after"]:
            return await self._done(unit, before)
        try:
            await self._desk.client_for(unit).create_additional_assignments_for_hit(
                hit_id,
                number_of_additional_assignments=content["after"] - before,
                unique_request_token=unit.token,
            )
        except RequestError as refused:
            return await found_again(self, unit, refused)
        return await self._done(unit, await self._now_there_are(hit_id, content["after"]))

    async def _now_there_are(self, hit_id: str, known: int) -> int:
        """Ask how many assignments a HIT has now: somebody else may have added some at the same moment."""
        try:
            return max(known, (await self._desk.patient.get_hit(hit_id)).max_assignments)
        except TurkError:
            # What was added is added. If there are more, whoever looks next sees them.
            return known

    async def look(self, unit: Unit) -> Outcome | None:
        """Ask how many assignments a HIT has: with as many as there are to be, nothing is left to do."""
        content = unit.content or {}
        found = (await self._desk.patient.get_hit(unit.target or "")).max_assignments
        return await self._done(unit, found) if found >= content["after"] else None

    async def _done(self, unit: Unit, most: int) -> Outcome:
        await self._desk.perform(extensions.extended(unit.seq, unit.target or "", most))
        return Outcome(unit, State.DONE)


async def settle_seen(desk: Desk) -> None:
    """
    Write down as done what was left open, of HITs that were seen with as many assignments as there are to be.

    Args:
        desk: Where.
    """
    seq = await desk.seq()
    after: int | None = 0
    while after is not None:
        after = await desk.perform(extensions.settle_seen(seq, after=after, portion=PORTION, now=desk.now()))
