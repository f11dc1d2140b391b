"""The page for those who come from turkleton: each of its lines does what it says, against a marketplace."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aioturk import HITLayout
from tests.docs.moving import Row, imports, prepared, rows, run
from tests.docs.pages import ROOT

MOVING = ROOT / "docs" / "coming-from-turkleton.rst"
ROWS = rows(MOVING)

PAGE = """<!DOCTYPE html>
<form method="post">
  <img src="${image_url}" alt="A person"><input name="age" value="${first_guess}">
  <input name="assignmentId" type="hidden"><button>Send</button>
</form>"""

FIELDS = {
    "Categories": ["cat", "dog"],
    "AdditionalNotes": "a hat",
    "DoesNotMatchAnyCategories": "1",
    "size": "large",
    "age": "36",
    "price": "1.50",
    "seen": '{"cat": 2}',
}

PUBLIC = {
    "connection": [
        "ConnectionError",
        "MTURK_SANDBOX_HOST",
        "get_connection",
        "set_connection",
        "setup",
        "setup_sandbox",
    ],
    "errors": ["Error"],
    "hit": ["get_all", "get_all_by_batch_id", "get_reviewable_by_batch_id"],
    "HIT": ["batch_id", "dispose", "hit_id"],
    "task": ["BaseTask", "batched_upload"],
    "BaseTask": ["ValidationError", "create_and_upload", "upload", "validate"],
    "assignment": ["BaseAssignment"],
    "BaseAssignment": ["accept", "approve", "assignment_id", "get_by_hit_id", "hit_id", "reject", "worker_id"],
    "": [
        *("BaseAnswer", "BooleanAnswer", "DecimalAnswer", "IntegerAnswer"),
        *("MultiChoiceAnswer", "SingleChoiceAnswer", "TextAnswer"),
        *("__assignments_per_hit__", "__auto_approval_delay__", "__currency_code__", "__description__"),
        *("__hit_expires_in__", "__keywords__", "__layout_id__", "__reward__", "__time_per_assignment__", "__title__"),
    ],
}
"""What turkleton 1.2.1 has for its users, and ``accept``, which its documentation has."""


def row(name: str) -> Row:
    """Return the row that begins with a name."""
    (found,) = [each for each in ROWS if each.names[0] == name]
    return found


@asynccontextmanager
async def begun() -> AsyncIterator[dict[str, Any]]:
    """Open a marketplace with the page's task on it, and one HIT of batch 1234 that a worker has submitted."""
    async with prepared() as names:
        names |= imports(MOVING)
        names["other_hit_id"] = names["hit_id"]
        names["layout_id"] = await names["market"].add_layout(PAGE)
        names["all_image_urls"] = ["https://example.org/1.png", "https://example.org/2.png"]
        names["image_url"] = "https://example.org/3.png"
        names["PERSON"] = {"image_url": names["image_url"], "first_guess": 29}
        await run(row("assignment.BaseAssignment").code, names)
        await run(row("task.BaseTask").code, names)
        await run(row("BaseTask.upload").code, names)
        names["hit_id"] = names["hit"].hit_id
        worker = names["market"].worker("A3EXAMPLECLARA")
        await worker.submit(await worker.accept(names["hit_id"]), FIELDS)
        (names["submission"],) = [
            submission async for submission in names["my_task"].submissions(names["mturk"], batch="1234")
        ]
        yield names


ANNOTATIONS = "sorted([hit.requester_annotation.partition(' ~')[0] async for hit in mturk.list_hits()])"
DECISION = "(await mturk.get_assignment(submission.assignment_id)).assignment"
ANSWER = "submission.assignment.parse(MyAnswer)"

PROOFS = {
    "connection.setup": "Decimal(printed) > 0",
    "connection.setup_sandbox": "'sandbox' in repr(mturk)",
    "errors.Error": "'3NOSUCHHIT' in printed and printed.endswith(' False\\n')",
    "task.BaseTask": "(await my_task.publish(mturk, PERSON)).hit_layout_id == layout_id",
    "BaseTask.upload": f"{ANNOTATIONS} == ['1234', '1234', 'animals #1']",
    "BaseTask.create_and_upload": f"{ANNOTATIONS} == ['1234', '5678 #1', '5678 #2', 'animals #1']",
    "task.batched_upload": f"{ANNOTATIONS} == ['1234', *(f'5678 #{{url}}' for url in all_image_urls), 'animals #1']",
    "BaseTask.validate": "_ == HITLayout(layout_id, image_url=image_url, first_guess=29)",
    "assignment.BaseAssignment": f"{ANSWER} == MyAnswer(('cat', 'dog'), 'a hat', True)",
    "MultiChoiceAnswer": f"{ANSWER}.categories == ('cat', 'dog')",
    "SingleChoiceAnswer": f"{ANSWER}.size == 'large'",
    "TextAnswer": f"{ANSWER}.notes == 'a hat'",
    "BooleanAnswer": f"{ANSWER}.matches_none is True",
    "IntegerAnswer": f"{ANSWER}.age == 36",
    "DecimalAnswer": f"{ANSWER}.price == Decimal('1.50')",
    "BaseAnswer": f"{ANSWER}.seen == {{'cat': 2}}",
    "hit.get_reviewable_by_batch_id": "printed.split() == [hit_id]",
    "hit.get_all_by_batch_id": "printed.split() == [hit_id]",
    "hit.get_all": "printed.split() == [hit_id, other_hit_id]",
    "BaseAssignment.get_by_hit_id": f"printed == f'{{{ANSWER}}}\\n'",
    "BaseAssignment": "printed == \"('cat', 'dog')\\n\"",
    "BaseAssignment.assignment_id": "_ == (submission.assignment.assignment_id, hit_id, 'A3EXAMPLECLARA')",
    "BaseAssignment.accept": f"{DECISION}.assignment_status == 'Approved'",
    "BaseAssignment.reject": f"{DECISION}.assignment_status == 'Rejected'",
    "HIT.hit_id": "_ == (hit_id, '1234')",
    "HIT.dispose": "(await mturk.get_hit(hit_id)).hit_status == 'Disposed'",
}
"""What is true when the line of a row, under its first name, has done what it is for."""


def test_every_name_has_a_row() -> None:
    """Nothing that turkleton offers is without an answer here, and each line has its test."""
    names = {name for each in ROWS for name in each.names}
    public = {f"{place}.{name}" if place else name for place, found in PUBLIC.items() for name in found}
    assert names == public | {"BaseAssignment"}
    assert {each.names[0] for each in ROWS if each.code} == set(PROOFS)


@pytest.mark.parametrize("row", [each for each in ROWS if each.code], ids=str)
async def test_line(row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line does, as it stands, what the other side's did."""
    monkeypatch.chdir(tmp_path)  # a ledger is a file
    code = row.code
    if row.names[0].endswith("Answer"):
        code = "@dataclass\nclass MyAnswer:\n" + textwrap.indent(code, "    ")
    async with begun() as names:
        if row.names[0] == "HIT.dispose":
            await names["submission"].approve()
        await run(code, names)
        assert await run(PROOFS[row.names[0]], names)


async def test_batches_of_turkleton() -> None:
    """A HIT that turkleton has uploaded, with the batch's id as its annotation, is found as one of the batch."""
    async with begun() as names:
        mturk, task = names["mturk"], names["my_task"]
        old = await mturk.create_hit(
            title="Old",
            description="Uploaded by turkleton.",
            reward="0.25",
            assignment_duration=60,
            lifetime=3600,
            question=HITLayout(names["layout_id"], image_url="https://example.org/old.png", first_guess=29),
            requester_annotation="1234",
        )
        assert old.hit_id in [hit.hit_id async for hit in task.hits(mturk, batch="1234")]
