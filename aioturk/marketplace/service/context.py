"""
What an act has at hand: the transaction, the time, the rules, and who acts.

Every door makes one: the gateway for requesters (`RequesterContext`), the workers' door and the clock (`Context`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from aioturk._core.codec import encode
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service.subscribers import Subscriber
from aioturk.marketplace.store import Transaction
from aioturk.marketplace.store.records import Account, Hit, Key

__all__ = ["CLOCK", "Behind", "Context", "RequesterContext"]

CLOCK = "clock"
"""Who acts when time does."""


class Behind(Exception):
    """
    What was locked has been seen to at a later moment than this act's, so the act has to be done again, then.

    Attributes:
        moment: That moment.
    """

    def __init__(self, moment: int) -> None:
        super().__init__(moment)
        self.moment = moment


@dataclass(frozen=True, slots=True)
class Context:
    """
    What an act has at hand.

    Attributes:
        store: The transaction; everything in it happens, or nothing.
        now: The market's time in milliseconds.
        rules: The rules of the house.
        accounting: Whether money can run out.
        page_key: The key that signs page tokens.
        environment: ``"sandbox"`` or ``"production"``.
        actor: The id of whoever acts.
        request_id: The request that it is done by, if it is one.
        lag: For how many milliseconds new things are in no list.
        delivers: The transports by which messages about events are sent to somebody.
        subscribers: To whom events are posted, beside those whom settings name.
        key: What the request was signed with, as it is now.
    """

    store: Transaction
    now: int
    rules: Rules
    accounting: bool
    page_key: bytes
    environment: str
    actor: str
    request_id: str | None
    lag: int
    key: Key | None = None
    delivers: frozenset[str] = frozenset()
    subscribers: tuple[Subscriber, ...] = ()

    @property
    def listed_until(self) -> int | None:
        """The time of the newest things that lists show; None when they show everything."""
        return self.now - self.lag if self.lag else None

    def note(self, what: str, subject: str | None, **detail: str | int) -> None:
        """Write down what was done. What requesters can be told of goes through `events.tell` instead."""
        text = encode(detail).decode() if detail else None
        self.store.audit.note(self.now, self.actor, what, subject, self.request_id, text)

    def in_time(self, hit: Hit) -> Hit:
        """
        Return a HIT that was just locked, if this act does not come from before its end.

        The time of an act is taken before its locks. If the clock has ended the HIT while the act waited for one, the
        HIT must not be offered again by somebody who believes that it is earlier.

        Raises:
            Behind: It does.
        """
        if self.actor == CLOCK:
            return hit  # whose moments come in order
        # As long as it has not ended, its end, at the latest, is what is due.
        ended = hit.due_at is None or hit.due_at > hit.expires_at
        if ended and hit.expires_at > self.now and hit.status != "Disposed":
            raise Behind(hit.expires_at)
        return hit

    def for_account(self, account: Account, key: Key) -> RequesterContext:
        """Return the same, on behalf of a requester."""
        return RequesterContext(
            store=self.store,
            now=self.now,
            rules=self.rules,
            accounting=self.accounting,
            page_key=self.page_key,
            environment=self.environment,
            actor=account.requester_id,
            request_id=self.request_id,
            lag=self.lag,
            delivers=self.delivers,
            subscribers=self.subscribers,
            account=account,
            key=key,
        )

    def at(self, moment: int) -> Context:
        """Return the same at another time."""
        return replace(self, now=moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequesterContext(Context):
    """
    What a requester's act has at hand.

    Attributes:
        account: The requester's account in this environment, the owner of everything that it may see.
    """

    account: Account
