"""
Answer keys: how a qualification test is graded, as a value that knows its document and the arithmetic.

Each question of a key has options: sets of selections and what they score. The scores are summed up, and a mapping
turns the sum into the value of the qualification. The test itself is a form: `aioturk.questions.elements`.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_AnswerKeyDataStructureArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from aioturk._core.xml import XMLError, beyond_bmp, escape, local_name, namespace, parse, unsupported
from aioturk.errors import InvalidRequest
from aioturk.questions._document import READ_LIMIT, SCHEMAS, check_size, described, short_name
from aioturk.questions._schema import (
    INT,
    Elements,
    Part,
    Text,
    check,
    child,
    children,
    filled,
    shown,
    text_in,
    whole_number,
)
from aioturk.questions.answer_specification import FreeTextAnswer
from aioturk.questions.elements import QuestionForm

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from aioturk.answers import Answer

__all__ = [
    "AnswerKey",
    "AnswerOption",
    "PercentageMapping",
    "RangeMapping",
    "ScaleMapping",
    "ScoredQuestion",
    "SummedScoreRange",
    "ValueMapping",
    "check_answer_key",
    "check_fits",
    "read_answer_key",
]

NAMESPACE = f"{SCHEMAS}2005-10-01/AnswerKey.xsd"


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """
    A possible answer to a question, and its score.

    Args:
        selection_identifiers: The selections of which the answer consists: all of them and no other, in any order.
        answer_score: What it scores; may be negative.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    selection_identifiers: tuple[str, ...]
    answer_score: int

    def __post_init__(self) -> None:
        _make_tuple(self, "selection_identifiers", str)
        for identifier in self.selection_identifiers:
            _check_identifier(identifier, "selection_identifiers")
        twice = _repeated(self.selection_identifiers)
        if twice is not None:
            raise InvalidRequest(f"name {shown(twice)} twice: name each once.", argument="selection_identifiers")
        _check_integer(self.answer_score, "answer_score")


@dataclass(frozen=True, slots=True)
class ScoredQuestion:
    """
    A question of the test, and what its answers score.

    Args:
        question_identifier: The question's identifier in the test.
        answer_options: What scores; no two of them are the same selections. (When those of a document are, the first
            one counts.)
        default_score: What any other answer scores, and none at all.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    question_identifier: str
    answer_options: tuple[AnswerOption, ...]
    default_score: int = 0

    def __post_init__(self) -> None:
        _check_identifier(self.question_identifier, "question_identifier")
        _make_tuple(self, "answer_options", AnswerOption)
        seen = set[frozenset[str]]()
        for number, option in enumerate(self.answer_options, 1):
            selections = frozenset(option.selection_identifiers)
            if selections in seen:
                raise InvalidRequest(
                    f"give the same selections twice, in option {number} again: only one of them would count.",
                    argument="answer_options",
                )
            seen.add(selections)
        _check_integer(self.default_score, "default_score")

    def score(self, answer: Answer | None) -> int:
        """
        Return what an answer scores.

        Args:
            answer: The selected identifiers. A text is not a selection, whatever it says.
        """
        if answer is not None and not isinstance(answer, str):
            selected = frozenset(answer)
            for option in self.answer_options:
                if selected == frozenset(option.selection_identifiers):
                    return option.answer_score
        return self.default_score


@dataclass(frozen=True, slots=True)
class PercentageMapping:
    """
    The sum in percent of a greatest one, rounded half up: ``round(sum / maximum * 100)``.

    Args:
        maximum_summed_score: The sum that is 100 percent, at least 1. Sums above it are more than 100 percent.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    maximum_summed_score: int

    def __post_init__(self) -> None:
        _check_integer(self.maximum_summed_score, "maximum_summed_score")
        if self.maximum_summed_score < 1:
            raise InvalidRequest(
                f"is {self.maximum_summed_score}; give the sum that is to be 100 percent, at least 1.",
                argument="maximum_summed_score",
            )

    def value(self, total: int) -> int:
        """Return the value that a sum of scores becomes."""
        return _half_up(100 * total, self.maximum_summed_score)


@dataclass(frozen=True, slots=True)
class ScaleMapping:
    """
    The sum times a number, rounded half up. The product is exact before it is rounded.

    Args:
        summed_score_multiplier: The number.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    summed_score_multiplier: Decimal

    def __post_init__(self) -> None:
        multiplier: object = self.summed_score_multiplier
        if not isinstance(multiplier, Decimal):
            raise InvalidRequest(
                f"is {type(multiplier).__name__}; give a Decimal, as in Decimal('0.5').",
                argument="summed_score_multiplier",
            )
        if not _is_multiplier(str(multiplier)):
            raise InvalidRequest(f"is {str(multiplier)[:40]}; {_MULTIPLIER_RULE}.", argument="summed_score_multiplier")

    def value(self, total: int) -> int:
        """Return the value that a sum of scores becomes."""
        numerator, denominator = self.summed_score_multiplier.as_integer_ratio()
        return _half_up(total * numerator, denominator)


@dataclass(frozen=True, slots=True)
class SummedScoreRange:
    """
    The value of all sums from one to another.

    Args:
        inclusive_lower_bound: The least sum.
        inclusive_upper_bound: The greatest sum.
        qualification_value: What they become.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    inclusive_lower_bound: int
    inclusive_upper_bound: int
    qualification_value: int

    def __post_init__(self) -> None:
        _check_integer(self.inclusive_lower_bound, "inclusive_lower_bound")
        _check_integer(self.inclusive_upper_bound, "inclusive_upper_bound")
        _check_integer(self.qualification_value, "qualification_value")
        if self.inclusive_lower_bound > self.inclusive_upper_bound:
            raise InvalidRequest(
                f"is {self.inclusive_upper_bound}, below the lower bound {self.inclusive_lower_bound}: no sum is in "
                "such a range.",
                argument="inclusive_upper_bound",
            )


@dataclass(frozen=True, slots=True)
class RangeMapping:
    """
    Values for ranges of sums.

    Args:
        summed_score_ranges: The ranges; the first one that holds the sum counts.
        out_of_range_qualification_value: The value of all other sums.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    summed_score_ranges: tuple[SummedScoreRange, ...]
    out_of_range_qualification_value: int

    def __post_init__(self) -> None:
        _make_tuple(self, "summed_score_ranges", SummedScoreRange)
        _check_integer(self.out_of_range_qualification_value, "out_of_range_qualification_value")

    def value(self, total: int) -> int:
        """Return the value that a sum of scores becomes."""
        for each in self.summed_score_ranges:
            if each.inclusive_lower_bound <= total <= each.inclusive_upper_bound:
                return each.qualification_value
        return self.out_of_range_qualification_value


ValueMapping: TypeAlias = PercentageMapping | ScaleMapping | RangeMapping
"""How a sum of scores becomes the value of a qualification."""


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """
    How a qualification test is graded.

    Args:
        questions: The questions that score; those that the key does not name score 0.
        qualification_value_mapping: What the sum of the scores becomes. Without one, it is the value itself.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    questions: tuple[ScoredQuestion, ...]
    qualification_value_mapping: ValueMapping | None = None

    def __post_init__(self) -> None:
        _make_tuple(self, "questions", ScoredQuestion)
        if not isinstance(self.qualification_value_mapping, ValueMapping | None):
            raise InvalidRequest(
                f"is {type(self.qualification_value_mapping).__name__}; give a PercentageMapping, ScaleMapping or "
                "RangeMapping, or None.",
                argument="qualification_value_mapping",
            )
        twice = _repeated(question.question_identifier for question in self.questions)
        if twice is not None:
            raise InvalidRequest(f"name {shown(twice)} twice: give all options at once.", argument="questions")
        document = self.to_xml()
        found = beyond_bmp(document)
        if found is not None:
            raise InvalidRequest(
                f"hold U+{ord(found[1]):04X}; the service takes no characters above U+FFFF: name selections otherwise.",
                argument="questions",
            )
        check_size(document, "questions", "Use shorter identifiers, or fewer options.")

    def score(self, answers: Mapping[str, Answer]) -> int:
        """
        Return the sum of the scores.

        Args:
            answers: The answers by question identifier, as `aioturk.answers.read_answers` returns them.
        """
        return sum(question.score(answers.get(question.question_identifier)) for question in self.questions)

    def value(self, answers: Mapping[str, Answer]) -> int:
        """
        Return the value of the qualification.

        A value beyond the service's integers, which have 32 bits, becomes the nearest of them.

        Args:
            answers: The answers by question identifier, as `aioturk.answers.read_answers` returns them.
        """
        total = self.score(answers)
        mapping = self.qualification_value_mapping
        value = total if mapping is None else mapping.value(total)
        return min(max(value, INT[0]), INT[-1])

    def misfit(self, test: object) -> str:
        """
        Return why a test cannot be graded with this key; empty if it can, and for what is no `QuestionForm`.

        Args:
            test: The test.
        """
        if isinstance(test, QuestionForm):
            try:
                check_fits(self, test)
            except XMLError as error:
                return str(error)
        return ""

    def to_xml(self) -> str:
        """Return the AnswerKey document."""
        lines = [f'<AnswerKey xmlns="{NAMESPACE}">']
        for question in self.questions:
            lines += _question_lines(question)
        lines += _mapping_lines(self.qualification_value_mapping)
        lines.append("</AnswerKey>")
        return "\n".join(lines)


# Reading.


def check_answer_key(xml: str) -> AnswerKey:
    """
    Read an AnswerKey document. Whether it is one for a given test, `check_fits` tells.

    Raises:
        XMLError: It is not an AnswerKey document; the text names the place.
    """
    return read_answer_key(parse(xml, limit=READ_LIMIT))


def read_answer_key(root: Element) -> AnswerKey:
    """
    Read an AnswerKey element.

    Raises:
        XMLError: It is not an AnswerKey; the text names the place.
    """
    if root.tag != f"{{{NAMESPACE}}}AnswerKey":
        raise XMLError(
            f"the root is {short_name(root)} in the namespace {shown(namespace(root))}; "
            f"it has to be AnswerKey in {NAMESPACE}"
        )
    check(root, KEY)
    # Not made in the usual way: the size limit is one of the given document, and not of the one that we would write.
    key = object.__new__(AnswerKey)
    object.__setattr__(key, "questions", tuple(map(_read_question, children(root, "Question"))))
    object.__setattr__(key, "qualification_value_mapping", _read_mapping(child(root, "QualificationValueMapping")))
    return key


def check_fits(key: AnswerKey, test: QuestionForm) -> None:
    """
    Check that a test can be graded, and that this is a key for it.

    A graded test offers selections only, without "other". That a key names only what the test has is a rule of this
    library: a misspelt name would give every worker a wrong value, and nobody would notice.

    Raises:
        XMLError: The test cannot be graded, or the key is not for it.
    """
    offered: dict[str, frozenset[str]] = {}
    for number, question in enumerate(test.questions, 1):
        answer = question.answer_specification
        place = f"the test's Question {number} ({shown(question.question_identifier)})"
        if isinstance(answer, FreeTextAnswer):
            raise XMLError(f"{place} takes free text; a test with an AnswerKey may hold SelectionAnswers only")
        if answer.other_selection is not None:
            raise XMLError(f"{place} has an OtherSelection, which a test with an AnswerKey may not")
        offered[question.question_identifier] = frozenset(answer.selection_identifiers)
    for number, scored in enumerate(key.questions, 1):
        place = f"the AnswerKey's Question {number} ({shown(scored.question_identifier)})"
        if scored.question_identifier not in offered:
            raise XMLError(f"{place} is not in the test")
        for option in scored.answer_options:
            for identifier in option.selection_identifiers:
                if identifier not in offered[scored.question_identifier]:
                    raise XMLError(f"{place} has the selection {shown(identifier)}, which the test does not offer")


def _read_question(element: Element) -> ScoredQuestion:
    # Neither this nor the options are made in the usual way: what is there twice is read as it stands.
    question = object.__new__(ScoredQuestion)
    object.__setattr__(question, "question_identifier", text_in(element, "QuestionIdentifier") or "")
    object.__setattr__(question, "answer_options", tuple(map(_read_option, children(element, "AnswerOption"))))
    object.__setattr__(question, "default_score", int(text_in(element, "DefaultScore") or 0))
    return question


def _read_option(element: Element) -> AnswerOption:
    option = object.__new__(AnswerOption)
    identifiers = tuple(each.text or "" for each in children(element, "SelectionIdentifier"))
    object.__setattr__(option, "selection_identifiers", identifiers)
    object.__setattr__(option, "answer_score", _integer(element, "AnswerScore"))
    return option


def _read_mapping(element: Element | None) -> ValueMapping | None:
    if element is None:
        return None
    mapping = element[0]
    if local_name(mapping) == "PercentageMapping":
        return PercentageMapping(_integer(mapping, "MaximumSummedScore"))
    if local_name(mapping) == "ScaleMapping":
        return ScaleMapping(Decimal((text_in(mapping, "SummedScoreMultiplier") or "").strip()))
    return RangeMapping(
        tuple(map(_read_range, children(mapping, "SummedScoreRange"))),
        _integer(mapping, "OutOfRangeQualificationValue"),
    )


def _read_range(element: Element) -> SummedScoreRange:
    return SummedScoreRange(
        _integer(element, "InclusiveLowerBound"),
        _integer(element, "InclusiveUpperBound"),
        _integer(element, "QualificationValue"),
    )


def _integer(element: Element, name: str) -> int:
    return int(text_in(element, name) or "")


# Writing.


def _question_lines(question: ScoredQuestion) -> list[str]:
    lines = ["  <Question>", f"    {_line('QuestionIdentifier', question.question_identifier)}"]
    for option in question.answer_options:
        lines.append("    <AnswerOption>")
        lines += [f"      {_line('SelectionIdentifier', each)}" for each in option.selection_identifiers]
        lines.append(f"      {_line('AnswerScore', option.answer_score)}")
        lines.append("    </AnswerOption>")
    if question.default_score:
        lines.append(f"    {_line('DefaultScore', question.default_score)}")
    return [*lines, "  </Question>"]


def _mapping_lines(mapping: ValueMapping | None) -> list[str]:
    if mapping is None:
        return []
    if isinstance(mapping, PercentageMapping):
        within = [_line("MaximumSummedScore", mapping.maximum_summed_score)]
    elif isinstance(mapping, ScaleMapping):
        within = [_line("SummedScoreMultiplier", _plain(mapping.summed_score_multiplier))]
    else:
        within = [*map(_range_line, mapping.summed_score_ranges)]
        within.append(_line("OutOfRangeQualificationValue", mapping.out_of_range_qualification_value))
    name = type(mapping).__name__
    return [
        "  <QualificationValueMapping>",
        f"    <{name}>",
        *(f"      {line}" for line in within),
        f"    </{name}>",
        "  </QualificationValueMapping>",
    ]


def _plain(number: Decimal) -> str:
    """Write a number without an exponent, if that is short."""
    return f"{number:f}" if abs(number.adjusted()) <= _PLAIN_DIGITS else str(number)


_PLAIN_DIGITS = 20


def _range_line(each: SummedScoreRange) -> str:
    bounds = _line("InclusiveLowerBound", each.inclusive_lower_bound) + _line(
        "InclusiveUpperBound", each.inclusive_upper_bound
    )
    return f"<SummedScoreRange>{bounds}{_line('QualificationValue', each.qualification_value)}</SummedScoreRange>"


def _line(name: str, value: str | int | Decimal) -> str:
    return f"<{name}>{escape(str(value))}</{name}>"


# Rules of single values.


def _half_up(numerator: int, denominator: int) -> int:
    """Return the nearest whole number of a fraction; half of one goes up, so -2.5 becomes -2."""
    return (2 * numerator + denominator) // (2 * denominator)


def _repeated(identifiers: Iterable[str]) -> str | None:
    """Return the first identifier that was there before."""
    seen: set[str] = set()
    for identifier in identifiers:
        if identifier in seen:
            return identifier
        seen.add(identifier)
    return None


def _make_tuple(owner: object, argument: str, kind: type) -> None:
    """Turn an attribute into a tuple that is not empty, of things of one kind."""
    given: Any = getattr(owner, argument)
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidRequest(f"is {type(given).__name__}; give a tuple.", argument=argument)
    things = tuple(given)
    if not things:
        raise InvalidRequest("is empty; give at least one.", argument=argument)
    for thing in things:
        if not isinstance(thing, kind):
            raise InvalidRequest(f"holds {type(thing).__name__}; give {kind.__name__} only.", argument=argument)
    object.__setattr__(owner, argument, things)


def _check_identifier(identifier: object, argument: str) -> None:
    if not isinstance(identifier, str):
        raise InvalidRequest(f"is {type(identifier).__name__}; give a string.", argument=argument)
    if not identifier.strip():
        raise InvalidRequest("is empty; give the identifier that stands in the test.", argument=argument)
    found = unsupported(identifier)
    if found is not None:
        raise InvalidRequest(
            f"holds {described(found, identifier)}, which XML cannot carry: leave it out.", argument=argument
        )


def _check_integer(number: object, argument: str) -> None:
    if not isinstance(number, int) or isinstance(number, bool):
        raise InvalidRequest(f"is {type(number).__name__}; give a whole number.", argument=argument)
    if number not in INT:
        raise InvalidRequest(f"has to be from {INT[0]} to {INT[-1]}.", argument=argument)


_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MULTIPLIER_RULE = "it has to be a decimal number of at most 60 characters, no larger or finer than 1E+300 and 1E-300"


def _is_multiplier(text: str) -> bool:
    # The bounds keep the arithmetic, which is exact, short; the schema's own type, a double, ends at about 1E+308.
    return len(text) <= 60 and _NUMBER.fullmatch(text) is not None and abs(Decimal(text).adjusted()) <= 300


# Checks that no schema can make.


def _check_multiplier(text: str) -> None:
    if not _is_multiplier(text.strip()):
        raise XMLError(f"is {shown(text)}; {_MULTIPLIER_RULE}")


def _check_questions(key: Element) -> None:
    twice = _repeated(text_in(question, "QuestionIdentifier") or "" for question in children(key, "Question"))
    if twice is not None:
        raise XMLError(f"names the question {shown(twice)} twice")


def _check_range(element: Element) -> None:
    lower, upper = _integer(element, "InclusiveLowerBound"), _integer(element, "InclusiveUpperBound")
    if lower > upper:
        raise XMLError(f"is from {lower} to {upper}; no sum is in such a range")


# The schema, from its leaves to its root.

_IDENTIFIER = Text(filled)
_INTEGER = Text(whole_number(INT))

_OPTION = Elements((Part({"SelectionIdentifier": _IDENTIFIER}, most=None), Part({"AnswerScore": _INTEGER})))

_QUESTION = Elements(
    (
        Part({"QuestionIdentifier": _IDENTIFIER}),
        Part({"AnswerOption": _OPTION}, most=None),
        Part({"DefaultScore": _INTEGER}, least=0),
    ),
    named_by="QuestionIdentifier",
)

_PERCENTAGE = Elements((Part({"MaximumSummedScore": Text(whole_number(range(1, INT.stop)))}),))
_SCALE = Elements((Part({"SummedScoreMultiplier": Text(_check_multiplier)}),))
_RANGE = Elements(
    (
        Part({"InclusiveLowerBound": _INTEGER}),
        Part({"InclusiveUpperBound": _INTEGER}),
        Part({"QualificationValue": _INTEGER}),
    ),
    check=_check_range,
)
_RANGES = Elements((Part({"SummedScoreRange": _RANGE}, most=None), Part({"OutOfRangeQualificationValue": _INTEGER})))

KEY = Elements(
    (
        Part({"Question": _QUESTION}, most=None),
        Part(
            {
                "QualificationValueMapping": Elements(
                    (Part({"PercentageMapping": _PERCENTAGE, "ScaleMapping": _SCALE, "RangeMapping": _RANGES}),)
                )
            },
            least=0,
        ),
    ),
    check=_check_questions,
)
"""The content of an AnswerKey."""
