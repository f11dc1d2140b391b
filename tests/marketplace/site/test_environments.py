"""Sandbox and production, each with a site of its own: by Amazon's names for them, and by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace import Marketplace
from tests.marketplace.support import ANNA, HIT, PRODUCTION, SCHEMAS, Requester, StillClock, post

from .visitor import Page, Visitor

SANDBOX_SITE, *PRODUCTION_SITES = "workersandbox.mturk.com", "worker.mturk.com", "www.mturk.com"
PAGE = (
    f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[<!DOCTYPE html><form '
    'action="https://www.mturk.com/mturk/externalSubmit"><p>Do it]]></HTMLContent><FrameHeight>0</FrameHeight>'
    "</HTMLQuestion>"
)


@pytest.fixture
async def market(database: str | None) -> AsyncIterator[Marketplace]:
    """A marketplace with a site for each environment."""
    async with Marketplace(database, clock=StillClock(), amazon_sites=True) as market:
        yield market


async def production_hit(market: Marketplace, **members: Any) -> dict[str, Any]:
    """Create a HIT in production."""
    made: dict[str, Any] = (await post(market, "CreateHIT", {**HIT, **members}, host=PRODUCTION)).json["HIT"]
    return made


async def site_of(market: Marketplace, visitor: Visitor, host: str) -> str:
    """Where one of Amazon's names leads."""
    page = await visitor.get("/", headers={"Host": host}, follow=False)
    assert page.status == 307
    return page.headers["Location"].removesuffix("/")


async def sign_in(visitor: Visitor, site: str, worker_id: str = ANNA) -> Page:
    """Sign in at a site."""
    address = f"{site}/sign_in"
    fields = (await visitor.get(address)).form("/sign_in")
    return await visitor.post(address, {**fields, "worker_id": worker_id})


async def test_each_environment_has_its_site(market: Marketplace, turk: Requester) -> None:
    """Amazon's names lead to two sites at addresses of their own: HITs of one are unknown in the other."""
    hits = {"sandbox": await turk.hit(Title="Sand"), "production": await production_hit(market, Title="Gold")}
    async with Visitor(market) as anna:
        sandbox, production, www = [await site_of(market, anna, host) for host in (SANDBOX_SITE, *PRODUCTION_SITES)]
        assert (sandbox, production) == (market.site_url, www)
        assert urlsplit(sandbox).netloc != urlsplit(production).netloc
        for site, own, other in ((sandbox, "sandbox", "production"), (production, "production", "sandbox")):
            assert hits[own]["Title"] in (await sign_in(anna, site)).words
            for environment, status in ((own, 200), (other, 404)):
                page = await anna.get(f"{site}/projects/{hits[environment]['HITGroupId']}/tasks")
                assert page.status == status


@pytest.mark.parametrize("host", [SANDBOX_SITE, *PRODUCTION_SITES, "Worker.mturk.com:443", "worker.mturk.com.:80"])
async def test_links_lead_there_whole(market: Marketplace, host: str) -> None:
    """A link to Amazon's site leads to the same page of ours, with all that stands in it; a form goes along."""
    async with Visitor(market) as anna:
        for path in ("/projects/3X%2FY/tasks?ref=w&a=%26", "//example.org/x", "/mturk/preview?groupId=3G"):
            page = await anna.get(f"{market.site_url}{path}", headers={"Host": host}, follow=False)
            where = page.headers["Location"]
            assert (page.status, urlsplit(where).hostname) == (307, "127.0.0.1")
            assert where.endswith(path)
        page = await anna.post("/projects/3X/tasks/accept_random", {"a": "1"}, headers={"Host": host}, follow=False)
        assert page.status == 307
        assert page.headers.get("Set-Cookie") is None


async def test_work_in_production(market: Marketplace) -> None:
    """Somebody works in production from the old link on; whatever the frame has to do with is production's site."""
    hit = await production_hit(market, Question=PAGE)
    async with Visitor(market) as anna:
        site = await site_of(market, anna, "worker.mturk.com")
        await sign_in(anna, site)
        old = await anna.get(
            f"/mturk/preview?groupId={hit['HITGroupId']}", headers={"Host": "www.mturk.com"}, follow=False
        )
        preview = await anna.get(old.headers["Location"])
        assert preview.path == f"/projects/{hit['HITGroupId']}/tasks"
        path = f"{preview.path}/accept_random"
        task = await anna.post(urljoin(site, path), preview.form(path))
        frame = await anna.get(task.frame())
        assert f'action="{site}/mturk/externalSubmit"' in frame.text
        assert f"frame-ancestors {site}" in frame.headers["Content-Security-Policy"]
        done = await anna.post(
            f"{site}/mturk/externalSubmit", {"assignmentId": task.query["assignment_id"], "age": "1"}
        )
        assert done.path == "/tasks/submitted"
    found = (await post(market, "GetHIT", {"HITId": hit["HITId"]}, host=PRODUCTION)).json["HIT"]
    assert found["HITStatus"] == "Reviewable"


@pytest.mark.parametrize("host", PRODUCTION_SITES)
async def test_answers_are_taken_by_name(market: Marketplace, host: str) -> None:
    """What is submitted to Amazon's name is taken at once, in its environment, as not every program sends it again."""
    hit = await production_hit(market)
    held = await market.worker(ANNA, environment="production").accept(hit["HITId"])
    fields = {"assignmentId": held, "age": "1"}
    async with Visitor(market) as anna:
        wrong = await anna.post("/mturk/externalSubmit", fields, headers={"Host": SANDBOX_SITE}, follow=False)
        assert wrong.status == 404
        done = await anna.post("/mturk/externalSubmit", fields, headers={"Host": host}, follow=False)
        assert done.status == 302
        assert done.headers["Location"].startswith(await site_of(market, anna, host))


async def test_the_two_sites_share_nothing(market: Marketplace, turk: Requester) -> None:
    """A session, a form's token and the address of a frame of one site are worth nothing at the other."""
    hit = await turk.hit(Question=PAGE)
    async with Visitor(market) as anna:
        production = await site_of(market, anna, "worker.mturk.com")
        await anna.sign_in(ANNA)
        assert (await anna.get(f"{production}/projects", follow=False)).status == 302
        frame = urlsplit((await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame())
        tasks = f"localhost:{urlsplit(production).port}"
        assert (await anna.get(frame.geturl())).status == 200
        assert (await anna.get(frame._replace(netloc=tasks).geturl())).status == 403
        token = (await anna.get("/projects")).form("/sign_out")
        assert (await anna.post(f"{production}/sign_out", token)).status == 422


async def test_names_of_others_lead_nowhere(database: str | None) -> None:
    """Other names at mturk.com are no site; nor is production where nobody has asked for its site."""
    async with Marketplace(database, amazon_sites=True) as market, Visitor(market) as anna:
        for host in ("mturk.com", "requester.mturk.com", "worker.mturk.com.example.org"):
            assert (await anna.get("/projects", headers={"Host": host}, follow=False)).status == 421
    async with Marketplace() as market, Visitor(market) as anna:
        assert (await anna.get("/projects", headers={"Host": "worker.mturk.com"}, follow=False)).status == 421


async def test_a_site_of_production_alone() -> None:
    """With `site_environment` the one site there is shows production, and people are invited to it."""
    async with Marketplace(site_environment="production", accounts=True, clock=StillClock()) as market:
        await production_hit(market, Title="Gold")
        path = urlsplit(await market.invite("anna@example.org")).path
        async with Visitor(market) as anna:
            page = await anna.get(path)
            fields = {**page.form(path), "password": "correct horse battery", "again": "correct horse battery"}
            assert "Gold" in (await anna.post(path, fields)).words


@pytest.mark.parametrize(("shown", "other"), [("sandbox", "production"), ("production", "sandbox")])
async def test_nobody_is_invited_where_nothing_is_shown(shown: str, other: str) -> None:
    """An invitation to what the site does not show is refused, with what would show it."""
    async with Marketplace(site_environment=shown, accounts=True) as market:
        with pytest.raises(InvalidRequest, match=f"site_environment='{other}'"):
            await market.invite("anna@example.org", environment=other)
        assert await market.invite("anna@example.org", environment=shown)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"site_environment": "live"}, "sandbox or production"),
        ({"amazon_sites": True, "accounts": True}, "without accounts"),
    ],
)
def test_what_is_not_served(options: dict[str, Any], told: str) -> None:
    """There are two environments, and both at once only for oneself."""
    with pytest.raises(ConfigurationError, match=told):
        Marketplace(**options)
