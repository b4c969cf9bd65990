"""Rules across fields: functions from a Draft to problems, each on its own. This list is all there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flowrun.errors import Problem
from flowrun.spec.checks.absent import absent_outputs
from flowrun.spec.checks.admission import pools, pools_of_environments, run_keys
from flowrun.spec.checks.again import compensations, repetitions
from flowrun.spec.checks.approvals import endless_approvals
from flowrun.spec.checks.conditions import never, shadows
from flowrun.spec.checks.environment import environments, variables
from flowrun.spec.checks.expressions import expression_texts, misplaced_expressions, references
from flowrun.spec.checks.fans import legs
from flowrun.spec.checks.graph import cycles, needs
from flowrun.spec.checks.limits import one_job, required_defaults, times, tries, widths
from flowrun.spec.checks.secrets import secrets, sensitive_outputs
from flowrun.spec.checks.types import types
from flowrun.spec.checks.values import fan_out_keys, leading_zeros, long_arguments, output_names, unused_inputs
from flowrun.spec.checks.workflows import workflows
from flowrun.spec.draft import Draft

# `types` is the first that looks at expressions: it asks everything of one before it goes on to the next, while its
# tree is still remembered.
CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    leading_zeros,
    long_arguments,
    output_names,
    needs,
    cycles,
    fan_out_keys,
    types,
    expression_texts,
    misplaced_expressions,
    references,
    variables,
    secrets,
    sensitive_outputs,
    environments,
    unused_inputs,
    repetitions,
    compensations,
    pools,
    pools_of_environments,
    run_keys,
    workflows,
    endless_approvals,
    absent_outputs,
    never,
    shadows,
    legs,
    times,
    widths,
    tries,
    one_job,
    required_defaults,
)
