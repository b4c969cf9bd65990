"""Workflows of any size, each with something in it that grows: the texts of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

Shape: TypeAlias = Callable[[int], str]
"""The text of a file of about so many steps or legs."""

_GIVES = ("outputs: {by: {type: string}}",)
"""What a scripted kind gives (`tests/simulation/outside.py`)."""


def _file(steps: Iterable[Sequence[str]], *rest: str) -> str:
    lines = ["flowrun: 1", "name: large", "max_parallel: 100", "steps:"]
    for first, *others in steps:
        lines += [f"  {first}:", "    release: Echo", *(f"    {line}" for line in others)]
    return "\n".join([*lines, *rest]) + "\n"


def _needs(*names: str) -> str:
    return f"needs: [{', '.join(names)}]"


def _reads(*names: str) -> str:
    given = (f'in_{at}: "${{{{ steps.{name}.outputs.by }}}}"' for at, name in enumerate(names))
    return f"input_arguments: {{{', '.join(given)}}}"


def apart(size: int) -> str:
    """Steps that stand apart."""
    return _file((f"s{at}", f"input_arguments: {{in_Step: s{at}}}") for at in range(size))


def chain(size: int) -> str:
    """One after another, each reading the one before it and one far above."""

    def step(at: int) -> Sequence[str]:
        return (f"s{at}", *_GIVES, *((_needs(f"s{at - 1}"), _reads(f"s{at - 1}", f"s{at // 2}")) if at else ()))

    return _file(map(step, range(size)))


def listed(size: int) -> str:
    """A list, in which each item needs the one before it."""
    items = (f"  - {{id: s{at}, release: Echo, input_arguments: {{in_Step: s{at}}}}}" for at in range(size))
    return "\n".join(["flowrun: 1", "name: large", "steps:", *items]) + "\n"


def layers(size: int) -> str:
    """Layers of ten, in which each step needs the whole layer before it."""

    def step(at: int) -> Sequence[str]:
        before = (at // 10 - 1) * 10
        return (f"s{at}", *([_needs(*(f"s{above}" for above in range(before, before + 10)))] if before >= 0 else ()))

    return _file(map(step, range(size)))


def pairs(size: int) -> str:
    """Half of the steps read the other half."""
    first = ((f"a{at}", *_GIVES) for at in range(size // 2))
    second = ((f"b{at}", _needs(f"a{at}"), _reads(f"a{at}")) for at in range(size // 2))
    return _file([*first, *second])


def source(size: int) -> str:
    """One step that all the others need and read."""
    return _file([("one", *_GIVES), *((f"s{at}", _needs("one"), _reads("one")) for at in range(size - 1))])


def sink(size: int) -> str:
    """One step that needs and reads all the others."""
    names = [f"s{at}" for at in range(size - 1)]
    return _file([*((name, *_GIVES) for name in names), ("all", _needs(*names), _reads(*names))])


def outputs(size: int) -> str:
    """As many outputs of the workflow as steps."""
    given = (f"  o{at}: ${{{{ steps.s{at}.outputs.by }}}}" for at in range(size))
    return _file(((f"s{at}", *_GIVES) for at in range(size)), "outputs:", *given)


def conditions(size: int) -> str:
    """Each step asks what the one before it gave."""

    def step(at: int) -> Sequence[str]:
        return (f"s{at}", *_GIVES, *((_needs(f"s{at - 1}"), f"if: steps.s{at - 1}.outputs.by != 'x'") if at else ()))

    return _file(map(step, range(size)))


def undone(size: int) -> str:
    """A chain in which each step can be undone."""
    steps = ((f"s{at}", "compensate: {release: Undo}", *([_needs(f"s{at - 1}")] if at else ())) for at in range(size))
    return _file(steps)


def fan(size: int) -> str:
    """A fan-out, and a step that reads all its legs."""
    values = ", ".join(f"x{at}" for at in range(size))
    legs = ('input_arguments: {in_X: "${{ matrix.x }}"}', f"fan_out: {{matrix: {{x: [{values}]}}}}")
    failed = "${{ steps.fan.legs | selectattr('result', 'eq', 'failed') | map(attribute='key') | list }}"
    return _file([("fan", *legs), ("all", _needs("fan"), f'input_arguments: {{in_Failed: "{failed}"}}')])


def left_out(size: int) -> str:
    """A chain that never runs, since its first step does not."""
    steps = ((f"s{at}", _needs(f"s{at - 1}") if at else "if: false") for at in range(size))
    return _file(steps)


def never(size: int) -> str:
    """Steps that never run, each for itself."""
    return _file((f"s{at}", "if: false") for at in range(size))


def skipped(size: int) -> str:
    """Steps that are left out where a branch is, though another has run."""
    branches = (("asked", "if: inputs.wanted"), ("other",))
    steps = ((f"s{at}", _needs("asked", "other")) for at in range(size))
    return _file([*branches, *steps], "inputs: {wanted: {type: boolean}}")


def joined(size: int) -> str:
    """A step that needs many that may be left out, and one that is not."""
    names = [f"s{at}" for at in range(size)]
    steps = [*((name, "if: inputs.wanted") for name in names), ("other",), ("all", _needs(*names, "other"))]
    return _file(steps, "inputs: {wanted: {type: boolean}}")


def unordered(size: int) -> str:
    """Each step reads one that may not have ended."""
    return _file((f"s{at}", *_GIVES, _reads(f"s{(at + 1) % size}")) for at in range(size))


def unread(size: int) -> str:
    """Each step reads the one before it, and has needs that cannot be read."""
    return _file((f"s{at}", *_GIVES, "needs: {a: b}", *([_reads(f"s{at - 1}")] if at else ())) for at in range(size))


def zeros(size: int) -> str:
    """Numbers with a leading zero."""
    return _file((f"s{at}", f"input_arguments: {{in_N: 00{at}}}") for at in range(size))


def misspelt(size: int) -> str:
    """Keys that there are not."""
    return _file((f"s{at}", "relaese: Echo") for at in range(size))


GOOD: Mapping[str, Shape] = {
    "steps that stand apart": apart,
    "a chain, far reads": chain,
    "layers of 10": layers,
    "pairs": pairs,
    "one that all need and read": source,
    "one that needs and reads all": sink,
    "outputs of the workflow": outputs,
    "a fan-out, and who reads its legs": fan,
    "a list": listed,
    "conditions": conditions,
    "a chain that can be undone": undone,
}
"""Those that can be run."""

ODD: Mapping[str, Shape] = {
    "never, behind one": left_out,
    "never, each": never,
    "skipped": skipped,
    "joined": joined,
    "unordered": unordered,
    "needs that cannot be read": unread,
    "leading zeros": zeros,
    "misspelt keys": misspelt,
}
"""Those of which there is something to say."""
