"""Values whose form on the wire differs from Python's."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk._core.wire import Keywords, OpenEnum, dollars, epoch, whole_seconds
from aioturk.models import HITStatus, Locale


@settings(deadline=None)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_moments_survive(moment: datetime) -> None:
    """Seconds since 1970 tell a moment to the microsecond, as an integer where it is whole."""
    seconds = epoch(moment)
    microseconds = round(Fraction(seconds) * 10**6)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds) == moment
    assert isinstance(seconds, int) is not bool(moment.microsecond)


@pytest.mark.parametrize("hours", [-11, 0, 5, 14])
def test_zones_do_not_matter(hours: int) -> None:
    """The same moment is the same number everywhere."""
    assert epoch(datetime(2026, 9, 30, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))) == 1790726400


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9))
def test_durations(seconds: int) -> None:
    """Durations are whole seconds."""
    assert whole_seconds(timedelta(seconds=seconds)) == seconds


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("0.5", "0.50"), ("1E+2", "100.00"), ("0.250", "0.25"), ("12345678901234567890.12", None)],
)
def test_dollars(amount: str, text: str | None) -> None:
    """Two decimals, no exponent, no rounding of large amounts."""
    assert dollars(Decimal(amount)) == (text or amount)


def test_keywords() -> None:
    """Keywords are a tuple of words that remembers its text."""
    words = Keywords.parse("image,age , ,guess")
    assert words.text == "image,age , ,guess"
    assert list(words) == ["image", "age", "guess"]
    assert Keywords(["image", "age"]).text == "image, age"
    assert Keywords.parse("") == Keywords() == ()
    for back in (copy.copy(words), copy.deepcopy(words), pickle.loads(pickle.dumps(words))):
        assert (back, back.text, type(back)) == (words, words.text, Keywords)


@settings(deadline=None)
@given(st.text())
def test_keywords_keep_their_text(text: str) -> None:
    """Whatever the text, it is kept to the letter, and its words are neither empty nor padded."""
    words = Keywords.parse(text)
    assert words.text == text
    assert all(word and word == word.strip() and "," not in word for word in words)


def test_open_words() -> None:
    """Unknown words become members of their own; what is not a word does not. Known ones are themselves."""
    paused = HITStatus("Paused")
    assert isinstance(paused, HITStatus)
    assert (paused.name, paused.value, str(paused), paused) == ("Paused", "Paused", "Paused", "Paused")
    assert HITStatus("Assignable") is HITStatus.ASSIGNABLE
    assert pickle.loads(pickle.dumps(paused)) == paused
    assert copy.deepcopy(paused) == paused
    assert "Paused" not in HITStatus.__members__
    with pytest.raises(ValueError, match="5"):
        HITStatus(5)  # type: ignore[arg-type]
    assert issubclass(HITStatus, OpenEnum)


def test_structures_are_values() -> None:
    """Structures are immutable, equal by value, hashable, and travel."""
    place = Locale(country="US", subdivision="WA")
    assert place == Locale(country="US", subdivision="WA")
    assert len({place, copy.copy(place), pickle.loads(pickle.dumps(place))}) == 1
    with pytest.raises(AttributeError, match="immutable"):
        place.country = "GB"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Locale("US")  # type: ignore[call-arg]
