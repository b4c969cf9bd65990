from __future__ import annotations

from typing import Any

import pytest

from flowrun.orchestrator.wire import Job
from flowrun.steps.job.outputs import BadOutput, outputs_of, read_outputs


def job(text: str | None, **more: Any) -> Job:
    return Job(id=1, key="k", state="Successful", output_arguments=text, **more)


def deep(levels: int) -> str:
    return '{"a": ' + "[" * levels + "]" * levels + "}"


@pytest.mark.parametrize("text", [None, "", "  ", "{}", "null"])
def test_none_are_none(text: str | None) -> None:
    assert read_outputs(text) == {}


def test_values_keep_their_types() -> None:
    text = '{"a": 1, "b": 1.0, "c": "1", "d": true, "e": null, "f": [1], "g": {"h": "ü😀\\u0000"}}'
    read = read_outputs(text)
    assert read == {"a": 1, "b": 1.0, "c": "1", "d": True, "e": None, "f": [1], "g": {"h": "ü😀\x00"}}
    assert isinstance(read["b"], float)


def test_a_whole_number_of_any_size_that_python_reads() -> None:
    assert read_outputs('{"n": 12345678901234567890123}')["n"] == 12345678901234567890123


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "a list, not a map"),
        ('"x"', "not a map"),
        ("7", "the number 7"),
        ("{", "not JSON"),
        ("<html>", "not JSON"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1e999}', "too large"),
        ('{"a": 1, "a": 2}', '"a" stands twice'),
        ('{"a": %s}' % ("9" * 5000), "not JSON that can be used"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"\\udfff": 1}', "surrogate"),
        (deep(100_000), "levels deep"),
        (deep(70), "levels deep"),
    ],
    ids=lambda value: value[:20],
)
def test_what_cannot_be_used_is_said(text: str, said: str) -> None:
    with pytest.raises(BadOutput, match="OutputArguments") as caught:
        read_outputs(text)
    assert said in str(caught.value)


def test_a_pair_of_surrogates_is_text() -> None:
    assert read_outputs('{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


def test_deep_but_usable() -> None:
    assert read_outputs(deep(50))


def test_a_contract_that_is_kept() -> None:
    contract: dict[str, Any] = {
        "Total": {"type": "number"},
        "Note": {"type": "string", "default": "-"},
        "More": {"required": False},
    }
    assert outputs_of(job('{"Total": 3, "Extra": 1}'), contract) == {"Total": 3, "Extra": 1, "Note": "-"}


def test_a_null_is_as_good_as_missing() -> None:
    assert outputs_of(job('{"Note": null}'), {"Note": {"type": "string", "default": "-"}}) == {"Note": "-"}
    assert outputs_of(job('{"Note": null}'), {"Note": {"type": "string", "required": False}}) == {}


@pytest.mark.parametrize(
    ("text", "promise", "said"),
    [
        ('{"Total": "3"}', {"type": "integer"}, "output 'Total' is the text \"3\", and the step promises 'integer'"),
        ('{"Total": true}', {"type": "integer"}, "is true"),
        ('{"Total": [1]}', {"type": "object"}, "is a list"),
        ('{"Total": null}', {"type": "integer"}, "is null"),
        ('{"total": 3}', {"type": "integer"}, "did you mean 'total'"),
        ('{"Sum": 3, "Currency": "EUR"}', {"type": "integer"}, "the Job gave Currency, Sum"),
        ("{}", {"type": "integer"}, "the Job gave an empty object, {}"),
        ("null", {"type": "integer"}, "without any OutputArguments"),
        (None, {"type": "integer"}, "10,240 characters"),
    ],
)
def test_a_contract_that_is_broken(text: str | None, promise: dict[str, Any], said: str) -> None:
    with pytest.raises(BadOutput) as caught:
        outputs_of(job(text), {"Total": promise})
    assert said in str(caught.value)
    assert "Total" in str(caught.value)


def test_an_attachment_is_named() -> None:
    with pytest.raises(BadOutput, match="attachment a-b-c"):
        outputs_of(job(None, output_file="a-b-c"), {"Total": {}})


def test_of_many_names_the_one_that_stands_twice_is_found_at_once() -> None:
    names = ", ".join(f'"n{number}": 1' for number in range(200_000))
    with pytest.raises(BadOutput, match="n199999"):
        read_outputs(f'{{{names}, "n199999": 2}}')
