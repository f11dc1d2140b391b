"""Answer keys: the manual's document, the arithmetic against plainer arithmetic, and keys that do not fit."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aioturk._core.accepted import Document
from aioturk._core.xml import XMLError
from aioturk.answers import Answer, read_answers
from aioturk.errors import InvalidRequest
from aioturk.questions import (
    AnswerKey,
    AnswerOption,
    FreeTextAnswer,
    PercentageMapping,
    Question,
    QuestionForm,
    RangeMapping,
    ScaleMapping,
    ScoredQuestion,
    SelectionAnswer,
    SummedScoreRange,
)
from aioturk.questions.answer_key import ValueMapping, check_answer_key, check_fits

NAMESPACE = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/AnswerKey.xsd"
ANSWERS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd"
LEAST, GREATEST = -(2**31), 2**31 - 1
OPTION = "<AnswerOption><SelectionIdentifier>a</SelectionIdentifier><AnswerScore>1</AnswerScore></AnswerOption>"
QUESTION = f"<Question><QuestionIdentifier>q</QuestionIdentifier>{OPTION}</Question>"

EXAMPLE = AnswerKey(
    (
        ScoredQuestion("q1", (AnswerOption(("a", "c"), 10), AnswerOption(("b",), -2))),
        ScoredQuestion("q2", (AnswerOption(("x",), 5),), default_score=1),
    ),
    PercentageMapping(15),
)


def document(content: str) -> str:
    """Return an AnswerKey document."""
    return f'<AnswerKey xmlns="{NAMESPACE}">{content}</AnswerKey>'


def mapped(mapping: str) -> str:
    """Return an AnswerKey document with a mapping."""
    return document(f"{QUESTION}<QualificationValueMapping>{mapping}</QualificationValueMapping>")


def summing(total: int, mapping: ValueMapping | None = None) -> int:
    """Return the value that a key gives to answers that score this sum."""
    return AnswerKey((ScoredQuestion("q", (AnswerOption(("a",), total),)),), mapping).value({"q": ("a",)})


def refusal(xml: str) -> str:
    """Return the text of the error with which a document is refused."""
    with pytest.raises(XMLError) as caught:
        check_answer_key(xml)
    return str(caught.value)


# Scores and values.


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ({"q1": ("a", "c"), "q2": ("x",)}, 15),
        ({"q1": ("c", "a"), "q2": ("x",)}, 15),
        ({"q1": ("b",), "q2": ()}, -1),
        ({"q1": ("a",), "q2": ("x", "y")}, 1),
        ({"q1": ("a", "b", "c"), "q2": ("X",)}, 1),
        ({"q1": ("a", "c", "c"), "q2": ("y",), "q3": ("z",)}, 11),
        ({"q1": "a", "q2": "x"}, 1),
        ({}, 1),
    ],
)
def test_scores(answers: Mapping[str, Answer], score: int) -> None:
    """Exactly the selections of an option score it; texts, no answer and all else score the default."""
    assert EXAMPLE.score(answers) == score


def test_answers_as_they_arrive() -> None:
    """What was read from a worker's document is scored as it is."""
    answers = read_answers(
        f'<QuestionFormAnswers xmlns="{ANSWERS}"><Answer><QuestionIdentifier>q1</QuestionIdentifier>'
        "<SelectionIdentifier>c</SelectionIdentifier><SelectionIdentifier>a</SelectionIdentifier></Answer>"
        "<Answer><QuestionIdentifier>q2</QuestionIdentifier></Answer></QuestionFormAnswers>"
    )
    assert EXAMPLE.score(answers) == 11
    assert EXAMPLE.value(answers) == 73


def test_the_first_of_two_equal_options_counts() -> None:
    """Of two options of the same selections, in a document, the first one scores; made here they are refused."""
    again = OPTION.replace("<AnswerScore>1", "<SelectionIdentifier>a</SelectionIdentifier><AnswerScore>2")
    key = check_answer_key(document(QUESTION.replace(OPTION, OPTION + again)))
    assert key.score({"q": ("a",)}) == 1
    assert key.questions[0].answer_options[1].selection_identifiers == ("a", "a")
    with pytest.raises(InvalidRequest, match="give the same selections twice, in option 2 again"):
        ScoredQuestion("q", (AnswerOption(("a", "b"), 1), AnswerOption(("b", "a"), 2)))
    with pytest.raises(InvalidRequest, match='name "a" twice'):
        AnswerOption(("a", "b", "a"), 1)


@pytest.mark.parametrize(
    ("multiplier", "text"), [("0.00000010", "0.00000010"), ("1E+3", "1000"), ("1E-30", "1E-30"), ("-2.5", "-2.5")]
)
def test_multipliers_are_written_plainly(multiplier: str, text: str) -> None:
    """A number is written without an exponent as long as that is short."""
    key = AnswerKey(EXAMPLE.questions, ScaleMapping(Decimal(multiplier)))
    assert f"<SummedScoreMultiplier>{text}</SummedScoreMultiplier>" in key.to_xml()
    assert check_answer_key(key.to_xml()) == key


def test_without_a_mapping_the_value_is_the_sum() -> None:
    """A key need not map at all."""
    assert summing(-7) == -7


@pytest.mark.parametrize(
    ("total", "maximum", "value"),
    [
        (10, 10, 100),
        (0, 10, 0),
        (1, 3, 33),
        (2, 3, 67),
        (1, 200, 1),
        (3, 200, 2),
        (-1, 200, 0),
        (-3, 200, -1),
        (3, 2, 150),
    ],
)
def test_percentages(total: int, maximum: int, value: int) -> None:
    """The sum in percent of the maximum, half of one rounded up, and not kept within 0 to 100."""
    assert summing(total, PercentageMapping(maximum)) == value


@pytest.mark.parametrize(
    ("total", "multiplier", "value"),
    [
        (10, "0.5", 5),
        (5, "0.5", 3),
        (-5, "0.5", -2),
        (3, "-0.5", -1),
        (3, "0", 0),
        (15, "0.1", 2),
        (1, "0.49999999999999999999999999999", 0),
        (1, "0.50000000000000000000000000000", 1),
        (2, "1E+1", 20),
        (1, "1E-300", 0),
        (1, "1E+300", GREATEST),
        (-1, "1E+300", LEAST),
        (GREATEST, "2", GREATEST),
    ],
)
def test_scales(total: int, multiplier: str, value: int) -> None:
    """The exact product, half of one rounded up; beyond 32 bits it is the nearest number that fits."""
    assert summing(total, ScaleMapping(Decimal(multiplier))) == value


@pytest.mark.parametrize(
    ("total", "value"), [(-1, 9), (0, 1), (5, 1), (6, 2), (10, 2), (11, 9), (20, 3), (LEAST, 9), (GREATEST, 9)]
)
def test_ranges(total: int, value: int) -> None:
    """The first range that holds the sum decides, its bounds included; else the value for all others."""
    ranges = (SummedScoreRange(0, 5, 1), SummedScoreRange(5, 10, 2), SummedScoreRange(20, 20, 3))
    assert summing(total, RangeMapping(ranges, 9)) == value


WORDS = st.text(st.characters(max_codepoint=0xFFFF, codec="utf-8", exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: (
        bool(text.strip()) and not any((each < " " and each not in "\t\n\r") or each in "\ufffe\uffff" for each in text)
    )
)
INTEGERS = st.integers(LEAST, GREATEST)
SELECTIONS = st.sampled_from("abcd") | WORDS
OPTIONS = st.builds(AnswerOption, st.lists(SELECTIONS, min_size=1, max_size=3, unique=True).map(tuple), INTEGERS)
OPTION_LISTS = st.lists(
    OPTIONS, min_size=1, max_size=4, unique_by=lambda option: frozenset(option.selection_identifiers)
)
QUESTIONS = st.builds(ScoredQuestion, WORDS, OPTION_LISTS.map(tuple), INTEGERS)
RANGES = st.tuples(INTEGERS, INTEGERS, INTEGERS).map(
    lambda each: SummedScoreRange(min(each[:2]), max(each[:2]), each[2])
)
MULTIPLIERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9
) | st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(-(10**20), 10**20), st.integers(-200, 200)
)
MAPPINGS: st.SearchStrategy[ValueMapping | None] = st.one_of(
    st.none(),
    st.builds(PercentageMapping, st.integers(1, GREATEST)),
    st.builds(ScaleMapping, MULTIPLIERS),
    st.builds(RangeMapping, st.lists(RANGES, min_size=1, max_size=3).map(tuple), INTEGERS),
)
KEYS = st.builds(
    AnswerKey,
    st.lists(QUESTIONS, min_size=1, max_size=4, unique_by=lambda each: each.question_identifier).map(tuple),
    MAPPINGS,
)


def plainly(key: AnswerKey, answers: Mapping[str, Answer]) -> int:
    """Return the value of a qualification, told as the manual tells it."""
    total = 0
    for question in key.questions:
        scores = [
            option.answer_score
            for option in question.answer_options
            if question.question_identifier in answers
            and not isinstance(answers[question.question_identifier], str)
            and set(option.selection_identifiers) == set(answers[question.question_identifier])
        ]
        total += scores[0] if scores else question.default_score
    mapping = key.qualification_value_mapping
    with localcontext() as context:
        context.prec = 600
        value = Decimal(total)
        if isinstance(mapping, PercentageMapping):
            value = value * 100 / mapping.maximum_summed_score
        elif isinstance(mapping, ScaleMapping):
            value = value * mapping.summed_score_multiplier
        elif isinstance(mapping, RangeMapping):
            values = [
                each.qualification_value
                for each in mapping.summed_score_ranges
                if total in range(each.inclusive_lower_bound, each.inclusive_upper_bound + 1)
            ]
            value = Decimal([*values, mapping.out_of_range_qualification_value][0])
        rounded = int((value + Decimal("0.5")).to_integral_value(ROUND_FLOOR))
    return sorted([LEAST, rounded, GREATEST])[1]


@given(st.data())
def test_values_by_plainer_arithmetic(data: st.DataObject) -> None:
    """Any key gives any answers the value that the manual's rules give them."""
    key = data.draw(KEYS)
    answers: dict[str, Answer] = {}
    for question in key.questions:
        options = [each.selection_identifiers for each in question.answer_options]
        drawn: Answer | None = data.draw(
            st.none()
            | WORDS
            | st.lists(SELECTIONS, max_size=3).map(tuple)
            | st.sampled_from(options).flatmap(st.permutations).map(tuple)
        )
        if drawn is not None:
            answers[question.question_identifier] = drawn
    assert key.value(answers) == plainly(key, answers)


@given(INTEGERS, st.integers(1, GREATEST))
def test_percentages_are_the_nearest(total: int, maximum: int) -> None:
    """No whole number is nearer to the exact percentage, and of two that are as near the greater one is taken."""
    value = PercentageMapping(maximum).value(total)
    assert 200 * total - maximum < 2 * value * maximum <= 200 * total + maximum


# Documents.


def test_the_document_is_the_manuals() -> None:
    """Namespace, elements and their order are the manual's."""
    assert EXAMPLE.to_xml() == (
        f'<AnswerKey xmlns="{NAMESPACE}">\n'
        "  <Question>\n"
        "    <QuestionIdentifier>q1</QuestionIdentifier>\n"
        "    <AnswerOption>\n"
        "      <SelectionIdentifier>a</SelectionIdentifier>\n"
        "      <SelectionIdentifier>c</SelectionIdentifier>\n"
        "      <AnswerScore>10</AnswerScore>\n"
        "    </AnswerOption>\n"
        "    <AnswerOption>\n"
        "      <SelectionIdentifier>b</SelectionIdentifier>\n"
        "      <AnswerScore>-2</AnswerScore>\n"
        "    </AnswerOption>\n"
        "  </Question>\n"
        "  <Question>\n"
        "    <QuestionIdentifier>q2</QuestionIdentifier>\n"
        "    <AnswerOption>\n"
        "      <SelectionIdentifier>x</SelectionIdentifier>\n"
        "      <AnswerScore>5</AnswerScore>\n"
        "    </AnswerOption>\n"
        "    <DefaultScore>1</DefaultScore>\n"
        "  </Question>\n"
        "  <QualificationValueMapping>\n"
        "    <PercentageMapping>\n"
        "      <MaximumSummedScore>15</MaximumSummedScore>\n"
        "    </PercentageMapping>\n"
        "  </QualificationValueMapping>\n"
        "</AnswerKey>"
    )


@given(KEYS)
@example(EXAMPLE)
def test_documents_are_read_back(key: AnswerKey) -> None:
    """Reading a key's document gives an equal key."""
    assert check_answer_key(key.to_xml()) == key


def test_other_spellings() -> None:
    """Prefixes, white space around numbers and all forms of decimals make no difference."""
    xml = (
        f'<k:AnswerKey xmlns:k="{NAMESPACE}"><k:Question><k:QuestionIdentifier>q</k:QuestionIdentifier>'
        "<k:AnswerOption><k:SelectionIdentifier>a</k:SelectionIdentifier><k:AnswerScore> +07\n</k:AnswerScore>"
        "</k:AnswerOption></k:Question><k:QualificationValueMapping><k:ScaleMapping><k:SummedScoreMultiplier> 5.e-1 "
        "</k:SummedScoreMultiplier></k:ScaleMapping></k:QualificationValueMapping></k:AnswerKey>"
    )
    key = AnswerKey((ScoredQuestion("q", (AnswerOption(("a",), 7),)),), ScaleMapping(Decimal("0.5")))
    assert check_answer_key(xml) == key


def test_large_documents_can_be_read() -> None:
    """The size limit counts when a key is made; a document that is close to it is read, however long ours would be."""
    xml = document("".join(QUESTION.replace(">q<", f">{number}<") for number in range(390)))
    assert len(xml) < 65_535 < len(check_answer_key(xml).to_xml())


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("", "no element found"),
        (f'<!DOCTYPE a [<!ENTITY b "c">]>{document(QUESTION)}', "document type declaration"),
        ("<AnswerKey/>", 'the root is AnswerKey in the namespace ""; it has to be AnswerKey in'),
        (document(QUESTION).replace("2005-10-01", "2017-11-06"), "it has to be AnswerKey in"),
        (document(QUESTION).replace("AnswerKey ", "Key ").replace("/AnswerKey>", "/Key>"), "the root is Key"),
        (document(""), "AnswerKey is empty; it takes Question (once or more) and QualificationValueMapping (optional)"),
        (
            document("<Question><QuestionIdentifier>q</QuestionIdentifier></Question>"),
            'Question 1 ("q") lacks AnswerOption; it takes QuestionIdentifier, AnswerOption (once or more) and',
        ),
        (document(QUESTION * 2), 'AnswerKey names the question "q" twice'),
        (document(QUESTION.replace(">q<", "><")), "Question 1: QuestionIdentifier is empty"),
        (document(QUESTION.replace(">a<", "> <")), 'Question 1 ("q"), AnswerOption 1: SelectionIdentifier 1 is empty'),
        (
            document(QUESTION.replace(">1<", ">1.5<")),
            'AnswerScore is "1.5"; it has to be a whole number from -2147483648',
        ),
        (document(QUESTION.replace(">1<", ">2147483648<")), 'AnswerScore is "2147483648"'),
        (document(QUESTION.replace(">1<", ">\u0661<")), "AnswerScore is"),
        (document(QUESTION.replace("</Question>", "<DefaultScore/></Question>")), 'DefaultScore is ""'),
        (document(QUESTION.replace("<AnswerScore>1</AnswerScore>", "")), "AnswerOption 1 lacks AnswerScore"),
        (mapped(""), "QualificationValueMapping is empty; it takes PercentageMapping or ScaleMapping or RangeMapping"),
        (
            mapped("<PercentageMapping><MaximumSummedScore>0</MaximumSummedScore></PercentageMapping>"),
            'MaximumSummedScore is "0"; it has to be a whole number from 1 to',
        ),
        *(
            (
                mapped(f"<ScaleMapping><SummedScoreMultiplier>{text}</SummedScoreMultiplier></ScaleMapping>"),
                "it has to be a decimal number",
            )
            for text in ("", "INF", "NaN", "1e999999999", "1e-301", "1_0", "\u0661", "1,5", ".", "9" * 61, "0x1")
        ),
        (
            mapped("<RangeMapping><OutOfRangeQualificationValue>0</OutOfRangeQualificationValue></RangeMapping>"),
            "RangeMapping holds OutOfRangeQualificationValue first; it takes SummedScoreRange (once or more) and",
        ),
        (
            mapped(
                "<RangeMapping><SummedScoreRange><InclusiveLowerBound>2</InclusiveLowerBound><InclusiveUpperBound>1"
                "</InclusiveUpperBound><QualificationValue>0</QualificationValue></SummedScoreRange>"
                "<OutOfRangeQualificationValue>0</OutOfRangeQualificationValue></RangeMapping>"
            ),
            "SummedScoreRange 1 is from 2 to 1; no sum is in such a range",
        ),
    ],
)
def test_documents_that_are_no_keys(xml: str, text: str) -> None:
    """What is not a key is refused with the place and what is wrong there."""
    told = refusal(xml)
    assert text in told
    assert len(told) < 400


# Keys and their tests.


def asked(identifier: str, *selections: str, **more: Any) -> Question:
    """Return a question of a test."""
    return Question(identifier, f"{identifier}?", SelectionAnswer(selections, **more))


Q1, Q2 = asked("q1", "a", "b", "c", max_selection_count=3), asked("q2", "x", "y")
TEST = QuestionForm(["Choose.", Q1, Q2, asked("q3", "z")])


def misfit(key: AnswerKey, test: QuestionForm) -> str:
    """Return the text of the error with which a key is refused for a test."""
    with pytest.raises(XMLError) as caught:
        check_fits(key, test)
    return str(caught.value)


def test_a_key_that_fits() -> None:
    """A key fits a test of selections when it names nothing else; it need not name all of it."""
    check_fits(EXAMPLE, TEST)


def test_tests_that_cannot_be_graded() -> None:
    """Texts cannot be graded, nor selections with an "other", even where the key does not name them."""
    free = QuestionForm([*TEST.parts, Question("why", "Why?", FreeTextAnswer())])
    other = QuestionForm([*TEST.parts, asked("o", "z", other_selection=True)])
    assert misfit(EXAMPLE, free) == (
        'the test\'s Question 4 ("why") takes free text; a test with an AnswerKey may hold SelectionAnswers only'
    )
    assert misfit(EXAMPLE, other) == (
        'the test\'s Question 4 ("o") has an OtherSelection, which a test with an AnswerKey may not'
    )


def test_keys_for_another_test() -> None:
    """A key that names what the test does not have would grade wrongly, so it is refused."""
    assert misfit(EXAMPLE, QuestionForm(Q1)) == 'the AnswerKey\'s Question 2 ("q2") is not in the test'
    other = QuestionForm([asked("q1", "a", "b"), Q2])
    assert misfit(EXAMPLE, other) == (
        'the AnswerKey\'s Question 1 ("q1") has the selection "c", which the test does not offer'
    )


# Values.


def test_a_key_is_a_document() -> None:
    """Operations take the value where they take its XML."""
    assert isinstance(EXAMPLE, Document)


def test_keys_are_values() -> None:
    """Keys compare, hash, copy and pickle by what they say, and do not change; lists become tuples."""
    assert len({EXAMPLE, pickle.loads(pickle.dumps(EXAMPLE)), check_answer_key(EXAMPLE.to_xml())}) == 1
    assert dataclasses.replace(EXAMPLE, qualification_value_mapping=None) != EXAMPLE
    listed: Any = [*EXAMPLE.questions]
    assert AnswerKey(listed, PercentageMapping(15)) == EXAMPLE
    with pytest.raises(dataclasses.FrozenInstanceError):
        EXAMPLE.questions = ()  # type: ignore[misc]
    assert repr(AnswerOption(("a",), 1)) == "AnswerOption(selection_identifiers=('a',), answer_score=1)"


@pytest.mark.parametrize(
    ("kind", "arguments", "argument", "text"),
    [
        (AnswerOption, ("ab", 1), "selection_identifiers", "is str; give a tuple"),
        (AnswerOption, (5, 1), "selection_identifiers", "is int; give a tuple"),
        (AnswerOption, ((), 1), "selection_identifiers", "is empty; give at least one"),
        (AnswerOption, ((1,), 1), "selection_identifiers", "holds int; give str only"),
        (AnswerOption, (("",), 1), "selection_identifiers", "is empty"),
        (AnswerOption, (("a\0",), 1), "selection_identifiers", "U+0000 at character 2, which XML cannot carry"),
        (AnswerOption, (("a",), 1.0), "answer_score", "is float; give a whole number"),
        (AnswerOption, (("a",), True), "answer_score", "is bool"),
        (AnswerOption, (("a",), 2**31), "answer_score", "has to be from -2147483648 to 2147483647"),
        (ScoredQuestion, (5, EXAMPLE.questions[0].answer_options), "question_identifier", "is int; give a string"),
        (ScoredQuestion, ("q", ()), "answer_options", "is empty"),
        (ScoredQuestion, ("q", ("a",)), "answer_options", "holds str; give AnswerOption only"),
        (ScoredQuestion, ("q", EXAMPLE.questions[0].answer_options, None), "default_score", "is NoneType"),
        (PercentageMapping, (0,), "maximum_summed_score", "is 0; give the sum that is to be 100 percent, at least 1"),
        (ScaleMapping, (0.1,), "summed_score_multiplier", "is float; give a Decimal"),
        (ScaleMapping, (Decimal("NaN"),), "summed_score_multiplier", "is NaN; it has to be a decimal number"),
        (ScaleMapping, (Decimal("1E+301"),), "summed_score_multiplier", "is 1E+301; it has to be"),
        (SummedScoreRange, (2, 1, 0), "inclusive_upper_bound", "is 1, below the lower bound 2"),
        (RangeMapping, ((), 0), "summed_score_ranges", "is empty"),
        (AnswerKey, ((),), "questions", "is empty"),
        (AnswerKey, (EXAMPLE.questions, "percent"), "qualification_value_mapping", "is str; give a PercentageMapping"),
        (AnswerKey, (EXAMPLE.questions * 2,), "questions", 'name "q1" twice'),
        (
            AnswerKey,
            ((ScoredQuestion("\U0001f600", EXAMPLE.questions[0].answer_options),),),
            "questions",
            "hold U+1F600; the service takes no characters above U+FFFF",
        ),
        (
            AnswerKey,
            ((ScoredQuestion("q" * 65_535, EXAMPLE.questions[0].answer_options),),),
            "questions",
            "the service takes at most 65535",
        ),
    ],
)
def test_values_that_are_refused(kind: Any, arguments: tuple[Any, ...], argument: str, text: str) -> None:
    """What makes no document is refused when it is made, with the rule and the remedy."""
    with pytest.raises(InvalidRequest) as caught:
        kind(*arguments)
    assert caught.value.argument == argument
    assert text in caught.value.text
