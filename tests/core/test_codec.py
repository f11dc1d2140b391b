"""Shapes to JSON and back: what is read exactly, what is forgiven, and what is refused by which name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk._core.codec import Malformed, Misshapen, encode, from_wire, reader, to_wire
from aioturk._core.wire import Keywords, OpenEnum, Structure
from aioturk._generated import shapes
from aioturk._generated.shapes import (
    HIT,
    Comparator,
    CreateHITRequest,
    GetAccountBalanceResponse,
    HITStatus,
    ListHITsResponse,
    ListReviewPolicyResultsForHITResponse,
    QualificationRequirement,
)
from aioturk._generated.tables import OPERATIONS

DOCUMENT: dict[str, Any] = {
    "HITId": "3X7837UUADRXYCA1K7JAJLKC66DJ60",
    "HITTypeId": "3V76OXST9SAE3THKN85FUPK7730050",
    "HITGroupId": "36IAL8HYPYM1MDNBSTAEZW89WH74RJ",
    "CreationTime": 1514773612.054,
    "Title": "Guess the age",
    "Description": "Look at a picture.",
    "Question": "<ExternalQuestion/>",
    "Keywords": "a,b , c",
    "HITStatus": "Assignable",
    "MaxAssignments": 1,
    "Reward": "0.01",
    "AutoApprovalDelayInSeconds": 0,
    "Expiration": 1514860012,
    "AssignmentDurationInSeconds": 900,
    "QualificationRequirements": [
        {
            "QualificationTypeId": "000000000000000000L0",
            "Comparator": "GreaterThanOrEqualTo",
            "IntegerValues": [95],
            "RequiredToPreview": True,
            "ActionsGuarded": "PreviewAndAccept",
        }
    ],
    "HITReviewStatus": "NotReviewed",
    "NumberOfAssignmentsPending": 0,
    "NumberOfAssignmentsAvailable": 1,
    "NumberOfAssignmentsCompleted": 0,
}


def read(**changes: Any) -> HIT:
    """The HIT of a document with these members changed."""
    hit: HIT = reader(HIT)(json.dumps({**DOCUMENT, **changes}).encode())
    return hit


def test_a_hit_is_read_exactly() -> None:
    """Every member has its Python type: aware times, durations, money, words, tuples."""
    hit = read()
    assert hit.hit_id == "3X7837UUADRXYCA1K7JAJLKC66DJ60"
    assert hit.creation_time == datetime(2018, 1, 1, 2, 26, 52, 54_000, tzinfo=UTC)
    assert hit.expiration == datetime(2018, 1, 2, 2, 26, 52, tzinfo=UTC)
    assert hit.expiration.utcoffset() == timedelta(0)
    assert hit.reward == Decimal("0.01")
    assert isinstance(hit.reward, Decimal)
    assert hit.auto_approval_delay == timedelta(0)
    assert hit.assignment_duration == timedelta(minutes=15)
    assert hit.keywords.text == "a,b , c"
    assert hit.keywords == ("a", "b", "c")
    assert hit.hit_status is HITStatus.ASSIGNABLE
    assert hit.hit_layout_id is None
    assert hit.requester_annotation is None
    (requirement,) = hit.qualification_requirements
    assert requirement.integer_values == (95,)
    assert requirement.locale_values == ()
    assert requirement.required_to_preview is True


def test_a_hit_is_written_as_it_came() -> None:
    """Writing what was read gives the same document back."""
    assert to_wire(read()) == DOCUMENT
    assert json.loads(encode(to_wire(read()))) == DOCUMENT


def test_empty_lists() -> None:
    """Left out or null means empty; only those that the service always sends are written when empty."""
    hit = read(QualificationRequirements=[], Keywords="")
    assert hit.qualification_requirements == ()
    assert to_wire(hit)["QualificationRequirements"] == []
    assert "Keywords" not in to_wire(hit)
    assert reader(ListHITsResponse)(b"{}").hits == ()
    assert to_wire(ListHITsResponse()) == {"NumResults": 0, "HITs": []}
    assert to_wire(ListReviewPolicyResultsForHITResponse(hit_id="3")) == {"HITId": "3"}
    requirement = QualificationRequirement(qualification_type_id="1", comparator=Comparator.EXISTS)
    assert to_wire(requirement) == {"QualificationTypeId": "1", "Comparator": "Exists"}


# What is forgiven.


def test_unknown_members_are_passed_over() -> None:
    """A member that the service adds one day disturbs nobody."""
    assert read(HITColour={"Red": [1, None, {"x": 2}]}) == read()


def test_unknown_words_survive() -> None:
    """A word that the service adds to an enumeration is read, compared, hashed, written and kept as what it is."""
    status = read(HITStatus="Paused").hit_status
    assert isinstance(status, HITStatus)
    assert status == "Paused"
    assert status.value == "Paused"
    assert {status: 1}["Paused"] == 1  # type: ignore[index]
    assert str(status) == "Paused"
    assert to_wire(read(HITStatus="Paused"))["HITStatus"] == "Paused"
    assert encode(to_wire(read(HITStatus="Paused"))).count(b'"Paused"') == 1
    assert status not in list(HITStatus)


@pytest.mark.parametrize(
    ("on_the_wire", "moment"),
    [
        ("2018-01-01T02:26:52", datetime(2018, 1, 1, 2, 26, 52, tzinfo=UTC)),
        ("2018-01-01T02:26:52.054", datetime(2018, 1, 1, 2, 26, 52, 54_000, tzinfo=UTC)),
        ("2018-01-01 02:26:52", datetime(2018, 1, 1, 2, 26, 52, tzinfo=UTC)),
        ("2018-01-01T02:26:52Z", datetime(2018, 1, 1, 2, 26, 52, tzinfo=UTC)),
        ("2018-01-01T04:26:52+02:00", datetime(2018, 1, 1, 2, 26, 52, tzinfo=UTC)),
        ("1514773612.054", datetime(2018, 1, 1, 2, 26, 52, 54_000, tzinfo=UTC)),
        ("1514773612", datetime(2018, 1, 1, 2, 26, 52, tzinfo=UTC)),
        (1514773612, datetime(2018, 1, 1, 2, 26, 52, tzinfo=UTC)),
        (1.514773612054e9, datetime(2018, 1, 1, 2, 26, 52, 54_000, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-1.5, datetime(1969, 12, 31, 23, 59, 58, 500_000, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("also_careless", [False, True])
def test_times(on_the_wire: Any, moment: datetime, also_careless: bool) -> None:
    """Numbers, numbers in strings and ISO times are read, in the quick and in the careful way; naive ones are UTC."""
    changes: dict[str, Any] = {"Title": 5} if also_careless else {}
    found = read(CreationTime=on_the_wire, **changes).creation_time
    assert found == moment
    assert found.utcoffset() is not None


@pytest.mark.parametrize("also_careless", [False, True])
def test_the_string_null_is_a_string(also_careless: bool) -> None:
    """A text that happens to read "null" is not taken for nothing."""
    changes: dict[str, Any] = {"Description": 5} if also_careless else {}
    hit = read(RequesterAnnotation="null", Title="null", Question="null", Keywords="null", **changes)
    assert (hit.requester_annotation, hit.title, hit.question, hit.keywords) == ("null", "null", "null", ("null",))


def test_null_is_nothing() -> None:
    """A null member is one that was left out, and a null in a list is passed over."""
    hit = read(Question=None, Keywords=None, RequesterAnnotation=None, QualificationRequirements=None)
    assert (hit.question, hit.keywords, hit.requester_annotation) == (None, (), None)
    assert hit.qualification_requirements == ()
    requirement = {"QualificationTypeId": "1", "Comparator": "In", "IntegerValues": [1, None, 2]}
    hit = read(QualificationRequirements=[None, {**requirement, "LocaleValues": None}])
    assert [one.integer_values for one in hit.qualification_requirements] == [(1, 2)]
    assert reader(ListHITsResponse)(b'{"NumResults": null, "HITs": null, "NextToken": null}') == ListHITsResponse()


def test_numbers_where_texts_belong() -> None:
    """Numbers are read as texts where texts belong, and numbers in strings as numbers."""
    hit = read(Title=5, Keywords=2026, Question=0.5, MaxAssignments="3", AssignmentDurationInSeconds="900", Reward=0.05)
    assert (hit.title, hit.keywords, hit.question) == ("5", ("2026",), "0.5")
    assert (hit.max_assignments, hit.assignment_duration) == (3, timedelta(minutes=15))
    assert hit.reward == Decimal("0.05")
    balance = reader(GetAccountBalanceResponse)(b'{"AvailableBalance": 10000.10}')
    assert str(balance.available_balance) == "10000.10"


# What is refused.


@pytest.mark.parametrize(
    "changes",
    [
        {"HITId": None},
        {"HITStatus": None},
        {"HITStatus": 5},
        {"MaxAssignments": "many"},
        {"MaxAssignments": 1.5},
        {"MaxAssignments": True},
        {"Reward": "a lot"},
        {"Reward": None},
        {"CreationTime": "yesterday"},
        {"CreationTime": "null"},
        {"CreationTime": 1e30},
        {"CreationTime": True},
        {"AutoApprovalDelayInSeconds": 1e30},
        {"QualificationRequirements": {"Comparator": "In"}},
        {"QualificationRequirements": [{"Comparator": "In"}]},
        {"QualificationRequirements": ["In"]},
        {"Keywords": ["a", "b"]},
        {"Keywords": True},
        {"Keywords": {"a": "b"}},
        {"Title": ["t"]},
        {"Title": {"t": "t"}},
        {"Title": False},
    ],
)
def test_misshapen(changes: dict[str, Any]) -> None:
    """JSON that does not fit the shape is Misshapen, and says where."""
    with pytest.raises(Misshapen, match=next(iter(changes))):
        read(**changes)


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"HIT"', b"{}", b"true"])
def test_other_documents_are_misshapen(body: bytes) -> None:
    """JSON of quite another kind is Misshapen, too."""
    with pytest.raises(Misshapen):
        reader(HIT)(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"HITId": "3',
        json.dumps(DOCUMENT).encode()[:-1],
        json.dumps({**DOCUMENT, "Title": 5}).encode()[:-1],
        json.dumps({**DOCUMENT, "MaxAssignments": "x"}).encode()[:-9],
        json.dumps(DOCUMENT).encode() + b"}",
        b"<html><body>Bad Gateway</body></html>",
        json.dumps({**DOCUMENT, "Title": "\ud800"}).encode(),
        b'{"Unknown": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 100_000,
        b"\xef\xbb\xbf{}",
        b"NaN",
    ],
    ids=range(14),
)
def test_malformed(body: bytes) -> None:
    """What is not JSON is Malformed: cut off, half surrogates, nested beyond reason, something else altogether."""
    with pytest.raises(Malformed):
        reader(HIT)(body)


def test_not_even_utf8() -> None:
    """Bytes that are not UTF-8 are refused by Python's own name for that."""
    with pytest.raises(Malformed):
        reader(HIT)(json.dumps(DOCUMENT).encode().replace(b"Guess", b"\xff\xfe"))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["null", "2020-01-01", "NaN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(DOCUMENT)), JSON, max_size=4), st.integers(0, 40))
def test_reading_never_leaks(changes: dict[str, Any], cut: int) -> None:
    """Whatever comes, reading gives the shape, or raises one of its three exceptions and nothing else."""
    body = json.dumps({**DOCUMENT, **changes}).encode()
    for attempt in (body, body[: len(body) - cut]):
        try:
            hit = reader(HIT)(attempt)
        except (Malformed, Misshapen):
            continue
        assert isinstance(hit, HIT)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_reading_bytes_never_leaks(body: bytes) -> None:
    """The same for any bytes."""
    with pytest.raises((Malformed, Misshapen)):
        reader(HIT)(body)


# There and back, for all shapes.

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
CENTS = st.integers(0, 10**12).map(lambda cents: Decimal(cents).scaleb(-2))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
"""Floats, which the wire has for fractions of seconds, can tell microseconds apart until the year 2242."""


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation of a shape's member."""
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=2).map(tuple)
    if type(None) in get_args(kind):
        return st.none() | values(next(inner for inner in get_args(kind) if inner is not type(None)))
    if isinstance(kind, type) and issubclass(kind, Keywords):
        return TEXT.map(Keywords.parse)
    if isinstance(kind, type) and issubclass(kind, OpenEnum):
        return st.sampled_from([*kind, kind("AWordOfTomorrow")])
    if isinstance(kind, type) and issubclass(kind, Structure):
        return structures(kind)
    return PLAIN[kind]


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(2**31), 2**31 - 1),
    bool: st.booleans(),
    Decimal: CENTS,
    datetime: MOMENTS,
    timedelta: st.integers(-(10**9), 10**9).map(lambda seconds: timedelta(seconds=seconds)),
}


def structures(shape: type[Structure]) -> st.SearchStrategy[Structure]:
    """Values of a shape."""
    hints = get_type_hints(shape)
    return st.builds(shape, **{field: values(hints[field]) for field in shape.__struct_fields__})


ALL_SHAPES: list[type[Structure]] = [
    shape
    for shape in vars(shapes).values()
    if isinstance(shape, type) and issubclass(shape, Structure) and shape is not Structure
]
REQUESTS = {f"{operation}Request" for operation in OPERATIONS}
ANSWERED = [shape for shape in ALL_SHAPES if shape.__name__ not in REQUESTS]


@pytest.mark.parametrize("shape", ANSWERED, ids=lambda shape: shape.__name__)
@settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_there_and_back(shape: type[Structure], data: st.DataObject) -> None:
    """Every shape that the service answers with survives being written and read, quickly and carefully."""
    value = data.draw(structures(shape))
    document = to_wire(value)
    assert reader(shape)(encode(document)) == value
    assert from_wire(shape, json.loads(json.dumps(document))) == value
    assert None not in document.values()


def test_times_of_other_zones_are_written_as_the_moments_they_are() -> None:
    """Only the moment counts."""
    here = datetime(2026, 9, 30, 2, tzinfo=timezone(timedelta(hours=2)))
    assert to_wire(msgspec.structs.replace(read(), expiration=here))["Expiration"] == 1790726400


def test_requests_are_read_too() -> None:
    """The marketplace reads requests with the same code; durations and money arrive as values."""
    request = reader(CreateHITRequest)(
        b'{"Title": "t", "Description": "d", "Reward": "0.1",'
        b' "LifetimeInSeconds": 60, "AssignmentDurationInSeconds": 30}'
    )
    assert request.lifetime == timedelta(minutes=1)
    assert request.reward == Decimal("0.1")
    assert request.max_assignments is None
    assert to_wire(request)["Reward"] == "0.10"
