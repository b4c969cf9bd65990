from typing import Any

from flowrun.review.anew import command
from tests.unit.review.document import document


def source(name: str, value: Any, where: str) -> dict[str, Any]:
    return {"name": name, "value": value, "source": where}


def test_a_plan_that_nothing_was_said_for_needs_its_file_alone() -> None:
    plain = document(context={"name": "local", "chosen": False})
    assert command(plain) == "flowrun plan specs/close.yaml --out FILE"


def test_what_was_said_is_said_again_and_what_a_file_gives_is_not() -> None:
    said = document(
        environment={"name": "prod", "file": "specs/environments/prod.yaml"},
        inputs={"period": "it's 2026", "most": 5, "ledgers": ["A"], "note": "x", "day": "2026-10-30"},
        sources=[
            source("orchestrator.folder", "Finance Ops", "--folder"),
            source("orchestrator.url", "https://cloud.uipath.com/acme/prod", "UIPATH_URL"),
            source("inputs.period", "it's 2026", "--input"),
            source("inputs.ledgers", ["A"], "--input"),
            source("inputs.most", 5, "month end.yaml"),
            source("inputs.note", "x", "month end.yaml"),
            source("inputs.day", "2026-10-30", "specs/close.yaml:15"),
        ],
        max_parallel=2,
    )
    assert command(said) == (
        "flowrun plan specs/close.yaml -e prod --context prod --folder 'Finance Ops' "
        """-i 'period=it'"'"'s 2026' -i 'ledgers=["A"]' --inputs-file 'month end.yaml' --max-parallel 2 --out FILE"""
    )


def test_an_environment_that_lies_elsewhere_is_named_by_its_file() -> None:
    elsewhere = document(environment={"name": "prod", "file": "shared/prod.yaml"})
    assert "--env-file shared/prod.yaml --context prod" in command(elsewhere)
