"""What stands in a HIT's annotation: a batch, and perhaps a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.annotations import Annotation, belongs_to
from aioturk.errors import InvalidRequest

_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10).filter(
    lambda text: text == text.strip()
)
_batches = _names.filter(lambda text: " #" not in text)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (Annotation("ages-1"), "ages-1"),
        (Annotation("ages-1", "17"), "ages-1 #17"),
        (Annotation("ages-1", "café #2"), "ages-1 #caf%C3%A9 #2"),
        (Annotation("100% sure"), "100%25 sure"),
        (Annotation("ages-1", "17", "5f0c61d3"), "ages-1 #17 ~5f0c61d3"),
        (Annotation("~a", "b ~5f0c61d3"), "~a #b %7E5f0c61d3"),
    ],
)
def test_the_form(annotation: Annotation, text: str) -> None:
    """Names of plain characters stand as they are, so that people can read them."""
    assert str(annotation) == text
    assert Annotation.read(text) == annotation


@given(batch=_batches, row=st.none() | _names, digest=st.none() | st.from_regex("[0-9a-f]{8}", fullmatch=True))
def test_what_is_written_is_read(batch: str, row: str | None, digest: str | None) -> None:
    """Whatever is in the names; and it is ASCII without line ends, which is all that Amazon takes."""
    annotation = Annotation(batch, row, None if row is None else digest)
    text = str(annotation)
    assert text.isascii()
    assert text.isprintable()
    assert Annotation.read(text) == annotation
    assert belongs_to(text, batch)
    assert not belongs_to(text, batch + "x")


@given(text=st.text(max_size=300))
def test_every_note_can_be_read(text: str) -> None:
    """Whoever wrote it: it is at least the name of a batch, under which its HITs are found."""
    Annotation.read(text)
    assert belongs_to(text, text)


@pytest.mark.parametrize("text", ["100%", "50%25%C3", "BatchId:12;OriginalHitTemplateId:7;", "", " # ", "a #", "a\n#b"])
def test_notes_of_other_programs(text: str) -> None:
    """What is not of our form is one name, as it stands."""
    assert Annotation.read(text).batch == text
    assert Annotation.read(text).row is None


def test_what_has_no_note_belongs_nowhere() -> None:
    """A HIT without an annotation is in no batch."""
    assert not belongs_to(None, "ages-1")
    assert not belongs_to("ages-11", "ages-1")


def test_digests_are_of_rows() -> None:
    """And have their form."""
    for row, digest in ((None, "5f0c61d3"), ("1", "5F0C61D3"), ("1", "5f0c61d")):
        with pytest.raises(InvalidRequest, match="hexadecimal"):
            Annotation("a", row, digest)


@pytest.mark.parametrize(
    ("batch", "row", "says"),
    [
        ("a #b", None, "separates"),
        (" a", None, "blanks"),
        ("", None, "blanks"),
        ("a", "", "blanks"),
        ("a", "\ud800", "half a character"),
        ("a" * 250, "12345", "257 characters"),
        ("é" * 50, None, "300 characters"),
    ],
)
def test_refusals(batch: str, row: str | None, says: str) -> None:
    """What could not be sent, or not be read back, is refused."""
    with pytest.raises(InvalidRequest, match=says):
        Annotation(batch, row)
