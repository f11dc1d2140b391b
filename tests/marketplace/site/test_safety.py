"""What hostile pages, hostile workers and hostile answers try at the worker site, and that nothing comes of it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from yarl import URL

from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.site.origins import Origins
from tests.marketplace.support import ANNA, BERT, SCHEMAS, Requester

from .visitor import Page, Visitor, submit_to

EVIL = "https://evil.example"
PAGE = (
    f'<HTMLQuestion xmlns="{SCHEMAS}/2011-11-11/HTMLQuestion.xsd">'
    "<HTMLContent><![CDATA[<!DOCTYPE html><html><body><p>a secret task</p></body></html>]]></HTMLContent>"
    "<FrameHeight>0</FrameHeight></HTMLQuestion>"
)
GUARDED = {"Comparator": "Exists", "ActionsGuarded": "PreviewAndAccept"}


async def counts(turk: Requester, hit_id: str) -> tuple[int, int]:
    """How many of a HIT's assignments are in work, and how many are left."""
    hit = (await turk("GetHIT", HITId=hit_id))["HIT"]
    return hit["NumberOfAssignmentsPending"], hit["NumberOfAssignmentsAvailable"]


# Where requests come from.


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7700", "127.0.0.1.evil.example", "localhost.evil", ""])
async def test_other_names_of_this_computer(market: Marketplace, turk: Requester, host: str) -> None:
    """A stranger's host name that leads here gets no page: their own scripts could read it."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        for path in ("/projects", f"/projects/{hit['HITGroupId']}/tasks", "/sign_in", "/frames/x", "/requester"):
            page = await anna.get(path, headers={"Host": host}, follow=False)
            assert (page.status, "Guess the age" in page.text) == (421, False) or page.status == 400


@pytest.mark.parametrize("name", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"])
async def test_brought_by_a_proxy(market: Marketplace, name: str) -> None:
    """Where everybody can be anybody, nobody is let in whom a proxy or a tunnel brings; unless it was named."""
    value = {"X-Forwarded-Proto": "https", "Forwarded": "for=192.0.2.9"}.get(name, "192.0.2.9")
    async with Visitor(market) as anna:
        fields = {**(await anna.get("/sign_in")).form("/sign_in"), "worker_id": ANNA}
        brought = {name: value}
        for page in (
            await anna.get("/sign_in", headers=brought),
            await anna.post("/sign_in", fields, headers=brought, follow=False),
            await anna.get("/", headers=brought),
        ):
            assert page.status == 403
            assert "passed on by a proxy" in page.text
            assert "Set-Cookie" not in page.headers
    async with Marketplace(trusted_proxies=["127.0.0.1"]) as named, Visitor(named) as anna:
        assert (await anna.get("/sign_in", headers=brought)).status == 200


async def test_the_tasks_origin_has_no_pages_of_the_site(market: Marketplace, turk: Requester) -> None:
    """What runs in a task's frame is at another host, where no page of the site is to be had, signed in or not."""
    hit = await turk.hit(Question=PAGE)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        frame = (await anna.get(f"/projects/{hit['HITGroupId']}/tasks")).frame()
        tasks = f"http://{urlsplit(frame).netloc}"
        assert urlsplit(tasks).hostname != urlsplit(market.site_url).hostname
        fetched = await anna.get(f"{tasks}/projects", follow=False, headers={"Sec-Fetch-Dest": "empty"})
        assert fetched.status == 421
        shown = await anna.get(frame)
        assert shown.headers["Content-Security-Policy"] == f"frame-ancestors {market.site_url}"
        assert "Set-Cookie" not in shown.headers
        assert (await anna.get(f"{market.site_url}{urlsplit(frame).path}")).status == 421


async def test_headers_of_every_page(market: Marketplace, turk: Requester) -> None:
    """Each page forbids scripts of others and being framed; the cookie is for the browser alone."""
    await turk.hit()
    async with Visitor(market) as anna:
        first = await anna.get("/sign_in")
        assert {"HttpOnly", "SameSite=Lax"} <= set(first.headers["Set-Cookie"].split("; "))
        await anna.sign_in(ANNA)
        for path in ("/projects", "/tasks", "/dashboard", "/messages", "/qualifications", "/nowhere-at-all"):
            page = await anna.get(path)
            if page.status == 404 and path == "/nowhere-at-all":
                continue
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert page.headers["X-Content-Type-Options"] == "nosniff"


# Forms that were made elsewhere.


async def test_forms_without_their_token_do_nothing(market: Marketplace, turk: Requester) -> None:
    """Accepting, returning, signing in and out, asking for a qualification: refused unless the form was made here."""
    hit = await turk.hit(MaxAssignments=2)
    kind = await turk(
        "CreateQualificationType", Name="q", Description="q", QualificationTypeStatus="Active", AutoGranted=True
    )
    type_id = kind["QualificationType"]["QualificationTypeId"]
    group = f"/projects/{hit['HITGroupId']}/tasks"
    async with Visitor(market) as anna, Visitor(market) as bert:
        await anna.sign_in(ANNA)
        await bert.sign_in(BERT)
        taken = await bert.accept(hit["HITGroupId"])
        others_token = (await bert.get("/tasks")).form("/sign_out")["authenticity_token"]
        for token in ({}, {"authenticity_token": ""}, {"authenticity_token": others_token}):
            assert (await anna.post(f"{group}/accept_random", token)).status == 422
            assert (await anna.post(f"/qualifications/{type_id}", token)).status == 422
            assert (await anna.post("/sign_out", token)).status == 422
            assert (await anna.post("/sign_in", {"worker_id": BERT, **token})).status == 422
        stolen = await bert.post(f"{urlsplit(taken.url).path}?{urlsplit(taken.url).query}", {"_method": "delete"})
        assert stolen.status == 422
        assert ANNA in (await anna.get("/tasks")).words

    assert await counts(turk, hit["HITId"]) == (1, 1)
    assert (await turk("ListWorkersWithQualificationType", QualificationTypeId=type_id))["NumResults"] == 0


@pytest.mark.parametrize(
    "where",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/"},
        {"Referer": "http://[evil"},
        {"Referer": "http://localhost:{port}/frames/a"},
        {"Referer": "https://127.0.0.1:{port}/projects"},
    ],
)
async def test_a_link_of_others_does_not_accept(market: Marketplace, turk: Requester, where: dict[str, str]) -> None:
    """The old address that accepts by a mere link asks first when the link is on somebody else's page."""
    hit = await turk.hit()
    address = f"/projects/{hit['HITGroupId']}/tasks/accept_random"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        port = urlsplit(market.site_url).port
        asked = await anna.get(address, headers={name: value.format(port=port) for name, value in where.items()})
        assert await counts(turk, hit["HITId"]) == (0, 1)
        await anna.send(asked, address)

    assert await counts(turk, hit["HITId"]) == (1, 0)


async def test_looking_ahead_does_nothing(market: Marketplace, turk: Requester) -> None:
    """Asking for headers alone, and fetching what is perhaps opened next, accepts nothing and submits nothing."""
    hit = await turk.hit()
    address = f"/projects/{hit['HITGroupId']}/tasks/accept_random"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        for header in ({"Sec-Purpose": "prefetch;prerender"}, {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}):
            asked = await anna.get(address, headers={"Sec-Fetch-Site": "none", **header})
            assert asked.form(address)
        assert (await anna.head(address)).status == 200
        assert await counts(turk, hit["HITId"]) == (0, 1)
        held = (await anna.send(asked, address)).query["assignment_id"]
        assert (await anna.head(f"/mturk/externalSubmit?assignmentId={held}&a=1")).status == 405
        assert await counts(turk, hit["HITId"]) == (1, 0)
        other = await turk.hit(Title="Another")
        await anna.head(f"/tasks/{held}/next?group_id={other['HITGroupId']}&auto_accept=true")
        await anna.post(submit_to(market), {"assignmentId": held, "a": "1"})
        await anna.head(f"/tasks/{held}/next?group_id={other['HITGroupId']}&auto_accept=true")
        assert await counts(turk, other["HITId"]) == (0, 1)


@pytest.mark.parametrize("where", [{}, {"Sec-Fetch-Site": "none"}, {"Referer": "{site}/projects"}, {"Referer": ""}])
async def test_a_link_of_ours_accepts(market: Marketplace, turk: Requester, where: dict[str, str]) -> None:
    """From a page of the site, a bookmark or a program the old address accepts at once."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        headers = {name: value.format(site=market.site_url) for name, value in where.items()}
        await anna.get(f"/projects/{hit['HITGroupId']}/tasks/accept_random", headers=headers)

    assert await counts(turk, hit["HITId"]) == (1, 0)


@pytest.mark.parametrize("onward", [EVIL, "//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example"])
async def test_signing_in_leads_nowhere_else(market: Marketplace, onward: str) -> None:
    """Whatever address one is to go on to, it is one of this site."""
    async with Visitor(market) as anna:
        page = await anna.get(f"/sign_in?next={onward}")
        done = await anna.post("/sign_in", {**page.form("/sign_in"), "worker_id": ANNA, "next": onward}, follow=False)

    assert done.headers["Location"] == "/projects"


async def test_a_session_cannot_be_prepared(market: Marketplace) -> None:
    """Signing in begins a new session, so that one that somebody else has set up is worth nothing."""
    async with Visitor(market) as anna:
        before = await anna.get("/sign_in")
        signed = await anna.send(before, "/sign_in", worker_id=ANNA)
        stale = await anna.post("/sign_out", before.form("/sign_in"))
        assert stale.status == 422
        assert signed.form("/sign_out")["authenticity_token"] != before.form("/sign_in")["authenticity_token"]


async def test_a_forged_cookie_is_nobody(market: Marketplace, turk: Requester) -> None:
    """A cookie that we did not sign, or that was changed, is of nobody."""
    await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        ((name, value),) = [(each.key, each.value) for each in anna.cookies]
        turned = value.swapcase()
        for forged in (value[:-9] + turned[-9:], turned[:20] + value[20:], value.partition(".")[0], "x", ""):
            async with Visitor(market, {"Cookie": f"{name}={forged}"}) as somebody:
                seen = await somebody.get("/projects", follow=False)
            assert seen.status == 302
            assert seen.headers["Location"].startswith("/sign_in")


# Other people's work.


async def test_nobody_gets_at_anothers_assignment(market: Marketplace, turk: Requester) -> None:
    """What one has accepted, another cannot see, return, or submit while signed in."""
    hit = await turk.hit(Question=PAGE)
    async with Visitor(market) as anna, Visitor(market) as bert:
        await anna.sign_in(ANNA)
        await bert.sign_in(BERT)
        task = await anna.accept(hit["HITGroupId"])
        path = f"{urlsplit(task.url).path}?{urlsplit(task.url).query}"
        assignment_id = task.query["assignment_id"]
        assert (await bert.get(path)).status == 404
        token = (await bert.get("/tasks")).form("/sign_out")
        assert (await bert.post(path, {**token, "_method": "delete"})).status == 404
        assert (await bert.post(f"/tasks/{assignment_id}/moments", {**token, "active_seconds": "5"})).status == 404
        assert (await bert.post(submit_to(market), {"assignmentId": assignment_id, "age": "1"})).status == 403

    assert await counts(turk, hit["HITId"]) == (1, 0)


async def test_a_frames_ticket_cannot_be_made(market: Marketplace, turk: Requester) -> None:
    """The address of a frame shows what its ticket says, whatever its parameters, and a changed ticket nothing."""
    open_hit = await turk.hit(Question=PAGE.replace("a secret task", "an open task"))
    guarded = await turk.hit(Question=PAGE, Title="Guarded")
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        frame = (await anna.get(f"/projects/{open_hit['HITGroupId']}/tasks")).frame()
        other = frame.replace(open_hit["HITId"], guarded["HITId"])
        assert "an open task" in (await anna.get(other)).text
        ticket = urlsplit(frame).path.rpartition("/")[2]
        for forged in (ticket[:-3] + "xxx", ticket.rpartition(".")[0] + ".x", "x", ticket[:-1]):
            page = await anna.get(frame.replace(ticket, forged))
            assert (page.status, "task" in page.text.replace("tasks", "")) == (403, False)


async def test_a_guarded_task_is_not_seen(market: Marketplace, turk: Requester) -> None:
    """Who does not meet what guards a preview sees neither page nor frame, and no more once it is revoked."""
    kind = await turk("CreateQualificationType", Name="q", Description="q", QualificationTypeStatus="Active")
    type_id = kind["QualificationType"]["QualificationTypeId"]
    hit = await turk.hit(Question=PAGE, QualificationRequirements=[{**GUARDED, "QualificationTypeId": type_id}])
    path = f"/projects/{hit['HITGroupId']}/tasks"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        refused = await anna.get(path)
        assert (refused.status, "secret" in refused.text) == (403, False)
        token = (await anna.get("/tasks")).form("/sign_out")
        assert (await anna.post(f"{path}/accept_random", token)).status == 403
        await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA)
        frame = (await anna.get(path)).frame()
        assert "secret" in (await anna.get(frame)).text
        await turk("DisassociateQualificationFromWorker", QualificationTypeId=type_id, WorkerId=ANNA)
        assert "secret" not in (await anna.get(frame)).text


async def test_accepted_once_and_in_time(market: Marketplace, turk: Requester) -> None:
    """A HIT is not accepted twice, nor submitted after its deadline, whatever the browser sends again."""
    hit = await turk.hit(MaxAssignments=2)
    path = f"/projects/{hit['HITGroupId']}/tasks"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        form = (await anna.get(path)).form(f"{path}/accept_random")
        task = await anna.post(f"{path}/accept_random", form)
        assert (await anna.post(f"{path}/accept_random", form)).url == task.url
        assert await counts(turk, hit["HITId"]) == (1, 1)
        await market.advance(timedelta(seconds=301))
        late = await anna.post(submit_to(market), {"assignmentId": task.query["assignment_id"], "age": "1"})
        assert late.status == 404
        assert (await anna.get(f"{urlsplit(task.url).path}?{urlsplit(task.url).query}")).status == 404

    assert (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["NumResults"] == 0


# What is written into pages.

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7 * 7 }}{% raw %}",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_texts_stay_texts(market: Marketplace, turk: Requester, text: str) -> None:
    """Titles, descriptions, names and messages are shown as they were written, and are never markup."""
    hit = await turk.hit(Title=text, Description=text, Keywords="a", Question=PAGE)
    await turk("CreateQualificationType", Name=text, Description=text, QualificationTypeStatus="Active")
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        await anna.post(submit_to(market), {"assignmentId": task.query["assignment_id"], "age": text})
        await turk("ApproveAssignment", AssignmentId=task.query["assignment_id"], RequesterFeedback=text or "fine")
        await turk("NotifyWorkers", Subject=text, MessageText=text, WorkerIds=[ANNA])
        day = (await anna.get("/dashboard")).tree.find(".//tbody//a")
        assert day is not None
        for path in ("/messages", "/qualifications", day.attrib["href"]):
            page = await anna.get(path)
            assert text in page.words
            assert is_clean(page)
    assert is_clean(task)


def is_clean(page: Page) -> bool:
    """Whether a page has no element and no attribute but those of our templates."""
    for element in page.tree.iter():
        if element.tag in ("script",) and not element.attrib.get("src", "").startswith("/static/"):
            return False
        if element.tag == "img" or any(name.startswith("on") for name in element.attrib):
            return False
        if any(
            value.strip().lower().startswith("javascript:")
            for name, value in element.attrib.items()
            if name in ("href", "src", "action")
        ):
            return False
    return True


@pytest.mark.parametrize("character", ["%00", "%ED%A0%80", "%FF"])
async def test_characters_that_nobody_writes(market: Marketplace, turk: Requester, character: str) -> None:
    """What no database takes is refused wherever an id is expected, and is no failure of ours."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        token = (await anna.get("/tasks")).form("/sign_out")
        for path in (
            f"/projects/3X{character}/tasks",
            f"/projects/{hit['HITGroupId']}/tasks/{hit['HITId']}?assignment_id={character}",
            f"/qualifications/{character}",
            f"/projects?filters[search_term]={character}",
        ):
            assert (await anna.get(URL(f"{market.site_url}{path}", encoded=True))).status in (200, 400, 404)
        moments = URL(f"{market.site_url}/tasks/{character}/moments", encoded=True)
        assert (await anna.post(moments, token)).status in (400, 404)


# Where it may be reached.


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"host": "0.0.0.0"}, "accounts"),
        ({"host": "::"}, "accounts"),
        ({"host": "192.0.2.1"}, "accounts"),
        ({"site_url": "https://work.example.org", "tasks_url": "https://tasks.example.org"}, "accounts"),
        ({"host": "0.0.0.0", "accounts": True}, "site_url"),
        ({"site_url": "https://work.example.org"}, "together"),
        (
            {"accounts": True, "site_url": "http://work.example.org", "tasks_url": "http://tasks.example.org"},
            "https",
        ),
        ({"accounts": True, "site_url": "https://a.example", "tasks_url": "https://b.example"}, "certificate"),
        (
            {"accounts": True, "site_url": "https://a.example", "tasks_url": "https://a.example:8443"},
            "host name of their own",
        ),
    ],
)
def test_what_is_not_served(options: dict[str, object], told: str) -> None:
    """A marketplace is not opened to others without accounts, TLS or a trusted proxy, and two host names."""
    with pytest.raises(ConfigurationError, match=told):
        Marketplace(**options)  # type: ignore[arg-type]


def test_origins() -> None:
    """Origins are told by host and port, and ports that go without saying make no difference."""
    origins = Origins("https://work.example.org:443/", "https://tasks.example.org")
    assert origins.site == "https://work.example.org"
    assert origins.is_site("WORK.example.org")
    assert origins.is_site("work.example.org:443")
    assert not origins.is_site("work.example.org:8443")
    assert not origins.is_site("tasks.example.org")
    local = Origins.on_this_computer("http://[::1]:7700")
    assert (local.site, local.tasks) == ("http://[::1]:7700", "http://localhost:7700")
    assert Origins.on_this_computer("http://localhost:7700").tasks == "http://127.0.0.1:7700"
