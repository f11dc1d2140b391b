"""The pictures of the demonstration."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree

from aioturk.demo.digits import Digit, load, picture, task_page
from aioturk.questions import HTMLQuestion


def test_the_data_is_whole() -> None:
    """There are 300 pictures of 64 grey values, about thirty of each digit."""
    digits = load()
    assert [digit.number for digit in digits] == list(range(300))
    assert all(len(digit.pixels) == 64 and all(0 <= grey <= 16 for grey in digit.pixels) for digit in digits)
    counts = Counter(digit.value for digit in digits)
    assert set(counts) == set(range(10))
    assert all(29 <= count <= 32 for count in counts.values())


def test_so_many_as_asked_for() -> None:
    """A number of rows takes the first ones."""
    assert load(3) == load()[:3]


def test_a_picture_has_a_dot_for_every_pixel_that_is_not_white() -> None:
    """The dots stand where the pixels are, as dark as they are."""
    digit = Digit(0, (0,) * 9 + (16, 8) + (0,) * 53, 1)
    dots = ElementTree.fromstring(picture(digit)).findall("rect")
    assert [(dot.get("x"), dot.get("y"), dot.get("opacity")) for dot in dots] == [("1", "1", "1"), ("2", "1", "0.5")]


def test_every_page_is_a_valid_question() -> None:
    """All pictures fit into a question, and the form asks for the digit."""
    for digit in load():
        page = task_page(digit)
        assert 'name="digit"' in page
        assert len(HTMLQuestion(page).to_xml()) < 65535
