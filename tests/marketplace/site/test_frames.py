"""What stands in frames: what became of a HIT that is not shown any more, and questions that are read once."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from aioturk.marketplace import Marketplace
from aioturk.marketplace.site import documents
from aioturk.marketplace.site.frames import Frames, Ticket
from aioturk.marketplace.site.origins import Origins
from aioturk.marketplace.site.rendering import Templates
from aioturk.questions import parse
from tests.marketplace.support import ANNA, QUESTION, SCHEMAS, Requester

from .visitor import Page, Visitor, submit_to

PAGE = (
    f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[<!DOCTYPE html><p>Secret work'
    "]]></HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>"
)


def is_a_page_of_ours(page: Page) -> bool:
    """Whether this is a page in the site's look, in which nothing runs but our own, and not the one of the HIT."""
    styles = [link.attrib["href"] for link in page.tree.iter("link")]
    policy = page.headers["Content-Security-Policy"]
    return (
        page.headers["Content-Type"].startswith("text/html")
        and styles == ["/static/site.css"]
        and "default-src 'none'" in policy
        and "frame-ancestors http" in policy
        and "Secret work" not in page.text
        and page.tree.find(".//h1") is not None
    )


async def test_a_hit_that_others_have_taken(market: Marketplace, turk: Requester) -> None:
    """The frame of a preview says so when others have taken the HIT meanwhile."""
    hit = await turk.hit(Question=PAGE)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        frame = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        await market.worker("A2BERT").accept(hit["HITId"])
        page = await anna.get(frame)
    assert page.status == 404
    assert is_a_page_of_ours(page)
    assert "This HIT is no longer available" in page.words
    assert "others are at work on all of it" in page.words
    assert "other HITs" in page.words


@pytest.mark.parametrize(("how", "told"), [("expired", "its time is over"), ("deleted", "it was deleted")])
async def test_a_hit_that_is_gone(market: Marketplace, turk: Requester, how: str, told: str) -> None:
    """The frame of a preview says so when the HIT's time is over, or its requester has taken it back."""
    hit = await turk.hit(Question=PAGE)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        frame = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=0)
        if how == "deleted":
            await turk("DeleteHIT", HITId=hit["HITId"])
        page = await anna.get(frame)
    assert page.status == 404
    assert is_a_page_of_ours(page)
    assert told in page.words


async def test_a_hit_that_was_done_or_lost(market: Marketplace, turk: Requester) -> None:
    """The frame of a HIT that was in work says whether it was submitted, returned, or its time has passed."""
    hit = await turk.hit(Question=PAGE, MaxAssignments=9, LifetimeInSeconds=10**6)
    other = await turk.hit(Question=PAGE, MaxAssignments=9, LifetimeInSeconds=10**6, Title="Other")
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        await anna.post(submit_to(market), {"assignmentId": task.query["assignment_id"], "a": "1"})
        done = await anna.get(task.frame())
        task = await anna.accept(other["HITGroupId"])
        await market.advance(timedelta(hours=2))
        lost = await anna.get(task.frame())
    assert (done.status, lost.status) == (410, 404)
    assert is_a_page_of_ours(done)
    assert is_a_page_of_ours(lost)
    assert "You have submitted this HIT" in done.words
    assert "This HIT is no longer yours" in lost.words
    assert "its time is over" in lost.words


async def test_addresses_that_are_none(market: Marketplace, turk: Requester) -> None:
    """A frame's address that is too old, or none of ours, is answered by a page that says so."""
    hit = await turk.hit(Question=PAGE, LifetimeInSeconds=10**6)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        frame = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        unknown = await anna.get(frame.replace("/frames/", "/frames/x"))
        await market.advance(timedelta(hours=13))
        old = await anna.get(frame)
    assert (unknown.status, old.status) == (403, 403)
    assert is_a_page_of_ours(unknown)
    assert is_a_page_of_ours(old)
    assert "not one of ours" in unknown.words
    assert "reload the page around it" in old.words


async def test_a_question_is_read_once(market: Marketplace, turk: Requester, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a frame's address, the page in it, and the answers, the question's document is read one time."""
    form = (
        f'<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd"><Question><QuestionIdentifier>q'
        "</QuestionIdentifier><QuestionContent><Text>Read once</Text></QuestionContent><AnswerSpecification>"
        "<FreeTextAnswer/></AnswerSpecification></Question></QuestionForm>"
    )
    hit = await turk.hit(Question=form)
    read: list[str] = []

    def counted(text: str) -> object:
        read.append(text)
        return parse(text)

    monkeypatch.setattr(documents, "parse", counted)
    documents.document.cache_clear()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        page = await anna.get(task.frame())
        fields = page.form(submit_to(market))
        assert (await anna.post(submit_to(market), {**fields, "question.0": "yes"})).path == "/tasks/submitted"
    assert read == [form]


def test_questions_are_not_kept_for_ever() -> None:
    """However many there are, only so many questions are kept."""
    documents.document.cache_clear()
    for number in range(1000):
        documents.document(QUESTION.replace("task", f"task{number}"))
    assert documents.document.cache_info().currsize <= 64


# Pages and addresses.

ORIGINS = Origins("http://127.0.0.1:7700", "http://localhost:7700")


def test_what_stands_before_a_page_is_read_once() -> None:
    """Comments before a page, however many, are passed over once: trying them in all ways would never end."""
    frames = Frames(b"key", ORIGINS)
    comments = "<!-- a --> " * 5000
    page = frames.written_for_here(f"{comments}<html>")
    assert page.startswith("<script ")
    assert page.endswith(f"</script>{comments}<html>")
    page = frames.written_for_here(f"{comments}<!DOCTYPE html><html>")
    assert page.startswith(f"{comments}<!DOCTYPE html><script ")


@pytest.mark.parametrize("site", ["http://127.0.0.1:7700", "https://work.example.org"])
@pytest.mark.parametrize(
    "address", ["https://www.mturk.com", "HTTPS://WWW.MTURK.COM", "http://workersandbox.mturk.com"]
)
def test_amazons_address_in_capitals(site: str, address: str) -> None:
    """However a page writes Amazon's address, it gets the whole of ours, with our scheme."""
    frames = Frames(b"key", Origins(site, "https://tasks.example.net"))
    page = frames.written_for_here(f'<!DOCTYPE html><form action="{address}/mturk/externalSubmit">')
    assert f'<form action="{site}/mturk/externalSubmit">' in page


async def test_a_preview_does_not_tell_who_looks(market: Marketplace, turk: Requester) -> None:
    """The address of a preview, which the page in it can read, does not hold the worker's id in any way."""
    hit = await turk.hit(Question=PAGE)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        frame = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        assert "Secret work" in (await anna.get(frame)).text
    ticket = urlsplit(frame).path.rpartition("/")[2]
    read = urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
    assert ANNA not in frame
    assert ANNA.encode() not in read
    assert hit["HITId"].encode() not in read


async def test_tickets_cannot_be_written(market: Marketplace, turk: Requester) -> None:
    """A ticket of which anything is changed opens nothing, and so does one with another key."""
    hit = await turk.hit(Question=PAGE)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        frame = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        head, ticket = frame.partition("?")[0].rsplit("/", 1)
        for place in range(0, len(ticket) - 1, 7):
            changed = ticket[:place] + ("A" if ticket[place] != "A" else "B") + ticket[place + 1 :]
            assert (await anna.get(f"{head}/{changed}")).status == 403
        for short in (ticket[:-4], ticket[:8], "x", "%C3%A4"):
            assert (await anna.get(f"{head}/{short}")).status == 403
    ours = Frames(b"one", ORIGINS)
    assert Frames(b"another", ORIGINS).ticket(ours.sealed(Ticket(ANNA, "3HIT", None, "sandbox"))) is None
    assert ours.ticket(ours.sealed(Ticket(ANNA, "3HIT", None, "sandbox"))) == Ticket(ANNA, "3HIT", None, "sandbox")


async def test_a_frame_keeps_its_address(market: Marketplace, turk: Requester) -> None:
    """What is in work stands at one address for as long as somebody is signed in, so that browsers know it again."""
    hit = await turk.hit(Question=PAGE)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        await market.advance(timedelta(seconds=30))
        assert (await anna.get(task.url)).frame() == task.frame()


async def test_what_a_frame_tells_others(market: Marketplace, turk: Requester) -> None:
    """Pages of requesters tell what they embed where they are, and not the ticket; pages of ours tell nothing."""
    form = (
        f'<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd"><Question><QuestionIdentifier>q'
        "</QuestionIdentifier><QuestionContent><Text>Well?</Text></QuestionContent><AnswerSpecification>"
        "<FreeTextAnswer/></AnswerSpecification></Question></QuestionForm>"
    )
    told = []
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        for title, question in (("A page", PAGE), ("A form", form)):
            hit = await turk.hit(Question=question, Title=title)
            frame = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
            told.append((await anna.get(frame)).headers["Referrer-Policy"])
    assert told == ["strict-origin", "no-referrer"]


@pytest.mark.parametrize(
    ("site", "address", "is_blocked"),
    [
        ("https://work.example.org", "http://study.example.org/task", True),
        ("https://work.example.org", "https://study.example.org/task", False),
        ("https://work.example.org", "http://localhost:8000/task", False),
        ("http://127.0.0.1:7700", "http://study.example.org/task", False),
    ],
)
def test_pages_that_browsers_do_not_show(site: str, address: str, is_blocked: bool) -> None:
    """Of a page without TLS in one with TLS browsers show nothing, and that is said instead of an empty frame."""
    tasks = "https://tasks.example.org" if site.startswith("https:") else "http://localhost:7700"
    frames = Frames(b"key", Origins(site, tasks))
    question = (
        f'<ExternalQuestion xmlns="{SCHEMAS}/2006-07-14/ExternalQuestion.xsd"><ExternalURL>{address}</ExternalURL>'
        "<FrameHeight>400</FrameHeight></ExternalQuestion>"
    )
    frame = frames.frame(Ticket(ANNA, "3HIT", None, "sandbox"), question)
    assert frame.is_blocked is is_blocked
    text = '{% from "parts.html" import task_frame %}{{ task_frame(frame, "A task") }}'
    shown = Templates()._environment.from_string(text).render(frame=frame)
    assert ("without TLS" in shown) is is_blocked
