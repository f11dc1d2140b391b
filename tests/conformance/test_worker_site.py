"""
What workers' browsers are served: the reference's lines 85 to 90, over plain HTTP.

Line 91, question forms and the constraints that the browser checks, needs one: it is in `tests/browser`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from aioturk.marketplace import Marketplace
from tests.marketplace.site.visitor import Page, Visitor, submit_to
from tests.marketplace.support import ANNA, BERT, SCHEMAS, Requester

PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"


def external(url: str) -> str:
    """An external question."""
    return (
        f'<ExternalQuestion xmlns="{SCHEMAS}/2006-07-14/ExternalQuestion.xsd">'
        f"<ExternalURL>{url}</ExternalURL><FrameHeight>400</FrameHeight></ExternalQuestion>"
    )


def html(page: str) -> str:
    """A page of the service's own."""
    return (
        f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd">'
        f"<HTMLContent><![CDATA[{page}]]></HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>"
    )


async def answer_of(turk: Requester, hit_id: str) -> list[tuple[str, str]]:
    """What the requester reads: questions and texts of the one answer to a HIT."""
    from xml.etree import ElementTree

    (assignment,) = (await turk("ListAssignmentsForHIT", HITId=hit_id))["Assignments"]
    root = ElementTree.fromstring(assignment["Answer"].encode())
    return [("".join(part[0].itertext()), "".join(part[1].itertext())) for part in root]


async def accepted(visitor: Visitor, hit: dict[str, Any]) -> tuple[Page, str]:
    """The page of a HIT that was just accepted, and the id of the assignment."""
    page = await visitor.accept(hit["HITGroupId"])
    return page, page.query["assignment_id"]


async def test_85_parameters_of_the_frame(market: Marketplace, turk: Requester) -> None:
    """A preview's frame has the placeholder and the HIT; an accepted one the worker, too; and a query has one ?."""
    hit = await turk.hit(Question=external("https://example.org/task?item=7&amp;lang=en"))
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        preview = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        page, assignment_id = await accepted(anna, hit)

    site = market.site_url
    assert parse_qsl(urlsplit(preview).query) == [
        ("item", "7"),
        ("lang", "en"),
        ("assignmentId", PREVIEW),
        ("hitId", hit["HITId"]),
        ("turkSubmitTo", site),
    ]
    assert parse_qsl(urlsplit(page.frame()).query) == [
        ("item", "7"),
        ("lang", "en"),
        ("assignmentId", assignment_id),
        ("hitId", hit["HITId"]),
        ("workerId", ANNA),
        ("turkSubmitTo", site),
    ]
    assert page.frame().count("?") == 1
    assert not site.endswith("/")


async def test_86_external_submit(market: Marketplace, turk: Requester) -> None:
    """A field makes it Submitted; no field, a late, second or previewed one get an error page and change nothing."""
    hit = await turk.hit(MaxAssignments=2, AssignmentDurationInSeconds=300)
    async with Visitor(market) as anna, Visitor(market) as bert, Visitor(market) as nobody:
        await anna.sign_in(ANNA)
        await bert.sign_in(BERT)
        _, first = await accepted(anna, hit)
        _, late = await accepted(bert, hit)

        for fields in ({"assignmentId": first}, {"assignmentId": PREVIEW, "age": "1"}, {"age": "1"}, {}):
            assert (await nobody.post(submit_to(market), fields)).status >= 400
        assert (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["NumResults"] == 0
        assert (await nobody.post(submit_to(market), {"assignmentId": first, "age": "36"})).status == 200
        assert (await nobody.post(submit_to(market), {"assignmentId": first, "age": "37"})).status >= 400
        from datetime import timedelta

        await market.advance(timedelta(seconds=301))
        assert (await nobody.post(submit_to(market), {"assignmentId": late, "age": "38"})).status >= 400

    (done,) = (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["Assignments"]
    assert (done["AssignmentId"], done["AssignmentStatus"]) == (first, "Submitted")
    assert await answer_of(turk, hit["HITId"]) == [("age", "36")]


@pytest.mark.parametrize("method", ["get", "post"])
async def test_87_fields_in_the_query(market: Marketplace, turk: Requester, method: str) -> None:
    """The same data in the address work."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        _, assignment_id = await accepted(anna, hit)
        address = f"{submit_to(market)}?assignmentId={assignment_id}&age=36"
        assert (await getattr(anna, method)(address)).status == 200

    assert await answer_of(turk, hit["HITId"]) == [("age", "36")]


async def test_88_fields_are_texts_in_order(market: Marketplace, turk: Requester) -> None:
    """Fields arrive in the order they were sent, without the assignment's id; two of one name as one, with a bar."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        _, assignment_id = await accepted(anna, hit)
        sent = [("zoo", "z"), ("colour", "red"), ("assignmentId", assignment_id), ("age", ""), ("colour", "blue")]
        assert (await anna.post(submit_to(market), sent)).status == 200

    assert await answer_of(turk, hit["HITId"]) == [("zoo", "z"), ("colour", "red|blue"), ("age", "")]


@pytest.mark.parametrize("text", ["a < b & c > d", "]]>", "<![CDATA[", "äß漢字🙂", "\"'", "&amp;"])
async def test_89_characters_survive(market: Marketplace, turk: Requester, text: str) -> None:
    """Whatever XML can hold comes back as it was written."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        _, assignment_id = await accepted(anna, hit)
        await anna.post(submit_to(market), {"assignmentId": assignment_id, "text": text, text: "named"})

    assert await answer_of(turk, hit["HITId"]) == [("text", text), (text, "named")]


async def test_90_a_crowd_form(market: Marketplace, turk: Requester) -> None:
    """
    A crowd-form's page gets our elements, and what they send is one answer: a JSON array with one object.

    That the elements send it is seen in a browser, in `tests/browser`.
    """
    page = (
        '<!DOCTYPE html><html><body><script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
        '<crowd-form><crowd-input name="country"></crowd-input></crowd-form></body></html>'
    )
    hit = await turk.hit(Question=html(page))
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task, assignment_id = await accepted(anna, hit)
        shown = await anna.get(task.frame())
        assert "assets.crowd.aws" not in shown.text
        scripts = [(await anna.get(each.attrib["src"])).text for each in shown.tree.iter("script")]
        assert any("crowd-input" in script for script in scripts)
        sent = json.dumps([{"country": "United States", "weather": "sunny"}])
        await anna.post(submit_to(market), {"assignmentId": assignment_id, "taskAnswers": sent})

    ((name, text),) = await answer_of(turk, hit["HITId"])
    assert (name, json.loads(text)) == ("taskAnswers", [{"country": "United States", "weather": "sunny"}])
