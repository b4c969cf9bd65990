"""Did you mean: the nearest of the words that are allowed, and the words of other dialects in ours."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from flowrun.nearest import folded, nearest

_MOST_LISTED = 16
_MOST_COMPARED = 500_000

_NEEDS = ("needs", "Write `needs: other_step`, or a list of steps.")
_CONDITION = ("if", "Write `if: <expression>`, such as `if: steps.list.outputs.HasFx`.")
_RELEASE = ("release", "Write `release: NameOfTheRelease`; the UI shows a Release as a Process.")
_ARGUMENTS = ("input_arguments", "Write `input_arguments: {in_Name: value}`.")
_LET_THROUGH = ("continue_on_error", "Write `continue_on_error: true`, or a list of error classes.")
_RETRY = ("retry", "Write `retry: 2`, or a list of rules: `retry: [{errors: [faulted], max: 2}]`.")
_FAN_OUT = ("fan_out", "Write `fan_out: {matrix: {item: [...]}}` and read `${{ matrix.item }}`.")
_TIMEOUT = ("timeout", "Write `timeout: 45m`.")
_STEPS = ("steps", "Write `steps:`; a job is what Orchestrator runs.")
_TRIGGERS = ("", "A workflow is started by `flowrun run`; `triggers` come with the server.")
_INPUTS = ("inputs", "Write `inputs:` at the top, each with its `type`.")
_FINALLY = ("finally", "Write `finally:` at the top of the file, a second map of steps.")
_POOLS = ("max_parallel", "Write `max_parallel: 4`.")
_NO_ENV = (
    "",
    "Write `vars` into `environments/NAME.yaml` and read `env.X`; a Job is given values by `input_arguments`.",
)
_OUTPUTS = ("outputs", "Write `outputs: {Name: {type: string}}`.")
_NAME = ("name", "Write `name:`.")
_NO_RUNNER = ("", "Orchestrator chooses the machine; `folder`, `strategy`, `robots` and `runtime_type` steer it.")
_NO_COMMAND = ("release", "A step starts a Release, not a command. Write `release: NameOfTheRelease`.")

DIALECTS: Mapping[str, tuple[str, str]] = {
    "dependson": _NEEDS,
    "dependencies": _NEEDS,
    "depends": _NEEDS,
    "runafter": _NEEDS,
    "after": _NEEDS,
    "requires": _NEEDS,
    "upstream": _NEEDS,
    "upstreamtaskids": _NEEDS,
    "downstreamtaskids": ("needs", "Edges are written at the step that comes later: `needs: this_step`."),
    "before": ("needs", "Edges are written at the step that comes later: `needs: this_step`."),
    "when": _CONDITION,
    "condition": _CONDITION,
    "rules": _CONDITION,
    "only": _CONDITION,
    "except": _CONDITION,
    "unless": ("if", "Write `if: not (<expression>)`."),
    "triggerrule": ("if", "Write `if: always()`, `if: failure()` or another expression."),
    "allowfailure": _LET_THROUGH,
    "continueon": _LET_THROUGH,
    "ignoreerrors": _LET_THROUGH,
    "retrystrategy": _RETRY,
    "retries": _RETRY,
    "retrypolicy": _RETRY,
    "retrycount": _RETRY,
    "retrycountontaskfailure": _RETRY,
    "retrydelay": ("retry", "Write `retry: [{max: 2, backoff: {initial: 30s}}]`."),
    "maxattempts": _RETRY,
    "attempts": _RETRY,
    "timeoutminutes": _TIMEOUT,
    "timeoutinminutes": _TIMEOUT,
    "timeoutseconds": _TIMEOUT,
    "timeoutinseconds": _TIMEOUT,
    "activedeadlineseconds": _TIMEOUT,
    "executiontimeout": _TIMEOUT,
    "starttoclosetimeout": _TIMEOUT,
    "dagruntimeout": _TIMEOUT,
    "scheduletostarttimeout": ("pending_timeout", "Write `pending_timeout: 15m`."),
    "queuetimeout": ("pending_timeout", "Write `pending_timeout: 15m`."),
    "canceltimeoutinminutes": ("stop_timeout", "Write `stop_timeout: 3m`."),
    "terminationgraceperiodseconds": ("stop_timeout", "Write `stop_timeout: 3m`."),
    "withparam": _FAN_OUT,
    "withitems": _FAN_OUT,
    "withsequence": _FAN_OUT,
    "foreach": _FAN_OUT,
    "loop": _FAN_OUT,
    "expand": _FAN_OUT,
    "matrix": _FAN_OUT,
    "parallel": _FAN_OUT,
    "failfast": ("fan_out", "Write `fan_out: {fail_fast: true}`."),
    "on": _TRIGGERS,
    "schedule": _TRIGGERS,
    "cron": _TRIGGERS,
    "trigger": _TRIGGERS,
    "scheduleinterval": _TRIGGERS,
    "jobs": _STEPS,
    "tasks": _STEPS,
    "stages": _STEPS,
    "activities": _STEPS,
    "nodes": _STEPS,
    "dag": _STEPS,
    "templates": _STEPS,
    "pipeline": _STEPS,
    "spec": _STEPS,
    "with": _ARGUMENTS,
    "args": _ARGUMENTS,
    "arguments": _ARGUMENTS,
    "parameters": ("input_arguments", "Write `input_arguments:` in a step, and `inputs:` at the top of the file."),
    "params": ("input_arguments", "Write `input_arguments:` in a step, and `inputs:` at the top of the file."),
    "variables": _INPUTS,
    "vars": _INPUTS,
    "process": _RELEASE,
    "processname": _RELEASE,
    "releasename": _RELEASE,
    "package": _RELEASE,
    "uses": _RELEASE,
    "task": _RELEASE,
    "job": _RELEASE,
    "action": _RELEASE,
    "operator": _RELEASE,
    "processkey": ("release_key", "Write `release_key: <uuid>`."),
    "run": _NO_COMMAND,
    "script": _NO_COMMAND,
    "command": _NO_COMMAND,
    "bash": _NO_COMMAND,
    "image": _NO_COMMAND,
    "container": _NO_COMMAND,
    "env": _NO_ENV,
    "environment": _NO_ENV,
    "runson": _NO_RUNNER,
    "pool": _NO_RUNNER,
    "tags": _NO_RUNNER,
    "onexit": _FINALLY,
    "always": _FINALLY,
    "cleanup": _FINALLY,
    "onfailure": ("finally", "Write a step with `if: failure()`, or one in `finally`."),
    "afterscript": _FINALLY,
    "teardown": _FINALLY,
    "maxactivetasks": _POOLS,
    "maxactiveruns": _POOLS,
    "parallelism": _POOLS,
    "outputarguments": _OUTPUTS,
    "returns": _OUTPUTS,
    "displayname": _NAME,
    "title": _NAME,
    "label": _NAME,
    "folderpath": ("folder", "Write `folder: Finance/Close`, or the id of the folder."),
    "organizationunitid": ("folder", "Write `folder:` with the path or the id of the folder."),
    "organizationunit": ("folder", "Write `folder:` with the path or the id of the folder."),
    "robot": ("robots", "Write `robots: [name]` with `strategy: Specific`."),
    "robotnames": ("robots", "Write `robots: [name]` with `strategy: Specific`."),
    "noofrobots": ("jobs_count", "Write `jobs_count: 2`."),
    "priority": ("job_priority", "Write `job_priority: Low`, `Normal` or `High`."),
    "version": ("flowrun", "Write `flowrun: 1`."),
    "apiversion": ("flowrun", "Write `flowrun: 1`."),
    "kind": ("", "The file needs no kind: `flowrun: 1` says what it is."),
    "metadata": ("name", "Write `name:` and `description:` at the top."),
    "sleep": ("wait", "Write `wait: {for: 10m}`."),
    "delay": ("wait", "Write `wait: {for: 10m}`."),
    "suspend": ("wait", "Write `wait: {for: 10m}`."),
    "taskid": ("", "The id of a step is its key in the map `steps`, or its `id` in a list."),
    "taskrunname": _NAME,
    "comment": ("description", "Write `description:`."),
    "opargs": _ARGUMENTS,
    "opkwargs": _ARGUMENTS,
    "waitfor": _NEEDS,
    "next": ("needs", "Edges are written at the step that comes later: `needs: this_step`."),
    "end": ("", "A step that nothing needs is an end; nothing has to say so."),
    "startat": ("", "The steps without `needs` are the first."),
    "states": _STEPS,
    "stage": ("needs", "There are no stages: write `needs:` with the steps that come before."),
    "catch": ("continue_on_error", "Write `continue_on_error: true`, or a step with `needs` and `if: failure()`."),
    "retrydelayseconds": ("retry", "Write `retry: [{max: 2, backoff: {initial: 30s}}]`."),
    "taskref": _RELEASE,
    "activity": _RELEASE,
    "resource": _RELEASE,
    "entrypoint": ("start", "Write `start: {EntryPointPath: Main.xaml}`."),
    "specificpriorityvalue": ("start", "Write `start: {SpecificPriorityValue: 45}`."),
    "resources": _NO_RUNNER,
    "workspaces": _NO_RUNNER,
    "taskqueue": _NO_RUNNER,
    "permissions": ("", "What a run may do is decided by the account that flowrun signs in with."),
    "cachepolicy": ("", "Nothing is cached: a run that is resumed goes on from its journal."),
}
"""Words of Airflow, Argo, Azure Pipelines, GitHub Actions, GitLab, Temporal and Orchestrator, without `-` and `_`:
the key that is meant, empty where there is none, and what to write."""


def did_you_mean(word: str, known: Iterable[str], what: str = "") -> str | None:
    """`Did you mean "…"?`, else what there is, where `what` names it; None where neither helps."""
    options = list(known)
    if best := nearest(word, options):
        return f'Did you mean "{best}"?'
    return listed(options, what) if what else None


class Guesses:
    """`did_you_mean` for the many words of one file: it is asked as long as that is cheap.

    Of 10,000 wrong names people are shown the first fifty; to compare each with 10,000 right ones takes minutes.
    """

    def __init__(self) -> None:
        self._left = _MOST_COMPARED

    def did_you_mean(self, word: str, known: Iterable[str], what: str = "") -> str | None:
        """The same, as long as there are comparisons left; then None, and `known` is not looked at."""
        if self._left <= 0:
            return None
        options = list(known)
        self._left -= len(options)
        return did_you_mean(word, options, what)


def listed(options: Iterable[str], what: str) -> str:
    """`What: a, b, c.`, at most so many."""
    names = list(options)
    if not names:
        return f"{what}: none."
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return f"{what}: {', '.join(names[:_MOST_LISTED])}{more}."


def meant(word: str) -> str:
    """The key that a word of another dialect stands for; empty where there is none."""
    return DIALECTS.get(folded(word), ("", ""))[0]


def strange_letter(word: str) -> str:
    """A sentence about the first character of a word that is not ASCII: it may be invisible, or look like another."""
    letter = next((letter for letter in word if not letter.isascii()), "")
    return f"It holds {unicodedata.name(letter, 'a character')}, U+{ord(letter):04X}." if letter else ""


def for_key(word: str, allowed: Iterable[str]) -> str:
    """What to write instead of a key that does not exist."""
    return " ".join(filter(None, (_for_key(word, allowed), strange_letter(word))))


def _for_key(word: str, allowed: Iterable[str]) -> str:
    keys = list(allowed)
    best = nearest(word, keys)
    if best and folded(best) == folded(word):
        return f'Did you mean "{best}"?'
    key, sentence = DIALECTS.get(folded(word), ("", ""))
    if sentence and (not key or key in keys):
        return sentence
    if best:
        return f'Did you mean "{best}"?'
    return sentence or listed(keys, "Allowed here")
