"""
Layouts: pages with ``${name}`` in them, of which HITs are made.

Amazon's were projects of its requester site, which the API could use, but neither make nor read; here the owner adds
them (:meth:`aioturk.marketplace.Marketplace.add_layout`). A layout never changes, and a HIT keeps its own question.

The manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HITLayoutArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aioturk._core.xml import beyond_bmp, cdata
from aioturk._generated.shapes import HITLayoutParameter
from aioturk.errors import InvalidRequest, ParameterValidationError
from aioturk.marketplace import identifiers, refusals
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service import checks, retention
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.service.owner import account_of
from aioturk.questions.html import NAMESPACE

__all__ = ["add_layout", "question_of"]

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def add_layout(context: Context, requester: str, html: str, *, name: str, frame_height: int) -> str:
    """
    Keep a layout; return its id.

    Args:
        context: The owner's, in the environment where HITs are to be made of it.
        requester: Whose it is to be.
        html: The page.
        name: What the owner calls it.
        frame_height: The frame's height in pixels; 0 lets the site size it.

    Raises:
        ConfigurationError: There is no such requester.
        InvalidRequest: No HIT could be made of the page.
    """
    account = account_of(context, requester, context.environment)
    _check(html, frame_height, context.rules)
    layout_id = identifiers.entity_id()
    context.store.layouts.add(
        {
            "id": layout_id,
            "account_seq": account.seq,
            "name": name,
            "html": html,
            "frame_height": frame_height,
            "created_at": context.now,
            "used_at": context.now,
        }
    )
    context.note("LayoutAdded", layout_id, requester=account.requester_id)
    return layout_id


def _check(html: str, frame_height: int, rules: Rules) -> None:
    names, most = len(_names(html)), rules.layout_parameters.most
    if names > most:
        raise InvalidRequest(f"has {names} different placeholders; requests can fill {most}.", argument="html")
    if not 0 <= frame_height < 2**31:
        raise InvalidRequest("is a number of pixels; 0 lets the site size the frame.", argument="frame_height")
    beyond = beyond_bmp(html) if rules.bmp_documents else None
    if beyond is not None:
        _, character = beyond
        raise InvalidRequest(
            f"holds the character U+{ord(character):X} ({character}), which the rules keep out of questions: "
            f"write &#{ord(character)}; where HTML shows a text.",
            argument="html",
        )
    try:
        checks.question(_document(html, frame_height), rules)
    except ParameterValidationError as refusal:
        raise InvalidRequest(f"no HIT could be made of it: {refusal.message}", argument="html") from None


def question_of(context: RequesterContext, layout_id: str, parameters: Sequence[HITLayoutParameter]) -> str:
    """
    Return the question that a layout makes with these parameters.

    Values go into the page as they are, whatever is in them. Parameters that the layout has no place for are ignored;
    one that is given twice is refused, as nobody can say which was meant (both unverified).

    Raises:
        MissingParameter: A placeholder gets no value.
        InvalidParameterValue: The caller has no such layout, or there are too many parameters, or one comes twice.
        ParameterValidationError: The page with the values in it is no question.
    """
    layout = context.store.layouts.read(context.account.seq, layout_id)
    earliest = retention.since(context)
    if layout is None or (earliest is not None and layout.used_at <= earliest):
        raise refusals.invalid("HITLayoutId", layout_id)
    values = _values(parameters, context.rules)
    missing = [name for name in _names(layout.html) if name not in values]
    if missing:
        raise refusals.missing_layout_parameters(missing)
    if retention.is_news(context, layout.used_at):
        context.store.layouts.set_used(layout.seq, context.now)
    return checks.question(_document(_filled(layout.html, values, context.rules), layout.frame_height), context.rules)


def _values(parameters: Sequence[HITLayoutParameter], rules: Rules) -> dict[str, str]:
    if not rules.layout_parameters.holds(len(parameters)):
        raise refusals.invalid("HITLayoutParameter", f"{len(parameters)} parameters")
    values: dict[str, str] = {}
    for parameter in parameters:
        if parameter.name in values:
            raise refusals.invalid("HITLayoutParameter", f"{parameter.name} (given twice)")
        values[parameter.name] = parameter.value
    return values


def _names(html: str) -> list[str]:
    """Return the names of a page's placeholders, each once, in the order in which they first come."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(html)))


def _filled(html: str, values: Mapping[str, str], rules: Rules) -> str:
    # Measured before it is made: one long value in thousands of places would fill the memory.
    lengths = {name: len(value) for name, value in values.items()}
    length = len(html) + sum(lengths[place[1]] - len(place[0]) for place in _PLACEHOLDER.finditer(html))
    if length > rules.question.most:
        raise refusals.invalid("Question", f"a page of {length} characters")
    # In one go: what looks like a placeholder in a value is none.
    return _PLACEHOLDER.sub(lambda place: values[place[1]], html)


def _document(page: str, frame_height: int) -> str:
    # Not by way of HTMLQuestion, whose stricter rules for new questions are the client's: values go in as they are.
    return (
        f'<HTMLQuestion xmlns="{NAMESPACE}"><HTMLContent>{cdata(page)}</HTMLContent>'
        f"<FrameHeight>{frame_height}</FrameHeight></HTMLQuestion>"
    )
