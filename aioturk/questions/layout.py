"""
Layouts: pages that the service keeps already, and fills with a HIT's values itself.

On Amazon's requester site each project had one; its id and the names of its placeholders stood on the project's page.
On a marketplace of one's own `Marketplace.add_layout` makes them. Pages that are filled here are in
`aioturk.questions.template`.

The manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HITLayoutArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from aioturk._core.xml import beyond_bmp, unsupported
from aioturk.errors import InvalidRequest
from aioturk.questions._document import described
from aioturk.questions._values import Unfit, carried_text

__all__ = ["HITLayout"]


class HITLayout:
    r"""
    A page that the service keeps, with the values for its placeholders: a question for `create_hit`.

    ``HITLayout("3LAYOUTID", person_id=7, image_url="https://example.org/7.jpg")`` is sent as ``HITLayoutId`` and
    ``HITLayoutParameters``. Each ``${name}`` of the page needs its value; which there are cannot be asked of the
    service, which names those that are missing when it refuses the HIT.

    The service puts values into the page as they are, without escaping: HTML in them is live, and so is a script that
    somebody else has written. Write what is a text, and not yours, with `escaped`. Layouts are values: they compare
    and hash by what they say, and do not change.

    Args:
        layout_id: The layout's id, as on the project's page: capital letters and digits.
        parameters: The values by the names of their placeholders, upper and lower case being different: strings,
            numbers (as by `str`), dates (in their ISO form), true and false, lists and mappings (as JSON).

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    __slots__ = ("_id", "_parameters")

    def __init__(self, layout_id: str, /, **parameters: object) -> None:
        self._id = _checked_id(layout_id)
        self._parameters = _texts(parameters.items(), "parameters")

    @property
    def layout_id(self) -> str:
        """The layout's id."""
        return self._id

    @property
    def parameters(self) -> Mapping[str, str]:
        """The values as they are sent, by name."""
        return MappingProxyType(self._parameters)

    def fill(self, row: Mapping[str, object]) -> HITLayout:
        """
        Return the layout with a row's values besides those that it has.

        Args:
            row: The values by name. What the page has no place for is sent as well, and ignored by the service
                (unverified).

        Raises:
            InvalidRequest: A value cannot be sent, or the layout has one of that name already; all are named at once.
        """
        if not isinstance(row, Mapping):
            raise InvalidRequest(f"is {type(row).__name__}; give a mapping of names to values.", argument="row")
        twice = [repr(name) for name in row if name in self._parameters]
        if twice:
            raise InvalidRequest(
                f"has {', '.join(twice)}, for which the layout has a value already: leave one of them out.",
                argument="row",
            )
        filled = object.__new__(HITLayout)
        filled._id = self._id
        filled._parameters = self._parameters | _texts(row.items(), "row")
        return filled

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HITLayout):
            return NotImplemented
        return self._id == other._id and self._parameters == other._parameters

    def __hash__(self) -> int:
        return hash((self._id, frozenset(self._parameters.items())))

    def __repr__(self) -> str:
        return "".join(
            ("HITLayout(", repr(self._id), *(f", {_shown(*each)}" for each in self._parameters.items()), ")")
        )


# The model's EntityId.
_ID = re.compile(r"[A-Z0-9]{1,64}", re.ASCII)
_LOOK = 60


def _checked_id(layout_id: object) -> str:
    if isinstance(layout_id, str) and _ID.fullmatch(layout_id):
        return str(layout_id)
    raise InvalidRequest(
        f"is {layout_id!r:.60}; give the id that the project's page shows, of capital letters and digits.",
        argument="layout_id",
    )


def _shown(name: str, value: str) -> str:
    return f"{name}={value!r}" if len(value) <= _LOOK else f"{name}={value[:_LOOK]!r}..."


def _texts(items: Iterable[tuple[object, object]], argument: str) -> dict[str, str]:
    """Return the values as they are sent."""
    texts = {}
    problems = []
    for name, value in items:
        if not isinstance(name, str) or not name or unsupported(name):
            problems.append(f"the name {name!r:.60} is none that a placeholder can have")
            continue
        try:
            texts[str(name)] = _within_bmp(carried_text(value))
        except Unfit as unfit:
            problems.append(f"{name} {unfit}")
    if problems:
        raise InvalidRequest("; ".join(problems) + ".", argument=argument)
    return texts


def _within_bmp(text: str) -> str:
    found = beyond_bmp(text)
    if found is not None:
        # Whether a reference means anything depends on the page, which is not known here.
        raise Unfit(
            f"holds {described(found, text)}, and the service takes no characters above U+FFFF: "
            f"write &#{ord(found[1])}; where the page shows it as a text, as `escaped` does"
        )
    return text
