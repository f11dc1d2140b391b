"""HITLayout: what a layout with its values is, and what `create_hit` makes of it."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk import HITLayout
from aioturk._core.accepted import Document, Layout
from aioturk._core.arguments import Converters
from aioturk._core.xml import carried
from aioturk._generated.tables import OPERATIONS, SHAPES
from aioturk.errors import InvalidRequest
from aioturk.questions import HTMLTemplate, Raw, escaped

CONVERTERS = Converters(SHAPES)
LAYOUT = "3LAYOUTID"
HIT = {
    "CreateHIT": {
        "Title": "t",
        "Description": "d",
        "Reward": "0.10",
        "LifetimeInSeconds": 60,
        "AssignmentDurationInSeconds": 60,
    },
    "CreateHITWithHITType": {"HITTypeId": "3TYPE", "LifetimeInSeconds": 60},
}


def refusal(*arguments: Any, **parameters: Any) -> InvalidRequest:
    """The error with which a layout is refused."""
    with pytest.raises(InvalidRequest) as caught:
        HITLayout(*arguments, **parameters)
    return caught.value


def sent(question: Any, operation: str = "CreateHIT", **more: Any) -> dict[str, Any]:
    """What a HIT with this question is sent as, without what every HIT needs."""
    document = CONVERTERS.request(OPERATIONS[operation], {**HIT[operation], "Question": question, **more})
    return {name: value for name, value in document.items() if name not in HIT[operation]}


@pytest.mark.parametrize("operation", HIT)
def test_layouts_are_sent_as_two_members(operation: str) -> None:
    """A layout given as the question becomes HITLayoutId and HITLayoutParameters, in the given order."""
    assert sent(HITLayout(LAYOUT, person_id=7, image_url="https://example.org/?a&b"), operation) == {
        "HITLayoutId": LAYOUT,
        "HITLayoutParameters": [
            {"Name": "person_id", "Value": "7"},
            {"Name": "image_url", "Value": "https://example.org/?a&b"},
        ],
    }
    assert sent(HITLayout(LAYOUT), operation) == {"HITLayoutId": LAYOUT}


@pytest.mark.parametrize("more", [{"HITLayoutId": LAYOUT}, {"HITLayoutParameters": []}])
def test_layouts_stand_alone(more: Mapping[str, Any]) -> None:
    """A second layout beside the first, or more parameters, are refused."""
    with pytest.raises(InvalidRequest) as caught:
        sent(HITLayout(LAYOUT, a="b"), **more)
    assert caught.value.argument == "question"
    assert f"is a layout, and {next(iter(more))} given besides" in caught.value.text


def test_templates_are_filled_first() -> None:
    """A template given as the question is refused with what to do."""
    with pytest.raises(InvalidRequest, match=r"no question until it is filled: give its \.fill\(row\)"):
        sent(HTMLTemplate("<p>${a}</p>"))


def test_tests_are_no_layouts() -> None:
    """Where a document is wanted and no HIT is made, a layout is refused."""
    kind = {"Name": "n", "Description": "d", "QualificationTypeStatus": "Active", "Test": HITLayout(LAYOUT)}
    with pytest.raises(InvalidRequest, match="give QuestionForm, or its XML as a string"):
        CONVERTERS.request(OPERATIONS["CreateQualificationType"], kind)


def test_what_a_layout_is() -> None:
    """It has its id and its values, as strings, and is no document."""
    layout = HITLayout(LAYOUT, a=1, b=0.5, c=True, self="me", layout_id="mine")
    assert layout.layout_id == LAYOUT
    assert layout.parameters == {"a": "1", "b": "0.5", "c": "true", "self": "me", "layout_id": "mine"}
    assert isinstance(layout, Layout)
    assert not isinstance(layout, Document)
    with pytest.raises(TypeError):
        layout.parameters["a"] = "2"  # type: ignore[index]
    with pytest.raises(AttributeError):
        layout.layout_id = "3"  # type: ignore[misc]


def test_layouts_are_values() -> None:
    """Layouts compare, hash and pickle by what they say, whatever the order of the values."""
    layout = HITLayout(LAYOUT, a="1", b="2")
    assert layout == HITLayout(LAYOUT, b=2, a=1)
    assert len({layout, HITLayout(LAYOUT, b="2", a="1")}) == 1
    assert layout not in (HITLayout(LAYOUT, a="1"), HITLayout("3OTHER", a="1", b="2"), LAYOUT)
    assert pickle.loads(pickle.dumps(layout)) == layout
    assert repr(layout) == "HITLayout('3LAYOUTID', a='1', b='2')"
    assert repr(HITLayout(LAYOUT, a="x" * 99)) == f"HITLayout('3LAYOUTID', a='{'x' * 60}'...)"


@given(st.dictionaries(st.text(min_size=1).map(carried).filter(bool), st.text().map(carried)))
def test_values_are_sent_as_they_are(row: dict[str, str]) -> None:
    """Nothing of a value is escaped, as the service escapes nothing, either; but emoji have to be written otherwise."""
    if any(character > "\uffff" for value in row.values() for character in value):
        with pytest.raises(InvalidRequest, match=r"no characters above U\+FFFF: write &#[0-9]+;"):
            HITLayout(LAYOUT).fill(row)
        row = {name: escaped(value) for name, value in row.items()}
    assert HITLayout(LAYOUT).fill(row).parameters == row


def test_a_text_can_be_escaped() -> None:
    """`escaped` writes a text as the page's HTML needs it."""
    assert HITLayout(LAYOUT, a=escaped("<b> & \U0001f600"), b=Raw("<b>")).parameters == {
        "a": "&lt;b&gt; &amp; &#128512;",
        "b": "<b>",
    }


def test_filling() -> None:
    """A row adds its values to those that are there, and changes nothing of the layout."""
    layout = HITLayout(LAYOUT, language="en")
    assert layout.fill({"image url": 1}) == HITLayout(LAYOUT, **{"language": "en", "image url": "1"})
    assert layout.fill({}) == layout == HITLayout(LAYOUT, language="en")


def test_rows_that_are_refused() -> None:
    """All problems of a row are told at once; a value that is there already is not replaced silently."""
    layout = HITLayout(LAYOUT, language="en")
    with pytest.raises(InvalidRequest, match=r"has 'language', for which the layout has a value already"):
        layout.fill({"language": "fr"})
    with pytest.raises(InvalidRequest) as caught:
        layout.fill({"a": None, "b": "\x07", 5: "x", "": "y"})  # type: ignore[dict-item]
    assert caught.value.argument == "row"
    assert caught.value.text == (
        "a is None; give an empty string if nothing is to be shown; "
        "b holds U+0007 at character 1, which XML cannot carry: leave it out; "
        "the name 5 is none that a placeholder can have; the name '' is none that a placeholder can have."
    )
    with pytest.raises(InvalidRequest, match="give a mapping"):
        layout.fill([("a", 1)])  # type: ignore[arg-type]


@pytest.mark.parametrize("layout_id", ["", "3layout", "3 LAYOUT", "3" * 65, 5, None, "\uff13"])
def test_ids_that_are_none(layout_id: Any) -> None:
    """A layout's id is capital letters and digits, as the service has them."""
    error = refusal(layout_id)
    assert error.argument == "layout_id"
    assert "the id that the project's page shows" in error.text


def test_values_that_are_refused() -> None:
    """What has no text is refused with its name."""
    error = refusal(LAYOUT, a=object(), b="fine")
    assert error.argument == "parameters"
    assert error.text == "a is of the type object, which has no text of its own: make a string of it."
