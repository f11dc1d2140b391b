"""Lists, searches and previews over plain HTTP; and the pages' side of the reference's lines 92 to 95."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from aioturk.marketplace import Marketplace
from tests.marketplace.support import ANNA, BERT, Requester

from .visitor import Visitor, submit_to

LOCALE = "00000000000000000071"


async def titles(visitor: Visitor, query: str = "") -> list[str]:
    """The titles in the list, in its order."""
    found = json.loads((await visitor.get(f"/projects?format=json&{query}")).text)
    assert found["num_results"] == len(found["results"])
    return [each["title"] for each in found["results"]]


async def shown(visitor: Visitor) -> list[str]:
    """The same, as a person sees them."""
    page = await visitor.get("/projects")
    return ["".join(each.itertext()) for each in page.tree.iterfind(".//li/h2")]


async def new_type(turk: Requester, name: str = "q") -> str:
    """Make a qualification type; return its id."""
    made = await turk("CreateQualificationType", Name=name, Description=name, QualificationTypeStatus="Active")
    return str(made["QualificationType"]["QualificationTypeId"])


async def test_the_list_in_json(market: Marketplace, turk: Requester) -> None:
    """Programs get what the real site gave them, under its names; and the same by an Accept header."""
    hit = await turk.hit(Title="Ages", Description="Guess.", Keywords="image, age", Reward="0.25")
    await turk.hit(Title="Ages", Description="Guess.", Keywords="image, age", Reward="0.25")
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        found = json.loads((await anna.get("/projects?format=json")).text)
        assert found == json.loads((await anna.get("/", headers={"Accept": "application/json"})).text)

    (group,) = found.pop("results")
    assert found == {"page_number": 1, "num_results": 1, "total_num_results": 1}
    path = f"/projects/{hit['HITGroupId']}/tasks"
    assert {name: group[name] for name in ("hit_set_id", "title", "description", "assignable_hits_count")} == {
        "hit_set_id": hit["HITGroupId"],
        "title": "Ages",
        "description": "Guess.",
        "assignable_hits_count": 2,
    }
    assert group["monetary_reward"] == {"amount_in_dollars": 0.25, "currency_code": "USD"}
    assert (group["project_tasks_url"], group["accept_project_task_url"]) == (path, f"{path}/accept_random")
    assert group["requester_url"] == f"/requesters/{group['requester_id']}/projects"
    assert (group["caller_meets_requirements"], group["caller_meets_preview_requirements"]) == (True, True)
    assert datetime.fromisoformat(group["last_updated_time"]).tzinfo is not None
    assert group["assignment_duration_in_seconds"] == 300


async def test_orders_filters_and_pages(market: Marketplace, turk: Requester) -> None:
    """The list is sorted and searched as it is asked to be, and turned page by page."""
    for title, reward in (("Cats", "0.10"), ("Dogs", "0.30"), ("Birds", "0.20")):
        await turk.hit(Title=title, Reward=reward, Keywords="animal")
        await market.advance(timedelta(seconds=1))
    await turk.hit(Title="Birds", Reward="0.20", Keywords="animal")
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        assert await titles(anna) == ["Birds", "Dogs", "Cats"]
        assert await titles(anna, "sort=updated_asc") == ["Cats", "Dogs", "Birds"]
        assert await titles(anna, "sort=reward_desc") == ["Dogs", "Birds", "Cats"]
        assert await titles(anna, "sort=num_hits_desc&page_size=1") == ["Birds"]
        assert await titles(anna, "sort=reward_asc&page_size=2&page_number=2") == ["Dogs"]
        assert await titles(anna, "filters[search_term]=animal dogs") == ["Dogs"]
        assert sorted(await titles(anna, "filters[min_reward]=0.2")) == ["Birds", "Dogs"]
        assert await titles(anna, "filters[masters]=true") == []
        for wrong in ("sort=best", "page_size=0", "page_number=x", "filters[min_reward]=NaN", "page_size=101"):
            assert (await anna.get(f"/projects?{wrong}")).status == 422
        page = await anna.get("/projects?page_size=2&sort=reward_asc")
        (onward,) = [link for link in page.links() if "page_number=2" in link]
        assert "Dogs" in (await anna.get(onward)).words


async def test_one_requesters_work(market: Marketplace, turk: Requester) -> None:
    """A requester's own list has theirs alone."""
    await turk.hit(Title="Mine")
    keys = await market.add_requester("another")
    other = Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)
    await other.hit(Title="Theirs")
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        found = json.loads((await anna.get("/projects?format=json")).text)["results"]
        for group in found:
            page = await anna.get(group["requester_url"])
            assert ["".join(each.itertext()) for each in page.tree.iterfind(".//li/h2")] == [group["title"]]
    assert {group["title"] for group in found} == {"Mine", "Theirs"}


@pytest.mark.parametrize(
    ("guarded", "listed", "previewed"),
    [("Accept", True, True), ("PreviewAndAccept", True, False), ("DiscoverPreviewAndAccept", False, False)],
)
async def test_what_requirements_guard(
    market: Marketplace, turk: Requester, guarded: str, *, listed: bool, previewed: bool
) -> None:
    """Line 92 on the pages: each of the three hides exactly its actions, until the requirement is met."""
    type_id = await new_type(turk)
    requirement = {"QualificationTypeId": type_id, "Comparator": "Exists", "ActionsGuarded": guarded}
    hit = await turk.hit(QualificationRequirements=[requirement])
    path = f"/projects/{hit['HITGroupId']}/tasks"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        token = (await anna.get("/tasks")).form("/sign_out")
        assert (bool(await shown(anna)), (await anna.get(path)).status == 200) == (listed, previewed)
        assert (await anna.post(f"{path}/accept_random", token)).status == 403
        assert (await anna.get(f"{path}/{hit['HITId']}")).status == (200 if previewed else 403)
        await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA)
        assert await shown(anna) == [hit["Title"]]
        assert (await anna.get(path)).status == 200
        assert (await anna.post(f"{path}/accept_random", token)).status == 200


@pytest.mark.parametrize(
    ("comparator", "values", "may"),
    [("NotEqualTo", [5], False), ("NotIn", [5, 6], False), ("DoesNotExist", None, True), ("Exists", None, False)],
)
async def test_without_the_qualification(
    market: Marketplace, turk: Requester, comparator: str, values: list[int] | None, *, may: bool
) -> None:
    """Line 93 on the pages: who lacks a qualification meets DoesNotExist alone; the preview says what is missing."""
    requirement: dict[str, Any] = {"QualificationTypeId": await new_type(turk, "Colours"), "Comparator": comparator}
    if values is not None:
        requirement["IntegerValues"] = values
    hit = await turk.hit(QualificationRequirements=[requirement])
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        page = await anna.get(f"/projects/{hit['HITGroupId']}/tasks")
        row = next("".join(each.itertext()).split() for each in page.tree.iterfind(".//tbody/tr"))
        assert (row[0], row[-1]) == ("Colours", "Yes" if may else "No")
        assert ("accept_random" in page.text) is may
        token = (await anna.get("/tasks")).form("/sign_out")
        accepted = await anna.post(f"/projects/{hit['HITGroupId']}/tasks/accept_random", token)
        assert accepted.status == (200 if may else 403)


@pytest.mark.parametrize(
    ("wanted", "own", "may"),
    [
        ({"Country": "US"}, "US-WA", True),
        ({"Country": "US", "Subdivision": "WA"}, "US-WA", True),
        ({"Country": "US", "Subdivision": "WA"}, "US-NY", False),
        ({"Country": "US"}, "DE", False),
    ],
)
async def test_places(market: Marketplace, turk: Requester, wanted: dict[str, str], own: str, *, may: bool) -> None:
    """Line 94 on the pages: a country includes its states, and a state no other one."""
    requirement = {"QualificationTypeId": LOCALE, "Comparator": "EqualTo", "LocaleValues": [wanted]}
    hit = await turk.hit(QualificationRequirements=[requirement])
    await market.worker(ANNA).configure(locale=own)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        page = await anna.get(f"/projects/{hit['HITGroupId']}/tasks")
        assert "-".join(wanted.values()) in page.words
        assert own in page.words
        assert ("accept_random" in page.text) is may


# Pages in general.


async def test_one_hit_is_accepted_and_no_other(market: Marketplace, turk: Requester) -> None:
    """Whoever previews one HIT accepts that one, though an older one of its group is left; a group gives the oldest."""
    older, newer = await turk.hit(), await turk.hit()
    group = f"/projects/{older['HITGroupId']}/tasks"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        path = f"{group}/{newer['HITId']}"
        accepted = await anna.send(await anna.get(path), f"{path}/accept", auto_accept="true")
        assert accepted.path == path
        assert accepted.query["assignment_id"]
        assert accepted.query["auto_accept"] == "true"
        assert (await anna.accept(older["HITGroupId"])).path == f"{group}/{older['HITId']}"


async def test_a_page_says_only_what_was_done(market: Marketplace, turk: Requester) -> None:
    """No link makes a page say that something was submitted or returned; nor does somebody else's, who did."""
    hit = await turk.hit()
    group = f"/projects/{hit['HITGroupId']}/tasks"
    async with Visitor(market) as anna, Visitor(market) as bert:
        await anna.sign_in(ANNA)
        await bert.sign_in(BERT)
        task = await anna.accept(hit["HITGroupId"])
        own = f"{task.path}?assignment_id={task.query['assignment_id']}"
        returned = await anna.send(task, own)
        assert "You have returned the HIT." in returned.words
        for address in (
            f"{group}?returned=true",
            f"{group}?returned=",
            f"{group}?returned={returned.query['returned']}",
        ):
            assert "returned" not in (await bert.get(address)).words
        assert "submitted" not in (await anna.get(f"{group}?submitted={returned.query['returned']}")).words


@pytest.mark.parametrize("path", ["/nowhere-at-all", "/requester/nowhere", "/projects/x/y/z"])
async def test_where_there_is_nothing(market: Marketplace, path: str) -> None:
    """People get a page of the site with a way on, programs a sentence; with the headers of all pages, both."""
    html = {"Accept": "text/html,*/*"}
    async with Visitor(market) as anna:
        for headers, kind in ((html, "text/html"), ({}, "text/plain")):
            page = await anna.get(path, headers=headers)
            assert page.status == 404
            assert page.headers["Content-Type"].startswith(kind)
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["x-amzn-RequestId"]
        page = await anna.get(path, headers=html)
        assert "There is no page at this address." in page.words
        assert page.links()
        refused = await anna.post("/dashboard", headers=html)
        assert refused.status == 405
        assert "GET" in refused.headers["Allow"]
        assert "Nothing was done" in refused.words


async def test_only_the_headers(market: Marketplace) -> None:
    """Who asks for the headers of a page gets those that the page has."""
    async with Visitor(market) as anna, aiohttp.ClientSession() as stranger:
        async with stranger.head(f"{market.site_url}/projects", allow_redirects=False) as answer:
            assert answer.status == 302
        assert (await anna.get("/projects", follow=False)).status == 302


@pytest.mark.parametrize(
    ("path", "name", "mark"),
    [
        ("/qualifications", "Qualifications", "true"),
        ("/qualifications/assigned", "Qualifications", "page"),
        ("/tasks", "Your queue", "page"),
        ("/status_details/2026-01-31", "Dashboard", "true"),
        ("/", "Find work", "page"),
    ],
)
async def test_where_one_is(market: Marketplace, path: str, name: str, mark: str) -> None:
    """One entry of the menu, and no other, is marked as the place where one is."""
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        page = await anna.get(path)
        marked = [
            (each.text, each.attrib["aria-current"]) for each in page.tree.iterfind(".//header//a[@aria-current]")
        ]
        assert marked == [(name, mark)]


async def test_requesters_find_their_pages(market: Marketplace) -> None:
    """The page on which workers sign in leads requesters to theirs."""
    async with Visitor(market) as visitor:
        assert "/requester" in (await visitor.get("/sign_in")).links()
        assert (await visitor.get("/requester")).path == "/requester/sign_in"


async def test_a_blocked_worker(market: Marketplace, turk: Requester) -> None:
    """Line 95 on the pages: who is blocked sees no HIT of that requester anywhere, and all of them afterwards."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        await turk("CreateWorkerBlock", WorkerId=ANNA, Reason="spam")
        path = f"/projects/{hit['HITGroupId']}/tasks"
        assert await shown(anna) == []
        assert (await anna.get(path)).status == 403
        await turk("DeleteWorkerBlock", WorkerId=ANNA)
        assert await shown(anna) == [hit["Title"]]
        assert (await anna.get(path)).status == 200


async def test_old_addresses(market: Marketplace, turk: Requester) -> None:
    """Links that were bookmarked or printed years ago lead to where their page is now."""
    hit = await turk.hit()
    group = hit["HITGroupId"]
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        assert (await anna.get(f"/mturk/preview?groupId={group}")).path == f"/projects/{group}/tasks"
        assert (await anna.get("/mturk/searchbar?searchWords=guess")).query == {"filters[search_term]": "guess"}
        searched = await anna.get("/mturk/searchbar?searchWords=guess&minReward=0.10&qualifiedFor=on&x=1")
        assert searched.query == {
            "filters[search_term]": "guess",
            "filters[min_reward]": "0.10",
            "filters[qualified]": "true",
        }
        assert (await anna.get("/mturk/searchbar?requesterId=A1%2F2&minReward=")).url.endswith(
            "/requesters/A1%2F2/projects"
        )
        assert (await anna.get("/mturk/dashboard")).path == "/dashboard"
        accepted = await anna.get(f"/mturk/previewandaccept?groupId={group}")
        assert accepted.path == f"/projects/{group}/tasks/{hit['HITId']}"
        assert accepted.query["assignment_id"]


async def test_writing_to_a_requester(market: Marketplace) -> None:
    """Where the real site had a form, a page says what to do instead."""
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        page = await anna.get("/contact_requester/hit_type_messages/new?hit_type_message[requester_id]=A1")
        assert page.status == 404
        assert "Write to whoever invited you" in page.words


async def test_the_queue_in_json(market: Marketplace, turk: Requester) -> None:
    """What is in work, as the real site told it."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        page = await anna.accept(hit["HITGroupId"])
        await market.advance(timedelta(seconds=100))
        (task,) = json.loads((await anna.get("/tasks?format=json")).text)["tasks"]
    assert (task["task_id"], task["assignment_id"]) == (hit["HITId"], page.query["assignment_id"])
    assert (task["state"], task["time_to_deadline_in_seconds"]) == ("Assigned", 200)
    accepted, deadline = (datetime.fromisoformat(task[name]) for name in ("accepted_at", "deadline"))
    assert deadline - accepted == timedelta(seconds=300)
    assert task["project"]["hit_set_id"] == hit["HITGroupId"]
    assert task["question"]["type"] == "ExternalQuestion"
    assert task["question"]["value"] == "https://example.org/task"


async def test_projects_in_the_queue(market: Marketplace, turk: Requester) -> None:
    """What is in work tells of its group what the list does: what it requires, and what is left, for the worker."""
    type_id = await new_type(turk, "Patience")
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA, IntegerValue=7)
    wanted = [{"QualificationTypeId": type_id, "Comparator": "GreaterThan", "IntegerValues": [5]}]
    hits = [await turk.hit(QualificationRequirements=wanted, MaxAssignments=2) for _ in range(3)]
    alone = await turk.hit(Title="Alone")
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        (listed,) = [
            group
            for group in json.loads((await anna.get("/projects?format=json")).text)["results"]
            if group["hit_set_id"] == hits[0]["HITGroupId"]
        ]
        await anna.accept(hits[0]["HITGroupId"])
        await anna.accept(alone["HITGroupId"])
        several, last = (task["project"] for task in json.loads((await anna.get("/tasks?format=json")).text)["tasks"])
        path = f"/projects/{hits[0]['HITGroupId']}/tasks/accept_random"
        taken = json.loads((await anna.get(path, headers={"Accept": "application/json"})).text)
    assert listed["assignable_hits_count"] == 3
    assert several == {**listed, "assignable_hits_count": 2}
    assert taken["project"] == {**listed, "assignable_hits_count": 1}
    (required,) = several["project_requirements"]
    assert (required["qualification_type_id"], required["caller_qualification_value"]) == (type_id, 7)
    assert (required["qualification_values"], required["caller_meets_requirement"]) == (["5"], True)
    assert (last["title"], last["assignable_hits_count"], last["project_requirements"]) == ("Alone", 0, [])
    assert last["caller_meets_requirements"]
    for name, expected in (("creation_time", "CreationTime"), ("latest_expiration_time", "Expiration")):
        assert abs((datetime.fromisoformat(last[name]) - alone[expected]).total_seconds()) < 1
    assert last["last_updated_time"] == last["creation_time"]


async def test_what_came_of_it(market: Marketplace, turk: Requester) -> None:
    """The dashboard and its days tell what was submitted, decided and earned, with the requester's words."""
    hit = await turk.hit(MaxAssignments=2, Reward="0.25")
    ids = {}
    for worker_id in (ANNA, BERT):
        async with Visitor(market) as visitor:
            await visitor.sign_in(worker_id)
            page = await visitor.accept(hit["HITGroupId"])
            ids[worker_id] = page.query["assignment_id"]
            await visitor.post(submit_to(market), {"assignmentId": ids[worker_id], "age": "1"})
    await turk("ApproveAssignment", AssignmentId=ids[ANNA], RequesterFeedback="Well done")
    await turk("RejectAssignment", AssignmentId=ids[BERT], RequesterFeedback="Empty")
    await turk("SendBonus", AssignmentId=ids[ANNA], WorkerId=ANNA, BonusAmount="0.10", Reason="Fast")
    for worker_id, told in ((ANNA, ("Well done", "Approved", "$0.35")), (BERT, ("Empty", "Rejected", "$0.00"))):
        async with Visitor(market) as visitor:
            await visitor.sign_in(worker_id)
            dashboard = await visitor.get("/dashboard")
            assert told[2] in dashboard.words
            (day,) = [link for link in dashboard.links() if link.startswith("/status_details/")]
            words = (await visitor.get(day)).words
            assert told[0] in words
            assert told[1] in words
    async with Visitor(market) as visitor:
        await visitor.sign_in(ANNA)
        assert "Fast" in (await visitor.get("/messages")).words
        assert (await visitor.get("/status_details/yesterday")).status == 404
