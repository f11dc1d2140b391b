"""`Marketplace`: everything put together, with a beginning and an end."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aioturk._core.keys import Credentials
from aioturk.clock import Clock, SystemClock
from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace import robots
from aioturk.marketplace.app import make_app
from aioturk.marketplace.crowd.door import CrowdDoor
from aioturk.marketplace.crowd.functions import (
    CrowdAnswer,
    CrowdCheck,
    CrowdResult,
    Functions,
    TaskDefinition,
    made,
)
from aioturk.marketplace.crowd.ready_made import add_ready_made
from aioturk.marketplace.crowd.tasks import Tasks
from aioturk.marketplace.delivery import Courier, Delivery
from aioturk.marketplace.faults import Faults, Mischief
from aioturk.marketplace.gateway import Gateway
from aioturk.marketplace.house import ENVIRONMENTS, SITE, SITE_ENVIRONMENT, House
from aioturk.marketplace.money import EXACT, dollars
from aioturk.marketplace.notifications import NotificationLog
from aioturk.marketplace.proxy import Observer
from aioturk.marketplace.rules import Rules, chosen
from aioturk.marketplace.runner import Runner
from aioturk.marketplace.service import Context, forgetting, inviting, layouts, moments, owner, people
from aioturk.marketplace.service.moments import Moments
from aioturk.marketplace.site.exposure import Exposure, invitation_link
from aioturk.marketplace.site.notices import Notices
from aioturk.marketplace.site.origins import Origins
from aioturk.marketplace.site.site import Site
from aioturk.marketplace.store import Store
from aioturk.marketplace.store.records import Movement
from aioturk.marketplace.sts import Sts
from aioturk.marketplace.workers import Worker

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = ["Earnings", "Marketplace", "Moments"]


@dataclass(frozen=True, slots=True)
class Earnings:
    """
    A worker's money, in dollars.

    Attributes:
        earned: Rewards of approved work, and bonuses.
        paid: What was paid out of that.
        pending: Rewards of work that waits for a decision.
    """

    earned: Decimal
    paid: Decimal
    pending: Decimal

    @property
    def owed(self) -> Decimal:
        """What was earned and is not paid yet."""
        return self.earned - self.paid


class Marketplace:
    """
    A service that speaks the MTurk API, with its own workers, clock and money.

    Use it as an async context manager; within it, `url` is where it listens.

    Args:
        database: The path of a SQLite file, made if it is not there. None keeps everything in memory, until the end.
        rules: ``"amazon"``, ``"house"``, or rules of your own. None keeps those that the database was used with last; a
            new one gets Amazon's.
        faults: Troubles on purpose.
        balance: What each account starts with, in dollars: fees are taken, money is held back, and it can run out. None
            keeps what the database was made with; a new one then shows the same balance for ever, as Amazon's sandbox
            did.
        host: The address to listen at; only this computer unless you say otherwise.
        port: The port; 0 takes a free one.
        access_key: The access key to accept. Without one: the one that the database has, else a new one.
        secret_key: The secret that belongs to it.
        clock: What tells the market's time, before `advance` turns it. Signatures are always judged by real time.
        delivery: Where messages about events are sent. Without it they are only kept, in `notifications`.
        observer: Is told of every call of the API: the name of the operation, and the status of the answer.
        strict_workers: Whether workers have to be made known with `add_worker`, as a shorthand for rules that say so.
        accounts: Whether people come by invitation (`invite`) and sign in with a password; strangers are refused then.
            Otherwise whoever opens the worker site says which worker they are, which is for this computer alone.
        site_url: Where people reach the worker site, if not where it listens: ``"https://work.example.org"``.
        tasks_url: Where their browsers reach what requesters wrote: another host name of the same server.
        certificate: Files of a certificate and its key, to serve by TLS.
        trusted_proxies: The addresses of proxies that are believed when they say whose request they pass on.
        visitor: The worker that whoever opens the site is taken for, without signing in; for this computer alone.
        notices: What the site tells beside what is tried out, as ``aioturk preview`` does.
        site_environment: What the worker site shows: ``"sandbox"``, where everything is that comes to this
            marketplace's own address, or ``"production"``, where programs put their HITs that say so and were brought
            here by ``aioturk marketplace run``.
        amazon_sites: Whether the other environment has a site, too, at a port of its own, so that Amazon's names for
            either lead somewhere, as in ``aioturk marketplace run``; on this computer alone, and without accounts.

    Raises:
        ConfigurationError: An argument cannot work.
    """

    def __init__(
        self,
        database: str | os.PathLike[str] | None = None,
        *,
        rules: str | Rules | None = None,
        faults: Faults | None = None,
        balance: Decimal | str | int | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        access_key: str | None = None,
        secret_key: str | None = None,
        clock: Clock | None = None,
        delivery: Delivery | None = None,
        observer: Observer | None = None,
        strict_workers: bool = False,
        accounts: bool = False,
        site_url: str | None = None,
        tasks_url: str | None = None,
        certificate: tuple[str | os.PathLike[str], str | os.PathLike[str]] | None = None,
        trusted_proxies: Collection[str] = (),
        visitor: str | None = None,
        notices: Notices | None = None,
        site_environment: str = "sandbox",
        amazon_sites: bool = False,
    ) -> None:
        if site_environment not in ENVIRONMENTS:
            raise ConfigurationError(f"site_environment is {site_environment!r}: it is {' or '.join(ENVIRONMENTS)}.")
        clock = clock or SystemClock()
        self._exposure = Exposure(
            host,
            has_accounts=accounts,
            site_url=site_url,
            tasks_url=tasks_url,
            certificate=certificate,
            trusted_proxies=trusted_proxies,
            visitor=visitor,
        )
        self._clock = clock
        self._wanted = _both(access_key, secret_key)
        self._credentials: Credentials | None = None
        store = Store(database)
        self._house = House(
            store,
            None if rules is None else chosen(rules),
            clock=clock,
            balance=cents_of(balance),
            strict_workers=strict_workers or accounts,
        )
        self._courier = None if delivery is None else Courier(self._house, delivery)
        self._mischief = Mischief(faults, clock=clock)
        self._house.lag = 0 if faults is None else faults.lag_milliseconds
        gateway = Gateway(self._house, mischief=self._mischief)
        self._functions = Functions()
        add_ready_made(self._functions)
        self._tasks = Tasks(self._house, self._functions, alone=not store.is_postgres)
        self._site = Site(
            self._house,
            environment=site_environment,
            has_accounts=accounts,
            trusted_proxies=trusted_proxies,
            visitor=visitor,
            notices=notices,
        )
        if amazon_sites and (accounts or not self._exposure.is_local):
            raise ConfigurationError("Only on your own computer, without accounts, Amazon's names lead to sites here.")
        others = [each for each in ENVIRONMENTS if each != site_environment] if amazon_sites else []
        self._other_sites = [Site(self._house, environment=each, visitor=visitor) for each in others]
        self._app = make_app(
            gateway,
            body_limit=self._house.rules.body_limit,
            sites=[self._site, *self._other_sites],
            sts=Sts(self._house),
            crowd=CrowdDoor(self._house, self._tasks, mischief=self._mischief),
            observer=observer,
        )
        self._host = host
        self._port = port
        self._runner: Runner | None = None

    # Beginning and end.

    async def __aenter__(self) -> Marketplace:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """
        Open the database and listen.

        Raises:
            ConfigurationError: The database cannot be used, or the port cannot be had.
        """
        if self._runner is not None:
            raise ConfigurationError("The marketplace has been started already.")
        tls = self._exposure.tls()
        await self._house.open()
        runner = Runner(self._app, host=self._host, port=self._port, tls=tls)
        try:
            self._credentials = await self._house.add_requester("default", self._wanted)
            if self._courier is not None:
                await self._courier.start()
            await self._tasks.open()
            await runner.start()
            self._site.open(self._exposure.origins(runner.url))
            for site in self._other_sites:
                site.open(Origins.on_this_computer(await runner.listen_too()))
            await self._house.act(self._remember_site)
        except BaseException:
            await self._close_house()
            raise
        self._runner = runner

    def _remember_site(self, context: Context) -> None:
        if self._other_sites:
            return  # those are for programs, and nobody is invited there
        context.store.settings.put({SITE: self._site.origins.site, SITE_ENVIRONMENT: self._site.environment})

    async def close(self) -> None:
        """Stop listening, let what is under way end, and close the database. Harmless when it is closed already."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.stop()
        await self._close_house()

    async def _close_house(self) -> None:
        try:
            await self._tasks.close()
            if self._courier is not None:
                await self._courier.close()
        finally:
            await self._house.close()

    @property
    def rules(self) -> Rules:
        """The rules; those that a database remembers are known once the marketplace is open."""
        return self._house.rules

    # For clients.

    @property
    def url(self) -> str:
        """Where it listens, for ``endpoint_url`` and the like."""
        if self._runner is None:
            raise ConfigurationError("The marketplace listens only within `async with Marketplace(...)`.")
        return self._runner.url

    @property
    def credentials(self) -> Credentials:
        """The keys of the first requester."""
        if self._credentials is None:
            raise ConfigurationError("The marketplace has keys only within `async with Marketplace(...)`.")
        return self._credentials

    @property
    def access_key(self) -> str:
        """The access key of the first requester."""
        return self.credentials.access_key

    @property
    def secret_key(self) -> str:
        """The secret key of the first requester."""
        return self.credentials.secret_key

    def client(self, **options: Any) -> Client:
        """
        Make a client of the first requester.

        Args:
            **options: Whatever else :class:`aioturk.Client` takes.
        """
        from aioturk.client import Client  # the one place where the marketplace knows the client

        return Client(self.url, **{"credentials": self.credentials, **options})

    @property
    def faults(self) -> Faults | None:
        """The troubles on purpose; set it to change them while the market runs."""
        return self._mischief.faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._mischief.faults = faults
        self._house.lag = 0 if faults is None else faults.lag_milliseconds

    # For workers.

    def worker(self, worker_id: str, *, environment: str = "sandbox") -> Worker:
        """
        Return a worker; any well-formed id will do, unless strangers are refused (`strict_workers`).

        Args:
            worker_id: ``A`` and more capital letters and digits.
            environment: Where they work; HITs made through this marketplace's own address are in the sandbox.
        """
        return Worker(self._house, worker_id, environment)

    @property
    def site_url(self) -> str:
        """Where people reach the worker site."""
        if self._runner is None:
            raise ConfigurationError("The marketplace listens only within `async with Marketplace(...)`.")
        return self._site.origins.site

    async def invite(
        self,
        address: str,
        *,
        name: str | None = None,
        worker_id: str | None = None,
        groups: Sequence[str] = (),
        environment: str | None = None,
    ) -> str:
        """
        Invite somebody to work, where there are accounts; return the link, which is to be sent to nobody else.

        Invited again, the same person gets a new link, with which to set a new password; older ones end.

        Args:
            address: The e-mail address to sign in with.
            name: What to call the person.
            worker_id: The id; without one, that of the address, else a new one.
            groups: Names of qualifications that the person has from now on.
            environment: Where they work, which is what the site shows.

        Raises:
            InvalidRequest: This is no address, no id or no name, or it belongs to somebody else; or the site does not
                show that environment.
        """
        shown = self._site.environment
        if environment not in (None, shown):
            raise InvalidRequest(
                f"is {environment!r}, but this site shows {shown}, so the link would lead nowhere. Nobody was invited: "
                f"give the marketplace site_environment={environment!r} to have people work there.",
                argument="environment",
                sending=False,
            )
        found = await self._house.act(
            lambda context: inviting.invite(context, address, name, worker_id, groups), environment=shown
        )
        return invitation_link(self.site_url, found.token)

    async def forget(self, person: str, *, environment: str | None = None) -> str:
        """
        Forget who is behind a worker's id: name, address, password and invitations; return the id.

        The id stays, with all that was done under it, and whoever is signed in under it no longer is.

        Args:
            person: The worker's id, or the address of e-mail.
            environment: Where the id works; without it, what the site shows. An address is known in one alone.

        Raises:
            InvalidRequest: Nothing is known of anybody who is called so.
        """
        shown = environment or self._site.environment
        found = await self._house.act(lambda context: forgetting.person(context, person), environment=shown)
        await self._house.act(
            lambda context: forgetting.forget(context, found.worker_id), environment=found.environment
        )
        return found.worker_id

    async def moments(self, assignment_id: str, *, environment: str = "sandbox") -> Moments:
        """
        Tell when what was done about an assignment: previewed, accepted, begun, submitted, decided.

        Raises:
            AssignmentDoesNotExist: There is none.
        """
        return await self._house.act(lambda context: moments.moments(context, assignment_id), environment=environment)

    async def add_worker(self, worker_id: str, *, origin: str = "person", environment: str = "sandbox") -> Worker:
        """
        Make a worker known, and say what kind of worker it is; return them.

        Only needed where strangers are refused (`strict_workers`), or for workers who are not persons.

        Args:
            worker_id: ``A`` and more capital letters and digits.
            origin: ``"person"``, ``"script"`` or ``"model"``.
            environment: Where they work.

        Raises:
            InvalidRequest: The id is no worker's id, or there is no such origin.
        """
        worker = self.worker(worker_id, environment=environment)
        await self._house.act(lambda context: people.add(context, worker_id, origin), environment=environment)
        return worker

    async def work(
        self,
        answer: robots.Script,
        workers: int | Sequence[str] = 20,
        *,
        error_rate: float = 0.0,
        mistake: robots.Mistake | None = None,
        think_time: robots.ThinkTime = 0.0,
        abandonment: float = 0.0,
        no_shows: float = 0.0,
        turn_clock: bool = True,
        seed: int | None = None,
        environment: str = "sandbox",
    ) -> robots.WorkDone:
        """
        Let scripted workers do every HIT that they may, and return when nothing is left for them.

        They meet the requirements that they meet: `Worker.configure` says more about who has an id.

        Args:
            answer: ``answer(hit)`` or ``answer(hit, worker_id)``, plain or async: the fields to submit, or None to
                return the HIT. Its exceptions end the work.
            workers: How many, or their ids.
            error_rate: How often a worker gets it wrong, between 0 and 1.
            mistake: ``mistake(hit, fields, random)``: what they submit then.
            think_time: How long they take for a HIT: seconds or a timedelta, a pair ``(least, most)``, or
                ``think_time(hit, random)``. Who takes longer than the HIT allows, loses it.
            abandonment: How often an accepted HIT is neither submitted nor returned, between 0 and 1. The clock is
                turned to its deadline when nothing else is left, so that another worker can do it.
            no_shows: How often a worker never turns up, between 0 and 1.
            turn_clock: Whether time is what the market's clock is turned ahead by: nobody waits, and what becomes due
                on the way happens. Otherwise workers really wait while they think, and what they abandon is left.
            seed: Makes ids, mistakes and everything else that is random the same in every run; with a SQLite database,
                also who does which HIT.
            environment: Where they work.

        Raises:
            InvalidRequest: An argument makes no sense.
        """
        manners = robots.Manners(
            error_rate=error_rate,
            mistake=mistake,
            think_time=think_time,
            abandonment=abandonment,
            no_shows=no_shows,
        )
        return await robots.run(
            self._house,
            answer,
            workers=workers,
            environment=environment,
            manners=manners,
            seed=seed,
            clock=None if turn_clock else self._clock,
        )

    # Requesters, and money. All of this is the owner's alone: nothing of it can be done through the API.

    async def add_requester(
        self,
        name: str,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
        balance: Decimal | str | int | None = None,
    ) -> Credentials:
        """
        Let another requester in, who sees nothing of what others have; return its keys.

        When there is one of that name already, it stays as it is, but for keys that are given here.

        Args:
            name: A name of your choice. The first requester's is ``"default"``.
            access_key: The access key to accept. Without one: the oldest that it has, else a new one.
            secret_key: The secret that belongs to it.
            balance: What its accounts start with, in dollars, when the marketplace keeps account of money; without it,
                as much as everybody's.

        Raises:
            ConfigurationError: Half of the keys, or another requester has the access key.
        """
        return await self._house.add_requester(name, _both(access_key, secret_key), balance=cents_of(balance))

    async def add_key(
        self,
        requester: str = "default",
        *,
        read_only: bool = False,
        spending_cap: Decimal | str | int | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
    ) -> Credentials:
        """
        Give a requester another key, perhaps one that is good for less; given again, a key gets the new limits.

        Args:
            requester: Whose.
            read_only: Whether it is good for the operations that get and list alone.
            spending_cap: How many dollars may be committed with it in all: the rewards and fees of every assignment
                that it offers, and bonuses. What was committed stays so, even if the work is never done.
            access_key: The access key; without one, a new one.
            secret_key: The secret that belongs to it.

        Raises:
            ConfigurationError: There is no such requester, or another one has the access key.
        """
        wanted, limits = _both(access_key, secret_key), owner.Limits(read_only, cents_of(spending_cap))
        return await self._house.change_keys(lambda context: owner.add_key(context, requester, wanted, limits))

    async def revoke_key(self, access_key: str) -> None:
        """
        Take a key back: from now on nothing is done for whoever has it.

        Raises:
            ConfigurationError: There is no such key.
        """
        await self._house.change_keys(lambda context: owner.revoke_key(context, access_key))

    async def add_money(
        self, amount: Decimal | str | int, *, requester: str = "default", environment: str = "sandbox"
    ) -> None:
        """
        Put dollars into the account of a requester.

        Raises:
            ConfigurationError: There is no such requester.
            InvalidRequest: The marketplace keeps no account of money: it was made without a balance.
        """
        cents = cents_of(amount) or 0
        await self._house.act(
            lambda context: owner.add_money(context, requester, environment, cents), environment=environment
        )

    async def pay_out(
        self, worker_id: str, amount: Decimal | str | int | None = None, *, environment: str = "sandbox"
    ) -> Decimal:
        """
        Write down that a worker was paid, by whatever way you pay; return the dollars.

        Args:
            worker_id: Who was paid.
            amount: How much; without it, everything that is owed.
            environment: Where it was earned.

        Raises:
            InvalidRequest: There is no such worker, or less is owed. Nothing is written down then.
        """
        cents = cents_of(amount)
        paid = await self._house.act(
            lambda context: owner.pay_worker(context, worker_id, cents), environment=environment
        )
        return dollars(paid)

    async def earnings(self, worker_id: str, *, environment: str = "sandbox") -> Earnings:
        """Return what a worker has earned, may yet earn, was paid and is owed."""
        found = await self._house.act(lambda context: owner.earnings(context, worker_id), environment=environment)
        return Earnings(dollars(found.earned), dollars(found.paid), dollars(found.pending))

    async def ledger(self) -> list[Movement]:
        """Return every movement of money, the earliest first; each goes from one purse into another."""
        return await self._house.act(lambda context: context.store.money.movements())

    # The Crowd API.

    def add_crowd_function(
        self,
        name: str,
        *,
        answer: CrowdAnswer | None = None,
        task: TaskDefinition | None = None,
        check: CrowdCheck | None = None,
        result: CrowdResult | None = None,
        enough: int | None = None,
        approve: bool = True,
        test_answer: CrowdAnswer | None = None,
        timeout: float | timedelta = 60.0,
    ) -> None:
        """
        Offer a function of the Crowd API, answered by code or by people; one of the same name is replaced.

        ``sentiment-analysis`` is there from the start. Functions are not kept in the database: offer them each time,
        in every process that serves the market.

        Args:
            name: What callers call: 1 to 64 letters, digits, periods, hyphens and underscores.
            answer: Code that answers: ``answer(input)``, plain or async, returns an object (a mapping, a dataclass)
                that JSON can hold. It runs beside everything else, a plain one in a thread. What it raises makes the
                task fail; callers are not told more. A task whose process dies meanwhile is answered anew, so let it
                be something that can be done twice.
            task: What people are asked, an :class:`aioturk.Task`, filled with the input as with a row. Each task of a
                caller becomes a HIT in the caller's sandbox account, and is finished with the HIT.
            check: ``check(input)``, called before a task is made: raises `ValueError`, with a sentence for the caller,
                when the input does not fit.
            result: ``result(answers)``, plain or async: one object made of people's answers, which are of the task's
                type. Without it each field is what most of them say; of several values, the one that came first.
            enough: How many answers that can be read make a result; all that were asked for, unless given. With less
                the task fails.
            approve: Whether the work is approved, and so paid, when the task is finished. What cannot be read, or is
                rejected, is left to the caller.
            test_answer: Code that answers the twin ``name-test``, when its task is asked for. Code answers its own
                twin, unless this is given; people have no twin without it.
            timeout: How long each of these functions may take, in seconds of real time or as a timedelta.

        Raises:
            ConfigurationError: It cannot be called that, or there is not one of `answer` and `task`, or no HITs can be
                made of the task.
        """
        function = made(
            answer=answer,
            task=task,
            check=check,
            result=result,
            enough=enough,
            approve=approve,
            test_answer=test_answer,
            timeout=timeout,
        )
        self._functions.add(name, function)

    # The owner's own.

    async def add_layout(
        self,
        html: str,
        *,
        name: str = "",
        frame_height: int = 0,
        requester: str = "default",
        environment: str = "sandbox",
    ) -> str:
        """
        Keep a page of which HITs can be made; return the id to use as ``HITLayoutId``.

        Args:
            html: The page, with ``${name}`` wherever a HIT's ``HITLayoutParameters`` are to put something. Values go in
                as they are.
            name: What you call it.
            frame_height: The frame's height in pixels; 0 lets the site size it.
            requester: Who may make HITs of it.
            environment: Where.

        Raises:
            ConfigurationError: There is no such requester.
            InvalidRequest: No HIT could be made of the page.
        """
        return await self._house.act(
            lambda context: layouts.add_layout(context, requester, html, name=name, frame_height=frame_height),
            environment=environment,
        )

    def now(self) -> datetime:
        """Return the market's time."""
        return self._house.time()

    @property
    def notifications(self) -> NotificationLog:
        """Every message about an event that a requester wanted to know of, sent or not: await it, or walk it."""
        return NotificationLog(self._house, self._courier)

    async def advance(self, by: timedelta) -> None:
        """
        Turn the clock ahead: expiry, abandonment, auto-approval happen on the way, each at its own time, in order.

        Raises:
            InvalidRequest: The time is negative.
        """
        await self._house.advance(by)


def cents_of(amount: Decimal | str | int | None) -> int | None:
    """
    Return a sum of dollars in cents; None is no sum.

    Raises:
        ConfigurationError: It is not a sum of money.
    """
    if amount is None:
        return None
    try:
        cents = Decimal(amount).scaleb(2, context=EXACT)
        if cents == cents.to_integral_value() and 0 <= cents < 10**17:
            return int(cents)
    except (InvalidOperation, TypeError, ValueError):
        pass
    raise ConfigurationError(f"{amount!r} is no sum of money: write dollars, with at most two decimals.")


def _both(access_key: str | None, secret_key: str | None) -> Credentials | None:
    if access_key is not None and secret_key is not None:
        return Credentials(access_key, secret_key)
    if access_key is None and secret_key is None:
        return None
    raise ConfigurationError("access_key and secret_key belong together: give both, or neither.")
