"""Coming by invitation, setting a password, signing in, and what guards all of that."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from aiohttp.test_utils import make_mocked_request
from argon2 import PasswordHasher

from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.house import House
from aioturk.marketplace.site import passwords
from aioturk.marketplace.site.attempts import Attempts
from aioturk.marketplace.site.passwords import Passwords
from aioturk.marketplace.site.refusing import Busy, Refused
from aioturk.marketplace.site.site import Site
from aioturk.marketplace.store.database import Store
from tests.marketplace.support import Requester, StillClock

from .visitor import Page, Visitor

ADDRESS = "anna@example.org"
PASSWORD = "correct horse battery"


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


async def join(market: Marketplace, anna: Visitor, **options: str) -> Page:
    """Invite Anna, and have her set a password."""
    path = urlsplit(await market.invite(ADDRESS, **options)).path
    return await anna.send(await anna.get(path), path, password=PASSWORD, again=PASSWORD)


async def sign_in(visitor: Visitor, password: str = PASSWORD, address: str = ADDRESS, **headers: str) -> Page:
    """Sign in with a password."""
    fields = {**(await visitor.get("/sign_in")).form("/sign_in"), "address": address, "password": password}
    return await visitor.post("/sign_in", fields, headers=headers)


def guess_wrong(attempts: Attempts, now: float, computer: str = "192.0.2.1") -> None:
    """Guess, and be wrong."""
    with attempts.guess(computer, now):
        pass


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


@pytest.mark.parametrize(
    "wrong", ["short", "x" * 1001, " " * 10, "a" * 20, "1212121212", f" {ADDRESS.upper()} ", "a1exampleanna"]
)
async def test_what_is_no_password(market: Marketplace, wrong: str) -> None:
    """A password that is too short, too long, too easy, or mistyped the second time is not set; the link stays good."""
    path = urlsplit(await market.invite(ADDRESS, worker_id="A1EXAMPLEANNA")).path
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
        guess_wrong(attempts, 1000)
    with pytest.raises(Refused, match="15 minutes"):
        guess_wrong(attempts, 1001)
    guess_wrong(attempts, 1001, "192.0.2.2")
    guess_wrong(attempts, 1900)  # the time is over: all of it begins again
    for _ in range(19):
        guess_wrong(attempts, 1901)
    with pytest.raises(Refused, match="15 minutes"):
        guess_wrong(attempts, 1902)

    async with Visitor(market) as anna:
        statuses = [(await sign_in(anna, "wrong", f"{number}@example.org")).status for number in range(21)]
    assert statuses == [401] * 20 + [429]


@pytest.mark.parametrize(
    ("remote", "forwarded", "computer"),
    [
        ("10.1.2.3", "203.0.113.1, 198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "203.0.113.1, 198.51.100.7:4711", "198.51.100.7"),
        ("::ffff:10.1.2.3", "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "::ffff:198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("10.1.2.3", "[2001:db8::1]:4711", "2001:db8::/64"),
        ("10.1.2.3", "[2001:db8::ffff:2]", "2001:db8::/64"),
        ("10.1.2.3", "2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("10.1.2.3", "198.51.100.7, unknown", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", None, "10.1.2.3"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("", "198.51.100.7", ""),
    ],
)
def test_how_proxies_write_addresses(remote: str, forwarded: str | None, computer: str) -> None:
    """Proxies are named one by one or by their network; ports, and either form of an address, make no difference."""
    site = Site(House(Store(None), None, clock=StillClock(), balance=None), trusted_proxies=["10.0.0.0/8", "127.0.0.1"])
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert site.computer(make_mocked_request("GET", "/", headers).clone(remote=remote)) == computer


def test_proxies_are_addresses() -> None:
    """A proxy that is named by anything else is refused, instead of never being believed."""
    with pytest.raises(ConfigurationError, match="no proxy"):
        Marketplace(trusted_proxies=["proxy.example.org"])


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "198.51.100.7/0"])
def test_everybody_is_no_proxy(network: str) -> None:
    """A network of everybody is refused: whoever guesses passwords could say that they sit anywhere."""
    with pytest.raises(ConfigurationError, match="would trust everybody"):
        Marketplace(trusted_proxies=[network])


async def test_guesses_count_when_they_begin(market: Marketplace) -> None:
    """Many guesses at the same time are as many as one after the other, and others sign in meanwhile."""
    async with Visitor(market) as anna, Visitor(market) as other:
        await join(market, anna)
        form = (await other.get("/sign_in")).form("/sign_in")
        fields = {**form, "address": "bert@example.org", "password": "wrong password"}
        guesses = [asyncio.ensure_future(other.post("/sign_in", fields)) for _ in range(60)]
        seen = Counter([(await guess).status for guess in guesses])
        assert set(seen) == {401, 429}
        assert seen[401] <= 20


def test_right_guesses_are_none() -> None:
    """What is right does not count, nor what could not be looked at; many at once are refused whatever they are."""
    attempts = Attempts(most=2, seconds=900, at_once=1)
    for _ in range(5):
        with attempts.guess("192.0.2.1", 1000) as attempt:
            attempt.was_right()
    for _ in range(5):
        with pytest.raises(Busy), attempts.guess("192.0.2.1", 1000):
            raise Busy("later")
    with attempts.guess("192.0.2.1", 1000), pytest.raises(Refused, match="at once"):
        guess_wrong(attempts, 1000)
    with attempts.guess("192.0.2.1", 1000) as late:
        guess_wrong(attempts, 1000, "192.0.2.2")
    with pytest.raises(Refused, match="minutes"):
        guess_wrong(attempts, 1001)
    guess_wrong(attempts, 1900)
    late.was_right()  # of a time that is over: it takes nothing back of the next
    guess_wrong(attempts, 1900)
    with pytest.raises(Refused, match="minutes"):
        guess_wrong(attempts, 1900)


def test_computers_are_forgotten() -> None:
    """Of more computers than are kept, those are forgotten first that have not guessed for longest."""
    attempts = Attempts(most=1, seconds=900, kept=2)
    guess_wrong(attempts, 1000, "a")
    guess_wrong(attempts, 1001, "b")
    with pytest.raises(Refused):
        guess_wrong(attempts, 1002, "a")
    guess_wrong(attempts, 1003, "c")
    guess_wrong(attempts, 1004, "b")
    with pytest.raises(Refused):
        guess_wrong(attempts, 1005, "c")


class _Stopped:
    """A hasher that does nothing until it may."""

    def __init__(self) -> None:
        self.may = threading.Event()

    def hash(self, password: str) -> str:
        self.may.wait()
        return "$argon2"

    def verify(self, hash: str, password: str) -> bool:  # noqa: A002
        self.may.wait()
        return True


async def test_not_many_wait_for_hashes() -> None:
    """No more than some wait until their password is looked at; who comes then is refused at once."""
    stopped = _Stopped()
    checked = Passwords(stopped, most_waiting=3)
    waiting = [asyncio.ensure_future(checked.fits(PASSWORD, "$argon2")) for _ in range(4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(Busy, match="Nothing was checked"):
        await checked.fits(PASSWORD, "$argon2")
    with pytest.raises(Busy, match="Nothing was checked"):
        await checked.hash(PASSWORD)
    stopped.may.set()
    assert await asyncio.gather(*waiting) == [True] * 4
    assert await checked.fits(PASSWORD, "$argon2")


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


async def test_wrong_guesses_of_others_keep_nobody_out(market: Marketplace) -> None:
    """An address that is guessed at is locked for strangers; where its owner has signed in before, it is not."""
    async with Visitor(market) as anna, Visitor(market) as other, Visitor(market) as stranger:
        await join(market, anna)
        await anna.send(await anna.get("/projects"), "/sign_out")
        for _ in range(5):
            assert (await sign_in(stranger, "wrong password")).status == 401
        assert (await sign_in(other)).status == 401
        assert (await sign_in(anna, "wrong password")).status == 401
        assert (await sign_in(anna)).path == "/projects"
        assert (await sign_in(other)).status == 401  # that she is in does not open it for others
        page = await anna.get("/account")
        changed = await anna.send(page, "/account", old=PASSWORD, password="another password", again="another password")
        assert changed.path == "/account"
        for _ in range(5):
            await sign_in(stranger, "wrong password")
        await anna.send(await anna.get("/account"), "/account/end_sessions")
        assert (await sign_in(anna, "another password")).path == "/projects"


async def test_many_behind_one_address(market: Marketplace) -> None:
    """A room full of people sets its passwords at the same time, and nobody is sent back."""
    paths = [urlsplit(await market.invite(f"{number}@example.org")).path for number in range(16)]

    async def join_one(path: str) -> int:
        async with Visitor(market) as visitor:
            return (await visitor.send(await visitor.get(path), path, password=PASSWORD, again=PASSWORD)).status

    assert await asyncio.gather(*map(join_one, paths)) == [200] * 16


async def test_a_neighbour_who_guesses(market: Marketplace) -> None:
    """
    Whoever has signed in with a browser before gets in with it, however often others at their address were wrong.

    They can change their password as well.
    """
    async with Visitor(market) as anna, Visitor(market) as stranger:
        await join(market, anna)
        assert [(await sign_in(stranger, "wrong password")).status for _ in range(21)] == [401] * 20 + [429]
        await anna.send(await anna.get("/projects"), "/sign_out")
        assert (await sign_in(anna)).path == "/projects"
        page, other = await anna.get("/account"), "another password"
        assert (await anna.send(page, "/account", old=PASSWORD, password=other, again=other)).path == "/account"
        assert (await sign_in(stranger)).status == 429


async def test_a_known_computer_ends_with_the_password(market: Marketplace) -> None:
    """With another password, computers on which the old one was given are strange ones; they guess no more often."""
    other = "another password"
    async with Visitor(market) as anna, Visitor(market) as elsewhere, Visitor(market) as stranger:
        await join(market, anna)
        await sign_in(elsewhere)
        await anna.send(await anna.get("/account"), "/account", old=PASSWORD, password=other, again=other)
        for _ in range(5):
            await sign_in(stranger, "wrong password")
        assert (await sign_in(elsewhere, other)).status == 401
        statuses = [(await sign_in(anna, "wrong password")).status for _ in range(21)]
        assert statuses == [401] * 20 + [429]


async def test_keys_are_locked_for_nobody(market: Marketplace) -> None:
    """Wrong secrets with somebody's access key, from wherever, do not keep its owner out."""
    path = "/requester/sign_in"
    async with Visitor(market) as stranger, Visitor(market) as owner:
        for _ in range(12):
            page = await stranger.get(path)
            assert (await stranger.send(page, path, access_key=market.access_key, secret_key="no")).status == 403
        page = await owner.get(path)
        entered = await owner.send(page, path, access_key=market.access_key, secret_key=market.secret_key)
        assert entered.path == "/requester/hits"
        assert [
            (await stranger.send(await stranger.get(path), path, access_key="AK", secret_key="no")).status
            for _ in range(9)
        ] == [403] * 8 + [429]


async def test_invitations_end(market: Marketplace) -> None:
    """An invitation is over after its time, or when a newer one was sent; its page says so, and sets no password."""
    old = urlsplit(await market.invite(ADDRESS)).path
    async with Visitor(market) as anna:
        page = await anna.get(old)
        new = urlsplit(await market.invite(ADDRESS)).path
        assert (await anna.get(old)).status == 410
        assert (await anna.send(page, old, password=PASSWORD, again=PASSWORD)).status == 410
        page = await anna.get(new)
        await market.advance(timedelta(days=14))
        assert (await anna.get(new)).status == 410
        assert (await anna.send(page, new, password=PASSWORD, again=PASSWORD)).status == 410
        assert (await sign_in(anna)).status == 401


async def test_changing_the_password_ends_sessions(market: Marketplace) -> None:
    """Another password, or signing out everywhere, ends all other sessions; the old password is worth nothing."""
    other = "another password"
    async with Visitor(market) as anna, Visitor(market) as elsewhere:
        await join(market, anna)
        await sign_in(elsewhere)
        page = await anna.get("/account")
        assert (await anna.send(page, "/account", old="wrong", password=other, again=other)).status == 403
        assert (await anna.send(page, "/account", old=PASSWORD, password=ADDRESS, again=ADDRESS)).status == 422
        assert (await elsewhere.get("/projects", follow=False)).status == 200
        changed = await anna.send(page, "/account", old=PASSWORD, password=other, again=other)
        assert (changed.path, set(changed.query)) == ("/account", {"changed"})
        told = await elsewhere.get("/tasks?format=json", follow=False)
        assert (told.status, json.loads(told.text)) == (401, {"message": "Sign in first. Nothing was done."})
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
    assert cookie.startswith("__Host-aioturk-")
    assert "Secure" in cookie.split("; ")

    with pytest.raises(ConfigurationError, match="cannot be used"):
        async with Marketplace(accounts=True, certificate=(tmp_path / "none.pem", key)):
            raise AssertionError
