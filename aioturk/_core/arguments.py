"""
From a caller's arguments to wire values: generous in what is understood, exact in what is sent.

Every member of a request has a converter, made once from the model's bounds and the manual's. A converter
takes what a caller may reasonably write (a `timedelta` or seconds, a `Decimal` or a string, a question or
its XML) and returns the JSON value, or refuses with the rule and the remedy before anything is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from aioturk._core.codec import to_wire
from aioturk._core.schema import Kind, Member, Operation, Shape, pattern_of
from aioturk._core.wire import Keywords, Structure, dollars, epoch
from aioturk.errors import InvalidRequest

__all__ = ["Converters", "Document", "Duration", "Key", "Layout", "Money", "Structured", "Text", "amount_of"]

Money: TypeAlias = Decimal | int | str | float
"""US dollars: a `Decimal`, an `int`, a string such as ``"0.25"``, or a float that is exact to the cent."""

Duration: TypeAlias = timedelta | int
"""A `timedelta` of whole seconds, or seconds."""

Text: TypeAlias = str | Iterable[str]
"""Keywords: one comma-separated string, or the words."""


@runtime_checkable
class Document(Protocol):
    """A value that writes itself as XML: a question, a test, an answer key."""

    def to_xml(self) -> str:
        """Return the XML document."""
        ...


@runtime_checkable
class Layout(Protocol):
    """A page that the service keeps, with values for its placeholders: a question that is two other members."""

    @property
    def layout_id(self) -> str:
        """The ``HITLayoutId``."""
        ...

    @property
    def parameters(self) -> Mapping[str, str]:
        """The ``HITLayoutParameters``, by name."""
        ...


@runtime_checkable
class Key(Protocol):
    """A value that grades tests, and knows which."""

    def misfit(self, test: object) -> str:
        """Return why a test cannot be graded with it; empty if it can."""
        ...


@runtime_checkable
class Structured(Protocol):
    """A value that writes itself as one of the service's structures, or says why it cannot."""

    def to_structure(self) -> Structure:
        """Return the structure."""
        ...


@runtime_checkable
class _Fillable(Protocol):
    """A template: what makes a question of a row."""

    def fill(self, row: Mapping[str, object]) -> object: ...


class _Refused(Exception):
    """A rule is broken; the text says which, and what to do. Becomes an `InvalidRequest` with the argument's name."""

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.path = path

    def below(self, step: str) -> _Refused:
        return _Refused(self.text, step + ("" if self.path.startswith("[") or not self.path else ".") + self.path)


_Convert: TypeAlias = Callable[[Any], Any]


class _Argument(NamedTuple):
    wire: str
    python: str
    required: bool
    convert: _Convert


class Converters:
    """
    The converters of all operations, made on first use.

    Args:
        shapes: All shapes of the model by name.
    """

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._arguments: dict[str, tuple[_Argument, ...]] = {}

    def request(self, operation: Operation, given: Mapping[str, Any], *, as_written: bool = False) -> dict[str, Any]:
        """
        Turn arguments under the service's names into the request's wire values; None means left out.

        Args:
            operation: What the request is for.
            given: The arguments.
            as_written: Whether refusals use the service's names, because the caller wrote these, and not Python's.

        Raises:
            InvalidRequest: An argument breaks a rule, or a needed one is missing. Nothing was sent.
        """
        arguments = self._arguments.get(operation.name)
        if arguments is None:
            arguments = self._arguments[operation.name] = self._make(operation.request)
        if "Question" in given:
            given = _without_layout(operation, given)
        if "AnswerKey" in given:
            _key_for_its_test(operation, given)
        try:
            document = _converted(arguments, given, as_written=as_written)
        except _Refused as refused:
            raise InvalidRequest(refused.text, argument=refused.path, operation=operation.name) from None
        rule = _TOGETHER.get(operation.name)
        if rule is not None:
            rule(operation, document)
        return document

    def wire_request(self, operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
        """
        Like `request`, for a dictionary that a caller wrote by hand: unknown names are refused.

        Raises:
            InvalidRequest: A name is not one of the operation's, or a value breaks a rule. Nothing was sent.
        """
        known = {member.wire for member in operation.request.members}
        for name in given:
            if name not in known:
                choices = ", ".join(sorted(known)) or "none at all"
                raise InvalidRequest(
                    f"is not a member of this request; there are {choices}.",
                    argument=str(name),
                    operation=operation.name,
                )
        return self.request(operation, given, as_written=True)

    def _make(self, shape: Shape) -> tuple[_Argument, ...]:
        return tuple(
            _Argument(member.wire, member.python, member.required, self._converter(member)) for member in shape.members
        )

    def _converter(self, member: Member) -> _Convert:
        limit = member.limit
        if limit is None:
            return self._of_shape(member)
        return _bounded(self._of_shape(member), limit.minimum, limit.maximum, limit.unit)

    def _of_shape(self, member: Member) -> _Convert:
        shape = self._shapes[member.shape]
        if member.wire.endswith("InSeconds"):
            return _seconds
        if member.wire == "Keywords":
            return _keywords
        roots = _DOCUMENTS.get(member.wire)
        if roots is not None:
            return _document(roots)
        if shape.name == "CurrencyAmount":
            return _money
        return self._plain(shape)

    def _plain(self, shape: Shape) -> _Convert:
        if shape.kind is Kind.STRING:
            return _text(shape)
        if shape.kind is Kind.INTEGER:
            return _integer(shape)
        if shape.kind is Kind.BOOLEAN:
            return _boolean
        if shape.kind is Kind.TIMESTAMP:
            return _moment
        if shape.kind is Kind.LIST:
            assert shape.item is not None
            return _list(self._plain(self._shapes[shape.item]))
        return self._structure(shape)

    def _structure(self, shape: Shape) -> _Convert:
        arguments: dict[str, _Argument] = {}

        def convert(value: Any) -> Any:
            if not isinstance(value, Structure | Mapping) and isinstance(value, Structured):
                value = value.to_structure()
            if isinstance(value, Structure):
                value = to_wire(value)
            elif not isinstance(value, Mapping):
                raise _Refused(f"is {_described(value)}; give a {shape.name} or a mapping with the service's names.")
            if not arguments:  # made late, because structures may hold themselves
                arguments.update((argument.wire, argument) for argument in self._make(shape))
            for name in value:
                if name not in arguments:
                    raise _Refused(f"has no member {name!r}; there are {', '.join(arguments)}.")
            return _converted(arguments.values(), value)

        return convert


def _converted(arguments: Iterable[_Argument], given: Mapping[str, Any], *, as_written: bool = False) -> dict[str, Any]:
    """Convert the members of a request or a structure; None means left out."""
    document: dict[str, Any] = {}
    for wire, python, required, convert in arguments:
        value = given.get(wire)
        if value is None:
            if required:
                raise _Refused("is missing, and the service demands it.", wire if as_written else python)
            continue
        try:
            document[wire] = convert(value)
        except _Refused as refused:
            raise refused.below(wire if as_written else python) from None
    return document


_DOCUMENTS = {
    "Question": ("ExternalQuestion", "HTMLQuestion", "QuestionForm"),
    "Test": ("QuestionForm",),
    "AnswerKey": ("AnswerKey",),
}
"""What the roots of documents are that the service takes, by member."""


def _described(value: Any) -> str:
    """Return a value's type and a short look at it, for an error text."""
    return f"{type(value).__name__} {_short(value, repr)}"


def _short(value: Any, write: Callable[[Any], str] = str) -> str:
    """Return a look at a value that is short, however long it is."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"<{value.bit_length()} bits>"  # Python refuses to write the longest ones out
    look = write(value)
    return look if len(look) <= 40 else look[:37] + "..."


def _sound(text: str) -> str:
    """Return a text that can be written as UTF-8, which Python's strings need not be."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _Refused(
                f"holds half a character ({_short(text, ascii)}), which UTF-8 cannot carry: repair or leave it out."
            ) from None
    return text


def _text(shape: Shape) -> _Convert:
    shortest, longest = shape.minimum, shape.maximum
    pattern = pattern_of(shape.pattern).fullmatch if shape.pattern else None
    words = frozenset(shape.values)

    def convert(value: Any) -> str:
        if not isinstance(value, str):
            raise _Refused(f"is {_described(value)}; give a string.")
        if shortest is not None and len(value) < shortest:
            raise _Refused("is empty." if not value else f"is shorter than {shortest} characters.")
        if longest is not None and len(value) > longest:
            raise _Refused(f"has {len(value)} characters; at most {longest} are allowed: shorten it.")
        if pattern is not None and pattern(value) is None:
            raise _Refused(
                f"is {_short(value, repr)}, which does not look like an id of this kind (pattern {shape.pattern})."
            )
        if words and value not in words:
            raise _Refused(f"is {_short(value, repr)}; choose one of {', '.join(shape.values)}.")
        # An enumeration's member is a string too, but only a plain one is written without a detour.
        return _sound(value if type(value) is str else str.__str__(value))

    return convert


def _integer(shape: Shape) -> _Convert:
    # The model's integers are 32 bits wide, and its longs are durations all.
    least = -(2**31) if shape.minimum is None else shape.minimum
    most = 2**31 - 1 if shape.maximum is None else shape.maximum

    def convert(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _Refused(f"is {_described(value)}; give a whole number.")
        if not least <= value <= most:
            raise _Refused(f"is {_short(value)}; it has to be {_range(least, most)}.")
        return int(value)

    return convert


def _range(least: int | None, most: int | None, unit: str = "") -> str:
    words = f" {unit}" if unit else ""
    if least is None:
        return f"at most {most}{words}"
    if most is None:
        return f"at least {least}{words}"
    return f"from {least} to {most}{words}"


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Refused(f"is {_described(value)}; give True or False.")
    return value


def _moment(value: Any) -> int | float:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise _Refused(f"is the naive time {value}; give it a time zone, for example datetime.now(timezone.utc).")
        return epoch(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LAST_SECOND:
        return value
    raise _Refused(f"is {_described(value)}; give an aware datetime, or seconds since the epoch.")


def _seconds(value: Any) -> int:
    if isinstance(value, timedelta):
        if value.microseconds:
            raise _Refused(f"is {value}; the service counts whole seconds.")
        seconds = value.days * 86400 + value.seconds
    elif (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer()):
        seconds = int(value)
    else:
        raise _Refused(f"is {_described(value)}; give a timedelta, or a whole number of seconds.")
    if seconds < 0:
        raise _Refused(f"is {_short(value)}; a duration cannot be negative.")
    if seconds > _LAST_SECOND:
        raise _Refused(f"is {_short(value)}; no duration is that long.")
    return seconds


_LAST_SECOND = 253_402_300_799
"""The last second of the year 9999, where Python's calendar ends. NaN compares false with it, too."""


def _money(value: Any) -> str:
    if type(value) is str and _WIRE_DOLLARS.fullmatch(value):
        return value  # already as it is sent: a tenth of the time of the way through decimals
    return dollars(_whole_cents(value))


def _whole_cents(value: Any) -> Decimal:
    amount = _amount(value)
    if not amount.is_finite() or amount < 0:
        raise _Refused(f"is {_short(value)}; an amount of money is zero or more.")
    if amount.adjusted() > _DOLLAR_DIGITS:
        raise _Refused(f"is {_short(value)}, which is too much; an amount has at most 16 digits before the point.")
    cents = amount.quantize(_CENT, context=_EXACT)
    if cents != amount:
        raise _Refused(
            f"is {_short(value)}, which is finer than a cent; round it yourself, so that what is paid is what you mean."
        )
    # There is a negative zero, which is no amount. Plain abs() would round as the caller's own context says.
    return cents.copy_abs()


def amount_of(value: Money, argument: str) -> Decimal:
    """
    Return an amount of money, whole cents of it, from whatever the operations take for one.

    Args:
        value: The amount.
        argument: What it is called in a refusal.

    Raises:
        InvalidRequest: It is no amount of money.
    """
    try:
        return _whole_cents(value)
    except _Refused as refused:
        raise InvalidRequest(refused.text, argument=argument) from None


_CENT = Decimal("0.01")
_DOLLAR_DIGITS = 15
_EXACT = Context(prec=_DOLLAR_DIGITS + 10)
_WIRE_DOLLARS = re.compile(r"(0|[1-9][0-9]{0,15})\.[0-9]{2}", re.ASCII)
_DIGITS = re.compile(r"-?[0-9]*\.?[0-9]*", re.ASCII)


def _amount(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        raise _Refused(f"is {_described(value)}; give dollars as Decimal, int or str.")
    if isinstance(value, str) and _DIGITS.fullmatch(value) is None:
        raise _Refused(f"is {_short(value, repr)}; give dollars in plain digits, such as '0.25'.")
    try:
        # The shortest text that is this float: 0.1 is ten cents, 0.1 + 0.2 is not thirty.
        return Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise _Refused(f"is {_short(value, repr)}; give dollars in plain digits, such as '0.25'.") from None


def _keywords(value: Any) -> str:
    if isinstance(value, str):
        return _sound(value)
    if isinstance(value, Keywords):
        return _sound(value.text)  # as it was read, since HIT types are compared by it
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise _Refused(f"is {_described(value)}; give a sequence of strings, or one comma-separated string.")
    words = list(value)
    for word in words:
        if not isinstance(word, str):
            raise _Refused(f"holds {_described(word)}; keywords are strings.")
        if "," in word:
            raise _Refused(f"holds {word!r}; the comma separates keywords, so it cannot be part of one.")
    return _sound(", ".join(words))


def _document(roots: tuple[str, ...]) -> _Convert:
    """Make the converter of documents whose root is one of these. Strings are sent as they are."""

    def convert(value: Any) -> str:
        if isinstance(value, str):
            return _sound(value)
        if isinstance(value, type):
            raise _Refused(f"is the class {value.__name__}; give a value of it.")
        if isinstance(value, Document):
            return _sound(_with_root(value, roots))
        if isinstance(value, _Fillable) and not isinstance(value, Layout):
            raise _Refused(f"is {_described(value)}, which is no question until it is filled: give its .fill(row).")
        raise _Refused(f"is {_described(value)}; give {_one_of(roots)}, or its XML as a string.")

    return convert


def _with_root(value: Document, roots: tuple[str, ...]) -> str:
    document: object = value.to_xml()
    root = _ROOT.match(document) if isinstance(document, str) else None
    if root is None or root[1] not in roots:
        # Libraries for tables have a to_xml of their own.
        written = f"makes a document {_short(root[1], repr)}" if root else "makes none"
        raise _Refused(f"is {type(value).__name__}, which {written}; the service takes {_one_of(roots)} here.")
    assert isinstance(document, str)
    return document


def _one_of(words: tuple[str, ...]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


_ROOT = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:[^\s<>/:]+:)?([^\s<>/:]+)", re.DOTALL)


def _list(convert: _Convert) -> _Convert:
    def convert_all(value: Any) -> list[Any]:
        if isinstance(value, str | Mapping | Structure) or not isinstance(value, Iterable):
            raise _Refused(f"is {_described(value)}; give a list of them.")
        items = []
        for position, item in enumerate(value):
            try:
                items.append(convert(item))
            except _Refused as refused:
                raise refused.below(f"[{position}]") from None
        return items

    return convert_all


def _bounded(convert: _Convert, least: int | None, most: int | None, unit: str) -> _Convert:
    measure = _MEASURES[unit]

    def convert_within(value: Any) -> Any:
        wire = convert(value)
        size = measure(wire)
        if (least is not None and size < least) or (most is not None and size > most):
            amount = f"is {size} {unit}" if unit == "seconds" else f"has {size} {unit}" if unit else f"is {size}"
            raise _Refused(f"{amount}; it has to be {_range(least, most, unit)}.")
        return wire

    return convert_within


def _number(value: Any) -> int:
    return int(value)


def _utf8_bytes(value: str) -> int:
    return len(value) if value.isascii() else len(value.encode())


_MEASURES: Mapping[str, Callable[[Any], int]] = {
    "": _number,
    "seconds": _number,
    "characters": len,
    "bytes": _utf8_bytes,
    "items": len,
}


# Rules about several members at once. The manual's pages of the operations are their source.


def _without_layout(operation: Operation, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments with a layout, given as the question, put where the service wants its parts."""
    question = given["Question"]
    if question is None or isinstance(question, str | type | Document) or not isinstance(question, Layout):
        return given
    twice = [name for name in ("HITLayoutId", "HITLayoutParameters") if given.get(name) is not None]
    if twice:
        raise InvalidRequest(
            f"is a layout, and {' and '.join(twice)} given besides: put everything into the layout.",
            argument="question",
            operation=operation.name,
        )
    values = [{"Name": name, "Value": value} for name, value in question.parameters.items()]
    return {**given, "Question": None, "HITLayoutId": question.layout_id, "HITLayoutParameters": values or None}


def _key_for_its_test(operation: Operation, given: Mapping[str, Any]) -> None:
    """Refuse a key that is not for the test beside it, as far as both are values."""
    key, test = given["AnswerKey"], given.get("Test")
    if isinstance(key, Key) and not isinstance(key, type):
        misfit = key.misfit(test)
        if misfit:
            raise InvalidRequest(f"does not fit: {misfit}.", argument="answer_key", operation=operation.name)


def _question_or_layout(operation: Operation, document: Mapping[str, Any]) -> None:
    given = [name for name in ("Question", "HITLayoutId") if name in document]
    if len(given) == 2:
        raise InvalidRequest(
            "both question and hit_layout_id are given; the service takes exactly one of them.",
            argument="question",
            operation=operation.name,
        )
    if not given:
        raise InvalidRequest(
            "neither question nor hit_layout_id is given; workers need one of them.",
            argument="question",
            operation=operation.name,
        )
    if "HITLayoutParameters" in document and "HITLayoutId" not in document:
        raise InvalidRequest(
            "is given without hit_layout_id.", argument="hit_layout_parameters", operation=operation.name
        )


_POLICIES = (
    ("AssignmentReviewPolicy", "assignment_review_policy", "SimplePlurality/", "hit_review_policy"),
    ("HITReviewPolicy", "hit_review_policy", "ScoreMyKnownAnswers/", "assignment_review_policy"),
)
_BY_KNOWN_ANSWERS = "DisregardAssignmentIfKnownAnswerScoreIsLessThan"


def _policies_in_their_places(operation: Operation, document: Mapping[str, Any]) -> None:
    """Refuse a policy in the other's place; names that are neither's are the service's to judge."""
    for member, argument, others, place in _POLICIES:
        name = document.get(member, {}).get("PolicyName", "")
        if name.startswith(others):
            raise InvalidRequest(f"is {name}: give it as {place}.", argument=argument, operation=operation.name)
    parameters = document.get("HITReviewPolicy", {}).get("Parameters", ())
    if "AssignmentReviewPolicy" not in document and any(each.get("Key") == _BY_KNOWN_ANSWERS for each in parameters):
        raise InvalidRequest(
            "disregards assignments by their known answers, and there are none: give assignment_review_policy too.",
            argument="hit_review_policy",
            operation=operation.name,
        )


def _a_hit(operation: Operation, document: Mapping[str, Any]) -> None:
    _question_or_layout(operation, document)
    _policies_in_their_places(operation, document)


def _at_least_one_of(*names: str) -> Callable[[Operation, Mapping[str, Any]], None]:
    def rule(operation: Operation, document: Mapping[str, Any]) -> None:
        if not any(name in document for name in names):
            words = " or ".join(member.python for member in operation.request.members if member.wire in names)
            raise InvalidRequest(f"give {words}.", operation=operation.name)

    return rule


def _more_than_nothing(operation: Operation, document: Mapping[str, Any]) -> None:
    if not float(document["BonusAmount"]):
        raise InvalidRequest("is zero; a bonus is at least a cent.", argument="bonus_amount", operation=operation.name)


_TOGETHER: Mapping[str, Callable[[Operation, Mapping[str, Any]], None]] = {
    "CreateHIT": _a_hit,
    "CreateHITWithHITType": _a_hit,
    "SendBonus": _more_than_nothing,
    "ListBonusPayments": _at_least_one_of("HITId", "AssignmentId"),
    "UpdateNotificationSettings": _at_least_one_of("Notification", "Active"),
}
