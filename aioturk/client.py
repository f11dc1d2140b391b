"""
`Client`: the requester API for asyncio.

The typed methods are generated (:mod:`aioturk._generated.operations`). A call goes through the stages below, in the
order in which they stand in this file:

1. *prepare*: arguments become wire values and bytes, a request token is added where one belongs;
2. *attempt*: wait for a turn, sign, send, read the answer or the error;
3. *repeat*: :mod:`aioturk.retries` decides, :mod:`aioturk.settlement` interprets refused repeats;
4. the typed result.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from aioturk import sigv4
from aioturk._conversion import CONVERTERS
from aioturk._core import codec, endpoints
from aioturk._core.accepted import Duration, Money, Text
from aioturk._core.faults import decipher
from aioturk._core.messages import Request, Response
from aioturk._core.qualification_ids import ANY_MASTERS, masters_of
from aioturk._core.repetition import RetryClass
from aioturk._core.schema import Operation
from aioturk._core.wire import Structure
from aioturk._generated.shapes import CreateHITTypeResponse, QualificationRequirement
from aioturk._generated.tables import CREATE_HIT_TYPE, OPERATIONS
from aioturk._version import __version__
from aioturk.clock import Clock, SystemClock
from aioturk.credentials import Credentials, CredentialsProvider, Keyring, keyring, read_local_marketplace
from aioturk.errors import (
    ConfigurationError,
    ConnectFailed,
    CredentialsRefused,
    DeadlineExceeded,
    Fate,
    InvalidRequest,
    ServiceError,
    Throttled,
    TurkError,
    UnexpectedResponse,
    UnreadableResponse,
)
from aioturk.paginate import Listing, Page
from aioturk.retries import Call, Retrier, RetryPolicy
from aioturk.settlement import settle
from aioturk.shortcuts import Shortcuts
from aioturk.throttle import Pacer, RetryBudget, Throttle
from aioturk.transport import AiohttpTransport, Transport

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Client", "Statistics"]

T = TypeVar("T")
S = TypeVar("S", bound=Structure)
I = TypeVar("I")  # noqa: E741 - the item
P = TypeVar("P", bound=Page[Any])

logger: logging.Logger = logging.getLogger("aioturk")

_SERVICE: Final = "mturk-requester"
_TARGET: Final = "MTurkRequesterServiceV20170117."
_PAGE_SIZE: Final = 100
_MARKETPLACE: Final = re.compile(r"([0-9a-f]{16})/([A-Z0-9]{1,64})", re.ASCII)
"""What a marketplace of ours says of itself in the header."""
_FIXED_HEADERS: Final = (
    ("Content-Type", "application/x-amz-json-1.1"),
    ("User-Agent", f"aioturk/{__version__}"),
)


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


@dataclass(slots=True)
class _Connection:
    """What a client and all its views have in common."""

    place: endpoints.Endpoint | endpoints.LocalFile
    region: str
    allow_http: bool
    keys: Keyring | None
    transport: Transport
    clock: Clock
    throttle: Throttle
    budget: RetryBudget
    skew: float = 0.0
    """Seconds by which the service's clock is ahead of ours."""
    closed: int = 0
    """How often the client was closed: what began before must not open connections again."""
    headers: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    statistics: Statistics = field(default_factory=Statistics)
    hit_types: dict[bytes, str] = field(default_factory=dict)
    """Ids of HIT types by the request that made them."""
    answered: Mapping[str, str] | None = None
    """The headers of the last answer that was a success, which tell who answers."""

    async def find(self, place: endpoints.LocalFile) -> endpoints.Endpoint:
        """Find out where the local marketplace is, and its keys, from the file that it keeps."""
        local = await asyncio.to_thread(read_local_marketplace, place.path, chosen=place.chosen)
        found = endpoints.local_endpoint(local, region=self.region, allow_http=self.allow_http)
        if self.keys is None:
            self.keys = keyring(Credentials(local.access_key, local.secret_key), clock=self.clock)
        self.place = found
        return found

    def now(self) -> float:
        """The service's time, in seconds since 1970."""
        return self.clock.time() + self.skew

    def headers_of(self, operation: Operation) -> tuple[tuple[str, str], ...]:
        """The headers of an operation's requests, before signing."""
        headers = self.headers.get(operation.name)
        if headers is None:
            headers = self.headers[operation.name] = (*_FIXED_HEADERS, ("X-Amz-Target", _TARGET + operation.name))
        return headers


@dataclass(frozen=True, slots=True)
class _Options:
    """What a view may set for itself."""

    timeout: float
    policy: RetryPolicy | None
    pacer: Pacer | None
    tokens_since: float | None = None


class Client(Shortcuts):
    """
    The Mechanical Turk requester API, version 2017-01-17.

    Use it as an async context manager, or create it anywhere and call `close` in the end. Creating it does no I/O and
    needs no event loop. One client serves any number of concurrent callers, and one event loop after another.

    Args:
        environment: ``"production"`` (real money), ``"sandbox"``, ``"local"`` (the marketplace being served on this
            computer), or the URL of a marketplace. None takes ``AIOTURK_ENVIRONMENT``, ``AWS_ENDPOINT_URL_MTURK`` or
            ``AWS_ENDPOINT_URL`` from the environment variables, else the local marketplace if one is being served.
        region: The region for signatures; Amazon's service is in ``"us-east-1"`` alone.
        credentials: Keys, or an async function that returns them. Without any: those of the local marketplace, else the
            environment variables, else everything that botocore knows (profiles, SSO, roles, containers, instances).
        profile: The name of a profile in the AWS configuration files, instead of `credentials`.
        timeout: Bounds every call with all its attempts and waits: seconds or a timedelta, 60 seconds unless given.
        retries: False for a single attempt, True for the usual patience, or a :class:`~aioturk.RetryPolicy`.
        rate: A ceiling, in calls a second. Without one the client goes as fast as the service lets it.
        max_connections: How many requests may be under way at once.
        session: An aiohttp session to send with, instead of an own one; it stays yours to close.
        allow_http: Permits plain ``http://`` to other hosts than this computer.
        transport: What sends requests, instead of aiohttp; for tests.
        clock: What tells the time and waits; for tests.

    Raises:
        ConfigurationError: An argument, or the environment variable it stands in for, cannot work.
    """

    __slots__ = ("_connection", "_options", "_owner", "_retrier")

    def __init__(
        self,
        environment: str | None = None,
        *,
        region: str = endpoints.DEFAULT_REGION,
        credentials: Credentials | CredentialsProvider | None = None,
        profile: str | None = None,
        timeout: float | timedelta = 60.0,
        retries: RetryPolicy | bool | None = None,
        rate: float | None = None,
        max_connections: int = 50,
        session: aiohttp.ClientSession | None = None,
        allow_http: bool = False,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        place = endpoints.resolve(environment, environ=os.environ, region=region, allow_http=allow_http)
        given = credentials is not None or profile is not None
        keys = None
        if given or isinstance(place, endpoints.Endpoint):
            keys = keyring(credentials, profile=profile, environ=os.environ, clock=clock)
        self._connection = _Connection(
            place=place,
            region=region,
            allow_http=allow_http,
            keys=keys,
            transport=transport or AiohttpTransport(max_connections=max_connections, session=session),
            clock=clock,
            throttle=Throttle(clock=clock),
            budget=RetryBudget(clock=clock),
        )
        self._owner = True
        self._set_options(_Options(_timeout(timeout), _policy(retries), _pacer(rate, clock)))

    def _set_options(self, options: _Options) -> None:
        self._options = options
        self._retrier = Retrier(options.policy, self._connection.budget, self._connection.clock)

    def __repr__(self) -> str:
        place = self._connection.place
        where = place.environment if isinstance(place, endpoints.Endpoint) else "local"
        return f"<aioturk.Client {where!r}>"

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def statistics(self) -> Statistics:
        """What this client and its views have done so far."""
        return self._connection.statistics

    @property
    def timeout(self) -> float:
        """The seconds that bound every call, with all its attempts and waits."""
        return self._options.timeout

    @property
    def learned_rate(self) -> float | None:
        """The calls a second that the service allows, as far as was learned; None while nothing holds them back."""
        return self._connection.throttle.rate

    def start_at(self, rate: float) -> None:
        """
        Begin with a rate that was learned before, and learn on from there.

        It concerns the client with all its views. Nothing happens if it has learned something already.

        Args:
            rate: A `learned_rate` of a client of the same service, in calls a second.

        Raises:
            ConfigurationError: It is no positive number.
        """
        self._connection.throttle.start_at(_rate(rate))

    async def close(self) -> None:
        """
        Close the connections.

        Calls that are under way fail. A later call opens new ones. On a view made by `with_options` it does nothing,
        since the connections are the original client's.
        """
        if not self._owner:
            return
        self._connection.closed += 1
        if self._connection.keys is not None:
            await self._connection.keys.close()
        await self._connection.transport.close()

    def with_options(
        self,
        *,
        timeout: float | timedelta | None = None,
        retries: RetryPolicy | bool | None = None,
        rate: float | None = None,
    ) -> Client:
        """
        Return a view of this client, over the same connections, with other settings; what is left out stays as it is.

        Args:
            timeout: Bounds every call, in seconds or as a timedelta.
            retries: False for a single attempt, True for the usual patience, or a :class:`~aioturk.RetryPolicy`.
            rate: A ceiling for this view, in calls a second.
        """
        options = self._options
        if timeout is not None:
            options = replace(options, timeout=_timeout(timeout))
        if retries is not None:
            options = replace(options, policy=_policy(retries))
        if rate is not None:
            options = replace(options, pacer=_pacer(rate, self._connection.clock))
        view = copy.copy(self)
        view._owner = False
        view._set_options(options)
        return view

    def with_tokens_since(self, moment: float) -> Client:
        """
        Return a view for calls whose request tokens may have been sent before, by an earlier run of the program.

        The service remembers tokens for 24 hours. Once they are older than 20, the view refuses to send them, between
        two attempts of a call too.

        Args:
            moment: When they may first have been sent, in seconds since 1970 by our clock.
        """
        view = self.with_options()
        view._set_options(replace(view._options, tokens_since=moment))
        return view

    async def call(self, operation: str, request: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """
        Call an operation with the service's own names, and return the answer as it came: plain wire values.

        Signing, tokens, retries and errors are as everywhere. For code that moves over from boto3 line by line.
        Questions, requirements and other values of aioturk may stand in the request; requiring Masters becomes the id
        that they have in this environment, as everywhere.

        Args:
            operation: The operation's name, for example ``"GetHIT"``.
            request: Its members under the service's names. Datetimes, timedeltas and Decimals may stand for the
                numbers and strings of the wire.

        Raises:
            InvalidRequest: There is no such operation or member, or a value breaks a rule. Nothing was sent.
        """
        known = OPERATIONS.get(operation)
        if known is None:
            raise InvalidRequest(
                f"There is no operation {operation!r}. The names are the service's, such as 'GetHIT'.",
                argument="operation",
            )
        if not isinstance(request, Mapping | None):
            raise InvalidRequest("is not a mapping.", argument="request", operation=operation)
        document = self._in_place(CONVERTERS.wire_request(known, request or {}))
        return await self._perform(known, document, partial(_read_document, known), self._deadline())

    async def hit_type(
        self,
        *,
        title: str,
        description: str,
        reward: Money,
        assignment_duration: Duration,
        keywords: Text | None = None,
        auto_approval_delay: Duration | None = None,
        qualification_requirements: Iterable[QualificationRequirement | Mapping[str, Any]] | None = None,
        anew: bool = False,
    ) -> str:
        """
        Return the id of the HIT type with these properties, as `create_hit_type` does, and remember it.

        Money: nothing is paid or held; only HITs cost something.

        Args:
            title: What the task is, for workers who look for one.
            description: What is to be done, in more words.
            reward: What one approved assignment earns, in US dollars.
            assignment_duration: How much time a worker has.
            keywords: Words by which workers find the HITs.
            auto_approval_delay: How long after its submission undecided work is approved, and paid, by itself.
            qualification_requirements: What a worker must have.
            anew: Ask the service although the answer is known: it forgets types that were not used for 120 days.

        Raises:
            InvalidRequest: A property breaks a rule. Nothing was sent.
        """
        given = {
            "Title": title,
            "Description": description,
            "Reward": reward,
            "AssignmentDurationInSeconds": assignment_duration,
            "Keywords": keywords,
            "AutoApprovalDelayInSeconds": auto_approval_delay,
            "QualificationRequirements": qualification_requirements and tuple(qualification_requirements),
        }
        document = self._document(CREATE_HIT_TYPE, given)
        key = codec.encode(document)
        known = self._connection.hit_types
        if anew or key not in known:
            answer = await self._perform(
                CREATE_HIT_TYPE, document, codec.reader(CreateHITTypeResponse), self._deadline()
            )
            known[key] = answer.hit_type_id
        return known[key]

    async def identify(self) -> str:
        """
        Name the place and the account that this client talks to, in words that can stand in a sentence.

        Whoever remembers what was published, such as a batch, remembers this too, and can tell that it is somewhere
        else now: a marketplace is known by an id that stays in its database, so another one at the same address is
        another place, and one that has moved is the same.

        Amazon's service is "production" or "sandbox", without a call. It tells nobody the account: two accounts have
        the same name here. A marketplace of aioturk is "the marketplace 3f2a5c9d01e4b768 (account A1EXAMPLE)", as it
        said in its last answer; if there was none yet, it is asked by `get_account_balance`. Any other service is the
        first part of its URL.

        Raises:
            TurkError: The service was to be asked, and that failed.
        """
        connection = self._connection
        if isinstance(connection.place, endpoints.Endpoint) and connection.place.is_amazon:
            return connection.place.environment
        if connection.answered is None:
            await self.get_account_balance()
            assert connection.answered is not None
        told = _MARKETPLACE.fullmatch(connection.answered.get(endpoints.MARKETPLACE_HEADER, ""))
        if told is not None:
            return f"the marketplace {told[1]} (account {told[2]})"
        assert isinstance(connection.place, endpoints.Endpoint)
        return f"{urlsplit(connection.place.url).scheme}://{connection.place.host}"

    # The three ways to perform an operation, for the generated methods.

    async def _do(self, operation: Operation, given: Mapping[str, Any]) -> None:
        document = self._document(operation, given)
        await self._perform(operation, document, partial(_read_document, operation), self._deadline())

    async def _ask(self, operation: Operation, shape: type[S], given: Mapping[str, Any]) -> S:
        document = self._document(operation, given)
        return await self._perform(operation, document, codec.reader(shape), self._deadline())

    def _list(self, operation: Operation, shape: type[P], given: Mapping[str, Any]) -> Listing[I, P]:
        document = self._document(operation, given)
        document.setdefault("MaxResults", _PAGE_SIZE)
        start = document.pop("NextToken", None)
        read: Callable[[bytes], P] = codec.reader(shape)

        async def fetch(token: str | None) -> P:
            page = document if token is None else {**document, "NextToken": token}
            return await self._perform(operation, page, read, self._deadline())

        return Listing(fetch, start)

    # Time, for the shortcuts.

    @property
    def _clock(self) -> Clock:
        return self._connection.clock

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._connection.now(), UTC)

    # A call: prepare, attempt, repeat.

    def _document(self, operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
        """Make arguments the request's wire values."""
        return self._in_place(CONVERTERS.request(operation, given))

    def _in_place(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a request in which what has another id in each environment has the one of ours."""
        for requirement in document.get("QualificationRequirements", ()):
            if requirement["QualificationTypeId"] == ANY_MASTERS:
                place = self._connection.place
                production = isinstance(place, endpoints.Endpoint) and place.environment == "production"
                requirement["QualificationTypeId"] = masters_of(production=production)
        return document

    def _deadline(self) -> float:
        return self._connection.clock.monotonic() + self._options.timeout

    async def _perform(
        self,
        operation: Operation,
        document: dict[str, Any],
        read: Callable[[bytes], T],
        deadline: float,
        era: int | None = None,
    ) -> T:
        token = document.get("UniqueRequestToken")
        ours = operation.takes_token and token is None
        if ours:
            # Lower case, so that no part of it can be taken for an id (R5).
            token = document["UniqueRequestToken"] = os.urandom(16).hex()
        call = Call(
            operation=operation,
            document=document,
            body=codec.encode(document),
            read=read,
            deadline=deadline,
            token=token,
            token_is_ours=ours,
            era=self._connection.closed if era is None else era,
            tokens_since=self._options.tokens_since,
        )
        self._connection.statistics.calls += 1
        try:
            return await self._attempt(call)
        except TurkError as error:
            return await self._retrier.recover(call, error, self._attempt, self._settle)

    async def _attempt(self, call: Call[T]) -> T:
        """Make one attempt; another at once if only keys or clock were out of date."""
        connection = self._connection
        endpoint = connection.place
        if isinstance(endpoint, endpoints.LocalFile):
            endpoint = await connection.find(endpoint)
        assert connection.keys is not None
        credentials = connection.keys.at_hand()
        if credentials is None:
            credentials = await self._in_time(call, connection.keys.get())
        while True:
            if self._options.pacer is not None or not connection.throttle.enter():
                await self._take_turn(call)
            try:
                return await self._send(call, endpoint, credentials)
            except CredentialsRefused as refused:
                if refused.expired and not call.renewed:
                    call.renewed = True
                    renewed = await self._in_time(call, connection.keys.refresh(credentials))
                    if renewed == credentials:
                        raise
                    credentials = renewed
                elif refused.skewed and call.skew_before is None and refused.server_time is not None:
                    call.skew_before = connection.skew
                    connection.skew = refused.server_time - connection.clock.time()
                else:
                    if refused.skewed and call.skew_before is not None:
                        # The date in the answer was of no use, and must not mislead other calls.
                        connection.skew = call.skew_before
                    raise

    async def _in_time(self, call: Call[Any], fetching: Awaitable[T]) -> T:
        left = call.deadline - self._connection.clock.monotonic()
        try:
            async with asyncio.timeout(left if left < _FOREVER else None):
                return await fetching
        except TimeoutError:
            raise DeadlineExceeded(
                f"{call.operation.name} ran out of time while waiting for credentials.", operation=call.operation.name
            ) from None

    async def _take_turn(self, call: Call[Any]) -> None:
        pacer = self._options.pacer
        if pacer is not None and not await pacer.acquire(call.deadline):
            raise self._no_turn(call, "under the rate that was set")
        if not await self._connection.throttle.acquire(call.deadline):
            raise self._no_turn(call, "at the rate that the service allows")

    def _no_turn(self, call: Call[Any], why: str) -> DeadlineExceeded:
        name = call.operation.name
        return DeadlineExceeded(
            f"{name} would not get its turn {why} within its timeout; give it more time, or make fewer calls at once.",
            operation=name,
        )

    async def _send(self, call: Call[T], endpoint: endpoints.Endpoint, credentials: Credentials) -> T:
        connection = self._connection
        started = connection.clock.monotonic()
        # Stays None when the attempt is cancelled.
        outcome: Response | TurkError | None = None
        try:
            timeout = self._time_for(call, started)
            request = self._signed(call, endpoint, credentials)
            self._last_look(call)
            connection.statistics.attempts += 1
            outcome = response = await connection.transport.send(
                request, timeout=timeout, fresh_connection=call.operation.retry_class is RetryClass.ONCE
            )
            return self._result(call, response)
        except TurkError as error:
            outcome = error
            if isinstance(error, ConnectFailed):
                error.text = f"{error.text} {endpoints.unreachable_hint(endpoint)}".rstrip()
            raise
        finally:
            self._learn(outcome)
            if logger.isEnabledFor(logging.DEBUG):
                self._log(call, outcome, connection.clock.monotonic() - started)

    def _time_for(self, call: Call[Any], now: float) -> float:
        """Seconds that an attempt may take."""
        left = call.deadline - now
        if left <= 0:
            raise DeadlineExceeded(f"{call.operation.name} ran out of time.")
        policy = self._options.policy
        return left if policy is None else min(left, policy.attempt_timeout)

    def _last_look(self, call: Call[Any]) -> None:
        """Make sure, after all the waiting, that this attempt may still be sent."""
        connection = self._connection
        if connection.closed != call.era:
            error = ConnectFailed(f"{call.operation.name}: the client was closed meanwhile.")
            error.transient = False
            raise error
        call.sending(connection.clock.time(), connection.now())

    def _signed(self, call: Call[Any], endpoint: endpoints.Endpoint, credentials: Credentials) -> Request:
        connection = self._connection
        return sigv4.sign(
            Request("POST", endpoint.url, connection.headers_of(call.operation), call.body),
            credentials,
            service=_SERVICE,
            region=endpoint.region,
            now=datetime.fromtimestamp(connection.now(), UTC),
        )

    def _result(self, call: Call[T], response: Response) -> T:
        """Read the answer, or raise what it stands for (R4)."""
        operation = call.operation
        if response.status != 200:
            error = decipher(response, operation=operation.name, token=call.token)
            if isinstance(error, CredentialsRefused):
                error.server_time = _server_time(response)
            raise error
        try:
            result = call.read(response.body)
        except codec.Misshapen as misfit:
            raise UnexpectedResponse(
                f"the answer does not have the agreed shape: {misfit}",
                body=response.body,
                operation=operation.name,
                request_id=response.headers.get("x-amzn-requestid"),
            ) from misfit
        except codec.Malformed as problem:
            raise UnreadableResponse(
                f"{operation.name} was answered with success, but the answer cannot be read: {problem}",
                operation=operation.name,
                status=200,
                body=response.body[:2048],
                request_id=response.headers.get("x-amzn-requestid"),
            ) from problem
        self._connection.answered = response.headers
        return result

    def _log(self, call: Call[Any], outcome: Response | TurkError | None, seconds: float) -> None:
        """Tell which attempt ended how; never what was said."""
        if isinstance(outcome, Response):
            ended, request_id = f"HTTP {outcome.status}", outcome.headers.get("x-amzn-requestid")
        else:
            ended = "cancelled" if outcome is None else type(outcome).__name__
            request_id = getattr(outcome, "request_id", None)
        logger.debug(
            "%s attempt %d: %s in %.0f ms, request %s",
            call.operation.name,
            call.attempts,
            ended,
            seconds * 1000,
            request_id or "unknown",
        )

    def _learn(self, outcome: Response | TurkError | None) -> None:
        """Tell those who pace how an attempt ended; None means that it was cancelled."""
        throttle = self._connection.throttle
        if isinstance(outcome, Throttled):
            self._connection.statistics.throttled += 1
            throttle.throttled(outcome.retry_after)
        elif isinstance(outcome, Response) or (isinstance(outcome, ServiceError) and outcome.fate is Fate.REFUSED):
            # A refusal is an answer too: the service works.
            throttle.succeeded()
            self._connection.budget.succeeded()
        else:
            throttle.ended()

    async def _settle(self, call: Call[T], refusal: TurkError) -> T:
        logger.info("%s: the repeat was refused; looking whether an earlier attempt did it", call.operation.name)
        answer = await settle(call, refusal, _Service(self, call))
        try:
            return call.read(codec.encode(answer))
        except codec.Misshapen as misfit:
            raise refusal from misfit


class _Service:
    """The service as settling sees it: reads that share the deadline and the fate of the call being settled."""

    __slots__ = ("_call", "_client")

    def __init__(self, client: Client, call: Call[Any]) -> None:
        self._client = client
        self._call = call

    async def read(self, operation: str, document: dict[str, Any]) -> dict[str, Any]:
        known = OPERATIONS[operation]
        read = partial(_read_document, known)
        return await self._client._perform(known, document, read, self._call.deadline, self._call.era)

    def now(self) -> float:
        return self._client._connection.now()

    async def wait(self, seconds: float) -> bool:
        clock = self._client._connection.clock
        if clock.monotonic() + seconds >= self._call.deadline:
            return False
        await clock.sleep(seconds)
        return True


_FOREVER: Final = 10.0**8


def _read_document(operation: Operation, body: bytes) -> dict[str, Any]:
    """Read an answer as plain wire values."""
    if not body and not operation.has_output:
        return {}
    document = codec.read_document(body)
    if "__type" in document:
        raise codec.Misshapen("it is an error that calls itself a success")
    return document


def _server_time(response: Response) -> float | None:
    with suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    return None


def _timeout(timeout: Duration | float) -> float:
    seconds: Any = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise ConfigurationError(f"timeout is {timeout!r}; give a positive number of seconds, or a timedelta.")
    return float(seconds)


def _policy(retries: object) -> RetryPolicy | None:
    if retries is False:
        return None
    if retries is None or retries is True:
        return RetryPolicy()
    if not isinstance(retries, RetryPolicy):
        raise ConfigurationError(f"retries is {retries!r}; give False or an aioturk.RetryPolicy.")
    return retries


def _pacer(rate: object, clock: Clock) -> Pacer | None:
    return None if rate is None else Pacer(_rate(rate), clock=clock)


def _rate(rate: object) -> float:
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < float("inf"):
        raise ConfigurationError(f"rate is {rate!r}; give a positive number of calls a second.")
    return rate
