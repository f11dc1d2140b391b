"""How Sphinx builds the documentation. Nothing here needs the network."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

from aioturk import __version__

project = "aioturk"
author = "the aioturk authors"
project_copyright = "the aioturk authors"
release = version = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "from_code",
    "names",
    "screenshots",
]
exclude_patterns = ["_build", "changes"]
nitpicky = True
nitpick_ignore_regex = [
    # `Single` backticks link where there is something to link to, and are code where there is not.
    ("py:obj", r".*"),
    # Modules that are not public are named where a reader of the code wants to know.
    ("py:mod", r"aioturk\..*"),
    # What the marketplace is made of is not public.
    ("py:class", r"aioturk\.marketplace\.(house|site|store)\..*"),
    # What a question has to be is said in words.
    ("py:class", r"aioturk\._core\.accepted\.(Document|Layout)"),
    # So is what stands for an amount of money.
    ("py:class", "Money"),
    # Variables of types, and types of libraries that are links nowhere.
    ("py:.*", r"(aioturk\..*)?\b[A-Z](_co)?"),
    ("py:.*", r"(aiohttp|msgspec|pandas|typing_extensions)\..*"),
]

default_role = "py:obj"
add_module_names = False
python_maximum_signature_line_length = 88
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "aioturk"
html_copy_source = False
html_show_sphinx = False
