"""
A whole page around the inside of a form.

Where pages submit to is in `aioturk.questions._submitting`; what is wrong with other people's pages is in
`aioturk.questions.lint`.
"""

from __future__ import annotations

from aioturk.errors import InvalidRequest
from aioturk.questions._markup import Kind, Token, attribute_of, tokens
from aioturk.questions._submitting import SUBMIT_PATH, is_submit_button, submit_host
from aioturk.questions._values import references

__all__ = ["whole_page"]

# https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HTMLCustomElementsArticle.html
_CROWD_SCRIPT = "https://assets.crowd.aws/crowd-html-elements.js"


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
            (attribute_of(fragment, piece, "src") or "").strip() == _CROWD_SCRIPT
            for piece in pieces
            if piece.name == "script" and piece.kind is Kind.START
        )
        script = "" if loads else f'<script src="{_CROWD_SCRIPT}"></script>\n'
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
