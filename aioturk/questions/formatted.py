"""
Formatted content: the part of XHTML that questions may be dressed in.

It stands as text, usually a CDATA section, in a QuestionForm (`aioturk.questions.form`). Here is which tags and
attributes it may use; how they may be nested is left to browsers.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_FormattedContentArticle.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aioturk._core.xml import XMLError, local_name, namespace, parse
from aioturk.questions._schema import shown

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["XHTMLError", "check_formatted"]

NAMESPACE = "http://www.w3.org/1999/xhtml"

_ALIGNED = "align char charoff valign"

_TABLE = {
    "a": "accesskey charset coords href hreflang name rel rev shape tabindex target type",
    "area": "alt coords href nohref shape target",
    "blockquote q": "cite",
    "col colgroup": f"{_ALIGNED} span width",
    "del ins": "cite datetime",
    "font": "color face size",
    "h1 h2 h3 h4 h5 h6 p": "align",
    "hr": "align noshade size width",
    "img": "alt src align border height hspace ismap longdesc usemap vspace width",
    "li": "type value",
    "map": "name",
    "ol": "compact start type",
    "pre": "width",
    "table": "align bgcolor border cellpadding cellspacing frame rules summary width",
    "tbody tfoot thead": _ALIGNED,
    "td th": f"{_ALIGNED} abbr axis bgcolor colspan headers height nowrap rowspan scope width",
    "tr": f"{_ALIGNED} bgcolor",
    "ul": "compact type",
    # The last three are in the schema but not in the manual.
    "b big br center cite code dd dl em i small strong sub sup u dt s strike": "",
}
"""The attributes that a tag may have, besides those that all have."""

ATTRIBUTES: dict[str, frozenset[str]] = {
    tag: frozenset([*attributes.split(), "title", *(() if tag == "br" else ("dir", "lang"))])
    for tags, attributes in _TABLE.items()
    for tag in tags.split()
}
"""Every tag that may be used, with the attributes that it may have."""

REQUIRED: dict[str, tuple[str, ...]] = {"area": ("alt",), "img": ("alt", "src"), "map": ("name",)}
"""The attributes that a tag has to have."""

_ADDRESSES = frozenset({"href", "src"})
_REFERENCES = frozenset({"cite", "longdesc", "usemap"})
_SCHEME = re.compile(r"(?:https?|ftp|nntp|gopher|telnet)://|(?:news|mailto):", re.IGNORECASE)
_SCHEMES = "http, https, ftp, news, nntp, mailto, gopher or telnet"


class XHTMLError(XMLError):
    """Formatted content uses what it may not, or is not well-formed."""


def check_formatted(content: str) -> None:
    """
    Check formatted content: that it is well-formed XML, and which tags, attributes and URLs it uses.

    Args:
        content: The content, as it stands in the text of a FormattedContent element.

    Raises:
        XHTMLError: It may not stand there; the text says why, as the rest of a sentence about it.
    """
    try:
        root = parse(f"{_OPEN}{content}</FormattedContent>")
    except XMLError as error:
        column = error.column - len(_OPEN) if error.line == 1 else error.column
        place = f" (its line {error.line}, column {max(column, 1)})" if error.line else ""
        entity = "; of named entities XML knows only &amp; &lt; &gt; &quot; &apos;" if "entity" in error.text else ""
        raise XHTMLError(f"is not well-formed XHTML: {error.text}{place}{entity}") from None
    _check_markup(content)
    for element in root.iter():
        if element is not root:
            _check_tag(element)


_OPEN = f'<FormattedContent xmlns="{NAMESPACE}">'
_MARKUP = re.compile(r"<!--|<\?|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def _check_markup(content: str) -> None:
    """Refuse what leaves no trace in the tree, in content that is well-formed."""
    # Well-formed, so that outside of CDATA sections these characters can be nothing else.
    for match in _MARKUP.finditer(content):
        if match.group() == "<!--":
            raise XHTMLError("holds a comment, which is not permitted")
        if match.group() == "<?":
            raise XHTMLError("holds a processing instruction, which is not permitted")


def _check_tag(element: Element) -> None:
    tag = local_name(element)
    permitted = ATTRIBUTES.get(tag)
    if permitted is None or namespace(element) != NAMESPACE:
        hint = f": write <{tag.lower()}>" if tag not in ATTRIBUTES and tag.lower() in ATTRIBUTES else ""
        raise XHTMLError(f"holds the tag {shown(tag)}, which is not permitted{hint}")
    for name, value in element.attrib.items():
        if name not in permitted:
            raise XHTMLError(f"holds <{tag}> with the attribute {shown(name)}, which is not permitted")
        if name in _ADDRESSES or name in _REFERENCES:
            _check_address(tag, name, value)
    for name in REQUIRED.get(tag, ()):
        if name not in element.attrib:
            raise XHTMLError(f"holds <{tag}> without the attribute {name}")


def _check_address(tag: str, name: str, value: str) -> None:
    if _SCHEME.match(value.strip()):
        return
    # The schema asks whole URLs only of what is loaded or followed. A colon is what would make a reference one.
    if name in _REFERENCES and ":" not in value:
        return
    raise XHTMLError(f"holds <{tag}> with {name}={shown(value)}; it has to be a {_SCHEMES} URL")
