"""``python -m aioturk`` and the ``aioturk`` command: hands over to the command line interface."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line interface."""
    try:
        from aioturk.cli.app import app
    except ModuleNotFoundError as missing:
        if missing.name not in {"typer", "rich"}:
            raise
        sys.exit(f'aioturk: the command line needs {missing.name}; install it with: pip install "aioturk[all]"')
    app()


if __name__ == "__main__":
    main()
