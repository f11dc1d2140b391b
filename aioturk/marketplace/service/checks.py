"""
Checking parameters against the rules of the house: what the API's model lets through and the service does not.

Each function raises a `ParameterValidationError` that names the parameter, or returns the checked value in the store's
units; `growth` alone has a refusal of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aioturk._core import xml
from aioturk._core.wire import whole_seconds
from aioturk.marketplace import html5, money, refusals
from aioturk.marketplace.rules import Range, Rules
from aioturk.questions.external import read_external
from aioturk.questions.form import read_form
from aioturk.questions.formatted import XHTMLError
from aioturk.questions.html import read_html

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["amount", "annotation", "characters", "feedback", "growth", "number", "question", "seconds", "text"]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

_SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
_QUESTIONS = {
    "ExternalQuestion": {f"{_SCHEMAS}/2006-07-14/ExternalQuestion.xsd"},
    "HTMLQuestion": {f"{_SCHEMAS}/2011-11-11/HTMLQuestion.xsd"},
    "QuestionForm": {f"{_SCHEMAS}/2017-11-06/QuestionForm.xsd", f"{_SCHEMAS}/2005-10-01/QuestionForm.xsd"},
}


def text(parameter: str, value: str, bounds: Range) -> str:
    """Check the length of a text, in characters."""
    if len(value) < bounds.least:
        raise refusals.too_short(parameter, bounds.least)
    if len(value) > bounds.most:
        raise refusals.invalid(parameter, value)
    return value


def number(parameter: str, value: int, bounds: Range) -> int:
    """Check a number."""
    if not bounds.holds(value):
        raise refusals.out_of_range(parameter, value, bounds)
    return value


def seconds(parameter: str, value: timedelta, bounds: Range) -> int:
    """Check a duration; return its seconds."""
    return number(parameter, whole_seconds(value), bounds)


def amount(parameter: str, value: Decimal, bounds: Range) -> int:
    """Check an amount of money; return its cents."""
    cents = money.cents(value)
    if not bounds.holds(cents):
        raise refusals.invalid(parameter, f"{value:.2f}")
    return cents


def growth(before: int, after: int, rules: Rules) -> None:
    """Refuse to make a large HIT of a small one, where small ones have to stay small."""
    if rules.small_stays_small and before < rules.small_below <= after:
        raise refusals.small_must_stay_small()


def feedback(value: str | None, rules: Rules) -> str | None:
    """
    Check what a requester tells a worker.

    Whether it may be empty with a rejection, too, is looked at there.
    """
    if value is None:
        return None
    text("RequesterFeedback", value, rules.feedback)
    if _CONTROL.search(value):
        raise refusals.invalid("RequesterFeedback", value)
    return value


def annotation(value: str | None, rules: Rules) -> str | None:
    """Check a requester's own note."""
    if value is None:
        return None
    if rules.ascii_annotation and not value.isascii():
        raise refusals.invalid("RequesterAnnotation", value)
    return text("RequesterAnnotation", value, rules.annotation)


def characters(parameter: str, document: str, rules: Rules) -> None:
    """Refuse a document for characters that the rules keep out of documents; references to them are none of these."""
    if rules.bmp_documents and xml.beyond_bmp(document) is not None:
        raise refusals.invalid(parameter, document)


def question(value: str, rules: Rules) -> str:
    """Check a question: its size, that it is well-formed XML without a document type, and what it is made of."""
    parameter = "Question"
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise refusals.xml_error(parameter, "The text holds lone surrogates.") from None
    if size < rules.question.least:
        raise refusals.too_short(parameter, rules.question.least)
    if size > rules.question.most:
        raise refusals.invalid(parameter, value)
    characters(parameter, value, rules)
    try:
        root = xml.parse(value)
    except xml.XMLError as error:
        raise refusals.xml_error(parameter, f"{error}.") from None
    name, namespace = xml.local_name(root), xml.namespace(root)
    if name not in _QUESTIONS:
        raise refusals.xml_error(parameter, f"cvc-elt.1: Cannot find the declaration of element '{name}'.")
    if namespace not in _QUESTIONS[name]:
        raise refusals.xml_error(parameter, f"The namespace '{namespace}' is not that of {name}.")
    try:
        _CONTENT[name](root)
        if rules.strict_html and name == "HTMLQuestion":
            _check_html5(root)
    except XHTMLError as error:
        raise refusals.xhtml_error(parameter, f"{error}.") from None
    except xml.XMLError as error:
        raise refusals.xml_error(parameter, f"{error}.") from None
    return value


def _check_external(root: Element) -> None:
    url = read_external(root).external_url
    try:
        parts = urlsplit(url)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        absolute = False
    if not absolute:
        # http is taken: whether the service refused it was never settled, and tests have no certificates.
        raise xml.XMLError("ExternalURL has to be an absolute http or https URL")


def _check_html(root: Element) -> None:
    page = read_html(root).html_content
    if not page.strip():
        raise refusals.html_error("Question", "<! [1,1] The page is empty. !>", page)


def _check_html5(root: Element) -> None:
    page = read_html(root).html_content
    complaints = html5.complaints(page)
    if complaints:
        raise refusals.html_error("Question", complaints, page)


def _check_form(root: Element) -> None:
    read_form(root)


_CONTENT: Mapping[str, Callable[[Element], None]] = {
    "ExternalQuestion": _check_external,
    "HTMLQuestion": _check_html,
    "QuestionForm": _check_form,
}
