"""
Every address of the worker site, and the steps that each request goes through.

It stands beside the API in one application (`aioturk.marketplace.app`), on the same house.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from aiohttp import web

from aioturk.errors import ServiceError, TurkError
from aioturk.marketplace.proxy import WORKER_HOSTS, host_named
from aioturk.marketplace.site import accounts, earning, finding, qualifying, requester, serving, signing_in, working
from aioturk.marketplace.site.frames import SUBMIT_PATH
from aioturk.marketplace.site.reading import posted
from aioturk.marketplace.site.refusing import Refused, SignedOut
from aioturk.marketplace.site.rendering import page_headers
from aioturk.marketplace.site.site import Site
from aioturk.marketplace.site.visits import Route, Visit

__all__ = ["SiteApplication"]

_log = logging.getLogger(__name__)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ROUTES: Final = (*finding.ROUTES, *working.ROUTES, *earning.ROUTES, *qualifying.ROUTES, *requester.ROUTES)
"""Every page, but for those on which one signs in."""

STATUSES: Final = {
    "AccessDenied": 403,
    "AssignmentAlreadyExists": 409,
    "AssignmentDoesNotExist": 404,
    "DoesNotMeetRequirements": 403,
    "HITDoesNotExist": 404,
    "HITTypeDoesNotExist": 404,
    "InvalidAssignmentState": 409,
    "NoHITsAvailableInGroup": 404,
    "NoMoreWorkableHITsInGroup": 404,
    "PermissionDenied": 403,
    "QualificationTypeDoesNotExist": 404,
    "ServiceFault": 500,
    "Throttled": 429,
}
"""What a refusal of the service is to a browser; 422 for all others."""

TROUBLES: Final = {
    404: "There is no page at this address.",
    405: "This address does not take what was sent. Nothing was done.",
    413: "This is too long to be sent here. Nothing was done.",
}
"""What is wrong with a request that gets to no page."""


_SIGN_IN_FIRST: Final = "Sign in first. Nothing was done."

_BROUGHT: Final = (
    "This marketplace is for one computer: everybody who reaches it can say that they are anybody. Your request was "
    "passed on by a proxy or a tunnel, so nothing was done. To have others work here, serve it with accounts; if the "
    "proxy is yours, and nobody else can use it, name its address (trusted_proxies).\n"
)


class SiteApplication:
    """
    Answers requests for pages.

    Args:
        sites: What the pages have in common, for each environment that has a site; the first is the one that a host
            name leads to which is none of theirs.
    """

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = tuple(sites)
        self._of_amazon = {
            name: site
            for name, environment in WORKER_HOSTS.items()
            for site in sites
            if site.environment == environment
        }
        self.entrance: _Handler = self._handler(Route("GET", "/", finding.projects))
        """Answers whoever asks for nothing in particular."""

    def routes(self) -> Iterator[web.RouteDef]:
        """Yield the routes for the application."""
        for route in (*(accounts.ROUTES if self._sites[0].has_accounts else signing_in.ROUTES), *ROUTES):
            yield web.route(route.method, route.path, self._handler(route))
        yield web.get("/frames/{ticket}", self._frame)
        yield web.get("/static/{name}", self._static)

    # The site's own pages.

    def _handler(self, route: Route) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            # 1. Is it the site that is asked? What runs at the tasks' origin gets no page of ours.
            site = self._at(request)
            if not route.in_frames and not site.origins.is_site(request.headers.get("Host", "")):
                return _elsewhere(site, request)
            if site.is_brought(request):
                return web.Response(status=403, text=_BROUGHT, headers=page_headers(site.origins))
            # 2. Who is there.
            session = site.session(request)
            visit = Visit(site, request, session, in_frame=route.in_frames, for_requester=route.for_requester)
            try:
                response = await self._answer(route, visit)
            except SignedOut:
                response = await self._signed_out(visit)
            except Refused as refused:
                response = self._declined(visit, refused.text, refused.status)
            except ServiceError as refusal:
                response = self._declined(visit, refusal.message, STATUSES.get(type(refusal).__name__, 422))
            except TurkError as trouble:
                response = self._declined(visit, str(trouble), 422)
            except web.HTTPException:
                raise
            except Exception:
                _log.exception("%s %s failed", request.method, request.path)
                response = self._declined(visit, "Something went wrong here. What you did may not have been done.", 500)
            response.headers.update(page_headers(site.origins, in_frames=route.in_frames))
            return response

        return handle

    async def _signed_out(self, visit: Visit) -> web.Response:
        if visit.wants_json:
            response = self._declined(visit, _SIGN_IN_FIRST, 401)
        else:
            response = visit.go(signing_in.address(visit.request.path_qs if _is_looking(visit) else "/projects"))
        await visit.sign(response, visit.session.as_worker(None))
        return response

    async def _answer(self, route: Route, visit: Visit) -> web.StreamResponse:
        _require_text(visit.request.path, *visit.query.values())
        # 3. Is anybody signed in, where somebody has to be?
        if sign_in := _missing(route, visit):
            if visit.wants_json or not _is_looking(visit):
                raise Refused(_SIGN_IN_FIRST, 401)
            return visit.go(sign_in(visit.request.path_qs))
        # 4. Was the form made here?
        if route.method == "POST":
            visit.form = dict(await posted(visit.request))  # of several with one name, the last
            if not route.in_frames:  # answers may be what they like
                _require_text(*visit.form.values())
            if route.checks_token:
                visit.check_token()
        # 5. The page.
        return await route.page(visit)

    def _declined(self, visit: Visit, text: str, status: int) -> web.Response:
        if visit.wants_json:
            return web.json_response({"message": text}, status=status)
        template = "refused.html" if visit.in_frame else "declined.html"
        if visit.for_requester:
            template = "requester/declined.html"
        return visit.show(template, status=status, text=text, sent=visit.sent)

    def _at(self, request: web.Request) -> Site:
        """Return the site that a request is for."""
        host = request.headers.get("Host", "")
        for site in self._sites:
            if site.origins.is_site(host) or site.origins.is_tasks(host):
                return site
        return self._of_amazon.get(host_named(host), self._sites[0])

    def sent_on(self, request: web.Request) -> web.Response | None:
        """
        Lead whoever asks for one of Amazon's sites by its name to the one that we have in its place.

        It has an address of its own, with cookies of its own, so that nothing there depends on whose name was asked
        for. What a task submits is taken as it comes: not every program sends a form again.

        Returns:
            Where it is; None if this is to be answered as it stands.
        """
        site = self._of_amazon.get(host_named(request.headers.get("Host", "")))
        if site is None or request.path == SUBMIT_PATH:
            return None
        # 307: the method stays as it is, and the form goes along.
        headers = {"Location": site.origins.site + request.rel_url.raw_path_qs, "Cache-Control": "no-store"}
        return web.Response(status=307, headers=headers, text=f"The site is at {site.origins.site}.\n")

    def nothing_there(self, request: web.Request, trouble: web.HTTPException) -> web.Response | None:
        """
        Answer what no page answers: an address that is none, a method that it does not take, a form that is too long.

        People get a page of the site that says so; programs, and whoever asks for another host, a sentence.

        Args:
            request: The request.
            trouble: What is wrong with it.

        Returns:
            The page; None for a sentence, which is the trouble itself.
        """
        site = self._at(request)
        if not site.origins.is_site(request.headers.get("Host", "")):
            return None
        trouble.headers.update(page_headers(site.origins))
        if "text/html" not in request.headers.get("Accept", ""):
            return None
        is_requesters = request.path.startswith("/requester/")
        visit = Visit(site, request, site.session(request), for_requester=is_requesters)
        response = self._declined(visit, TROUBLES.get(trouble.status, trouble.reason), trouble.status)
        response.headers.update(page_headers(site.origins))
        if "Allow" in trouble.headers:
            response.headers["Allow"] = trouble.headers["Allow"]
        return response

    # The tasks' origin.

    async def _frame(self, request: web.Request) -> web.StreamResponse:
        site = self._at(request)
        if not site.origins.is_tasks(request.headers.get("Host", "")):
            return web.Response(status=421, text=f"Tasks are shown at {site.origins.tasks}.\n")
        return await serving.frame(site, request)

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return serving.static(request.match_info["name"])


def _elsewhere(site: Site, request: web.Request) -> web.Response:
    """Send somebody on who came by the tasks' host name, and nobody else: a stranger's name must not lead here."""
    is_tasks = site.origins.is_tasks(request.headers.get("Host", ""))
    if is_tasks and request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document":
        return web.Response(status=302, headers={"Location": site.origins.site + request.path_qs})
    text = f"The worker site is at {site.origins.site}.\n"
    return web.Response(status=421, text=text, headers=page_headers(site.origins))


def _missing(route: Route, visit: Visit) -> Callable[[str], str] | None:
    """Return what tells the address where somebody signs in who has to, before the page that they have asked for."""
    if route.for_worker and visit.session.worker_id is None:
        return signing_in.address
    if route.for_requester and visit.session.access_key is None:
        return requester.address
    return None


def _is_looking(visit: Visit) -> bool:
    return visit.request.method in ("GET", "HEAD")


def _require_text(*texts: str) -> None:
    """Refuse what no id and no text of ours holds, before a database does."""
    for text in texts:
        if "\0" in text or any("\ud800" <= each <= "\udfff" for each in text):
            raise Refused("There are characters in this that nobody can write. Nothing was done.", 400)
