"""
What workers look at in a question form, as elements of a page: titles, texts, pictures, films, formatted content.

Everything here is a tree. It becomes text only when the whole page is there (`aioturk.marketplace.site.form_page`), so
that no text of a requester's can become markup. Formatted content is no exception: its tags are made anew from what the
guarded parser found in it.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from aioturk._core.xml import local_name, parse
from aioturk.questions import Binary, BulletList, EmbeddedBinary, FormattedContent, Text, Title
from aioturk.questions.content import Block
from aioturk.questions.formatted import XHTMLError, check_formatted

__all__ = ["block", "element", "said"]


def element(
    tag: str, attributes: Mapping[str, str | bool | None] | None = None, *within: Element | str | None
) -> Element:
    """
    Make an element.

    Args:
        tag: Its name.
        attributes: True is an attribute without a value; None and False are no attribute.
        within: What is in it, in order; None is nothing.
    """
    made = Element(tag)
    for name, value in (attributes or {}).items():
        if value is not None and value is not False:
            made.set(name, "" if value is True else value)
    for each in within:
        if isinstance(each, Element):
            made.append(each)
        elif each is not None and len(made):
            made[-1].tail = (made[-1].tail or "") + each
        elif each is not None:
            made.text = (made.text or "") + each
    return made


def said(tree: Element) -> str:
    """Return what a screen reader has to say of a tree: its texts, and what pictures and films in it are called."""
    if tree.tag in ("audio", "object", "video"):
        return tree.get("aria-label") or ""  # what is in them is for browsers that cannot show them
    words = [tree.get("alt") or "", tree.text or ""]
    for each in tree:
        words += [said(each), each.tail or ""]
    return " ".join(" ".join(words).split())


def block(given: Block) -> Element:
    """Return what a block looks like."""
    match given:
        case Title():
            return element("h2", {"class": "title", "dir": "auto"}, given.text.strip())
        case Text():
            return element("p", {"class": "text", "dir": "auto"}, given.text.strip())
        case BulletList():
            items = [element("li", {"dir": "auto"}, item.strip()) for item in given.items]
            return element("ul", {"class": "items"}, *items)
        case FormattedContent():
            return _formatted(given.xhtml)
        case Binary():
            return _medium(given.mime_type, given.data_url, given.alt_text, {})
        case EmbeddedBinary():
            return _embedded(given)


# Media.


def _medium(mime_type: str, url: str, alt_text: str, sizes: Mapping[str, str]) -> Element:
    """Return a picture, a sound or a film; what it shows or says is told to those who cannot see or hear it."""
    kind = mime_type.partition("/")[0].strip().lower()
    if kind not in ("audio", "video"):
        return element("img", {"class": "medium", "src": url, "alt": alt_text.strip(), **sizes})
    sizes = sizes if kind == "video" else {}
    name = alt_text.strip() or None
    player = element(
        kind,
        {"src": url, "controls": True, "preload": "metadata", "aria-label": name, **sizes},
        _elsewhere(url, alt_text),
    )
    caption = None if name is None else element("figcaption", {"dir": "auto"}, name)
    return element("figure", {"class": "medium"}, player, caption)


def _embedded(given: EmbeddedBinary) -> Element:
    kind, _, subtype = given.mime_type.lower().partition("/")
    sizes = {
        name: value.strip()
        for name, value in (("width", given.width), ("height", given.height))
        if _PIXELS.fullmatch(value.strip())
    }
    if kind.strip() in ("image", "audio", "video"):
        return _medium(given.mime_type, given.data_url, given.alt_text, sizes)
    if _NO_LONGER_SHOWN.match(subtype.strip()):
        what = given.alt_text.strip()
        return element(
            "p",
            {"class": "notice"},
            "Flash and Java applets are no longer shown by any browser",
            f": {what}" if what else None,
        )
    parameters = [element("param", {"name": name, "value": value}) for name, value in given.application_parameters]
    return element(
        "object",
        {
            "class": "medium",
            "type": given.mime_type,
            "data": given.data_url,
            "aria-label": given.alt_text.strip() or "Embedded content",
            **sizes,
        },
        *parameters,
        _elsewhere(given.data_url, given.alt_text),
    )


_PIXELS = re.compile(r"[0-9]{1,5}%?")
_NO_LONGER_SHOWN = re.compile(r"x-shockwave-flash|futuresplash|x-java|java-|vnd\.adobe\.flash")


def _elsewhere(url: str, alt_text: str) -> Element:
    """Return what is shown instead where a browser cannot play something: a way to look at it by itself."""
    return element("a", {"href": url, **_NEW_WINDOW}, alt_text.strip() or url)


_NEW_WINDOW = {"target": "_blank", "rel": "noopener noreferrer"}
"""In the frame itself a link would take the place of the task, and of all that was written so far."""


# Formatted content.


def _formatted(content: str) -> Element:
    """Return formatted content; as a plain text, if it is none that may be shown."""
    try:
        check_formatted(content)
    except XHTMLError:
        return element("div", {"class": "text", "dir": "auto"}, content)
    made = Element("div")
    _copy(parse(f"<FormattedContent>{content}</FormattedContent>"), made)
    made.attrib = {"class": "formatted", "dir": "auto"}
    return made


def _copy(source: Element, target: Element) -> None:
    """Copy what was checked: names lose their namespace, and links get a window of their own."""
    target.text = source.text
    if target.tag == "pre" and (source.text or "").startswith("\n"):
        target.text = f"\n{source.text}"  # browsers drop the first one
    target.attrib = dict(source.attrib)
    if "href" in target.attrib:
        target.attrib.update(_NEW_WINDOW)
    for each in source:
        copy = Element(local_name(each))
        _copy(each, copy)
        copy.tail = each.tail
        target.append(copy)
