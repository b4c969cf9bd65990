"""The pieces that other systems use: valid by what these publish, and their shell really runs, as far as it can here.

A shell runs as its system runs it, with the inputs in its environment. Only pip is told to look at nothing but this
checkout, and takes what flowrun needs from the environment of the tests.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from check_jsonschema.transforms.azure_pipelines import traverse_data
from ruamel.yaml import YAML

from tests.docs.pages import blocks
from tests.published import vendored

ROOT = Path(__file__).parents[1]
RIGHT = "flowrun: 1\nname: right\nsteps:\n  a: {wait: {for: 1s}}\noutputs: {x: 'a b'}\n"
WRONG = "flowrun: 1\nname: wrong\nsteps:\n  a: {wiat: {for: 1s}}\n"


def read(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(ROOT / name)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with `${{ inputs.x }}`, `${{ parameters.x }}` and `$[[ inputs.x ]]` filled in."""
    return re.sub(r"\$(?:\{\{|\[\[) (?:inputs|parameters)\.([\w-]+) (?:\}\}|\]\])", lambda one: values[one[1]], text)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of a runner on which the action's first step has installed flowrun."""
    folder = tmp_path_factory.mktemp("runner")
    python = folder / "python"
    python.mkdir()
    for name in ("python", "python3"):
        (python / name).symlink_to(sys.executable)
    environ = {
        "PATH": f"{python}:{os.environ['PATH']}",
        "HOME": str(folder),
        "RUNNER_TEMP": str(folder),
        "AGENT_TEMPDIRECTORY": str(folder),
        "PYTHONPATH": str(folder / "site"),
        "PIP_CONFIG_FILE": str(folder / "pip.conf"),
        "SOURCE": str(ROOT),
        "FLOWRUN_STATE_DIR": str(folder / "state"),
        "LANG": "C.UTF-8",
    }
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(
        f"import sys\nsys.path.append({sysconfig.get_path('purelib')!r})\n"
    )
    (folder / "pip.conf").write_text("[install]\nno-index = true\nno-deps = true\nno-build-isolation = false\n")
    (install,) = (step for step in read("action.yml")["runs"]["steps"] if step.get("name", "").startswith("Install"))
    done = bash(install["run"], environ, folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "flowrun" / "bin" / "flowrun").exists()
    return environ


def bash(script: str, environ: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """As GitHub and Azure run it."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        command, env=dict(environ), cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "r.yaml").write_text(RIGHT)
    (tmp_path / "specs" / "emulator.yaml").write_text("releases: {Never: {command: [never]}}\n")
    return tmp_path


Act = Callable[..., tuple[subprocess.CompletedProcess[str], dict[str, str]]]


@pytest.fixture
def act(machine: Mapping[str, str], here: Path) -> Act:
    """The action's own step with these inputs, and the outputs that it leaves."""

    def run(**inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        action = read("action.yml")
        values = {
            name: inputs.get(name.replace("-", "_"), one.get("default", "")) for name, one in action["inputs"].items()
        }
        step = action["runs"]["steps"][-1]
        own = {name: filled(value, values) for name, value in step["env"].items()}
        files = {"GITHUB_OUTPUT": str(here / "outputs"), "GITHUB_STEP_SUMMARY": str(here / "summary")}
        done = bash(step["run"], {**machine, **own, **files, "GITHUB_ACTIONS": "true"}, here)
        left = (here / "outputs").read_text().splitlines() if (here / "outputs").exists() else []
        return done, dict(line.split("=", 1) for line in left)

    return run


def test_the_action_is_one_by_the_schema_of_github() -> None:
    action = read("action.yml")
    vendored("github-actions").validate(action)
    for step in action["runs"]["steps"]:
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+", step.get("uses", "a/b@v1.2.3"))
        assert "${{" not in step.get("run", ""), "an input must not be pasted into a shell"


def test_each_output_of_the_action_is_one_that_flowrun_gives(act: Act) -> None:
    done, given = act(command="run", path="specs/r.yaml")
    assert done.returncode == 0, done.stderr
    promised = read("action.yml")["outputs"]
    assert {name for name, one in promised.items() if "steps.flowrun" in one["value"]} == given.keys()
    assert (given["exit-code"], given["result"]) == ("0", "success")
    assert json.loads(given["outputs"]) == {"x": "a b"}
    assert given["summary"].startswith("right succeeded in")


def test_patterns_and_arguments_reach_the_command_as_they_are(act: Act, here: Path) -> None:
    (here / "specs" / "w w.yaml").write_text(WRONG)
    done, given = act(
        command="validate", path="specs/?*w.yaml\nno*such.yaml", arguments="--report\nsarif=out file.sarif"
    )
    assert (done.returncode, given["result"]) == (3, "invalid")
    assert "no*such.yaml does not exist" in done.stderr
    done, given = act(command="validate", path="specs/[rw]*.yaml", arguments="--report\nsarif=out file.sarif")
    assert done.returncode == 3
    assert (here / "out file.sarif").exists()
    assert "::error file=specs/w w.yaml,line=4," in done.stderr
    assert (here / "summary").read_text().startswith("### 2 problems")


def test_an_input_is_no_shell(act: Act, here: Path) -> None:
    done, _ = act(command="validate", path="$(touch here)`touch here`;touch here", arguments="; touch here")
    assert done.returncode == 3
    assert not (here / "here").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("plan", ["plan", "--out", "p f.frp"]),
        ("apply", ["apply", "p f.frp"]),
        ("runs show", ["runs", "show", "p f.frp"]),
    ],
)
def test_a_plan_file_is_written_or_read(
    machine: Mapping[str, str], tmp_path: Path, command: str, words: list[str]
) -> None:
    """With a command in flowrun's place that only says what it was given."""
    fake = tmp_path / "temp" / "flowrun" / "bin" / "flowrun"
    fake.parent.mkdir(parents=True)
    fake.write_text('#!/bin/bash\nprintf "%s\\n" "$@"\n')
    fake.chmod(0o755)
    step = read("action.yml")["runs"]["steps"][-1]
    values = dict.fromkeys(read("action.yml")["inputs"], "")
    own = {
        name: filled(value, values | {"command": command, "plan-file": "p f.frp"})
        for name, value in step["env"].items()
    }
    done = bash(step["run"], {**machine, **own, "RUNNER_TEMP": str(tmp_path / "temp")}, tmp_path)
    assert done.stdout.splitlines() == words


def test_the_template_of_azure_is_one_by_its_schema_and_its_shell_runs(machine: Mapping[str, str], here: Path) -> None:
    template = read(".azure/flowrun.yml")
    values = {one["name"]: one.get("default", "") for one in template["parameters"]}
    values |= {"command": "run", "arguments": "specs/r.yaml --report junit='run report.xml'"}
    expanded = json.loads(filled(json.dumps(template), {name: json.dumps(one)[1:-1] for name, one in values.items()}))
    vendored("azure-pipelines").validate(traverse_data(expanded))
    for step in template["steps"]:
        own = {key: value for key, value in step["env"].items() if "${{" not in key and key != "SOURCE"}
        done = bash(filled(step["bash"], values), {**machine, **own}, here)
        assert done.returncode == 0, done.stderr
    assert (here / "run report.xml").exists()
    assert '##vso[task.setvariable variable=outputs;isOutput=true]{"x":"a b"}' in done.stderr


def test_the_template_of_gitlab_is_one_by_its_schema_and_its_shell_runs(machine: Mapping[str, str], here: Path) -> None:
    header, job = YAML(typ="safe", pure=True).load_all(ROOT / ".gitlab" / "flowrun.yml")
    inputs = {name: one.get("default", "") for name, one in header["spec"]["inputs"].items()}
    inputs |= {"command": "run", "arguments": "specs/r.yaml --report dotenv=flowrun.env", "source": str(ROOT)}
    made = json.loads(filled(json.dumps(job), {name: json.dumps(value)[1:-1] for name, value in inputs.items()}))
    vendored("gitlab-ci").validate({**made, "spec": header["spec"]})
    (only,) = made.values()
    shutil.copytree(Path(machine["RUNNER_TEMP"]) / "flowrun", here / ".flowrun-venv", symlinks=True)
    script = "\n".join(only["script"]).replace(".flowrun-venv/bin/flowrun", ".flowrun-venv/bin/python -m flowrun")
    done = bash(script, {**machine, **only["variables"]}, here)
    assert done.returncode == 0, done.stderr
    assert 'FLOWRUN_OUTPUT_X="a b"\n' in (here / only["artifacts"]["reports"]["dotenv"]).read_text()
    assert "section_start:" in done.stderr


def test_hooks_are_commands_and_take_what_is_theirs() -> None:
    hooks = {hook["id"]: hook for hook in read(".pre-commit-hooks.yaml")}
    assert hooks.keys() == {"flowrun-validate", "flowrun-test"}
    for hook in hooks.values():
        assert {"id", "name", "entry", "language"} <= hook.keys()
        assert hook["language"] == "python"
    wanted = re.compile(hooks["flowrun-validate"]["files"])
    assert wanted.search("specs/close.yaml")
    assert wanted.search("specs/environments/prod.yaml")
    assert not wanted.search("specs/emulator.yaml")
    assert not wanted.search("specs/coded/emulator.yaml")
    assert re.search(hooks["flowrun-test"]["files"], "specs/close.test.yaml")


def test_hooks_run(machine: Mapping[str, str], here: Path) -> None:
    (here / "specs" / "r.test.yaml").write_text(
        "flowrun_test: 1\ntests: [{name: it works, expect: {result: succeeded}}]\n"
    )
    files = {"flowrun-validate": ["specs/r.yaml", "specs/r.test.yaml"], "flowrun-test": ["specs/r.test.yaml"]}
    for hook in read(".pre-commit-hooks.yaml"):
        words = " ".join([hook["entry"], *files[hook["id"]]])
        path = f"{machine['RUNNER_TEMP']}/flowrun/bin:{machine['PATH']}"
        done = bash(words, {**machine, "PATH": path}, here)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("form", ["text", "concise"])
def test_the_problem_matcher_finds_what_is_written(machine: Mapping[str, str], here: Path, form: str) -> None:
    (here / "specs" / "w.yaml").write_text(WRONG.replace("  a:", "  b: {release: B, if: '${{ 1 == 1 }}'}\n  a:"))
    done = bash(f"$RUNNER_TEMP/flowrun/bin/flowrun validate specs/w.yaml -o {form}", machine, here)
    found = {(one["file"], one["line"], one["code"], one["severity"]) for one in matched(done.stdout)}
    told = json.loads(bash("$RUNNER_TEMP/flowrun/bin/flowrun validate specs/w.yaml -o json", machine, here).stdout)[
        "diagnostics"
    ]
    assert found == {(one["file"], str(one["line"]), one["code"], one["severity"]) for one in told}
    assert len(found) > 1


def matched(text: str) -> Iterator[dict[str, str]]:
    """What GitHub would find in a log, line by line."""
    for matcher in json.loads((ROOT / ".github" / "flowrun-matcher.json").read_text())["problemMatcher"]:
        (pattern,) = matcher["pattern"]
        for line in text.splitlines():
            if one := re.match(pattern["regexp"], line):
                yield {key: one[pattern[key]] for key in ("file", "line", "column", "code", "message")} | {
                    "severity": matcher["severity"]
                }


def test_the_entries_of_a_catalog_are_whole_and_lead_to_schemas() -> None:
    """SchemaStore's catalog wants these four of an entry, and patterns that no other tool's files fit."""
    page = ROOT / "docs" / "how-to" / "edit-with-a-schema.md"
    (block,) = (block for block in blocks(page) if block.remarks.get("catalog") == "entries")
    names = {"*.flowrun.yaml": "close.flowrun.yaml", "*.flowrun.test.yaml": "close.flowrun.test.yaml"}
    entries = json.loads(block.text)
    for entry in entries:
        assert entry.keys() == {"name", "description", "fileMatch", "url"}
        assert (ROOT / "schemas" / entry["url"].rpartition("/")[2]).exists()
        assert all(pattern.strip("*.") not in ("yaml", "yml", "toml") for pattern in entry["fileMatch"])
    for pattern, name in names.items():
        fitting = [one["name"] for one in entries if any(fnmatch(name, other) for other in one["fileMatch"])]
        assert fitting == [one["name"] for one in entries if pattern in one["fileMatch"]]


def test_the_image_is_built_of_what_there_is_and_runs_as_nobody_special() -> None:
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    copied = [word for name, rest in lines if name == "COPY" and "--from" not in rest for word in rest.split()[:-1]]
    assert copied
    assert [word for word in copied if not (ROOT / word).exists()] == []
    last = dict(lines[max(at for at, (name, _) in enumerate(lines) if name == "FROM") :])
    assert last["USER"] == "10001"
    assert json.loads(last["ENTRYPOINT"]) == ["flowrun"]
    assert any(name == "RUN" and "compileall" in rest for name, rest in lines)
    needed = {"pyproject.toml", "README.md", "LICENSE", "flowrun"}
    assert set(copied) == needed
    for name, rest in lines:
        if name == "RUN":
            assert subprocess.run(["bash", "-n", "-c", rest], check=False).returncode == 0
