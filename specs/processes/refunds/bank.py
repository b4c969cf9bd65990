"""A stand-in for a bank's portal: orders go in, and an answer comes after some looks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from processes.job import Arguments, BusinessError, run


def bank(arguments: Arguments) -> dict[str, Any]:
    """Take in_Order, a file, and in_Do: `send`, `look` or `recall`. A look gives Answered, and Accepted with it."""
    order = Path(arguments["in_Order"])
    match arguments["in_Do"]:
        case "send":
            order.parent.mkdir(parents=True, exist_ok=True)
            _write(order, {"Amount": arguments["in_Amount"], "Looks": 0, "AnswersAfter": arguments["in_AnswersAfter"]})
            return {"Order": order.as_posix()}
        case "look":
            state = _read(order)
            state["Looks"] += 1
            _write(order, state)
            answered = state["Looks"] >= state["AnswersAfter"]
            return {"Answered": answered, "Accepted": answered}
        case "recall":
            _write(order, {**_read(order), "Recalled": True})
            return {"Recalled": True}
        case other:
            raise BusinessError(f"The portal has no button for {other}.")


def _read(order: Path) -> dict[str, Any]:
    if not order.is_file():
        raise BusinessError(f"The bank knows no order {order.stem}.")
    state: dict[str, Any] = json.loads(order.read_text(encoding="utf-8"))
    return state


def _write(order: Path, state: dict[str, Any]) -> None:
    order.write_text(json.dumps(state), encoding="utf-8")


if __name__ == "__main__":
    run(bank)
