"""Taking the facts: no prose comes along, nothing else is lost, and edits by hand are noticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aioturk._codegen import take

DESCRIPTION: dict[str, Any] = {
    "version": "2.0",
    "documentation": "<p>Prose</p>",
    "metadata": {"serviceId": "MTurk"},
    "operations": {"GetHIT": {"input": {"shape": "GetHITRequest"}, "documentation": "<p>Prose</p>"}},
    "shapes": {
        "GetHITRequest": {
            "type": "structure",
            "members": {
                "HITId": {"shape": "EntityId", "documentation": "<p>Prose</p>"},
                "documentation": {"shape": "String", "documentation": "<p>Prose</p>"},
            },
            "documentation": "<p>Prose</p>",
        },
        "Words": {"type": "string", "enum": ["A", "B"]},
    },
}


def test_prose_is_left_behind() -> None:
    """Everything but the prose is kept, even a member that happens to be called documentation."""
    facts = take.facts_of(DESCRIPTION)
    assert facts == {
        "metadata": {"serviceId": "MTurk"},
        "operations": {"GetHIT": {"input": {"shape": "GetHITRequest"}}},
        "shapes": {
            "GetHITRequest": {
                "type": "structure",
                "members": {"HITId": {"shape": "EntityId"}, "documentation": {"shape": "String"}},
            },
            "Words": {"type": "string", "enum": ["A", "B"]},
        },
    }
    assert "Prose" not in json.dumps(facts)


def test_the_digest_does_not_depend_on_order() -> None:
    """The same facts have the same digest, others another."""
    assert take.digest({"a": 1, "b": [2]}) == take.digest({"b": [2], "a": 1})
    assert take.digest({"a": 1}) != take.digest({"a": 2})


def test_the_model_is_what_was_taken() -> None:
    """The file in our tree holds its digest, names its origin, and has no prose."""
    model = take.load_model()
    assert model["origin"]["source"].startswith("botocore ")
    assert len(model["operations"]) == 39
    assert "<p>" not in take.MODEL.read_text("utf-8")
    assert (
        take.digest({part: model[part] for part in ("metadata", "operations", "shapes")}) == model["origin"]["sha256"]
    )


def test_edits_by_hand_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose facts were changed is refused, with its name."""
    edited = json.loads(take.MODEL.read_text("utf-8"))
    edited["shapes"]["ResultSize"]["max"] = 1000
    path = tmp_path / "model.json"
    path.write_text(json.dumps(edited), "utf-8")
    monkeypatch.setattr(take, "MODEL", path)
    with pytest.raises(ValueError, match=r"model\.json was edited by hand"):
        take.load_model()
