from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.plan import Json
from flowrun.spec.library import Loaded
from flowrun.spec.loader import load
from flowrun.spec.models import STEP_KINDS, Workflow
from flowrun.spec.refusals import keys_of
from flowrun.steps.job.model import JobStep

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(
    path for path in (ROOT / "specs").glob("*.yaml") if path.name != "emulator.yaml" and ".test." not in path.name
)
HEAD = "flowrun: 1\nname: x\n"


def codes(loaded: Loaded) -> list[str]:
    return [problem.code for problem in loaded.problems]


def valid(text: str) -> Workflow:
    loaded = load(HEAD + text, "x.yaml")
    assert loaded.problems == ()
    assert loaded.workflow is not None
    return loaded.workflow


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_without_a_problem(path: Path) -> None:
    loaded = load(path.read_text(encoding="utf-8"), path.name)
    assert loaded.problems == ()
    assert loaded.workflow is not None


def test_needs_are_read_in_every_form() -> None:
    workflow = valid(
        "steps:\n  a: {release: A}\n  b: {release: B, needs: a}\n  c: {release: C, needs: {step: a}}\n"
        "  d: {release: D, needs: [a, {step: b, optional: true}]}\n"
    )
    needs = {name: [(need.step, need.optional) for need in step.needs] for name, step in workflow.steps.items()}
    assert needs == {"a": [], "b": [("a", False)], "c": [("a", False)], "d": [("a", False), ("b", True)]}


def test_a_list_is_a_sequence() -> None:
    workflow = valid(
        "steps:\n  - {id: a, release: A}\n  - {id: b, release: B}\n"
        "  - {id: c, release: C, needs: a}\n  - {id: d, release: D, needs: {step: c, optional: true}}\n"
    )
    needs = {name: [(need.step, need.optional) for need in step.needs] for name, step in workflow.steps.items()}
    assert needs == {"a": [], "b": [("a", False)], "c": [("b", False), ("a", False)], "d": [("c", True)]}


def test_defaults_hold_where_a_step_says_nothing() -> None:
    workflow = valid(
        "defaults: {folder: F, retry: 2, timeout: 5m, job_priority: Low}\n"
        "steps:\n  a: {release: A}\n  b: {release: B, folder: G, retry: 0}\n  c: {wait: {for: 1m}}\n"
    )
    a, b, c = workflow.steps.values()
    assert isinstance(a, JobStep)
    assert isinstance(b, JobStep)
    assert (a.folder, a.retry[0].max, a.timeout, a.job_priority) == ("F", 2, 300.0, "Low")
    assert (b.folder, b.retry, b.timeout) == ("G", (), 300.0)
    assert c.timeout == 300.0
    assert "folder" not in c.arguments()


@pytest.mark.parametrize(
    "where",
    ["defaults: {arguments_over_limit: attach}\nsteps:\n  a: {", "steps:\n  a: {arguments_over_limit: attach, "],
)
def test_long_arguments_that_are_attached_are_no_problem(where: str) -> None:
    valid(f"{where}release: A, input_arguments: {{in_Text: {'x' * 10_000}}}}}\n")


def test_the_key_of_a_run_is_there_where_the_workflow_makes_one() -> None:
    steps = "steps: {a: {release: A, if: run.key == 'x'}}\n"
    assert codes(load(HEAD + steps, "x.yaml")) == ["FR321"]
    assert codes(load(f"{HEAD}run_key: x-${{{{ workflow.name }}}}\n{steps}", "x.yaml")) == []


def test_a_step_may_go_before_the_default_that_attaches() -> None:
    step = f"{{release: A, arguments_over_limit: fail, input_arguments: {{in_Text: {'x' * 10_000}}}}}"
    loaded = load(f"{HEAD}defaults: {{arguments_over_limit: attach}}\nsteps: {{a: {step}}}\n", "x.yaml")
    assert codes(loaded) == ["FR219"]


def test_finally_reads_what_became_of_every_step() -> None:
    workflow = valid(
        "steps:\n  a: {release: A}\nfinally:\n  z: {release: Z, if: steps.a.result == 'failed'}\n"
        "  y: {release: Y, needs: z, input_arguments: {r: '${{ steps.z.outcome }}'}}\n"
    )
    assert list(workflow.finally_) == ["z", "y"]


def test_keys_of_the_author_are_left_alone() -> None:
    assert (
        valid("x-a: &a {release: A}\nx-b: 1\nsteps: {a: *a, b: {<<: *a, needs: a}}\n").steps["b"].needs[0].step == "a"
    )


def test_a_warning_is_no_obstacle() -> None:
    loaded = load(HEAD + "inputs: {p: {type: string}}\nsteps: {a: {release: A}}\n", "x.yaml")
    assert codes(loaded) == ["FR220"]
    assert loaded.workflow is not None


def test_problems_of_every_stage_come_together_in_order() -> None:
    text = (
        "flowrun: 1\nname: x\nsteps:\n  a: {release: A, nmae: 1, needs: zz}\n  a: {}\n  b: {release: B, if: inputs.q}\n"
    )
    loaded = load(text, "x.yaml")
    assert codes(loaded) == ["FR101", "FR401", "FR006", "FR308"]
    assert loaded.workflow is None
    assert {problem.file for problem in loaded.problems} == {"x.yaml"}


def test_a_broken_step_still_has_its_needs_and_its_expressions_checked() -> None:
    loaded = load(
        HEAD + "steps:\n  a: {release: A}\n  b: {release: B, needs: a, timeout: 1}\n"
        "  c: {release: C, needs: b, input_arguments: {x: '${{ steps.a.outputs.X }}', y: '${{ steps.b.nothing }}'}}\n",
        "x.yaml",
    )
    assert codes(loaded) == ["FR201", "FR311"]


def test_unreadable_needs_make_no_further_problems() -> None:
    loaded = load(
        HEAD + "steps:\n  a: {release: A}\n  b: {release: B, needs: 7}\n"
        "  c: {release: C, needs: b, if: steps.a.result == 'succeeded'}\n",
        "x.yaml",
    )
    assert codes(loaded) == ["FR103"]


def test_each_step_can_be_found_again_in_the_document() -> None:
    loaded = load(HEAD + "steps:\n  - {id: a, release: A}\nfinally:\n  z: {release: Z}\n", "x.yaml")
    assert loaded.paths["a"] == ("steps", 0)
    assert loaded.paths["a.compensate"] == ("steps", 0, "compensate")
    assert loaded.paths["z"] == ("finally", "z")


def keys() -> st.SearchStrategy[str]:
    known = {*keys_of(Workflow), *(key for kind in STEP_KINDS for key in keys_of(kind))}
    return st.sampled_from(sorted(known)) | st.sampled_from(
        ["a", "b", "<<", "x-a", "step", "id", "for", "type", "${{ a }}"]
    )


def values() -> st.SearchStrategy[Json]:
    texts = st.sampled_from(
        ["a", "b", "", "${{ inputs.a }}", "${{ steps.b.legs }}", "1h", "5%", "${{", "{{ x }}", "All"]
    )
    plain = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | texts
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys(), inner, max_size=4))


@given(st.dictionaries(keys(), values()), st.dictionaries(st.sampled_from("abc"), st.dictionaries(keys(), values())))
def test_nothing_that_can_be_written_is_an_exception(head: dict[str, Json], steps: dict[str, Json]) -> None:
    text = json.dumps({"flowrun": 1, "name": "x", **head, "steps": steps})
    loaded = load(text, "x.yaml")
    assert (loaded.workflow is None) == any(problem.severity == "error" for problem in loaded.problems)
    assert all(problem.position for problem in loaded.problems)


@given(st.sampled_from(EXAMPLES), st.data())
def test_no_slip_of_the_keyboard_is_an_exception(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 30))
    load(text[:at] + data.draw(st.text("ab:-{}[]'\"$ \n\t&*!|>%@#0", max_size=4)) + text[at + cut :], path.name)


def test_checking_a_file_loads_no_heavy_library() -> None:
    script = (
        "import sys; from flowrun.spec.loader import load; "
        f"load({HEAD + 'steps: {a: {release: A}}'!r}, 'x'); "
        "heavy = ('httpx', 'networkx', 'rich', 'starlette', 'jinja2', 'asyncio'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_a_fan_of_a_thousand_steps_and_its_problems_are_quick() -> None:
    steps = "".join(f"  s{at}: {{release: A, needs: nobody, if: steps.s{at // 2}.x}}\n" for at in range(1000))
    loaded = load(HEAD + "steps:\n" + steps, "x.yaml")
    assert len(loaded.problems) == 2000
