"""
Which questions a type asks for, by its fields.

The type is a dataclass, an attrs class, a msgspec struct, a typed dictionary or a pydantic model. A plan is made once
for it and kept. None of the libraries is imported: whoever has a class of theirs has them loaded.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, get_type_hints

from aioturk.answers.field import Field
from aioturk.answers.readers import Annotation, Library, is_blank, json_object, told
from aioturk.answers.scalars import Misfit, Read, said
from aioturk.errors import AnswerProblem, InvalidRequest

__all__ = ["Plan", "PlannedField", "plan_of"]


class PlannedField(NamedTuple):
    """
    One field of a type.

    Attributes:
        name: What the type calls it when it is made.
        question: The question that fills it.
        other: Whether the text beside "other" fills it.
        type: Its type.
        read: Its reader.
        blank: What a blank answer, or none, becomes where there is no default; None when that is a problem.
        is_blank: Whether a raw value is blank.
        has_default: Whether it may be left out.
    """

    name: str
    question: str
    other: bool
    type: Any
    read: Read
    blank: Read | None
    is_blank: Callable[[Any], bool]
    has_default: bool


@dataclasses.dataclass(slots=True)
class Plan:
    """
    How a type is filled.

    Attributes:
        type: The type.
        fields: Its fields; empty while the plan is being made, so that a type may hold itself.
        make: Makes a value of the type, of values by name.
    """

    type: Any
    fields: tuple[PlannedField, ...]
    make: Callable[..., Any]

    def fill(self, get: Callable[[str], Any], other: Mapping[str, str]) -> Any:
        """
        Make a value of the type.

        Args:
            get: Returns the raw value for a question; None if there is none.
            other: The texts beside "other".

        Raises:
            Misfit: Fields do not fit, all that do not; or the type itself refused the values.
        """
        values: dict[str, Any] = {}
        problems: list[AnswerProblem] = []
        for name, question, is_other, kind, read, blank, is_blank_here, has_default in self.fields:
            raw = other.get(question) if is_other else get(question)
            # The first two conditions say it of a text, which nearly all values are, without a call.
            if (not raw or raw.isspace()) if raw.__class__ is str else is_blank_here(raw):
                if has_default:
                    continue
                if blank is None:
                    problems.append(AnswerProblem(question, raw, kind, _missing(question, {} if is_other else other)))
                    continue
                read = blank
            try:
                values[name] = read(raw)
            except Misfit as misfit:
                problems += misfit.at(question, kind)
        if problems:
            raise Misfit(problems)
        try:
            return self.make(**values)
        except Exception as error:  # the program's own checks, on a worker's values: they may raise anything
            raise Misfit(_refusals(self, error, get)) from error

    def read(self, raw: Any) -> Any:
        """Make a value of the type of a JSON object, or of the text of one."""
        return self.fill(json_object(raw).get, {})


def _missing(question: str, other: Mapping[str, str]) -> str:
    if is_blank(other.get(question)):
        return "it was left blank, or is missing"
    return f"only 'other' was answered: a field with Field({question!r}, other=True) takes that"


def _refusals(plan: Plan, error: Exception, get: Callable[[str], Any]) -> Iterator[AnswerProblem]:
    """What the type's own checks said, by question where they told the field."""
    pydantic = sys.modules.get("pydantic")
    questions = {field.name: field for field in plan.fields}
    if pydantic is None or not isinstance(error, pydantic.ValidationError):
        yield AnswerProblem("", None, plan.type, f"{plan.type.__name__} refused it: {said(str(error))}")
        return
    refusal: Any = error
    for refused in refusal.errors(include_url=False, include_context=False):
        field = questions.get(str(refused["loc"][0])) if refused["loc"] else None
        if field is None:
            yield AnswerProblem("", None, plan.type, f"{plan.type.__name__} refused it: {said(refused['msg'])}")
        else:
            raw = get(field.question)
            yield AnswerProblem(field.question, raw, field.type, f"{told(raw)} was refused: {said(refused['msg'])}")


@lru_cache(maxsize=256)
def plan_of(kind: Any) -> Plan:
    """
    Return the plan of a type.

    Raises:
        InvalidRequest: It is no type with fields, or answers cannot be read as one of them.
    """
    plan = _planned(kind, {})
    if plan is None:
        raise InvalidRequest(
            f"{_name(kind)} has no fields that questions could fill: give a dataclass, an attrs class, a msgspec "
            "struct, a TypedDict or a pydantic model.",
            sending=False,
        )
    return plan


def _planned(kind: Any, begun: dict[Any, Plan]) -> Plan | None:
    if kind in begun:
        return begun[kind]
    found = next((fields for belongs, fields in _KINDS if belongs(kind)), None)
    if found is None:
        return None
    before = dict(begun)
    plan = begun[kind] = Plan(kind, (), kind)
    # pydantic reads many types that are unknown here, and refuses what does not fit.
    library = Library(_models(begun), reads_more=found is _of_pydantic)
    try:
        plan.fields = tuple(
            _field(described, f"{_name(kind)}.{described.name}", library) for described in _described(kind, found)
        )
        if found is _of_pydantic:
            plan.make = _validating(kind)
        elif found is not _of_typed_dict:
            _check_arguments(plan)
    except InvalidRequest:
        # A model around it may go on without; plans that lean on this one are as unfinished as it is.
        begun.clear()
        begun.update(before)
        raise
    return plan


def _models(begun: dict[Any, Plan]) -> Callable[[Any], Read | None]:
    def find(kind: Any) -> Read | None:
        plan = _planned(kind, begun)
        return None if plan is None else plan.read

    return find


def _validating(kind: Any) -> Callable[..., Any]:
    # Not the class itself: a model may call an argument `self`, and has aliases that are no names.
    return lambda **values: kind.model_validate(values)


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


def _check_arguments(plan: Plan) -> None:
    """Refuse a type that needs more than its fields to be made."""
    taken = inspect.signature(plan.type).parameters.values()
    named = {each.name: each for each in taken if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)}
    given = {field.name for field in plan.fields}
    wanted = {name for name, each in named.items() if each.default is each.empty}
    if not wanted <= given or not (given <= set(named) or any(each.kind is each.VAR_KEYWORD for each in taken)):
        raise InvalidRequest(
            f"{_name(plan.type)} cannot be made from answers: what it takes, {', '.join(named) or 'nothing'}, is not "
            f"its fields, {', '.join(sorted(given)) or 'none'}.",
            sending=False,
        )


# What the libraries say about their fields.


@dataclasses.dataclass(frozen=True, slots=True)
class _Described:
    """A field as its library describes it."""

    name: str
    type: Any
    has_default: bool
    question: str | None = None
    """Its name in documents, where the library has one."""
    field: Field | None = None


def _field(described: _Described, where: str, library: Library) -> PlannedField:
    known = Annotation.of(described.type, where, library)
    note = described.field or known.field or Field()
    return PlannedField(
        name=described.name,
        question=note.question or described.question or described.name,
        other=note.other,
        type=known.type,
        read=known.read,
        blank=known.blank,
        is_blank=known.is_blank,
        has_default=described.has_default,
    )


def _described(kind: Any, fields: Callable[[Any], Iterator[_Described]]) -> list[_Described]:
    try:
        return list(fields(kind))
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise InvalidRequest(
            f"The annotations of {_name(kind)} cannot be understood: {error}. Types that are named in quotes, or under "
            "`from __future__ import annotations`, have to be found in the module's own names.",
            sending=False,
        ) from error


def _of_dataclass(kind: Any) -> Iterator[_Described]:
    hints = get_type_hints(kind, include_extras=True)
    for field in dataclasses.fields(kind):
        if field.init:
            has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
            yield _Described(field.name, hints[field.name], has_default)


def _of_attrs(kind: Any) -> Iterator[_Described]:
    hints = get_type_hints(kind, include_extras=True)
    nothing = sys.modules["attr"].NOTHING
    for attribute in kind.__attrs_attrs__:
        if attribute.init:
            hint = hints.get(attribute.name, attribute.type)
            yield _Described(attribute.alias, Any if hint is None else hint, attribute.default is not nothing)


def _of_struct(kind: Any) -> Iterator[_Described]:
    import msgspec

    for field in msgspec.structs.fields(kind):
        yield _Described(field.name, field.type, not field.required, field.encode_name)


def _of_typed_dict(kind: Any) -> Iterator[_Described]:
    for name, hint in get_type_hints(kind, include_extras=True).items():
        # Under `from __future__ import annotations` only the hint itself tells; without, the class knows all.
        wrapper = str(getattr(_below_notes(hint), "_name", ""))
        has_to_be = {"Required": True, "NotRequired": False}.get(wrapper, name in kind.__required_keys__)
        yield _Described(name, hint, not has_to_be)


def _below_notes(hint: Any) -> Any:
    while hasattr(hint, "__metadata__"):
        hint = hint.__origin__
    return getattr(hint, "__origin__", None)


def _of_pydantic(kind: Any) -> Iterator[_Described]:
    kind.model_rebuild()
    by_alias = kind.model_config.get("validate_by_alias", True) is not False
    for name, field in kind.model_fields.items():
        alias = field.validation_alias or field.alias
        if not isinstance(alias, str):
            choices = getattr(alias, "choices", [])
            alias = next((choice for choice in choices if isinstance(choice, str)), None)
        note = next((each for each in field.metadata if isinstance(each, Field)), None)
        key = alias if alias and by_alias else name
        yield _Described(key, field.annotation, not field.is_required(), alias or name, note)


def _is_attrs(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "__attrs_attrs__")


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "__struct_config__")


def _is_typed_dict(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, dict) and hasattr(kind, "__required_keys__")


def _is_pydantic(kind: Any) -> bool:
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)


def _is_dataclass(kind: Any) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Iterator[_Described]]], ...] = (
    (_is_pydantic, _of_pydantic),
    (_is_attrs, _of_attrs),
    (_is_struct, _of_struct),
    (_is_typed_dict, _of_typed_dict),
    (_is_dataclass, _of_dataclass),
)
