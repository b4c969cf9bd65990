"""The shapes, as workflows of Jobs, and as the plain list of edges that the script works through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

CATALOG = """\
robots:
{robots}
releases:
  Echo: {{builtin: echo}}
  Wait: {{builtin: sleep}}
"""
SHORTEST, LONGEST = 20, 40
"""Seconds of a Job that waits."""


@dataclass(frozen=True)
class Workload:
    """A name, and for each step the steps it needs. Its Jobs end at once, or wait for 20 to 40 seconds."""

    name: str
    needs: Mapping[str, tuple[str, ...]]
    waits: bool = False

    def seconds(self) -> dict[str, int]:
        """How long the Job of each step waits; none where they end at once."""
        spread = LONGEST - SHORTEST + 1
        return {step: SHORTEST + at * 7 % spread for at, step in enumerate(self.needs)} if self.waits else {}

    def workflow(self) -> str:
        """The same as a workflow."""
        lines = ["flowrun: 1", "name: bench", "max_parallel: 1000", "steps:"]
        seconds = self.seconds()
        for step, needs in self.needs.items():
            given = f"seconds: {seconds[step]}" if self.waits else f"in_Step: {step}"
            lines += [f"  {step}:", f"    release: {'Wait' if self.waits else 'Echo'}"]
            lines += [f"    input_arguments: {{{given}}}"]
            lines += [f"    needs: [{', '.join(needs)}]"] if needs else []
        return "\n".join(lines) + "\n"


def chain(length: int) -> Workload:
    """One after another."""
    needs = {f"s{at}": (f"s{at - 1}",) if at else () for at in range(length)}
    return Workload(f"chain of {length}", needs)


def fan(width: int) -> Workload:
    """One, then many side by side, then one."""
    legs = tuple(f"leg{at}" for at in range(width))
    return Workload(f"fan of {width}", {"first": (), **dict.fromkeys(legs, ("first",)), "last": legs})


def chains(count: int, length: int) -> Workload:
    """So many chains side by side, of Jobs that wait: as many are active as there are chains."""
    needs = {f"c{at}_{link}": (f"c{at}_{link - 1}",) if link else () for at in range(count) for link in range(length)}
    return Workload(f"{count:,} chain{'s' if count > 1 else ''} of {length}", needs, waits=True)


def wide(width: int) -> Workload:
    """One fan of Jobs that wait."""
    return replace(fan(width), name=f"fan of {width:,}", waits=True)


def layers(count: int, width: int) -> Workload:
    """Layers in which each step needs the whole layer before it."""
    needs: dict[str, tuple[str, ...]] = {}
    before: tuple[str, ...] = ()
    for layer in range(count // width):
        here = tuple(f"l{layer}_{at}" for at in range(width))
        needs |= dict.fromkeys(here, before)
        before = here
    return Workload(f"{count} in layers of {width}", needs)


def write(folder: Path, workload: Workload, robots: int = 64) -> tuple[Path, Path]:
    """The workflow and the catalog as files."""
    folder.mkdir(parents=True, exist_ok=True)
    spec, catalog = folder / "bench.yaml", folder / "emulator.yaml"
    spec.write_text(workload.workflow())
    names = "\n".join(f"  - {{name: R{at}, id: {at + 1}}}" for at in range(robots))
    catalog.write_text(CATALOG.format(robots=names))
    return spec, catalog
