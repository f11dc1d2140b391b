"""How sessions end: by signing out, by age, everywhere at once; and what ends with them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from argon2 import PasswordHasher
from sqlalchemy import func, select

from aioturk.marketplace import Marketplace
from aioturk.marketplace.site import passwords
from aioturk.marketplace.site.origins import Origins
from aioturk.marketplace.site.sessions import Session, Sessions
from aioturk.marketplace.store.tables import setting
from tests.marketplace.support import SCHEMAS, Requester, StillClock

from ...postgres import Postgres
from .visitor import Page, Visitor

PASSWORD = "correct horse battery"
PAGE = (
    f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[<!DOCTYPE html><p>Secret work'
    "]]></HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>"
)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have argon2 do as little as it can: that it is slow is not what is tested here."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: cheap)


@pytest.fixture
async def market(database: str | None) -> AsyncIterator[Marketplace]:
    """A marketplace on this computer, with accounts."""
    async with Marketplace(database, clock=StillClock(), accounts=True) as market:
        yield market


async def join(market: Marketplace, anna: Visitor) -> Page:
    """Invite Anna, and have her set a password."""
    path = urlsplit(await market.invite("anna@example.org")).path
    return await anna.send(await anna.get(path), path, password=PASSWORD, again=PASSWORD)


async def enter(market: Marketplace, visitor: Visitor) -> Page:
    """Sign in as the requester."""
    path = "/requester/sign_in"
    page = await visitor.get(path)
    return await visitor.send(page, path, access_key=market.access_key, secret_key=market.secret_key)


def cookies_of(visitor: Visitor) -> dict[str, str]:
    """Copy somebody's cookies."""
    return {each.key: each.value for each in visitor.cookies}


async def written(market: Marketplace, path: str, cookies: dict[str, str]) -> tuple[int, SimpleCookie]:
    """Open a page with these cookies; return the status, and which ones it sets."""
    header = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    url = market.site_url + path
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.get(url, headers=header, allow_redirects=False) as answer,
    ):
        return answer.status, answer.cookies


async def test_signing_out_ends_the_session(market: Marketplace) -> None:
    """Once somebody has signed out, a copy of the cookie is worth nothing; of a worker as of a requester."""
    async with Visitor(market) as anna:
        await join(market, anna)
        await enter(market, anna)
        copied = cookies_of(anna)
        await anna.send(await anna.get("/requester/hits"), "/requester/sign_out")
        assert (await written(market, "/requester/hits", copied))[0] == 302
        assert (await written(market, "/projects", copied))[0] == 200
        await anna.send(await anna.get("/projects"), "/sign_out")
        assert (await written(market, "/projects", copied))[0] == 302


async def test_cookies_are_written_when_they_change(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page brings no cookie along that the browser has, unless it is a day old; and none after 30 days is good."""
    async with Visitor(market) as anna:
        await join(market, anna)
        kept = cookies_of(anna)
    assert await written(market, "/projects", kept) == (200, SimpleCookie())
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + 25 * 3600)
    status, again = await written(market, "/projects", kept)
    assert (status, len(again)) == (200, 1)
    monkeypatch.setattr(time, "time", lambda: began + 31 * 24 * 3600)
    assert (await written(market, "/projects", kept))[0] == 302


def test_a_late_page_brings_no_session_back() -> None:
    """A page that was asked for before somebody signed out does not write their session once they have."""
    sessions = Sessions(b"key", Origins("http://127.0.0.1:1", "http://localhost:1"))
    request = make_mocked_request("GET", "/projects")
    worker = Session.begun().as_worker("A1ANNA")
    both = worker.as_requester("AK", 1000)
    assert sessions.is_to_be_written(request, worker)
    sessions.end(both, both.as_requester(None, 0))
    assert sessions.is_to_be_written(request, worker)
    assert not sessions.is_to_be_written(request, both)
    sessions.end(worker, worker.as_worker(None))
    assert not sessions.is_to_be_written(request, worker)


@pytest.mark.parametrize("has_accounts", [True, False])
async def test_ended_sessions_stay_ended(postgres: Postgres, *, has_accounts: bool) -> None:
    """Signing out ends a session in every process that serves the market, and in those that come after them."""
    opened = partial(Marketplace, postgres.fresh(), clock=StillClock(), accounts=has_accounts)
    async with opened() as market, Visitor(market) as anna:
        hit = await Requester(market).hit(Question=PAGE)
        if has_accounts:
            await join(market, anna)
        else:
            await anna.sign_in("A1ANNA")
        await enter(market, anna)
        frame = urlsplit((await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()).path
        copied = cookies_of(anna)
        async with opened() as other:
            tasks = other.site_url.replace("127.0.0.1", "localhost")
            assert (await written(other, "/projects", copied))[0] == 200
            assert (await written(other, "/requester/hits", copied))[0] == 200
            assert (await anna.get(tasks + frame)).status == 200
            await anna.send(await anna.get("/projects"), "/sign_out")
            assert (await written(other, "/projects", copied))[0] == 302
            assert (await anna.get(tasks + frame)).status == 403
            assert (await written(other, "/requester/hits", copied))[0] == 200
            await anna.send(await anna.get("/requester/hits"), "/requester/sign_out")
            assert (await written(other, "/requester/hits", copied))[0] == 302
        await market.advance(timedelta(days=90))
    async with opened() as later:
        assert (await written(later, "/projects", copied))[0] == 302
        assert (await written(later, "/requester/hits", copied))[0] == 302


async def test_ended_sessions_are_forgotten(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """That a session has ended is kept for as long as its cookie could be good, and no longer."""

    async def kept() -> int:
        statement = select(func.count()).where(setting.c.name.like("ended session %"))
        rows = await market._house.act(lambda context: context.store.settings._session.all(statement, {}))
        return int(rows[0][0])

    began = time.time()
    async with Visitor(market) as anna:
        for day, expected in ((0, 1), (20, 2), (33, 2), (70, 1)):
            monkeypatch.setattr(time, "time", lambda day=day: began + day * 24 * 3600)
            await join(market, anna)
            await anna.send(await anna.get("/projects"), "/sign_out")
            assert await kept() == expected


async def test_an_ended_session_gets_no_younger(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody knows yet that a session has ended, no page writes its cookie anew: it gets old as all do."""
    async with Visitor(market) as anna:
        await join(market, anna)
        copied = cookies_of(anna)
        await anna.send(await anna.get("/projects"), "/sign_out")
    market._site.sessions._ended.clear()  # as after a restart
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + 25 * 3600)
    for path in ("/nowhere", "/requester/sign_in", "/projects?page_size=x", "/sign_in"):
        _, cookies = await written(market, path, copied)
        assert not set(cookies) & set(copied)


async def test_signing_out_reaches_frames(market: Marketplace, turk: Requester) -> None:
    """The addresses of frames are worth nothing once somebody has signed out, and those of other sessions stay good."""
    hit = await turk.hit(Question=PAGE, MaxAssignments=3)
    async with Visitor(market) as anna, Visitor(market) as home:
        await join(market, anna)
        page = await home.get("/sign_in")
        await home.send(page, "/sign_in", address="anna@example.org", password=PASSWORD)
        group = f"/projects/{hit['HITGroupId']}/tasks"
        at_home = (await home.get(group)).frame()
        await enter(market, anna)
        desk = (await anna.get(f"/requester/hits/{hit['HITId']}/review")).frame()
        preview = (await anna.get(group)).frame()
        held = (await anna.accept(hit["HITGroupId"])).frame()
        await anna.send(await anna.get("/projects"), "/sign_out")
        statuses = [(await home.get(frame)).status for frame in (preview, held, at_home, desk)]
        assert statuses == [403, 403, 200, 200]
        await anna.send(await anna.get("/requester/hits"), "/requester/sign_out")
        assert (await home.get(desk)).status == 403


async def test_only_who_was_signed_out_is_told(market: Marketplace) -> None:
    """That a key was revoked is said to whom it has signed out, and not by a link of others."""
    said = "your access key was revoked"
    key = await market.add_key()
    async with Visitor(market) as visitor:
        for link in ("over=true", "revoked=true", "revoked="):
            assert said not in (await visitor.get(f"/requester/sign_in?{link}")).words
        path = "/requester/sign_in"
        page = await visitor.get(path)
        await visitor.send(page, path, access_key=key.access_key, secret_key=key.secret_key)
        await market.revoke_key(key.access_key)
        page = await visitor.get("/requester/hits")
        assert page.path == path
        assert said in page.words


async def test_signing_out_everywhere_reaches_frames(market: Marketplace, turk: Requester) -> None:
    """The address of a frame is worth nothing once its worker has signed out everywhere: of a preview and of work."""
    hit = await turk.hit(Question=PAGE, MaxAssignments=3)
    async with Visitor(market) as anna, Visitor(market) as other:
        await join(market, anna)
        preview = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        held = (await anna.accept(hit["HITGroupId"])).frame()
        for frame in (preview, held):
            assert "Secret work" in (await other.get(frame)).text
        await anna.send(await anna.get("/account"), "/account/end_sessions")
        for frame in (preview, held):
            answer = await other.get(frame)
            assert (answer.status, "Secret work" in answer.text) == (403, False)
            assert "Content-Security-Policy" in answer.headers


async def test_frames_of_previews_get_old(market: Marketplace, turk: Requester) -> None:
    """The frame of a preview is good for half a day; that of a HIT in work for as long as the HIT is."""
    lasting = 3 * 24 * 3600
    hit = await turk.hit(
        Question=PAGE, LifetimeInSeconds=lasting, AssignmentDurationInSeconds=lasting, MaxAssignments=3
    )
    async with Visitor(market) as anna:
        await join(market, anna)
        preview = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        held = (await anna.accept(hit["HITGroupId"])).frame()
        await market.advance(timedelta(hours=11))
        assert (await anna.get(held)).status == 200
        await market.advance(timedelta(hours=2))
        assert (await anna.get(preview)).status == 403
        assert (await anna.get(held)).status == 200


async def test_revoking_a_key_reaches_frames(market: Marketplace, turk: Requester) -> None:
    """The frame on a requester's page is over when the key is revoked that they signed in with, or half a day later."""
    hit = await turk.hit(Question=PAGE)
    key = await market.add_key()
    async with Visitor(market) as visitor:
        path = "/requester/sign_in"
        page = await visitor.get(path)
        await visitor.send(page, path, access_key=key.access_key, secret_key=key.secret_key)
        frame = (await visitor.get(f"/requester/hits/{hit['HITId']}/review")).frame()
        assert (await visitor.get(frame)).status == 200
        await market.revoke_key(key.access_key)
        assert (await visitor.get(frame)).status == 403
        await enter(market, visitor)
        frame = (await visitor.get(f"/requester/hits/{hit['HITId']}/review")).frame()
        assert (await visitor.get(frame)).status == 200
        await market.advance(timedelta(hours=13))
        assert (await visitor.get(frame)).status == 403
