"""
The ids of the service's own qualification types: facts that the client's side and the marketplace share.

How requirements are made of them is in :mod:`aioturk.qualifications`, what they cost in :mod:`aioturk.pricing`, and how
workers get them in the marketplace.

The ids: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QualificationRequirementDataStructureArticle.html
"""

from __future__ import annotations

__all__ = [
    "ADULT",
    "AGE_18_TO_25",
    "ANY_MASTERS",
    "BLOGGER_PRODUCTION",
    "BLOGGER_SANDBOX",
    "LOCALE",
    "MASTERS",
    "MASTERS_PRODUCTION",
    "MASTERS_SANDBOX",
    "NUMBER_APPROVED",
    "PERCENT_ABANDONED",
    "PERCENT_APPROVED",
    "PERCENT_REJECTED",
    "PERCENT_RETURNED",
    "PERCENT_SUBMITTED",
    "PREMIUM",
    "masters_of",
]

MASTERS_PRODUCTION = "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"
MASTERS_SANDBOX = "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"
MASTERS = frozenset({MASTERS_PRODUCTION, MASTERS_SANDBOX})

ANY_MASTERS = "Masters"
"""
Stands for the id that Masters have where a request goes to. The client puts that in its place, in every request and
however it is made; this is never sent. No id of the service has small letters.
"""

NUMBER_APPROVED = "00000000000000000040"
LOCALE = "00000000000000000071"
ADULT = "00000000000000000060"
PERCENT_APPROVED = "000000000000000000L0"

PERCENT_SUBMITTED = "00000000000000000000"
"""Retired, like the three below, and still named by old programs."""
PERCENT_ABANDONED = "00000000000000000070"
PERCENT_RETURNED = "000000000000000000E0"
PERCENT_REJECTED = "000000000000000000S0"

BLOGGER_PRODUCTION = "35NJOM7A2AHJ8CEAOZJYOG2F0DRZXE"
BLOGGER_SANDBOX = "37V1T9MUUQLS5X0CG7PBSP0508ANH0"
AGE_18_TO_25 = "3DWHSFAI6V6LLE6N73LD41NC328HA9"
PREMIUM = frozenset({BLOGGER_PRODUCTION, BLOGGER_SANDBOX, AGE_18_TO_25})
"""Those that cost a fixed sum per assignment. The service had many more; no list of them was ever published."""


def masters_of(*, production: bool) -> str:
    """Return the id of Masters in production, or in any other environment, all of which share the sandbox's."""
    return MASTERS_PRODUCTION if production else MASTERS_SANDBOX
