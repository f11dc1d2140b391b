"""Requirements: every comparison, what is refused, and that the marketplace and the client understand them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk import Client, ExternalQuestion, Requirement
from aioturk._core.accepted import Structured
from aioturk._core.codec import to_wire
from aioturk.errors import DoesNotMeetRequirements, InvalidRequest
from aioturk.marketplace import Marketplace, MarketplaceInThread
from aioturk.models import HIT, Comparator, HITAccessActions, Locale, QualificationRequirement
from aioturk.qualifications import (
    PERCENT_ABANDONED,
    PERCENT_REJECTED,
    PERCENT_RETURNED,
    PERCENT_SUBMITTED,
    Number,
    Place,
    Presence,
    check,
)
from aioturk.testing import CREDENTIALS, StubTransport, reply

from .marketplace.support import Requester

OWN = "3QUALIFICATIONTYPEOFMYOWN00000"
MASTERS_IN_PRODUCTION = "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"
MASTERS_ELSEWHERE = "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"

percent = Requirement.percent_approved
number = Requirement.number_approved
locale = Requirement.locale
adult = Requirement.adult
masters = Requirement.masters


def own() -> Number:
    """A type of one's own."""
    return Requirement.qualification(OWN)


def wire(requirement: Requirement) -> tuple[str, str, list[Any]]:
    """A requirement as it is sent in the sandbox: id, comparator and values."""
    document = to_wire(requirement.for_environment("sandbox"))
    places = document.pop("LocaleValues", [])
    values = [*document.pop("IntegerValues", []), *("-".join(place.values()) for place in places)]
    type_id, comparator = document.pop("QualificationTypeId"), document.pop("Comparator")
    assert document == {}
    return type_id, comparator, values


@pytest.mark.parametrize(
    ("requirement", "sent"),
    [
        (percent() >= 95, ("000000000000000000L0", "GreaterThanOrEqualTo", [95])),
        (percent() > 0, ("000000000000000000L0", "GreaterThan", [0])),
        (number() <= 100, ("00000000000000000040", "LessThanOrEqualTo", [100])),
        (number() < 2**31 - 1, ("00000000000000000040", "LessThan", [2**31 - 1])),
        (adult() == 1, ("00000000000000000060", "EqualTo", [1])),
        (own() != -5, (OWN, "NotEqualTo", [-5])),
        (own().in_(1, 2, 3), (OWN, "In", [1, 2, 3])),
        (own().not_in(*range(15)), (OWN, "NotIn", [*range(15)])),
        (own().exists(), (OWN, "Exists", [])),
        (own().does_not_exist(), (OWN, "DoesNotExist", [])),
        (95 <= percent(), ("000000000000000000L0", "GreaterThanOrEqualTo", [95])),  # noqa: SIM300
        (95 < percent(), ("000000000000000000L0", "GreaterThan", [95])),  # noqa: SIM300
        (95 >= percent(), ("000000000000000000L0", "LessThanOrEqualTo", [95])),  # noqa: SIM300
        (95 > percent(), ("000000000000000000L0", "LessThan", [95])),  # noqa: SIM300
        (locale() == "US", ("00000000000000000071", "EqualTo", ["US"])),
        (locale() == "US-CA", ("00000000000000000071", "EqualTo", ["US-CA"])),
        (locale() == ("US", "CA"), ("00000000000000000071", "EqualTo", ["US-CA"])),
        (locale() != Locale(country="US", subdivision="CA"), ("00000000000000000071", "NotEqualTo", ["US-CA"])),
        (locale().in_("US", "GB"), ("00000000000000000071", "In", ["US", "GB"])),
        (locale().not_in(*["FR"] * 30), ("00000000000000000071", "NotIn", ["FR"] * 30)),
        (locale().exists(), ("00000000000000000071", "Exists", [])),
        (masters().exists(), (MASTERS_ELSEWHERE, "Exists", [])),
        (masters().does_not_exist(), (MASTERS_ELSEWHERE, "DoesNotExist", [])),
    ],
)
def test_comparisons(requirement: Requirement, sent: tuple[str, str, list[Any]]) -> None:
    """Each operator and method is one of the service's comparators; a number may stand on either side."""
    assert wire(requirement) == sent


@pytest.mark.parametrize(
    ("class_of_boto_2", "requirement", "type_id"),
    [
        ("AdultRequirement", adult() == 1, "00000000000000000060"),
        ("LocaleRequirement", locale() == "US", "00000000000000000071"),
        ("NumberHitsApprovedRequirement", number() >= 1, "00000000000000000040"),
        ("PercentAssignmentsApprovedRequirement", percent() >= 1, "000000000000000000L0"),
        (
            "PercentAssignmentsSubmittedRequirement",
            Requirement.qualification(PERCENT_SUBMITTED) >= 1,
            "00000000000000000000",
        ),
        (
            "PercentAssignmentsAbandonedRequirement",
            Requirement.qualification(PERCENT_ABANDONED) < 1,
            "00000000000000000070",
        ),
        (
            "PercentAssignmentsReturnedRequirement",
            Requirement.qualification(PERCENT_RETURNED) < 1,
            "000000000000000000E0",
        ),
        (
            "PercentAssignmentsRejectedRequirement",
            Requirement.qualification(PERCENT_REJECTED) < 1,
            "000000000000000000S0",
        ),
        ("Requirement", own() >= 1, OWN),
    ],
)
async def test_boto_2s_classes(class_of_boto_2: str, requirement: Requirement, type_id: str) -> None:
    """Each class of boto 2 has its equivalent, with the service's id; the marketplace takes those of the system."""
    assert wire(requirement)[0] == type_id
    if type_id != OWN:
        async with Marketplace() as market, market.client() as mturk:
            hit = await publish(mturk, requirement)
        assert hit.qualification_requirements[0].qualification_type_id == type_id, class_of_boto_2


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: percent() >= 101, "percent_approved(): is compared with 101, and is always from 0 to 100"),
    (lambda: percent() >= -1, "from 0 to 100"),
    (lambda: Requirement.qualification(PERCENT_RETURNED) > 101, "from 0 to 100"),
    (lambda: number() >= -1, "from 0 to 2147483647"),
    (lambda: own() >= 2**31, "from -2147483648 to 2147483647"),
    (lambda: own() >= 10**5000, "from -2147483648 to 2147483647"),
    (lambda: adult() == 2, "from 0 to 1"),
    (lambda: adult() == True, "is compared with True; give a whole number"),  # noqa: E712
    (lambda: percent() >= 95.0, "give a whole number"),  # type: ignore[operator]
    (lambda: percent() == "95", "is compared with '95'; give a whole number"),
    (lambda: percent() == None, "is compared with None"),  # noqa: E711
    (lambda: percent() >= number(), "the service compares with fixed values alone"),  # type: ignore[operator]
    (lambda: locale() == locale(), "the service compares with fixed values alone"),  # type: ignore[operator]
    (lambda: percent() == (number() >= 5), "the service compares with fixed values alone"),
    (lambda: own().in_(), "is compared with 0 values; give from 1 to 15"),
    (lambda: own().in_(*range(16)), "is compared with 16 values; give from 1 to 15"),
    (lambda: own().in_([1, 2]), "one by one: in_(*values)"),  # type: ignore[arg-type]
    (lambda: locale().not_in(), "is compared with 0 values; give from 1 to 30"),
    (lambda: locale().in_(*["US"] * 31), "is compared with 31 values; give from 1 to 30"),
    (lambda: locale().in_(["US", "GB"]), "one by one: in_(*values)"),  # type: ignore[arg-type]
    (lambda: locale() >= "US", "has no order; compare it with ==, !=, in_(...) or not_in(...)"),  # type: ignore[operator]
    (lambda: locale() > "US", "has no order"),  # type: ignore[operator]
    (lambda: locale() <= "US", "has no order"),  # type: ignore[operator]
    (lambda: locale() < "US", "has no order"),  # type: ignore[operator]
    (lambda: locale() == "us", "two capital letters of ISO 3166"),
    (lambda: locale() == "USA", "two capital letters of ISO 3166"),
    (lambda: locale() == "", "two capital letters of ISO 3166"),
    (lambda: locale() == "UK", "the United Kingdom is 'GB'"),
    (lambda: locale() == "US-ca", "a state is two capital letters"),
    (lambda: locale() == "DE-BY", "only the United States are divided: write 'DE'"),
    (lambda: locale() == "US-CA-LA", "give a place, as in 'US', 'US-CA' or ('US', 'CA')"),
    (lambda: locale() == ("US",), "give a place"),
    (lambda: locale() == 1, "give a place"),
    (lambda: masters() == 1, "Requirement.masters(): has no value; write .exists() or .does_not_exist()"),
    (lambda: masters() != 1, "has no value"),
    (lambda: masters() >= 1, "has no value"),  # type: ignore[operator]
    (lambda: masters() > 1, "has no value"),  # type: ignore[operator]
    (lambda: masters() <= 1, "has no value"),  # type: ignore[operator]
    (lambda: masters() < 1, "has no value"),  # type: ignore[operator]
    (lambda: masters().in_(1), "has no value"),  # type: ignore[arg-type]
    (lambda: masters().not_in(1), "has no value"),  # type: ignore[arg-type]
    (lambda: Requirement.qualification(""), "give a type's id, a string of 1 to 255 bytes"),
    (lambda: Requirement.qualification("ü" * 128), "give a type's id, a string of 1 to 255 bytes"),
    (lambda: Requirement.qualification(71), "give a type's id"),  # type: ignore[arg-type]
    (lambda: Requirement.qualification("00000000000000000071"), "write Requirement.locale()"),
    (lambda: Requirement.qualification("Masters"), "write Requirement.masters()"),
    (lambda: own().exists().guarding("submit"), "'accept', 'preview', 'discover'"),  # type: ignore[arg-type]
    (lambda: own().exists().for_environment("local"), "write 'production' or 'sandbox'"),  # type: ignore[arg-type]
    (lambda: Requirement.read({"QualificationTypeId": OWN}), "does not have the shape of a requirement"),
    (lambda: Requirement.read([]), "give a QualificationRequirement or a mapping"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "says"), REFUSED)
def test_what_is_refused(make: Callable[[], Any], says: str) -> None:
    """What the service would refuse, or take and never match, is refused at once, with the remedy."""
    with pytest.raises(InvalidRequest) as caught:
        make()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "use",
    [
        lambda: 5 <= own() <= 7,
        lambda: (own() >= 5) and (own() <= 7),
        lambda: not (own() >= 5),
        lambda: 1 if adult() == 1 else 0,
        lambda: bool(locale() == "US"),
    ],
)
def test_requirements_are_neither_true_nor_false(use: Callable[[], Any]) -> None:
    """Chained comparisons, `and` and `if` would silently drop a requirement, so they fail with the remedy."""
    with pytest.raises(TypeError, match=r"neither true nor false.*\[x >= 5, x <= 7\] instead of 5 <= x <= 7"):
        use()


@pytest.mark.parametrize(("subject", "example"), [(percent(), "== 1"), (locale(), "== 'US'"), (masters(), "exists()")])
def test_subjects_are_neither_true_nor_false(subject: Number | Place | Presence, example: str) -> None:
    """What is not a requirement yet cannot be asked either; it says what is missing."""
    with pytest.raises(TypeError) as caught:
        bool(subject)
    assert f"{subject!r} is neither true nor false, and requires nothing yet: {subject!r}" in str(caught.value)
    assert example in str(caught.value)


def test_requirements_are_values() -> None:
    """Equal when they ask for the same thing, usable in sets, not to be changed; copies and pickles are equal."""
    requirement = locale().in_("US", ("US", "CA"))
    assert requirement == locale().in_("US", "US-CA")
    assert requirement != locale().in_("US-CA", "US")
    assert requirement != requirement.guarding("preview")
    assert {requirement, locale().in_("US", "US-CA"), percent() >= 95} == {percent() >= 95, requirement}
    assert copy.deepcopy(requirement) == pickle.loads(pickle.dumps(requirement)) == requirement
    with pytest.raises(AttributeError):
        requirement.comparator = Comparator.IN  # type: ignore[misc]


def test_what_is_guarded() -> None:
    """Accepting is what is guarded anyway, so it is not said; the other two are."""
    requirement = percent() >= 95
    assert requirement.guarding("accept") == requirement.guarding("preview").guarding("accept") == requirement
    assert "ActionsGuarded" not in to_wire(requirement)
    assert to_wire(requirement.guarding("preview"))["ActionsGuarded"] == "PreviewAndAccept"
    assert to_wire(requirement.guarding("discover"))["ActionsGuarded"] == "DiscoverPreviewAndAccept"


NUMBERS: list[tuple[Callable[[], Number], int, int]] = [
    (percent, 0, 100),
    (number, 0, 2**31 - 1),
    (adult, 0, 1),
    (own, -(2**31), 2**31 - 1),
]
COUNTRIES = st.sampled_from(["US", "GB", "FR", "IN", "US-CA", "US-NY"])


@st.composite
def requirements(draw: st.DrawFn, *, of_my_own: bool = True) -> Requirement:
    """Any requirement there can be."""
    make, least, most = draw(st.sampled_from(NUMBERS if of_my_own else NUMBERS[:-1]))
    kind = draw(st.sampled_from(["number", "numbers", "place", "places", "presence"]))
    if kind == "number":
        sign = draw(st.sampled_from(["__ge__", "__gt__", "__le__", "__lt__", "__eq__", "__ne__"]))
        found: Requirement = getattr(make(), sign)(draw(st.integers(least, most)))
    elif kind == "numbers":
        numbers = draw(st.lists(st.integers(least, most), min_size=1, max_size=15))
        found = make().in_(*numbers) if draw(st.booleans()) else make().not_in(*numbers)
    elif kind == "place":
        place = draw(COUNTRIES)
        found = locale() == place if draw(st.booleans()) else locale() != place
    elif kind == "places":
        places = draw(st.lists(COUNTRIES, min_size=1, max_size=30))
        found = locale().in_(*places) if draw(st.booleans()) else locale().not_in(*places)
    else:
        # By their position, because subjects cannot be compared with each other.
        found = [
            *(make().exists(), locale().exists(), masters().exists()),
            *(make().does_not_exist(), locale().does_not_exist(), masters().does_not_exist()),
        ][draw(st.integers(0, 5))]
    return found.guarding(draw(st.sampled_from(["accept", "preview", "discover"])))


@given(requirements())
def test_what_is_shown_is_what_was_written(requirement: Requirement) -> None:
    """Every requirement shows itself as the expression that makes it."""
    assert eval(repr(requirement), {"Requirement": Requirement}) == requirement


@given(requirements())
def test_reading_back(requirement: Requirement) -> None:
    """Every requirement can be read from its structure, of either environment, and from its wire form."""
    assert Requirement.read(requirement) is requirement
    environments: tuple[Literal["production", "sandbox"], ...] = ("production", "sandbox")
    for environment in environments:
        structure = requirement.for_environment(environment)
        assert type(structure) is QualificationRequirement
        assert Requirement.read(structure) == Requirement.read(to_wire(structure)) == requirement
        assert check([structure]) == (requirement,)


def test_masters_of_both_environments() -> None:
    """Each environment has its own id; both are read as the same."""
    requirement = masters().exists()
    assert requirement.for_environment("production").qualification_type_id == MASTERS_IN_PRODUCTION
    assert requirement.for_environment("sandbox").qualification_type_id == MASTERS_ELSEWHERE


def test_reading_what_others_wrote() -> None:
    """The older word for what is guarded is understood; what no expression makes is kept, and shown in full."""
    older = QualificationRequirement(qualification_type_id=OWN, comparator=Comparator.EXISTS, required_to_preview=True)
    assert Requirement.read(older) == own().exists().guarding("preview")
    said = QualificationRequirement(
        qualification_type_id=OWN,
        comparator=Comparator.EXISTS,
        required_to_preview=False,
        actions_guarded=HITAccessActions.ACCEPT,
    )
    assert Requirement.read(said) == own().exists()
    for strange in (
        {"QualificationTypeId": OWN, "Comparator": "Near", "IntegerValues": [5]},
        {"QualificationTypeId": OWN, "Comparator": "EqualTo"},
        {"QualificationTypeId": OWN, "Comparator": "Exists", "ActionsGuarded": "Submit"},
    ):
        found = Requirement.read(strange)
        assert "qualification_type_id='3QUALIFICATIONTYPEOFMYOWN00000'" in repr(found)
        assert to_wire(found) == strange


def test_checking_what_others_wrote() -> None:
    """What was written without the operators can be checked by the same rules; the offender's place is named."""
    good: dict[str, Any] = {"QualificationTypeId": OWN, "Comparator": "GreaterThan", "IntegerValues": [95]}
    assert check([good, percent() >= 95]) == (own() > 95, percent() >= 95)
    for wrong, says in (
        ({"Comparator": "Near"}, "has the comparator 'Near'; there are GreaterThanOrEqualTo, GreaterThan, "),
        ({"IntegerValues": []}, "is compared with 0 values by GreaterThan, which takes one"),
        ({"IntegerValues": [1, 2]}, "is compared with 2 values by GreaterThan, which takes one"),
        ({"Comparator": "Exists"}, "is compared with (95,) by Exists, which takes none"),
        ({"LocaleValues": [{"Country": "US"}]}, "give whole numbers alone"),
        ({"QualificationTypeId": "00000000000000000071"}, "has no order"),
        ({"QualificationTypeId": "00000000000000000071", "Comparator": "EqualTo"}, "give places alone"),
        ({"QualificationTypeId": "000000000000000000L0", "IntegerValues": [950]}, "is always from 0 to 100"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            check([good, {**good, **wrong}])
        assert says in str(caught.value)
        assert caught.value.argument == "requirements[1]"


def test_how_many_there_may_be() -> None:
    """Ten, or five on the requester web site; something that is not a requirement yet says so."""
    ten = [own() >= score for score in range(10)]
    assert check(ten) == tuple(ten)
    with pytest.raises(InvalidRequest, match="are 11; a HIT has at most 10"):
        check([*ten, percent() >= 95])
    with pytest.raises(InvalidRequest, match="are 10; a HIT has at most 5"):
        check(ten, most=5)
    with pytest.raises(InvalidRequest, match="requires nothing yet"):
        check([masters()])  # type: ignore[list-item]


# With the client.


async def publish(mturk: Client, *given: Any, **more: Any) -> HIT:
    """Publish a HIT with these requirements."""
    members: dict[str, Any] = {
        "title": "Guess the age",
        "description": "Look at a picture.",
        "reward": "0.25",
        "max_assignments": 3,
        "assignment_duration": timedelta(minutes=5),
        "lifetime": timedelta(hours=1),
        "question": ExternalQuestion("https://example.org/guess"),
    }
    return await mturk.create_hit(**{**members, **more}, qualification_requirements=given)


HIT_TYPE = {"title": "t", "description": "d", "reward": 1, "assignment_duration": 60}


@pytest.mark.parametrize(
    ("environment", "type_id"),
    [
        ("production", MASTERS_IN_PRODUCTION),
        ("sandbox", MASTERS_ELSEWHERE),
        ("http://127.0.0.1:7700", MASTERS_ELSEWHERE),
    ],
)
async def test_the_client_sends_masters_of_its_environment(environment: str, type_id: str) -> None:
    """The same requirement is right wherever it is sent; ids that were written out are sent as they are."""
    transport = StubTransport(reply({"HITTypeId": "3TYPE"}))
    requirement = masters().exists()
    async with Client(environment, credentials=CREDENTIALS, transport=transport) as mturk:
        written = QualificationRequirement(qualification_type_id=MASTERS_IN_PRODUCTION, comparator=Comparator.EXISTS)
        await mturk.with_options(timeout=5).create_hit_type(
            **HIT_TYPE,  # type: ignore[arg-type]
            qualification_requirements=[requirement, percent() >= 95, written],
        )
    ((_, document),) = transport.calls
    sent = [each["QualificationTypeId"] for each in document["QualificationRequirements"]]
    assert sent == [type_id, "000000000000000000L0", MASTERS_IN_PRODUCTION]
    assert requirement == masters().exists()


async def test_masters_of_the_marketplace_being_served(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Client("local")` speaks to a sandbox, also before it has found out where that is."""
    from aioturk._core.endpoints import LocalMarketplace

    file = tmp_path / "marketplace.json"
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    async with Marketplace() as market, Client("local") as mturk:
        file.touch(mode=0o600)
        file.write_bytes(LocalMarketplace(market.url, market.access_key, market.secret_key).to_json())
        hit = await publish(mturk, masters().exists())
    assert hit.qualification_requirements[0].qualification_type_id == MASTERS_ELSEWHERE


@pytest.mark.parametrize(
    ("environment", "type_id"), [("production", MASTERS_IN_PRODUCTION), ("sandbox", MASTERS_ELSEWHERE)]
)
@pytest.mark.parametrize(
    "requirement", [masters().exists(), {"QualificationTypeId": "Masters", "Comparator": "Exists"}]
)
async def test_call_sends_masters_of_its_environment(environment: str, type_id: str, requirement: Any) -> None:
    """The escape hatch, too, sends the id that there is, instead of the one that stands for it."""
    transport = StubTransport(reply({"HITTypeId": "3TYPE"}))
    async with Client(environment, credentials=CREDENTIALS, transport=transport) as mturk:
        members = {"Title": "t", "Description": "d", "Reward": "1.00", "AssignmentDurationInSeconds": 60}
        request = {**members, "QualificationRequirements": [requirement]}
        given = copy.deepcopy(request)
        await mturk.call("CreateHITType", request)
    ((_, document),) = transport.calls
    assert document["QualificationRequirements"][0]["QualificationTypeId"] == type_id
    assert request == given


async def test_call_sends_what_was_written() -> None:
    """The escape hatch changes no id of the service's, and takes structures made for the environment."""
    transport = StubTransport(reply({"HITTypeId": "3TYPE"}))
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        members = {"Title": "t", "Description": "d", "Reward": "1.00", "AssignmentDurationInSeconds": 60}
        requirement = masters().exists().for_environment("production")
        await mturk.call("CreateHITType", {**members, "QualificationRequirements": [requirement]})
    ((_, document),) = transport.calls
    assert document["QualificationRequirements"][0]["QualificationTypeId"] == MASTERS_IN_PRODUCTION


@pytest.mark.parametrize("subject", [masters(), percent(), locale()])
async def test_subjects_alone_are_refused(subject: Number | Place | Presence) -> None:
    """A subject that nothing is required of is not sent; the error says what to add."""
    assert isinstance(subject, Structured)
    transport = StubTransport()
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        with pytest.raises(
            InvalidRequest, match=r"Requirement\.\w+\(\): requires nothing yet: compare it.*Nothing was"
        ):
            await publish(mturk, subject)
    assert transport.requests == []


async def test_other_values_that_write_themselves() -> None:
    """Whatever has `to_structure` is understood where a structure is."""

    class French:
        def to_structure(self) -> QualificationRequirement:
            return locale() == "FR"

    async with Marketplace() as market, market.client() as mturk:
        hit = await publish(mturk, French(), {"QualificationTypeId": PERCENT_REJECTED, "Comparator": "Exists"})
    read = [Requirement.read(each) for each in hit.qualification_requirements]
    assert read == [locale() == "FR", Requirement.qualification(PERCENT_REJECTED).exists()]


def as_a_set(requirement: Requirement) -> tuple[object, ...]:
    """What a requirement means, whatever the order of its values: of equal ones a HIT type keeps one."""
    values = frozenset([*requirement.integer_values, *requirement.locale_values])
    return requirement.qualification_type_id, requirement.comparator, values, requirement.actions_guarded


def test_the_marketplace_takes_them_all() -> None:
    """Whatever can be written is accepted, kept, and read back as it was."""
    with MarketplaceInThread() as market:
        client = market.client()
        numbers = count()

        @given(st.lists(requirements(of_my_own=False), max_size=10, unique_by=as_a_set))
        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        def journey(given: list[Requirement]) -> None:
            hit = market.run(publish(client, *given, title=f"HIT {next(numbers)}"))
            assert [Requirement.read(each) for each in hit.qualification_requirements] == given

        try:
            journey()
        finally:
            market.run(client.close())


async def test_workers_are_judged_by_them() -> None:
    """A range, a list and an exclusion let exactly those workers in who meet all of them."""
    async with Marketplace() as market, market.client() as mturk:
        kind = await mturk.create_qualification_type(
            name="Ages", description="Good at ages.", qualification_type_status="Active"
        )
        excluded = await mturk.create_qualification_type(
            name="Seen", description="Has seen these pictures.", qualification_type_status="Active"
        )
        score = Requirement.qualification(kind.qualification_type_id)
        seen = Requirement.qualification(excluded.qualification_type_id)
        hit = await publish(mturk, score >= 5, score <= 7, score.not_in(6), seen.does_not_exist())
        for worker_id, value in (("A4FOUR", 4), ("A5FIVE", 5), ("A6SIX", 6), ("A7SEVEN", 7), ("A8EIGHT", 8)):
            await mturk.associate_qualification_with_worker(
                kind.qualification_type_id, worker_id, integer_value=value, send_notification=False
            )
        await mturk.associate_qualification_with_worker(
            excluded.qualification_type_id, "A5FIVE", send_notification=False
        )
        accepted = []
        for worker_id in ("A0NONE", "A4FOUR", "A5FIVE", "A6SIX", "A7SEVEN", "A8EIGHT"):
            try:
                await market.worker(worker_id).accept(hit.hit_id)
            except DoesNotMeetRequirements:
                continue
            accepted.append(worker_id)
        assert accepted == ["A7SEVEN"]


async def test_the_symbol_of_masters_is_no_id() -> None:
    """If it slipped through, or another client sent it, the service would know no such type: nothing is published."""
    requirement = to_wire(masters().exists())
    assert requirement["QualificationTypeId"] == "Masters"
    async with Marketplace() as market:
        members = {"Title": "t", "Description": "d", "Reward": "1.00", "AssignmentDurationInSeconds": 60}
        refusal = await Requester(market).refused("CreateHITType", **members, QualificationRequirements=[requirement])
    assert refusal.code == "QualificationTypeDoesNotExist"
