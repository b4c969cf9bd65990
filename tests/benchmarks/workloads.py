"""The three shapes, as workflows of instant Jobs, and as the plain list of edges that the script works through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CATALOG = """\
robots:
{robots}
releases:
  Echo:
    builtin: echo
"""


@dataclass(frozen=True)
class Workload:
    """A name, and for each step the steps it needs."""

    name: str
    needs: Mapping[str, tuple[str, ...]]

    def workflow(self) -> str:
        """The same as a workflow."""
        lines = ["flowrun: 1", "name: bench", "max_parallel: 500", "steps:"]
        for step, needs in self.needs.items():
            lines += [f"  {step}:", "    release: Echo", f"    input_arguments: {{in_Step: {step}}}"]
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
