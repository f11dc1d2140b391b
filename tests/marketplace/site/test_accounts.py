"""Coming by invitation, setting a password, signing in, and what guards all of that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.site.passwords import Attempts
from aioturk.marketplace.site.refusing import Refused
from tests.marketplace.support import Requester, StillClock

from .visitor import Page, Visitor

ADDRESS = "anna@example.org"
PASSWORD = "correct horse battery"


@pytest.fixture
async def market(database: str | None) -> AsyncIterator[Marketplace]:
    """A marketplace on this computer, with accounts."""
    async with Marketplace(database, clock=StillClock(), accounts=True) as market:
        yield market


async def join(market: Marketplace, anna: Visitor, **options: str) -> Page:
    """Invite Anna, and have her set a password."""
    path = urlsplit(await market.invite(ADDRESS, **options)).path
    return await anna.send(await anna.get(path), path, password=PASSWORD, again=PASSWORD)


async def sign_in(visitor: Visitor, password: str = PASSWORD, address: str = ADDRESS, **headers: str) -> Page:
    """Sign in with a password."""
    fields = {**(await visitor.get("/sign_in")).form("/sign_in"), "address": address, "password": password}
    return await visitor.post("/sign_in", fields, headers=headers)


async def test_by_invitation(market: Marketplace, turk: Requester) -> None:
    """An invitation leads to a password, once; then one signs in with that, and works under the id one was given."""
    hit = await turk.hit()
    link = urlsplit(await market.invite(ADDRESS, name="Anna", worker_id="A1ANNA")).path
    async with Visitor(market) as anna, Visitor(market) as later:
        page = await anna.get(link)
        assert "Welcome, Anna" in page.words
        joined = await anna.send(page, link, password=PASSWORD, again=PASSWORD)
        assert joined.path == "/projects"
        assert (await anna.get(link)).status == 410
        assert (await sign_in(later, address="ANNA@EXAMPLE.ORG")).path == "/projects"
        await later.accept(hit["HITGroupId"])
        assert "A1ANNA" in (await later.get("/tasks")).words


async def test_strangers_have_no_way_in(market: Marketplace) -> None:
    """With accounts nobody can say who they are: not on the page, nor by sending what it sent without accounts."""
    async with Visitor(market) as anna:
        page = await anna.get("/sign_in")
        await anna.post("/sign_in", {**page.form("/sign_in"), "worker_id": "A1ANNA"})
        assert (await anna.get("/projects", follow=False)).status == 302
        assert (await anna.get("/invitations/guessed")).status == 404


@pytest.mark.parametrize("wrong", ["short", "x" * 1001])
async def test_passwords_have_a_length(market: Marketplace, wrong: str) -> None:
    """A password that is too short, or too long, or mistyped the second time, is not set; the invitation stays good."""
    path = urlsplit(await market.invite(ADDRESS)).path
    async with Visitor(market) as anna:
        page = await anna.get(path)
        assert (await anna.send(page, path, password=wrong, again=wrong)).status == 422
        assert (await anna.send(page, path, password=PASSWORD, again=PASSWORD + "!")).status == 422
        assert (await anna.send(page, path, password=PASSWORD, again=PASSWORD)).path == "/projects"


async def test_wrong_is_wrong_in_one_way(market: Marketplace) -> None:
    """A wrong password, an unknown address and a locked one are answered with the same words."""
    async with Visitor(market) as anna, Visitor(market) as other:
        await join(market, anna)
        told = {
            (answer.status, answer.tree.findtext(".//p[@role='alert']"))
            for answer in [
                await sign_in(other, "wrong password"),
                await sign_in(other, PASSWORD, "bert@example.org"),
                *[await sign_in(other, "wrong password") for _ in range(4)],
                await sign_in(other),  # right, but locked by now
            ]
        }
        assert len(told) == 1
        await market.advance(timedelta(minutes=1))
        assert (await sign_in(other)).path == "/projects"


async def test_a_computer_guesses_only_so_often(market: Marketplace) -> None:
    """After twenty wrong guesses at any addresses a computer has to wait, and others need not."""
    attempts = Attempts(most=20, seconds=900)
    for _ in range(20):
        attempts.check("192.0.2.1", 1000)
        attempts.failed("192.0.2.1", 1000)
    with pytest.raises(Refused, match="15 minutes"):
        attempts.check("192.0.2.1", 1001)
    attempts.check("192.0.2.2", 1001)
    attempts.check("192.0.2.1", 1900)

    async with Visitor(market) as anna:
        statuses = [(await sign_in(anna, "wrong", f"{number}@example.org")).status for number in range(21)]
    assert statuses == [401] * 20 + [429]


async def test_who_asks_is_told_by_trusted_proxies_alone(database: str | None) -> None:
    """Whose request a proxy passes on is believed of proxies that were named; whoever else says so is not."""
    async with (
        Marketplace(database, accounts=True, trusted_proxies=["127.0.0.1"]) as market,
        Visitor(market) as anna,
    ):
        for number in range(21):
            # What the browser made up comes first; the proxy adds what it has seen.
            forwarded = {"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.7"}
            answer = await sign_in(anna, "wrong", f"{number}@example.org", **forwarded)
        assert answer.status == 429
        assert (await sign_in(anna, "wrong", **{"X-Forwarded-For": "198.51.100.8"})).status == 401
    async with Marketplace(accounts=True) as market, Visitor(market) as anna:
        for number in range(21):
            forwarded = {"X-Forwarded-For": f"203.0.113.{number}"}
            answer = await sign_in(anna, "wrong", f"{number}@example.org", **forwarded)
        assert answer.status == 429


async def test_changing_the_password_ends_sessions(market: Marketplace) -> None:
    """Another password, or signing out everywhere, ends all other sessions; the old password is worth nothing."""
    other = "another password"
    async with Visitor(market) as anna, Visitor(market) as elsewhere:
        await join(market, anna)
        await sign_in(elsewhere)
        page = await anna.get("/account")
        assert (await anna.send(page, "/account", old="wrong", password=other, again=other)).status == 403
        assert (await elsewhere.get("/projects", follow=False)).status == 200
        changed = await anna.send(page, "/account", old=PASSWORD, password=other, again=other)
        assert (changed.path, changed.query) == ("/account", {"changed": "true"})
        assert (await elsewhere.get("/projects", follow=False)).status == 302
        assert (await sign_in(elsewhere)).status == 401
        await sign_in(elsewhere, other)
        await elsewhere.send(await elsewhere.get("/account"), "/account/end_sessions")
        assert (await anna.get("/projects", follow=False)).status == 302


async def test_groups_are_qualifications(market: Marketplace, turk: Requester) -> None:
    """Who is invited into a group has the qualification of its name, and gets at HITs that are for the group alone."""
    async with Visitor(market) as anna, Visitor(market) as bert:
        await join(market, anna, groups=["Staff"])  # type: ignore[arg-type]
        path = urlsplit(await market.invite("bert@example.org")).path
        await bert.send(await bert.get(path), path, password=PASSWORD, again=PASSWORD)
        (staff,) = (await turk("ListQualificationTypes", MustBeRequestable=True, MustBeOwnedByCaller=True))[
            "QualificationTypes"
        ]
        assert staff["Name"] == "Staff"
        requirement = {
            "QualificationTypeId": staff["QualificationTypeId"],
            "Comparator": "Exists",
            "ActionsGuarded": "DiscoverPreviewAndAccept",
        }
        await turk.hit(Title="For staff", QualificationRequirements=[requirement])
        assert "For staff" in (await anna.get("/projects")).words
        assert "For staff" not in (await bert.get("/projects")).words


async def test_by_tls(tmp_path: Path) -> None:
    """With a certificate the site is served by TLS, and its cookie is for TLS and this host alone."""
    authority = trustme.CA()
    served = authority.issue_cert("127.0.0.1", "localhost")
    certificate, key, trusted = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem"))
    certificate.write_bytes(b"".join(blob.bytes() for blob in served.cert_chain_pems))
    served.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(trusted)
    async with Marketplace(accounts=True, certificate=(certificate, key)) as market:
        assert market.url.startswith("https://127.0.0.1")
        import ssl

        import aiohttp

        context = ssl.create_default_context(cafile=str(trusted))
        async with aiohttp.ClientSession() as session, session.get(f"{market.url}/sign_in", ssl=context) as answer:
            cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-aioturk=")
    assert "Secure" in cookie.split("; ")

    with pytest.raises(ConfigurationError, match="cannot be used"):
        async with Marketplace(accounts=True, certificate=(tmp_path / "none.pem", key)):
            raise AssertionError
