"""
The script behind `/static/crowd-html-elements.js`: our own stand-in for Amazon's crowd HTML elements.

It is written in several files, `static/crowd/`, each about one kind of elements, and served as one classic script: that
is how templates load it, and nothing of it but the elements is to be seen from their own scripts.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["script"]


@cache
def script() -> str:
    """Return all files one after the other, in the order of their names, in one scope of their own."""
    folder = resources.files("aioturk.marketplace.site").joinpath("static", "crowd")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".js")), key=lambda file: file.name)
    parts = "\n".join(file.read_text("utf-8") for file in files)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'
