"""What a caller and all its views have in common: keys, transport, clock, pace, and what was done so far."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from aioturk._core import endpoints
from aioturk.clock import Clock
from aioturk.credentials import Credentials, CredentialsProvider, Keyring, keyring, read_local_marketplace
from aioturk.throttle import RetryBudget, Throttle
from aioturk.transport import Transport

__all__ = ["Connection", "Statistics", "keys_for"]


def keys_for(
    place: endpoints.Endpoint | endpoints.LocalFile,
    credentials: Credentials | CredentialsProvider | None,
    profile: str | None,
    clock: Clock,
) -> Keyring | None:
    """Return where the keys for a place come from; None while they stand in the local marketplace's file."""
    if credentials is None and profile is None and isinstance(place, endpoints.LocalFile):
        return None
    return keyring(credentials, profile=profile, environ=os.environ, clock=clock)


@dataclass(slots=True)
class Statistics:
    """
    What a client has done so far, its views included.

    Attributes:
        calls: Calls of operations; each page of a list is one.
        attempts: Requests that were made for them.
        throttled: Attempts that the service throttled.
    """

    calls: int = 0
    attempts: int = 0
    throttled: int = 0

    @property
    def retries(self) -> int:
        """Attempts beyond the first of each call."""
        return max(0, self.attempts - self.calls)


@dataclass(slots=True, kw_only=True)
class Connection:
    """
    What a caller and all its views have in common.

    Attributes:
        service: The name of the service that signatures carry.
        place: Where requests go; None when each request says it by itself.
        region: The region that signatures name.
        allow_http: Whether plain http may go to other hosts than this computer.
        keys: Where the keys come from; None while they stand in the local marketplace's file.
        transport: What sends requests.
        clock: What tells the time and waits.
        throttle: The rate that is learned.
        budget: What repeats are paid from.
        skew: Seconds by which the service's clock is ahead of ours.
        closed: How often the caller was closed: what began before must not open connections again.
        statistics: What was done so far.
        answered: The headers of the last answer that was a success, which tell who answers, and what they take.
    """

    service: str
    place: endpoints.Endpoint | endpoints.LocalFile | None
    region: str
    allow_http: bool
    keys: Keyring | None
    transport: Transport
    clock: Clock
    throttle: Throttle
    budget: RetryBudget
    skew: float = 0.0
    closed: int = 0
    statistics: Statistics = field(default_factory=Statistics)
    answered: Mapping[str, str] | None = None

    async def find(self, place: endpoints.LocalFile) -> endpoints.Endpoint:
        """Find out where the local marketplace is, and its keys, from the file that it keeps."""
        local = await asyncio.to_thread(read_local_marketplace, place.path, chosen=place.chosen)
        found = endpoints.local_endpoint(local, region=self.region, allow_http=self.allow_http)
        if self.keys is None:
            self.keys = keyring(Credentials(local.access_key, local.secret_key), clock=self.clock)
        self.place = found
        return found

    def now(self) -> float:
        """Return the service's time, in seconds since 1970."""
        return self.clock.time() + self.skew
