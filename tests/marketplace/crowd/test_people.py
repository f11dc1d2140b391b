"""Functions that people answer: the HIT, what is made of its answers, and the money."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pydantic
import pytest

from aioturk import HTMLTemplate, Task
from aioturk.marketplace import AMAZON, Marketplace
from aioturk.marketplace.service import crowd_tasks
from aioturk.marketplace.store.inspection import problems

from ...postgres import Postgres
from ..acts import act, act_for, audited
from ..support import ANNA, BERT, CARA, Requester, StillClock
from .support import Crowd, tasks_of

HAPPY = {"text": "Everything is wonderful."}
OTTER = {"picture": "https://example.org/otter.jpg"}


@dataclass(frozen=True)
class Animal:
    """What people answer."""

    animal: str
    legs: Literal[0, 2, 4] = 4


NAME = Task(
    title="Name an animal",
    description="Write the name of the animal.",
    reward="0.10",
    assignment_duration=300,
    lifetime=3600,
    max_assignments=3,
    question=HTMLTemplate("<!DOCTYPE html><form><img src='${picture}'><input name='animal'></form>"),
    answer=Animal,
)


@pytest.fixture
def crowd(market: Marketplace) -> Crowd:
    """The first requester, who calls ``name``."""
    market.add_crowd_function("name", task=NAME)
    return Crowd(market, "name")


async def only_hit(turk: Requester) -> dict[str, Any]:
    """The one HIT that there is."""
    (hit,) = (await turk("ListHITs"))["HITs"]
    found: dict[str, Any] = hit
    return found


async def submit(market: Marketplace, hit_id: str, **answers: Any) -> list[str]:
    """Let workers accept and submit, each by a fields' dictionary under the worker's short name."""
    names = {"anna": ANNA, "bert": BERT, "cara": CARA}
    ids = []
    for name, fields in answers.items():
        worker = market.worker(names[name])
        ids.append(await worker.accept(hit_id))
        await worker.submit(ids[-1], fields)
    return ids


async def test_the_whole_loop(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """A task becomes a HIT of the caller's; what its workers agree on is the result, and they are paid."""
    assert (await crowd.put(OTTER)).status == 201
    hit = await only_hit(turk)
    assert (hit["Title"], hit["Reward"], hit["MaxAssignments"]) == ("Name an animal", "0.10", 3)
    assert hit["RequesterAnnotation"] == "name/t"
    assert "otter.jpg" in hit["Question"]

    await submit(market, hit["HITId"], anna={"animal": "otter"}, bert={"animal": "seal"})
    assert (await crowd.get()).json["state"] == "processing"
    await submit(market, hit["HITId"], cara={"animal": "otter", "legs": "4"})
    done = (await crowd.get()).json
    assert (done["state"], done["result"]) == ("completed", {"animal": "otter", "legs": 4})
    assert {each["AssignmentStatus"] for each in await turk.assignments(hit["HITId"])} == {"Approved"}
    assert (await market.earnings(ANNA)).earned == Decimal("0.10")

    assert (await crowd.delete()).status == 204
    assert (await turk.get(hit["HITId"]))["HITStatus"] == "Reviewable"


async def test_they_are_paid_although_nobody_asks(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """The marketplace looks by itself whether people have finished."""
    await crowd.put(OTTER)
    hit_id = (await only_hit(turk))["HITId"]
    fields = {"animal": "otter"}
    await submit(market, hit_id, anna=fields, bert=fields, cara=fields)
    await tasks_of(market).look()
    assert {each["AssignmentStatus"] for each in await turk.assignments(hit_id)} == {"Approved"}
    lines = [line for line in await audited(market) if line[1].startswith("Crowd")]
    assert [line[1] for line in lines] == ["CrowdTaskCreated", "CrowdTaskCompleted"]
    assert hit_id in str(lines[0][3])


async def test_one_hit_for_requests_at_the_same_moment(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """However often a task is put at once, there is one HIT."""
    answers = await asyncio.gather(*(crowd.put(OTTER) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    await only_hit(turk)


async def test_one_hit_for_requests_to_two_processes(postgres: Postgres) -> None:
    """The same, where two processes serve the market."""
    url = postgres.fresh()
    async with Marketplace(url) as first, Marketplace(url) as second:
        for market in (first, second):
            market.add_crowd_function("name", task=NAME)
        answers = await asyncio.gather(
            *(Crowd(market, "name").put(OTTER, task=f"t{n % 4}") for market in (first, second) for n in range(8))
        )
        assert sorted(answer.status for answer in answers) == [200] * 12 + [201] * 4
        assert len((await Requester(first)("ListHITs"))["HITs"]) == 4
    assert problems(url) == []


async def test_finished_at_the_same_moment(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """Many who ask at the moment when it is finished get the same result, and workers are paid once."""
    await crowd.put(OTTER)
    hit_id = (await only_hit(turk))["HITId"]
    fields = {"animal": "otter"}
    await submit(market, hit_id, anna=fields, bert=fields, cara=fields)
    looks = [tasks_of(market).look() for _ in range(2)]
    answers = await asyncio.gather(*(crowd.get() for _ in range(6)), *looks)
    assert {answer.json["state"] for answer in answers[:6] if answer is not None} == {"completed"}
    assert [(await market.earnings(worker)).earned for worker in (ANNA, BERT, CARA)] == [Decimal("0.10")] * 3


async def test_time_that_is_over(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """When the HIT ends without all answers the task fails; those that were given are paid for."""
    await crowd.put(OTTER)
    hit_id = (await only_hit(turk))["HITId"]
    await submit(market, hit_id, anna={"animal": "otter"})
    await market.advance(timedelta(hours=1))
    failed = (await crowd.get()).json
    text = "1 of 3 answers were given in time that could be read."
    assert (failed["state"], failed["result"]) == ("failed", None)
    assert failed["problemDetails"] == {"code": "NotEnoughAnswers", "message": text}
    assert (await market.earnings(ANNA)).earned == Decimal("0.10")
    assert (await turk("GetAccountBalance"))["AvailableBalance"] == "10000.00"
    assert (await crowd.delete()).status == 204
    assert (await crowd.put(OTTER)).status == 201


async def test_work_that_goes_on_after_the_end(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """Whoever has accepted in time may finish, and the task waits for them."""
    market.add_crowd_function("name", task=replace_task(max_assignments=1))
    await crowd.put(OTTER)
    await market.advance(timedelta(minutes=58))
    worker = market.worker(ANNA)
    assignment_id = await worker.accept((await only_hit(turk))["HITId"])
    await market.advance(timedelta(minutes=3))
    assert (await crowd.get()).json["state"] == "processing"
    await worker.submit(assignment_id, {"animal": "otter"})
    assert (await crowd.get()).json["result"] == {"animal": "otter", "legs": 4}


def replace_task(**changes: Any) -> Task[Any]:
    """The same task with something else about it."""
    return replace(NAME, **changes)


async def test_enough_answers(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """Where fewer are enough, these make the result when the HIT ends."""
    market.add_crowd_function("name", task=NAME, enough=2)
    await crowd.put(OTTER)
    hit_id = (await only_hit(turk))["HITId"]
    await submit(market, hit_id, anna={"animal": "seal"}, bert={"animal": "otter"})
    assert (await crowd.get()).json["state"] == "processing"
    await market.advance(timedelta(hours=1))
    assert (await crowd.get()).json["result"] == {"animal": "seal", "legs": 4}  # as many for either: the first


async def test_answers_that_cannot_be_read(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """They are no answers, and are left to the caller to decide on; the others are paid."""
    await crowd.put(OTTER)
    hit_id = (await only_hit(turk))["HITId"]
    otter = {"animal": "otter"}
    ids = await submit(market, hit_id, anna=otter, bert={"animal": "otter", "legs": "many"}, cara=otter)
    assert (await crowd.get()).json["problemDetails"]["message"].startswith("2 of 3 answers")
    found = {each["AssignmentId"]: each["AssignmentStatus"] for each in await turk.assignments(hit_id)}
    assert found == dict(zip(ids, ("Approved", "Submitted", "Approved"), strict=True))


async def test_what_the_caller_rejects(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """A rejected assignment is no answer and stays rejected; what the caller has approved counts."""
    await crowd.put(OTTER)
    hit_id = (await only_hit(turk))["HITId"]
    bad, good = await submit(market, hit_id, anna={"animal": "x"}, bert={"animal": "otter"})
    await turk("RejectAssignment", AssignmentId=bad, RequesterFeedback="That is no animal.")
    await turk("ApproveAssignment", AssignmentId=good)
    await submit(market, hit_id, cara={"animal": "otter"})
    assert (await crowd.get()).json["problemDetails"]["message"].startswith("2 of 3 answers")
    assert (await market.earnings(ANNA)).earned == 0


async def test_work_that_is_not_approved_by_itself(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """Where the owner says so the caller decides, and the result is there all the same."""
    market.add_crowd_function("name", task=replace_task(max_assignments=1), approve=False)
    await crowd.put(OTTER)
    hit_id = (await only_hit(turk))["HITId"]
    await submit(market, hit_id, anna={"animal": "otter"})
    assert (await crowd.get()).json["state"] == "completed"
    assert [each["AssignmentStatus"] for each in await turk.assignments(hit_id)] == ["Submitted"]


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_result_of_ones_own(market: Marketplace, turk: Requester, crowd: Crowd, is_async: bool) -> None:
    """A function of the owner's makes one result of the answers, which are of the task's type, in their order."""

    def joined(answers: Sequence[Animal]) -> dict[str, str]:
        return {"animals": " ".join(answer.animal for answer in answers)}

    async def joined_later(answers: Sequence[Animal]) -> dict[str, str]:
        return joined(answers)

    market.add_crowd_function("name", task=NAME, result=joined_later if is_async else joined)
    await crowd.put(OTTER)
    hit_id = (await only_hit(turk))["HITId"]
    await submit(market, hit_id, bert={"animal": "b"}, anna={"animal": "a"}, cara={"animal": "c"})
    assert (await crowd.get()).json["result"] == {"animals": "b a c"}


async def test_a_result_that_fails(
    market: Marketplace, turk: Requester, crowd: Crowd, caplog: pytest.LogCaptureFixture
) -> None:
    """The task fails, and the work is paid for: it is none of the workers' fault."""
    market.add_crowd_function("name", task=replace_task(max_assignments=1), result=lambda answers: answers[1])
    await crowd.put(OTTER)
    await submit(market, (await only_hit(turk))["HITId"], anna={"animal": "otter"})
    assert (await crowd.get()).json["problemDetails"]["code"] == "FunctionFailed"
    assert "IndexError" in caplog.text
    assert (await market.earnings(ANNA)).earned == Decimal("0.10")


async def test_answers_without_a_type(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """Each field is as it came: texts, and the values of a crowd-form in JSON."""
    market.add_crowd_function("name", task=replace_task(max_assignments=1, answer=None))
    for task, fields, result in (
        ("page", {"animal": "otter", "seen": ["a", "b"]}, {"animal": "otter", "seen": "a|b"}),
        ("form", {"taskAnswers": '[{"animal":{"label":"otter"},"sure":true}]'}, None),
    ):
        await crowd.put(OTTER, task=task)
        hit_id = (await turk("ListHITs"))["HITs"][0]["HITId"]
        await submit(market, hit_id, anna=fields)
        expected: object = result or {"animal": {"label": "otter"}, "sure": True}
        assert (await crowd.get(task=task)).json["result"] == expected


class Seen(pydantic.BaseModel):
    """An answer as a model of pydantic's."""

    animal: str
    on: date


async def test_answers_as_models(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """Models of pydantic's are written in JSON by themselves."""
    market.add_crowd_function("name", task=replace_task(max_assignments=1, answer=Seen))
    await crowd.put(OTTER)
    await submit(market, (await only_hit(turk))["HITId"], anna={"animal": "otter", "on": "2026-11-22"})
    assert (await crowd.get()).json["result"] == {"animal": "otter", "on": "2026-11-22"}


async def test_inputs_that_do_not_fit(market: Marketplace, turk: Requester, crowd: Crowd) -> None:
    """An input of which no question can be made is refused, and there is neither task nor HIT."""
    for given, says in (
        ({}, "picture"),
        ({"picture": "x" * 70_000}, "65535"),
        ({"picture": None}, "picture"),
    ):
        refused = await crowd.put(given)
        assert refused.status == 400
        assert says in refused.message
        assert "Nothing was sent" not in refused.message
    assert (await crowd.get()).status == 404
    assert (await turk("ListHITs"))["HITs"] == []


async def test_a_house_where_the_task_breaks_a_rule(database: str | None) -> None:
    """A task that this marketplace's rules do not take is refused with the rule."""
    rules = replace(AMAZON, reward=replace(AMAZON.reward, least=50))
    async with Marketplace(database, clock=StillClock(), rules=rules) as market:
        market.add_crowd_function("name", task=NAME)
        refused = await Crowd(market, "name").put(OTTER)
        assert refused.status == 400
        assert "Reward" in refused.message


class TestMoney:
    """Accounts in which there is not enough."""

    @pytest.fixture
    async def market(self, database: str | None) -> AsyncIterator[Marketplace]:
        """A marketplace where a HIT costs more than there is."""
        async with Marketplace(database, clock=StillClock(), balance="0.35") as market:
            yield market

    async def test_no_funds(self, market: Marketplace, turk: Requester, crowd: Crowd) -> None:
        """The task is made, and has failed because of the account; deleted and put again, it finds the money."""
        made = await crowd.put(OTTER)
        assert (made.status, made.json["state"]) == (201, "failed")
        problem = made.json["problemDetails"]
        assert problem["code"] == "InsufficientFunds"
        assert problem["message"].endswith("No HIT was made, and nothing was paid.")
        assert (await crowd.put(OTTER)).status == 200
        assert (await turk("ListHITs"))["HITs"] == []

        await market.add_money("0.01")
        assert (await crowd.delete()).status == 204
        assert (await crowd.put(OTTER)).json["state"] == "processing"
        assert (await turk("GetAccountBalance"))["AvailableBalance"] == "0.00"

    async def test_a_cap(self, market: Marketplace, crowd: Crowd) -> None:
        """A key may commit what its cap allows, by tasks, too."""
        await market.add_money("10")
        careful = replace(crowd, keys=await market.add_key(spending_cap="0.36"))
        states = [(await careful.put(OTTER, task=name)).json["state"] for name in ("a", "b")]
        assert states == ["processing", "failed"]

    async def test_everybody_pays_for_themselves(self, market: Marketplace, crowd: Crowd) -> None:
        """A task costs whoever makes it."""
        rich = replace(crowd, keys=await market.add_requester("rich", balance="10"), account="123456789013")
        assert (await rich.put(OTTER)).json["state"] == "processing"
        assert (await crowd.put(OTTER)).json["state"] == "failed"


class TestRetention:
    """How long tasks are kept."""

    async def test_amazons(self, market: Marketplace) -> None:
        """Ninety days after its end a task is gone, and its name free; one that is processed is not."""
        crowd = Crowd(market)
        await crowd.put(HAPPY, task="open")
        await crowd.put(HAPPY)
        await crowd.get()
        await market.advance(timedelta(days=90))
        assert (await crowd.get()).status == 200
        await market.advance(timedelta(seconds=1))
        assert [(await crowd.get()).status, (await crowd.delete()).status] == [404, 404]
        assert (await crowd.put({"text": "Another one."})).status == 201
        assert (await crowd.get()).json["input"] == {"text": "Another one."}
        assert (await crowd.get(task="open")).status == 200

    async def test_the_houses(self, database: str | None) -> None:
        """In a house of one's own nothing goes unasked."""
        async with Marketplace(database, clock=StillClock(), rules="house") as market:
            crowd = Crowd(market)
            await crowd.put(HAPPY)
            await crowd.get()
            await market.advance(timedelta(days=3650))
            assert (await crowd.get()).json["result"] == {"sentiment": "positive"}


class TestSentiment:
    """The function that is there from the start."""

    async def test_a_worker_answers(self, market: Marketplace, turk: Requester) -> None:
        """Its task waits for one worker, who reads the text; what the worker says is the result."""
        crowd = Crowd(market, "sentiment-analysis")
        assert (await crowd.put({"text": "Five <b>stars</b> & more"})).json["state"] == "processing"
        hit = await only_hit(turk)
        assert "Five &lt;b&gt;stars&lt;/b&gt; &amp; more" in hit["Question"]
        assert (await crowd.get()).json["state"] == "processing"
        await submit(market, hit["HITId"], anna={"sentiment": "neutral"})
        assert (await crowd.get()).json["result"] == {"sentiment": "neutral"}

    @pytest.mark.parametrize(
        ("text", "sentiment"),
        [("Everything is wonderful.", "positive"), ("An AWFUL, sad day", "negative"), ("It is a table.", "neutral")],
    )
    async def test_its_twin_guesses(self, market: Marketplace, text: str, sentiment: str) -> None:
        """The twin answers by a few words, which is good enough for a program that is being written."""
        crowd = Crowd(market)
        await crowd.put({"text": text})
        assert (await crowd.get()).json["result"] == {"sentiment": sentiment}

    @pytest.mark.parametrize("given", [{}, {"text": ""}, {"text": " "}, {"text": 4}, {"text": None}, {"txt": "x"}])
    @pytest.mark.parametrize("function", ["sentiment-analysis", "sentiment-analysis-test"])
    async def test_inputs_without_a_text(self, given: Mapping[str, Any], function: str) -> None:
        """An input without a text is refused, with what it needs."""
        async with Marketplace() as market:
            refused = await Crowd(market, function).put(given)
        assert refused.status == 400
        assert 'it needs a "text" that is not empty' in refused.message


async def test_tasks_of_people_whom_nobody_knows_how_to_read(database: str | None, tmp_path: Path) -> None:
    """A process that does not offer the function leaves its tasks to those that do."""
    database = database or str(tmp_path / "market.db")
    async with Marketplace(database, clock=StillClock()) as market:
        market.add_crowd_function("name", task=replace_task(max_assignments=1))
        await Crowd(market, "name").put(OTTER)
        await submit(market, (await only_hit(Requester(market)))["HITId"], anna={"animal": "otter"})
    async with Marketplace(database, clock=StillClock()) as market:
        await tasks_of(market).look()
        crowd = Crowd(market, "name")
        assert (await crowd.get()).json["state"] == "processing"
        market.add_crowd_function("name", answer=dict)  # something else of that name
        await tasks_of(market).look()
        assert (await crowd.get()).json["state"] == "processing"
        market.add_crowd_function("name", task=NAME)
        await tasks_of(market).look()
        assert (await crowd.get()).json["state"] == "completed"


async def test_what_was_finished_stays_so(market: Marketplace) -> None:
    """A second outcome, of another process, changes nothing; neither does one for a task that is no more."""
    crowd = Crowd(market)
    await crowd.put(HAPPY)
    await crowd.get()
    late = crowd_tasks.Outcome('{"sentiment":"negative"}', None)
    kept = await act(market, crowd_tasks.finish, 1, late)
    assert kept is not None
    assert kept.result == '{"sentiment":"positive"}'
    await crowd.delete()
    assert await act(market, crowd_tasks.finish, 1, late) is None


async def test_all_that_is_unfinished_is_seen(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tasks there are, a look walks over all of them."""
    monkeypatch.setattr(crowd_tasks, "_AT_ONCE", 2)
    crowd = Crowd(market)
    for number in range(5):
        await crowd.put(HAPPY, task=str(number))
    found = await act(market, crowd_tasks.unfinished, 0)
    assert [each.name for each in found] == ["0", "1", "2", "3", "4"]


async def test_one_that_cannot_be_finished(
    market: Marketplace, turk: Requester, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that fails each time it is looked at, or takes its time, keeps nobody else from being paid."""
    is_paid = asyncio.Event()

    async def slow(answers: Sequence[Any]) -> dict[str, Any]:
        await is_paid.wait()
        return {}

    tasks = tasks_of(market)
    finish = tasks._finish

    async def fail(seq: int, *rest: Any) -> Any:
        if seq == 1:
            raise OSError("the disk is full")
        return await finish(seq, *rest)

    monkeypatch.setattr(tasks, "_finish", fail)
    market.add_crowd_function("poison", task=replace_task(max_assignments=1))
    market.add_crowd_function("slow", task=replace_task(max_assignments=1), result=slow)
    market.add_crowd_function("sound", task=replace_task(max_assignments=1))
    for function in ("poison", "slow", "sound"):
        await Crowd(market, function).put(OTTER)
    for hit in (await turk("ListHITs"))["HITs"]:
        await submit(market, hit["HITId"], anna={"animal": "otter"})
    look = asyncio.create_task(tasks.look())
    while (await market.earnings(ANNA)).earned == 0:
        assert not look.done()
    is_paid.set()
    await look
    assert "the task t of poison could not be seen to" in caplog.text
    states = [(await Crowd(market, function).get()).json["state"] for function in ("slow", "sound")]
    assert states == ["completed", "completed"]
    assert (await Crowd(market, "poison").get()).status == 500


async def test_who_deletes_second_finds_nothing(market: Marketplace) -> None:
    """Of many who delete a task at the same moment, one has done it."""
    crowd = Crowd(market)
    await crowd.put(HAPPY)
    await crowd.get()
    statuses = [answer.status for answer in await asyncio.gather(*(crowd.delete() for _ in range(4)))]
    assert sorted(statuses) == [204, 404, 404, 404]
    assert await act_for(market, crowd_tasks.forget, "sentiment-analysis-test", "t") is None


async def test_a_function_that_people_answer_from_now_on(market: Marketplace) -> None:
    """Tasks that code was to answer have no HIT, and wait for code."""
    market.add_crowd_function("f", answer=dict)
    await act_for(market, crowd_tasks.add, "f", "t", "{}")
    market.add_crowd_function("f", task=NAME)
    await tasks_of(market).look()
    assert (await Crowd(market, "f").get()).json["state"] == "processing"
    market.add_crowd_function("f", answer=dict)
    await tasks_of(market).look()
    await tasks_of(market).idle()
    assert (await Crowd(market, "f").get()).json["result"] == {}
