"""SARIF, against the published schema and the limits of code scanning."""

from __future__ import annotations

from flowrun.report.findings.finding import Finding
from flowrun.report.findings.sarif import MOST, write
from tests.published import check_sarif

FOUND = Finding("FR104", "error", "no such step", "specs/month end.yaml", 3, 7, "steps.a.needs", "did you mean `b`?")


def test_nothing_is_a_log_without_results() -> None:
    (run,) = check_sarif(write([]))["runs"]
    assert run["results"] == run["tool"]["driver"]["rules"] == []


def test_a_result_has_its_rule_its_words_and_its_place() -> None:
    (run,) = check_sarif(write([FOUND]))["runs"]
    (result,) = run["results"]
    assert result["message"]["text"] == "steps.a.needs: no such step\nhint: did you mean `b`?"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "specs/month%20end.yaml"
    assert place["region"] == {"startLine": 3, "startColumn": 7}
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "FR104"
    assert len(rule["fullDescription"]["text"]) > len(rule["shortDescription"]["text"]) > 10


def test_a_failure_of_a_run_without_a_place_is_a_result_too() -> None:
    (run,) = check_sarif(write([Finding("faulted", "warning", "SAP is busy", about="post[EU]")]))["runs"]
    assert "locations" not in run["results"][0]
    assert run["results"][0]["level"] == "warning"


def test_equal_ones_have_fingerprints_of_their_own_that_stay_when_lines_move() -> None:
    def prints(found: list[Finding]) -> list[str]:
        results = check_sarif(write(found))["runs"][0]["results"]
        return [result["partialFingerprints"]["flowrun/v1"] for result in results]

    moved = Finding("FR104", "error", "no such step", "specs/month end.yaml", 99, 7, "steps.a.needs")
    assert len(set(prints([FOUND, FOUND]))) == 2
    assert prints([FOUND]) == prints([moved])


def test_no_more_are_written_than_are_kept_and_the_worst_are() -> None:
    warnings = [Finding("FR450", "warning", "odd", "a.yaml", number) for number in range(1, MOST + 5)]
    (run,) = check_sarif(write([*warnings, FOUND]))["runs"]
    assert len(run["results"]) == MOST
    assert run["results"][0]["ruleId"] == "FR104"
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "5 more results are left out"
