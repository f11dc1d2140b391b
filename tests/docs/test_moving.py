"""The pages for those who come from boto: complete, and every line in them does what it is said to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from aioturk import Client, ExternalQuestion, HTMLQuestion, Requirement
from aioturk._core import webhooks
from aioturk._generated.tables import OPERATIONS
from aioturk.marketplace import Marketplace
from aioturk.questions import FreeTextAnswer, Overview, Question, QuestionForm, SelectionAnswer, parse
from tests.docs.moving import Row, imports, pairs, prepared, rows, run
from tests.docs.pages import ROOT

BOTO2 = ROOT / "docs" / "coming-from-boto2.rst"
BOTO3 = ROOT / "docs" / "coming-from-boto3.rst"
SCHEMA = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/ExternalQuestion.xsd"

# What the page of boto 2's module lists: of the methods of its connection, of what several classes have, and of
# constants, the bare name.
CONNECTION = {
    "APIVersion",
    "approve_assignment",
    "approve_rejected_assignment",
    "assign_qualification",
    "block_worker",
    "change_hit_type_of_hit",
    "create_hit",
    "create_qualification_type",
    "disable_hit",
    "dispose_hit",
    "dispose_qualification_type",
    "duration_as_seconds",
    "expire_hit",
    "extend_hit",
    "get_account_balance",
    "get_all_hits",
    "get_all_qualifications_for_qual_type",
    "get_assignment",
    "get_assignments",
    "get_file_upload_url",
    "get_help",
    "get_hit",
    "get_keywords_as_string",
    "get_price_as_price",
    "get_qualification_requests",
    "get_qualification_score",
    "get_qualification_type",
    "get_qualifications_for_qualification_type",
    "get_reviewable_hits",
    "grant_bonus",
    "grant_qualification",
    "notify_workers",
    "register_hit_type",
    "reject_assignment",
    "revoke_qualification",
    "search_hits",
    "search_qualification_types",
    "send_test_event_notification",
    "set_email_notification",
    "set_rest_notification",
    "set_reviewing",
    "set_sqs_notification",
    "unblock_worker",
    "update_qualification_score",
    "update_qualification_type",
}
RESULTS = {
    "Assignment",
    "BaseAutoResultElement",
    "FileUploadURL",
    "HIT",
    "HIT.expired",
    "HITTypeId",
    "MTurkConnection",
    "MTurkRequestError",
    "Qualification",
    "QualificationRequest",
    "QualificationType",
    "QuestionFormAnswer",
    "endElement",
    "startElement",
}
LAYOUTS_AND_PRICES = {"LayoutParameter", "LayoutParameters", "Price", "get_as_params"}
NOTIFICATIONS = {
    "Event",
    "NotificationMessage",
    "EVENT_PATTERN",
    "EVENT_RE",
    "SERVICE_NAME",
    "NotificationMessage.verify",
}
REQUIREMENTS = {
    "AdultRequirement",
    "LocaleRequirement",
    "NumberHitsApprovedRequirement",
    "PercentAssignmentsAbandonedRequirement",
    "PercentAssignmentsApprovedRequirement",
    "PercentAssignmentsRejectedRequirement",
    "PercentAssignmentsReturnedRequirement",
    "PercentAssignmentsSubmittedRequirement",
    "Qualifications",
    "Requirement",
}
QUESTIONS = {
    "AnswerSpecification",
    "Application",
    "Binary",
    "Constraint",
    "Constraints",
    "ExternalQuestion",
    "FileUploadAnswer",
    "Flash",
    "FormattedContent",
    "FreeTextAnswer",
    "HTMLQuestion",
    "JavaApplet",
    "LengthConstraint",
    "List",
    "NumberOfLinesSuggestion",
    "NumericConstraint",
    "OrderedContent",
    "OrderedContent.append_field",
    "Overview",
    "Question",
    "QuestionContent",
    "QuestionForm",
    "QuestionForm.is_valid",
    "RegExConstraint",
    "SelectionAnswer",
    "SelectionAnswer.ACCEPTED_STYLES",
    "MAX_SELECTION_COUNT_XML_TEMPLATE",
    "MIN_SELECTION_COUNT_XML_TEMPLATE",
    "SELECTIONANSWER_XML_TEMPLATE",
    "SELECTION_XML_TEMPLATE",
    "STYLE_XML_TEMPLATE",
    "SimpleField",
    "ValidatingXML",
    "XMLTemplate",
    "attribute_names",
    "get_as_xml",
    "parameter_template",
    "schema_url",
    "template",
    "xml_template",
}
NAMES = CONNECTION | RESULTS | LAYOUTS_AND_PRICES | NOTIFICATIONS | REQUIREMENTS | QUESTIONS

WITHOUT_A_LINE = {
    "AnswerSpecification": "an element around another one, which is written by itself",
    "BaseAutoResultElement": "reads XML, which the service does not speak any more",
    "FileUploadURL": "questions for files were withdrawn in 2017",
    "APIVersion": "there is one version",
    "duration_as_seconds": "is done by every method",
    "get_file_upload_url": "questions for files were withdrawn in 2017",
    "get_help": "the operation was withdrawn",
    "get_keywords_as_string": "is done by every method",
    "get_price_as_price": "is done by every method",
    "set_rest_notification": "the transport was withdrawn",
    "EVENT_PATTERN": "belongs to the transport that was withdrawn",
    "QuestionForm.is_valid": "there are no forms that are not",
    "get_as_params": "is done by every method",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """
    How to see that a row's lines did what they are for.

    Attributes:
        after: Lines that are run after them; what the last one is worth has to be true.
        before: Lines that are run before them.
    """

    after: str
    before: str = ""


SHOWN = Proof("await shown(_)")
REQUIRED = Proof("await required(_)")
REJECTED = "await mturk.reject_assignment(assignment_id, requester_feedback='It is empty.')"
FINISHED = "await mturk.expire_hit(hit_id)"
STATUS = "(await mturk.get_assignment(assignment_id)).assignment.assignment_status"
PURSE = "(await mturk.get_account_balance()).available_balance"
SCORE = "(await mturk.get_qualification_score(qualification_type_id, {})).integer_value"
HITS = "[hit async for hit in mturk.list_hits()]"
LISTENING = """
await mturk.update_notification_settings(hit_type_id, active=True, notification=NotificationSpecification(
    destination=queue_url, transport="SQS", version="2014-08-15", event_types=["AssignmentApproved"],
))
await mturk.approve_assignment(assignment_id)
body = (await market.notifications)[0].body
"""
SIGNING = """
body, secret = body.encode(), new_secret()
headers = dict(sign(Secret.parse(secret), "17", datetime.now(UTC), body))
"""

BOTO2_PROOFS = {
    "MTurkConnection": Proof(f"Decimal(printed) == {PURSE}"),
    "MTurkRequestError": Proof("printed.startswith('AWS.MechanicalTurk.HITDoesNotExist ')"),
    "get_account_balance": Proof("_ == Decimal('10000.00')"),
    "create_hit": Proof(
        f"hits = {HITS}\n"
        "len(hits) == 3 and {each.hit_type_id for each in hits if each.hit_id != hit_id} > {hit_type_id}"
        " and {each.requester_annotation for each in hits} == {'animals', 'animals #1', None}"
    ),
    "register_hit_type": Proof("isinstance(_, str) and _ != hit_type_id"),
    "change_hit_type_of_hit": Proof(
        "(await mturk.get_hit(hit_id)).hit_type_id == hit_type_id != hit.hit_type_id",
        "hit = await mturk.create_hit_with_hit_type(hit_type_id, lifetime=600, question=HTMLQuestion(PAGE))\n"
        "hit_id = hit.hit_id\n"
        "hit_type_id = await mturk.create_hit_type(title='Other', description='Words.', reward='0.05',"
        " assignment_duration=600)",
    ),
    "get_hit": Proof("_.hit_id == hit_id and _.title == hit.title"),
    "get_all_hits": Proof("[each.hit_id for each in _] == [hit_id]"),
    "search_hits": Proof("[each.hit_id for each in _[0]] == [hit_id]"),
    "get_reviewable_hits": Proof("hit.hit_status == 'Reviewable' and hit.hit_id == hit_id", FINISHED),
    "set_reviewing": Proof("(await mturk.get_hit(hit_id)).hit_status == 'Reviewing'", FINISHED),
    "extend_hit": Proof(
        "now = await mturk.get_hit(hit_id)\n"
        "now.max_assignments == hit.max_assignments + 2 and now.expiration == hit.expiration + timedelta(days=1)"
    ),
    "expire_hit": Proof("(await mturk.get_hit(hit_id)).hit_status == 'Reviewable'"),
    "dispose_hit": Proof(
        "(await mturk.get_hit(hit_id)).hit_status == 'Disposed'",
        f"{FINISHED}\nawait mturk.approve_assignment(assignment_id)",
    ),
    "disable_hit": Proof(
        "[each.assignment_id for each in _] == [assignment_id]"
        " and (await mturk.get_hit(hit_id)).hit_status == 'Disposed'"
        " and (await market.earnings(worker_id)).earned == Decimal('0.05')"
    ),
    "get_assignments": Proof("printed.startswith(worker_id) and 'otter' in printed"),
    "get_assignment": Proof("_ == (assignment, await mturk.get_hit(hit_id))"),
    "approve_assignment": Proof(f"{STATUS} == 'Approved'"),
    "reject_assignment": Proof(f"{STATUS} == 'Rejected'"),
    "approve_rejected_assignment": Proof(f"{STATUS} == 'Approved'", REJECTED),
    "grant_bonus": Proof(
        "[each.bonus_amount async for each in mturk.list_bonus_payments(hit_id=hit_id)] == [Decimal('0.50')]"
    ),
    "block_worker": Proof("[each.worker_id async for each in mturk.list_worker_blocks()] == [worker_id]"),
    "unblock_worker": Proof(
        "[each async for each in mturk.list_worker_blocks()] == []",
        "await mturk.create_worker_block(worker_id, reason='Spam.')",
    ),
    "notify_workers": Proof(
        "_ == ((worker_id,), ()) and (await worker.messages())[-1].subject == 'A new study'",
        "await mturk.approve_assignment(assignment_id)",
    ),
    "create_qualification_type": Proof(
        "(await worker.request_qualification(_.qualification_type_id, {'q': ['b']})).value == 100"
    ),
    "get_qualification_type": Proof("_.name == 'Knows animals'"),
    "update_qualification_type": Proof(
        "(await mturk.get_qualification_type(qualification_type_id)).description == 'Has named many animals.'"
    ),
    "dispose_qualification_type": Proof(
        "[each async for each in mturk.list_qualification_types("
        "must_be_requestable=False, must_be_owned_by_caller=True)] == []"
    ),
    "search_qualification_types": Proof("printed == 'Knows animals\\n'"),
    "get_qualification_requests": Proof("printed.startswith(worker_id)"),
    "grant_qualification": Proof(f"{SCORE.format('worker_id')} == 1"),
    "assign_qualification": Proof(f"{SCORE.format('worker_id')} == 1"),
    "update_qualification_score": Proof(f"{SCORE.format('other_worker_id')} == 90"),
    "get_qualification_score": Proof("_ == 70"),
    "revoke_qualification": Proof(
        "[each.worker_id async for each in mturk.list_workers_with_qualification_type("
        "qualification_type_id, status='Revoked')] == [other_worker_id]"
    ),
    "get_all_qualifications_for_qual_type": Proof("_ == [other_worker_id]"),
    "get_qualifications_for_qualification_type": Proof("[each.worker_id for each in _] == [other_worker_id]"),
    "HIT": Proof("_[0] == hit_id and _[1] <= datetime.now(UTC) and _[2] == Decimal('0.05')"),
    "HIT.expired": Proof("_ is True", f"{FINISHED}\nhit = await mturk.get_hit(hit_id)"),
    "HITTypeId": Proof("_ == hit_type_id"),
    "Assignment": Proof("_[0] == assignment_id and _[1].tzinfo is not None"),
    "QuestionFormAnswer": Proof("_ == 'otter'"),
    "Qualification": Proof("_[0] == 70 and _[1].tzinfo is not None"),
    "QualificationType": Proof("_[0] == 'Knows animals' and _[2] is True"),
    "QualificationRequest": Proof("_ == (worker_id, {})"),
    "ExternalQuestion": Proof("await shown(_) and 'a=1&amp;b=2' in _.to_xml()"),
    "HTMLQuestion": SHOWN,
    "QuestionForm": SHOWN,
    "Overview": SHOWN,
    "Question": SHOWN,
    "QuestionContent": SHOWN,
    "OrderedContent.append_field": SHOWN,
    "List": SHOWN,
    "FormattedContent": SHOWN,
    "Binary": SHOWN,
    "Application": SHOWN,
    "Flash": SHOWN,
    "FreeTextAnswer": SHOWN,
    "NumberOfLinesSuggestion": SHOWN,
    "Constraints": SHOWN,
    "NumericConstraint": SHOWN,
    "LengthConstraint": SHOWN,
    "RegExConstraint": SHOWN,
    "SelectionAnswer": SHOWN,
    "SelectionAnswer.ACCEPTED_STYLES": SHOWN,
    "FileUploadAnswer": SHOWN,
    "get_as_xml": Proof("_.startswith('<ExternalQuestion') and await shown(_)"),
    "Qualifications": Proof("len(_) == 2 and await required(*_)"),
    "Requirement": REQUIRED,
    "PercentAssignmentsApprovedRequirement": REQUIRED,
    "NumberHitsApprovedRequirement": REQUIRED,
    "LocaleRequirement": REQUIRED,
    "AdultRequirement": REQUIRED,
    "PercentAssignmentsSubmittedRequirement": REQUIRED,
    "PercentAssignmentsAbandonedRequirement": REQUIRED,
    "PercentAssignmentsReturnedRequirement": REQUIRED,
    "PercentAssignmentsRejectedRequirement": REQUIRED,
    "LayoutParameters": Proof("'7.png 7' in _.question"),
    "LayoutParameter": Proof("_ == {'image': '7.png', 'number': '7'}"),
    "Price": Proof("_ == hit.reward"),
    "set_sqs_notification": Proof(
        "await mturk.expire_hit(hit_id)\n"
        "[(each.event, each.destination) for each in await market.notifications] == [('HITReviewable', queue_url)]"
    ),
    "set_email_notification": Proof(
        "await mturk.expire_hit(hit_id)\n"
        "[(each.transport, each.destination) for each in await market.notifications] == [('Email', 'me@example.org')]"
    ),
    "send_test_event_notification": Proof(
        "[(each.event, each.destination) for each in await market.notifications] == [('Ping', queue_url)]"
    ),
    "NotificationMessage": Proof("[each.assignment_id for each in _] == [assignment_id]", LISTENING),
    "NotificationMessage.verify": Proof("[each.assignment_id for each in _] == [assignment_id]", LISTENING + SIGNING),
    "Event": Proof("printed == f'AssignmentApproved {hit_id}\\n'", LISTENING),
}


BOTO3_PROOFS = {
    "Making a client": Proof("url in (repr(_) if isinstance(_, Client) else _.meta.endpoint_url)"),
    "Settings of a client": Proof("20 == (_._options.timeout if isinstance(_, Client) else _.read_timeout)"),
    "Publishing a HIT": Proof("(await mturk.get_hit(_)).keywords == ('animal', 'picture')"),
    "Reading a structure": Proof("_ == 'Name an animal'"),
    "Amounts of money": Proof("_ == Decimal('10000.00')"),
    "Keywords of a HIT": Proof("_ == ['picture', 'animal', 'name']"),
    "Paying a bonus": Proof(
        "[each.bonus_amount async for each in mturk.list_bonus_payments(hit_id=hit_id)] == [Decimal('0.50')]"
    ),
    "The whole list": Proof("hits == [hit_id]"),
    "One page of a list": Proof("len(_) == 2 and len(_[0]) == 1"),
    "The list of what is undecided": Proof("len(_) == 1"),
    "A page of your own": Proof(
        "await shown(_)"
        " and parse(_ if isinstance(_, str) else _.to_xml()).external_url == 'https://example.org/?a=1&b=2'"
    ),
    "A layout": Proof("'7.png 7' in _"),
    "What a worker answered": Proof("_ == {'animal': 'otter', 'age': '7'}"),
    "Answers with types": Proof("_ == Sighting('otter', 7)"),
    "A requirement": Proof("Requirement.read(_) == (Requirement.percent_approved() >= 95).guarding('preview')"),
    "Where workers are": Proof("Requirement.read(_) == Requirement.locale().in_('US-CA', 'GB')"),
    "Masters": Proof("await required(_)"),
    "A review policy": Proof("await reviewed(_)"),
    "What does not exist": Proof("printed == 'It is gone.\\n'"),
    "An argument that cannot be right": Proof("'hit' in printed.lower()"),
    "Ending a HIT": Proof("(await mturk.get_hit(hit_id)).hit_status == 'Reviewable'"),
    "Giving a HIT more time": Proof("(await mturk.get_hit(hit_id)).expiration == expiration + timedelta(days=1)"),
    "How long something takes": Proof("_ == 300"),
    "Taking a HIT away for good": Proof(
        f"(await mturk.get_hit(hit_id)).hit_status == 'Disposed' and {STATUS} == 'Approved'"
    ),
    "Writing to many workers": Proof(
        "(await worker.messages())[-1].subject == 'A new study'", "await mturk.approve_assignment(assignment_id)"
    ),
    "Finding a qualification type again": Proof("_ == qualification_type_id"),
    "Reading, line by line": Proof("_ == 'Name an animal'"),
    "Times, line by line": Proof("_ == expiration"),
    "Changing, line by line": Proof("(await mturk.get_hit(hit_id)).hit_status == 'Reviewable'"),
}


def with_lines(page: Path) -> list[Any]:
    """The rows of a page that have lines, as parameters."""
    return [pytest.param(row, id=str(row)) for row in rows(page) if row.code]


def test_every_name_of_boto2_is_in_the_page() -> None:
    """Whatever boto 2's module offers stands on the left side of the page, once, and nothing else does."""
    found = [name for row in rows(BOTO2) for name in row.names]
    assert sorted(found) == sorted({*found})
    assert {*found} == NAMES


def test_rows_without_a_line_are_known() -> None:
    """A row has no line where there is nothing to write, and for no other reason."""
    without = {str(row): row.mark for row in rows(BOTO2) if not row.code}
    assert without.keys() == WITHOUT_A_LINE.keys()
    assert {*without.values()} == {"Not needed", "Withdrawn"}


def test_every_row_of_boto2_is_proven() -> None:
    """No row with lines stands in the page without a proof, and no proof is left over."""
    assert sorted(str(row) for row in rows(BOTO2) if row.code) == sorted(BOTO2_PROOFS)


@pytest.mark.parametrize("row", with_lines(BOTO2))
async def test_boto2(row: Row) -> None:
    """A line does what it is said to do, in a marketplace of its own."""
    proof = BOTO2_PROOFS[str(row)]
    async with beginning(BOTO2, proof) as names:
        await run(row.code, names)
        assert await run(proof.after, names)


def test_every_operation_has_the_name_it_has_in_boto3() -> None:
    """What boto3 calls its methods for operations, the client calls them, too."""
    theirs = set(boto3.client("mturk", region_name="us-east-1").meta.method_to_api_mapping)
    assert theirs == {operation.python for operation in OPERATIONS.values()}
    assert all(hasattr(Client, name) for name in theirs)


def test_every_pair_is_proven() -> None:
    """No lines stand in the page without a proof that both sides come to the same, and no two under one word."""
    assert sorted(map(str, pairs(BOTO3, "boto3"))) == sorted(BOTO3_PROOFS)


@pytest.mark.parametrize("pair", pairs(BOTO3, "boto3"), ids=str)
async def test_boto3_ours(pair: Row) -> None:
    """The lines of aioturk do what they are said to do."""
    proof = BOTO3_PROOFS[str(pair)]
    async with beginning(BOTO3, proof) as names:
        await run(pair.code, names)
        assert await run(proof.after, names)


@pytest.mark.parametrize("pair", pairs(BOTO3, "boto3"), ids=str)
async def test_boto3_theirs(pair: Row) -> None:
    """The lines of boto3 come to the same."""
    proof = BOTO3_PROOFS[str(pair)]
    async with beginning(BOTO3, proof) as names:
        ours = names["mturk"]
        names["mturk"] = boto3.client(
            "mturk",
            region_name="us-east-1",
            endpoint_url=names["url"],
            aws_access_key_id=names["access_key"],
            aws_secret_access_key=names["secret_key"],
        )
        # It blocks, and the marketplace is in this thread.
        await asyncio.to_thread(lambda: asyncio.run(run(pair.other, names)))
        names["mturk"].close()
        names["mturk"] = ours
        assert await run(proof.after, names)


TABLE = """
.. list-table::
   :header-rows: 1

   * - other
     - aioturk
   * - ``Other.one``, ``Other.two``
     - ::

          a = 1

       Words ``c``, and then::

          a + 1

   * - ``three``
     - ``await c``
   * - ``four``
     - *Withdrawn.* Words about ``d``.
"""


def test_rows_of_a_table(tmp_path: Path) -> None:
    """Rows have all names of the first cell, and all lines of the second one, but no words."""
    page = tmp_path / "page.rst"
    page.write_text(TABLE)
    assert rows(page) == [
        Row(("Other.one", "Other.two"), "a = 1\na + 1"),
        Row(("three",), "await c"),
        Row(("four",), "", "Withdrawn"),
    ]


@pytest.mark.parametrize(
    ("of", "instead"),
    [
        ("``three``", "three"),
        ("``await c``", "See ``await c`` elsewhere."),
        ("     - ``await c``", "     - .. code-block:: python\n\n          await c"),
    ],
    ids=["no name", "neither a line nor a mark", "a line that a page's program would run"],
)
def test_rows_that_say_nothing(of: str, instead: str, tmp_path: Path) -> None:
    """A row of which nothing would be tested is an error."""
    page = tmp_path / "page.rst"
    page.write_text(TABLE.replace(of, instead))
    with pytest.raises(ValueError, match=r"^page\.rst, line "):
        rows(page)


@pytest.mark.parametrize("forgotten", ["   boto3::\n\n      a()\n\n", "   aioturk::\n\n      await b()\n"])
def test_pairs_of_one(forgotten: str, tmp_path: Path) -> None:
    """Lines of one side alone are an error; with the other ones they are a pair."""
    text = "Doing it\n   boto3::\n\n      a()\n\n   aioturk::\n\n      await b()\n"
    page = tmp_path / "page.rst"
    page.write_text(text)
    assert pairs(page, "boto3") == [Row(("Doing it",), "await b()", other="a()")]
    page.write_text(text.replace(forgotten, ""))
    with pytest.raises(ValueError, match=r"^page\.rst: lines"):
        pairs(page, "boto3")


@pytest.mark.parametrize(
    ("code", "value", "printed"),
    [("a = 2\nprint(a)\na + 1", 3, "2\n"), ("await answer(5)", 5, ""), ("a = 1", None, "")],
)
async def test_running(code: str, value: object, printed: str) -> None:
    """Lines leave the last expression's value and what they printed, and may wait for something."""

    async def answer(number: int) -> int:
        await asyncio.sleep(0)
        return number

    names: dict[str, Any] = {"answer": answer}
    assert await run(code, names) == value
    assert (names["_"], names["printed"]) == (value, printed)


@asynccontextmanager
async def beginning(page: Path, proof: Proof) -> AsyncIterator[dict[str, Any]]:
    """Prepare a marketplace for the lines of a page, and return the names that they, and their proof, may use."""
    async with prepared() as names:
        names |= imports(page)
        names |= {
            "queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/events",
            "worker_ids": [names["worker_id"]],
            "question_xml": ExternalQuestion("https://example.org/7").to_xml(),
            "schema": SCHEMA,
            "expiration": names["hit"].expiration,
            "parse": parse,
            "Secret": webhooks.Secret,
            "new_secret": webhooks.new_secret,
            "sign": webhooks.sign,
            "shown": showing(names["mturk"]),
            "required": requiring(names["mturk"]),
            "reviewed": reviewing(names["market"], names["mturk"]),
        }
        await run(proof.before, names)
        yield names


def showing(mturk: Client) -> Callable[[Any], Awaitable[bool]]:
    """Return a function that publishes a question, or a part of one in a form, and reads it back."""

    async def shown(thing: Any) -> bool:
        question = thing if isinstance(thing, ExternalQuestion | HTMLQuestion | QuestionForm | str) else form(thing)
        hit = await mturk.create_hit(
            title="A question", description="Words.", reward=0, assignment_duration=60, lifetime=60, question=question
        )
        assert hit.question is not None
        return parse(hit.question) == (parse(question) if isinstance(question, str) else question)

    return shown


def form(thing: Any) -> QuestionForm:
    """Put a part of a form into one."""
    if isinstance(thing, FreeTextAnswer | SelectionAnswer):
        return QuestionForm(Question("q", "What?", thing))
    if isinstance(thing, Question):
        return QuestionForm(thing)
    return QuestionForm(
        [thing if isinstance(thing, Overview) else Overview(thing), Question("q", "?", FreeTextAnswer())]
    )


def requiring(mturk: Client) -> Callable[..., Awaitable[bool]]:
    """Return a function that publishes a HIT with requirements, and reads them back."""

    async def required(*requirements: Any) -> bool:
        hit = await mturk.create_hit(
            title="A question",
            description="Words.",
            reward=0,
            assignment_duration=60,
            lifetime=60,
            question=ExternalQuestion("https://example.org/"),
            qualification_requirements=requirements,
        )
        kept = tuple(map(Requirement.read, hit.qualification_requirements))
        return kept == tuple(map(Requirement.read, requirements))

    return required


def reviewing(market: Marketplace, mturk: Client) -> Callable[[Any], Awaitable[bool]]:
    """Return a function that publishes a HIT with a review policy, and looks whether the right answer is approved."""

    async def reviewed(policy: Any) -> bool:
        hit = await mturk.create_hit(
            title="A question",
            description="Words.",
            reward=0,
            max_assignments=2,
            assignment_duration=60,
            lifetime=60,
            question=ExternalQuestion("https://example.org/"),
            assignment_review_policy=policy,
        )
        for worker_id, animal in [("A3EXAMPLECLARA", "otter"), ("A4EXAMPLEDAVID", "beaver")]:
            worker = market.worker(worker_id)
            await worker.submit(await worker.accept(hit.hit_id), {"animal": animal})
        work = mturk.list_assignments_for_hit(hit.hit_id)
        return [each.assignment_status async for each in work] == ["Approved", "Submitted"]

    return reviewed
