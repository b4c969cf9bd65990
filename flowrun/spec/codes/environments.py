"""Family 2, continued: environments, and what they give to a workflow."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

ENVIRONMENTS = (
    Entry(
        "FR281",
        "A setting that cannot be read",
        "`{name}` is {found}, and takes {expected}",
        "An environment says where the Orchestrator is, in the words of flowrun's settings. The value is not one that "
        "this setting takes.",
    ),
    Entry(
        "FR282",
        "An environment with an input that the workflow does not have",
        "the workflow {workflow} has no input `{name}`",
        "The `inputs` of an environment stand in for the defaults of the workflow's own inputs. Several workflows may "
        "share an environment, so this is a warning; often it is another spelling of an input that there is.",
        severity="warning",
    ),
    Entry(
        "FR283",
        "An input of an environment that does not fit",
        "the input `{name}` is {found}, and not {expected}",
        "The `inputs` of an environment must be values that the declarations in the workflow would accept.",
    ),
    Entry(
        "FR284",
        "A variable that the environment does not have",
        "`env.{name}` is not in {environment}",
        "`env.X` reads the `vars` of the environment that was chosen with `-e`. `env.X | default('text')` says what "
        "holds where there is none.",
    ),
    Entry(
        "FR285",
        "A variable that some environments do not have",
        "`env.{name}` is not in {missing}",
        "No environment was chosen, so the name was looked up in all that lie beside the workflow. It would fail in "
        "those that are named here, before anything starts.",
        "Add it to the `vars` there, or write `env.{name} | default(...)`.",
        severity="warning",
    ),
    Entry(
        "FR286",
        "A variable without an environment",
        "nothing gives `env.{name}` a value: no environment is chosen",
        "`env.X` reads the `vars` of an environment: a file in the folder `environments` beside the workflow, chosen "
        "with `-e NAME`, or any file with `--env-file`. A run without one could not evaluate this expression.",
        severity="warning",
    ),
    Entry(
        "FR287",
        "Two folders",
        "no step uses the folder {folder}: {reason}",
        "`orchestrator.folder` is where steps run that name no folder, after `defaults.folder`. Where that is written "
        "too, be it in the workflow, it is what holds.",
        "Write `defaults: {{folder: ...}}` in the environment: it goes before that of the workflow.",
        severity="warning",
    ),
    Entry(
        "FR288",
        "A setting of an environment that something else decides",
        "`{name}` is not {value}: {winner}",
        "A flag goes before a variable, a variable before the environment of a workflow. What the file says has no "
        "effect here.",
        "Unset the variable, or take `{name}` out of the file.",
        severity="warning",
    ),
)
