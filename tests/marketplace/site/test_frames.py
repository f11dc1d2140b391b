"""What stands in frames: what became of a HIT that is not shown any more, and questions that are read once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aioturk.marketplace import Marketplace
from aioturk.marketplace.site import documents
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
