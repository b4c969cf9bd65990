"""Rules across fields: functions from a Draft to problems, each on its own. This list is all there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flowrun.errors import Problem
from flowrun.spec.checks.again import compensations, repetitions
from flowrun.spec.checks.approvals import endless_approvals
from flowrun.spec.checks.expressions import expression_texts, misplaced_expressions, references
from flowrun.spec.checks.graph import cycles, needs
from flowrun.spec.checks.values import fan_out_keys, leading_zeros, long_arguments, output_names, unused_inputs
from flowrun.spec.draft import Draft

CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    leading_zeros,
    long_arguments,
    output_names,
    needs,
    cycles,
    fan_out_keys,
    expression_texts,
    misplaced_expressions,
    references,
    unused_inputs,
    repetitions,
    compensations,
    endless_approvals,
)
