"""Working over plain HTTP: what is done twice, comes late, or was given back, and that people are told what is true."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import aiohttp
import pytest

from aioturk.marketplace import Marketplace
from tests.marketplace.support import ANNA, BERT, SCHEMAS, Requester

from .visitor import Page, Visitor, submit_to

FORM = (
    f'<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd"><Question><QuestionIdentifier>q</QuestionIdentifier>'
    "<QuestionContent><Text>Well?</Text></QuestionContent><AnswerSpecification><FreeTextAnswer/>"
    "</AnswerSpecification></Question></QuestionForm>"
)


async def submit(visitor: Visitor, task: Page, **fields: str) -> Page:
    """Submit what somebody has in work."""
    fields = {"assignmentId": task.query["assignment_id"], **(fields or {"age": "36"})}
    return await visitor.post(submit_to(visitor.market), fields)  # type: ignore[arg-type]


# Accepting.


async def test_a_second_click_on_accept(market: Marketplace, turk: Requester) -> None:
    """Whoever clicks twice has accepted one HIT, the one that they looked at, and gets to it both times."""
    for _ in range(3):
        hit = await turk.hit()
    path = f"/projects/{hit['HITGroupId']}/tasks"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        form = (await anna.get(path)).form(f"{path}/accept_random")
        first, second = [await anna.post(f"{path}/accept_random", form) for _ in range(2)]
        assert (first.status, second.url) == (200, first.url)
        assert first.url.partition("?")[0].endswith(form["hit_id"])
        assert len(await market.worker(ANNA).queue()) == 1
        one = f"{path}/{form['hit_id']}/accept"
        assert (await anna.post(one, form)).url == first.url


async def test_another_one_of_the_group(market: Marketplace, turk: Requester) -> None:
    """If others have taken the HIT that somebody looked at, they get another one of its kind."""
    hits = [await turk.hit() for _ in range(2)]
    path = f"/projects/{hits[0]['HITGroupId']}/tasks"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        form = (await anna.get(path)).form(f"{path}/accept_random")
        await market.worker(BERT).accept(form["hit_id"])
        task = await anna.post(f"{path}/accept_random", form)
    assert task.query["assignment_id"]
    assert form["hit_id"] not in task.url


# Going on by itself.


def is_chosen(page: Page) -> bool:
    """Whether the next HIT is accepted when this one is submitted, as the page shows it."""
    return next("checked" in each.attrib for each in page.tree.iter("input") if each.attrib.get("id") == "auto")


async def test_accepting_the_next_is_switched_on_and_off_in_a_task(market: Marketplace, turk: Requester) -> None:
    """The choice is made in a task, too, by a form that needs no scripts, and holds for all that follow."""
    hits = [await turk.hit() for _ in range(4)]
    group = f"/projects/{hits[0]['HITGroupId']}/tasks"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hits[0]["HITGroupId"])
        assert not is_chosen(task)
        task = await anna.get(f"{task.path}?assignment_id={task.query['assignment_id']}&auto_accept=true")
        for hit in hits[1:3]:
            assert is_chosen(task)
            await submit(anna, task)
            task = await anna.get(onward(task))
            assert (task.path, task.query["auto_accept"]) == (f"{group}/{hit['HITId']}", "true")
        task = await anna.get(f"{task.path}?assignment_id={task.query['assignment_id']}")
        assert not is_chosen(task)
        await submit(anna, task)
        task = await anna.get(onward(task))
        assert (task.path, is_chosen(task)) == (group, False)
        assert await market.worker(ANNA).queue() == []


def onward(task: Page) -> str:
    """Where the page of a task leads to once it is submitted: by its script, and without one by a link."""
    address = next(each.attrib["data-onward"] for each in task.tree.iter() if "data-onward" in each.attrib)
    assert address in task.links()
    return address


async def test_who_returns_a_hit_keeps_the_choice(market: Marketplace, turk: Requester) -> None:
    """The preview that follows a returned HIT has the choice that stood in the task."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        for wanted in ("true", ""):
            task = await anna.accept(hit["HITGroupId"])
            own = f"{task.path}?assignment_id={task.query['assignment_id']}"
            returned = await anna.send(await anna.get(f"{own}&auto_accept={wanted}"), own)
            assert "You have returned the HIT." in returned.words
            assert is_chosen(returned) is bool(wanted)


async def test_nobody_else_has_the_next_accepted(market: Marketplace, turk: Requester) -> None:
    """A link on somebody else's page, a task's own included, switches nothing on, wherever it leads."""
    hits = [await turk.hit() for _ in range(2)]
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        path = f"/projects/{hits[0]['HITGroupId']}/tasks"
        assert not is_chosen(await anna.get(f"{path}?auto_accept=true", headers=elsewhere))
        task = await anna.accept(hits[0]["HITGroupId"])
        address = f"{task.path}?assignment_id={task.query['assignment_id']}&auto_accept=true"
        page = await anna.get(address, headers=elsewhere)
        assert not is_chosen(page)
        assert "auto_accept" not in onward(page)
        await submit(anna, task)
        went = await anna.get(f"{onward(page)}&auto_accept=true", headers=elsewhere)
        assert went.path == path
        assert await market.worker(ANNA).queue() == []


# Submitting.


async def test_a_second_click_on_submit(market: Marketplace, turk: Requester) -> None:
    """Answers that come twice have come in: that is said, and the page around goes on, as after the first time."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        await submit(anna, task)
        again = await submit(anna, task, age="37")
    assert again.status == 409
    assert "Submitted before" in again.words
    assert "Not submitted" not in again.words
    assert "/static/submitted.js" in again.text
    assert f'data-assignment="{task.query["assignment_id"]}"' in again.text
    (answer,) = (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["Assignments"]
    assert "36" in answer["Answer"]


@pytest.mark.parametrize("kind", ["own page", "form"])
async def test_too_late(market: Marketplace, turk: Requester, kind: str) -> None:
    """What was entered and comes too late is shown once more, as a text, to be copied."""
    hit = await turk.hit(**({} if kind == "own page" else {"Question": FORM}))
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        fields = {"age": "<b>thirty</b>\nor so"}
        if kind == "form":
            page = await anna.get(task.frame())
            fields = {**page.form(submit_to(market)), "question.0": "<b>thirty</b>\nor so"}
        await market.advance(timedelta(hours=1))
        late = await submit(anna, task, **fields)
    assert late.status == 404
    assert "What you had entered" in late.words
    assert "&lt;b&gt;thirty&lt;/b&gt;\nor so" in late.text
    assert "question-form" not in late.words
    assert late.words.count(task.query["assignment_id"]) == 1  # in the sentence that says what is wrong


async def test_without_an_assignment(market: Marketplace) -> None:
    """A page that forgets the assignment's id is told so, for whoever has written it."""
    async with Visitor(market) as anna:
        page = await anna.post(submit_to(market), {"age": "36"})
    assert page.status == 404
    assert "sent no assignmentId" in page.words
    assert "36" in page.words


async def test_only_we_say_that_answers_have_come_in(market: Marketplace, turk: Requester) -> None:
    """The page that says so is led to by the site: a task that leads its frame there finds another one."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        assignment_id = task.query["assignment_id"]
        group_id = quote(hit["HITGroupId"])
        for proof in ("", "&proof=", f"&proof={'0' * 32}"):
            told = await anna.get(f"/tasks/submitted?assignment_id={assignment_id}&group_id={group_id}{proof}")
            assert (told.status, "come in" in told.words) == (404, False)
        assert (await anna.get("/qualifications/tests?type_id=3TYPE")).status == 404
        done = await submit(anna, task)
        assert (done.path, done.status) == ("/tasks/submitted", 200)
        assert "come in" in done.words
        other = await anna.get(f"{done.path}?assignment_id=3OTHER&proof={done.query['proof']}")
        assert other.status == 404


async def test_the_last_moments(market: Marketplace, turk: Requester) -> None:
    """What the page around tells while the answers come in is kept, and not what it tells later."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        token = task.form(task.url.removeprefix(market.site_url).partition("?")[0])["authenticity_token"]
        path = f"/tasks/{task.query['assignment_id']}/moments"
        await market.advance(timedelta(seconds=30))
        await submit(anna, task)
        fields = {"authenticity_token": token, "active_seconds": "40", "first_input_at": "0"}
        assert (await anna.post(path, fields)).status == 204
        await market.advance(timedelta(minutes=1))
        assert (await anna.post(path, {**fields, "active_seconds": "60"})).status == 409
    found = await market.moments(task.query["assignment_id"])
    assert found.active == timedelta(seconds=30)
    assert found.first_input == found.submitted


# Returning.


@pytest.mark.parametrize("is_over", [False, True])
async def test_returning(market: Marketplace, turk: Requester, *, is_over: bool) -> None:
    """Whoever returns a HIT is told that it is returned, whatever is left there, and however often they click."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        if is_over:
            await turk("UpdateExpirationForHIT", HITId=hit["HITId"], ExpireAt=0)
        address = task.url.removeprefix(market.site_url)
        form = task.form(address.partition("?")[0])
        for _ in range(2):
            assert (await anna.post(address, form, follow=False)).status == 302
            page = await anna.post(address, form)
            assert page.status == 200
            assert "You have returned the HIT." in page.words
        assert await market.worker(ANNA).queue() == []
        async with Visitor(market) as bert:
            await bert.sign_in(BERT)
            own = (await bert.get("/tasks")).form("/sign_out")
            assert (await bert.post(address, {**own, "_method": "delete"})).status == 404


# What people are told of their own work.


async def test_what_is_in_work(market: Marketplace, turk: Requester) -> None:
    """Whoever goes back to the preview of what they have in work is told that they have it, with a link to it."""
    hit = await turk.hit()
    path = f"/projects/{hit['HITGroupId']}/tasks"
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        for address in (path, f"{path}/{hit['HITId']}"):
            page = await anna.get(address)
            assert page.status == 200
            assert "You have this HIT in work" in page.words
            assert "others" not in page.words
            assert task.url.removeprefix(market.site_url) in page.links()


async def test_what_was_submitted(market: Marketplace, turk: Requester) -> None:
    """Whoever comes back to what they have submitted is told so, and when; not that it was lost."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        await submit(anna, task)
        for address in (task.url, task.url.partition("?")[0]):
            page = await anna.get(address)
            assert page.status == 410
            assert "You have submitted this HIT" in page.words
            assert "Your answers came in on" in page.words
    async with Visitor(market) as bert:
        await bert.sign_in(BERT)
        page = await bert.get(task.url)
        assert (page.status, "submitted this HIT" in page.words) == (404, False)


@pytest.mark.parametrize(
    ("how", "told"), [("returned", "You have returned this HIT"), ("late", "The time for this HIT is over")]
)
async def test_what_is_no_longer_there(market: Marketplace, turk: Requester, how: str, told: str) -> None:
    """Whoever comes back to what they returned, or did not submit in time, is told which of the two it was."""
    hit = await turk.hit(LifetimeInSeconds=10**6)
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        if how == "late":
            await market.advance(timedelta(hours=1))
        else:
            await market.worker(ANNA).return_assignment(task.query["assignment_id"])
        page = await anna.get(task.url)
        assert page.status == 404
        assert told in page.words
        assert f"/projects/{hit['HITGroupId']}/tasks" in page.links()


# Forms.


async def test_a_file_that_was_not_chosen(market: Marketplace, turk: Requester) -> None:
    """A field for a file that was left alone is no file; one that was chosen is refused, and nothing is lost."""
    hit = await turk.hit()
    async with Visitor(market) as anna:
        await anna.sign_in(ANNA)
        task = await anna.accept(hit["HITGroupId"])
        for name, content, status in (("a.txt", "x", 415), ("", "", 200)):
            body = "".join(
                f"--abc\r\nContent-Disposition: form-data; name={part}\r\n\r\n{text}\r\n"
                for part, text in (("assignmentId", task.query["assignment_id"]), ("age", "36"))
            )
            body += (
                f'--abc\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n'
                f"Content-Type: application/octet-stream\r\n\r\n{content}\r\n--abc--\r\n"
            )
            kind = {"Content-Type": "multipart/form-data; boundary=abc"}
            async with (
                aiohttp.ClientSession() as session,
                session.post(submit_to(market), data=body.encode(), headers=kind) as answer,
            ):
                assert answer.status == status, await answer.text()
    (submitted,) = (await turk("ListAssignmentsForHIT", HITId=hit["HITId"]))["Assignments"]
    assert "36" in submitted["Answer"]
    assert "photo" not in submitted["Answer"]


# Lists that end.


async def test_lists_say_that_there_is_more(market: Marketplace, turk: Requester) -> None:
    """A list that is not shown to its end says so; one that is whole does not."""
    async with Visitor(market) as anna:
        for number in range(52):
            page = await anna.get("/sign_in")
            assert ("There are more" in page.words) is (number > 50)
            assert page.text.count('<button name="worker_id"') == min(number, 50)
            await anna.send(page, "/sign_in", worker_id=f"A{number:03}")
        for number in range(101):
            assert "There are more" not in (await anna.get("/qualifications")).words
            name = f"Skill {number:03}"
            await turk("CreateQualificationType", Name=name, Description="x", QualificationTypeStatus="Active")
        page = await anna.get("/qualifications")
        assert "There are more" in page.words
        assert ("Skill 099" in page.words, "Skill 100" in page.words) == (True, False)
