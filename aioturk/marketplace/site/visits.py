"""
`Visit`: what a page has at hand. Who asks, what they may act with, and how a page is answered.

The routes are in `aioturk.marketplace.site.application`; every page is a function of a visit.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from aiohttp import web

from aioturk.errors import ServiceError
from aioturk.marketplace.service import accounts, sessions
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.site.attempts import Attempt
from aioturk.marketplace.site.frames import Ticket
from aioturk.marketplace.site.refusing import Refused, SignedOut
from aioturk.marketplace.site.sessions import LASTS, TOKEN_FIELD, Session
from aioturk.marketplace.site.site import Site

__all__ = ["Form", "Page", "Route", "Visit", "is_local"]

T = TypeVar("T")

Page = Callable[["Visit"], Awaitable[web.StreamResponse]]
Form = Mapping[str, str]

SAID: Final = {
    "submitted": "Your answers have come in. Thank you.",
    "returned": "You have returned the HIT.",
    "granted": "You have the qualification now.",
    "pending": "You have asked for it. The requester is going to decide.",
    "changed": "Your password is changed. Everywhere else you are signed out.",
    "tested": "Your answers to the test have come in.",
}
"""What a page says first when somebody comes to it from something that they did."""


_DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Route:
    """
    One address of the site.

    Attributes:
        method: ``"GET"`` or ``"POST"``.
        path: The path, as aiohttp writes patterns.
        page: What answers.
        for_worker: Whether somebody has to be signed in as a worker.
        checks_token: Whether a form has to carry its token.
        in_frames: Whether it is a page that is shown in the frame of a task: for anybody, in no session.
        for_requester: Whether somebody has to be signed in as a requester.
    """

    method: str
    path: str
    page: Page
    for_worker: bool = True
    checks_token: bool = True
    in_frames: bool = False
    for_requester: bool = False


class Visit:
    """
    One request for a page.

    Args:
        site: The site.
        request: The request.
        session: Who is there.
        in_frame: Whether the page is shown in the frame of a task.
        for_requester: Whether it is a page for requesters.
    """

    def __init__(
        self, site: Site, request: web.Request, session: Session, *, in_frame: bool = False, for_requester: bool = False
    ) -> None:
        self.site = site
        self.request = request
        self.session: Session = session
        self.in_frame = in_frame
        self.for_requester = for_requester
        self.environment: str = site.environment
        self.form: Form = {}
        self.sent: Sequence[tuple[str, str]] = ()
        """What came from a task, to be shown if it has to be declined, so that nothing of it is lost."""
        self._is_proven = False

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters in the address."""
        return self.request.query

    @property
    def worker_id(self) -> str:
        """Who is signed in as a worker."""
        assert self.session.worker_id is not None
        return self.session.worker_id

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]

    @property
    def is_own(self) -> bool:
        """Whether it comes from a page of ours, a bookmark, or what somebody typed, and from nobody else's page."""
        # Browsers say so themselves, older ones by the page alone from which they come; programs that say nothing do
        # what they mean to do.
        headers = self.request.headers
        if "Sec-Fetch-Site" in headers:
            return headers["Sec-Fetch-Site"] in ("same-origin", "none")
        before = headers.get("Referer")
        return not before or self.site.origins.is_site_page(before)

    @property
    def is_meant(self) -> bool:
        """Whether a mere link may do something: it is no link of others, and somebody follows it, now."""
        # Mail programs and link checkers ask for the headers alone. Browsers fetch what somebody is perhaps going to
        # open next, such as the address that they have begun to type.
        headers = self.request.headers
        is_early = "prefetch" in headers.get("Sec-Purpose", headers.get("Purpose", ""))
        return self.is_own and self.request.method != "HEAD" and not is_early

    @property
    def wants_json(self) -> bool:
        """Whether programs ask, who want data instead of a page."""
        asked = self.query.get("format")
        return asked == "json" if asked else "application/json" in self.request.headers.get("Accept", "")

    @property
    def computer(self) -> str:
        """Which computer asks, as far as can be told."""
        return self.site.computer(self.request)

    def seconds_until(self, moment: datetime) -> int:
        """Return how long it is until then by the market's time; 0 for what is past."""
        return max(int(moment.timestamp() - self.site.house.now() / 1000), 0)

    def ticket(self, shown_id: str, held_id: str | None, *, is_test: bool = False) -> Ticket:
        """
        Return what lets the worker's frame show something, for as long as the worker is signed in.

        Args:
            shown_id: The HIT, or the qualification.
            held_id: What they hold of it: the assignment, or the request.
            is_test: Whether it is a qualification's test.
        """
        session = self.session
        # What is in work has a deadline of its own. Without the time its frame stays at one address, and a browser that
        # comes back to it has what was typed there.
        issued = 0 if held_id is not None else self.site.house.now() // 1000
        return Ticket(
            self.worker_id,
            shown_id,
            held_id,
            self.environment,
            is_test=is_test,
            generation=session.generation,
            issued=issued,
            session=session.id,
        )

    def guess(self, known_here: str | None = None) -> AbstractContextManager[Attempt]:
        """
        Count a guess at a password or a secret, until it is said to have been right.

        Args:
            known_here: Whose it is, if they have signed in with this browser before: such guesses are counted apart, as
                many people may be behind one address.

        Raises:
            Refused: Too many came from this computer.
        """
        who = self.computer if known_here is None else f"{self.computer} {known_here}"
        return self.site.attempts.guess(who, self.site.house.now() / 1000)

    async def act(self, act: Callable[[Context], T]) -> T:
        """
        Do something as the worker who is signed in; all of it or nothing.

        Raises:
            SignedOut: The session was ended, or all of the worker's account were.
            ServiceError: It is declined, in words for workers.
        """
        session = self.session
        if session.worker_id is None:
            return await self.act_as_site(act)

        def signed_in(context: Context) -> T:
            if sessions.has_ended(context, session.id):
                raise SignedOut
            if self.site.has_accounts:
                there = accounts.account(context, self.worker_id)
                if there is None or there.generation != session.generation:
                    raise SignedOut
            return act(context)

        result = await self.act_as_site(signed_in)
        self._is_proven = True
        return result

    async def act_as_site(self, act: Callable[[Context], T]) -> T:
        """
        Do something that nobody has to be signed in for.

        Raises:
            ServiceError: It is declined, in words for workers.
        """
        try:
            return await self.site.house.act(act, environment=self.environment, actor=self.session.worker_id or "site")
        except ServiceError as refusal:
            refusal.remedy = ""  # remedies are for requesters
            raise

    def show(self, template: str, /, *, status: int = 200, **values: Any) -> web.Response:
        """Answer with a page."""
        common = {
            "here": self.request.path,
            "said": self.said(SAID),
            "has_accounts": self.site.has_accounts,
            "notices": self.site.notices,
            "worker_id": None if self.in_frame else self.session.worker_id,
            "token": self.token(),
        }
        text = self.site.templates.render(template, common | values)
        response = web.Response(text=text, content_type="text/html", status=status)
        # A session that has ended elsewhere must not get younger by a page for which nobody has looked.
        is_good = self._is_proven or self.site.is_anybody(self.session)
        if not self.in_frame and is_good and self.site.sessions.is_to_be_written(self.request, self.session):
            self.site.sessions.write(response, self.session)  # so that the token in the page has its session
        return response

    def go(self, path: str, *, status: int | None = None) -> web.Response:
        """
        Answer by sending the browser to another page of the site.

        Args:
            path: The page.
            status: The status, where programs know one; without it, the one by which browsers always get the page.
        """
        status = status or (303 if self.request.method == "POST" else 302)
        return web.Response(status=status, headers={"Location": path})

    def saying(self, name: str, path: str) -> str:
        """
        Return the address of a page that says first what was done.

        Args:
            name: What it was, by its name in the texts of the page.
            path: The page.
        """
        return f"{path}{'&' if '?' in path else '?'}{name}={self._proof(name)}"

    def said(self, texts: Mapping[str, str]) -> str:
        """Return what the page is to say first: only what this session was sent here with, as any link can name it."""
        return next((text for name, text in texts.items() if self._has_proof(name)), "")

    def _has_proof(self, name: str) -> bool:
        return hmac.compare_digest(self.query.get(name, "").encode("utf-8", "replace"), self._proof(name).encode())

    def _proof(self, name: str) -> str:
        # Of the whole cookie's session, so that a page for requesters can lead to the one on which they sign in.
        token = self.site.sessions.token(self.session)
        return hmac.new(token.encode(), f"done {name}".encode(), hashlib.sha256).hexdigest()[:32]

    def require_proof(self, submitted_id: str) -> None:
        """
        Make sure that a page that says that something was submitted was led to by us, and not by a task.

        Raises:
            Refused: It was not.
        """
        given = self.query.get("proof", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.site.frames.proof(submitted_id).encode()):
            raise Refused("Nothing is known here of what was submitted: see your queue and your dashboard.", 404)

    async def sign(self, response: web.StreamResponse, session: Session) -> None:
        """Have the browser remember another session; the one that there was ends."""
        ended = self.site.sessions.end(self.session, session)
        if ended:
            now = int(time.time() * 1000)
            await self.act_as_site(
                lambda context: sessions.end(context, ended, now=now, until=now + (LASTS + _DAY) * 1000)
            )
        self.session = session
        self.site.sessions.write(response, session)

    def token(self) -> str:
        """Return the token of this session's forms."""
        return self.site.sessions.token(self.session, for_requester=self.for_requester)

    def check_token(self) -> None:
        """
        Make sure that a form was made here, in this session.

        Raises:
            Refused: It was not.
        """
        given = self.form.get(TOKEN_FIELD) or self.request.headers.get("X-CSRF-Token") or ""
        if not self.site.sessions.is_token(self.session, given, for_requester=self.for_requester):
            raise Refused("This form is too old, or was not made here. Nothing was done: go back and reload it.", 422)


def is_local(path: str) -> bool:
    """Say whether an address that somebody gave leads to a page of this site, and nowhere else."""
    # Browsers read backslashes as slashes, and two of them as the beginning of a host; and drop control characters.
    return path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
