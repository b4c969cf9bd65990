"""The use cases. The command line, and whoever embeds flowrun, talks to this room and to nobody behind it.

A name is loaded when it is first used, from the file that this list names: checking a file must not load an HTTP
client, and listing runs must not load a YAML reader.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowrun.api.again import Choice as Choice
    from flowrun.api.again import Foreseen as Foreseen
    from flowrun.api.again import Locking as Locking
    from flowrun.api.again import bound_again as bound_again
    from flowrun.api.again import foresee as foresee
    from flowrun.api.again import rerun as rerun
    from flowrun.api.again import retry as retry
    from flowrun.api.answers import Answered as Answered
    from flowrun.api.answers import Question as Question
    from flowrun.api.answers import answer as answer
    from flowrun.api.answers import question as question
    from flowrun.api.beginning import Begun as Begun
    from flowrun.api.beginning import begin as begin
    from flowrun.api.beneath import open_jobs as open_jobs
    from flowrun.api.diagnosed import DIAGNOSTICS as DIAGNOSTICS
    from flowrun.api.diagnosed import Page as Page
    from flowrun.api.diagnosed import diagnostics as diagnostics
    from flowrun.api.diagnosed import findings as findings
    from flowrun.api.diagnosis import Diagnosis as Diagnosis
    from flowrun.api.diagnosis import doctor as doctor
    from flowrun.api.driven import Control as Control
    from flowrun.api.driven import abort as abort
    from flowrun.api.driven import run as run
    from flowrun.api.driven import watch as watch
    from flowrun.api.environments import bound_for as bound_for
    from flowrun.api.environments import chosen as chosen
    from flowrun.api.explained import assumed as assumed
    from flowrun.api.files import Checked as Checked
    from flowrun.api.files import check as check
    from flowrun.api.files import explain as explain
    from flowrun.api.files import is_tests as is_tests
    from flowrun.api.files import read_inputs as read_inputs
    from flowrun.api.files import render_problems as render_problems
    from flowrun.api.files import schema as schema
    from flowrun.api.fixing import Fixed as Fixed
    from flowrun.api.fixing import fix as fix
    from flowrun.api.formatting import Tidied as Tidied
    from flowrun.api.formatting import tidy as tidy
    from flowrun.api.formatting import tidy_text as tidy_text
    from flowrun.api.importing import import_job as import_job
    from flowrun.api.importing import import_uipcli as import_uipcli
    from flowrun.api.jobs import Exported as Exported
    from flowrun.api.jobs import Place as Place
    from flowrun.api.jobs import Stopped as Stopped
    from flowrun.api.jobs import export_jobs as export_jobs
    from flowrun.api.jobs import job_data as job_data
    from flowrun.api.jobs import job_query as job_query
    from flowrun.api.jobs import list_jobs as list_jobs
    from flowrun.api.jobs import outputs_of as outputs_of
    from flowrun.api.jobs import show_job as show_job
    from flowrun.api.jobs import stop_jobs as stop_jobs
    from flowrun.api.locks import LockChecked as LockChecked
    from flowrun.api.locks import Locked as Locked
    from flowrun.api.locks import check_lock as check_lock
    from flowrun.api.locks import drift as drift
    from flowrun.api.locks import held as held
    from flowrun.api.locks import lock as lock
    from flowrun.api.locks import update_lock as update_lock
    from flowrun.api.moments import seconds as seconds
    from flowrun.api.outside import emulate as emulate
    from flowrun.api.pictures import charted as charted
    from flowrun.api.pictures import drawn as drawn
    from flowrun.api.pictures import graph as graph
    from flowrun.api.pictures import graph_of_plan as graph_of_plan
    from flowrun.api.pictures import graph_of_run as graph_of_run
    from flowrun.api.pictures import timeline as timeline
    from flowrun.api.pictures import timeline_of_plan as timeline_of_plan
    from flowrun.api.pictures import timeline_of_run as timeline_of_run
    from flowrun.api.plans import Inputs as Inputs
    from flowrun.api.plans import Planned as Planned
    from flowrun.api.plans import plan as plan
    from flowrun.api.recorded import Recorded as Recorded
    from flowrun.api.recorded import record_test as record_test
    from flowrun.api.recorded import write_test as write_test
    from flowrun.api.records import Listed as Listed
    from flowrun.api.records import Told as Told
    from flowrun.api.records import events as events
    from flowrun.api.records import formats as formats
    from flowrun.api.records import outputs as outputs
    from flowrun.api.records import report as report
    from flowrun.api.records import runs as runs
    from flowrun.api.records import why as why
    from flowrun.api.records import write as write
    from flowrun.api.resumed import Replanned as Replanned
    from flowrun.api.resumed import foresee_rest as foresee_rest
    from flowrun.api.resumed import resume as resume
    from flowrun.api.reviewed import Reviewed as Reviewed
    from flowrun.api.reviewed import apply as apply
    from flowrun.api.reviewed import planned_context as planned_context
    from flowrun.api.reviewed import review as review
    from flowrun.api.reviewed import save_plan as save_plan
    from flowrun.api.reviewed import saved_plan as saved_plan
    from flowrun.api.reviewed import shown_plan as shown_plan
    from flowrun.api.served import LOGGER as LOGGER
    from flowrun.api.served import Served as Served
    from flowrun.api.served import replay_runs as replay_runs
    from flowrun.api.served import serve_worker as serve_worker
    from flowrun.api.sign_in import SignedIn as SignedIn
    from flowrun.api.sign_in import remove as remove
    from flowrun.api.sign_in import store as store
    from flowrun.api.sign_in import try_sign_in as try_sign_in
    from flowrun.api.simulated import Simulated as Simulated
    from flowrun.api.simulated import Subject as Subject
    from flowrun.api.simulated import families as families
    from flowrun.api.simulated import fault_families as fault_families
    from flowrun.api.simulated import record_tape as record_tape
    from flowrun.api.simulated import replay_tape as replay_tape
    from flowrun.api.simulated import simulate as simulate
    from flowrun.api.simulated import subject as subject
    from flowrun.api.started import Start as Start
    from flowrun.api.started import Watched as Watched
    from flowrun.api.started import start_jobs as start_jobs
    from flowrun.api.started import wait_jobs as wait_jobs
    from flowrun.api.summaries import annotated as annotated
    from flowrun.api.summaries import problems_summary as problems_summary
    from flowrun.api.summaries import run_summary as run_summary
    from flowrun.api.tests import Tested as Tested
    from flowrun.api.tests import TestOutcome as TestOutcome
    from flowrun.api.tests import carry_out_tests as carry_out_tests
    from flowrun.api.tests import check_tests as check_tests
    from flowrun.api.tests import test_junit as test_junit
    from flowrun.api.tests import test_pages as test_pages
    from flowrun.api.texts import new_text as new_text
    from flowrun.api.triggered import import_triggers as import_triggers
    from flowrun.emulator.server import Emulator as Emulator
    from flowrun.orchestrator.query import JobPage as JobPage
    from flowrun.orchestrator.query import JobQuery as JobQuery
    from flowrun.report.model import Change as Change
    from flowrun.report.model import LegReport as LegReport
    from flowrun.report.model import OpenJob as OpenJob
    from flowrun.report.model import Report as Report
    from flowrun.review.moved import Move as Move
    from flowrun.simulation.ending import Ending as Ending
    from flowrun.simulation.ending import Result as Result
    from flowrun.simulation.tally import Struck as Struck
    from flowrun.simulation.tally import Tally as Tally
    from flowrun.simulation.tally import Weak as Weak
    from flowrun.simulation.tape import Replayed as Replayed
    from flowrun.spec.environment import Environment as Environment
    from flowrun.steps.answer import instant as instant
    from flowrun.trials.explanation import ExplainedStep as ExplainedStep
    from flowrun.trials.explanation import Explanation as Explanation

_WHERE = {
    "again": ("Choice", "Foreseen", "Locking", "bound_again", "foresee", "rerun", "retry"),
    "beneath": ("open_jobs",),
    "environments": ("bound_for", "chosen"),
    "answers": ("Answered", "Question", "answer", "question"),
    "files": ("Checked", "check", "explain", "is_tests", "read_inputs", "render_problems", "schema"),
    "explained": ("assumed",),
    "beginning": ("Begun", "begin"),
    "diagnosed": ("DIAGNOSTICS", "Page", "diagnostics", "findings"),
    "fixing": ("Fixed", "fix"),
    "importing": ("import_job", "import_uipcli"),
    "triggered": ("import_triggers",),
    "formatting": ("Tidied", "tidy", "tidy_text"),
    "diagnosis": ("Diagnosis", "doctor"),
    "outside": ("emulate",),
    "plans": ("Inputs", "Planned", "plan"),
    "records": ("Listed", "Told", "events", "formats", "outputs", "report", "runs", "why", "write"),
    "reviewed": ("Reviewed", "apply", "planned_context", "review", "save_plan", "saved_plan", "shown_plan"),
    "locks": ("LockChecked", "Locked", "check_lock", "drift", "held", "lock", "update_lock"),
    "jobs": (
        *("Exported", "Place", "Stopped", "export_jobs", "job_data", "job_query", "list_jobs", "outputs_of"),
        *("show_job", "stop_jobs"),
    ),
    "recorded": ("Recorded", "record_test", "write_test"),
    "moments": ("seconds",),
    "pictures": (
        *("charted", "drawn", "graph", "graph_of_plan", "graph_of_run"),
        *("timeline", "timeline_of_plan", "timeline_of_run"),
    ),
    "simulated": (
        *("Simulated", "Subject", "families", "fault_families", "record_tape", "replay_tape", "simulate", "subject"),
    ),
    "served": ("LOGGER", "Served", "replay_runs", "serve_worker"),
    "sign_in": ("SignedIn", "remove", "store", "try_sign_in"),
    "texts": ("new_text",),
    "summaries": ("annotated", "problems_summary", "run_summary"),
    "tests": ("TestOutcome", "Tested", "carry_out_tests", "check_tests", "test_junit", "test_pages"),
    "started": ("Start", "Watched", "start_jobs", "wait_jobs"),
    "driven": ("Control", "abort", "run", "watch"),
    "resumed": ("Replanned", "foresee_rest", "resume"),
}
_HOME = {name: f"flowrun.api.{file}" for file, names in _WHERE.items() for name in names}
_HOME |= dict.fromkeys(("JobPage", "JobQuery"), "flowrun.orchestrator.query")
_HOME |= dict.fromkeys(("Ending", "Result"), "flowrun.simulation.ending")
_HOME |= dict.fromkeys(("Struck", "Tally", "Weak"), "flowrun.simulation.tally")
_HOME |= {"Replayed": "flowrun.simulation.tape"}
_HOME |= {"Move": "flowrun.review.moved"}
_HOME |= {"instant": "flowrun.steps.answer"}
_HOME["Environment"] = "flowrun.spec.environment"
_HOME |= dict.fromkeys(("Change", "LegReport", "OpenJob", "Report"), "flowrun.report.model")
_HOME |= dict.fromkeys(("ExplainedStep", "Explanation"), "flowrun.trials.explanation")


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
