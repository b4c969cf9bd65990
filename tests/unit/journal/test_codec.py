from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.events import EVENTS, AbortRequested, AttemptFinished, AttemptStarted, Event, RunResumed
from flowrun.core.status import AbortLevel, Succeeded
from flowrun.errors import JournalError
from flowrun.journal import codec
from flowrun.journal.codec import Encoded, decode, dump, encode, load, versions
from flowrun.journal.protocol import Record
from flowrun.journal.shapes import fields_of, members
from tests.examples import examples
from tests.golden.journals.examples import BY_VERSION, EXAMPLES
from tests.unit.journal.test_parcels import PARCELS, TEXT

GOLDEN = Path(__file__).parents[2] / "golden" / "journals"

PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    Any: PARCELS,
    str: TEXT,
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0),
    bool: st.booleans(),
    NoneType: st.none(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Every value that a type hint allows."""
    if hint in PLAIN:
        return PLAIN[hint]
    if members(hint):
        return st.one_of([values(inner) for inner in members(hint)])
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=2).map(tuple)
    if get_origin(hint) is not None:
        return st.dictionaries(TEXT, values(get_args(hint)[1]), max_size=3)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return st.builds(hint, **{field.name: values(field.hint) for field in fields_of(hint)})


@pytest.mark.parametrize("kind", EVENTS)
@examples(15)
@given(data=st.data())
def test_every_event_is_read_back(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(values(kind))
    row = encode(event)
    assert row.data.isascii()
    assert repr(decode(row)) == repr(event)


@given(record=st.builds(Record, st.integers(1), st.integers(1), values(AttemptFinished)))
def test_a_dumped_record_is_loaded(record: Record) -> None:
    assert repr(load(json.loads(json.dumps(dump(record), allow_nan=False)))) == repr(record)


def test_the_examples_have_every_event_with_every_field() -> None:
    assert {type(event) for event in EXAMPLES} == set(EVENTS)
    for kind in EVENTS:
        seen = {name for event in EXAMPLES if type(event) is kind for name in json.loads(encode(event).data)}
        assert seen == {field.name for field in fields_of(kind)} - {"at"}


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.jsonl")), ids=lambda file: file.stem)
def test_golden_journals_stay_readable(file: Path) -> None:
    records = [load(json.loads(line)) for line in file.read_text(encoding="ascii").splitlines()]
    assert [repr(record.event) for record in records] == [repr(event) for event in BY_VERSION[file.stem]]


def test_the_newest_golden_journal_is_what_is_written_now() -> None:
    """Where this fails, an event has changed: add an upcaster and another golden file, and leave the old ones."""
    newest = max(GOLDEN.glob("v*.jsonl"), key=lambda file: int(file.stem[1:]))
    lines = [json.dumps(dump(Record(seq, 1, event))) for seq, event in enumerate(EXAMPLES, 1)]
    assert newest.read_text(encoding="ascii").splitlines() == lines


def test_defaults_are_left_out() -> None:
    assert encode(AbortRequested(5, AbortLevel.STOP)) == Encoded("AbortRequested", 2, 5.0, '{"level":"stop"}')


def test_a_negative_zero_is_written_as_it_is_read() -> None:
    assert repr(encode(RunResumed(-0.0, 2)).at) == "0.0"


@pytest.mark.parametrize("at", [float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(at: float) -> None:
    with pytest.raises(JournalError, match="RunResumed has the time"):
        encode(RunResumed(at, 2))


def test_what_is_not_json_is_refused_with_its_type() -> None:
    with pytest.raises(JournalError, match="type bytes"):
        encode(AttemptStarted(1.0, "a", 0, 1, {"raw": b"x"}))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (Encoded("RunResumed", 2, 1.0, "{}"), "older than the journal: .* RunResumed in version 2, known up to 1"),
        (Encoded("StepPaused", 1, 1.0, "{}"), "older than the journal: .* unknown type 'StepPaused'"),
        (Encoded("RunResumed", 1, 1.0, "{"), "is not JSON"),
        (Encoded("RunResumed", 1, 1.0, "[" * 100_000), "is not JSON"),
        (Encoded("RunResumed", 1, 1.0, "[]"), "does not have the shape of one"),
        (Encoded("RunResumed", 1, 1.0, "{}"), "does not have the shape of one: .*epoch"),
        (Encoded("RunResumed", 1, 1.0, '{"epoch":1,"why":""}'), "no field 'why'"),
        (Encoded("AbortRequested", 1, 1.0, '{"level":"gently"}'), "does not have the shape of one: 'gently'"),
        (Encoded("AttemptFinished", 1, 1.0, '{"outcome":{"type":"Lost"}}'), "does not have the shape of one: 'Lost'"),
    ],
)
def test_what_cannot_be_read_is_said(row: Encoded, message: str) -> None:
    with pytest.raises(JournalError, match=message):
        decode(row)


@pytest.mark.parametrize("line", [{}, {"seq": 1, "epoch": 1, "type": "RunResumed", "v": 1, "at": 1.0}])
def test_a_line_that_is_no_record_is_said(line: dict[str, Any]) -> None:
    with pytest.raises(JournalError, match="a record has no"):
        load(line)


def test_old_versions_are_raised_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    upcasters = {
        ("RunResumed", 1): lambda data: {"number": data["count"]},
        ("RunResumed", 2): lambda data: {"epoch": data["number"] + 1},
    }
    monkeypatch.setattr(codec, "UPCASTERS", upcasters)
    monkeypatch.setattr(codec, "_VERSIONS", versions(upcasters))
    assert decode(Encoded("RunResumed", 1, 1.0, '{"count":6}')) == RunResumed(1.0, 7)
    assert decode(Encoded("RunResumed", 2, 1.0, '{"number":6}')) == RunResumed(1.0, 7)
    assert decode(Encoded("RunResumed", 3, 1.0, '{"epoch":7}')) == RunResumed(1.0, 7)
    assert encode(RunResumed(1.0, 7)).v == 3


def test_the_same_event_has_the_same_text() -> None:
    event = AttemptFinished(1.0, "a", 0, 1, Succeeded({"b": 1, "a": {"d": 2, "c": 3}}))
    text = '{"step_id":"a","leg":0,"attempt":1,"outcome":{"type":"Succeeded","outputs":{"b":1,"a":{"d":2,"c":3}}}}'
    assert encode(event).data == text
