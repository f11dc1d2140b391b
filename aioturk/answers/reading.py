"""
QuestionFormAnswers documents, in every form and layout, into `Answers`.

Workers write these documents, so nothing in them is trusted. At most eight megabytes are read, in one of two ways:

* Texts and selections in the layout of the service, which nearly all documents have, are found with one regular
  expression. It takes a part of what is good XML, and means the same by it as a parser; the rest it leaves to one.
* Everything else is read by expat, in one pass that builds no tree. An element that has no place ends the reading, so
  that nothing can be nested deeply; a document type declaration does too, and with it every entity.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormAnswersDataStructureArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aioturk._core.xml import SIZE_LIMIT, Refused, XMLError, run, unsupported
from aioturk.answers.crowd import TASK_ANSWERS, flattened
from aioturk.answers.mapping import Answer, Answers
from aioturk.answers.scalars import cut
from aioturk.answers.writing import HEAD
from aioturk.errors import AnswerError

__all__ = ["read_answers"]

_ROOT = "QuestionFormAnswers"
_ANSWER = "Answer"
_NAME = "QuestionIdentifier"
_SELECTION = "SelectionIdentifier"
_OTHER = "OtherSelectionText"
_TEXTS = ("FreeText", "UploadedFileKey")
_PARTS = frozenset({_NAME, _SELECTION, _OTHER, *_TEXTS, "UploadedFileSizeInBytes"})

_Part = tuple[str, str]
"""An element inside of an Answer, and its text."""
_Found = tuple[dict[str, Answer], dict[str, str]]
"""Answers, and the texts beside "other"."""


def read_answers(xml: str) -> Answers:
    """
    Read a QuestionFormAnswers document, as it stands in `Assignment.answer`.

    Several answers under one name become one: texts joined with ``|``, as the service joins the fields of a form,
    selections one tuple.

    Raises:
        AnswerError: The document is damaged, or is something else.
    """
    try:
        if len(xml) > SIZE_LIMIT:
            raise XMLError(f"the document is {len(xml)} long; at most {SIZE_LIMIT} is read")
        values, other = _plain_answers(xml) or _gathered(_parsed(xml))
    except XMLError as error:
        raise AnswerError(
            f"The answer cannot be read as a QuestionFormAnswers document: {error}. "
            "The assignment itself is untouched: look at the raw document before approving or rejecting it."
        ) from None
    answers = Answers(values, other)
    return flattened(answers) if TASK_ANSWERS in values else answers


# The service's own layout. On a page of assignments, expat and its calls back into Python would cost more than all the
# rest. Nothing here is tried twice (the quantifiers are possessive), so that no document takes long to decline.

_BLANKS = "[ \t\n]*+"
_TEXT = "[^<]*+"
_ANOTHER_HEAD = re.compile(
    rf"""(?:<\?xml\ version="1\.0"\ encoding="[A-Za-z][\w.-]*"(?:\ standalone="(?:yes|no)")?\?>{_BLANKS})?"""
    rf"""<{_ROOT}(?:\ xmlns="[\w:/.-]*")?>{_BLANKS}""",
    re.ASCII | re.VERBOSE,
)
_PLAIN_ANSWER = re.compile(
    f"<{_ANSWER}>{_BLANKS}<{_NAME}>({_TEXT})</{_NAME}>"
    f"(?:{_BLANKS}<FreeText(?:/>|>({_TEXT})</FreeText>)"
    f"|((?:{_BLANKS}<{_SELECTION}>{_TEXT}</{_SELECTION}>)*+(?:{_BLANKS}<{_OTHER}>{_TEXT}</{_OTHER}>)?+))"
    f"{_BLANKS}</{_ANSWER}>{_BLANKS}"
)
_CHOSEN = re.compile(f"<({_SELECTION}|{_OTHER})>({_TEXT})")
_TAIL = f"</{_ROOT}>"
_ANOTHER_REFERENCE = re.compile("&(?!(?:lt|gt|quot|apos|amp);)")


def _plain_answers(document: str) -> _Found | None:
    """Return the answers of a document in the plainest of layouts; None if it is another."""
    parts = _PLAIN_ANSWER.split(document)
    head, tail = parts[0], parts[-1]
    if tail.rstrip(" \t\n") != _TAIL or (head != HEAD and _ANOTHER_HEAD.fullmatch(head) is None):
        return None
    parts[-1] = ""
    values: dict[str, Answer] = {}
    other: dict[str, str] = {}
    try:
        for place in range(1, len(parts), 4):
            name, text, chosen, between = parts[place : place + 4]
            name = _plain(name)
            if between or name in values:  # repeated names take more than a dictionary
                return None
            values[name] = _plain(text or "") if chosen is None else _selected(name, chosen, other)
    except _NotPlain:
        return None
    return values, other


class _NotPlain(Exception):
    """Only a parser can tell what a text says, or that it is not well-formed."""


def _plain(text: str) -> str:
    """Return what a text says."""
    if "]]>" in text or (not text.isprintable() and ("\r" in text or unsupported(text))):
        raise _NotPlain
    if "&" not in text:
        return text
    if _ANOTHER_REFERENCE.search(text):
        raise _NotPlain
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    return text.replace("&amp;", "&")  # last, so that nothing is unescaped twice


def _selected(name: str, chosen: str, other: dict[str, str]) -> tuple[str, ...]:
    parts = _CHOSEN.findall(chosen)
    if parts and parts[-1][0] == _OTHER:
        other[name] = _plain(parts.pop()[1])
    return tuple([_plain(text) for _, text in parts])


# Every other document.


def _parsed(document: str) -> list[list[_Part]]:
    """Return the parts of every Answer of a document."""
    # Half a millisecond to import, and most programs never read XML.
    from xml.parsers import expat

    try:
        data = document.encode()
    except UnicodeEncodeError:
        raise XMLError("half of a surrogate pair is not a character") from None
    # The text is decoded already: what the declaration says about its encoding, ASCII as a rule, no longer counts.
    reader = expat.ParserCreate("utf-8")
    reader.buffer_text = True
    found: list[list[_Part]] = []
    path: list[str] = []
    texts: list[str] = []

    def start(name: str, _attributes: object) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        depth = len(path)
        if depth == 2:
            if name not in _PARTS:
                raise Refused(f"the answer {_name_in(found[-1])} holds {cut(name)} where it may not stand")
        elif depth == 1:
            if name != _ANSWER:
                raise Refused(f"it holds {cut(name)} where only Answer may stand")
            found.append([])
        elif depth == 0:
            if name != _ROOT:
                raise Refused(f"its root is {cut(name)}, not {_ROOT}")
        else:
            raise Refused(f"{path[-1]} holds an element, {cut(name)}; it takes text only")
        path.append(name)
        texts.clear()

    def end(_name: str) -> None:
        name = path.pop()
        if len(path) == 2:
            found[-1].append((name, "".join(texts)))

    reader.StartElementHandler = start
    reader.EndElementHandler = end
    reader.CharacterDataHandler = texts.append
    run(reader, data)
    return found


def _name_in(parts: Sequence[_Part]) -> str:
    name = next((text for kind, text in parts if kind == _NAME), None)
    return repr(name if name is None else cut(name))


def _gathered(answers: Sequence[Sequence[_Part]]) -> _Found:
    """Put the answers of a document together, those of one name under it."""
    values: dict[str, Answer] = {}
    other: dict[str, str] = {}
    repeated: dict[str, list[Answer]] = {}
    written: dict[str, list[str]] = {}
    for parts in answers:
        name, value, beside = _answer(parts)
        if name in values:
            # Joined once at the end: a document may repeat one name a hundred thousand times.
            repeated.setdefault(name, [values[name]]).append(value)
        else:
            values[name] = value
        if beside is not None:
            written.setdefault(name, []).append(beside)
    for name, several in repeated.items():
        values[name] = _joined(several)
    for name, texts in written.items():
        other[name] = "|".join(texts)
    return values, other


def _answer(parts: Sequence[_Part]) -> tuple[str, Answer, str | None]:
    """Return the question's identifier, the answer, and the text beside "other"."""
    name: str | None = None
    value: str | None = None
    selected: list[str] = []
    written: str | None = None
    for kind, text in parts:
        if kind == _NAME and name is None:
            name = text
        elif kind in _TEXTS and value is None:
            value = text
        elif kind == _SELECTION:
            selected.append(text)
        elif kind == _OTHER and written is None:
            written = text
        elif kind != "UploadedFileSizeInBytes":
            raise XMLError(f"the answer {_name_in(parts)} holds {kind} where it may not stand")
    if name is None:
        raise XMLError("an Answer has no QuestionIdentifier")
    if value is None:
        return name, tuple(selected), written
    if selected or written is not None:
        raise XMLError(f"the answer {cut(name)!r} is a text and a selection at once")
    return name, value, None


def _joined(several: Sequence[Answer]) -> Answer:
    if all(isinstance(value, str) for value in several):
        return "|".join(value for value in several if isinstance(value, str))
    return tuple(each for value in several for each in ((value,) if isinstance(value, str) else value))
