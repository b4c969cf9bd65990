"""History: what earlier runs of a workflow say of the next one: the last of them, and how long steps usually take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowrun.core.plan import Plan


@dataclass(frozen=True, slots=True)
class History:
    """`plans`: those of the last run by the file that they are of, made concrete as far as its inputs were known.

    `versions`: which version of its Release a step started then, by its id. `usual`: the median of the seconds that a
    step took in the latest successful runs, and of how many runs that is.
    """

    run_id: str = ""
    plans: Mapping[str, Plan] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, float] = field(default_factory=dict)
    runs: int = 0
