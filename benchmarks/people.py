"""
People at work, for `benchmarks.site`: what their browsers ask for, and how long they take to look and think.

They sign in with a password, choose something from the list, preview and accept it, open the frame, think, tell their
moments as the page's script does, submit, and go on. Half of them have the next HIT accepted by itself.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from types import TracebackType

import aiohttp
from yarl import URL

from aioturk.marketplace.site.form_fields import field_name

__all__ = ["PASSWORD", "THINKS", "Person", "Seen", "address"]

PASSWORD = "correct horse battery"
"""Everybody's."""

THINKS = (2.0, 8.0)
"""Seconds that somebody takes for a task, drawn evenly."""
_LOOKS = (1.0, 3.0)
"""The same for a look at the list or at a preview."""
_KEEPS_GOING = 0.5
"""The share of the people who have the next HIT accepted by itself."""
_BACK_TO_LIST = 0.1
"""How often somebody looks for something else after a HIT."""

_OTHERS = ("moments", "script or style", "sign in")
"""
What is no page that somebody at work waits for: the moments are told behind their backs. Passwords are slow by design.
"""

_LOADED_ONCE = (
    *("site.css", "times.js", "task.js", "frame.js", "drafts.js", "submitted.js"),
    *("question-form.css", "question-form.js"),
)
"""Scripts and styles, which a browser keeps."""

_RACES = ("accept", "preview", "frame of a preview")
"""What may be answered by saying that somebody else was faster."""


def address(number: int) -> str:
    """Return the address with which somebody signs in."""
    return f"person{number}@example.org"


@dataclass
class Seen:
    """
    What people came upon.

    Attributes:
        since: When it begins to count, by `time.perf_counter`: some seconds after the last one has signed in.
        until: When it ends.
        seconds: How long pages took, by their kinds.
        early: How long pages of any kind took before.
        signing_in: How long it took to sign in, which everybody does before it counts.
        errors: What went wrong, at whatever time.
        late: How often others were faster: between looking at a HIT and asking for it, they took all of it.
        submitted: How many answers were taken, at whatever time.
    """

    since: float = float("inf")
    until: float = float("inf")
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    early: list[float] = field(default_factory=list)
    signing_in: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    late: int = 0
    submitted: int = 0

    def took(self, kind: str, begun: float) -> None:
        """Count a page that was asked for at that time, and has just come."""
        if begun < self.since and kind not in _OTHERS:
            self.early.append(time.perf_counter() - begun)
        elif self.since <= begun < self.until:
            self.seconds[kind].append(time.perf_counter() - begun)

    @property
    def pages(self) -> list[float]:
        """How long pages of all kinds took."""
        return [each for kind, all_of_them in self.seconds.items() if kind not in _OTHERS for each in all_of_them]


@dataclass(frozen=True)
class Page:
    """What came back in the end."""

    url: URL
    text: str

    def first(self, pattern: str) -> str:
        """Return what the first match encloses."""
        found = re.search(pattern, self.text)
        if found is None:
            raise Unexpected(f"{self.url.path}: no {pattern}")
        return unescape(found[1])

    @property
    def token(self) -> str:
        """What the forms of the page carry."""
        return self.first(r'name="authenticity_token" value="([^"]*)"')


class Unexpected(Exception):
    """The site answered with something that nobody should get."""


class Late(Exception):
    """The site answered that others have taken the HIT meanwhile."""


class Busy(Exception):
    """The site asked to try again, as so many passwords are being checked."""


class Person:
    """
    Somebody at work, with a browser of their own.

    Args:
        number: Which of them.
        url: Where the site is.
        seen: What they come upon goes there.

    Attributes:
        has_signed_in: Set when they have.
    """

    def __init__(self, number: int, url: str, seen: Seen) -> None:
        self._number = number
        self._url = URL(url)
        self._seen = seen
        self._chance = random.Random(number)
        self.has_signed_in = asyncio.Event()
        self._auto_accept = self._chance.random() < _KEEPS_GOING
        connector = aiohttp.TCPConnector(limit=6)
        self._browser = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True))
        # The tasks' origin has no cookies, and what is sent from there to the site carries none.
        self._frame = aiohttp.ClientSession(
            connector=connector, connector_owner=False, cookie_jar=aiohttp.DummyCookieJar()
        )

    async def __aenter__(self) -> Person:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._frame.close()
        await self._browser.close()

    async def work(self, *, after: float) -> None:
        """Come after so many seconds, and work until time is up."""
        await asyncio.sleep(after)
        page = await self._sign_in()
        while time.perf_counter() < self._seen.until:
            try:
                page = await self._go_on(page)
            except Late:
                self._seen.late += 1
                page = await self._get("list", "/projects")
            except (Unexpected, aiohttp.ClientError, TimeoutError) as error:
                self._seen.errors.append(f"{type(error).__name__}: {error}")
                await self._wait(_LOOKS)
                page = await self._get("list", "/projects")

    async def _sign_in(self) -> Page:
        for name in _LOADED_ONCE:
            await self._get("script or style", f"/static/{name}")
        page = await self._get("page to sign in on", "/sign_in")
        begun = time.perf_counter()
        fields = {"authenticity_token": page.token, "address": address(self._number), "password": PASSWORD}
        while True:
            try:
                page = await self._post("sign in", "/sign_in", {**fields, "next": "/projects"})
                break
            except Busy:  # they all come from one computer
                await self._wait(_LOOKS)
        self._seen.signing_in.append(time.perf_counter() - begun)
        self.has_signed_in.set()
        return page

    async def _go_on(self, page: Page) -> Page:
        """Do what can be done on a page; return the next one."""
        parts = page.url.path.strip("/").split("/")
        if parts == ["projects"]:
            await self._wait(_LOOKS)
            found = re.findall(r'<a href="(/projects/\w+/tasks)\?', page.text)
            if not found:
                raise Unexpected("nothing is left to do: make more HITs")
            page = await self._get("preview", self._chance.choice(found))
            await self._open_frame(page, "frame of a preview")
            return page
        if len(parts) == 3:
            return await self._accept(page)
        return await self._do(page)

    async def _accept(self, page: Page) -> Page:
        await self._wait(_LOOKS)
        fields = {"authenticity_token": page.token, "hit_id": page.first(r'name="hit_id" value="([^"]*)"')}
        if self._auto_accept:
            fields["auto_accept"] = "true"
        return await self._post("accept", f"{page.url.path}/accept_random", fields)

    async def _do(self, page: Page) -> Page:
        assignment_id = page.url.query["assignment_id"]
        frame = await self._open_frame(page, "frame of a task")
        started = time.perf_counter()
        thinks = self._chance.uniform(*THINKS)
        await asyncio.sleep(1)
        await self._ask(
            "moments",
            "POST",
            page.first(r'data-moments="([^"]*)"'),
            {"first_input_at": "200", "active_seconds": "1"},
            headers={"X-CSRF-Token": page.first(r'data-token="([^"]*)"')},
        )
        await asyncio.sleep(max(started + thinks - time.perf_counter(), 0))
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', frame.text))
        answers = {"seen": "a dog"} if "mturk_form" in frame.text else {field_name(0): "1", field_name(1): "Its words."}
        submitted = await self._ask(
            "submit",
            "POST",
            str(self._url / "mturk/externalSubmit"),
            {**hidden, **answers, "assignmentId": assignment_id},
            session=self._frame,
        )
        submitted.first(r'data-assignment="([^"]+)"')
        self._seen.submitted += 1
        if self._chance.random() < _BACK_TO_LIST:
            return await self._get("list", "/projects")
        following = await self._get("next", page.first(r'data-onward="([^"]*)"'))
        if following.url.path.endswith("/tasks"):
            await self._open_frame(following, "frame of a preview")
        return following

    async def _open_frame(self, page: Page, kind: str) -> Page:
        source = URL(page.first(r'<iframe[^>]* src="([^"]*)"'), encoded=True)
        # Its host name leads to the same server; without this each person's browser would look it up once more.
        host = f"{source.host}:{source.port}"
        return await self._ask(
            kind, "GET", str(source.with_host(self._url.host or "")), None, session=self._frame, headers={"Host": host}
        )

    async def _get(self, kind: str, path: str) -> Page:
        return await self._ask(kind, "GET", path, None)

    async def _post(self, kind: str, path: str, fields: Mapping[str, str]) -> Page:
        return await self._ask(kind, "POST", path, fields)

    async def _ask(
        self,
        kind: str,
        method: str,
        path: str,
        fields: Mapping[str, str] | None,
        *,
        session: aiohttp.ClientSession | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        url = self._url.join(URL(path, encoded=True))
        begun = time.perf_counter()
        async with (session or self._browser).request(method, url, data=fields, headers=headers) as answer:
            text = (await answer.read()).decode()
            self._seen.took(kind, begun)
            if answer.status in (429, 503) and kind == "sign in":
                raise Busy
            if answer.status == 404 and kind in _RACES:
                raise Late
            if answer.status >= 400:
                raise Unexpected(f"{kind}: {answer.status} {' '.join(re.sub('<[^>]*>', ' ', text).split())[-200:]}")
            return Page(answer.url, text)

    async def _wait(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*between))
