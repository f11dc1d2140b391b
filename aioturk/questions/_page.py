"""
A whole page around a fragment, and the addresses that pages submit to.

What is wrong with other people's pages is in `aioturk.questions.lint`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aioturk.errors import InvalidRequest
from aioturk.questions._markup import Kind, Token, decoded, tokens
from aioturk.questions._values import references

__all__ = ["CROWD_SCRIPT", "SUBMIT_PATH", "attribute_of", "is_submit_button", "submit_host", "whole_page"]

SUBMIT_PATH = "/mturk/externalSubmit"
# https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HTMLQuestionArticle.html
_HOSTS = {"production": "https://www.mturk.com", "sandbox": "https://workersandbox.mturk.com", "local": ""}
# https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HTMLCustomElementsArticle.html
CROWD_SCRIPT = "https://assets.crowd.aws/crowd-html-elements.js"


def submit_host(environment: object) -> str:
    """
    Return the origin of the site whose workers submit there; empty for "the one that shows the page".

    Args:
        environment: ``"production"``, ``"sandbox"``, ``"local"``, or a URL.

    Raises:
        InvalidRequest: It is none of these.
    """
    if isinstance(environment, str):
        if environment in _HOSTS:
            return _HOSTS[environment]
        try:
            parts = urlsplit(environment)
        except ValueError:
            parts = urlsplit("")
        if (
            parts.scheme in ("https", "http")
            and parts.netloc
            and "@" not in parts.netloc
            and not environment.split(parts.netloc, 1)[1].strip("/")
        ):
            return f"{parts.scheme}://{parts.netloc}"
    raise InvalidRequest(
        f'is {environment!r:.60}; give "production", "sandbox", "local", or a site\'s URL without a path.',
        argument="environment",
    )


def whole_page(fragment: str, *, environment: str, title: str, submit: str) -> str:
    """
    Write a page around the inside of a form.

    Raises:
        InvalidRequest: It is more than that, or the environment is none.
    """
    host = submit_host(environment)
    pieces = list(tokens(fragment))
    _check(pieces)
    started = {piece.name for piece in pieces if piece.kind is Kind.START}
    head = f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{references(title)}</title>\n'
    if "crowd-form" in started:
        loads = any(
            (attribute_of(fragment, piece, "src") or "").strip() == CROWD_SCRIPT
            for piece in pieces
            if piece.name == "script" and piece.kind is Kind.START
        )
        script = "" if loads else f'<script src="{CROWD_SCRIPT}"></script>\n'
        return f"{head}{script}</head>\n<body>\n{fragment.strip()}\n</body>\n</html>\n"
    identified = any(attribute_of(fragment, piece, "name") == "assignmentId" for piece in pieces)
    hidden = "" if identified else '<input type="hidden" name="assignmentId" id="assignmentId" value="">\n'
    buttoned = any(
        is_submit_button(fragment, piece) and attribute_of(fragment, piece, "form") in (None, "mturk_form")
        for piece in pieces
    )
    button = "" if buttoned else f'<p><button type="submit" id="submitButton">{references(submit)}</button></p>\n'
    return (
        f"{head}</head>\n<body>\n"
        f'<form name="mturk_form" id="mturk_form" method="post" action="{references(host)}{SUBMIT_PATH}">\n'
        f"{hidden}{fragment.strip()}\n{button}</form>\n<script>\n{_SCRIPT}</script>\n</body>\n</html>\n"
    )


def attribute_of(page: str, tag: Token, name: str) -> str | None:
    """Return the first attribute of that name, as browsers read it; None if there is none."""
    for each in tag.attributes:
        if each.name == name:
            return decoded(page[each.start : each.end])
    return None


def is_submit_button(page: str, tag: Token) -> bool:
    """Whether a tag begins a button that submits its form."""
    if tag.kind is not Kind.START or tag.name not in ("button", "input", "crowd-button"):
        return False
    kind = (attribute_of(page, tag, "type") or "").lower()
    if tag.name == "button":
        return kind not in ("button", "reset")
    if tag.name == "input":
        return kind in ("submit", "image")
    return attribute_of(page, tag, "form-action") == "submit"


_WHOLE = frozenset({"html", "head", "body", "frameset"})


def _check(pieces: list[Token]) -> None:
    tags = {piece.name for piece in pieces if piece.kind in (Kind.START, Kind.END)}
    if any(piece.kind is Kind.DOCTYPE for piece in pieces) or tags & _WHOLE:
        raise _refused("is a whole page already: use it as it is")
    if "form" in tags:
        raise _refused("has a form of its own, and forms cannot stand in each other: leave its tags out")
    if not pieces[-1].closed:
        raise _refused("ends within a tag, a comment or an element that has no end, which would swallow the rest")


def _refused(text: str) -> InvalidRequest:
    return InvalidRequest(f"{text}.", argument="text")


# setAttribute and querySelector, because a field named "action" or "id" hides the form's own property of that name.
_SCRIPT = """\
(function () {
  "use strict";
  var query = new URLSearchParams(window.location.search);
  var form = document.getElementById("mturk_form");
  var assignment = query.get("assignmentId") || "ASSIGNMENT_ID_NOT_AVAILABLE";
  var site = query.get("turkSubmitTo") || "";
  if (/^https?:\\/\\//i.test(site)) {
    form.setAttribute("action", site.replace(/\\/+$/, "") + "/mturk/externalSubmit");
  }
  form.querySelector("[name=assignmentId]").value = assignment;
  if (assignment === "ASSIGNMENT_ID_NOT_AVAILABLE") {
    form.querySelectorAll("button:not([type=button]):not([type=reset]), input[type=submit], input[type=image]")
      .forEach(function (button) { button.disabled = true; });
  }
})();
"""
