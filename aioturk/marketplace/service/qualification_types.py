"""
Qualification types as requesters see them: making, reading, searching, changing and deleting them.

Who has a qualification is in `qualifications`, how workers ask for one in `asking`.

The rules: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QualificationTypeDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Iterator

from aioturk._core import xml
from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace import identifiers, refusals
from aioturk.marketplace.lifecycle import REQUEST_MOVES, SUBMITTED
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service import checks, pages
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.service.known_types import (
    foreign,
    gone_at,
    is_gone,
    of_caller,
    readable,
    unused_since,
)
from aioturk.marketplace.service.present import hit_shape, qualification_type_shape
from aioturk.marketplace.store.hits import BEFORE_ALL
from aioturk.marketplace.store.records import QualificationType, TypeDocuments
from aioturk.questions.answer_key import check_answer_key, check_fits
from aioturk.questions.form import check_test
from aioturk.questions.formatted import XHTMLError

__all__ = ["QualificationTypeOperations"]

_SEARCHED_AT_ONCE = 500
"""How many types a search reads at a time."""


class QualificationTypeOperations(Service[RequesterContext]):
    """The operations on qualification types."""

    def create_qualification_type(
        self, context: RequesterContext, request: shapes.CreateQualificationTypeRequest, /
    ) -> shapes.CreateQualificationTypeResponse:
        """Make a type."""
        rules = context.rules
        keywords = request.keywords
        values: dict[str, object] = {
            "name": checks.text("Name", request.name, rules.qualification_name),
            "description": checks.text("Description", request.description, rules.description),
            "keywords": None if keywords is None else checks.text("Keywords", keywords.text, rules.keywords),
            "status": str(request.qualification_type_status),
            **_retry_delay(request, rules),
            **_granting(request, None, rules),
            **_test(request, rules),
        }
        _take_name(context, request.name)
        type_id = identifiers.entity_id()
        seq = context.store.qualification_types.add(
            {
                "id": type_id,
                "account_seq": context.account.seq,
                "name_taken": request.name,
                "created_at": context.now,
                "used_at": context.now,
                **values,
            }
        )
        context.note("QualificationTypeCreated", type_id)
        return shapes.CreateQualificationTypeResponse(qualification_type=_shape(context, seq))

    def get_qualification_type(
        self, context: RequesterContext, request: shapes.GetQualificationTypeRequest, /
    ) -> shapes.GetQualificationTypeResponse:
        """Read a type: an own one, another requester's, one of the service."""
        kind = readable(context, request.qualification_type_id)
        return shapes.GetQualificationTypeResponse(qualification_type=_shape(context, kind.seq))

    def list_qualification_types(
        self, context: RequesterContext, request: shapes.ListQualificationTypesRequest, /
    ) -> shapes.ListQualificationTypesResponse:
        """Search the types, by name."""
        words = (request.query or "").casefold().split()
        mine, requestable = bool(request.must_be_owned_by_caller), request.must_be_requestable
        walk = f"ListQualificationTypes {mine} {requestable} {' '.join(words)}"
        # The token holds a number only; names never change, so the one of the last item is found again.
        (after,) = pages.place(context, walk, request.next_token, (0,))
        size = pages.size(context, request.max_results)
        found = []
        for kind in _listed(context, after, max(size, _SEARCHED_AT_ONCE) if words else size, mine, requestable):
            if _holds(kind, words):
                found.append(kind.seq)
                if len(found) == size:
                    break
        return shapes.ListQualificationTypesResponse(
            num_results=len(found),
            next_token=pages.token(context, walk, (found[-1],) if found else None),
            qualification_types=tuple(_shape(context, seq) for seq in found),
        )

    def update_qualification_type(
        self, context: RequesterContext, request: shapes.UpdateQualificationTypeRequest, /
    ) -> shapes.UpdateQualificationTypeResponse:
        """Change a type. What is not given stays as it is, but an answer key goes with its test."""
        rules = context.rules
        kind = of_caller(context, request.qualification_type_id, to_change=True)
        values: dict[str, object] = {**_retry_delay(request, rules), **_granting(request, kind, rules)}
        if request.description is not None:
            values["description"] = checks.text("Description", request.description, rules.description)
        if request.qualification_type_status is not None:
            values["status"] = str(request.qualification_type_status)
        values |= _test(request, rules)
        context.store.qualification_types.change(kind.seq, **values, used_at=context.now)
        context.note("QualificationTypeUpdated", kind.id)
        return shapes.UpdateQualificationTypeResponse(qualification_type=_shape(context, kind.seq))

    def delete_qualification_type(
        self, context: RequesterContext, request: shapes.DeleteQualificationTypeRequest, /
    ) -> None:
        """Delete a type: whoever has asked for it is refused, whoever has it keeps it."""
        type_id, types = request.qualification_type_id, context.store.qualification_types
        found = types.find(type_id, context.environment)
        if found is not None and found.account_seq == context.account.seq:
            # Before the type, as whoever decides about a request locks the two in this order.
            context.store.qualification_requests.open_of_type(found.seq)
            found = types.to_change(type_id, context.environment)
            if found is not None and _is_being_deleted(context, found):
                return
        _delete(context, of_caller(context, type_id), context.now)

    def list_hits_for_qualification_type(
        self, context: RequesterContext, request: shapes.ListHITsForQualificationTypeRequest, /
    ) -> shapes.ListHITsForQualificationTypeResponse:
        """
        List the caller's HITs that require a type and are not disposed of, the newest first.

        A type that was deleted is known here for as long as there are any: they go on requiring it (unverified).
        """
        type_id = request.qualification_type_id
        kind = context.store.qualification_types.find(type_id, context.environment)
        requiring, account_seq = context.store.hits.requiring, context.account.seq
        if kind is None or (is_gone(context, kind) and not requiring(account_seq, kind.seq, BEFORE_ALL, 1, None)):
            raise refusals.qualification_type_does_not_exist(type_id)
        walk = f"ListHITsForQualificationType {type_id}"
        (before,) = pages.place(context, walk, request.next_token, (BEFORE_ALL,))
        size = pages.size(context, request.max_results)
        hits = requiring(account_seq, kind.seq, before, size, context.listed_until)
        return shapes.ListHITsForQualificationTypeResponse(
            next_token=pages.token(context, walk, (hits[-1].seq,) if hits else None),
            num_results=len(hits),
            hits=tuple(map(hit_shape, hits)),
        )


_Wanted = shapes.CreateQualificationTypeRequest | shapes.UpdateQualificationTypeRequest


def _shape(context: RequesterContext, seq: int) -> shapes.QualificationType:
    kind = context.store.qualification_types.read(seq)
    documents = context.store.qualification_types.documents(seq)
    if kind.account_seq != context.account.seq:
        documents = TypeDocuments(documents.test, None)  # others would read the right answers in it
    return qualification_type_shape(kind, documents)


# What can be said of a type, checked, as columns.


def _retry_delay(wanted: _Wanted, rules: Rules) -> dict[str, object]:
    if wanted.retry_delay is None:
        return {}
    return {"retry_delay": checks.seconds("RetryDelayInSeconds", wanted.retry_delay, rules.retry_delay)}


def _granting(wanted: _Wanted, kind: QualificationType | None, rules: Rules) -> dict[str, object]:
    """Whether it is granted to whoever asks. Whoever takes a test is not granted anything just so."""
    value = wanted.auto_granted_value
    if value is not None:
        checks.number("AutoGrantedValue", value, rules.qualification_value)
    was = kind is not None and bool(kind.auto_granted)
    granted = was if wanted.auto_granted is None else wanted.auto_granted
    if not granted:
        return {"auto_granted": 0, "auto_granted_value": None}
    if wanted.test is not None:
        raise refusals.invalid("Test", wanted.test)
    if kind is not None and kind.test_duration is not None:
        raise refusals.invalid("AutoGranted", "true")
    if value is None:
        kept = None if kind is None else kind.auto_granted_value
        value = rules.default_qualification_value if kept is None else kept
    return {"auto_granted": 1, "auto_granted_value": value}


def _test(wanted: _Wanted, rules: Rules) -> dict[str, object]:
    """The test, which comes as a whole: document, duration, and an answer key or none."""
    if wanted.test is None:
        if wanted.answer_key is not None or wanted.test_duration is not None:
            raise refusals.missing("Test", ["Test"])
        return {}
    if wanted.test_duration is None:
        raise refusals.missing("TestDurationInSeconds", ["TestDurationInSeconds"])
    _check_documents(wanted.test, wanted.answer_key, rules)
    return {
        "test": wanted.test,
        "answer_key": wanted.answer_key,
        "test_duration": checks.seconds("TestDurationInSeconds", wanted.test_duration, rules.test_duration),
    }


def _check_documents(test: str, answer_key: str | None, rules: Rules) -> None:
    _check_size("Test", test, rules)
    checks.characters("Test", test, rules)
    try:
        form = check_test(test)
    except XHTMLError as error:
        raise refusals.xhtml_error("Test", f"{error}.") from None
    except xml.XMLError as error:
        raise refusals.xml_error("Test", f"{error}.") from None
    if answer_key is None:
        return
    _check_size("AnswerKey", answer_key, rules)
    checks.characters("AnswerKey", answer_key, rules)
    try:
        check_fits(check_answer_key(answer_key), form)
    except xml.XMLError as error:
        raise refusals.xml_error("AnswerKey", f"{error}.") from None


def _check_size(parameter: str, document: str, rules: Rules) -> None:
    bounds = rules.qualification_document
    size = len(document.encode(errors="surrogatepass"))  # halves of pairs are the XML reader's to refuse
    if size < bounds.least:
        raise refusals.too_short(parameter, bounds.least)
    if size > bounds.most:
        raise refusals.invalid(parameter, document)


# Names, and the end of a type.


def _take_name(context: RequesterContext, name: str) -> None:
    """Make sure that a name is free. That nobody takes it meanwhile is left to the unique key."""
    other = context.store.qualification_types.named(context.account.seq, name)
    if other is None:
        return
    gone = gone_at(context, other)
    if gone is None or context.now < gone + context.rules.name_release * 1000:
        raise refusals.qualification_type_already_exists()
    if other.deleted_at is None:
        _delete(context, other, gone)
    context.store.qualification_types.change(other.seq, name_taken=None)


def _is_being_deleted(context: Context, kind: QualificationType) -> bool:
    """Say whether a type was deleted so lately that its name is not free yet; deleting it again then succeeds."""
    if kind.deleted_at is None:
        return False
    return context.now < kind.deleted_at + context.rules.name_release * 1000


def _delete(context: RequesterContext, kind: QualificationType, at: int) -> None:
    rejected = REQUEST_MOVES["delete the type"][SUBMITTED]
    for seq in context.store.qualification_requests.open_of_type(kind.seq):
        context.store.qualification_requests.change(seq, status=rejected, asker=None, decided_at=at, due_at=None)
    context.store.qualification_types.change(kind.seq, deleted_at=at)
    context.note("QualificationTypeDeleted", kind.id)


# Searching.


def _listed(
    context: RequesterContext, after: int, count: int, mine: bool, requestable: bool
) -> Iterator[QualificationType]:
    """Walk the types by name, reading so many at a time."""
    types = context.store.qualification_types
    place = (types.name(after) if after else "", after)
    while True:
        some = types.listed(
            context.account.seq,
            context.environment,
            place,
            count,
            until=context.now - context.lag,
            unused_since=unused_since(context),
            mine=mine,
            requestable=requestable,
        )
        unknown = foreign(context.environment)
        yield from (kind for kind in some if kind.id not in unknown)
        if len(some) < count:
            return
        place = (some[-1].name, some[-1].seq)


def _holds(kind: QualificationType, words: list[str]) -> bool:
    """Say whether all words of a search are in a type's texts; a part of a word will do (unverified)."""
    text = f"{kind.name}\n{kind.keywords or ''}\n{kind.description}".casefold()
    return all(word in text for word in words)
