"""
What the documentation takes from the code: tables of repetition, rules and faults, commands, and unreleased changes.

All are made as reStructuredText, by functions that need no Sphinx, so that the tests can look at them; `setup` makes
directives of them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aioturk._core.repetition import MEANING, RETRY_CLASSES, SUCCESS_WHEN, RetryClass
from aioturk._generated.tables import OPERATIONS
from aioturk.marketplace import AMAZON, HOUSE, Faults, Range, Rules

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = [
    "commands",
    "differences_table",
    "faults_table",
    "repetition_table",
    "rules_table",
    "settled_table",
    "unreleased_changes",
]

CHANGES = Path(__file__).parent.parent / "changes"

SECONDS = frozenset(
    {
        "assignment_duration",
        "auto_approval_delay",
        "crowd_retention",
        "default_auto_approval_delay",
        "disposal_after",
        "early_days",
        "extension",
        "lifetime",
        "name_release",
        "override_window",
        "retry_delay",
        "review_extension",
        "signature_window",
        "test_duration",
        "token_lifetime",
        "total_lifetime",
        "unused_after",
    }
)
"""Rules that are seconds."""

CENTS = frozenset({"bonus", "minimum_fee", "premium", "reward"})
"""Rules that are cents."""


def repetition_table() -> str:
    """Write the classes with their operations and what happens to them, one row for each class."""
    rows = []
    for kind in RetryClass:
        members = sorted(name for name, its in RETRY_CLASSES.items() if its is kind)
        rows.append([f"**{kind}** ({len(members)})", ", ".join(map(_method, members)), MEANING[kind]])
    return _list_table(["class", "operations", "after an attempt that may have taken effect"], rows, "12 48 40")


def settled_table() -> str:
    """Write what counts as success when the repeat of a settled operation is refused."""
    rows = [[_method(name), f"{text[0].upper()}{text[1:]}."] for name, text in SUCCESS_WHEN.items()]
    return _list_table(["operation", "success is"], rows, "40 60")


def differences_table() -> str:
    """Write the rules in which the two profiles differ."""
    rows = [row for row in _rules() if row[1] != row[2]]
    return _list_table(["rule", "``amazon``", "``house``", "what it says"], rows, "24 14 14 48")


def rules_table() -> str:
    """Write every rule with its two values; that of the house only where it is another."""
    rows = [[name, amazon, "" if house == amazon else house, text] for name, amazon, house, text in _rules()]
    return _list_table(["rule", "``amazon``", "``house``", "what it says"], rows, "24 20 10 46")


def faults_table() -> str:
    """Write what can be made to go wrong."""
    sentences = _sentences(Faults, "Args:")
    rows = [[f"``{field.name}``", sentences[field.name]] for field in fields(Faults)]
    return _list_table(["argument", "what happens"], rows, "24 76")


def commands() -> str:
    """Write every command with its help, its arguments and its options."""
    import typer.main

    from aioturk.cli.app import app

    return "\n\n".join(_commands("aioturk", typer.main.get_command(app)))


def unreleased_changes() -> str:
    """Write the fragments as a list, the kinds in the order of their names."""
    fragments = sorted(CHANGES.glob("*.*.rst"), key=lambda path: (path.suffixes[-2], path.name.split(".")))
    if not fragments:
        return "Nothing yet."
    return "\n".join(_bullet(path.read_text(encoding="utf-8")) for path in fragments)


def _method(operation: str) -> str:
    name = OPERATIONS[operation].python
    return f":meth:`{name} <aioturk.Client.{name}>`"


def _commands(name: str, command: Any) -> Iterator[str]:
    if members := getattr(command, "commands", None):
        for member, its in members.items():
            yield from _commands(f"{name} {member}", its)
        return
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    yield f".. rubric:: {' '.join([name, *(each.metavar or each.name.upper() for each in arguments)])}"
    # As code, so that neither dashes nor quotation marks are made handsome.
    yield re.sub(r"(?<!\S)--(?!\S)|\w+\(\"\w+\"\)", r"``\g<0>``", inspect.cleandoc(command.help))
    yield "\n".join(f"``{each.metavar or each.name.upper()}``\n   {each.help}" for each in arguments)
    yield "\n".join(f"``{', '.join([*each.opts, *each.secondary_opts])}``\n   {each.help}" for each in options)


def _rules() -> Iterator[list[str]]:
    sentences = _sentences(Rules, "Attributes:")
    for field in fields(Rules):
        values = (_value(field.name, getattr(profile, field.name)) for profile in (AMAZON, HOUSE))
        yield [f"``{field.name}``", *values, sentences[field.name]]


def _sentences(kind: type, section: str) -> dict[str, str]:
    """Return what a section of a docstring says about each name."""
    entries = inspect.cleandoc(kind.__doc__ or "").partition(f"{section}\n")[2].partition("\n\n")[0]
    found = re.findall(r"^    (\w+): (.+(?:\n     .+)*)", entries, re.M)
    return {name: " ".join(text.split()) for name, text in found}


def _value(name: str, value: object) -> str:
    if isinstance(value, Range):
        least, most = _value(name, value.least), _value(name, value.most)
        return f"{least} to {most}" if value.least else f"up to {most}"
    if isinstance(value, Mapping):
        # What they are for is too long for a column.
        return " or ".join(dict.fromkeys(_value(name, each) for each in value.values())) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int):
        return str(value)
    if name in SECONDS:
        return _duration(value)
    return f"${value / 100:,.2f}" if name in CENTS else f"{value:,}"


def _duration(seconds: int) -> str:
    for unit in ("days", "hours", "minutes"):
        number, rest = divmod(seconds, int(timedelta(**{unit: 1}).total_seconds()))
        if number and not rest:
            return f"{number:,} {unit}" if number > 1 else f"1 {unit[:-1]}"
    return f"{seconds:,} second{'' if seconds == 1 else 's'}"


def _bullet(text: str) -> str:
    first, *others = text.strip().splitlines()
    return "\n".join([f"* {first}", *(f"  {line}" for line in others)])


def _list_table(head: list[str], rows: list[list[str]], widths: str) -> str:
    return "\n".join([".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "", *_lines([head, *rows])])


def _lines(rows: list[list[str]]) -> Iterator[str]:
    for row in rows:
        for place, cell in enumerate(row):
            yield f"   {'* -' if place == 0 else '  -'} {cell}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register ``.. repetition-table::`` and so on, for each function here that writes something."""
    from docutils import nodes
    from sphinx.util.docutils import SphinxDirective

    def directive(write: Callable[[], str]) -> type[SphinxDirective]:
        class Written(SphinxDirective):
            def run(self) -> list[nodes.Node]:
                return self.parse_text_to_nodes(write())

        return Written

    for name in __all__:
        app.add_directive(name.replace("_", "-"), directive(globals()[name]))
    return {"parallel_read_safe": True}
