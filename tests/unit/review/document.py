"""A plan file's document, as small as one can be."""

from __future__ import annotations

from typing import Any


def row(step_id: str, **more: Any) -> dict[str, Any]:
    facts = ("release_key", "package", "version", "entry_point", "arguments", "folder", "folder_id", "folder_key")
    return {
        "id": step_id,
        "file": "",
        "kind": "job",
        "stage": "steps",
        "mark": "+",
        "changes": [],
        "release": "Post",
        **dict.fromkeys(facts),
        "written": {},
        "needs": [],
        "optional": [],
        "fan_out": None,
        "if": None,
        "given": {},
        "usual": None,
        **more,
    }


def document(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "flowrun": "0.1.0",
        "created_at": "2026-11-26T02:00:00.000Z",
        "workflow": "close",
        "file": "specs/close.yaml",
        "environment": None,
        "context": {"name": "prod", "chosen": True},
        "target": {"url": "https://cloud.uipath.com/acme/prod"},
        "max_parallel": None,
        "inputs": {"period": "2026-10"},
        "secrets": [],
        "made_from": {"files": {"specs/close.yaml": "sha256:a"}, "lock": None},
        "sources": [],
        "steps": list(steps) or [row("post", version="1.0.0", folder="Finance")],
        "removed": [],
        "moves": [],
        "runtimes": [],
        "longest_path": {"steps": ["post"], "seconds": 0.0, "runs": 0},
        "quiescence": 90.0,
        "problems": [],
        "differences": 1,
        "text": "close: 1 step\n",
        **more,
    }
