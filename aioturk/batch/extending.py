"""`Extending`: giving the HITs of a batch more assignments, each once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from aioturk.batch.desk import Desk
from aioturk.batch.ledger import hits
from aioturk.batch.ledger.hits import Extensible
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.units import Intent, Kind, State, Unit, token_of
from aioturk.errors import RequestError, TurkError
from aioturk.settlement import token_was_used

__all__ = ["Extending"]

_PORTION: Final = 200
"""How many HITs are taken up together."""


class Extending:
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
        """Walk the batch's HITs that have fewer assignments."""
        seq = await self._desk.seq()
        after = 0
        while found := await self._desk.perform(hits.smaller_than(seq, self._most, after=after, portion=_PORTION)):
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
        """Nothing has to be looked for: every HIT tells by itself how many assignments it has."""

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
            if not token_was_used(refused, unit.token):
                raise
            refused.ambiguous = True
            try:
                found = await self.look(unit)
            except TurkError as failure:
                raise refused from failure
            if found is None:
                raise
            return found
        return await self._done(unit, content["after"])

    async def look(self, unit: Unit) -> Outcome | None:
        """Ask how many assignments a HIT has: with as many as there are to be, nothing is left to do."""
        content = unit.content or {}
        found = (await self._desk.patient.get_hit(unit.target or "")).max_assignments
        return await self._done(unit, found) if found >= content["after"] else None

    async def _done(self, unit: Unit, most: int) -> Outcome:
        await self._desk.perform(hits.extended(unit.seq, unit.target or "", most))
        return Outcome(unit, State.DONE)

    def otherwise(self, unit: Unit) -> TurkError:
        """Never: there is but one way."""
        raise AssertionError(f"{unit.key} was extended")

    def forget(self, token: str) -> None:
        """Nothing was kept."""
