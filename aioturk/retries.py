"""
Whether and when an attempt is made again.

The decision is made from two facts: what became of the attempt (:attr:`aioturk.TurkError.fate`, which the
error itself knows) and the class of the operation (:mod:`aioturk._core.repetition`). There is no list of error
classes here. A refusal that follows an attempt of ours that may have taken effect is not believed at once: what
it means for the money is found out by :mod:`aioturk.settlement`.

tenacity waits between attempts. It is imported, and entered, only after a first failure.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from aioturk._core.messages import Request, Response
from aioturk._core.repetition import RetryClass
from aioturk.clock import Clock
from aioturk.errors import ConfigurationError, DeadlineExceeded, Fate, ServiceError, TurkError
from aioturk.throttle import RetryBudget

if TYPE_CHECKING:
    import tenacity

__all__ = ["Call", "Retrier", "RetryPolicy"]

T = TypeVar("T")

TOKEN_TRUST: Final = 20 * 3600.0
"""Seconds for which a request token is relied on; the service remembers it for 24 hours from its first use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """
    How patient a client is. There is no number of attempts: only the call's timeout ends the repeating.

    Args:
        attempt_timeout: Seconds that one attempt may take; a lost answer is noticed after so long.
        first_wait: The longest wait before the first repeat, in seconds. Each wait is a random part of the longest
            one, which doubles every time ("full jitter").
        longest_wait: The longest wait before any repeat, in seconds.
    """

    attempt_timeout: float = 20.0
    first_wait: float = 0.1
    longest_wait: float = 20.0

    def __post_init__(self) -> None:
        for name in ("attempt_timeout", "first_wait", "longest_wait"):
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} is {getattr(self, name)!r}; give a positive number of seconds.")


@dataclass(slots=True)
class Call(Generic[T]):
    """
    One call of a service, with all its attempts.

    Attributes:
        name: What is called, in the service's words, for example ``"CreateHIT"``.
        retry_class: What may be done after an attempt that may have taken effect.
        request: The request before it is signed, the same for every attempt.
        read: Reads an answer, or raises the error that it stands for.
        deadline: When the call has to end, on the clock's `monotonic` scale.
        attempt_timeout: Seconds that one attempt may take, if this call has a limit of its own.
        token: The request token that every attempt carries.
        era: How often the client had been closed when the call began.
        first_sent: When the first attempt was made that may have taken effect, in seconds since 1970 by the service's
            clock, as far as we know it.
        sent_at: The same moment by our own clock.
        attempts: How many attempts were made so far.
        may_have_happened: Whether one of them may have taken effect.
        renewed: Whether the credentials were renewed for this call already.
        skew_before: The correction of the clock before this call corrected it, if it did.
        tokens_since: When an earlier call may first have sent the token, by our own clock.
    """

    name: str
    retry_class: RetryClass
    request: Request
    read: Callable[[Response], T]
    deadline: float
    attempt_timeout: float | None = None
    token: str | None = None
    era: int = 0
    first_sent: float = 0.0
    sent_at: float = 0.0
    attempts: int = 0
    may_have_happened: bool = False
    renewed: bool = False
    skew_before: float | None = None
    tokens_since: float | None = None

    def note(self, error: TurkError) -> None:
        """Keep what an attempt's failure tells about the money, and write it on the error (R1)."""
        changes_something = self.retry_class is not RetryClass.READ
        if changes_something and error.fate in (Fate.UNKNOWN, Fate.EXECUTED):
            self.may_have_happened = True
        error.ambiguous = self.may_have_happened
        error.unique_request_token = self.token
        error.attempts = self.attempts
        error.operation = self.name

    def may_repeat(self, error: BaseException) -> bool:
        """Whether to make another attempt after this failure."""
        if not isinstance(error, TurkError) or not error.transient:
            return False
        return error.fate is Fate.NOT_EXECUTED or self.retry_class is not RetryClass.ONCE

    def doubts(self, error: TurkError, *, happened_before: bool) -> bool:
        """Whether a refusal may be the echo of our own earlier attempt (R3: the first attempt's never is)."""
        settleable = self.retry_class in (RetryClass.TOKEN, RetryClass.SETTLED)
        return settleable and happened_before and isinstance(error, ServiceError) and error.fate is Fate.REFUSED

    def sending(self, now: float, service_now: float) -> None:
        """
        Note that an attempt is about to be sent.

        Args:
            now: Our time, in seconds since 1970.
            service_now: The service's, as far as we know it.

        Raises:
            DeadlineExceeded: The service may have forgotten the token of an attempt that may have taken effect.
        """
        if not self.may_have_happened:
            # So far nothing can have been done, so this is the first attempt that counts.
            self.sent_at, self.first_sent = now, service_now
            sent_at = self.tokens_since
        else:
            sent_at = self.sent_at if self.tokens_since is None else min(self.sent_at, self.tokens_since)
        if self.token is not None and sent_at is not None and now - sent_at > TOKEN_TRUST:
            hours = (now - sent_at) / 3600
            raise DeadlineExceeded(
                f"{self.name} was first sent {hours:.0f} hours ago, and the service remembers a request "
                "token for 24 hours only: a repeat might be taken for another call."
            )
        self.attempts += 1


Attempt = Callable[[Call[T]], Awaitable[T]]
Settle = Callable[[Call[T], TurkError], Awaitable[T]]


@dataclass(slots=True)
class Retrier:
    """
    Goes on with calls whose first attempt failed.

    Args:
        policy: How patient to be; None makes a single attempt.
        budget: What repeats are paid from, shared by all calls of a client.
        clock: Tells the time and waits.
    """

    policy: RetryPolicy | None
    budget: RetryBudget
    clock: Clock

    async def recover(self, call: Call[T], first: TurkError, attempt: Attempt[T], settle: Settle[T]) -> T:
        """
        Make further attempts until one succeeds, or there is no use in another.

        Args:
            call: The call.
            first: How its first attempt failed. It is raised when it is not to be repeated.
            attempt: Makes one attempt.
            settle: Finds out whether a refused repeat is a success in truth; raises when it is not.
        """
        call.note(first)
        if self.policy is None or not call.may_repeat(first):
            raise first
        return await self._persist(call, attempt, settle, first)

    async def _try(self, call: Call[T], attempt: Attempt[T], settle: Settle[T]) -> T:
        happened_before = call.may_have_happened
        try:
            return await attempt(call)
        except TurkError as error:
            call.note(error)
            if not call.doubts(error, happened_before=happened_before):
                raise
            return await settle(call, error)

    async def _persist(self, call: Call[T], attempt: Attempt[T], settle: Settle[T], first: TurkError) -> T:
        import tenacity

        assert self.policy is not None
        last = first
        seen_first = False

        async def again() -> T:
            nonlocal last, seen_first
            if not seen_first:
                # tenacity's first attempt is the failure that brought us here.
                seen_first = True
                raise first
            if not await self.budget.acquire(call.deadline):
                raise _out_of_time(call, last) from last
            try:
                return await self._try(call, attempt, settle)
            except DeadlineExceeded as error:
                raise error from last  # the failure before it says why there was a repeat at all
            except TurkError as error:
                last = error
                raise

        jitter = tenacity.wait_random_exponential(multiplier=self.policy.first_wait, max=self.policy.longest_wait)

        def wait(state: tenacity.RetryCallState) -> float:
            return max(jitter(state), _asked_to_wait(state.outcome.exception() if state.outcome else None))

        return await tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(call.may_repeat),
            wait=wait,
            stop=self._no_time_left(call),
            sleep=self.clock.sleep,
            reraise=True,
        )(again)

    def _no_time_left(self, call: Call[Any]) -> Callable[[tenacity.RetryCallState], bool]:
        def stop(state: tenacity.RetryCallState) -> bool:
            return self.clock.monotonic() + state.upcoming_sleep >= call.deadline

        return stop


def _out_of_time(call: Call[Any], last: TurkError) -> TurkError:
    """Make the error for a call whose time ran out while it waited: it tells of the last failure too."""
    error = DeadlineExceeded(
        f"{call.name} ran out of time while waiting to be repeated. The last attempt failed: {last.text}"
    )
    call.note(error)
    return error


def _asked_to_wait(error: BaseException | None) -> float:
    """Seconds that the service itself asked to wait, a minute at most."""
    seconds = error.retry_after if isinstance(error, ServiceError) else None
    return min(seconds or 0.0, 60.0)
