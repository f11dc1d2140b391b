"""Bodies that are no form: whoever sends them is told so, as on every page."""

from __future__ import annotations

import inspect
import io
import logging
from urllib.parse import urlencode

import aiohttp
import aiohttp.web
import pytest
from yarl import URL

from aioturk.marketplace import Marketplace
from tests.marketplace.support import Requester

from .visitor import Visitor, submit_to

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=abc"

_COUNTS_FIELDS = "client_max_fields" in inspect.signature(aiohttp.web.Application).parameters


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x", "multipart/form-data"),
        (b"x", MULTIPART),
        (b'--abc\r\nContent-Disposition: form-data; name="assignmentId"\r\n\r\nxx', MULTIPART),
        (b"--abc\r\nContent-Disposition: form-data\r\n\r\nxx\r\n--abc--\r\n", MULTIPART),
        (b"--abc\r\nno header\r\n\r\nxx\r\n--abc--\r\n", MULTIPART),
        (
            b'--abc\r\nContent-Disposition: form-data; name="a"\r\n'
            b"Content-Transfer-Encoding: no\r\n\r\nx\r\n--abc--\r\n",
            MULTIPART,
        ),
        (b"a=1", f"{URLENCODED}; charset=bogus"),
        (b"a=\xe4", URLENCODED),
    ],
)
@pytest.mark.parametrize("path", ["/mturk/externalSubmit", "/sign_in"])
async def test_what_cannot_be_read(
    market: Marketplace, caplog: pytest.LogCaptureFixture, path: str, body: bytes, kind: str
) -> None:
    """What cannot be read is declined on a page of ours, and is no failure of the site's."""
    with caplog.at_level(logging.ERROR):
        async with (
            aiohttp.ClientSession() as session,
            session.post(market.site_url + path, data=body, headers={"Content-Type": kind}) as answer,
        ):
            assert answer.status in (400, 404)
            assert "Content-Security-Policy" in answer.headers
            assert "failed" not in caplog.text


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
async def test_no_form(market: Marketplace, kind: str) -> None:
    """A page whose script sends something else than a form is told what is expected."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(submit_to(market), data=b'{"assignmentId": "3A"}', headers={"Content-Type": kind}) as answer,
    ):
        assert answer.status == 415
        assert "has to come as application/x-www-form-urlencoded" in await answer.text()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("caf%C3%A9", "café"),
        ("caf%E9", "café"),
        ("%80+5", "€ 5"),
        ("%C3%A9+%E9", "Ã© é"),
        ("%81%E9", "\N{REPLACEMENT CHARACTER}é"),
        ("%EF%BF%BD", "\N{REPLACEMENT CHARACTER}"),
    ],
)
@pytest.mark.parametrize("place", ["body", "address"])
async def test_encodings_of_older_pages(market: Marketplace, turk: Requester, place: str, sent: str, kept: str) -> None:
    """Pages in an encoding of long ago send their forms in it without saying so, and no letter gets lost."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in("A1ANNA")
        held = (await anna.accept(hit["HITGroupId"])).query["assignment_id"]
    fields, address = f"assignmentId={held}&text={sent}", URL(submit_to(market))
    if place == "address":
        fields, address = "", URL(f"{address}?{fields}", encoded=True)
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=fields.encode(), headers={"Content-Type": URLENCODED}) as answer,
    ):
        assert answer.status == 200
    answers = (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["Assignments"][0]["Answer"]
    assert f"<FreeText>{kept}</FreeText>" in answers


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"a": "x" * 4_000_000}, id="long"),
        pytest.param(
            {f"a{number}": "" for number in range(30_000)},
            id="many",
            marks=pytest.mark.skipif(not _COUNTS_FIELDS, reason="this aiohttp takes as many fields as there are"),
        ),
    ],
)
async def test_too_much(market: Marketplace, turk: Requester, more: dict[str, str]) -> None:
    """More than is taken is declined in words, with our headers, and the HIT stays in work."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in("A1ANNA")
        held = (await anna.accept(hit["HITGroupId"])).query["assignment_id"]
        body = io.BytesIO(urlencode({"assignmentId": held, **more}).encode())
        async with (
            aiohttp.ClientSession() as session,
            session.post(submit_to(market), data=body, headers={"Content-Type": URLENCODED}) as answer,
        ):
            assert answer.status == 413
            assert "Nothing was taken" in await answer.text()
            assert "Content-Security-Policy" in answer.headers
        assert (await anna.post(submit_to(market), {"assignmentId": held, "a": "1"})).path == "/tasks/submitted"


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
async def test_large_forms(market: Marketplace, turk: Requester, kind: str) -> None:
    """A form of three thousand fields is submitted, each of them."""
    hit = await turk.hit()
    fields = {f"a{number}": str(number) for number in range(3000)}
    async with Visitor(market) as anna:
        await anna.sign_in("A1ANNA")
        held = (await anna.accept(hit["HITGroupId"])).query["assignment_id"]
        form = aiohttp.FormData({"assignmentId": held, **fields}, default_to_multipart=kind == "multipart")
        async with aiohttp.ClientSession() as session, session.post(submit_to(market), data=form) as answer:
            assert answer.status == 200
            assert "Your answers have come in" in await answer.text()
    answers = (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["Assignments"][0]["Answer"]
    assert all(f"<QuestionIdentifier>{name}<" in answers for name in fields)
