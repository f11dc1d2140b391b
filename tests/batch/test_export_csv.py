"""Results as CSV: the requester site's columns, every character of every cell, and no formula unless it is wanted."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.answers import write_answers
from aioturk.batch.export import write_csv
from aioturk.batch.export.columns import site_time
from aioturk.batch.ledger.results import Result

from .results import ANNA, BERT, Filled, a_result, filled_from, told

BEFORE = [
    "HITId", "HITTypeId", "Title", "Description", "Keywords", "Reward", "CreationTime", "MaxAssignments",
    "RequesterAnnotation", "AssignmentDurationInSeconds", "AutoApprovalDelayInSeconds", "Expiration",
    "NumberOfSimilarHITs", "LifetimeInSeconds", "AssignmentId", "WorkerId", "AssignmentStatus", "AcceptTime",
    "SubmitTime", "AutoApprovalTime", "ApprovalTime", "RejectionTime", "RequesterFeedback", "WorkTimeInSeconds",
    "LifetimeApprovalRate", "Last30DaysApprovalRate", "Last7DaysApprovalRate",
]  # fmt: skip
AFTER = ["Approve", "Reject"]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
async def batch(tmp_path: Path) -> AsyncIterator[Filled]:
    """An empty batch."""
    async with filled_from(tmp_path) as batch:
        yield batch


def written(*results: Result, columns: tuple[str, ...] = (), safe: bool = False) -> str:
    """Write results, and return the file's text."""
    file = io.StringIO(newline="")
    lines = asyncio.run(write_csv(told(*results), file, columns, safe_for_spreadsheets=safe))
    assert lines == len(results)
    return file.getvalue()


def rows_of(text: str) -> list[dict[str, str]]:
    """Read lines as programs do."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def other_cells(row: dict[str, str]) -> dict[str, str]:
    """The cells that depend on rows and answers."""
    return {name: cell for name, cell in row.items() if name not in (*BEFORE, *AFTER)}


async def test_the_site_s_columns(batch: Filled, tmp_path: Path) -> None:
    """A batch's file has the columns of the site's files in their order, and cells that look as they do there."""
    hit = await batch.publish("img_1", {"image_url": "https://example.org/1.jpg", "n": 1})
    assignment_id = await batch.submit(hit, ANNA, {"age": "36", "kinds": ["cat", "dog"]})
    await batch.market.advance(timedelta(seconds=90))
    await batch.submit(hit, BERT, {"note": 'says "no",\nand goes'})
    await batch.mturk.approve_assignment(assignment_id, requester_feedback="Thanks!")
    await batch.collect(hit)

    path = tmp_path / "results.csv"
    assert await write_csv(batch.results, path, ["image_url", "n"]) == 2
    text = path.read_bytes().decode()
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    of_rows, of_answers = ["Input.image_url", "Input.n"], ["Answer.age", "Answer.kinds", "Answer.note"]
    assert header == [*BEFORE, *of_rows, *of_answers, *AFTER]
    assert len(lines) == 2

    first, second = (dict(zip(header, line, strict=True)) for line in lines)
    assert first == {
        "HITId": hit.hit_id,
        "HITTypeId": hit.hit_type_id,
        "Title": "Guess the age",
        "Description": "Look at a picture.",
        "Keywords": "image, age",
        "Reward": "$0.05",
        "CreationTime": "Fri Mar 01 12:34:56 UTC 2019",
        "MaxAssignments": "5",
        "RequesterAnnotation": "ages-1 #img_1",
        "AssignmentDurationInSeconds": "300",
        "AutoApprovalDelayInSeconds": "2592000",
        "Expiration": "Fri Mar 08 12:34:56 UTC 2019",
        "NumberOfSimilarHITs": "",
        "LifetimeInSeconds": "",
        "AssignmentId": assignment_id,
        "WorkerId": ANNA,
        "AssignmentStatus": "Approved",
        "AcceptTime": "Fri Mar 01 12:34:56 UTC 2019",
        "SubmitTime": "Fri Mar 01 12:34:56 UTC 2019",
        "AutoApprovalTime": "Sun Mar 31 12:34:56 UTC 2019",
        "ApprovalTime": "Fri Mar 01 12:36:26 UTC 2019",
        "RejectionTime": "",
        "RequesterFeedback": "Thanks!",
        "WorkTimeInSeconds": "0",
        **dict.fromkeys(["LifetimeApprovalRate", "Last30DaysApprovalRate", "Last7DaysApprovalRate"], ""),
        "Input.image_url": "https://example.org/1.jpg",
        "Input.n": "1",
        "Answer.age": "36",
        "Answer.kinds": "cat|dog",
        "Answer.note": "",
        "Approve": "",
        "Reject": "",
    }
    assert (second["AssignmentStatus"], second["WorkerId"]) == ("Submitted", BERT)
    assert second["SubmitTime"] == "Fri Mar 01 12:36:26 UTC 2019"
    assert second["Answer.note"] == 'says "no",\nand goes'
    assert second["Answer.age"] == ""


async def test_time_at_work(batch: Filled, tmp_path: Path) -> None:
    """The time of work is what passed from accepting to submitting, in whole seconds."""
    hit = await batch.publish("row", {})
    assignment_id = await batch.market.worker(ANNA).accept(hit.hit_id)
    await batch.market.advance(timedelta(seconds=89.9))
    await batch.market.worker(ANNA).submit(assignment_id, {"age": "1"})
    await batch.collect(hit)
    await write_csv(batch.results, tmp_path / "results.csv")
    [row] = rows_of((tmp_path / "results.csv").read_text("utf-8"))
    assert row["WorkTimeInSeconds"] == "89"


def test_every_value_is_quoted() -> None:
    """Every value stands in quotes, empty ones and the header too."""
    lines = written(a_result({"age": "36"})).splitlines()
    assert len(lines) == 2
    for line in lines:
        assert all(cell.startswith('"') and cell.endswith('"') for cell in line.split(","))


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=3), st.dictionaries(TEXTS, TEXTS, max_size=3), st.booleans())
def test_any_text_survives(feedback: list[tuple[str, str]], row: dict[str, str], safe: bool) -> None:
    """Whatever stands in a cell or a name is read back by Python's reader, character for character."""
    results = [a_result({}, row=row, requester_feedback=text, worker_id=worker) for text, worker in feedback]
    rows = rows_of(written(*results, safe=safe))
    if not safe:
        assert [(each["RequesterFeedback"], each["WorkerId"]) for each in rows] == feedback
        assert all({f"Input.{name}": cell for name, cell in row.items()}.items() <= each.items() for each in rows)
    assert len(rows) == len(feedback)
    assert all(None not in each and None not in each.values() for each in rows)  # each has as many cells as the header


@given(st.lists(st.dictionaries(st.sampled_from("abcde"), TEXTS, max_size=4), max_size=4))
def test_answers_are_joined(answered: list[dict[str, str]]) -> None:
    """The columns of answers are those of all submissions, and each has what its worker answered, or nothing."""
    results = [a_result(answers) for answers in answered]
    names = {name for answers in answered for name in answers}
    for result, row in zip(results, rows_of(written(*results)), strict=True):
        expected = {f"Answer.{name}": result.assignment.answers.get(name, "") for name in names}
        assert other_cells(row) == expected


def test_rows() -> None:
    """Columns of rows stand in the order of the file; others follow; values that are no texts look as in pages."""
    first = a_result({}, row={"z": True, "a": None, "list": ["ä", 1]})
    second = a_result({}, row={"late": 1.5, "z": 12})
    unknown = a_result({}, row=None)
    header, *_ = csv.reader(io.StringIO(written(first, second, unknown, columns=("b", "z", "a"))))
    assert header == [*BEFORE, "Input.b", "Input.z", "Input.a", "Input.list", "Input.late", *AFTER]
    rows = rows_of(written(first, second, unknown, columns=("b", "z", "a")))
    assert [list(other_cells(row).values()) for row in rows] == [
        ["", "true", "", '["ä", 1]', ""],
        ["", "12", "", "", "1.5"],
        [""] * 5,
    ]


def test_a_crowd_form() -> None:
    """The fields of a crowd-form have columns with dots."""
    fields = {"sentiment": {"label": "Positive"}, "seen": {"cat": True, "dog": False}, "tags": ["a", "b"]}
    [row] = rows_of(written(a_result({"taskAnswers": json.dumps([fields])})))
    assert other_cells(row) == {
        "Answer.sentiment.label": "Positive",
        "Answer.seen.cat": "true",
        "Answer.seen.dog": "false",
        "Answer.tags": "a|b",
    }


def test_selections_and_other() -> None:
    """Selections are joined with a bar; what is written beside "other" has its own column, and hides nothing."""
    document = write_answers({"kinds.other": "typed"}).replace(
        "</QuestionFormAnswers>",
        "<Answer><QuestionIdentifier>kinds</QuestionIdentifier><SelectionIdentifier>cat</SelectionIdentifier>"
        "<SelectionIdentifier>dog</SelectionIdentifier><OtherSelectionText>a newt</OtherSelectionText></Answer>"
        "<Answer><QuestionIdentifier>size</QuestionIdentifier><OtherSelectionText>tiny</OtherSelectionText></Answer>"
        "</QuestionFormAnswers>",
    )
    [row] = rows_of(written(a_result(document)))
    assert other_cells(row) == {
        "Answer.kinds.other": "typed|a newt",
        "Answer.kinds": "cat|dog",
        "Answer.size": "",
        "Answer.size.other": "tiny",
    }


def test_an_unreadable_answer() -> None:
    """An answer that cannot be read stands there as the document that came, and breaks nothing."""
    good, bad = a_result({"age": "36"}), a_result("<QuestionFormAnswers><Ans")
    rows = rows_of(written(good, bad))
    assert [other_cells(row) for row in rows] == [
        {"Answer.age": "36", "Answer.(unreadable)": ""},
        {"Answer.age": "", "Answer.(unreadable)": "<QuestionFormAnswers><Ans"},
    ]


def test_a_hit_that_was_never_seen() -> None:
    """Of a HIT that the ledger has only the id of, that is written, and the assignment with it."""
    [row] = rows_of(written(replace(a_result({"age": "36"}), hit=None)))
    assert (row["HITId"], row["Title"], row["Reward"], row["Answer.age"]) == ("3HIT", "", "", "36")


def test_no_results() -> None:
    """A batch without results has a header."""
    assert list(csv.reader(io.StringIO(written(columns=("a",))))) == [[*BEFORE, "Input.a", *AFTER]]


def test_formulas_are_left_alone() -> None:
    """Answers are written as they are, unless the file is for a spreadsheet."""
    [row] = rows_of(written(a_result({"age": "=1+1"})))
    assert row["Answer.age"] == "=1+1"


@pytest.mark.parametrize("beginning", list("=+-@\t\r\n＝＋－＠"))  # noqa: RUF001
def test_formulas_for_spreadsheets(beginning: str) -> None:
    """For a spreadsheet, an apostrophe makes a text of every cell that begins as a formula; others are as they are."""
    result = a_result({}, row={beginning: f"{beginning}cmd|' /C calc'!A1"}, requester_feedback=f"{beginning}1")
    [row] = rows_of(written(result, safe=True))
    assert row[f"Input.{beginning}"] == f"'{beginning}cmd|' /C calc'!A1"
    assert row["RequesterFeedback"] == f"'{beginning}1"
    assert row["Reward"] == "$0.05"
    assert row["WorkerId"] == ANNA


@pytest.mark.parametrize(("safe", "mark"), [(False, b'"HITId"'), (True, b'\xef\xbb\xbf"HITId"')])
async def test_the_mark_of_utf_8(tmp_path: Path, safe: bool, mark: bytes) -> None:
    """Files for spreadsheets begin with the mark by which these know UTF-8; others do not."""
    path = tmp_path / "results.csv"
    await write_csv(told(), path, safe_for_spreadsheets=safe)
    assert path.read_bytes().startswith(mark)


async def test_many_lines(tmp_path: Path) -> None:
    """All lines are written, in their order, however many portions they take."""
    results = [a_result({"n": str(number)}) for number in range(1000)]
    assert await write_csv(told(*results), tmp_path / "results.csv") == 1000
    rows = rows_of((tmp_path / "results.csv").read_text("utf-8"))
    assert [row["Answer.n"] for row in rows] == [str(number) for number in range(1000)]


async def test_what_is_submitted_meanwhile(tmp_path: Path) -> None:
    """A submission that comes between the two readings is written if there are columns for it, else left for later."""
    first = a_result({"age": "36"})
    reads = iter([[first], [first, a_result({"age": "37"}), a_result({"new": "column"})]])
    path = tmp_path / "results.csv"
    assert await write_csv(lambda: told(*next(reads))(), path) == 2
    assert [row["Answer.age"] for row in rows_of(path.read_text("utf-8"))] == ["36", "37"]


def test_times() -> None:
    """The names of days and months are English, whatever the computer speaks, and other zones become UTC."""
    there = timezone(timedelta(hours=-8))
    for day in range(366):
        moment = datetime(2019, 3, 1, 22, 4, 5, 999_000, tzinfo=there) + timedelta(days=day)
        name, number, month, year, clock, _ = format_datetime(moment.astimezone(UTC)).replace(",", "").split()
        assert site_time(moment) == f"{name} {month} {number} {clock} UTC {year}"
        assert clock == "06:04:05"
