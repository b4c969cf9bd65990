from __future__ import annotations

import pytest

from flowrun.emulator import query
from flowrun.emulator.entities import Folder, Job, Release, Robot
from flowrun.emulator.properties import JOB
from flowrun.emulator.query import QueryError, compile_filter
from flowrun.orchestrator.wire import JobState

KEY = "8b1b9a62-5c33-4a3c-9d1f-5a0e0e0e0e0e"
FOLDER = Folder(1, "f", "Shared")
RELEASE = Release(5, "r", "Extract", "1.0.0", FOLDER, None)
FAULTED = Job(
    id=7,
    key=KEY,
    folder=FOLDER,
    release=RELEASE,
    batch_execution_key=KEY,
    created=0.0,
    modified=100.0,
    state=JobState.FAULTED,
    started=50.0,
    ended=100.0,
    info="Logon failure: it's closed",
    robot=Robot(749, "DocBot", FOLDER),
)
PENDING = Job(8, "other", FOLDER, RELEASE, "other", created=200.0, modified=200.0)

MATCHES_THE_FIRST = [
    "State eq 'Faulted'",
    "State eq '4'",
    "state EQ 'Faulted'",
    "State ne 'Pending'",
    "State in ('Faulted','Stopped')",
    "not (State eq 'Pending')",
    "Id eq 7",
    "Id eq 7L",
    "Id in (7)",
    "Id in ( 7 , 99 )",
    "Id lt 8 and Id ge 7",
    "(Id eq 7 or Id eq 70)",
    f"Key eq '{KEY}'",
    f"Key eq {KEY.upper()}",
    f"key in ('{KEY}','x')",
    f"Key in ({KEY},{KEY})",
    f"BatchExecutionKey eq {KEY}",
    "Robot/Id eq 749",
    "Robot/Id eq 749L",
    "robot/name eq 'DocBot'",
    "contains(Info,'Logon failure')",
    "contains(Info,'it''s')",
    "indexof(Info,'failure') ne -1",
    "indexof(Info, 'failure') eq 6",
    "startswith(Info,'Logon') eq true",
    "endswith(Info,'closed')",
    "length(Info) gt 3",
    "contains(tolower(Info),'logon')",
    "EndTime gt 1970-01-01T00:00:10.000Z",
    "EndTime ge 1970-01-01T00:01:40Z",
    "EndTime lt 1970-01-01T01:01:41+01:00",
    "CreationTime lt 1970-01-01T00:01:00Z",
    "EndTime ne null",
    "year(EndTime) eq 1970",
    "Release/Name eq 'Extract' and Robot/Id eq 749",
]


@pytest.mark.parametrize("text", MATCHES_THE_FIRST)
def test_filters_of_the_api(text: str) -> None:
    matches = compile_filter(text, JOB).matches
    assert (matches(FAULTED), matches(PENDING)) == (True, False)


@pytest.mark.parametrize("text", ["EndTime eq null", "startswith(ReleaseName,'y') eq false", "Release/Id eq 5"])
def test_null_equals_null_and_functions_may_be_compared(text: str) -> None:
    assert compile_filter(text, JOB).matches(PENDING)


@pytest.mark.parametrize("text", ["EndTime gt 1970-01-01T00:00:00Z", "Robot/Id lt 5", "contains(Info,'x')"])
def test_null_is_neither_less_nor_greater_and_contains_nothing(text: str) -> None:
    assert not compile_filter(text, JOB).matches(PENDING)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Nope eq 1", "'Nope' on type 'Jobs'"),
        ("AllocatedTo eq 1", "'AllocatedTo' on type 'Jobs'"),
        ("Robot/Nope eq 1", "'Nope' on type 'Robots'"),
        ("Folder/Id eq 1", "'Folder' on type 'Jobs'"),
        ("State eq 'Finished'", "'Finished' is not a valid enumeration member"),
        ("State eq '17'", "'17' is not a valid"),
        ("State eq", "cannot be read"),
        ("'", "cannot be read"),
        ("Id in ()", "cannot be read"),
        ("nothing(Info)", "cannot be read"),
        ("floor(Id) eq 1", "no function 'floor'"),
        ("Id add 1 eq 2", "no BinOp"),
        ("not " * 4000 + "(Id eq 1)", "cannot be read"),
        ("Info eq '" + "x" * 30_000 + "'", "characters long"),
        (" or ".join(f"Id eq {number}" for number in range(40)), "node count limit of '100'"),
    ],
)
def test_what_the_server_refuses(text: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_filter(text, JOB)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["Id gt 'a'", "startswith(Id,'x')", "Info gt 1970-01-01T00:00:00Z"])
def test_what_cannot_be_compared_is_refused_when_it_is_met(text: str) -> None:
    with pytest.raises(QueryError, match="cannot be compared"):
        compile_filter(text, JOB).matches(FAULTED)


def test_twenty_ids_in_a_chain_pass() -> None:
    compile_filter(" or ".join(f"Id eq {number}" for number in range(20)), JOB)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("Id in (1,2)", {"id": {1, 2}}),
        ("Id eq 1 or Id eq 2", {"id": {1, 2}}),
        ("State eq 'Running' and Id eq 3", {"state": {"Running"}, "id": {3}}),
        (f"Key eq {KEY.upper()}", {"key": {KEY}}),
        ("Id eq 1 or State eq 'Running'", {}),
        ("not (Id eq 1)", {}),
        ("Id ne 1", {}),
        ("Robot/Id eq 1", {}),
    ],
)
def test_bounds_are_given_only_where_they_hold(text: str, bounds: dict[str, set[object]]) -> None:
    assert compile_filter(text, JOB).bounds == bounds


def test_a_list_of_a_hundred_ids_is_within_the_limit() -> None:
    ids = ",".join(str(number) for number in range(100))
    assert len(compile_filter(f"Id in ({ids})", JOB).bounds["id"]) == 100


def test_a_filter_that_was_given_up_does_not_disturb_the_next() -> None:
    """A lexer that is collected in the middle of another text must not be the one that reads that text."""
    lexer, parser = query._grammar()
    given_up = query._tokens(lexer, "State eq 'Faulted'")
    next(given_up)
    other, other_parser = query._grammar()
    tokens = query._tokens(other, "Release/Id eq 5")
    seen = [next(tokens).value]
    given_up.close()  # type: ignore[attr-defined]  # it is a generator, whatever the library says
    assert [*seen, *(token.value for token in tokens)][-1].val == "5"
    assert parser is not other_parser
