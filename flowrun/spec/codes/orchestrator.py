"""Family 5: what Orchestrator says of a plan, before anything starts."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

ORCHESTRATOR = (
    Entry(
        "FR501",
        "A folder that does not exist",
        "{message}",
        "`folder` is the full path of a folder (`Finance/Close`) or its id. Either it does not exist, or the "
        "account that flowrun signs in with is not assigned to it.",
    ),
    Entry(
        "FR502",
        "A Release that is not in the folder",
        "{message}",
        "A Release (shown as *Process* in Orchestrator's pages) belongs to a folder. `plan` looks in the "
        "folder of the step, and says so when a Release of that name is in another one.",
    ),
    Entry(
        "FR503",
        "A robot that is not in the folder",
        "{message}",
        "`robots` names robots and `robot_ids` gives their ids. Only robots that are assigned to the folder "
        "of the step can run its Jobs.",
    ),
    Entry(
        "FR504",
        "A strategy that this folder refuses",
        "{message}",
        "`All`, `Specific` and `RobotCount` are strategies of classic folders. In a modern folder write "
        "`ModernJobsCount` (the default) or `JobsCount`.",
    ),
    Entry(
        "FR505",
        "An argument that the Release does not have",
        "{message}",
        "The Release publishes the names and types of its arguments, and this one is not among them.",
    ),
    Entry(
        "FR506",
        "An argument of another type",
        "{message}",
        "The Release publishes the type of each argument. The value in the file has another one.",
    ),
    Entry(
        "FR507",
        "An argument that is missing",
        "{message}",
        "The Release marks this argument as required and has no value of its own for it.",
    ),
    Entry(
        "FR508",
        "An output that the Release does not have",
        "{message}",
        "An expression or the step's `outputs` name an output argument that the Release does not publish.",
    ),
    Entry(
        "FR510",
        "A Job that would wait",
        "{message}",
        "Orchestrator was asked what it thinks of the start (`ValidateDynamicJob`), and names reasons for which a Job "
        "would stay Pending now: no robot, no runtime, no license. It is a warning, since the reasons are those of "
        "this moment; give the step a `pending_timeout` where it must not wait for long. Servers that do not have "
        "the call are not asked.",
        severity="warning",
    ),
)
