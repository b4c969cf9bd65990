"""JUnit XML, as CI servers read it: the run is a suite, each step is a case, each leg of a fan-out too.

A case that failed has a `failure`; one that was cancelled, is in doubt or never ended has an `error`.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from flowrun.core.status import LegStatus, StepStatus
from flowrun.report.document import instant
from flowrun.report.model import JobFact, LegReport, Report, StepReport


def render(report: Report) -> str:
    """One `testsuites` with one `testsuite`."""
    suites = ET.Element("testsuites", name="flowrun")
    took = f"{report.duration(report.at):.3f}"
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=report.workflow,
        id=report.run_id,
        timestamp=instant(report.started_at).removesuffix("Z"),
        time=took,
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("run_id", report.run_id), ("status", report.status.value), ("cause", report.cause)):
        ET.SubElement(properties, "property", name=name, value=value)
    for step in report.told:
        if step.fan_out and len(step.legs):
            for leg in step.legs:
                _leg_case(suite, report, step, leg)
        else:
            _step_case(suite, report, step)
    _count(suite)
    for name in ("tests", "failures", "errors"):  # the schema of Jenkins knows no `skipped` here
        suites.set(name, suite.get(name, "0"))
    suites.set("time", took)
    ET.indent(suites)
    written: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return f"{written.decode()}\n"


def _case(suite: ET.Element, report: Report, name: str, took: float | None) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=report.workflow, name=name, time=f"{took or 0.0:.3f}")


def _step_case(suite: ET.Element, report: Report, step: StepReport) -> None:
    case = _case(suite, report, step.id, step.duration(report.at))
    if step.leg.doubt:
        _verdict(case, "error", "unknown", step.message or "something of it may still be running")
    elif step.let_through:
        ET.SubElement(case, "system-out").text = f"failed and let through: {step.cause}: {step.message}"
    elif step.status is StepStatus.FAILED:
        _verdict(case, "failure", step.cause, step.message)
    elif step.status is StepStatus.SKIPPED:
        ET.SubElement(case, "skipped", message=step.cause)
    elif step.status is not StepStatus.SUCCEEDED:
        _verdict(case, "error", step.cause or step.status.value, step.message)
    _jobs(case, step.leg)


def _leg_case(suite: ET.Element, report: Report, step: StepReport, leg: LegReport) -> None:
    case = _case(suite, report, step.name(leg), leg.duration(report.at))
    if leg.doubt:
        _verdict(case, "error", "unknown", leg.message or "something of it may still be running")
    elif leg.status is LegStatus.FAILED and step.status is StepStatus.SUCCEEDED:
        ET.SubElement(case, "system-out").text = f"failed and let through: {leg.cause}: {leg.message}"
    elif leg.status is LegStatus.FAILED:
        _verdict(case, "failure", leg.cause, leg.message)
    elif leg.status is not LegStatus.SUCCEEDED:
        _verdict(case, "error", leg.cause or leg.status.value, leg.message)
    _jobs(case, leg)


def _verdict(case: ET.Element, tag: str, kind: str, message: str) -> None:
    first = message.partition("\n")[0]
    ET.SubElement(case, tag, type=kind, message=first or kind).text = message or None


def _jobs(case: ET.Element, leg: LegReport) -> None:
    told = leg.cause == "rejected"  # by its message
    answer = [leg.approval.answer] if leg.approval and leg.approval.decision and not told else []
    lines = [*answer, *map(_job_line, leg.jobs), *([f"run {leg.run}"] if leg.run else [])]
    if not lines:
        return
    out = case.find("system-out")
    out = ET.SubElement(case, "system-out") if out is None else out
    out.text = "\n".join([*([out.text] if out.text else []), *lines])


def _job_line(job: JobFact) -> str:
    robot = f" on {job.robot}" if job.robot else ""
    return f"{job.name} {job.state}{robot} {job.key}".rstrip()


def _count(suite: ET.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
