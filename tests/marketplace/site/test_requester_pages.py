"""The requesters' pages over plain HTTP: who gets in, what is decided and paid, and what is refused."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.marketplace import Marketplace
from aioturk.marketplace.service import moments
from aioturk.marketplace.service.moments import keep
from aioturk.marketplace.site.requester import bulk as bulk_pages
from aioturk.marketplace.site.requester.bulk import Outcome
from aioturk.marketplace.site.requester.desk import Desk
from aioturk.marketplace.site.requester.pictures import columns, strip

from ...postgres import Postgres
from ..acts import act as act_in
from ..support import ANNA, BERT, CARA, DORA, Requester, StillClock, done
from .visitor import Page, Visitor

FORM = (
    '<QuestionForm xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2017-11-06/QuestionForm.xsd">'
    "<Question><QuestionIdentifier>mood</QuestionIdentifier><DisplayName>Your mood</DisplayName>"
    "<QuestionContent><Text>How are you?</Text></QuestionContent>"
    "<AnswerSpecification><SelectionAnswer><Selections>"
    "<Selection><SelectionIdentifier>g</SelectionIdentifier><Text>Quite good</Text></Selection>"
    "<Selection><SelectionIdentifier>b</SelectionIdentifier><Text>Rather bad</Text></Selection>"
    "</Selections></SelectionAnswer></AnswerSpecification></Question></QuestionForm>"
)

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7 * 7 }}{% raw %}",
    "</title></textarea><svg onload=alert(1)>",
    "javascript:alert(1)",
]


both = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
"""For what depends on the store: how it takes odd texts, and what comes at the same time."""


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str | None:
    """Where the market is kept: in memory, or where a test wants it."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh()


@pytest.fixture
async def market(store: str | None) -> AsyncIterator[Marketplace]:
    """A marketplace that keeps account of money, whose clock stands still."""
    async with Marketplace(store, clock=StillClock(), balance="10.00") as market:
        yield market


@pytest.fixture
async def visitor(market: Marketplace) -> AsyncIterator[Visitor]:
    """Somebody who has signed in with the first requester's key."""
    async with Visitor(market) as visitor:
        await enter(visitor, market.access_key, market.secret_key)
        yield visitor


async def enter(visitor: Visitor, access_key: str, secret_key: str) -> Page:
    """Sign in as a requester."""
    page = await visitor.get("/requester/sign_in")
    return await visitor.send(page, "/requester/sign_in", access_key=access_key, secret_key=secret_key)


async def test_who_is_taken_for_a_worker_can_be_a_requester_too() -> None:
    """Where everybody is one worker, without signing in, the requester's pages let in whoever has the key."""
    async with Marketplace(visitor=ANNA) as market, Visitor(market) as visitor:
        page = await enter(visitor, market.access_key, market.secret_key)
    assert (page.status, page.path) == (200, "/requester/hits")


def fields(page: Page, action: str) -> list[tuple[str, str]]:
    """The hidden fields of a form, those that are there several times included."""
    form = next(form for form in page.tree.iter("form") if form.attrib.get("action") == action)
    return [
        (field.attrib["name"], field.attrib.get("value", ""))
        for field in form.iter("input")
        if field.attrib.get("type") == "hidden"
    ]


async def token(visitor: Visitor) -> str:
    """A token of the session's forms."""
    return (await visitor.get("/requester/hits")).form("/requester/sign_out")["authenticity_token"]


async def bulk(visitor: Visitor, act: str, **chosen: Iterable[str]) -> Page:
    """Ask what it would cost to decide on HITs or assignments."""
    pairs = [("authenticity_token", await token(visitor)), ("act", act)]
    pairs += [(name, value) for name, values in chosen.items() for value in values]
    return await visitor.post("/requester/bulk", pairs)


async def go_on(visitor: Visitor, page: Page, **more: str) -> Page:
    """Send the form that decides."""
    return await visitor.post("/requester/bulk/decide", [*fields(page, "/requester/bulk/decide"), *more.items()])


async def statuses(turk: Requester, hit_id: str) -> list[str]:
    """The decisions on a HIT's assignments, in the order of submission."""
    return [each["AssignmentStatus"] for each in await turk.assignments(hit_id)]


async def available(turk: Requester) -> Decimal:
    """What the account can spend."""
    return Decimal((await turk("GetAccountBalance"))["AvailableBalance"])


def outcomes(page: Page) -> dict[str, str]:
    """What the result of a bulk decision says of each assignment."""
    return {
        "".join(row[0].itertext()).strip(): "".join(row[1].itertext()).strip()
        for row in page.tree.findall(".//tbody/tr")
    }


# Signing in and out.


@both
async def test_signing_in_needs_the_secret(market: Marketplace) -> None:
    """With the secret of its key somebody gets in; with another one, or an unknown key, nobody does."""
    async with Visitor(market) as visitor:
        assert (await visitor.get("/requester/hits")).path == "/requester/sign_in"
        for access_key, secret_key in (
            (market.access_key, "wrong"),
            ("AKIANOBODY", market.secret_key),
            ("", ""),
            ("A\x07B", "-"),
            ("AKIANOBODY", "-"),
        ):
            page = await enter(visitor, access_key, secret_key)
            assert page.status == 403
            assert "not the one that belongs to it" in page.words
            assert market.secret_key not in page.text
        page = await enter(visitor, market.access_key, market.secret_key)
        assert (page.status, page.path) == (200, "/requester/hits")
        assert market.secret_key not in page.text


async def test_one_goes_on_to_where_one_wanted(market: Marketplace, turk: Requester) -> None:
    """After signing in one is where one wanted to go, as long as that is a page for requesters here."""
    hit = await turk.hit()
    async with Visitor(market) as visitor:
        page = await visitor.get(f"/requester/hits/{hit['HITId']}")
        keys = {"access_key": market.access_key, "secret_key": market.secret_key}
        assert (await visitor.send(page, "/requester/sign_in", **keys)).path == f"/requester/hits/{hit['HITId']}"
        for elsewhere in ("https://example.org/", "//example.org", "/requester\\@example.org", "/projects"):
            page = await visitor.get("/requester/sign_in")
            went = await visitor.send(page, "/requester/sign_in", next=elsewhere, **keys)
            assert went.url == f"{market.site_url}/requester/hits"


async def test_who_guesses_has_to_wait(market: Marketplace) -> None:
    """After twenty wrong secrets nothing from that computer is checked, the right one included; later it is."""
    async with Visitor(market) as visitor:
        for _ in range(20):
            assert (await enter(visitor, market.access_key, "wrong")).status == 403
        page = await enter(visitor, market.access_key, market.secret_key)
        assert page.status == 429
        assert "Too many attempts" in page.words
        await market.advance(timedelta(minutes=16))
        assert (await enter(visitor, market.access_key, market.secret_key)).status == 200


async def test_who_tries_many_keys_has_to_wait(market: Marketplace) -> None:
    """Wrong secrets count for the computer that they come from, too, whatever the key is."""
    async with Visitor(market) as visitor:
        for number in range(20):
            assert (await enter(visitor, f"AKIA{number}", "wrong")).status == 403
        assert (await enter(visitor, market.access_key, market.secret_key)).status == 429


async def test_signing_out(visitor: Visitor) -> None:
    """Who has signed out sees nothing any more."""
    await visitor.send(await visitor.get("/requester/hits"), "/requester/sign_out")
    assert (await visitor.get("/requester/hits")).path == "/requester/sign_in"


async def test_workers_are_no_requesters(market: Marketplace, turk: Requester) -> None:
    """Who has signed in as a worker gets to no page of requesters, and what they send there does nothing."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        for path in ("hits", "progress", f"hits/{hit['HITId']}", f"assignments/{assignment_id}"):
            assert (await anna.get(f"/requester/{path}")).path == "/requester/sign_in"
        worker_token = (await anna.get("/tasks")).form("/sign_out")["authenticity_token"]
        page = await anna.post(f"/requester/assignments/{assignment_id}/approve", {"authenticity_token": worker_token})
        assert page.status == 401
    assert await statuses(turk, hit["HITId"]) == ["Submitted"]


async def test_a_revoked_key_ends_the_session(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """With the next request after its key was revoked somebody is signed out, and nothing is done."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    other = await market.add_key()
    async with Visitor(market) as second:
        await enter(second, other.access_key, other.secret_key)
        form_token = await token(second)
        await market.revoke_key(other.access_key)
        page = await second.post(f"/requester/assignments/{assignment_id}/approve", {"authenticity_token": form_token})
        assert page.path == "/requester/sign_in"
        assert "You were signed out" in page.words
        assert (await second.get("/requester/hits")).path == "/requester/sign_in"
    assert await statuses(turk, hit["HITId"]) == ["Submitted"]
    assert (await visitor.get("/requester/hits")).path == "/requester/hits"


async def test_another_secret_ends_the_session(market: Marketplace) -> None:
    """A session ends when the secret of its key is changed, because whoever had the old one may have stolen it."""
    other = await market.add_key()
    async with Visitor(market) as visitor:
        await enter(visitor, other.access_key, other.secret_key)
        assert (await visitor.get("/requester/hits")).path == "/requester/hits"
        await market.add_key(access_key=other.access_key, secret_key="another secret")
        assert (await visitor.get("/requester/hits")).path == "/requester/sign_in"


async def test_a_session_ends_after_half_a_day(market: Marketplace, visitor: Visitor) -> None:
    """Who can spend money has to sign in again after twelve hours."""
    await market.advance(timedelta(hours=11, minutes=59))
    assert (await visitor.get("/requester/hits")).path == "/requester/hits"
    await market.advance(timedelta(minutes=2))
    assert (await visitor.get("/requester/hits")).path == "/requester/sign_in"


# Looking.


async def test_the_list_of_hits(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """HITs are listed the newest first, by state, by words, and by whether work waits."""
    hits = [await turk.hit(Title=f"Kind {number}", RequesterAnnotation=f"note-{number}") for number in range(3)]
    await done(market, hits[1]["HITId"], ANNA)

    async def listed(query: str = "") -> list[str]:
        page = await visitor.get(f"/requester/hits{query}")
        return re.findall(r"Kind \d(?=</a>)", page.text)

    assert await listed() == ["Kind 2", "Kind 1", "Kind 0"]
    assert await listed("?state=Reviewable") == ["Kind 1"]
    assert await listed("?state=Assignable") == ["Kind 2", "Kind 0"]
    assert await listed("?waiting=true") == ["Kind 1"]
    assert await listed("?search=NOTE-0") == ["Kind 0"]
    assert await listed("?search=nothing+of+the+kind") == []
    assert (await visitor.get(f"/requester/hits?search={hits[0]['HITId']}")).path.endswith(hits[0]["HITId"])
    assert (await visitor.get("/requester/hits?state=Sold")).status == 422


async def test_long_lists_go_on(turk: Requester, visitor: Visitor) -> None:
    """A list of more HITs than a page has leads on to the rest, and ends there."""
    wanted = {(await turk.hit(Title=f"Kind {number}"))["HITId"] for number in range(27)}
    first = await visitor.get("/requester/hits")
    [onward] = [link for link in first.links() if "after=" in link]
    second = await visitor.get(onward)
    assert not [link for link in second.links() if "after=" in link]
    found = [re.findall(r"/requester/hits/([A-Z0-9]{30})\"", page.text) for page in (first, second)]
    assert list(map(len, found)) == [25, 2]
    assert {*found[0], *found[1]} == wanted


async def test_a_hit_and_its_answers(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """A HIT's page lists what was submitted, with answers, and by what was decided."""
    hit = await turk.hit(MaxAssignments=3)
    first, second = await done(market, hit["HITId"], ANNA, BERT)
    await turk("ApproveAssignment", AssignmentId=first)
    path = f"/requester/hits/{hit['HITId']}"
    page = await visitor.get(path)
    assert first in page.words
    assert second in page.words
    assert "age: 36" in page.words
    approved = await visitor.get(f"{path}?status=Approved")
    assert first in approved.words
    assert second not in approved.words


async def timed(market: Marketplace, hit_id: str, worker_id: str) -> str:
    """Let somebody submit a HIT after half a minute, whose browser has told of two moments; return the assignment."""
    worker = market.worker(worker_id)
    assignment_id = await worker.accept(hit_id)
    await market.advance(timedelta(seconds=7))
    first = round(market.now().timestamp() * 1000)
    await market.advance(timedelta(seconds=23))
    await act_in(market, keep, worker_id, assignment_id, first_input_at=first, active_seconds=21)
    await worker.submit(assignment_id, {"age": "36"})
    return assignment_id


@both
async def test_when_people_did_what(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """What browsers told stands beside each assignment, where it was told, and is downloaded as it stands there."""
    hit = await turk.hit(MaxAssignments=2)
    other = await turk.hit(Title="Another kind")
    anna = await timed(market, hit["HITId"], ANNA)
    [bert] = await done(market, hit["HITId"], BERT)
    await done(market, other["HITId"], ANNA)
    path = f"/requester/hits/{hit['HITId']}"
    page = await visitor.get(path)
    rows = [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in page.tree.iterfind(".//tbody/tr")]
    assert [row[6:8] for row in rows] == [["7 seconds", "21 seconds"], ["not told", "not told"]]
    for address in (f"{path}/review", f"/requester/assignments/{anna}"):
        words = (await visitor.get(address)).words
        assert "after 30 seconds; something was first entered after 7 seconds; at it for 21 seconds" in words
    assert "at it" not in (await visitor.get(f"/requester/assignments/{bert}")).words

    links = {link for link in page.links() if "moments" in link}
    assert links == {f"/requester/moments.{form}?hit={hit['HITId']}" for form in ("csv", "jsonl")}
    links |= {link for link in (await visitor.get("/requester/progress")).links() if "moments" in link}
    assert len(links) == 2 + 2 + 2 * 2  # of the HIT, of everything, of each type
    found = {}
    for link in links:
        file = await visitor.get(link)
        assert file.headers["Content-Disposition"].startswith('attachment; filename="moments.')
        is_csv = file.headers["Content-Type"].startswith("text/csv")
        read = list(csv.DictReader(io.StringIO(file.text))) if is_csv else list(map(json.loads, file.text.splitlines()))
        found[link] = [(row["assignment_id"], row["worker_id"], str(row["active_seconds"] or "")) for row in read]
    mine = [(anna, ANNA, "21"), (bert, BERT, "")]
    assert [found[link] for link in links if "hit=" in link or hit["HITTypeId"] in link] == 4 * [mine]
    assert [len(found[link]) for link in links if "?" not in link] == [3, 3]
    line = json.loads((await visitor.get("/requester/moments.jsonl")).text.splitlines()[0])
    accepted, first = (datetime.fromisoformat(line[name]) for name in ("accepted", "first_input"))
    assert first - accepted == timedelta(seconds=7)
    assert (line["duration_seconds"], line["approved"], line["status"]) == (30, None, "Submitted")


async def test_long_files_are_whole(
    market: Marketplace, turk: Requester, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moments of more work than is read at a time are in the file, each once, in their order."""
    hit = await turk.hit(MaxAssignments=5)
    ids = await done(market, hit["HITId"], ANNA, BERT, CARA, DORA)
    all_at_once = moments.submitted
    monkeypatch.setattr(moments, "submitted", partial(all_at_once, limit=3))
    lines = (await visitor.get("/requester/moments.jsonl")).text.splitlines()
    assert [json.loads(line)["assignment_id"] for line in lines] == ids


async def test_reviewing_shows_the_task_of_a_hit_that_is_over(
    market: Marketplace, turk: Requester, visitor: Visitor
) -> None:
    """Beside the answers stands the task as workers saw it, even when nobody can accept it any more; forms by label."""
    hit = await turk.hit(Question=FORM)
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit["HITId"])
    await worker.submit(assignment_id, {"mood": "g"})
    page = await visitor.get(f"/requester/hits/{hit['HITId']}/review")
    assert "Your mood (mood)" in page.words
    assert "Quite good (g)" in page.words
    frame = await visitor.get(page.frame())
    assert frame.status == 200
    assert "How are you?" in frame.text


async def test_a_ticket_shows_one_hit_to_its_requester(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """The address of a frame is good for the HIT that it was made for, and cannot be changed into another's."""
    hit = await turk.hit(Question=FORM)
    await done_form(market, hit["HITId"])
    source = (await visitor.get(f"/requester/hits/{hit['HITId']}/review")).frame()
    head, _, tail = source.partition("/frames/")
    assert (await visitor.get(f"{head}/frames/x{tail}")).status == 403


async def done_form(market: Marketplace, hit_id: str) -> None:
    """Let somebody fill in the form."""
    worker = market.worker(ANNA)
    await worker.submit(await worker.accept(hit_id), {"mood": "b"})


@both
async def test_nothing_of_others_is_seen(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """The HITs and assignments of another requester are not there: not listed, 404 by id, and nothing can be done."""
    hit = await turk.hit(Title="Not yours")
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    keys = await market.add_requester("other")
    async with Visitor(market) as other:
        await enter(other, keys.access_key, keys.secret_key)
        form = {"authenticity_token": await token(other), "feedback": "x", "amount": "1", "reason": "x"}
        form["bonus_token"] = "0" * 32
        assert "Not yours" not in (await other.get("/requester/hits")).text
        assert "Not yours" not in (await other.get("/requester/progress")).text
        for query in ("", f"?hit={hit['HITId']}", f"?hit_type={hit['HITTypeId']}"):
            assert (await other.get(f"/requester/moments.jsonl{query}")).text == ""
        own = f"/requester/assignments/{assignment_id}"
        for path in (f"/requester/hits/{hit['HITId']}", f"/requester/hits/{hit['HITId']}/review", own):
            assert (await other.get(path)).status == 404
        for path in ("approve", "reject", "bonus", "bonus/pay"):
            assert (await other.post(f"{own}/{path}", form)).status == 404
        assert (await bulk(other, "approve", hit=[hit["HITId"]])).status == 404
        page = await bulk(other, "approve", assignment=[assignment_id])
        assert "There is no such work of yours" in page.words
        result = await other.post("/requester/bulk/decide", {**form, "act": "approve", "assignment": assignment_id})
        assert outcomes(result) == {assignment_id: f"Not done: Assignment {assignment_id} does not exist."}
    assert await statuses(turk, hit["HITId"]) == ["Submitted"]
    for nonsense in ("nothing", "%01", "%F0%9F%98%80", "3" * 65):
        assert (await visitor.get(f"/requester/hits/{nonsense}")).status == 404
        assert (await visitor.get(f"/requester/assignments/{nonsense}")).status == 404


# Deciding on one.


async def test_approving_pays_once(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """Approving pays reward and fee from what is held back; approving again is refused, and pays nothing."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    page = await visitor.get(f"/requester/hits/{hit['HITId']}/review")
    path = f"/requester/assignments/{assignment_id}/approve"
    form = page.form(path)
    page = await visitor.post(path, form)
    assert (page.status, page.path) == (200, f"/requester/hits/{hit['HITId']}/review")
    assert "Approved. The work is paid." in page.words
    for _ in range(2):
        assert (await visitor.post(path, form)).status == 409
    assert await statuses(turk, hit["HITId"]) == ["Approved"]
    assert (await market.earnings(ANNA)).earned == Decimal("0.25")
    assert await available(turk) == Decimal("9.70")


@pytest.mark.parametrize("page_of", ["review", "assignment"])
async def test_a_word_with_the_approval(market: Marketplace, turk: Requester, visitor: Visitor, page_of: str) -> None:
    """Whoever approves can say something to the worker, and need not."""
    hit = await turk.hit(MaxAssignments=2)
    first, second = await done(market, hit["HITId"], ANNA, BERT)
    for assignment_id, text in ((first, "Well done"), (second, "")):
        address = f"hits/{hit['HITId']}/review" if page_of == "review" else f"assignments/{assignment_id}"
        page = await visitor.get(f"/requester/{address}")
        path = f"/requester/assignments/{assignment_id}/approve"
        assert page.form(path)["feedback"] == ""
        assert (await visitor.send(page, path, feedback=text)).status == 200
    told = [each.get("RequesterFeedback") for each in await turk.assignments(hit["HITId"])]
    assert told == ["Well done", None]


@both
async def test_many_clicks_at_once_pay_once(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """Of several equal forms that arrive together one is done, and the money moves once."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    form = {"authenticity_token": await token(visitor)}
    path = f"/requester/assignments/{assignment_id}/approve"
    pages = await asyncio.gather(*(visitor.post(path, form) for _ in range(5)))
    assert sorted(page.status for page in pages) == [200, 409, 409, 409, 409]
    assert await available(turk) == Decimal("9.70")


async def test_approved_work_cannot_be_rejected(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """Rejecting what was approved is refused, and changes nothing."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    form = {"authenticity_token": await token(visitor), "feedback": "no"}
    assert (await visitor.post(f"/requester/assignments/{assignment_id}/reject", form)).status == 409
    assert await statuses(turk, hit["HITId"]) == ["Approved"]


async def test_rejecting_needs_a_reason(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """Without a word to the worker nothing is rejected; with one it is, and the worker is told it."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    form = {"authenticity_token": await token(visitor)}
    path = f"/requester/assignments/{assignment_id}/reject"
    for nothing in ({}, {"feedback": "  \r\n"}):
        assert (await visitor.post(path, {**form, **nothing})).status == 422
    assert await statuses(turk, hit["HITId"]) == ["Submitted"]
    assert (await visitor.post(path, {**form, "feedback": "Too short.\r\nSorry."})).status == 200
    [rejected] = await turk.assignments(hit["HITId"])
    assert (rejected["AssignmentStatus"], rejected["RequesterFeedback"]) == ("Rejected", "Too short.\nSorry.")
    assert await available(turk) == Decimal("10.00")


@both
async def test_feedback_that_the_service_does_not_take(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """What the API would refuse is refused here, too, and nothing is decided."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    form = {"authenticity_token": await token(visitor)}
    for feedback in ("x" * 1025, "bell \x07"):
        for act in ("approve", "reject"):
            page = await visitor.post(f"/requester/assignments/{assignment_id}/{act}", {**form, "feedback": feedback})
            assert page.status == 422, (act, feedback)
    assert await statuses(turk, hit["HITId"]) == ["Submitted"]


async def test_a_rejection_can_be_overridden_for_thirty_days(
    market: Marketplace, turk: Requester, visitor: Visitor
) -> None:
    """Rejected work can be approved after all, and is paid then; after thirty days it can no longer."""
    hit = await turk.hit(MaxAssignments=2)
    first, second = await done(market, hit["HITId"], ANNA, BERT)
    for assignment_id in (first, second):
        await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="no")
    page = await visitor.get(f"/requester/assignments/{first}")
    assert "Approve after all" in page.words
    page = await visitor.send(page, f"/requester/assignments/{first}/approve")
    assert page.status == 200
    assert await statuses(turk, hit["HITId"]) == ["Approved", "Rejected"]
    assert await available(turk) == Decimal("9.70")
    late = await visitor.get(f"/requester/assignments/{second}")
    await market.advance(timedelta(days=30, seconds=1))
    await enter(visitor, market.access_key, market.secret_key)
    assert "Approve after all" not in (await visitor.get(f"/requester/assignments/{second}")).words
    form = {**late.form(f"/requester/assignments/{second}/approve"), "authenticity_token": await token(visitor)}
    assert (await visitor.post(f"/requester/assignments/{second}/approve", form)).status == 409
    assert await statuses(turk, hit["HITId"]) == ["Approved", "Rejected"]


async def test_programs_are_answered_in_json(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """The page's script learns what was done, or why nothing was, in JSON."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    form, asked = {"authenticity_token": await token(visitor)}, {"Accept": "application/json"}
    path = f"/requester/assignments/{assignment_id}/approve"
    page = await visitor.post(path, form, headers=asked)
    assert (page.status, page.text) == (200, f'{{"assignment_id": "{assignment_id}", "status": "Approved"}}')
    page = await visitor.post(path, form, headers=asked)
    assert page.status == 409
    assert page.text.startswith('{"message": ')


# What goes with every form.


async def test_without_its_token_a_form_does_nothing(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """Every form without a token, or with one of another session, is refused with 422, and nothing is done."""
    hit = await turk.hit(MaxAssignments=2)
    ids = await done(market, hit["HITId"], ANNA, BERT)
    async with Visitor(market) as stranger:
        foreign = (await stranger.get("/requester/sign_in")).form("/requester/sign_in")["authenticity_token"]
    form = {"feedback": "x", "amount": "1", "reason": "x", "bonus_token": "0" * 32, "act": "approve"}
    form |= {"assignment": ids[0], "hit": hit["HITId"]}
    paths = [f"/requester/assignments/{ids[0]}/{act}" for act in ("approve", "reject", "bonus", "bonus/pay")]
    for path in (*paths, "/requester/bulk", "/requester/bulk/decide", "/requester/sign_out"):
        for extra in ({}, {"authenticity_token": ""}, {"authenticity_token": foreign}):
            page = await visitor.post(path, {**form, **extra})
            assert page.status == 422, path
            assert "Nothing was done" in page.words
    assert await statuses(turk, hit["HITId"]) == ["Submitted", "Submitted"]
    assert (await turk("ListBonusPayments", HITId=hit["HITId"]))["BonusPayments"] == []
    assert (await visitor.get("/requester/hits")).path == "/requester/hits"


async def test_a_read_only_key_only_looks(market: Marketplace, turk: Requester) -> None:
    """With a read-only key everything is seen, no form that decides is shown, and none is obeyed."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    keys = await market.add_key(read_only=True)
    async with Visitor(market) as reader:
        await enter(reader, keys.access_key, keys.secret_key)
        for path in (f"hits/{hit['HITId']}", f"hits/{hit['HITId']}/review", f"assignments/{assignment_id}", "progress"):
            page = await reader.get(f"/requester/{path}")
            assert page.status == 200
            assert [
                form.attrib["action"] for form in page.tree.iter("form") if form.attrib.get("method") == "post"
            ] == ["/requester/sign_out"]
        form = {"authenticity_token": await token(reader), "feedback": "x", "amount": "1", "reason": "x"}
        form |= {"bonus_token": "0" * 32, "act": "approve", "assignment": assignment_id}
        paths = [f"/requester/assignments/{assignment_id}/{act}" for act in ("approve", "reject", "bonus", "bonus/pay")]
        for path in (*paths, "/requester/bulk", "/requester/bulk/decide"):
            page = await reader.post(path, form)
            assert page.status == 403, path
            assert "read-only" in page.words
    assert await statuses(turk, hit["HITId"]) == ["Submitted"]


async def test_a_spending_cap_holds(market: Marketplace, turk: Requester) -> None:
    """What is paid here counts against the cap of the key like what is paid through the API."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    keys = await market.add_key(spending_cap="1.00")
    async with Visitor(market) as capped:
        await enter(capped, keys.access_key, keys.secret_key)
        page = await capped.get(f"/requester/assignments/{assignment_id}")
        bonus = f"/requester/assignments/{assignment_id}/bonus"
        for amount, status in (("0.70", 200), ("0.70", 422), ("0.10", 200)):
            form = {**page.form(bonus), "amount": amount, "reason": "fast", "bonus_token": f"{amount:0>31}"[:30] + "00"}
            form["bonus_token"] = form["bonus_token"].replace(".", "a") if status == 200 else "f" * 32
            assert (await capped.post(f"{bonus}/pay", form)).status == status
    paid = (await turk("ListBonusPayments", HITId=hit["HITId"]))["BonusPayments"]
    assert [each["BonusAmount"] for each in paid] == ["0.70", "0.10"]


# Deciding on many.


async def test_bulk_approval_tells_the_cost_first(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """First comes what it costs, with fees, and nothing is done; then all are approved, and exactly that is paid."""
    cheap = await turk.hit(MaxAssignments=3)
    large = await turk.hit(MaxAssignments=10, Reward="0.10")
    await done(market, cheap["HITId"], ANNA, BERT)
    await done(market, large["HITId"], ANNA)
    page = await bulk(visitor, "approve", hit=[cheap["HITId"], large["HITId"]])
    # 2 x (0.25 + 0.05), and 0.10 + 40 %.
    assert "Approve 3, pay $0.74" in page.words
    assert await statuses(turk, cheap["HITId"]) == ["Submitted", "Submitted"]
    before = (await turk("GetAccountBalance"))["OnHoldBalance"]
    page = await go_on(visitor, page, feedback="Thanks")
    assert set(outcomes(page).values()) == {"Approved."}
    assert "3 of 3 approved" in page.words
    after = (await turk("GetAccountBalance"))["OnHoldBalance"]
    assert Decimal(before) - Decimal(after) == Decimal("0.74")
    assert {each["RequesterFeedback"] for each in await turk.assignments(cheap["HITId"])} == {"Thanks"}


@both
async def test_bulk_with_half_refused_says_so_of_each(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """What was decided on meanwhile is refused, with the reason; the others are done; repeating does nothing twice."""
    hit = await turk.hit(MaxAssignments=4)
    ids = await done(market, hit["HITId"], ANNA, BERT, CARA, DORA)
    page = await bulk(visitor, "approve", assignment=ids)
    await turk("ApproveAssignment", AssignmentId=ids[0])
    await turk("RejectAssignment", AssignmentId=ids[1], RequesterFeedback="no")
    result = await go_on(visitor, page)
    assert outcomes(result) == {
        ids[0]: "It was approved before.",
        ids[1]: "It was rejected before; on its own page it may still be approved.",
        ids[2]: "Approved.",
        ids[3]: "Approved.",
    }
    money = await available(turk)
    repeated = await go_on(visitor, page)
    assert "0 of 4 approved" in repeated.words
    assert "Approved." not in outcomes(repeated).values()
    assert await available(turk) == money
    assert await statuses(turk, hit["HITId"]) == ["Approved", "Rejected", "Approved", "Approved"]
    left_out = await bulk(visitor, "approve", assignment=ids)
    assert "Nothing of what was chosen waits for a decision." in left_out.words


async def test_mass_rejection_is_asked_for_twice(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """Several are rejected only when it was typed how many; anything else rejects none of them."""
    hit = await turk.hit(MaxAssignments=3)
    await done(market, hit["HITId"], ANNA, BERT, CARA)
    page = await bulk(visitor, "reject", hit=[hit["HITId"]])
    assert "Reject 3 assignments?" in page.words
    assert (await go_on(visitor, page, feedback="")).status == 422
    page = await go_on(visitor, page, feedback="Empty answers.")
    assert "Really reject 3 assignments?" in page.words
    for typed in ("", "yes", "reject 2", "reject 33"):
        again = await go_on(visitor, page, confirmation=typed)
        assert again.status == 422
        assert "Nothing was rejected" in again.words
        assert await statuses(turk, hit["HITId"]) == ["Submitted"] * 3
    result = await go_on(visitor, page, confirmation=" Reject  3 ")
    assert set(outcomes(result).values()) == {"Rejected."}
    assert await statuses(turk, hit["HITId"]) == ["Rejected"] * 3
    assert {each["RequesterFeedback"] for each in await turk.assignments(hit["HITId"])} == {"Empty answers."}
    assert await available(turk) == Decimal("10.00")


async def test_a_key_that_is_revoked_in_between_does_no_more(
    market: Marketplace, turk: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a key is revoked in the middle, what was done is told, and that the rest was not."""
    hit = await turk.hit(MaxAssignments=3)
    ids = await done(market, hit["HITId"], ANNA, BERT, CARA)
    keys = await market.add_key()
    decide_on_one = bulk_pages._one

    async def then_revoked(desk: Desk, act: str, assignment_id: str, feedback: str | None) -> Outcome:
        outcome = await decide_on_one(desk, act, assignment_id, feedback)
        await market.revoke_key(keys.access_key)
        return outcome

    monkeypatch.setattr(bulk_pages, "_one", then_revoked)
    async with Visitor(market) as visitor:
        await enter(visitor, keys.access_key, keys.secret_key)
        result = await go_on(visitor, await bulk(visitor, "approve", assignment=ids))
        refused = "Not done: your access key is no longer good."
        assert list(outcomes(result).values()) == ["Approved.", refused, refused]
        assert (await visitor.get("/requester/hits")).path == "/requester/sign_in"
    assert await statuses(turk, hit["HITId"]) == ["Approved", "Submitted", "Submitted"]


async def test_bulk_needs_something_to_do(turk: Requester, visitor: Visitor) -> None:
    """Without a choice, or without saying what to do, nothing is done and the page says so."""
    hit = await turk.hit()
    assert (await bulk(visitor, "approve")).status == 422
    assert (await bulk(visitor, "approve", hit=[hit["HITId"]])).status == 422
    assert (await bulk(visitor, "sell", hit=[hit["HITId"]])).status == 422


async def test_more_than_a_form_takes(
    market: Marketplace, turk: Requester, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of very many the first are offered, and it says that there are more; a form with more is refused whole."""
    monkeypatch.setattr(bulk_pages, "MOST", 2)
    hit = await turk.hit(MaxAssignments=3)
    ids = await done(market, hit["HITId"], ANNA, BERT, CARA)
    page = await bulk(visitor, "approve", hit=[hit["HITId"]])
    assert "There are more than 2" in page.words
    assert [value for name, value in fields(page, "/requester/bulk/decide") if name == "assignment"] == ids[:2]
    form = [*fields(page, "/requester/bulk/decide"), ("assignment", ids[2])]
    assert (await visitor.post("/requester/bulk/decide", form)).status == 422
    assert await statuses(turk, hit["HITId"]) == ["Submitted"] * 3


# Bonuses.


async def test_a_bonus_is_paid_once(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """A bonus is shown with its fee first; then it is paid, and sending the form again pays nothing again."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    path = f"/requester/assignments/{assignment_id}/bonus"
    page = await visitor.get(f"/requester/assignments/{assignment_id}")
    page = await visitor.send(page, path, amount="$0.50", reason="Well done")
    assert "Pay $0.60" in page.words
    assert await available(turk) == Decimal("9.70")
    form = page.form(f"{path}/pay")
    paid = await visitor.post(f"{path}/pay", form)
    assert "The bonus is paid." in paid.words
    assert "Well done" in paid.words
    again = await visitor.post(f"{path}/pay", form)
    assert "Nothing was paid again" in again.words
    for claim in ("true", "", again.query["again"]):  # what is the proof of one thing is none of another
        claimed = await visitor.get(f"/requester/assignments/{assignment_id}?paid={claim}")
        assert "The bonus is paid." not in claimed.words
    assert await available(turk) == Decimal("9.10")
    bonuses = (await turk("ListBonusPayments", HITId=hit["HITId"]))["BonusPayments"]
    assert [(each["BonusAmount"], each["Reason"], each["WorkerId"]) for each in bonuses] == [
        ("0.50", "Well done", ANNA)
    ]


async def test_no_bonus_of_no_sum(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """What is no sum of money, or more than there is, is not paid."""
    hit = await turk.hit()
    [assignment_id] = await done(market, hit["HITId"], ANNA)
    path = f"/requester/assignments/{assignment_id}/bonus"
    form = (await visitor.get(f"/requester/assignments/{assignment_id}")).form(path)
    for amount in ("", "0", "0.00", "-1", "1.005", "1e3", "NaN", "Infinity", "٣", "1,50", "100000"):
        page = await visitor.post(f"{path}/pay", {**form, "amount": amount, "reason": "x"})
        assert page.status == 422, amount
    assert (await visitor.post(f"{path}/pay", {**form, "amount": "1", "reason": " "})).status == 422
    assert await available(turk) == Decimal("9.70")


# Progress.


async def test_progress_in_numbers_and_pictures(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """The page of progress has spending, hourly pay and days as pictures, each with its title and the numbers."""
    hit = await turk.hit(MaxAssignments=3)
    for name in (ANNA, BERT):
        worker = market.worker(name)
        assignment_id = await worker.accept(hit["HITId"])
        await market.advance(timedelta(minutes=2))
        await worker.submit(assignment_id, {"age": "36"})
        if name == ANNA:
            await turk("ApproveAssignment", AssignmentId=assignment_id)
    page = await visitor.get("/requester/progress")
    assert page.status == 200
    assert "$7.50" in page.words  # 25 cents for two minutes
    assert "Spent in all$0.30" in page.words
    # Two more of 25 cents, and a fee of five, although money never runs out here.
    assert page.words.count("Held back for open work$0.60") == 2
    pictures = [svg for svg in page.tree.iter("{http://www.w3.org/2000/svg}svg") if svg.attrib.get("role") == "img"]
    assert len(pictures) == 3
    for picture in pictures:
        named = {each.attrib.get("id") for each in picture.iter()}
        assert set(picture.attrib["aria-labelledby"].split()) <= named
    assert "style=" not in page.text


async def test_progress_of_nothing(visitor: Visitor) -> None:
    """Somebody without any HITs sees that, and no picture of nothing."""
    page = await visitor.get("/requester/progress")
    assert page.status == 200
    assert "Nothing was submitted so far." in page.words


# Strangers' texts.


@pytest.mark.parametrize("text", HOSTILE)
async def test_texts_stay_texts(market: Marketplace, turk: Requester, visitor: Visitor, text: str) -> None:
    """Titles, notes, answers, names of fields, feedback and reasons are shown as written, and are never markup."""
    hit = await turk.hit(Title=text, Description=text, RequesterAnnotation=text, MaxAssignments=3)
    ids = []
    for name in (ANNA, BERT, CARA):
        worker = market.worker(name)
        ids.append(await worker.accept(hit["HITId"]))
        await worker.submit(ids[-1], {text: text, "taskAnswers": f'[{{"{text}": "{text}"}}]'})
    await turk("RejectAssignment", AssignmentId=ids[0], RequesterFeedback=text)
    await turk("SendBonus", WorkerId=ANNA, AssignmentId=ids[0], BonusAmount="0.10", Reason=text)
    pages = [
        await visitor.get(path)
        for path in (
            "/requester/hits",
            f"/requester/hits/{hit['HITId']}",
            f"/requester/hits/{hit['HITId']}/review?status=",
            f"/requester/assignments/{ids[0]}",
            "/requester/progress",
        )
    ]
    for page in pages:
        assert text in "".join(page.tree.itertext()), page.url
    pages.append(await bulk(visitor, "reject", hit=[hit["HITId"]]))
    pages.append(await go_on(visitor, pages[-1], feedback=text))
    pages.append(await visitor.get("/requester/hits?search=" + text.replace("%", "%25").replace("#", "%23")))
    form = (await visitor.get(f"/requester/assignments/{ids[1]}")).form(f"/requester/assignments/{ids[1]}/bonus")
    pages.append(await visitor.post(f"/requester/assignments/{ids[1]}/bonus", {**form, "amount": "1", "reason": text}))
    form = (await visitor.get("/requester/sign_in")).form("/requester/sign_in")
    pages.append(await visitor.post("/requester/sign_in", {**form, "access_key": text, "secret_key": text}))
    for page in pages:
        assert not [each for each in page.tree.iter("script") if not each.attrib["src"].startswith("/static/")]
        assert not list(page.tree.iter("img"))
        for each in page.tree.iter():
            assert not [name for name in each.attrib if name.startswith("on") or name == "style"], page.url
            assert not each.attrib.get("href", "").startswith("javascript")
        assert "'unsafe" not in page.headers["Content-Security-Policy"]


async def test_answers_that_cannot_be_read(market: Marketplace, turk: Requester, visitor: Visitor) -> None:
    """A page with an empty answer, and one with very many fields, is shown all the same."""
    hit = await turk.hit(MaxAssignments=2)
    for name, answers in ((ANNA, {"age": ""}), (BERT, {f"field-{number}": "x" * 50 for number in range(200)})):
        worker = market.worker(name)
        await worker.submit(await worker.accept(hit["HITId"]), answers)
    page = await visitor.get(f"/requester/hits/{hit['HITId']}/review")
    assert page.status == 200
    assert "field-199" in page.words
    assert "nothing" in page.words


# Pictures.


@given(
    rows=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9)), max_size=40),
)
def test_pictures_stay_within_their_frames(rows: list[tuple[int, int, int]]) -> None:
    """Whatever the numbers are, no column leaves the chart, all are as high as they are much, and a strip is whole."""
    chart = columns([(str(place), list(zip("abc", row, strict=True))) for place, row in enumerate(rows)])
    for bar in chart.bars:
        for part in bar.parts:
            assert -0.01 <= part.x <= part.x + part.width <= chart.width + 0.01
            assert -0.01 <= part.y <= chart.height
            assert part.y + part.height == pytest.approx(chart.height, abs=0.02)
            assert part.height == pytest.approx(part.value / chart.top * chart.height, abs=0.01)
    for row in rows:
        lying = strip(list(zip("abc", row, strict=True)))
        assert sum(part.width for part in lying) == (pytest.approx(640, abs=0.05) if any(row) else 0)
