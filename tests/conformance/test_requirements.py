"""Qualification requirements of HITs as they are made: the reference's lines 32 and 33."""

from __future__ import annotations

from typing import Any

import pytest

from tests.marketplace.exams import new_type
from tests.marketplace.support import HIT, Requester

LOCALE = "00000000000000000071"
APPROVED = "00000000000000000040"
US = {"Country": "US"}


async def test_32_types_that_cannot_be_required(turk: Requester) -> None:
    """A requirement that names an unknown type is refused, and one that names an inactive or deleted type, too."""
    active = await new_type(turk, Name="active")
    inactive = await new_type(turk, Name="inactive", QualificationTypeStatus="Inactive")
    deleted = await new_type(turk, Name="deleted")
    await turk("DeleteQualificationType", QualificationTypeId=deleted)

    codes = {}
    for type_id in ("3NOSUCHTYPE", inactive, deleted):
        requirement = {"QualificationTypeId": type_id, "Comparator": "Exists"}
        refusal = await turk.refused("CreateHIT", **{**HIT, "QualificationRequirements": [requirement]})
        assert (refusal.type, refusal.status) == ("RequestError", 400)
        codes[type_id] = refusal.code

    assert codes == {
        "3NOSUCHTYPE": "QualificationTypeDoesNotExist",
        inactive: "InvalidQualificationTypeState",
        deleted: "InvalidQualificationTypeState",
    }
    hit = await turk.hit(QualificationRequirements=[{"QualificationTypeId": active, "Comparator": "Exists"}])
    assert hit["QualificationRequirements"][0]["QualificationTypeId"] == active


@pytest.mark.parametrize(
    "requirement",
    [
        {"Comparator": "Exists", "IntegerValues": [1]},
        {"Comparator": "EqualTo", "LocaleValues": [US]},
        {"Comparator": "In", "IntegerValues": list(range(16))},
        {"Comparator": "In", "QualificationTypeId": LOCALE, "LocaleValues": [US] * 31},
    ],
    ids=["integers-with-exists", "a-place-for-a-custom-type", "16-integers", "31-places"],
)
async def test_33_values_that_do_not_fit(turk: Requester, requirement: dict[str, Any]) -> None:
    """Values that do not go with the comparator or the type, and too many of them, are ParameterValidationErrors."""
    custom = {"QualificationTypeId": await new_type(turk), **requirement}
    refusal = await turk.refused("CreateHIT", **{**HIT, "QualificationRequirements": [custom]})

    assert refusal.type == "ParameterValidationError"
    assert (await turk("ListHITs"))["NumResults"] == 0
    most = [
        {"QualificationTypeId": APPROVED, "Comparator": "In", "IntegerValues": list(range(15))},
        {"QualificationTypeId": LOCALE, "Comparator": "In", "LocaleValues": [US] * 30},
    ]
    assert await turk.hit(QualificationRequirements=most)
