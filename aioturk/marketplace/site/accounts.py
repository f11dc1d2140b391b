"""
Accounts: where others can reach the marketplace, people come by invitation, set a password, and sign in with it.

The rules are in `aioturk.marketplace.service.accounts` and `aioturk.marketplace.service.inviting`, hashing in
`aioturk.marketplace.site.passwords`, how often a computer may guess in `aioturk.marketplace.site.attempts`.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from aioturk.marketplace.service import accounts, inviting
from aioturk.marketplace.service.accounts import Session
from aioturk.marketplace.service.inviting import Invited
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.signing_in import following, sign_out
from aioturk.marketplace.site.visits import Route, Visit

__all__ = ["ROUTES"]

_WRONG: Final = "The address or the password is wrong, or there were too many attempts: then try again in some minutes."


async def sign_in_page(visit: Visit) -> web.StreamResponse:
    """Ask for address and password."""
    return visit.show("accounts/sign_in.html", following=following(visit.query.get("next")), wrong="", address="")


async def sign_in(visit: Visit) -> web.StreamResponse:
    """Sign somebody in who knows the password."""
    site, address, password = visit.site, visit.form.get("address", ""), visit.form.get("password", "")
    asked = await visit.act_as_site(lambda context: accounts.login(context, address))
    is_known = site.known_here.is_known(visit.request, asked.worker_id, asked.generation)
    # Whoever has signed in here before is not kept out by the guesses of others at the same address.
    with visit.guess(asked.worker_id if is_known else None) as attempt:
        session = None
        if await site.passwords.fits(password, asked.password) and (is_known or asked.locked_until is None):
            session = await visit.act_as_site(
                lambda context: accounts.succeeded(context, address, asked.generation, is_known=is_known)
            )
        else:
            await visit.act_as_site(lambda context: accounts.failed(context, address, is_known=is_known))
        if session is not None:
            attempt.was_right()
    if session is None:
        onward = following(visit.form.get("next"))
        return visit.show("accounts/sign_in.html", status=401, following=onward, wrong=_WRONG, address=address)
    response = visit.go(following(visit.form.get("next")))
    return await _let_in(visit, response, session)


async def _let_in(visit: Visit, response: web.StreamResponse, session: Session) -> web.StreamResponse:
    """Begin a session in this browser, which is known from now on."""
    await visit.sign(response, visit.session.as_worker(session.worker_id, session.generation))
    visit.site.known_here.add(visit.request, response, session.worker_id, session.generation)
    return response


# Invitations.


async def invitation_page(visit: Visit) -> web.StreamResponse:
    """Show what an invitation is for, and ask for a password."""
    return visit.show("accounts/invitation.html", found=await _invited(visit), path=visit.request.path)


async def accept_invitation(visit: Visit) -> web.StreamResponse:
    """Set the password of whoever was invited, and sign them in."""
    found = await _invited(visit)
    hashed = await _new_password(visit, found.address, found.worker_id)
    token = visit.path("token")
    session = await visit.act_as_site(lambda context: inviting.accept_invitation(context, token, hashed))
    response = visit.go("/projects")
    return await _let_in(visit, response, session)


async def _invited(visit: Visit) -> Invited:
    token = visit.path("token")
    found = await visit.act_as_site(lambda context: inviting.invitation(context, token))
    if found is None:
        raise Refused("This is the link of no invitation. Is it complete?", 404)
    if found.state == "used":
        raise Refused("This invitation was used already: sign in with the password that was set.", 410)
    if found.state == "over":
        raise Refused("This invitation is over: ask for a new one, or use the newest that you were sent.", 410)
    return found


async def _new_password(visit: Visit, *known: str) -> str:
    """Return the hash of the password that somebody wants, of whom others know this much."""
    password = visit.form.get("password", "")
    if password != visit.form.get("again", ""):
        raise Refused("The two passwords are different. Nothing was changed: go back and write them again.", 422)
    if password.strip().casefold() in {each.casefold() for each in known}:
        raise Refused("Your address and your worker id are no passwords: others know them. Nothing was changed.", 422)
    # This is no guess: many who were invited may sit in one room, behind one address. Hashing has its own queue.
    return await visit.site.passwords.hash(password)


# One's own account.


async def account(visit: Visit) -> web.StreamResponse:
    """Show how somebody signs in."""
    found = await visit.act(lambda context: accounts.account(context, visit.worker_id))
    return visit.show("accounts/account.html", found=found)


async def change_password(visit: Visit) -> web.StreamResponse:
    """Set another password, for whoever knows the old one."""
    own = await visit.act(lambda context: accounts.account(context, visit.worker_id))
    address = own.address if own else ""
    asked = await visit.act(lambda context: accounts.login(context, address))
    is_known = visit.site.known_here.is_known(visit.request, visit.worker_id, asked.generation)
    with visit.guess(visit.worker_id if is_known else None) as attempt:
        fits = await visit.site.passwords.fits(visit.form.get("old", ""), asked.password)
        if not fits or (asked.locked_until is not None and not is_known):
            await visit.act(lambda context: accounts.failed(context, address, is_known=is_known))
            raise Refused("The old password is wrong, or there were too many attempts. Nothing was changed.", 403)
        attempt.was_right()
    hashed = await _new_password(visit, address, visit.worker_id)
    session = await visit.act(lambda context: accounts.change_password(context, visit.worker_id, hashed))
    visit.session = visit.session.as_worker(session.worker_id, session.generation)
    response = visit.go(visit.saying("changed", "/account"))
    await visit.sign(response, visit.session)
    visit.site.known_here.add(visit.request, response, session.worker_id, session.generation)
    return response


async def end_sessions(visit: Visit) -> web.StreamResponse:
    """Sign somebody out everywhere."""
    worker_id = visit.worker_id
    generation = await visit.act(lambda context: accounts.end_sessions(context, worker_id))
    response = await sign_out(visit)
    visit.site.known_here.add(visit.request, response, worker_id, generation)
    return response


ROUTES: Final = (
    Route("GET", "/sign_in", sign_in_page, for_worker=False),
    Route("POST", "/sign_in", sign_in, for_worker=False),
    Route("POST", "/sign_out", sign_out, for_worker=False),
    Route("GET", "/invitations/{token}", invitation_page, for_worker=False),
    Route("POST", "/invitations/{token}", accept_invitation, for_worker=False),
    Route("GET", "/account", account),
    Route("POST", "/account", change_password),
    Route("POST", "/account/end_sessions", end_sessions),
)
