"""The journey of pages, against the marketplace: made of a row or of a layout, accepted, submitted, read."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest

from aioturk import HITLayout, HTMLTemplate, questions
from aioturk.errors import MissingParameter
from aioturk.marketplace import Marketplace
from aioturk.questions import Fillable, HTMLQuestion, escaped

WORKER = "A1B2C3D4E5F6G7"
FIELDS = """\
<p>How old is ${name}?</p>
<img src="${image_url}" alt="">
<input type="hidden" name="person_id" value="${person_id}">
<label>Age <input type="number" name="age" required></label>
<label><input type="checkbox" name="notes" value="blurred"> blurred</label>
<label><input type="checkbox" name="notes" value="dark"> dark</label>
"""
ROWS: list[dict[str, object]] = [
    {"name": '<Zoë> & "Tim\'s" \U0001f600', "image_url": "https://example.org/?a=1&b=2", "person_id": 7},
    {"name": "${person_id}", "image_url": "https://example.org/2.jpg", "person_id": 'x"><script>alert(1)</script>'},
]
HIT: dict[str, Any] = {
    "title": "Guess the age",
    "description": "Look at a picture and guess the person's age.",
    "reward": "0.25",
    "assignment_duration": 300,
    "lifetime": 3600,
}


@dataclass
class Guess:
    """What a worker answers."""

    person_id: str
    age: int
    notes: tuple[str, ...]


class Form(HTMLParser):
    """What a browser finds in a page: the text, and the fields with their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.pictures: list[str | None] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("name"):
            self.fields[str(found["name"])] = found.get("value") or ""
        if tag == "img":
            self.pictures.append(found.get("src"))

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(question: str | None) -> str:
    """The page in a HIT's question."""
    found = questions.parse(question or "")
    assert isinstance(found, HTMLQuestion)
    return found.html_content


@pytest.mark.parametrize("row", ROWS)
async def test_a_templates_journey(row: dict[str, object]) -> None:
    """A row makes a page; the worker's browser reads the row's very values; what is submitted comes back as answers."""
    template = HTMLTemplate(FIELDS, frame_height=600).complete(environment="sandbox")
    async with Marketplace() as market, market.client() as mturk:
        hit = await mturk.create_hit(**HIT, question=template.fill(row))
        worker = market.worker(WORKER)
        assignment_id = await worker.accept(hit.hit_id)
        form = Form(page_of((await mturk.get_hit(hit.hit_id)).question))

        assert f"How old is {row['name']}?" in form.text
        assert form.pictures == [row["image_url"]]
        assert form.fields["person_id"] == str(row["person_id"])

        sent = form.fields | {"assignmentId": assignment_id, "age": "36"}
        await worker.submit(assignment_id, {**sent, "notes": ["blurred", "dark"]})
        (assignment,) = [each async for each in mturk.list_assignments_for_hit(hit.hit_id)]
        assert assignment.answers == {"person_id": str(row["person_id"]), "age": "36", "notes": "blurred|dark"}
        assert assignment.parse(Guess) == Guess(str(row["person_id"]), 36, ("blurred", "dark"))


async def test_a_layouts_journey() -> None:
    """A layout at the service and its values make the page that a template would; values go in as they are."""
    async with Marketplace() as market, market.client() as mturk:
        layout: Any = HITLayout(await market.add_layout(FIELDS, frame_height=450))
        filled = layout.fill({"name": escaped("<Zoë>"), "image_url": "/a.png?b&c", "person_id": 7})
        hit = await mturk.create_hit(**HIT, question=filled)
        again = await mturk.create_hit_with_hit_type(hit.hit_type_id, lifetime=60, question=filled)

        for each in (hit, again):
            assert each.hit_layout_id == layout.layout_id
            page = page_of(each.question)
            assert "How old is &lt;Zoë&gt;?" in page
            assert '<img src="/a.png?b&c" alt="">' in page
            assert "${" not in page
        worker = market.worker(WORKER)
        assignment_id = await worker.accept(hit.hit_id)
        await worker.submit(assignment_id, {"age": "36"})
        (assignment,) = [each async for each in mturk.list_assignments_for_hit(hit.hit_id)]
        assert assignment.answers == {"age": "36"}


async def test_the_service_knows_what_is_missing() -> None:
    """A value that a layout lacks is named by the service, which alone knows the page."""
    async with Marketplace() as market, market.client() as mturk:
        layout: Any = HITLayout(await market.add_layout(FIELDS), name="Zoë", person_id=7)
        with pytest.raises(MissingParameter, match="Missing parameter names: image_url"):
            await mturk.create_hit(**HIT, question=layout)


async def test_layouts_by_the_services_names() -> None:
    """`call` takes a layout as well, as it takes every value."""
    async with Marketplace() as market, market.client() as mturk:
        layout = HITLayout(await market.add_layout("<p>${a}</p>"), a="x")
        members = {"Title": "t", "Description": "d", "Reward": "0.10", "Question": layout}
        reply = await mturk.call("CreateHIT", {**members, "LifetimeInSeconds": 60, "AssignmentDurationInSeconds": 60})
        assert page_of(reply["HIT"]["Question"]) == "<p>x</p>"


async def test_templates_and_layouts_alike() -> None:
    """What publishes rows needs to know nothing but `fill`; the pages are the same."""
    row = {"name": "Zoë", "image_url": "https://example.org/7.jpg", "person_id": 7}
    async with Marketplace() as market, market.client() as mturk:
        pages = []
        sources: list[Fillable] = [HTMLTemplate(FIELDS), HITLayout(await market.add_layout(FIELDS))]
        for source in sources:
            question: Any = source.fill(row)
            pages.append(page_of((await mturk.create_hit(**HIT, question=question)).question))
        assert pages[0] == pages[1]
