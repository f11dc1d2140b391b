"""Forgetting a person: what goes, what stays, and that nothing comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher

from aioturk import _databases
from aioturk.errors import InvalidRequest
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service.accounts import account, change_password, login
from aioturk.marketplace.service.forgetting import forget, person
from aioturk.marketplace.service.inviting import accept_invitation, invitation, invite
from aioturk.marketplace.site import passwords
from aioturk.marketplace.store.inspection import problems

from .acts import act, audited, house_of
from .site.visitor import Visitor
from .support import ANNA, BERT, Requester, StillClock, done

ADDRESS = "Anna.Ärmel@Example.org"
PASSWORD = "correct horse battery"
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"


async def joined(market: Marketplace, address: str = ADDRESS, worker_id: str = ANNA, name: str = "Anna Ärmel") -> None:
    """Have somebody come by invitation, and be invited once more."""
    invited = await act(market, invite, address, name=name, worker_id=worker_id)
    await act(market, accept_invitation, invited.token, HASH)


@pytest.mark.parametrize("named", [ANNA, ADDRESS, f" {ADDRESS.swapcase()} "])
async def test_what_goes_and_what_stays(market: Marketplace, turk: Requester, named: str) -> None:
    """Name, address, password and links are gone; the id is there, with its work, its money, and its qualifications."""
    await joined(market)
    await joined(market, "bert@example.org", BERT, "Bert")
    hit = await turk.hit()
    (assignment_id,) = await done(market, hit["HITId"], ANNA)
    again = await act(market, invite, ADDRESS, groups=["Staff"])
    await turk("ApproveAssignment", AssignmentId=assignment_id)

    assert await market.forget(named) == ANNA

    assert await act(market, account, ANNA) is None
    assert (await act(market, login, ADDRESS)).worker_id is None
    assert await act(market, invitation, again.token) is None
    for who in (ANNA, ADDRESS):
        with pytest.raises(InvalidRequest, match="known"):
            await act(market, person, who)
    (kept,) = (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["Assignments"]
    assert (kept["WorkerId"], kept["AssignmentStatus"]) == (ANNA, "Approved")
    assert (await market.earnings(ANNA)).earned > 0
    assert (await act(market, person, BERT)).name == "Bert"
    with pytest.raises(InvalidRequest, match="nothing is known"):
        await act(market, forget, ANNA)


async def test_the_audit_log_names_nobody(market: Marketplace) -> None:
    """There is a line that says that it was done, and none of all that tells whom it was about but by the id."""
    await joined(market)
    await market.forget(ADDRESS)
    lines = await audited(market)
    assert [line[1:3] for line in lines][-1] == ("PersonForgotten", ANNA)
    assert not any("rmel" in str(line) or "xample.org" in str(line) for line in lines)


async def test_who_is_invited_again_is_somebody_new(market: Marketplace) -> None:
    """The same address gets another id; the same id, given on purpose, begins with sessions of its own."""
    await joined(market)
    before = await act(market, account, ANNA)
    assert before is not None
    await market.forget(ANNA)
    invited = await act(market, invite, ADDRESS)
    assert invited.is_new
    assert invited.worker_id != ANNA
    await market.forget(ADDRESS)
    generations = set()
    for _ in range(5):
        await joined(market)
        after = await act(market, account, ANNA)
        assert after is not None
        generations.add(after.generation)
        await market.forget(ANNA)
    assert before.generation not in generations
    assert len(generations) == 5


async def test_sessions_end(database: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was signed in is signed out, for good, even if the id comes to somebody else."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: cheap)
    async with Marketplace(database, clock=StillClock(), accounts=True) as market, Visitor(market) as anna:
        path = urlsplit(await market.invite(ADDRESS, worker_id=ANNA)).path
        page = await anna.send(await anna.get(path), path, password=PASSWORD, again=PASSWORD)
        assert page.path == "/projects"
        await market.forget(ANNA)
        path = urlsplit(await market.invite("other@example.org", worker_id=ANNA)).path
        async with Visitor(market) as other:
            await other.send(await other.get(path), path, password=PASSWORD, again=PASSWORD)
            assert (await other.get("/account")).path == "/account"
        assert (await anna.get("/account")).path == "/sign_in"


@pytest.mark.parametrize("change", ["name", "password", "nothing"])
async def test_nothing_is_left_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """The file of the database has no trace of the person, whatever was changed before, and however SQLite was made."""
    set_up = _databases._set_up

    def set_up_carelessly(connection: Any, record: object) -> None:
        set_up(connection, record)
        connection.execute("PRAGMA secure_delete = OFF")

    monkeypatch.setattr(_databases, "_set_up", set_up_carelessly)
    file = tmp_path / "market.db"
    async with Marketplace(file, accounts=True) as market:
        await joined(market)
        for number in range(50):
            await act(market, invite, f"person{number}@example.net")
        if change == "name":
            await act(market, invite, ADDRESS, name="Anna Ärmel-With-A-Longer-Name")
        elif change == "password":
            await act(market, change_password, ANNA, HASH + "x" * 100)
        text = file.with_name("market.db-wal").read_bytes() + file.read_bytes()
        assert "Ärmel".encode() in text
        await market.forget(ANNA)
    text = file.read_bytes()
    assert "rmel" not in text.decode("utf-8", "replace").casefold()
    assert b"$argon2id" not in text
    assert problems(file) == []


async def test_the_environment_counts(market: Marketplace) -> None:
    """An id in the other environment is somebody else; an address is found in either."""
    await joined(market)
    there = await house_of(market).act(
        lambda context: invite(context, "gold@example.org", worker_id=ANNA), environment="production"
    )
    assert there.worker_id == ANNA
    assert await market.forget("gold@example.org") == ANNA
    assert (await act(market, person, ANNA)).address == ADDRESS
    with pytest.raises(InvalidRequest, match="production"):
        await market.forget(ANNA, environment="production")


@pytest.mark.parametrize("named", ["", "A1NOBODY", "nobody@example.org", "@", "a@b@c", "\0", "x" * 1000])
async def test_nobody(market: Marketplace, named: str) -> None:
    """Who is not known is not forgotten, and that is said."""
    await joined(market)
    with pytest.raises(InvalidRequest, match="known"):
        await market.forget(named)
    assert await act(market, account, ANNA) is not None
