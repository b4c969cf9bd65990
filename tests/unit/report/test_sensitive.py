from __future__ import annotations

from collections.abc import Sequence

from flowrun.core.events import (
    AttemptFinished,
    AttemptScheduled,
    Event,
    Leg,
    LegFinished,
    RunFinished,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Plan, Step
from flowrun.core.status import Failed, LegStatus, RunStatus, StepStatus, Succeeded
from flowrun.report import formats
from flowrun.report.fold import fold
from flowrun.report.sensitive import Sensitive

TOKEN = 'tök"en-0815'
LONG = "abcdefgh" * 20
PLAN = Plan(
    "w",
    (
        Step("sign_in", "job", outputs=("Token", "Long", "Pin", "Name"), sensitive=("Token", "Long", "Pin")),
        Step(
            "use",
            "job",
            arguments={
                "input_arguments": {
                    "in_Token": "${{ steps.sign_in.outputs.Token }}",
                    "in_Pin": "${{ steps.sign_in.outputs.Pin }}",
                    "in_All": "${{ steps.sign_in.outputs }}",
                    "in_Name": "${{ steps.sign_in.outputs.Name }}",
                }
            },
        ),
    ),
    sensitive=("token",),
)
OUTPUTS = {"Token": TOKEN, "Long": LONG, "Pin": 12, "Name": "anna"}
GIVEN = {"in_Token": TOKEN, "in_Pin": 12, "in_All": OUTPUTS, "in_Name": "anna"}


def events(message: str) -> list[Event]:
    return [
        RunStarted(0.0, "r", PLAN),
        StepBegan(1.0, "sign_in", (Leg(),)),
        AttemptScheduled(1.0, "sign_in", 0, 1, {}),
        AttemptFinished(2.0, "sign_in", 0, 1, Succeeded(OUTPUTS, {"jobs": [{"id": 1, "info": f"signed in {TOKEN}"}]})),
        LegFinished(2.0, "sign_in", 0, LegStatus.SUCCEEDED),
        StepFinished(2.0, "sign_in", StepStatus.SUCCEEDED, StepStatus.SUCCEEDED),
        StepBegan(3.0, "use", (Leg(key=f"for {TOKEN}", matrix={"t": TOKEN}),)),
        AttemptScheduled(3.0, "use", 0, 1, {"input_arguments": GIVEN}),
        AttemptFinished(
            4.0, "use", 0, 1, Failed("faulted", message, {"Echo": [TOKEN]}, {"jobs": [{"id": 2, "info": message}]})
        ),
        LegFinished(4.0, "use", 0, LegStatus.FAILED, "faulted", message),
        StepFinished(4.0, "use", StepStatus.FAILED, StepStatus.FAILED, "faulted", message),
        RunFinished(5.0, RunStatus.FAILED, outputs={"token": 12, "echo": TOKEN, "name": "anna"}, message=message),
    ]


def shown(found: Sequence[Event]) -> str:
    sensitive = Sensitive()
    return "\n".join(repr(sensitive.seen(event)) for event in found[1:] if sensitive.seen(found[0]))


def test_no_format_of_a_report_shows_what_is_sensitive():
    done = fold(events(f"refused: {TOKEN} {LONG[:50]}… and"))
    for name, form in formats.FORMATS.items():
        text = form(done)
        assert "0815" not in text, name
        assert LONG[:20] not in text, name
    assert done.outputs == {"token": "***", "echo": "***", "name": "anna"}
    assert done.steps[0].leg.outputs == {"Token": "***", "Long": "***", "Pin": "***", "Name": "anna"}
    assert done.steps[1].leg.message == "refused: *** ***… and"


def test_it_can_be_revealed():
    done = fold(events(f"refused: {TOKEN}"), reveal=True)
    assert done.steps[0].leg.outputs == OUTPUTS
    assert TOKEN in done.steps[1].leg.message


def test_arguments_that_are_made_of_it_are_hidden_whatever_their_type():
    sensitive = Sensitive()
    seen = [sensitive.seen(event) for event in events("no")]
    scheduled = seen[7]
    assert isinstance(scheduled, AttemptScheduled)
    assert scheduled.arguments["input_arguments"] == {
        "in_Token": "***", "in_Pin": "***", "in_All": "***", "in_Name": "anna"
    }  # fmt: skip


def test_it_is_hidden_in_json_within_text():
    assert "0815" not in shown(events('{"t": "t\\u00f6k\\"en-0815"}'))


def test_without_anything_sensitive_an_event_is_itself():
    plain = [RunStarted(0.0, "r", Plan("w", (Step("a", "job"),))), *events(TOKEN)[1:3]]
    sensitive = Sensitive()
    assert [sensitive.seen(event) is event for event in plain] == [True] * 3
