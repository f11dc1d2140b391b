"""
botocore as the judge: what aioturk sends is what botocore sends, and what it reads is what botocore reads.

Requests and answers are generated from the data model, for every operation. The two differ on purpose in three things,
which the comparisons below state: the request token that aioturk adds, the page size that its lists always name, and
the types of what is read (timedeltas, Decimals, tuples of keywords).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

import botocore.exceptions
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aioturk import Client
from aioturk._codegen import names
from aioturk._core.messages import Request, Response
from aioturk._core.schema import Kind, Member, Operation, Shape
from aioturk._core.wire import Keywords, Structure, epoch
from aioturk._generated import shapes as generated
from aioturk._generated.tables import OPERATIONS, SHAPES
from aioturk.paginate import Listing
from aioturk.testing import CREDENTIALS, StubTransport

try:
    SERVICE = botocore.model.ServiceModel(
        botocore.loaders.Loader().load_service_model("mturk", "service-2", "2017-01-17"), "mturk"
    )
except (botocore.exceptions.UnknownServiceError, botocore.exceptions.DataNotFoundError):
    pytest.skip("the installed botocore no longer has the service", allow_module_level=True)

SERIALIZER: Any = botocore.serialize.create_serializer("json")
PARSER: Any = botocore.parsers.create_parser("json")

FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))

Both: TypeAlias = tuple[Any, Any]
"""The same value twice: as boto3 takes it, and in one of the forms that aioturk takes."""


class Enough(Exception):
    """The request was seen; no answer is needed."""


# Requests: every strategy yields the same value in boto3's form and in one of ours.

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=30)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters=","), max_size=8)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])


def of_member(member: Member) -> st.SearchStrategy[Both]:
    """The values of a request's or structure's member."""
    if names.is_duration(member.wire):
        return durations(member)
    if member.wire == "Keywords":
        return st.lists(WORDS, max_size=4).flatmap(keywords)
    if member.wire == "BonusAmount":
        return st.integers(1, 10**9).flatmap(money)  # a bonus of nothing is none
    return of_shape(SHAPES[member.shape], *bounds(member))


def bounds(member: Member) -> tuple[int | None, int | None]:
    """The least and greatest size that the service allows beyond the model's bounds."""
    return (member.limit.minimum, member.limit.maximum) if member.limit else (None, None)


def durations(member: Member) -> st.SearchStrategy[Both]:
    """Durations as seconds, and as seconds or a timedelta."""
    least, most = bounds(member)
    seconds = st.integers(least or 0, most if most is not None else 10**9)
    forms: list[Callable[[int], Any]] = [int, float, lambda count: timedelta(seconds=count)]
    return st.builds(lambda count, form: (count, form(count)), seconds, st.sampled_from(forms))


def keywords(words: list[str]) -> st.SearchStrategy[Both]:
    """Keywords as a text, and as a text or as words."""
    text = ", ".join(words)
    return st.sampled_from([(text, text), (text, tuple(words)), (text, words), (text, Keywords(words, text))])


def of_shape(shape: Shape, least: int | None = None, most: int | None = None) -> st.SearchStrategy[Both]:
    """The values of a shape, with bounds on their size."""
    if shape.kind is Kind.STRUCTURE:
        return structures(shape)
    if shape.kind is Kind.LIST:
        item = of_shape(SHAPES[shape.item or ""])
        forms: list[Callable[[list[Any]], Any]] = [list, tuple, iter]
        items = st.lists(item, min_size=least or 0, max_size=min(most or 3, 3))
        return st.builds(
            lambda pairs, form: ([theirs for theirs, _ in pairs], form([ours for _, ours in pairs])),
            items,
            st.sampled_from(forms),
        )
    if shape.name == "CurrencyAmount":
        return st.integers(0, 10**9).flatmap(money)
    if shape.kind is Kind.TIMESTAMP:
        # botocore ignores the offset of a time, so it gets UTC; we get the same moment from anywhere.
        moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
        return st.builds(lambda moment, zone: (moment, moment.astimezone(zone)), moments, ZONES)
    if shape.values:
        words: type[StrEnum] = getattr(generated, shape.name)
        return st.builds(
            lambda word, as_member: (word, words(word) if as_member else word),
            st.sampled_from(shape.values),
            st.booleans(),
        )
    return plain(shape, least, most).map(lambda value: (value, value))


def plain(shape: Shape, least: int | None, most: int | None) -> st.SearchStrategy[Any]:
    """Values that have the same form everywhere."""
    if shape.kind is Kind.BOOLEAN:
        return st.booleans()
    if shape.kind is Kind.INTEGER:
        low = next((bound for bound in (shape.minimum, least) if bound is not None), -(2**31))
        high = next((bound for bound in (shape.maximum, most) if bound is not None), 2**31 - 1)
        return st.integers(low, high)
    if shape.name == "EntityId":
        return LETTERS
    if shape.name == "CustomerId":
        return LETTERS.map("A".__add__)
    low = max(shape.minimum or 0, least or 0)
    return st.text(st.characters(codec="utf-8"), min_size=low, max_size=min(shape.maximum or 20, most or 20))


def money(cents: int) -> st.SearchStrategy[Both]:
    """An amount as a text with two decimals, and as any number that is exact to the cent."""
    amount = Decimal(cents).scaleb(-2)
    forms: list[Any] = [amount, f"{amount:.2f}", float(amount), f"{amount:f}0"]
    if not cents % 100:
        forms.append(cents // 100)
    return st.sampled_from([(f"{amount:.2f}", form) for form in forms])


@st.composite
def structures(draw: st.DrawFn, shape: Shape) -> Both:
    """A structure as a dictionary, and as our shape or a dictionary."""
    theirs: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    as_shape = draw(st.booleans())
    for member in shape.members:
        if not member.required and not draw(st.booleans()):
            continue
        value, form = draw(of_member(member))
        if value == []:  # our shapes do not tell an empty list from none
            assume(not member.required)
            continue
        theirs[member.wire] = value
        if as_shape:
            ours[member.python] = tuple(form) if isinstance(value, list) else form
        else:
            ours[member.wire] = form
    return theirs, getattr(generated, shape.name)(**ours) if as_shape else ours


@st.composite
def requests(draw: st.DrawFn, operation: Operation) -> tuple[dict[str, Any], dict[str, Any]]:
    """A valid request: boto3's parameters, and ours under the service's names."""
    dropped = draw(st.sampled_from(COMBINATIONS.get(operation.name, [()])))
    needed = NEEDED.get(operation.name, {}).get(dropped, ())
    theirs: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    for member in operation.request.members:
        if member.wire in dropped or not (member.required or member.wire in needed or draw(st.booleans())):
            continue
        theirs[member.wire], ours[member.wire] = draw(of_member(member))
    return theirs, ours


QUESTION, LAYOUT = ("Question",), ("HITLayoutId", "HITLayoutParameters")
COMBINATIONS: Mapping[str, list[tuple[str, ...]]] = {
    "CreateHIT": [QUESTION, LAYOUT],
    "CreateHITWithHITType": [QUESTION, LAYOUT],
    "ListBonusPayments": [("HITId",), ("AssignmentId",), ()],
    "UpdateNotificationSettings": [("Notification",), ("Active",), ()],
}
"""Where the manual has rules about several members: which may be left out together."""

_QUESTION_OR_LAYOUT = {QUESTION: LAYOUT[:1], LAYOUT: QUESTION}
NEEDED: Mapping[str, Mapping[tuple[str, ...], tuple[str, ...]]] = {
    "CreateHIT": _QUESTION_OR_LAYOUT,
    "CreateHITWithHITType": _QUESTION_OR_LAYOUT,
    "ListBonusPayments": {("HITId",): ("AssignmentId",), ("AssignmentId",): ("HITId",), (): ("HITId",)},
    "UpdateNotificationSettings": {("Notification",): ("Active",), ("Active",): ("Notification",), (): ("Active",)},
}
"""What has to be given when those are left out."""


async def sent(perform: Callable[[Client], Any]) -> Request:
    """The request that a call sends."""
    transport = StubTransport(Enough())
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        with pytest.raises(Enough):
            await perform(mturk)
    return transport.requests[0]


def typed(operation: Operation, given: Mapping[str, Any]) -> Callable[[Client], Any]:
    """The typed method of an operation, with its arguments."""
    members = {member.wire: member.python for member in operation.request.members}
    arguments = {members[wire]: value for wire, value in given.items()}
    return lambda mturk: getattr(mturk, operation.python)(**arguments)


def agrees(request: Request, operation: Operation, parameters: Mapping[str, Any]) -> None:
    """Fail unless the request is what botocore makes of boto3's parameters."""
    expected = SERIALIZER.serialize_to_request(dict(parameters), SERVICE.operation_model(operation.name))
    document = json.loads(request.body)
    if operation.takes_token and "UniqueRequestToken" not in parameters:
        assert re.fullmatch("[0-9a-f]{32}", document.pop("UniqueRequestToken"))
    assert document == json.loads(expected["body"])
    headers = dict(request.headers)
    assert request.method == expected["method"]
    assert {name: headers[name] for name in ("X-Amz-Target", "Content-Type")} == dict(expected["headers"])


@every_operation
@FEW
@given(data=st.data())
async def test_typed_requests_are_botocores(operation: Operation, data: st.DataObject) -> None:
    """A typed method sends what botocore sends, whatever form the arguments have."""
    theirs, ours = data.draw(requests(operation))
    request = await sent(typed(operation, ours))
    if "NextToken" in SERVICE.operation_model(operation.name).output_shape.members:
        theirs.setdefault("MaxResults", 100)
    agrees(request, operation, theirs)


@every_operation
@FEW
@given(data=st.data())
async def test_plain_requests_are_botocores(operation: Operation, data: st.DataObject) -> None:
    """`call` with boto3's own parameters sends what botocore sends."""
    theirs, _ = data.draw(requests(operation))
    agrees(await sent(lambda mturk: mturk.call(operation.name, theirs)), operation, theirs)


# Answers: documents as the service sends them.


def answers(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    """Structures as the service sends them: always-present members are there, others may be."""
    present = {member.wire: answer_member(shape, member) for member in shape.members if is_present(shape, member)}
    other = {member.wire: answer_member(shape, member) for member in shape.members if member.wire not in present}
    return st.fixed_dictionaries(present, optional=other)


def is_present(shape: Shape, member: Member) -> bool:
    """Whether the service always sends a member."""
    if member.wire == "NextToken":
        return False
    if shape.name in names.OPTIONAL:
        return member.wire not in names.OPTIONAL[shape.name]
    if shape.name.endswith("Response"):
        return True
    return member.required


def answer_member(shape: Shape, member: Member) -> st.SearchStrategy[Any]:
    """The values of an answer's or structure's member as the service sends them."""
    if (shape.name, member.wire) in names.LIST_ITEMS:
        return st.lists(st.fixed_dictionaries({"HITId": LETTERS}), max_size=3)
    if names.is_duration(member.wire):
        return st.integers(0, 10**9)
    return answer_values(SHAPES[member.shape])


def answer_values(shape: Shape) -> st.SearchStrategy[Any]:
    """Values of a shape as the service sends them."""
    if shape.kind is Kind.STRUCTURE:
        return answers(shape)
    if shape.kind is Kind.LIST:
        return st.lists(answer_values(SHAPES[shape.item or ""]), max_size=2)
    if shape.kind is Kind.TIMESTAMP:
        moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
        return moments.map(epoch) | st.integers(0, 2**32)
    if shape.name == "CurrencyAmount":
        return st.integers(0, 10**9).map(lambda cents: f"{Decimal(cents).scaleb(-2):.2f}")
    if shape.values:
        return st.sampled_from([*shape.values, "AWordOfTomorrow"])
    return plain(shape, None, None) if shape.kind is not Kind.STRING else TEXTS


def same(ours: Any, theirs: Any) -> bool:
    """Whether a value of ours says what botocore's says."""
    match ours:
        case Structure():
            fields = dict(zip(ours.__struct_encode_fields__, ours.__struct_fields__, strict=True))
            known = theirs.keys() - {"ResponseMetadata"} <= fields.keys()
            return known and all(same(getattr(ours, field), theirs.get(wire)) for wire, field in fields.items())
        case Keywords():
            return bool(ours.text == (theirs or ""))
        case tuple():
            theirs = theirs or []
            return len(ours) == len(theirs) and all(map(same, ours, theirs))
        case datetime():
            return ours.utcoffset() is not None and bool(ours == theirs.astimezone(UTC))
        case timedelta():
            return bool(ours == timedelta(seconds=theirs))
        case Decimal():
            return bool(f"{ours:f}" == theirs)
        case StrEnum():
            return bool(ours.value == theirs and ours == theirs)
        case _:
            return bool(ours == theirs) and type(ours) is type(theirs)


@every_operation
@FEW
@given(data=st.data())
async def test_answers_are_read_as_botocore_reads_them(operation: Operation, data: st.DataObject) -> None:
    """A typed method returns, member by member, what botocore parses; `call` returns the document itself."""
    document = data.draw(answers(operation.response))
    _, given_arguments = data.draw(requests(operation))
    body = json.dumps(document).encode()
    answer = Response(200, {"content-type": "application/x-amz-json-1.1"}, body)
    model = SERVICE.operation_model(operation.name)
    theirs = PARSER.parse({"status_code": 200, "headers": dict(answer.headers), "body": body}, model.output_shape)
    assert theirs.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    async with Client("sandbox", credentials=CREDENTIALS, transport=StubTransport(answer, answer)) as mturk:
        result = typed(operation, given_arguments)(mturk)
        is_list = isinstance(result, Listing)
        ours = await result
        plain_parameters, _ = data.draw(requests(operation))
        assert await mturk.call(operation.name, plain_parameters) == document
    if not operation.has_output:
        assert ours is None
        assert theirs == {}
    elif operation.result is not None and not is_list:
        assert same(ours, next(iter(theirs.values())))
    else:
        assert same(ours, theirs)


def test_the_pages_are_the_lists() -> None:
    """Exactly the ten operations whose answers carry a token are listings."""
    listings = [
        name
        for name, operation in OPERATIONS.items()
        if any(member.wire == "NextToken" for member in operation.response.members)
    ]
    assert len(listings) == 10
    assert all(name.startswith("List") for name in listings)
