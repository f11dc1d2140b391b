"""
`Client`: the requester API for asyncio.

The typed methods are generated (:mod:`aioturk._generated.operations`). A call goes through the stages below, in the
order in which they stand in this file:

1. *prepare*: arguments become wire values and bytes, a request token is added where one belongs;
2. *attempt*: wait for a turn, sign, send (:mod:`aioturk.calling`), read the answer or the error;
3. *repeat*: :mod:`aioturk.retries` decides, :mod:`aioturk.settlement` interprets refused repeats;
4. the typed result.

What every client has, whatever its service (timeouts, views, closing), is in :mod:`aioturk.calling` too.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from aioturk._conversion import CONVERTERS
from aioturk._core import codec, endpoints
from aioturk._core.accepted import Duration, Money, Text
from aioturk._core.faults import decipher
from aioturk._core.messages import Request, Response
from aioturk._core.qualification_ids import ANY_MASTERS, masters_of
from aioturk._core.schema import Operation
from aioturk._core.wire import Structure
from aioturk._generated.shapes import CreateHITTypeResponse, QualificationRequirement
from aioturk._generated.tables import CREATE_HIT_TYPE, OPERATIONS
from aioturk.calling import Caller, Connection, Options, Statistics, keys_for, readable
from aioturk.calling.caller import USER_AGENT
from aioturk.clock import Clock, SystemClock
from aioturk.credentials import Credentials, CredentialsProvider
from aioturk.errors import ConfigurationError, InvalidRequest, TurkError
from aioturk.paginate import Listing, Page
from aioturk.pricing import AMAZON, FeeTable
from aioturk.retries import Call, RetryPolicy
from aioturk.settlement import settle
from aioturk.shortcuts import Shortcuts
from aioturk.throttle import RetryBudget, Throttle
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
_GIVE_THE_FEES: Final = (
    "Without that, nobody knows what work costs there, and no budget can be kept. Nothing was paid or published by "
    "asking. Give the fees yourself (fees=HOUSE, from aioturk.pricing, if it takes none), or bring the program and the "
    "marketplace to the same version of aioturk."
)
_FIXED_HEADERS: Final = (("Content-Type", "application/x-amz-json-1.1"), USER_AGENT)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call as settling sees it."""

    operation: Operation
    document: Mapping[str, Any]
    token: str | None
    token_is_ours: bool
    first_sent: float


class Client(Caller, Shortcuts):
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

    __slots__ = ("_headers", "_hit_types")

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
        connection = Connection(
            service=_SERVICE,
            place=place,
            region=region,
            allow_http=allow_http,
            keys=keys_for(place, credentials, profile, clock),
            transport=transport or AiohttpTransport(max_connections=max_connections, session=session),
            clock=clock,
            throttle=Throttle(clock=clock),
            budget=RetryBudget(clock=clock),
        )
        super().__init__(connection, Options.checked(timeout, retries, rate, clock))
        # Views share these two as well: the headers of each operation's requests, before signing, and the ids of HIT
        # types by the request that made them.
        self._headers: dict[str, tuple[tuple[str, str], ...]] = {}
        self._hit_types: dict[bytes, str] = {}

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
        known = self._hit_types
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
        amazons = self._amazons_environment()
        if amazons is not None:
            return amazons
        told = _told_place(await self._last_answer())
        if told is not None:
            return f"the marketplace {told[1]} (account {told[2]})"
        place = self._connection.place
        assert isinstance(place, endpoints.Endpoint)
        return f"{urlsplit(place.url).scheme}://{place.host}"

    async def fees(self) -> FeeTable:
        """
        Return what the place that this client talks to takes on top of the workers' pay.

        Batches and :func:`aioturk.ask` reckon with this unless they are given something else.

        Amazon's service takes what it has published (:data:`aioturk.pricing.AMAZON`), which needs no call. A
        marketplace of aioturk takes what its rules say, as it said in its last answer; if there was none yet, it is
        asked by `get_account_balance`. Any other service is taken to cost what Amazon's does.

        Raises:
            ConfigurationError: A marketplace of aioturk does not say what it takes, or in a way that cannot be read.
            TurkError: The service was to be asked, and that failed.
        """
        if self._amazons_environment() is not None:
            return AMAZON
        answer = await self._last_answer()
        if _told_place(answer) is None:
            # It speaks Amazon's API and says nothing of prices, so Amazon's are the only ones that can be meant.
            return AMAZON
        # From here on it is certain that somebody sets prices of their own. To guess at them, be it Amazon's, would let
        # budgets be passed where they are higher.
        written = answer.get(endpoints.FEES_HEADER)
        if written is None:
            raise ConfigurationError(f"The marketplace does not say what it takes. {_GIVE_THE_FEES}")
        try:
            return FeeTable.from_text(written)
        except InvalidRequest as unreadable:
            raise ConfigurationError(
                f"What the marketplace says that it takes cannot be read. {_GIVE_THE_FEES}"
            ) from unreadable

    def _amazons_environment(self) -> str | None:
        """Return which of Amazon's environments this client talks to; None if it is another place."""
        place = self._connection.place
        return place.environment if isinstance(place, endpoints.Endpoint) and place.is_amazon else None

    async def _last_answer(self) -> Mapping[str, str]:
        """Return the headers of the last answer; if there was none yet, ask for one."""
        if self._connection.answered is None:
            await self.get_account_balance()
            assert self._connection.answered is not None
        return self._connection.answered

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

    async def _perform(
        self,
        operation: Operation,
        document: dict[str, Any],
        read: Callable[[bytes], T],
        deadline: float,
        era: int | None = None,
    ) -> T:
        connection = self._connection
        token = document.get("UniqueRequestToken")
        ours = operation.takes_token and token is None
        if ours:
            # Lower case, so that no part of it can be taken for an id (R5).
            token = document["UniqueRequestToken"] = os.urandom(16).hex()
        connection.statistics.calls += 1
        place = connection.place
        if not isinstance(place, endpoints.Endpoint):
            place = await self._find(operation)
        call = Call(
            name=operation.name,
            retry_class=operation.retry_class,
            request=Request("POST", place.url, self._headers_of(operation), codec.encode(document)),
            read=partial(_result, operation.name, token, read),
            deadline=deadline,
            token=token,
            era=connection.closed if era is None else era,
            tokens_since=self._options.tokens_since,
        )
        try:
            return await self._attempt(call)
        except TurkError as error:
            settle = partial(self._settle, operation, document, ours, read)
            return await self._retrier.recover(call, error, self._attempt, settle)

    async def _find(self, operation: Operation) -> endpoints.Endpoint:
        """Find the local marketplace."""
        assert isinstance(self._connection.place, endpoints.LocalFile)
        try:
            return await self._connection.find(self._connection.place)
        except TurkError as error:
            error.operation = operation.name
            raise

    def _headers_of(self, operation: Operation) -> tuple[tuple[str, str], ...]:
        """Return the headers of an operation's requests, before signing."""
        headers = self._headers.get(operation.name)
        if headers is None:
            headers = self._headers[operation.name] = (*_FIXED_HEADERS, ("X-Amz-Target", _TARGET + operation.name))
        return headers

    async def _settle(
        self,
        operation: Operation,
        document: dict[str, Any],
        token_is_ours: bool,
        read: Callable[[bytes], T],
        call: Call[T],
        refusal: TurkError,
    ) -> T:
        logger.info("%s: the repeat was refused; looking whether an earlier attempt did it", call.name)
        asked = _Asked(operation, document, call.token, token_is_ours, call.first_sent)
        answer = await settle(asked, refusal, _Service(self, call))
        try:
            return read(codec.encode(answer))
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


def _told_place(answer: Mapping[str, str]) -> re.Match[str] | None:
    """Return what an answer says of the marketplace of ours that it comes from, and of the account."""
    return _MARKETPLACE.fullmatch(answer.get(endpoints.MARKETPLACE_HEADER, ""))


def _read_document(operation: Operation, body: bytes) -> dict[str, Any]:
    """Read an answer as plain wire values."""
    if not body and not operation.has_output:
        return {}
    document = codec.read_document(body)
    if "__type" in document:
        raise codec.Misshapen("it is an error that calls itself a success")
    return document


def _result(name: str, token: str | None, read: Callable[[bytes], T], response: Response) -> T:
    """Read the answer, or raise what it stands for (R4)."""
    if response.status != 200:
        raise decipher(response, operation=name, token=token)
    return readable(name, response, partial(read, response.body))
