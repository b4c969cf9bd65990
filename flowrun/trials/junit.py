"""JUnit XML of carried-out tests, as CI servers read it: a file is a suite, a test a case. Times are real ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from flowrun.errors import Problem
from flowrun.report.parcels import plain


@dataclass(frozen=True, slots=True)
class Case:
    """A test as a CI server is told of it. `text`: the problems as people read them; `seconds` of real time."""

    name: str
    seconds: float
    problems: tuple[Problem, ...] = ()
    text: str = ""


def junit(suites: Mapping[str, Iterable[Case]], name: str = "flowrun test") -> str:
    """One `testsuites` with a `testsuite` for each file. A file that cannot be carried out is a case with an error."""
    root = ET.Element("testsuites", name=name)
    for file, cases in suites.items():
        suite = ET.SubElement(root, "testsuite", name=file)
        for case in cases:
            _case(suite, file, case)
        _count(suite, suite.findall("testcase"))
    _count(root, root.findall("testsuite/testcase"))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return f"{written.decode()}\n"


def _case(suite: ET.Element, classname: str, case: Case) -> None:
    made = ET.SubElement(suite, "testcase", classname=classname, name=plain(case.name), time=f"{case.seconds:.6f}")
    if case.problems:
        tag = "failure" if all(one.code == "FR710" for one in case.problems) else "error"
        first = case.problems[0]
        ET.SubElement(made, tag, type=first.code, message=plain(first.message)).text = plain(case.text)


def _count(element: ET.Element, cases: list[ET.Element]) -> None:
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.6f}")
