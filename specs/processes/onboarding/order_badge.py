"""Order the badge that opens the doors."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from processes.job import Arguments, BusinessError, run


def order_badge(arguments: Arguments) -> dict[str, Any]:
    """Take in_Person and in_Account; give BadgeNumber."""
    person = arguments["in_Person"]
    if not person["Photo"]:
        raise BusinessError(f"There is no photo of {person['Name']}, and no badge without one.")
    return {"BadgeNumber": f"B-{crc32(arguments['in_Account'].encode()) % 100_000:05}"}


if __name__ == "__main__":
    run(order_badge)
