"""People who are invited, set a password and sign in; and those who try to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk.errors import InvalidRequest
from aioturk.marketplace import AMAZON, Marketplace
from aioturk.marketplace.service import Context
from aioturk.marketplace.service.accounts import (
    Session,
    account,
    change_password,
    end_sessions,
    failed,
    key_of,
    login,
    succeeded,
)
from aioturk.marketplace.service.inviting import LASTS, Invitation, accept_invitation, invitation, invite
from aioturk.marketplace.service.people import listed
from aioturk.marketplace.store.copies import back_up, restore

from .acts import act, audited, house_of
from .exams import TYPE, score
from .support import ANNA, BERT, Requester, StillClock, done

ADDRESS = "Anna.Ärmel@Example.org"
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"
OTHER = HASH + "Mg"
MINUTE = timedelta(minutes=1)


async def joined(market: Marketplace, address: str = ADDRESS, **more: Any) -> Session:
    """Invite somebody, who sets a password."""
    invited = await act(market, invite, address, **more)
    return await act(market, accept_invitation, invited.token, HASH)


async def lines(market: Marketplace) -> list[tuple[str, str | None]]:
    """What the audit log says of accounts: what, and about whom."""
    return [line[1:3] for line in await audited(market) if line[1] != "KeyAdded"]


# Invitations.


async def test_from_the_invitation_to_the_session(market: Marketplace) -> None:
    """Somebody is invited, looks at the link, sets a password, and signs in with it from then on."""
    invited = await act(market, invite, f" {ADDRESS} ", name="Anna")
    looked = await act(market, invitation, invited.token)
    assert looked is not None
    session = await act(market, accept_invitation, invited.token, HASH)
    used = await act(market, invitation, invited.token)
    assert used is not None
    found = await act(market, login, ADDRESS.upper())
    begun = await act(market, succeeded, ADDRESS, found.generation)
    who = await act(market, account, invited.worker_id)

    assert (invited.is_new, invited.address, invited.expires) == (True, ADDRESS, market.now() + LASTS)
    assert len(invited.token) >= 43
    assert (looked.state, looked.worker_id, looked.name) == ("open", invited.worker_id, "Anna")
    assert (looked.address, looked.expires, looked.has_password) == (ADDRESS.casefold(), invited.expires, False)
    assert (used.state, used.has_password) == ("used", True)
    assert (found.worker_id, found.password, found.locked_until) == (invited.worker_id, HASH, None)
    assert begun == session == Session(invited.worker_id, found.generation)
    assert who is not None
    assert (who.worker_id, who.address, who.name) == (invited.worker_id, ADDRESS.casefold(), "Anna")
    assert who.generation == session.generation
    assert await act(market, account, ANNA) is None


async def test_an_invitation_is_good_once(market: Marketplace) -> None:
    """Of five who set a password with one link at the same time, one does; and so with no link at all."""
    invited = await act(market, invite, ADDRESS)
    hashes = [f"{HASH}{number}" for number in range(5)]
    tries = (act(market, accept_invitation, invited.token, each) for each in hashes)
    results = await asyncio.gather(*tries, return_exceptions=True)
    won = [result for result in results if isinstance(result, Session)]
    kept = (await act(market, login, ADDRESS)).password

    assert len(won) == 1
    assert all("used already" in str(result) for result in results if result is not won[0])
    assert kept == hashes[results.index(won[0])]
    for unknown in ("", "nonsense", invited.token[:-1], "\0", "\udc00"):
        assert await act(market, invitation, unknown) is None
        with pytest.raises(InvalidRequest, match="no invitation"):
            await act(market, accept_invitation, unknown, HASH)


async def test_invitations_end(market: Marketplace) -> None:
    """After 14 days, and when a newer one is sent: then there is one that can be used, for the same worker."""
    first = await act(market, invite, ADDRESS)
    second = await act(market, invite, ADDRESS.swapcase(), name="Anna")
    third = await act(market, invite, ADDRESS)
    assert [each.is_new for each in (first, second, third)] == [True, False, False]
    assert len({each.worker_id for each in (first, second, third)}) == 1
    for old in (first, second):
        looked = await act(market, invitation, old.token)
        assert looked is not None
        assert (looked.state, looked.name) == ("over", "Anna")
        with pytest.raises(InvalidRequest, match="over"):
            await act(market, accept_invitation, old.token, HASH)
    await market.advance(LASTS)
    with pytest.raises(InvalidRequest, match="over"):
        await act(market, accept_invitation, third.token, HASH)
    fourth = await act(market, invite, ADDRESS)
    await market.advance(LASTS - timedelta(milliseconds=1))
    assert (await act(market, accept_invitation, fourth.token, HASH)).worker_id == first.worker_id


async def test_invited_again_after_a_password_was_set(market: Marketplace) -> None:
    """The old password is good until the new link is used; then the new one is, and all sessions have ended."""
    before = await joined(market)
    again = await act(market, invite, ADDRESS)
    assert (await act(market, login, ADDRESS)).password == HASH
    after = await act(market, accept_invitation, again.token, OTHER)
    assert after.worker_id == before.worker_id
    assert after.generation > before.generation
    assert (await act(market, login, ADDRESS)).password == OTHER


async def test_one_address_one_worker(market: Marketplace) -> None:
    """A worker who is known can be given an address; but not two, nor one of another's, nor one of production's."""
    await market.worker(ANNA).find()
    assert (await act(market, invite, ADDRESS, worker_id=ANNA)).worker_id == ANNA
    assert (await act(market, invite, ADDRESS, worker_id=ANNA)).worker_id == ANNA
    assert (await act(market, invite, "bert@example.org", worker_id=BERT)).worker_id == BERT
    for address, worker_id, argument in (
        (ADDRESS, BERT, "address"),
        ("other@example.org", ANNA, "address"),
        ("new@example.org", "anna", "worker_id"),
    ):
        with pytest.raises(InvalidRequest) as refusal:
            await act(market, invite, address, worker_id=worker_id)
        assert refusal.value.argument == argument
    with pytest.raises(InvalidRequest, match="in sandbox"):
        await house_of(market).act(lambda context: invite(context, ADDRESS), environment="production")
    assert (await act(market, login, "other@example.org")).worker_id is None


async def test_many_invite_one_at_once(market: Marketplace) -> None:
    """They all invite the same worker, and one link is good in the end."""
    found = await asyncio.gather(*(act(market, invite, ADDRESS, groups=["Team"]) for _ in range(6)))
    states = [await act(market, invitation, each.token) for each in found]
    assert len({each.worker_id for each in found}) == 1
    assert sorted(each.state for each in states if each is not None) == ["open"] + ["over"] * 5


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@b", "a@", "a@b@c", "a b@c", "a@b\nc", "a@b\0", "a\x7f@b", f"{'a' * 250}@b.de", f"{'ß' * 130}@b.de"],
)
async def test_what_is_no_address(address: str) -> None:
    """It is refused before anything is kept."""
    async with Marketplace() as market:
        with pytest.raises(InvalidRequest, match="address"):
            await act(market, invite, address)
        assert await lines(market) == []


async def test_what_is_no_name(market: Marketplace) -> None:
    """Names of people and groups are of some length, and have nothing in them that cannot be written."""
    for members in ({"name": "x" * 201}, {"name": "\0"}, {"groups": [""]}, {"groups": ["x" * 201]}, {"groups": ["\n"]}):
        with pytest.raises(InvalidRequest):
            await act(market, invite, ADDRESS, **members)
    assert (await act(market, login, ADDRESS)).worker_id is None


@given(st.text())
def test_spellings_of_an_address(text: str) -> None:
    """However its letters are written, it is compared in one form; and that form is its own."""
    assert key_of(key_of(text)) == key_of(text) == key_of(f" {text} ")
    assert key_of("É" + text) == key_of("e\u0301" + text)


# Groups.


async def test_groups_are_qualifications(market: Marketplace, turk: Requester) -> None:
    """They are made once, are the first requester's, and let their members in; others stay out."""
    await market.add_requester("another")
    anna = await act(market, invite, ADDRESS, groups=["Team", "Evening", "Team"])
    bert = await act(market, invite, "bert@example.org", groups=["Team"])
    types = (await turk("ListQualificationTypes", MustBeRequestable=True, MustBeOwnedByCaller=True))[
        "QualificationTypes"
    ]
    ids = {each["Name"]: each["QualificationTypeId"] for each in types}
    team = [{"QualificationTypeId": ids["Team"], "Comparator": "EqualTo", "IntegerValues": [1]}]
    evening = [{"QualificationTypeId": ids["Evening"], "Comparator": "Exists"}]
    await turk.hit(QualificationRequirements=team, Title="team")
    await turk.hit(QualificationRequirements=evening, Title="evening")

    assert set(ids) == {"Team", "Evening"}
    for worker_id, titles in ((anna.worker_id, {"team", "evening"}), (bert.worker_id, {"team"}), (ANNA, set())):
        found = await market.worker(worker_id).find(qualified=True)
        assert {group.title for group in found} == titles


async def test_members_keep_what_they_have(market: Marketplace, turk: Requester) -> None:
    """A type that is there is used as it is; who has it keeps the value, who lost it has it again."""
    made = (await turk("CreateQualificationType", **{**TYPE, "Name": "Team"}))["QualificationType"]
    type_id = made["QualificationTypeId"]
    anna = (await act(market, invite, ADDRESS, groups=["Team"])).worker_id
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=anna, IntegerValue=7)
    await act(market, invite, ADDRESS, groups=["Team"])
    assert await score(turk, type_id, anna) == 7
    await turk("DisassociateQualificationFromWorker", QualificationTypeId=type_id, WorkerId=anna)
    await act(market, invite, ADDRESS, groups=["Team"])
    assert await score(turk, type_id, anna) == 1


async def test_groups_whose_type_was_deleted(market: Marketplace, turk: Requester) -> None:
    """For as long as the name is not free there is no such group, and nobody is invited; later there is a new one."""
    await act(market, invite, ADDRESS, groups=["Team"])
    (old,) = (await turk("ListQualificationTypes", MustBeRequestable=True))["QualificationTypes"]
    await turk("DeleteQualificationType", QualificationTypeId=old["QualificationTypeId"])
    with pytest.raises(InvalidRequest, match="not long ago"):
        await act(market, invite, "bert@example.org", groups=["Team"])
    assert (await act(market, login, "bert@example.org")).worker_id is None
    await market.advance(timedelta(hours=48))
    await act(market, invite, ADDRESS, groups=["Team"])
    (new,) = (await turk("ListQualificationTypes", MustBeRequestable=True))["QualificationTypes"]
    assert new["QualificationTypeId"] != old["QualificationTypeId"]


# Signing in.


async def test_unknown_addresses_look_like_others(market: Marketplace) -> None:
    """There is an answer for each, and each failure leaves a line; what tells them apart is for nobody's eyes."""
    session = await joined(market)
    await act(market, invite, "invited@example.org")
    before = len(await lines(market))
    for address in ("nobody@example.org", "", "\0", "\udc00", "x" * 1000, "invited@example.org"):
        found = await act(market, login, address)
        assert (found.password, found.locked_until) == (None, None)
        await act(market, failed, address)
        assert await act(market, succeeded, address, 0) is None
    assert [what for what, _ in (await lines(market))[before:]] == ["SignInFailed"] * 12
    assert await act(market, succeeded, ADDRESS, session.generation) == session


async def test_wrong_passwords_lock_an_address(market: Marketplace) -> None:
    """From the fifth in a row on it is for 1, 2, 4 minutes and so on, an hour at most; the right one ends the count."""
    session = await joined(market)
    for _ in range(4):
        await act(market, failed, ADDRESS)
        assert (await act(market, login, ADDRESS)).locked_until is None
    locks = []
    for _ in range(9):
        await act(market, failed, ADDRESS)
        until = (await act(market, login, ADDRESS)).locked_until
        assert until is not None
        locks.append((until - market.now()) // MINUTE)
        assert await act(market, succeeded, ADDRESS, session.generation) is None
        await act(market, failed, ADDRESS)
        assert (await act(market, login, ADDRESS)).locked_until == until
        await market.advance(until - market.now() - timedelta(milliseconds=1))
        assert (await act(market, login, ADDRESS)).locked_until == until
        await market.advance(timedelta(milliseconds=1))
        assert (await act(market, login, ADDRESS)).locked_until is None
    assert locks == [1, 2, 4, 8, 16, 32, 60, 60, 60]

    assert await act(market, succeeded, ADDRESS, session.generation) == session
    for _ in range(4):
        await act(market, failed, ADDRESS)
    assert (await act(market, login, ADDRESS)).locked_until is None


async def test_guesses_at_the_same_time(market: Marketplace) -> None:
    """Who guesses many passwords at once has no more tries: the right one comes too late, unless among the first."""
    session = await joined(market)
    asked = [await act(market, login, ADDRESS) for _ in range(20)]
    assert all(each.locked_until is None for each in asked)
    await asyncio.gather(*(act(market, failed, ADDRESS) for _ in range(19)))
    assert await act(market, succeeded, ADDRESS, session.generation) is None
    locked = (await act(market, login, ADDRESS)).locked_until
    assert locked is not None
    assert locked == market.now() + MINUTE


async def test_an_address_is_of_one_environment(market: Marketplace) -> None:
    """Who is invited in the sandbox does not sign in to production."""
    session = await joined(market)

    def sign_in(context: Context) -> object:
        return login(context, ADDRESS).worker_id or succeeded(context, ADDRESS, session.generation)

    assert await house_of(market).act(sign_in, environment="production") is None
    assert await act(market, succeeded, ADDRESS, session.generation) == session


async def test_what_ends_sessions(market: Marketplace) -> None:
    """Another password, and wanting it: what a session carries is no longer what the account says."""
    first = await joined(market)
    pending = (await act(market, invite, ADDRESS)).token
    second = await act(market, change_password, first.worker_id, OTHER)
    assert await act(market, succeeded, ADDRESS, first.generation) is None  # checked against the old one
    looked = await act(market, invitation, pending)
    assert looked is not None
    assert looked.state == "over"
    await act(market, end_sessions, first.worker_id)
    who = await act(market, account, first.worker_id)
    assert who is not None
    assert len({first.generation, second.generation, who.generation}) == 3
    assert (await act(market, login, ADDRESS)).password == OTHER
    for nobody in (act(market, change_password, BERT, HASH), act(market, end_sessions, BERT)):
        with pytest.raises(InvalidRequest, match="no account"):
            await nobody


async def test_a_new_password_ends_a_lock(market: Marketplace) -> None:
    """Who was locked out by somebody else's guesses gets in again by a new link."""
    await joined(market)
    for _ in range(5):
        await act(market, failed, ADDRESS)
    invited = await act(market, invite, ADDRESS)
    session = await act(market, accept_invitation, invited.token, OTHER)
    assert (await act(market, login, ADDRESS)).locked_until is None
    assert await act(market, succeeded, ADDRESS, session.generation) == session


@pytest.mark.parametrize("password", ["correct horse", "", "$argon2id$\0", "$2b$12$hash"])
async def test_passwords_themselves_are_never_kept(password: str) -> None:
    """What is no hash of argon2 is refused, wherever one is set, and not repeated."""
    async with Marketplace() as market:
        session = await joined(market)
        invited = await act(market, invite, ADDRESS)
        for setting in (
            act(market, accept_invitation, invited.token, password),
            act(market, change_password, session.worker_id, password),
        ):
            with pytest.raises(InvalidRequest, match="argon2") as refusal:
                await setting
            assert not password or password not in str(refusal.value)


# What is told, and what is kept.


async def test_the_audit_log_tells_no_secrets(tmp_path: Path) -> None:
    """Each change leaves a line; no token, hash or address is in it, and no token in the store at all."""
    path = tmp_path / "market.db"
    async with Marketplace(path) as market:
        invited = await act(market, invite, ADDRESS, name="Anna", groups=["Team"])
        session = await act(market, accept_invitation, invited.token, HASH)
        await act(market, failed, ADDRESS)
        await act(market, succeeded, ADDRESS, session.generation)
        await act(market, change_password, session.worker_id, OTHER)
        await act(market, end_sessions, session.worker_id)
        found = await audited(market)

    who = session.worker_id
    about = [(what, subject) for _, what, subject, _ in found if subject == who]
    assert about == [
        ("WorkerAdded", who),
        ("WorkerInvited", who),
        ("InvitationAccepted", who),
        ("SignInFailed", who),
        ("SignedIn", who),
        ("PasswordChanged", who),
        ("SessionsEnded", who),
    ]
    for secret in (invited.token, "argon2", "Anna", "example.org", ADDRESS.casefold()):
        assert secret not in str(found)
    data = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert OTHER.encode() in data
    assert invited.token.encode() not in data


async def test_secrets_are_not_shown() -> None:
    """Neither by what is returned nor by what the store has."""
    async with Marketplace() as market:
        invited = await act(market, invite, ADDRESS)
        assert isinstance(invited, Invitation)
        looked = await act(market, invitation, invited.token)
        session = await act(market, accept_invitation, invited.token, HASH)
        shown: list[object] = [invited, looked, session, await act(market, login, ADDRESS)]
        shown += [await act(market, account, session.worker_id)]
        shown += [await act(market, lambda context: context.store.accounts.at(ADDRESS.casefold()))]
    assert "None" not in [repr(each) for each in shown]
    for secret in (invited.token, HASH, "example.org", "Example.org"):
        assert secret not in repr(shown)


async def test_accounts_are_in_backups(database: str | None, tmp_path: Path) -> None:
    """From either kind of store into a file that signs people in, and invites them, as the first did."""
    if database is None:
        database = str(tmp_path / "market.db")
    async with Marketplace(database, clock=StillClock()) as market:
        session = await joined(market, name="Anna")
        pending = (await act(market, invite, "bert@example.org")).token
        (assignment_id,) = await done(market, (await Requester(market).hit())["HITId"], session.worker_id)
        assert assignment_id
    copy, target = tmp_path / "copy.db", tmp_path / "again.db"
    await asyncio.to_thread(back_up, database, copy)
    await asyncio.to_thread(restore, copy, target)
    async with Marketplace(target, clock=StillClock()) as market:
        assert (await act(market, login, ADDRESS)).password == HASH
        looked = await act(market, invitation, pending)
        assert looked is not None
        assert looked.state == "open"
        assert (await act(market, account, session.worker_id)) is not None
        assert (await act(market, accept_invitation, pending, HASH)).worker_id == looked.worker_id


async def test_who_is_invited_is_known() -> None:
    """Where strangers are refused, people with accounts work."""
    async with Marketplace(rules=replace(AMAZON, strict_workers=True)) as market:
        hit_id = (await Requester(market).hit())["HITId"]
        session = await joined(market)
        assert await market.worker(session.worker_id).accept(hit_id)


async def test_the_people_who_are_known(market: Marketplace) -> None:
    """Persons are listed, those who came last first, with their names; neither scripts nor the other environment's."""
    await market.worker(ANNA).find()
    await market.advance(MINUTE)
    await market.add_worker(BERT, origin="script")
    await market.worker(BERT, environment="production").find()
    session = await joined(market, name="Cara")
    found = await act(market, listed, 10)
    assert [(each.worker_id, each.name) for each in found] == [(session.worker_id, "Cara"), (ANNA, None)]
    assert found[0].since - found[1].since == MINUTE
    assert await act(market, listed, 1) == found[:1]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["failed", "succeeded", "wait", "wait long", "invite", "end"]), max_size=25))
async def test_any_row_of_attempts(steps: list[str]) -> None:
    """Nobody ever gets in while the address is locked, and it is locked exactly as the failures in a row say."""
    async with Marketplace(clock=StillClock()) as market:
        session = await joined(market)
        failures, locked_until = 0, market.now()
        for step in steps:
            locked = market.now() < locked_until
            generation = (await act(market, login, ADDRESS)).generation
            if step == "failed":
                await act(market, failed, ADDRESS)
                if not locked:
                    failures += 1
                    if failures >= 5:
                        locked_until = market.now() + min(60, 2 ** (failures - 5)) * MINUTE
            elif step == "succeeded":
                begun = await act(market, succeeded, ADDRESS, generation)
                assert (begun is None) == locked
                failures = failures if locked else 0
            elif step == "invite":
                invited = await act(market, invite, ADDRESS)
                session = await act(market, accept_invitation, invited.token, HASH)
                failures, locked_until = 0, market.now()
            elif step == "end":
                await act(market, end_sessions, session.worker_id)
            else:
                await market.advance(MINUTE if step == "wait" else 61 * MINUTE)
            until = (await act(market, login, ADDRESS)).locked_until
            assert until == (locked_until if market.now() < locked_until else None)
