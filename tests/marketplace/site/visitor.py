"""Somebody with a browser that runs no scripts: cookies, links and forms over plain HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http.cookies import Morsel
from types import TracebackType
from typing import Protocol
from urllib.parse import parse_qsl, urljoin, urlsplit
from xml.etree.ElementTree import Element

import aiohttp
import html5lib
from yarl import URL

from aioturk.marketplace import Marketplace


class Page:
    """
    What came back.

    Attributes:
        url: Where from, after all redirects.
        status: The status.
        headers: The headers.
        text: The body.
    """

    def __init__(self, url: str, status: int, headers: Mapping[str, str], text: str) -> None:
        self.url, self.status, self.headers, self.text = url, status, headers, text

    @property
    def tree(self) -> Element:
        """The page as a browser reads it."""
        tree: Element = html5lib.parse(self.text, namespaceHTMLElements=False)
        return tree

    @property
    def words(self) -> str:
        """All that can be read on the page."""
        return " ".join("".join(self.tree.itertext()).split())

    @property
    def path(self) -> str:
        """The path that one has ended up at."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the address."""
        return dict(parse_qsl(urlsplit(self.url).query))

    def frame(self) -> str:
        """The address of the task's frame."""
        frame = self.tree.find(".//iframe")
        assert frame is not None, self.words
        return frame.attrib["src"]

    def links(self) -> list[str]:
        """Where links lead to."""
        return [link.attrib["href"] for link in self.tree.iter("a") if "href" in link.attrib]

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form that is sent there, as they stand."""
        for form in self.tree.iter("form"):
            if form.attrib.get("action", "").startswith(action):
                return {
                    field.attrib["name"]: field.attrib.get("value", "")
                    for field in form.iter("input")
                    if "name" in field.attrib and field.attrib.get("type") not in ("checkbox", "radio", "submit")
                }
        raise AssertionError(f"no form is sent to {action}: {self.words}")


class HasSite(Protocol):
    """What says where its site is."""

    @property
    def site_url(self) -> str: ...


class Visitor:
    """
    Somebody who visits a site; an async context manager.

    Args:
        market: The marketplace, or whatever else says where its site is.
        headers: What goes with each request.
    """

    def __init__(self, market: HasSite, headers: Mapping[str, str] | None = None) -> None:
        self.market = market
        self._session = aiohttp.ClientSession(
            headers=headers, cookie_jar=aiohttp.CookieJar(unsafe=True), auto_decompress=True
        )

    async def __aenter__(self) -> Visitor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    @property
    def cookies(self) -> list[Morsel[str]]:
        """The cookies that sites have set."""
        return list(self._session.cookie_jar)

    async def get(self, path: str | URL, *, follow: bool = True, headers: Mapping[str, str] | None = None) -> Page:
        """Open an address of the site, or a whole one."""
        return await self._ask("GET", path, None, follow, headers)

    async def head(self, path: str | URL) -> Page:
        """Ask for the headers of an address alone, and not for those of where it leads to."""
        return await self._ask("HEAD", path, None, False, None)

    async def post(
        self,
        path: str | URL,
        fields: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        *,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Send a form."""
        return await self._ask("POST", path, fields, follow, headers)

    async def send(self, page: Page, action: str, **fields: str) -> Page:
        """Fill in the form on a page that is sent there, and send it."""
        return await self.post(action, {**page.form(action), **fields})

    async def sign_in(self, worker_id: str) -> Page:
        """Sign in as a worker, on this computer."""
        return await self.send(await self.get("/sign_in"), "/sign_in", worker_id=worker_id)

    async def accept(self, group_id: str) -> Page:
        """Preview a group and accept a HIT of it."""
        path = f"/projects/{group_id}/tasks"
        return await self.send(await self.get(path), f"{path}/accept_random")

    async def _ask(
        self,
        method: str,
        path: str | URL,
        fields: Mapping[str, str] | Sequence[tuple[str, str]] | None,
        follow: bool,
        headers: Mapping[str, str] | None,
    ) -> Page:
        url = path if isinstance(path, URL) else urljoin(self.market.site_url, path)
        data = None if fields is None else aiohttp.FormData(fields)
        async with self._session.request(method, url, data=data, allow_redirects=follow, headers=headers) as answer:
            return Page(str(answer.url), answer.status, answer.headers, await answer.text())


def submit_to(market: Marketplace) -> str:
    """Where tasks are submitted to."""
    return f"{market.site_url}/mturk/externalSubmit"
