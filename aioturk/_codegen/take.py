"""
Takes the facts of the service description out of botocore, once.

``python -m aioturk._codegen.take`` writes ``model.json`` anew from the installed botocore. It keeps what a
program needs (operations, members, types, bounds, enumerations) and drops all prose. The file is
kept in our tree so that nothing depends on botocore keeping a closed service; `tests/codegen`
compares the two for as long as botocore has it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

__all__ = ["MODEL", "facts_of", "load_model", "main"]

MODEL = Path(__file__).with_name("model.json")

_PROSE = frozenset({"documentation", "documentationUrl"})


def facts_of(description: dict[str, Any]) -> dict[str, Any]:
    """Return the operations and shapes of a service description without its prose."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(inner) for key, inner in value.items() if not _is_prose(key, inner)}
        if isinstance(value, list):
            return [bare(inner) for inner in value]
        return value

    return {part: bare(description[part]) for part in ("metadata", "operations", "shapes")}


def _is_prose(key: str, value: Any) -> bool:
    # A member may well be called "documentation"; its value would then be a structure, not a text.
    return key in _PROSE and isinstance(value, str)


def digest(facts: dict[str, Any]) -> str:
    """Return the SHA-256 of the facts in one canonical form."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def load_model() -> dict[str, Any]:
    """Read ``model.json`` and make sure that it is what was taken: its digest holds."""
    model: dict[str, Any] = json.loads(MODEL.read_text(encoding="utf-8"))
    origin = model.pop("origin")
    if digest(model) != origin["sha256"]:
        raise ValueError(f"{MODEL} was edited by hand: its facts no longer have the digest that it names")
    return {"origin": origin, **model}


def main() -> None:
    """Write ``model.json`` from the installed botocore."""
    import botocore
    import botocore.loaders

    facts = facts_of(botocore.loaders.Loader().load_service_model("mturk", "service-2", "2017-01-17"))
    origin = {"source": f"botocore {botocore.__version__}, mturk/2017-01-17/service-2", "sha256": digest(facts)}
    MODEL.write_text(json.dumps({"origin": origin, **facts}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
