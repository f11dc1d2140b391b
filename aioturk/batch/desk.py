"""`Desk`: what all work of a batch needs at hand, and the rules about time that all of it goes by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from sqlalchemy import Connection

from aioturk.batch.holding import Holder
from aioturk.batch.ledger import batches, units
from aioturk.batch.ledger.claims import Claiming, give_up
from aioturk.batch.ledger.holders import bury_the_dead
from aioturk.batch.ledger.in_hand import Buried, InHand
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.progress import ProgressOption
from aioturk.batch.units import Kind, Unit
from aioturk.clock import Clock
from aioturk.errors import TurkError
from aioturk.pricing import FeeTable

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = ["AHEAD", "FORGOTTEN", "LONGEST_WAIT", "PORTION", "TRUSTED", "Desk"]

R = TypeVar("R")
T = TypeVar("T")

TRUSTED: Final = 20 * 3600.0
"""
For so many seconds after the first attempt a token is repeated without looking: the service remembers tokens for 24
hours (https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateHITOperation.html).
"""
_SLACK = 2 * 3600.0
"""Rows are begun for `TRUSTED` seconds after a look at the service; those begun last have so many more to be sent."""

AHEAD: Final = 300.0
"""What lies more than so many seconds in the future was written down by a wrong clock."""

FORGOTTEN: Final = 100 * 86400.0
"""After so many seconds, the service may have disposed of a HIT: then it is not listed any more."""

PORTION: Final = 200
"""How many units, or HITs, are taken up or written down with one wait for the ledger."""

LONGEST_WAIT: Final = 900
"""How often others are waited for without any change."""
_WAIT = 1.0
"""Seconds of such a wait."""

_TIMEOUT = 600.0
"""Seconds for a call of a batch, which has nobody waiting for it: throttling is no reason to give a row up."""


Release: TypeAlias = "Callable[[set[str], InHand, str], Callable[[Connection], None]]"
"""Makes an act that lets go of what was taken in hand under a name."""


def _give_up(taken: set[str], in_hand: InHand, lease: str) -> Callable[[Connection], None]:
    return give_up(taken, in_hand, lease, unsent=True)


@dataclass(slots=True)
class Desk:
    """
    Where a batch is worked on.

    Attributes:
        mturk: The client, as it was given.
        name: The batch's name.
        ledger: Its ledger.
        clock: What tells the time, and waits.
        budget: The most cents that the batch may cost.
        progress: How progress is to be shown.
        given_fees: What the marketplace takes, if the program says so.
        holder: Our name in the ledger.
        in_hand: What this program is at.
        searched_at: When we, or others with this ledger, last looked through the list of all HITs for those that the
            ledger does not know; None if we do not know of any look.
    """

    mturk: Client
    name: str
    ledger: LedgerThread
    clock: Clock
    budget: int | None
    progress: ProgressOption
    given_fees: FeeTable | None
    holder: Holder = field(init=False)
    in_hand: InHand = field(default_factory=InHand)
    patient: Client = field(init=False)
    """The client, with more time for each call."""
    searched_at: float | None = None
    followers: set[asyncio.Task[None]] = field(default_factory=set)
    """What follows events, and has to end before the ledger is closed."""
    _known: batches.Known | None = None
    _fees: FeeTable | None = None
    _view: tuple[float, Client] | None = None
    """The client of the unit before: units that are taken up together were first attempted at one moment."""

    def __post_init__(self) -> None:
        self.holder = Holder(self.ledger)
        self.patient = self.mturk.with_options(timeout=max(_TIMEOUT, self.mturk.timeout))

    async def perform(self, act: Callable[[Connection], T]) -> T:
        """Perform an act on the ledger."""
        return await self.ledger.perform(act)

    async def take_in_hand(self, make: Claiming[R], release: Release | None = None) -> tuple[R, str]:
        """
        Perform an act that takes something in hand; if we were taken for dead, under a new name.

        Args:
            make: Makes the act.
            release: Makes the act that lets go of it again; that of units, unless given.

        Returns:
            What the act returned, and the name.
        """
        while True:
            lease = self.holder.id
            taken: set[str] = set()
            try:
                return await self.perform(make(lease, taken)), lease
            except Buried:
                await self.holder.renew(lease)
            except BaseException:
                # The act may be done nevertheless, before this one.
                self.ledger.tidy((release or _give_up)(taken, self.in_hand, lease), self._puts_down(taken))
                raise

    def let_go(self, tokens: set[str], lease: str, *, unsent: bool) -> None:
        """
        Let go of units, without waiting for the ledger; whatever becomes of that, this program is not at them any more.

        Args:
            tokens: Their tokens.
            lease: The name under which they were taken in hand.
            unsent: Whether nothing of them was sent, so that taking them up does not count.
        """
        self.ledger.tidy(give_up(tokens, self.in_hand, lease, unsent=unsent), self._puts_down(tokens))

    def _puts_down(self, tokens: set[str]) -> Callable[[], None]:
        return lambda: self.in_hand.put_down(set(tokens))

    async def tidy_up(self) -> None:
        """Let go of what the dead had in hand, and give up what was left open for so long that nobody can tell."""
        await self.perform(bury_the_dead)
        now = self.now()
        await self.perform(units.give_up_old(await self.seq(), before=now - FORGOTTEN, now=now))

    async def wait_for_others(self) -> None:
        """Give others some time for what they have in hand, and see whether they are alive."""
        await self.clock.sleep(_WAIT)
        await self.tidy_up()

    async def known(self) -> batches.Known:
        """
        Return the batch as it was when it was opened here; the first time makes sure that the ledger is the right one.

        Raises:
            ConfigurationError: The ledger belongs to another environment, or cannot be opened.
        """
        if self._known is None:
            await self.perform(batches.belong(await self.mturk.identify(), self.ledger.title))
            pace = await self.perform(batches.learned_pace)
            if pace is not None:
                self.mturk.resume_pace(pace)
            self._known = await self.perform(batches.known_batch(self.name, self.now()))
        return self._known

    async def as_written(self) -> batches.Known:
        """
        Return the batch as the ledger has it, without any call, and so without a look at whose ledger it is.

        For reading what is in the ledger, whether or not the service can be reached; nothing may be sent after it.
        """
        if self._known is not None:
            return self._known
        return await self.perform(batches.known_batch(self.name, self.now()))

    async def fees(self) -> FeeTable:
        """
        Return what the marketplace takes: as the program says, or as the marketplace does when it is asked first.

        One table is for everything that is done here, so that a plan and its upload reckon alike. What stands in the
        ledger stays as it was reserved.

        Raises:
            TurkError: The marketplace was to be asked, and that failed, or it does not tell.
        """
        if self.given_fees is not None:
            return self.given_fees
        if self._fees is None:
            try:
                self._fees = await self.mturk.fees()
            except TurkError as error:
                error.add_note("The batch has to know what the marketplace takes: reach it, or give the batch fees=.")
                raise
        return self._fees

    async def seq(self) -> int:
        """Return the batch's number in the ledger."""
        return (await self.known()).seq

    def now(self) -> float:
        """Return the time by our clock, in seconds since 1970."""
        return self.clock.time()

    def trusts(self, unit: Unit) -> bool:
        """
        Say whether a unit's token may be sent without looking first.

        The service refuses the second use of a token for 24 hours; after that, a repeat would be done a second time.
        """
        since = self._since(unit)
        return since is None or -AHEAD <= self.now() - since <= TRUSTED

    def client_for(self, unit: Unit) -> Client:
        """
        Return the client for carrying a unit out.

        It sends nothing any more once the token is too old, however long the computer slept before the call or in the
        middle of it: others may have taken the unit over meanwhile, and have done it long ago.
        """
        since = self._since(unit)
        if since is None:
            return self.patient
        if self._view is None or self._view[0] != since:
            self._view = since, self.patient.with_tokens_since(since)
        return self._view[1]

    def _since(self, unit: Unit) -> float | None:
        """Return the moment from which on the service may have heard of a unit's token."""
        first = unit.first_attempt
        if first is None or unit.kind is not Kind.PUBLISH or self.searched_at is None:
            return first
        # Another ledger may have published the row, with the same token, as soon as we had looked for it.
        return min(first, self.searched_at + _SLACK)

    def trusted(self) -> tuple[float, float]:
        """Return the moments between which a first attempt has to lie for its token to be trusted."""
        return self.now() - TRUSTED, self.now() + AHEAD
