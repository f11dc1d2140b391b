"""Writes :mod:`aioturk._generated`, or with ``--check`` tells whether it is what would be written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from aioturk._codegen.render import Model, render_all
from aioturk._codegen.take import load_model

__all__ = ["generated_modules", "main"]

GENERATED = Path(__file__).resolve().parent.parent / "_generated"


def generated_modules() -> dict[str, str]:
    """Return the text of every generated module by file name, formatted."""
    return {name: _formatted(text) for name, text in render_all(Model(load_model())).items()}


def _formatted(text: str) -> str:
    # Settings on the command line, so that the result does not depend on the working directory.
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--line-length",
        "120",
        "--target-version",
        "py311",
        "-",
    ]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise SystemExit(f"ruff cannot format a generated module (is ruff installed?): {done.stderr.strip()}")
    return done.stdout


def main(arguments: list[str]) -> int:
    """Write the modules; with ``--check`` only compare, and return 1 when they differ."""
    only_check = "--check" in arguments
    differing = []
    for name, text in generated_modules().items():
        path = GENERATED / name
        # Formatters change their taste from year to year, so what is there is formatted as well before comparing.
        if path.exists() and _formatted(path.read_text(encoding="utf-8")) == text:
            continue
        differing.append(name)
        if not only_check:
            path.write_text(text, encoding="utf-8")
    if only_check and differing:
        sys.stderr.write(f"out of date: {', '.join(differing)}; run `python -m aioturk._codegen`\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
