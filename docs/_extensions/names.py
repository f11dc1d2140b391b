"""
Links for names that Sphinx does not find by itself: aioturk's own under their short names, and the standard library's.

Docstrings say `HITDoesNotExist` or `aioturk.TurkError.fate`, annotations name the private module in which a class is
defined; readers know one documented home of each. The standard library's pages follow a rule, so no inventory has
to be fetched.
"""

from __future__ import annotations

import builtins
import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

__all__ = ["find"]

LIBRARY = "https://docs.python.org/3/library"
MODULES = (
    "asyncio",
    "collections.abc",
    "contextlib",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "os",
    "pathlib",
    "random",
    "typing",
)
BARE = {
    "Decimal": "decimal.Decimal",
    "PathLike": "os.PathLike",
    "datetime": "datetime.datetime",
    "timedelta": "datetime.timedelta",
}
TYPES = {"bool", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple", "None"}


def find(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement) -> nodes.Element | None:
    """Resolve a name that Python's domain does not know, or return None."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    if uri := _library_page(target):
        reference = nodes.reference("", "", internal=False, refuri=uri)
        reference += content
        return reference
    short = _from_class_on(target)
    domain = env.domains.python_domain
    # An attribute that is described with its class leads there.
    for wanted in (short, short.partition(".")[0]):
        homes = {entry.node_id for name, entry in domain.objects.items() if wanted and _from_class_on(name) == wanted}
        if len(homes) == 1:
            return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", homes.pop(), node, content)
    return None


def _from_class_on(name: str) -> str:
    """Return the name from its class on, without the path of the module: ``TurkError.fate``."""
    found = re.fullmatch(r"(?:[a-z_]\w*\.)*([A-Z]\w*(?:\.\w+)*)", name)
    return found[1] if found else ""


def _library_page(name: str) -> str | None:
    name = BARE.get(name, name)
    if name in TYPES:
        return f"{LIBRARY}/constants.html#None" if name == "None" else f"{LIBRARY}/stdtypes.html#{name}"
    if isinstance(getattr(builtins, name, None), type) and issubclass(getattr(builtins, name), BaseException):
        return f"{LIBRARY}/exceptions.html#{name}"
    module = next((module for module in MODULES if name.startswith(f"{module}.")), None)
    return f"{LIBRARY}/{module}.html#{name}" if module else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Let `find` look at every name that was not found."""
    app.connect("missing-reference", find)
    return {"parallel_read_safe": True}
