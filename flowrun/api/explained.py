"""How a run of a workflow would go under assumptions: from its file and the core alone, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun.api.files import load
from flowrun.errors import SpecError
from flowrun.planner.build import build, family
from flowrun.planner.identity import supposed
from flowrun.spec.environment import Environments
from flowrun.spec.inputs import check_inputs
from flowrun.templating.evaluator import Templates
from flowrun.trials import assumption
from flowrun.trials.explanation import Explanation, explanation

if TYPE_CHECKING:
    from flowrun.api.plans import Inputs


def assumed(file: Path, texts: Sequence[str], inputs: Inputs) -> Explanation:
    """What would become of each step, and why. Inputs that are not given are unknown.

    Raises SpecError, UsageError.
    """
    around = Environments(inputs.environment)
    source, loaded = load(file, around)
    workflow = loaded.workflow
    assert workflow is not None  # noqa: S101 - `load` raises otherwise
    given: Mapping[str, object] = {**inputs.values, **inputs.text}
    values, found = check_inputs(workflow.inputs, given, set(inputs.text))
    wrong = tuple(problem for problem in found if problem.code != "FR222")
    if wrong:
        raise SpecError(wrong, file=str(file), text=source)
    unknown = [name for name, declared in workflow.inputs.items() if declared.must_be_given and name not in given]
    env = around.model.vars
    plan = supposed(build(workflow, workflows=family(loaded, env), env=env), workflow, values)
    return explanation(plan, values, Templates(), assumption.read(texts, plan, unknown))
