"""Plans: every row is looked at as it would be published, the money is counted, and nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk import ExternalQuestion, HITLayout, HTMLTemplate, Requirement, Task
from aioturk.annotations import Annotation
from aioturk.batch.plan import Plan, Prepared, Preparer, Problem, make_plan
from aioturk.batch.rows import KeyedRow, chunks
from aioturk.batch.units import Kind, State, token_of
from aioturk.errors import InvalidRequest, PublishedOtherwise, TurkError
from aioturk.marketplace import Marketplace
from aioturk.models import HITStatus
from aioturk.pricing import AMAZON, HOUSE, Cost, FeeTable

PAGE = '<html><body><form><img src="${image_url}"><input name="age"></form></body></html>'


def task(**changes: Any) -> Task[Any]:
    """A task of two assignments, with something changed."""
    given: dict[str, Any] = {
        "title": "Guess the age",
        "description": "Look at a picture and guess the person's age.",
        "reward": "0.25",
        "assignment_duration": timedelta(minutes=5),
        "lifetime": timedelta(days=7),
        "max_assignments": 2,
        "question": HTMLTemplate(PAGE),
    }
    return Task(**{**given, **changes})


def row(number: object) -> dict[str, Any]:
    """A row that fits."""
    return {"image_url": f"https://example.org/{number}.jpg"}


async def prepared(
    of: Task[Any], rows: Sequence[Mapping[str, Any]], key: Any = None, batch: str = "ages-1", **how: Any
) -> list[Prepared]:
    """What the rows become."""
    preparer = Preparer(of, batch, key=key, **how)
    return [preparer.prepare(each) async for some in chunks(rows, key) for each in some]


# One row.


async def test_a_row_becomes_an_intent() -> None:
    """With everything that the ledger keeps: the key, the token that is made of it, the row, the most it can cost."""
    (ready,) = await prepared(task(), [{"id": "a 1", **row(1)}], "id")
    intent = ready.intent
    assert (intent.kind, intent.key) == (Kind.PUBLISH, "a 1")
    assert intent.token == token_of(Kind.PUBLISH, "ages-1", "a 1")
    assert intent.content == {"id": "a 1", "image_url": "https://example.org/1.jpg"}
    assert intent.liability == 60
    assert intent.target is None
    assert ready.annotation == Annotation("ages-1", "a 1", intent.token + intent.asked)
    assert isinstance(ready.question, str)
    assert "https://example.org/1.jpg" in ready.question


async def test_what_is_prepared_is_what_is_published() -> None:
    """The question and the annotation go to the service as they are, and the HIT has them."""
    (ready,) = await prepared(task(), [row(1)])
    async with Marketplace() as market, market.client() as mturk:
        hit = await mturk.create_hit_with_hit_type(
            await task().hit_type(mturk),
            lifetime=3600,
            question=ready.question,
            requester_annotation=str(ready.annotation),
        )
        assert hit.hit_status == HITStatus.ASSIGNABLE
        assert hit.question == ready.question == task().fill(row(1)).to_xml()  # type: ignore[union-attr]
        assert hit.requester_annotation == str(ready.annotation)


async def test_a_row_is_the_same_after_the_ledger() -> None:
    """Whoever takes up a row that was written down sends what was meant."""
    given = {"id": 7, "image_url": "https://example.org/é.jpg"}
    (ready,) = await prepared(task(), [given], "id")
    kept = msgspec.json.decode(msgspec.json.encode(ready.intent.content))
    again = Preparer(task(), "ages-1", key="id").prepare(KeyedRow(9, ready.intent.key, kept))
    assert again == ready


async def digest(of: Task[Any], given: Mapping[str, Any] | None = None) -> str:
    """What is asked, in short."""
    (ready,) = await prepared(of, [row(1) if given is None else given], lambda row: "1")
    return ready.intent.asked


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"lifetime": timedelta(days=1)}, True),
        ({"reward": Decimal("0.250")}, True),
        ({"requirements": []}, True),
        ({"reward": "0.26"}, False),
        ({"title": "Guess"}, False),
        ({"max_assignments": 3}, False),
        ({"requirements": [Requirement.masters().exists()]}, False),
        ({"question": HTMLTemplate(PAGE, frame_height=1)}, False),
    ],
)
async def test_what_the_digest_is_of(change: dict[str, Any], same: bool) -> None:
    """All that workers are asked and promised; not for how long."""
    assert (await digest(task(**change)) == await digest(task())) is same
    assert await digest(task(), row(2)) != await digest(task())


async def test_digests_of_layouts() -> None:
    """Their values count, their order does not; and layouts stay layouts."""
    layout = task(question=HITLayout("3LAYOUT", a="1"))
    assert await digest(layout, {"b": "2", "c": "3"}) == await digest(layout, {"c": "3", "b": "2"})
    assert await digest(layout, {"b": "2"}) != await digest(layout, {"b": "3"})
    (ready,) = await prepared(layout, [{"b": "2"}])
    assert ready.question == HITLayout("3LAYOUT", a="1", b="2")


async def test_functions_may_change_their_row() -> None:
    """What is kept is what was given."""

    def ask(row: Any) -> ExternalQuestion:
        return ExternalQuestion(f"https://example.org/{row.pop('id')}", frame_height=600)

    (ready,) = await prepared(task(question=ask), [{"id": "1"}])
    assert ready.intent.content == {"id": "1"}
    assert isinstance(ready.question, str)
    assert "https://example.org/1" in ready.question


async def test_a_function_that_fails() -> None:
    """It is the row's problem."""
    with pytest.raises(InvalidRequest, match="makes no question of this row: KeyError"):
        await prepared(task(question=lambda row: row["x"]), [row(1)])


@pytest.mark.parametrize("key", ["é" * 300, "x" * 300, " a ", "#", "~"])
async def test_any_key_has_an_annotation(key: str) -> None:
    """People see its beginning; the token is that of the whole."""
    (ready,) = await prepared(task(), [{"id": key, **row(1)}], "id")
    assert ready.annotation.digest == token_of(Kind.PUBLISH, "ages-1", key) + ready.intent.asked
    assert len(str(ready.annotation)) <= 255
    assert ready.intent.key == key


async def test_a_key_column_that_the_page_shows() -> None:
    """It is a value like all others then."""
    (ready,) = await prepared(task(), [row(1)], "image_url")
    assert ready.intent.key == "https://example.org/1.jpg"


def test_names_that_no_batch_can_have() -> None:
    """They are refused before any row is read."""
    for name in ("", " a", "a #b", "é" * 50):
        with pytest.raises(InvalidRequest):
            Preparer(task(), name)
    for name in ("n" * 101, "n" * 256, "é" * 40):
        with pytest.raises(InvalidRequest, match=r"name: takes more than 100 characters"):
            Preparer(task(), name)


# Many.


@given(
    numbers=st.lists(st.integers(0, 9), max_size=12),
    assignments=st.integers(1, 12),
    cents=st.integers(0, 500),
    fees=st.sampled_from([AMAZON, HOUSE]),
)
def test_a_plan_adds_up(numbers: list[int], assignments: int, cents: int, fees: FeeTable) -> None:
    """As many HITs as rows, equal ones or not; and the money is that of the task, to the cent."""
    planned = task(max_assignments=assignments, reward=Decimal(cents) / 100)
    plan = asyncio.run(make_plan(planned, [row(number) for number in numbers], batch="b", fees=fees))
    assert (plan.rows, plan.hits, plan.assignments) == (len(numbers), len(numbers), len(numbers) * assignments)
    assert plan.cost == planned.cost(len(numbers), fees=fees)
    assert plan.per_hit == planned.cost(fees=fees)
    assert plan.surcharge == plan.cost.fee - planned.cost(len(numbers), fees=replace(fees, large_from=10**9)).fee
    assert (plan.published, plan.problem_count, plan.problems) == (0, 0, ())
    assert plan.columns == (("image_url",) if numbers else ())


async def test_liabilities_are_the_plans_cost() -> None:
    """What is reserved row by row is what the plan has said."""
    planned = task(reward="0.33", requirements=[Requirement.masters().exists()], max_assignments=11)
    rows = [row(number) for number in range(7)]
    plan = await make_plan(planned, rows, batch="b")
    assert sum(ready.intent.liability for ready in await prepared(planned, rows)) == plan.cost.total * 100


async def test_problems_of_rows() -> None:
    """Each with its number and key; the other rows are planned all the same."""
    rows = [
        {"id": "a", **row(1)},
        {"id": "a", **row(2)},
        {"id": "c", "image_url": "x" * 70_000},
        {"id": "d"},
        {"id": "e", "image_url": float("nan")},
        {"id": "f", **row(6), "other": "x"},
        {"id": "g", **row(7)},
    ]
    plan = await make_plan(task(), rows, batch="b", key="id")
    assert (plan.rows, plan.hits, plan.problem_count) == (7, 2, 5)
    assert [(problem.number, problem.key) for problem in plan.problems] == [
        (2, None),
        (3, "c"),
        (4, "d"),
        (5, None),
        (6, "f"),
    ]
    says = [
        "as a row before it has",
        "at most 65535 bytes",
        "has no value for image_url",
        "NaN",
        "has other, for which",
    ]
    for problem, part in zip(plan.problems, says, strict=True):
        assert part in str(problem.error)
    assert plan.columns == ("id", "image_url", "other")


async def test_a_question_that_is_too_large_to_send() -> None:
    """A text is checked as the client would check it."""
    plan = await make_plan(task(question=lambda row: "<é>" * row["n"]), [{"n": 1}, {"n": 20_000}], batch="b")
    assert (plan.hits, plan.problem_count) == (1, 1)
    assert "80000 bytes" in str(plan.problems[0].error)


async def test_problems_are_counted_and_a_hundred_kept() -> None:
    """A file with the wrong columns has as many problems as rows."""
    plan = await make_plan(task(), ({"x": str(number)} for number in range(1000)), batch="b")
    assert (plan.rows, plan.hits, plan.problem_count) == (1000, 0, 1000)
    assert [problem.number for problem in plan.problems] == list(range(1, 101))


async def test_plans_of_files_and_of_asynchronous_rows(tmp_path: Path) -> None:
    """The same rows make the same plan, wherever they come from."""

    async def rows() -> AsyncIterator[dict[str, str]]:
        for number in range(250):
            yield row(number)

    path = tmp_path / "rows.csv"
    path.write_text("image_url\n" + "".join(f"{row(number)['image_url']}\n" for number in range(250)))
    plan = await make_plan(task(), path, batch="b")
    assert (
        plan
        == await make_plan(task(), rows(), batch="b")
        == await make_plan(task(), (row(number) for number in range(250)), batch="b")
    )
    assert plan.hits == 250


async def test_what_the_ledger_knows() -> None:
    """Rows that have a HIT, or may have one, cost nothing more; rows that cannot be published any more are problems."""
    asked: list[int] = []
    otherwise = PublishedOtherwise("The row was published otherwise.", hit_id="3HIT")

    async def judge(ready: Sequence[Prepared]) -> Mapping[str, TurkError | State]:
        asked.append(len(ready))
        verdicts: dict[str, TurkError | State] = {}
        for each in ready:
            kinds: list[TurkError | State | None] = [State.DONE, otherwise, State.UNKNOWN, None]
            if verdict := kinds[int(each.intent.key) % 4]:
                verdicts[each.intent.token] = verdict
        return verdicts

    rows = [{"id": str(number), **row(number)} for number in range(400)]
    plan = await make_plan(task(), rows, batch="b", key="id", judge=judge)
    counted = (plan.rows, plan.published, plan.unknown, plan.problem_count, plan.hits)
    assert counted == (400, 100, 100, 100, 100)
    assert "unknown                100  whether they are published; left out" in str(plan)
    assert plan.cost == task().cost(100)
    assert plan.problems[0] == Problem(2, "1", otherwise)
    assert sum(asked) == 400
    assert len(asked) > 1


async def test_nothing_is_sent() -> None:
    """A plan has no client; and the account is what it was."""
    async with Marketplace() as market, market.client() as mturk:
        await make_plan(task(), [row(1)], batch="b")
        assert mturk.statistics.calls == 0
        assert [hit async for hit in mturk.list_hits()] == []


async def test_sources_that_cannot_be_read() -> None:
    """There is no plan of them."""
    with pytest.raises(InvalidRequest, match="is not there"):
        await make_plan(task(), "nowhere.csv", batch="b")


# In words.


async def test_a_plan_in_words() -> None:
    """Short, and in columns."""
    rows: list[Any] = [*(row(number) for number in range(1200)), *({"x": "1"} for _ in range(7))]
    plan = await make_plan(task(), rows, batch="ages-1")
    assert str(replace(plan, published=3)).splitlines()[:12] == [
        "Batch ages-1",
        "  rows                 1,207",
        "  published                3  before, and not again",
        "  with problems            7  left out",
        "  HITs                 1,200",
        "  assignments          2,400  2 for each HIT",
        "  worker pay         $600.00",
        "  fees               $120.00",
        "  total              $720.00",
        "",
        "Problems:",
        f"  row 1201 ({plan.problems[0].key}): " + str(plan.problems[0].error).removeprefix("row: "),
    ]
    assert str(plan).endswith("\n  and 2 more")
    assert "fee is" not in str(plan)


@pytest.mark.parametrize(
    ("assignments", "reward", "fees", "surcharge"),
    [
        (9, "0.30", AMAZON, None),
        (10, "0.30", AMAZON, "1.80"),
        (12, "0.30", AMAZON, "2.16"),
        (10, "0.01", AMAZON, None),
        (10, "0.30", HOUSE, None),
        (10, "0.30", replace(HOUSE, large_share=Decimal("0.125")), "1.20"),
    ],
)
async def test_the_step_at_ten_assignments(
    assignments: int, reward: str, fees: FeeTable, surcharge: str | None
) -> None:
    """Where the fees have it, and where it costs anything, it is told with what it costs."""
    planned = task(max_assignments=assignments, reward=reward)
    plan = await make_plan(planned, [row(number) for number in range(3)], batch="b", fees=fees)
    assert plan.surcharge == Decimal(surcharge or 0)
    text = str(plan)
    if surcharge is None:
        assert "instead of" not in text
    else:
        large, small = ("40 %", "20 %") if fees is AMAZON else ("12.5 %", "0 %")
        assert f"10 or more assignments for each HIT: the fee is {large} of the reward instead of {small}." in text
        assert f"${surcharge} more than the same number in HITs of at most 9 costs." in text


def test_no_rows_at_all() -> None:
    """An empty file costs nothing, and its plan can be printed."""
    plan = asyncio.run(make_plan(task(), [], batch="b"))
    assert plan == Plan(
        batch="b",
        rows=0,
        published=0,
        hits=0,
        assignments=0,
        max_assignments=2,
        per_hit=Cost(Decimal("0.50"), Decimal("0.10")),
        cost=Cost(),
        surcharge=Decimal(0),
        fees=AMAZON,
        problem_count=0,
        problems=(),
        columns=(),
    )
    assert "$0.00" in str(plan)
